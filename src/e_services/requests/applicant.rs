//! The applicant's side: `/v1/service-requests/lookup` and what is below it, by receipt alone.

use actix_web::post;
use chrono::NaiveDate;
use entity::codes::Coded;
use entity::guide::Occasion;
use entity::service_request::Status;
use sea_orm::ConnectionTrait;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::dto::{Content, Location, completion, content};
use super::steps::{self, Step};
use super::store::Row;
use super::{bookings, promises};
use crate::audit_log::append::Event;
use crate::audit_log::author::Author;
use crate::cases::attachments::{self, Attachment};
use crate::cases::continuation::Continuation;
use crate::cases::deadline::{self, Deadline, Today};
use crate::cases::guides::{self, NextStep, ShownNotice, Told};
use crate::cases::messages::{self, LookupInput, OwnMessageInput, WithdrawalInput};
use crate::cases::ratings::{self, Rating, RatingInput};
use crate::cases::receipts::{self, ReceiptText};
use crate::cases::referral::Referral;
use crate::cases::timeline::{self, OwnPage, TimelineEvent};
use crate::cases::{Case, assignment};
use crate::db::Write;
use crate::domain::name::Name;
use crate::domain::service_request::Action;
use crate::domain::text::Lines;
use crate::domain::workflow::Action as _;
use crate::error::Result;
use crate::http::body::Json;
use crate::http::idempotency::{write_once, write_once_about};
use crate::http::response::WriteResponse;
use crate::http::route::Kind;
use crate::state::{App, State};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(get_own_service_request)
        .service(create_own_service_request_message)
        .service(cancel_own_service_request)
        .service(rate_own_service_request);
}

/// A service request for its applicant.
#[derive(Serialize, ToSchema)]
struct OwnServiceRequest {
    /// Number of the request, for inquiries.
    #[schema(max_length = 20, example = "7K3M-9Q2X")]
    reference: String,
    /// Code of the e-service.
    #[schema(max_length = 50, example = "public-lighting")]
    e_service: String,
    /// Name of that e-service.
    e_service_name: Name,
    /// Version of the form that was filled in.
    #[schema(minimum = 1, maximum = 1000000, example = 1)]
    form_version: i32,
    /// Content of the form; null once it is destroyed.
    #[schema(required, value_type = Option<Object>, example = json!({ "fault": "out" }))]
    form: Option<Value>,
    /// Where the work is to be done; null if not stated.
    #[schema(required)]
    location: Option<Location>,
    /// The booked day; null if none is booked.
    #[schema(required, example = json!(null))]
    booked_on: Option<NaiveDate>,
    /// Status of the request in the workflow.
    status: Status,
    /// Where the request was referred to; null if it was not.
    #[schema(required)]
    referral: Option<Referral>,
    #[serde(flatten)]
    continuation: Continuation,
    /// Day in Bangkok on which the request was received.
    #[schema(example = "2024-04-11")]
    received_on: NaiveDate,
    /// Deadline of completion, and when it was met.
    completion: Deadline,
    /// Whether the office waits for an answer or for papers of the applicant.
    #[schema(example = false)]
    awaits_answer: bool,
    /// What that means, in a sentence; null while nothing is awaited. The last `ask` of the timeline says what is missing.
    #[schema(required)]
    awaited: Option<Name>,
    /// Day until which the applicant was asked to answer; null if none was stated, or nothing is awaited.
    #[schema(required, example = json!(null))]
    answer_due_on: Option<NaiveDate>,
    /// Day on which the office reminds the applicant, or returns the request with the reason; null while nothing is awaited.
    #[schema(required, example = json!(null))]
    reminder_on: Option<NaiveDate>,
    /// Day until which the office has to tell why the request is late, which it then does every 7 days; null while it is not late.
    #[schema(required, example = json!(null))]
    delay_notice_due_on: Option<NaiveDate>,
    /// Whether messages are accepted and the request can be cancelled. Both end when the request is closed.
    #[schema(example = true)]
    takes_messages: bool,
    /// Whether the request can be rated. Ratings are accepted once it is completed, at most five times.
    #[schema(example = false)]
    takes_rating: bool,
    /// Rating of the applicant, 1 (worst) to 5 (best); null if not rated.
    #[schema(required, minimum = 1, maximum = 5, example = json!(null))]
    rating: Option<i32>,
    /// Notices that the applicant was shown.
    #[schema(max_items = 100)]
    notices: Vec<ShownNotice>,
    /// What the applicant can still do once the request is closed; empty before.
    #[schema(max_items = 100)]
    next_steps: Vec<NextStep>,
    /// Steps and messages, newest first.
    #[schema(max_items = 100)]
    timeline: Vec<TimelineEvent>,
    /// Value of `before` for the earlier part of the timeline; null if there is none.
    #[schema(required, minimum = 1, maximum = 1000000, example = json!(null))]
    earlier: Option<i32>,
    /// Files of both sides, oldest first.
    #[schema(max_items = 2000)]
    attachments: Vec<Attachment>,
}

/// Get a service request by its receipt
///
/// The applicant got the receipt when the request was submitted. The response does not contain the applicant.
#[utoipa::path(
    tag = "service-requests",
    extensions(("x-kind" = json!([Kind::Lookup]))),
    request_body = LookupInput,
    responses((status = 200, body = OwnServiceRequest), (status = 404)),
)]
#[post("/v1/service-requests/lookup")]
async fn get_own_service_request(app: State, body: Json<LookupInput>) -> Result<WriteResponse> {
    let LookupInput { receipt, before } = body.value;
    WriteResponse::done(&look_up(&app, &receipt, before).await?)
}

/// Send a message about a service request by its receipt
///
/// Messages are accepted until the request is closed. A message or a file answers what the office asked: the deadline runs again.
#[utoipa::path(
    tag = "service-requests",
    request_body = OwnMessageInput,
    responses(
        (status = 201, body = TimelineEvent),
        (status = 404),
        (status = 409, description = "The request is closed."),
    ),
)]
#[post("/v1/service-requests/lookup/messages")]
async fn create_own_service_request_message(app: State, body: Json<OwnMessageInput>) -> Result<WriteResponse> {
    messages::by_receipt::<Row>(app.cases.clone(), body).await
}

/// Cancel a service request by its receipt
///
/// The request is closed, and is counted in the statistics as cancelled.
#[utoipa::path(
    tag = "service-requests",
    request_body = WithdrawalInput,
    responses(
        (status = 200, body = OwnServiceRequest),
        (status = 404),
        (status = 409, description = "The request is closed."),
    ),
)]
#[post("/v1/service-requests/lookup/cancellation")]
async fn cancel_own_service_request(app: State, body: Json<WithdrawalInput>) -> Result<WriteResponse> {
    let (WithdrawalInput { receipt, text }, key, _) = body.require_key()?;
    let (state, theirs) = (app.clone(), receipt.clone());
    let work = |write: Write| async move {
        let row = receipts::lock::<Row>(&state.cases, &write, &receipt).await?;
        let step = Step::new(Action::Cancel, text.map(Lines::into_inner));
        let (row, _) = steps::take(&state.cases, &write, row, step).await?;
        let (id, event) = (row.id(), Event::about(Action::Cancel.code(), &row));
        let written = WriteResponse::done(&shown(&state, &write, row, None).await?)?;
        write.commit([event], (id, written))
    };
    let again = async |_| WriteResponse::done(&look_up(&app, &theirs, None).await?);
    write_once_about(&app.db, &Author::public(), Some(key), work, again).await
}

/// Rate a service request by its receipt
///
/// Possible after the request is completed. A new rating replaces the previous one. At most five ratings are accepted.
#[utoipa::path(
    tag = "service-requests",
    request_body = RatingInput,
    responses(
        (status = 200, body = Rating),
        (status = 404),
        (status = 409, description = "The request is not completed, or was rated as often as it can be."),
    ),
)]
#[post("/v1/service-requests/lookup/rating")]
async fn rate_own_service_request(app: State, body: Json<RatingInput>) -> Result<WriteResponse> {
    let (RatingInput { receipt, rating, text }, key, _) = body.require_key()?;
    let step = Step { rating: Some(rating), ..Step::new(Action::Rate, text.map(Lines::into_inner)) };
    let state = app.clone();
    write_once(&app.db, &Author::public(), Some(key), move |write| async move {
        let row = receipts::lock::<Row>(&state.cases, &write, &receipt).await?;
        let changes_left = ratings::left_after_this(&write, row.id()).await?;
        let (row, _) = steps::take(&state.cases, &write, row, step).await?;
        let event = Event::about(Action::Rate.code(), &row);
        write.commit([event], WriteResponse::done(&Rating { rating, changes_left })?)
    })
    .await
}

/// The service request with a receipt.
async fn look_up(app: &App, receipt: &ReceiptText, before: Option<i32>) -> Result<OwnServiceRequest> {
    let db = app.db.reader();
    let row = receipts::find::<Row>(&app.cases, db, receipt).await?;
    shown(app, db, row, before).await
}

async fn shown(app: &App, db: &impl ConnectionTrait, row: Row, before: Option<i32>) -> Result<OwnServiceRequest> {
    let today = Today::read(db, app.db.now()).await?;
    let key = row.key(&app.cases.vault)?;
    let OwnPage { events, earlier } = timeline::own_page(db, &row, key.as_ref(), before).await?;
    let attachments = attachments::own(db, row.id(), key.as_ref()).await?;
    let (form, place) = content(&row, &app.cases.vault)?.map(|Content { form, place, .. }| (form, place)).unzip();
    let (takes_messages, awaits_answer) = (!row.is_closed(), row.awaits_answer());
    let takes_rating = Action::Rate.after(row.request.status, None).is_some() && ratings::left(db, row.id()).await? > 0;
    let reopens_until = assignment::reopens_until(&app.cases, row.request.closed_on, today.day)
        .filter(|_| Action::Reopen.after(row.request.status, None).is_some());
    let appeal = appeal(db, &row, today.day).await?;
    let next_steps = guides::next_steps(db, &told(&row, appeal, reopens_until, takes_rating)).await?;
    let (awaited, reminder_on) = (promises::awaited(&row.request), row.request.reminder_on);
    let delay_notice_due_on = promises::delay_notice_due_on(&row.request, today.day);
    let Row { request, service, continuation, .. } = row;
    Ok(OwnServiceRequest {
        completion: completion(&request, &today),
        booked_on: bookings::held_day(&request),
        location: place.flatten(),
        reference: request.reference,
        e_service_name: service.name(),
        e_service: service.code,
        form_version: request.form_version,
        form,
        status: request.status,
        referral: request.referral.as_ref().map(Referral::unnumbered),
        continuation,
        received_on: request.received_on,
        awaits_answer,
        awaited,
        answer_due_on: request.answer_due_on,
        reminder_on,
        delay_notice_due_on,
        takes_messages,
        takes_rating,
        rating: request.rating,
        notices: guides::shown(&request.notices),
        next_steps,
        timeline: events,
        earlier,
        attachments,
    })
}

/// That the applicant of a rejected request can appeal, while they can.
async fn appeal(db: &impl ConnectionTrait, row: &Row, today: NaiveDate) -> Result<Option<Told>> {
    if row.request.status != Status::Rejected {
        return Ok(None);
    }
    let until = promises::appeal_until(&row.request, &deadline::calendar(db).await?);
    let can_be = until.is_none_or(|day| today <= day);
    Ok(can_be.then(|| Told::within(Occasion::ServiceRequestAppeal, until)))
}

/// What the applicant is told at the end.
fn told(row: &Row, appeal: Option<Told>, reopens_until: Option<NaiveDate>, takes_rating: bool) -> Vec<Told> {
    if row.request.status == Status::Converted {
        return vec![Told::converted(row.continuation.continued_as_reference.clone())];
    }
    let reopening = reopens_until.map(|day| Told::until(Occasion::ServiceRequestReopening, day));
    let rating = takes_rating.then(|| Told::of(Occasion::Rating));
    let always = row.is_closed().then(|| Told::of(Occasion::ServiceRequestClosed));
    appeal.into_iter().chain(reopening).chain(rating).chain(always).collect()
}
