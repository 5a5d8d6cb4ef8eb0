//! Duplicates of service requests: linking them, and steps with all of them at once.

use actix_web::post;
use entity::case_event::{self, Side};
use entity::service_request::{Column, Status};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::dto::ServiceRequest;
use super::steps::{self, Step};
use super::store::Row;
use super::{bookings, read_again, tally};
use crate::auth::Actor;
use crate::auth::scope::ServiceRequestsHandle;
use crate::cases::deadline::Today;
use crate::cases::duplicates::{self, Duplicable, DuplicateInput};
use crate::cases::messages;
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

    fn status_before(&self) -> Option<Status> {
        self.request.status_before
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

    type Given = Step;

    async fn takes(self, cases: &Cases, write: &Write, given: Step) -> Result<Self> {
        Ok(steps::take(cases, write, self, given).await?.0)
    }

    async fn hears(self, cases: &Cases, write: &Write, public: bool, text: &str) -> Result<(Self, case_event::Model)> {
        let event = messages::say(cases, write, &self, Side::Office, public, text).await?;
        Ok((self.touch(write).await?, event))
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
