//! The reporter's side: `/v1/complaints/lookup` and what is below it, by receipt alone.

use actix_web::post;
use chrono::NaiveDate;
use entity::case_event::{self, Side};
use entity::complaint::{Kind, Outcome, Status};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

use super::dto::{conclusion, first_answer};
use super::steps::{self, Step};
use super::store::{self, Row};
use crate::answer::Written;
use crate::app::{App, State};
use crate::body::Json;
use crate::cases::attachments::{self, Attachment};
use crate::cases::deadline::Deadline;
use crate::cases::receipts::{self, ReceiptText};
use crate::cases::timeline::{self, TimelineEvent};
use crate::db;
use crate::domain::complaint::{Action, after, is_closed};
use crate::domain::text::Lines;
use crate::domain::working_days::bangkok_day;
use crate::error::{Code, Result};
use crate::ledger::{Author, Event};

pub fn routes(config: &mut ServiceConfig) {
    config.service(look_up_complaint).service(send_complaint_message).service(withdraw_complaint);
}

/// Which complaint to look up.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "receipt": "5Z1H-60C7-28T5-R0HP-1R14-50H1-M6Y" }))]
struct LookupInput {
    receipt: ReceiptText,
    /// Shows what stands before this place on the timeline: the `earlier` of an answer.
    #[schema(minimum = 1, maximum = 1000000, example = json!(null))]
    before: Option<i32>,
}

/// What a reporter sends.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "receipt": "5Z1H-60C7-28T5-R0HP-1R14-50H1-M6Y", "text": "เหตุเกิดวันที่ 5 มีนาคม" }))]
struct ReporterMessageInput {
    receipt: ReceiptText,
    text: Lines<10000>,
}

/// What a reporter takes back, and why, if they say so.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "receipt": "5Z1H-60C7-28T5-R0HP-1R14-50H1-M6Y" }))]
struct WithdrawalInput {
    receipt: ReceiptText,
    #[schema(example = json!(null))]
    text: Option<Lines<10000>>,
}

/// A complaint, as its reporter sees it.
#[derive(Serialize, ToSchema)]
struct ReportedComplaint {
    #[schema(max_length = 20, example = "7K3M-9Q2X")]
    reference: String,
    kind: Kind,
    #[schema(max_length = 50, example = "bribery")]
    category: String,
    /// Whether no identity was sealed with it. Who has asked to see one is on the timeline.
    #[schema(example = true)]
    anonymous: bool,
    status: Status,
    #[schema(required)]
    outcome: Option<Outcome>,
    #[schema(example = "2024-04-11")]
    received_on: NaiveDate,
    first_answer: Deadline,
    conclusion: Deadline,
    /// Whether a question waits for the reporter's answer.
    #[schema(example = false)]
    awaits_answer: bool,
    /// Whether more can be said: not once it is closed.
    #[schema(example = true)]
    takes_messages: bool,
    /// What was done and said, the latest first.
    #[schema(max_items = 100)]
    timeline: Vec<TimelineEvent>,
    /// The `before` that shows what came earlier; null where there is no more.
    #[schema(required, minimum = 1, maximum = 1000000, example = json!(null))]
    earlier: Option<i32>,
    /// Files of both sides, the first first.
    #[schema(max_items = 2000)]
    attachments: Vec<Attachment>,
}

/// Look up a complaint
///
/// With the receipt that its reporter was given. The receipt stands in the body, so that no log and no history of a browser
/// has it. Receipts that are unknown and such that cannot be are answered alike.
#[utoipa::path(
    tag = "complaints",
    request_body = LookupInput,
    responses((status = 200, body = ReportedComplaint), (status = 404)),
)]
#[post("/v1/complaints/lookup")]
async fn look_up_complaint(app: State, body: Json<LookupInput>) -> Result<Written> {
    let LookupInput { receipt, before } = body.value;
    let db = app.db.reader();
    let id = receipts::case_of(&app, db, &receipt).await?;
    let row = store::find_any(db, id).await?;
    Written::done(&shown(&app, db, row, before).await?)
}

/// Send a message about one's complaint
///
/// More to say, or the answer to a question: that sets the clock going again.
#[utoipa::path(
    tag = "complaints",
    request_body = ReporterMessageInput,
    responses(
        (status = 201, body = TimelineEvent),
        (status = 404),
        (status = 409, description = "The complaint is closed."),
    ),
)]
#[post("/v1/complaints/lookup/messages")]
async fn send_complaint_message(app: State, body: Json<ReporterMessageInput>) -> Result<Written> {
    let (ReporterMessageInput { receipt, text }, key, _) = body.once()?;
    let state = app.clone();
    app.db
        .write(&Author::public(), Some(key), |write| async move {
            let id = receipts::case_of(&state, &*write, &receipt).await?;
            let row = store::lock_any(&write, id).await?;
            if is_closed(row.complaint.status) {
                return Err(
                    Code::IllegalTransition.because("ปิดเรื่องแล้ว ส่งข้อความไม่ได้", "is closed and takes no more messages")
                );
            }
            let key = row.key(&state.vault)?;
            let answers = after(Action::Answer, row.complaint.status).is_some();
            let text = text.into_inner();
            let (row, event) = if answers {
                steps::take(&state, &write, row, Step::new(Action::Answer, Some(text))).await?
            } else {
                steps::say(&state, &write, row, Side::Reporter, true, &text).await?
            };
            let event = case_event::Model { no: timeline::last_place(&*write, id).await?, ..event };
            let logged = Event::about(if answers { Action::Answer.name() } else { steps::MESSAGE }, &row);
            write.commit([logged], Written::all_created(&TimelineEvent::open(event, key.as_ref())?)?).await
        })
        .await
}

/// Withdraw one's complaint
///
/// It is closed, and stays in the statistics as withdrawn.
#[utoipa::path(
    tag = "complaints",
    request_body = WithdrawalInput,
    responses(
        (status = 200, body = ReportedComplaint),
        (status = 404),
        (status = 409, description = "The complaint is closed."),
    ),
)]
#[post("/v1/complaints/lookup/withdrawal")]
async fn withdraw_complaint(app: State, body: Json<WithdrawalInput>) -> Result<Written> {
    let (WithdrawalInput { receipt, text }, key, _) = body.once()?;
    let state = app.clone();
    app.db
        .write(&Author::public(), Some(key), |write| async move {
            let id = receipts::case_of(&state, &*write, &receipt).await?;
            let row = store::lock_any(&write, id).await?;
            let step = Step::new(Action::Withdraw, text.map(Lines::into_inner));
            let (row, _) = steps::take(&state, &write, row, step).await?;
            let event = Event::about(Action::Withdraw.name(), &row);
            let written = Written::done(&shown(&state, &*write, row, None).await?)?;
            write.commit([event], written).await
        })
        .await
}

async fn shown(app: &App, db: &impl ConnectionTrait, row: Row, before: Option<i32>) -> Result<ReportedComplaint> {
    let today = bangkok_day(db::now());
    let key = row.key(&app.vault)?;
    let (events, more) = timeline::public(db, row.id(), before).await?;
    let earlier = events.last().map(|event| event.no).filter(|_| more);
    let timeline = events.into_iter().map(|event| TimelineEvent::open(event, key.as_ref()).map(TimelineEvent::unnamed));
    let files = attachments::public(db, row.id()).await?.into_iter();
    let files = files.map(|file| Attachment::open(file, key.as_ref()).map(Attachment::unnamed));
    let Row { complaint, category, .. } = row;
    Ok(ReportedComplaint {
        first_answer: first_answer(&complaint, today),
        conclusion: conclusion(&complaint, today),
        reference: complaint.reference,
        kind: complaint.kind,
        category,
        anonymous: complaint.anonymous,
        status: complaint.status,
        outcome: complaint.outcome,
        received_on: complaint.received_on,
        awaits_answer: complaint.status == Status::AwaitingReporter,
        takes_messages: !is_closed(complaint.status),
        timeline: timeline.collect::<Result<_>>()?,
        earlier,
        attachments: files.collect::<Result<_>>()?,
    })
}
