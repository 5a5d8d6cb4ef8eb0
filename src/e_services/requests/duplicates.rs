//! Duplicates of service requests: linking them, and steps with all of them at once.

use actix_web::post;
use entity::case_event::{self, Side};
use entity::codes::Coded;
use entity::service_request::{Column, Status};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::dto::ServiceRequest;
use super::steps::{self, Step};
use super::store::Row;
use super::{bookings, read_again, tally};
use crate::audit_log::append::Event;
use crate::auth::Actor;
use crate::auth::scope::ServiceRequestsHandle;
use crate::cases::Case;
use crate::cases::deadline::Today;
use crate::cases::duplicates::{self, Duplicable, DuplicateInput};
use crate::cases::messages::{self, MESSAGE};
use crate::cases::tallies::TallyKey;
use crate::db::Write;
use crate::domain::workflow::Action as _;
use crate::error::Result;
use crate::http::body::Json;
use crate::http::etag::OptionalIfMatch;
use crate::http::idempotency::write_once_about;
use crate::http::params::Path;
use crate::http::response::WriteResponse;
use crate::http::route::Kind;
use crate::state::{App, State};

pub fn routes(config: &mut ServiceConfig) {
    config.service(link_service_request);
}

impl Duplicable for Row {
    const DUPLICATE_OF: Column = Column::DuplicateOf;

    fn reference(&self) -> &str {
        &self.request.reference
    }

    fn version(&self) -> i32 {
        self.request.version
    }

    fn place(&self) -> Result<TallyKey> {
        tally::place(self)
    }

    fn status(&self) -> Status {
        self.request.status
    }

    fn duplicate_of(&self) -> Option<Uuid> {
        self.request.duplicate_of
    }

    fn duplicates_count(&self) -> i64 {
        self.duplicates_count
    }

    fn unit(&self) -> Option<Uuid> {
        Some(self.request.unit_id)
    }

    /// As for batches, days before tallies.
    async fn hold(write: &Write, cases: &[&Self]) -> Result<()> {
        bookings::hold(write, cases.iter().map(|row| row.request.e_service_id).collect()).await
    }

    async fn linked_to(mut self, write: &Write, main: Option<Uuid>) -> Result<Self> {
        self.request.duplicate_of = main;
        steps::save(write, self.request).await
    }
}

/// Link a service request to the one of which it is a duplicate
///
/// Both are about the same matter; each keeps its applicant, its deadline and its place in the statistics. The link is an
/// internal event on both timelines, and no applicant learns of it. Steps and messages with `with_duplicates=true` are
/// then taken with the main request and its open duplicates at once. A duplicate has no duplicates. Both are
/// with the same unit, and a linked request is not forwarded. `duplicate_of_id` null ends the link.
#[utoipa::path(
    tag = "service-requests",
    extensions(("x-kind" = json!([Kind::Transition]))),
    security(("bearer" = ["service-requests:handle"])),
    request_body = DuplicateInput,
    responses(
        (status = 200, body = ServiceRequest),
        (status = 404),
        (status = 409, description = "It is closed, or a duplicate already, or has duplicates, or is with another unit than the other."),
    ),
)]
#[post("/v1/service-requests/{id}/duplicate-of")]
async fn link_service_request(
    app: State,
    actor: Actor<ServiceRequestsHandle>,
    id: Path<Uuid>,
    if_match: OptionalIfMatch,
    body: Json<DuplicateInput>,
) -> Result<WriteResponse> {
    let Json { value: DuplicateInput { duplicate_of_id }, key, .. } = body;
    let state = app.clone();
    let work = move |write: Write| async move {
        let (row, events) = duplicates::link::<Row>(&state.cases, &write, (id.0, if_match), duplicate_of_id).await?;
        let today = Today::read(&write, write.now).await?;
        let request = ServiceRequest::open(&row, &state.cases.vault, &today)?;
        let written = WriteResponse::changed(&request, row.etag(write.at))?;
        write.commit(events, (row.id(), written))
    };
    write_once_about(&app.db, &actor.author, key, work, |id| read_again(&app, id, &actor.author)).await
}

/// Takes a step with a request and its open duplicates. Gives the events of all.
pub async fn take(app: &App, write: &Write, (row, linked): (Row, Vec<Row>), step: Step) -> Result<(Row, Vec<Event>)> {
    let action = step.action;
    let (row, _) = steps::take(&app.cases, write, row, step.clone()).await?;
    let mut events = vec![Event::about(action.code(), &row)];
    for mut case in linked {
        let reference = case.request.reference.clone();
        let ways = duplicates::steps(&case, &row, action)?;
        // One that is there already has not heard this.
        if let Some(text) = step.text.as_deref().filter(|_| ways.is_empty() && action.is_public()) {
            let said = say_one(app, write, case, (true, text)).await;
            events.push(Event::about(MESSAGE, &said.map_err(|error| duplicates::of(&reference, error))?.0));
            continue;
        }
        for way in ways {
            let step = if way == action { step.clone() } else { Step::new(way, None) };
            let taken = steps::take(&app.cases, write, case, step).await;
            (case, _) = taken.map_err(|error| duplicates::of(&reference, error))?;
            events.push(Event::about(way.code(), &case));
        }
    }
    Ok((row, events))
}

/// Says something about a request and its open duplicates. Gives the events of all.
pub async fn say(
    app: &App,
    write: &Write,
    (row, linked): (Row, Vec<Row>),
    (public, text): (bool, &str),
) -> Result<(Row, case_event::Model, Vec<Event>)> {
    let (row, event) = say_one(app, write, row, (public, text)).await?;
    let mut events = vec![Event::about(MESSAGE, &row)];
    for case in linked {
        let reference = case.request.reference.clone();
        let said = say_one(app, write, case, (public, text)).await;
        events.push(Event::about(MESSAGE, &said.map_err(|error| duplicates::of(&reference, error))?.0));
    }
    Ok((row, event, events))
}

async fn say_one(app: &App, write: &Write, row: Row, (public, text): (bool, &str)) -> Result<(Row, case_event::Model)> {
    let event = messages::say(&app.cases, write, &row, Side::Office, public, text).await?;
    Ok((row.touch(write).await?, event))
}
