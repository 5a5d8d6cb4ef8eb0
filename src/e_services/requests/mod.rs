//! Requests for e-services, from the form that was filled in to what came of it: `/v1/service-requests`.

mod applicant;
mod attachments;
mod batch;
pub mod bookings;
pub mod conversion;
mod dto;
pub mod due_days;
mod duplicates;
mod filter;
mod handover;
mod input;
mod intake;
mod line;
mod listing;
pub mod phones;
mod possible;
mod promises;
mod public;
mod referral;
mod retention;
pub mod steps;
pub mod store;
pub mod tally;
mod transition;
pub mod unconfirmed;
mod workflow;

use actix_web::{get, post};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::audit_log::append::Logged;
use crate::audit_log::author::Author;
use crate::auth::Actor;
use crate::auth::scope::ServiceRequestsHandle;
use crate::cases::Case;
use crate::cases::deadline::Today;
use crate::cases::duplicates::{WithDuplicates, lock, say, take};
use crate::cases::messages::{self, MessageInput};
use crate::cases::readings;
use crate::cases::timeline::{self, TimelineEvent, TimelineFilter};
use crate::db::Write;
use crate::domain::service_request::Action;
use crate::error::Result;
use crate::http::body::Json;
use crate::http::etag::OptionalIfMatch;
use crate::http::idempotency::write_once_about;
use crate::http::list::{Items, List, Paging};
use crate::http::params::{Path, Query};
use crate::http::response::{ReadResponse, WriteResponse};
use crate::http::route::Kind;
use crate::state::{App, State};
use dto::ServiceRequest;
use filter::ServiceRequestFilter;
pub use filter::in_area;
pub use input::{ApplicantInput, LocationInput, ServiceRequestInput};
use line::ServiceRequestLine;
pub use public::Shown;
use steps::Step;
use store::Row;
use transition::ServiceRequestTransition;

pub fn routes(config: &mut ServiceConfig) {
    applicant::routes(config);
    attachments::routes(config);
    batch::routes(config);
    bookings::routes(config);
    duplicates::routes(config);
    handover::routes(config);
    intake::routes(config);
    // Before what has an id.
    public::routes(config);
    referral::routes(config);
    workflow::routes(config);
    config
        .service(list_service_requests)
        .service(get_service_request)
        .service(transition_service_request)
        .service(list_service_request_timeline)
        .service(create_service_request_message);
}

/// List service requests
///
/// Lists the requests of the units that the officer works for, newest first. With `near`, the nearest first.
#[utoipa::path(
    tag = "service-requests",
    security(("bearer" = ["service-requests:handle"])),
    params(ServiceRequestFilter, Paging),
    responses((status = 200, body = Items<ServiceRequest>)),
)]
#[get("/v1/service-requests")]
async fn list_service_requests(
    app: State,
    actor: Actor<ServiceRequestsHandle>,
    list: List<ServiceRequestFilter>,
) -> Result<ReadResponse> {
    let today = Today::read(app.db.reader(), app.db.now()).await?;
    let (found, state) = (listing::list(&app, &list, &actor.author, today.day).await?, app.clone());
    if list.filter.q.is_some() {
        app.cases.read_many(readings::SEARCH, Row::RESOURCE, &actor.author).await?;
        app.cases.read_found(&found.rows, &actor.author).await?;
    }
    // In JSON each has what was filled in, and who asks.
    let action = if list.is_table() { readings::EXPORT } else { readings::LIST };
    app.cases.read_many(action, Row::RESOURCE, &actor.author).await?;
    if list.is_table() {
        return list.table(found.map(|row| ServiceRequestLine::of(row, &today)), "service-requests", &[]).await;
    }
    list.json(found.open(move |row| ServiceRequest::open(&row, &state.cases.vault, &today)).await?, &[])
}

/// Get a service request
///
/// Returns the content of the form, the applicant, and how the deadline was calculated.
#[utoipa::path(
    tag = "service-requests",
    security(("bearer" = ["service-requests:handle"])),
    responses((status = 200, body = ServiceRequest), (status = 404)),
)]
#[get("/v1/service-requests/{id}")]
async fn get_service_request(app: State, actor: Actor<ServiceRequestsHandle>, id: Path<Uuid>) -> Result<ReadResponse> {
    let (request, etag) = read(&app, id.0, &actor.author).await?;
    ReadResponse::record(&request, etag, &[])
}

/// A service request that an officer may see, with its ETag.
async fn read(app: &App, id: Uuid, author: &Author) -> Result<(ServiceRequest, String)> {
    let at = app.db.revisions.snapshot();
    let row = app.cases.read::<Row>(id, author).await?;
    let today = Today::read(app.db.reader(), app.db.now()).await?;
    Ok((ServiceRequest::open(&row, &app.cases.vault, &today)?, row.etag(at)))
}

/// What answers a repeated request: the service request as it is now.
async fn read_again(app: &App, id: Uuid, author: &Author) -> Result<WriteResponse> {
    let (request, etag) = read(app, id, author).await?;
    WriteResponse::changed(&request, etag)
}

/// Change the state of a service request
///
/// Assigns, forwards, accepts, rejects, refers, reschedules, starts, asks, pauses, resumes, explains a delay, completes, records that a result
/// was told, or reopens. The applicant can read `text`,
/// except that of `assign` and `forward`. `refer` ends the request: another authority is to do it. `ask` stops the clock until the
/// applicant answers, or until `resume` if the papers were brought to the office: the request then has the status again in
/// which it was asked. A day to answer that was stated before is not brought forward. `pause` does not move
/// the due date, and `resume` leads to the status of before. `reschedule` does not move a date that was promised. `reopen` sets a new
/// date, which is not before the booked day. `GET /v1/workflows/service-requests` shows which action is possible in
/// which status. With `with_duplicates=true` its open duplicates take the step as well, and before it those steps of the
/// office that lead to it.
#[utoipa::path(
    tag = "service-requests",
    extensions(("x-kind" = json!([Kind::Transition]))),
    security(("bearer" = ["service-requests:handle"])),
    params(WithDuplicates),
    request_body = ServiceRequestTransition,
    responses(
        (status = 200, body = ServiceRequest),
        (status = 404),
        (status = 409, description = "Not from this status."),
    ),
)]
#[post("/v1/service-requests/{id}/transitions")]
async fn transition_service_request(
    app: State,
    actor: Actor<ServiceRequestsHandle>,
    id: Path<Uuid>,
    if_match: OptionalIfMatch,
    with: Query<WithDuplicates>,
    body: Json<ServiceRequestTransition>,
) -> Result<WriteResponse> {
    let Json { value: transition, key, .. } = body;
    with.0.refuse_reopening(transition.action.0 == Action::Reopen)?;
    let state = app.clone();
    let work = move |write: Write| async move {
        let (row, linked) = lock::<Row>(&write, id.0, &with.0).await?;
        if_match.check(Row::version(&row))?;
        let step = Step::from(transition);
        let said = (step.action, step.text.clone());
        let (row, events) = take(&state.cases, &write, (row, linked), said, step).await?;
        let today = Today::read(&write, write.now).await?;
        let etag = row.etag(write.at);
        let written = WriteResponse::changed(&ServiceRequest::open(&row, &state.cases.vault, &today)?, etag)?;
        write.commit(events, (row.id(), written))
    };
    write_once_about(&app.db, &actor.author, key, work, |id| read_again(&app, id, &actor.author)).await
}

/// List the timeline of a service request
///
/// Lists all steps, messages and notes, oldest first.
#[utoipa::path(
    tag = "service-requests",
    security(("bearer" = ["service-requests:handle"])),
    params(TimelineFilter, Paging),
    responses((status = 200, body = Items<TimelineEvent>), (status = 404)),
)]
#[get("/v1/service-requests/{id}/timeline")]
async fn list_service_request_timeline(
    app: State,
    actor: Actor<ServiceRequestsHandle>,
    id: Path<Uuid>,
    list: List<TimelineFilter>,
) -> Result<ReadResponse> {
    timeline::list::<Row>(&app.cases, id.0, &actor.author, &list).await
}

/// Add a message or note to a service request
///
/// Adds a message to the applicant, or an internal note of the office. With `with_duplicates=true` its open duplicates get
/// it as well.
#[utoipa::path(
    tag = "service-requests",
    security(("bearer" = ["service-requests:handle"])),
    params(WithDuplicates),
    request_body = MessageInput,
    responses((status = 201, body = TimelineEvent), (status = 404)),
)]
#[post("/v1/service-requests/{id}/messages")]
async fn create_service_request_message(
    app: State,
    actor: Actor<ServiceRequestsHandle>,
    id: Path<Uuid>,
    with: Query<WithDuplicates>,
    body: Json<MessageInput>,
) -> Result<WriteResponse> {
    let Json { value: MessageInput { text, public }, key, .. } = body;
    let state = app.clone();
    let work = move |write: Write| async move {
        let cases = lock::<Row>(&write, id.0, &with.0).await?;
        let (row, event, events) = say(&state.cases, &write, cases, (public, &text)).await?;
        let etag = row.etag(write.at);
        let event = messages::told(&state.cases, &write, &row, event).await?;
        let written = WriteResponse::created(&event, format!("/v1/service-requests/{}/timeline", id.0), etag)?;
        write.commit(events, (event.id, written))
    };
    let again = async |event| messages::again::<Row>(&app.cases, id.0, event, &actor.author).await;
    write_once_about(&app.db, &actor.author, key, work, again).await
}
