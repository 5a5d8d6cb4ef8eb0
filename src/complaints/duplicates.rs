//! Duplicates of complaints: linking them, and steps with all of them at once.

use actix_web::post;
use entity::case_event;
use entity::complaint::{Column, Status};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::dto::Complaint;
use super::steps::{self, Step};
use super::store::Row;
use super::{read_again, tally};
use crate::auth::Actor;
use crate::auth::scope::ComplaintsHandle;
use crate::cases::deadline::Today;
use crate::cases::duplicates::{self, Duplicable, DuplicateInput};
use crate::cases::tallies::TallyKey;
use crate::cases::{Case, Cases};
use crate::db::Write;
use crate::error::Result;
use crate::http::body::Json;
use crate::http::etag::OptionalIfMatch;
use crate::http::idempotency::write_once_about;
use crate::http::params::Path;
use crate::http::response::WriteResponse;
use crate::http::route::Kind;
use crate::state::State;

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

    type Given = Step;

    async fn takes(self, cases: &Cases, write: &Write, given: Step) -> Result<Self> {
        Ok(steps::take(cases, write, self, given).await?.0)
    }

    async fn hears(self, cases: &Cases, write: &Write, public: bool, text: &str) -> Result<(Self, case_event::Model)> {
        steps::say(cases, write, self, public, text).await
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
