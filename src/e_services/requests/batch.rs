//! Many steps in one request, all or none: `POST /v1/service-requests/transitions/batch`.

use entity::codes::Coded;
use std::collections::{BTreeMap, BTreeSet};

use actix_web::post;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::dto::{ServiceRequest, ServiceRequestStep};
use super::store::Row;
use super::{bookings, read, steps, tally};
use crate::audit_log::append::{Event, Logged};
use crate::auth::Actor;
use crate::auth::scope::ServiceRequestsHandle;
use crate::cases::{Case, readings, tallies};
use crate::db::Write;
use crate::domain::field_code::{FieldCode, Violation};
use crate::domain::working_days::bangkok_day;
use crate::error::{Code, Error, FieldError, Result};
use crate::http::batch::{Batch, BatchOptions, Records};
use crate::http::body::Json;
use crate::http::idempotency::write_once_about;
use crate::http::params::Query;
use crate::http::response::WriteResponse;
use crate::http::route::Kind;
use crate::state::State;

pub fn routes(config: &mut ServiceConfig) {
    config.service(transition_service_request_batch);
}

/// Change the state of up to 100 service requests
///
/// Takes the steps in the given order, with several requests or with the same one. Takes all steps or none. All errors
/// are listed with the index of their step, including records that are not found or not allowed. If a step fails, later
/// steps on the same request are not checked. With `dry_run=true`, everything is checked and nothing is written. The
/// response contains each request once, in its final state.
#[utoipa::path(
    tag = "service-requests",
    extensions(("x-kind" = json!([Kind::Batch]))),
    security(("bearer" = ["service-requests:handle"])),
    params(BatchOptions),
    request_body = Batch<ServiceRequestStep>,
    responses(
        (status = 200, body = Records<ServiceRequest>),
        (status = 409, description = "Steps that cannot be taken as things are; errors lists them."),
    ),
)]
#[post("/v1/service-requests/transitions/batch")]
async fn transition_service_request_batch(
    app: State,
    actor: Actor<ServiceRequestsHandle>,
    options: Query<BatchOptions>,
    body: Json<Batch<ServiceRequestStep>, 2048>,
) -> Result<WriteResponse> {
    let Json { value: Batch { items }, key, .. } = body;
    let dry_run = options.0.dry_run;
    if dry_run {
        app.cases.read_many(readings::LIST, Row::RESOURCE, &actor.author).await?;
    }
    let ids: BTreeSet<Uuid> = items.iter().map(|item| item.id).collect();
    let state = app.clone();
    let work = move |write: Write| async move {
        let mut rows = lock(&write, &items).await?;
        let (mut errors, mut events, mut done) = (Vec::new(), Vec::new(), BTreeMap::new());
        for (index, item) in items.into_iter().enumerate() {
            let place = format!("/items/{index}");
            let (id, step) = item.parts();
            let action = step.action.0.code();
            let taken = match rows.remove(&id) {
                Some(Ok(row)) => steps::take(&state, &write, row, step.into()).await.map(|(row, _)| row),
                Some(Err(error)) => Err(error),
                // A step before it has failed, and its error is reported.
                None => continue,
            };
            match taken {
                Ok(row) => {
                    events.push(Event::about(action, &row));
                    let is_theirs = write.author.units.includes(Some(row.request.unit_id));
                    // What was forwarded to another unit is that unit's.
                    rows.insert(id, if is_theirs { Ok(row.clone()) } else { Err(Code::NotFound.into()) });
                    done.insert(id, row);
                }
                Err(error) if error.code().status() >= 500 => return Err(error),
                Err(error) if error.errors().is_empty() => {
                    let Some(code) = FieldCode::named(error.code().name()) else { return Err(error) };
                    errors.push(FieldError::at(&place, Violation { code, message: error.message() }));
                }
                Err(error) => errors.extend(error.errors().iter().map(|error| error.clone().below(&place))),
            }
        }
        if !errors.is_empty() {
            // Fine as they were sent, but not as things are.
            let of_state = [FieldCode::NotFound, FieldCode::IllegalTransition, FieldCode::Destroyed];
            let is_of_state = errors.iter().all(|error| of_state.contains(&error.code));
            return Err(if is_of_state { Code::IllegalTransition.with(errors) } else { Error::in_body(errors) });
        }
        let today = bangkok_day(write.now);
        let done = done.values().map(|row| ServiceRequest::open(row, &state.cases.vault, today));
        let written = WriteResponse::done(&Records { items: done.collect::<Result<_>>()? })?;
        let written = (Uuid::nil(), written);
        if dry_run { Ok(written) } else { write.commit(events, written) }
    };
    // Those of them that the officer still sees.
    let again = async |_| {
        let mut items = Vec::new();
        for id in ids {
            match read(&app, id, &actor.author).await {
                Ok((request, _)) => items.push(request),
                Err(error) if error.code() == Code::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        WriteResponse::done(&Records { items })
    };
    write_once_about(&app.db, &actor.author, key.filter(|_| !dry_run), work, again).await
}

/// Locks the requests, and everything their transitions may change, in a fixed order, against deadlocks.
async fn lock(write: &Write, items: &[ServiceRequestStep]) -> Result<BTreeMap<Uuid, Result<Row>>> {
    let mut rows = BTreeMap::new();
    for id in items.iter().map(|item| item.id).collect::<BTreeSet<_>>() {
        match Row::lock(write, id).await {
            Err(error) if error.code().status() >= 500 => return Err(error),
            row => rows.insert(id, row),
        };
    }
    let found = || rows.values().flatten();
    let is_given_a_day = |row: &Row| items.iter().any(|item| item.id == row.id() && item.booked_on.is_some());
    let booked = found().filter(|row| row.request.booked_on.is_some() || is_given_a_day(row));
    bookings::hold(write, booked.map(|row| row.request.e_service_id).collect()).await?;
    tallies::hold(write, found().map(tally::place).collect::<Result<_>>()?).await?;
    Ok(rows)
}
