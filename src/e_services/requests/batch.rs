//! Many steps in one request: `POST /v1/service-requests/transitions/batch`.

use std::collections::BTreeSet;

use actix_web::post;
use entity::codes::Coded;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::dto::ServiceRequest;
use super::store::Row;
use super::transition::{ServiceRequestStep, ServiceRequestTransition};
use super::{bookings, read, steps, tally};
use crate::audit_log::append::Logged;
use crate::auth::Actor;
use crate::auth::scope::ServiceRequestsHandle;
use crate::cases::batch::{Finished, Steps};
use crate::cases::deadline::Today;
use crate::cases::{readings, tallies};
use crate::db::Write;

use crate::error::{Code, Result};
use crate::http::batch::{self, Batch, StepOptions, Taken};
use crate::http::body::{Json, by_rules};
use crate::http::context::{self, Context};
use crate::http::idempotency::{IdempotencyKey, write_once, write_once_about};
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
/// response contains each request once, in its final state. Errors of the body alone, such as a missing text, come first:
/// whether the steps are possible is checked once there are none.
///
/// With `atomic=false`, each step is taken for itself, and `results` has the status of each and its problem; `items` is
/// empty. A step without a field that its action needs, or with one that is not for it, has its problem there as well. A body
/// that is not as the schema says is rejected as a whole.
#[utoipa::path(
    tag = "service-requests",
    extensions(("x-kind" = json!([Kind::Batch]))),
    security(("bearer" = ["service-requests:handle"])),
    params(StepOptions),
    request_body = Batch<ServiceRequestStep>,
    responses(
        (status = 200, body = Taken<ServiceRequest>),
        (status = 409, description = "Steps that cannot be taken as things are; errors lists them."),
    ),
)]
#[post("/v1/service-requests/transitions/batch")]
async fn transition_service_request_batch(
    app: State,
    actor: Actor<ServiceRequestsHandle>,
    options: Query<StepOptions>,
    body: Json<Batch<ServiceRequestStep>, 2048>,
) -> Result<WriteResponse> {
    let Json { value: Batch { items }, key, .. } = body;
    let StepOptions { dry_run, atomic } = options.0;
    let items: Vec<_> = items.into_iter().map(ServiceRequestStep::parts).collect();
    if atomic {
        batch::by_rules(items.iter().map(|(_, step)| step))?;
    }
    if dry_run {
        app.cases.read_many(readings::LIST, Row::RESOURCE, &actor.author).await?;
    }
    let ids: BTreeSet<Uuid> = items.iter().map(|(id, _)| *id).collect();
    let state = app.clone();
    let each = (!atomic).then(context::current);
    let work = move |write: Write| async move {
        let mut batch = lock(&write, &items, each).await?;
        for (index, (id, step)) in items.into_iter().enumerate() {
            let action = step.action.0.code();
            let step = async |row| {
                by_rules(&step)?;
                steps::take(&state.cases, &write, row, step.into()).await.map(|(row, _)| row)
            };
            batch.take(&write, (index, id), action, is_theirs, step).await?;
        }
        let Finished { cases: done, results, events } = batch.finish()?;
        let today = Today::read(&write, write.now).await?;
        let done = done.values().map(|row| ServiceRequest::open(row, &state.cases.vault, &today));
        let written = WriteResponse::done(&Taken { items: done.collect::<Result<_>>()?, results })?;
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
        WriteResponse::done(&Taken { items, results: None })
    };
    let key = key.filter(|_| !dry_run);
    if !atomic {
        let key = key.map(IdempotencyKey::for_results);
        return write_once(&app.db, &actor.author, key, |write| async { Ok(work(write).await?.1) }).await;
    }
    write_once_about(&app.db, &actor.author, key, work, again).await
}

/// Whether the officer still has it: what was forwarded to another unit is that unit's.
fn is_theirs(row: &Row, write: &Write) -> bool {
    write.author.units.includes(Some(row.request.unit_id))
}

/// Locks the requests, and everything their transitions may change, in a fixed order, against deadlocks.
async fn lock(write: &Write, items: &[(Uuid, ServiceRequestTransition)], each: Option<Context>) -> Result<Steps<Row>> {
    let batch = Steps::<Row>::lock(write, items.iter().map(|(id, _)| *id).collect(), each).await?;
    let is_given_a_day = |row: &Row| items.iter().any(|(id, step)| *id == row.id() && step.booked_on.is_some());
    let booked = batch.found().filter(|row| row.request.booked_on.is_some() || is_given_a_day(row));
    bookings::hold(write, booked.map(|row| row.request.e_service_id).collect()).await?;
    tallies::hold(write, batch.found().map(tally::place).collect::<Result<_>>()?).await?;
    Ok(batch)
}
