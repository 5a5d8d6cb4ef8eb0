//! Complaints (เรื่องร้องเรียน): `/v1/complaints` and what belongs to them.

mod acknowledgement;
mod attachments;
mod batch;
pub mod categories;
mod closed;
pub mod conversion;
mod dto;
pub mod due_days;
mod duplicates;
mod feedback;
mod filter;
mod handover;
mod identities;
mod input;
mod intake;
mod intake_unit;
mod late_identity;
mod line;
mod possible;
mod recusals;
mod referral;
mod reporter;
mod retention;
pub mod steps;
pub mod store;
pub mod tally;
mod workflow;

use actix_web::{get, patch, post};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::audit_log::append::{Event, Logged};
use crate::audit_log::author::Author;
use crate::auth::Actor;
use crate::auth::scope::ComplaintsHandle;
use crate::cases::Case;
use crate::cases::deadline::Today;
use crate::cases::duplicates::{WithDuplicates, lock, say, take};
use crate::cases::messages::{self, MessageInput};
use crate::cases::readings;
use crate::cases::timeline::{self, TimelineEvent, TimelineFilter};
use crate::db::Write;
use crate::domain::complaint::Action;
use crate::error::Result;
use crate::http::body::{Json, Patch};
use crate::http::etag::{IfMatch, OptionalIfMatch};
use crate::http::idempotency::write_once_about;
use crate::http::list::{Items, List, Paging};
use crate::http::params::{Path, Query};
use crate::http::response::{ReadResponse, WriteResponse};
use crate::http::route::Kind;
use crate::state::{App, State};
use dto::{Complaint, ComplaintChangeInput, ComplaintSummary, ComplaintTransition};
use filter::ComplaintFilter;
pub use input::ComplaintInput;
use steps::Step;
use store::Row;

pub fn routes(config: &mut ServiceConfig) {
    acknowledgement::routes(config);
    attachments::routes(config);
    batch::routes(config);
    categories::routes(config);
    closed::routes(config);
    duplicates::routes(config);
    handover::routes(config);
    identities::routes(config);
    intake::routes(config);
    late_identity::routes(config);
    recusals::routes(config);
    referral::routes(config);
    reporter::routes(config);
    workflow::routes(config);
    config
        .service(list_complaints)
        .service(get_complaint)
        .service(update_complaint)
        .service(transition_complaint)
        .service(list_complaint_timeline)
        .service(create_complaint_message);
}

/// List complaints
///
/// Lists the complaints of the units that the officer works for, newest first. Complaints from which the officer is
/// recused are never listed. The list contains no texts. Opening a complaint is recorded in the audit log; so are a
/// full-text search, each complaint that it finds, and an export.
#[utoipa::path(
    tag = "complaints",
    security(("bearer" = ["complaints:handle"])),
    params(ComplaintFilter, Paging),
    responses((status = 200, body = Items<ComplaintSummary>)),
)]
#[get("/v1/complaints")]
async fn list_complaints(
    app: State,
    actor: Actor<ComplaintsHandle>,
    list: List<ComplaintFilter>,
) -> Result<ReadResponse> {
    list.filter.check(app.db.reader()).await?;
    let today = Today::read(app.db.reader(), app.db.now()).await?;
    if list.filter.q.is_some() {
        app.cases.read_many(readings::SEARCH, Row::RESOURCE, &actor.author).await?;
    }
    if list.is_table() {
        app.cases.read_many(readings::EXPORT, Row::RESOURCE, &actor.author).await?;
    }
    let found = store::list(&app, &list, &actor.author).await?;
    if list.filter.q.is_some() {
        app.cases.read_found(&found.rows, &actor.author).await?;
    }
    let found = found.map(move |row| ComplaintSummary::of(&row, &today));
    list.answer(found, "complaints", &[]).await
}

/// Get a complaint
///
/// Returns all texts, and how the deadlines were calculated.
#[utoipa::path(
    tag = "complaints",
    security(("bearer" = ["complaints:handle"])),
    responses((status = 200, body = Complaint), (status = 404)),
)]
#[get("/v1/complaints/{id}")]
async fn get_complaint(app: State, actor: Actor<ComplaintsHandle>, id: Path<Uuid>) -> Result<ReadResponse> {
    let (complaint, etag) = read(&app, id.0, &actor.author).await?;
    ReadResponse::record(&complaint, etag, &[])
}

/// A complaint that an officer may see, with its ETag.
async fn read(app: &App, id: Uuid, author: &Author) -> Result<(Complaint, String)> {
    let at = app.db.revisions.snapshot();
    let row = app.cases.read::<Row>(id, author).await?;
    let today = Today::read(app.db.reader(), app.db.now()).await?;
    let complaint = Complaint::open(app.db.reader(), &row, &app.cases.vault, &today).await?;
    Ok((complaint, row.etag(at)))
}

/// What answers a repeated request: the complaint as it is now.
async fn read_again(app: &App, id: Uuid, author: &Author) -> Result<WriteResponse> {
    let (complaint, etag) = read(app, id, author).await?;
    WriteResponse::changed(&complaint, etag)
}

/// Update a complaint
///
/// Corrects the kind and the category, and sets or ends the hold that prevents destruction. The kind of a closed
/// complaint cannot be changed. Correct the accused unit with `POST /v1/complaints/{id}/recusals`, which needs a second
/// person.
///
/// Where the new kind comes to another intake unit (`intake_units` of `GET /v1/agency`), a complaint that still is at that of its
/// former kind, or has no unit, moves there as if it were forwarded: nobody is assigned any more, an internal event on the timeline
/// says so, and the officer may lose sight of it. One that was forwarded stays.
#[utoipa::path(
    tag = "complaints",
    security(("bearer" = ["complaints:handle"])),
    request_body(content = Patch<ComplaintChangeInput>, content_type = "application/merge-patch+json"),
    responses(
        (status = 200, body = Complaint),
        (status = 404),
        (status = 409, description = "It was destroyed, or it is closed and its kind would change, or it would move and is linked with duplicates."),
    ),
)]
#[patch("/v1/complaints/{id}")]
async fn update_complaint(
    app: State,
    actor: Actor<ComplaintsHandle>,
    id: Path<Uuid>,
    if_match: IfMatch,
    patch: Patch<ComplaintChangeInput>,
) -> Result<WriteResponse> {
    let state = app.clone();
    app.db
        .write(&actor.author, move |write| async move {
            let row = Row::lock(&write, id.0).await?;
            if_match.check(row.version())?;
            let input = patch.onto(&ComplaintChangeInput::from(&row))?;
            let before = row.complaint.clone();
            let row = store::update(&state.cases, &write, row, input).await?;
            let today = Today::read(&write, write.now).await?;
            let mut events = retention::corrected(&write, &before, &row).await?;
            events.push(Event::about("update", &row));
            let written = WriteResponse::changed(
                &Complaint::open(&write, &row, &state.cases.vault, &today).await?,
                row.etag(write.at),
            )?;
            write.commit(events, written)
        })
        .await
}

/// Change the state of a complaint
///
/// Assigns, forwards, accepts, rejects, asks, concludes, takes note, reopens, or accepts or declines a withdrawal. The reporter can
/// read `text`, except that of `assign` and `forward`. `GET /v1/workflows/complaints` shows which action is possible in
/// which status. With `with_duplicates=true` its open duplicates take the step as well, and before it those steps of the
/// office that lead to it.
#[utoipa::path(
    tag = "complaints",
    extensions(("x-kind" = json!([Kind::Transition]))),
    security(("bearer" = ["complaints:handle"])),
    params(WithDuplicates),
    request_body = ComplaintTransition,
    responses((status = 200, body = Complaint), (status = 404), (status = 409, description = "Not from this status.")),
)]
#[post("/v1/complaints/{id}/transitions")]
async fn transition_complaint(
    app: State,
    actor: Actor<ComplaintsHandle>,
    id: Path<Uuid>,
    if_match: OptionalIfMatch,
    with: Query<WithDuplicates>,
    body: Json<ComplaintTransition>,
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
        let written = WriteResponse::changed(&Complaint::open(&write, &row, &state.cases.vault, &today).await?, etag)?;
        write.commit(events, (row.id(), written))
    };
    write_once_about(&app.db, &actor.author, key, work, |id| read_again(&app, id, &actor.author)).await
}

/// List the timeline of a complaint
///
/// Lists all steps, messages and notes, oldest first.
#[utoipa::path(
    tag = "complaints",
    security(("bearer" = ["complaints:handle"])),
    params(TimelineFilter, Paging),
    responses((status = 200, body = Items<TimelineEvent>), (status = 404)),
)]
#[get("/v1/complaints/{id}/timeline")]
async fn list_complaint_timeline(
    app: State,
    actor: Actor<ComplaintsHandle>,
    id: Path<Uuid>,
    list: List<TimelineFilter>,
) -> Result<ReadResponse> {
    timeline::list::<Row>(&app.cases, id.0, &actor.author, &list).await
}

/// Add a message or note to a complaint
///
/// Adds a message to the reporter, which counts as the first answer, or an internal note of the office. With
/// `with_duplicates=true` its open duplicates get it as well.
#[utoipa::path(
    tag = "complaints",
    security(("bearer" = ["complaints:handle"])),
    params(WithDuplicates),
    request_body = MessageInput,
    responses((status = 201, body = TimelineEvent), (status = 404)),
)]
#[post("/v1/complaints/{id}/messages")]
async fn create_complaint_message(
    app: State,
    actor: Actor<ComplaintsHandle>,
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
        let written = WriteResponse::created(&event, format!("/v1/complaints/{}/timeline", id.0), etag)?;
        write.commit(events, (event.id, written))
    };
    let again = async |event| messages::again::<Row>(&app.cases, id.0, event, &actor.author).await;
    write_once_about(&app.db, &actor.author, key, work, again).await
}
