//! Duplicates of complaints: linking them, and steps with all of them at once.

use actix_web::post;
use entity::case_event;
use entity::codes::Coded;
use entity::complaint::{Column, Status};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::dto::Complaint;
use super::steps::{self, Step};
use super::store::Row;
use super::{read_again, tally};
use crate::audit_log::append::Event;
use crate::auth::Actor;
use crate::auth::scope::ComplaintsHandle;
use crate::cases::Case;
use crate::cases::deadline::Today;
use crate::cases::duplicates::{self, Duplicable, DuplicateInput};
use crate::cases::messages::MESSAGE;
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
    config.service(link_complaint);
}

impl Duplicable for Row {
    const DUPLICATE_OF: Column = Column::DuplicateOf;

    fn reference(&self) -> &str {
        &self.complaint.reference
    }

    fn version(&self) -> i32 {
        self.complaint.version
    }

    fn place(&self) -> Result<TallyKey> {
        tally::place(self)
    }

    fn status(&self) -> Status {
        self.complaint.status
    }

    fn duplicate_of(&self) -> Option<Uuid> {
        self.complaint.duplicate_of
    }

    fn duplicates_count(&self) -> i64 {
        self.duplicates_count
    }

    fn unit(&self) -> Option<Uuid> {
        self.complaint.unit_id
    }

    fn accused_unit(&self) -> Option<Uuid> {
        self.complaint.accused_unit_id
    }

    fn recused(&self) -> &[String] {
        &self.complaint.recused.0
    }

    async fn linked_to(mut self, write: &Write, main: Option<Uuid>) -> Result<Self> {
        self.complaint.duplicate_of = main;
        steps::save(write, self.complaint).await
    }
}

/// Link a complaint to the one of which it is a duplicate
///
/// Both are about the same matter; each keeps its reporter, its deadlines and its place in the statistics. The link is an
/// internal event on both timelines, and no reporter learns of it. Steps and messages with `with_duplicates=true` are then
/// taken with the main complaint and its open duplicates at once. A duplicate has no duplicates. Both are with
/// the same unit and about the same accused unit, and the same people are recused from both: a recusal from one ends the
/// link, and a linked complaint is not forwarded. `duplicate_of_id` null ends the link.
#[utoipa::path(
    tag = "complaints",
    extensions(("x-kind" = json!([Kind::Transition]))),
    security(("bearer" = ["complaints:handle"])),
    request_body = DuplicateInput,
    responses(
        (status = 200, body = Complaint),
        (status = 404),
        (status = 409, description = "It is closed, or a duplicate already, or has duplicates, or other people see it than the other."),
    ),
)]
#[post("/v1/complaints/{id}/duplicate-of")]
async fn link_complaint(
    app: State,
    actor: Actor<ComplaintsHandle>,
    id: Path<Uuid>,
    if_match: OptionalIfMatch,
    body: Json<DuplicateInput>,
) -> Result<WriteResponse> {
    let Json { value: DuplicateInput { duplicate_of_id }, key, .. } = body;
    let state = app.clone();
    let work = move |write: Write| async move {
        let (row, events) = duplicates::link::<Row>(&state.cases, &write, (id.0, if_match), duplicate_of_id).await?;
        let today = Today::read(&write, write.now).await?;
        let complaint = Complaint::open(&write, &row, &state.cases.vault, &today).await?;
        let written = WriteResponse::changed(&complaint, row.etag(write.at))?;
        write.commit(events, (row.id(), written))
    };
    write_once_about(&app.db, &actor.author, key, work, |id| read_again(&app, id, &actor.author)).await
}

/// Takes a step with a complaint and its open duplicates. Gives the events of all.
pub async fn take(app: &App, write: &Write, (row, linked): (Row, Vec<Row>), step: Step) -> Result<(Row, Vec<Event>)> {
    let action = step.action;
    let (row, _) = steps::take(&app.cases, write, row, step.clone()).await?;
    let mut events = vec![Event::about(action.code(), &row)];
    for mut case in linked {
        let reference = case.complaint.reference.clone();
        let ways = duplicates::steps(&case, &row, action)?;
        // One that is there already has not heard this.
        if let Some(text) = step.text.as_deref().filter(|_| ways.is_empty() && action.is_public()) {
            let said = steps::say(&app.cases, write, case, true, text).await;
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

/// Says something about a complaint and its open duplicates. Gives the events of all.
pub async fn say(
    app: &App,
    write: &Write,
    (row, linked): (Row, Vec<Row>),
    (public, text): (bool, &str),
) -> Result<(Row, case_event::Model, Vec<Event>)> {
    let (row, event) = steps::say(&app.cases, write, row, public, text).await?;
    let mut events = vec![Event::about(MESSAGE, &row)];
    for case in linked {
        let reference = case.complaint.reference.clone();
        let said = steps::say(&app.cases, write, case, public, text).await;
        events.push(Event::about(MESSAGE, &said.map_err(|error| duplicates::of(&reference, error))?.0));
    }
    Ok((row, event, events))
}
