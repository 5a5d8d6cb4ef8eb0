//! The reporter's side: `/v1/complaints/lookup` and what is below it, by receipt alone.

use actix_web::post;
use chrono::NaiveDate;
use entity::codes::Coded;
use entity::complaint::{Kind, Outcome, Status};
use entity::guide::Occasion;
use sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::dto::{Written, conclusion, first_answer};
use super::steps::{self, Step};
use super::store::Row;
use crate::audit_log::append::Event;
use crate::audit_log::author::Author;
use crate::cases::attachments::{self, Attachment};
use crate::cases::continuation::Continuation;
use crate::cases::deadline::{Deadline, Today};
use crate::cases::guides::{self, NextStep, ShownNotice, Told};
use crate::cases::messages::{self, LookupInput, OwnMessageInput, WithdrawalInput};
use crate::cases::ratings;
use crate::cases::receipts::{self, ReceiptText};
use crate::cases::referral::Referral;
use crate::cases::timeline::{self, OwnPage, TimelineEvent};
use crate::cases::{Case, assignment};
use crate::db::Write;
use crate::domain::complaint::Action;
use crate::domain::name::Name;
use crate::domain::text::Lines;
use crate::domain::workflow::Action as _;
use crate::error::Result;
use crate::http::body::Json;
use crate::http::idempotency::write_once_about;
use crate::http::response::WriteResponse;
use crate::http::route;
use crate::state::{App, State};

pub fn routes(config: &mut ServiceConfig) {
    config.service(get_own_complaint).service(create_own_complaint_message).service(withdraw_own_complaint);
}

/// A complaint for its reporter.
#[derive(Serialize, ToSchema)]
pub struct ReportedComplaint {
    /// Number of the complaint, for inquiries.
    #[schema(max_length = 20, example = "7K3M-9Q2X")]
    reference: String,
    /// Kind of complaint.
    kind: Kind,
    /// Code of the category.
    #[schema(max_length = 50, example = "bribery")]
    category: String,
    /// Name of that category.
    category_name: Name,
    /// Whether the reporter gave no identity. The timeline shows who requested an identity.
    #[schema(example = true)]
    anonymous: bool,
    #[serde(flatten)]
    written: Written,
    /// Status of the complaint in the workflow.
    status: Status,
    /// Outcome of a concluded complaint; null otherwise.
    #[schema(required)]
    outcome: Option<Outcome>,
    /// Where the complaint was referred to; null if it was not.
    #[schema(required)]
    referral: Option<Referral>,
    #[serde(flatten)]
    continuation: Continuation,
    /// Day in Bangkok on which the complaint was received.
    #[schema(example = "2024-04-11")]
    received_on: NaiveDate,
    /// Deadline of the first answer, and when it was met.
    first_answer: Deadline,
    /// Deadline of the conclusion, and when it was met.
    conclusion: Deadline,
    /// Day on which the withdrawal was requested; null once the office has decided.
    #[schema(required, example = json!(null))]
    withdrawal_requested_on: Option<NaiveDate>,
    /// Day on which the reopening was requested; null once the office has decided.
    #[schema(required, example = json!(null))]
    reopening_requested_on: Option<NaiveDate>,
    /// Whether the reopening can be requested now.
    #[schema(example = false)]
    takes_reopening_request: bool,
    /// Whether the handling can be rated now: once the complaint is closed, at most five times.
    #[schema(example = false)]
    takes_rating: bool,
    /// Rating of the reporter, 1 (worst) to 5 (best); null if not rated.
    #[schema(required, minimum = 1, maximum = 5, example = json!(null))]
    rating: Option<i32>,
    /// Whether a question of the office waits for an answer.
    #[schema(example = false)]
    awaits_answer: bool,
    /// Whether messages are accepted. They are not once the complaint is closed.
    #[schema(example = true)]
    takes_messages: bool,
    /// Notices that the reporter was shown.
    #[schema(max_items = 100)]
    notices: Vec<ShownNotice>,
    /// What the reporter can still do once the complaint is closed; empty before.
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

/// Get a complaint by its receipt
///
/// The reporter got the receipt when the complaint was submitted. The receipt is sent in the body, so that it is in no
/// log and in no browser history. Unknown and malformed receipts get the same response, so that receipts cannot be
/// guessed.
#[utoipa::path(
    tag = "complaints",
    extensions(("x-kind" = json!([route::Kind::Lookup]))),
    request_body = LookupInput,
    responses((status = 200, body = ReportedComplaint), (status = 404)),
)]
#[post("/v1/complaints/lookup")]
async fn get_own_complaint(app: State, body: Json<LookupInput>) -> Result<WriteResponse> {
    let LookupInput { receipt, before } = body.value;
    WriteResponse::done(&look_up(&app, &receipt, before).await?)
}

/// Send a message about a complaint by its receipt
///
/// Adds information, or answers a question of the office. Deadlines that were paused run again after an answer, also one that is a file.
#[utoipa::path(
    tag = "complaints",
    request_body = OwnMessageInput,
    responses(
        (status = 201, body = TimelineEvent),
        (status = 404),
        (status = 409, description = "The complaint is closed."),
    ),
)]
#[post("/v1/complaints/lookup/messages")]
async fn create_own_complaint_message(app: State, body: Json<OwnMessageInput>) -> Result<WriteResponse> {
    messages::by_receipt::<Row>(app.cases.clone(), body).await
}

/// Withdraw a complaint by its receipt
///
/// A complaint about a service, or feedback, is closed and is counted in the statistics as withdrawn. For a complaint
/// about corruption or misconduct, the withdrawal is a request: the office closes the complaint, or continues on its
/// own motion and says so on the timeline.
#[utoipa::path(
    tag = "complaints",
    request_body = WithdrawalInput,
    responses(
        (status = 200, body = ReportedComplaint),
        (status = 404),
        (status = 409, description = "The complaint is closed, or its withdrawal was asked for already."),
    ),
)]
#[post("/v1/complaints/lookup/withdrawal")]
async fn withdraw_own_complaint(app: State, body: Json<WithdrawalInput>) -> Result<WriteResponse> {
    let (WithdrawalInput { receipt, text }, key, _) = body.require_key()?;
    let (state, theirs) = (app.clone(), receipt.clone());
    let work = |write: Write| async move {
        let row = receipts::lock::<Row>(&state.cases, &write, &receipt).await?;
        // Nobody makes a wish final by filing the complaint under another kind.
        let is_wish = steps::is_of_integrity(&row.complaint);
        let action = if is_wish { Action::RequestWithdrawal } else { Action::Withdraw };
        let (row, _) = steps::take(&state.cases, &write, row, Step::new(action, text.map(Lines::into_inner))).await?;
        let (id, event) = (row.id(), Event::about(action.code(), &row));
        let written = WriteResponse::done(&shown(&state, &write, row, None).await?)?;
        write.commit([event], (id, written))
    };
    let again = async |_| WriteResponse::done(&look_up(&app, &theirs, None).await?);
    write_once_about(&app.db, &Author::public(), Some(key), work, again).await
}

/// The complaint with a receipt.
pub async fn look_up(app: &App, receipt: &ReceiptText, before: Option<i32>) -> Result<ReportedComplaint> {
    let db = app.db.reader();
    let row = receipts::find::<Row>(&app.cases, db, receipt).await?;
    shown(app, db, row, before).await
}

pub async fn shown(app: &App, db: &impl ConnectionTrait, row: Row, before: Option<i32>) -> Result<ReportedComplaint> {
    let today = Today::read(db, app.db.now()).await?;
    let key = row.key(&app.cases.vault)?;
    let OwnPage { events, earlier } = timeline::own_page(db, &row, key.as_ref(), before).await?;
    let attachments = attachments::own(db, row.id(), key.as_ref()).await?;
    let written = Written::open(&row, key.as_ref())?;
    let (is_closed, awaits_answer) = (row.is_closed(), row.awaits_answer());
    let takes_rating =
        Action::Rate.after(row.complaint.status, None).is_some() && ratings::left(db, row.id()).await? > 0;
    let reopens_until = assignment::reopens_until(&app.cases, row.complaint.closed_on, today.day).filter(|_| {
        Action::RequestReopening.after(row.complaint.status, None).is_some()
            && row.complaint.reopening_requested_on.is_none()
    });
    let next_steps = guides::next_steps(db, &told(&row, reopens_until, takes_rating)).await?;
    let Row { complaint, category, continuation, .. } = row;
    Ok(ReportedComplaint {
        first_answer: first_answer(&complaint, &today),
        conclusion: conclusion(&complaint, &today),
        reference: complaint.reference,
        kind: complaint.kind,
        category_name: category.name(),
        category: category.code,
        anonymous: complaint.anonymous,
        status: complaint.status,
        outcome: complaint.outcome,
        referral: complaint.referral.as_ref().map(Referral::unnumbered),
        continuation,
        received_on: complaint.received_on,
        withdrawal_requested_on: complaint.withdrawal_requested_on,
        awaits_answer,
        takes_messages: !is_closed,
        written,
        reopening_requested_on: complaint.reopening_requested_on,
        takes_reopening_request: reopens_until.is_some(),
        takes_rating,
        rating: complaint.rating,
        notices: guides::shown(&complaint.notices),
        next_steps,
        timeline: events,
        earlier,
        attachments,
    })
}

/// What the reporter is told at the end.
fn told(row: &Row, reopens_until: Option<NaiveDate>, takes_rating: bool) -> Vec<Told> {
    let reopening = reopens_until.map(|day| Told::until(Occasion::ComplaintReopening, day));
    let disagrees = match row.complaint.status {
        Status::Received | Status::Accepted | Status::Investigating | Status::AwaitingReporter => return Vec::new(),
        Status::Converted => {
            let converted = Told::converted(row.continuation.continued_as_reference.clone());
            return [converted].into_iter().chain(reopening).collect();
        }
        // Nobody disagrees that a compliment was noted, or that they have withdrawn.
        Status::Concluded => row.complaint.outcome != Some(Outcome::Noted),
        Status::Rejected => true,
        Status::Withdrawn => false,
    };
    let disagreement = disagrees.then(|| Told::of(Occasion::ComplaintDisagreement));
    let rating = takes_rating.then(|| Told::of(Occasion::Rating));
    let always = Told::of(Occasion::ComplaintClosed);
    reopening.into_iter().chain(disagreement).chain(rating).chain([always]).collect()
}
