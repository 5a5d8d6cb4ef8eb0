//! Messages of a case that are not transitions, by either side.

use std::sync::Arc;

use entity::case_event::{self, Side};
use entity::codes::Label;
use sea_orm::ConnectionTrait;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::receipts::{self, ReceiptText};
use super::timeline::{self, Entry, TimelineEvent};
use super::{Case, Cases, guides};
use crate::audit_log::append::Event;
use crate::audit_log::author::Author;
use crate::db::Write;
use crate::domain::text::Lines;
use crate::domain::working_days::{bangkok_day, midnight};
use crate::error::{Code, Error, Result};
use crate::http::body::Json;
use crate::http::idempotency::write_once_about;
use crate::http::response::WriteResponse;
use crate::references::{self, Names};

/// What is sent to a case, in the words for where it is not taken.
const SENDING: Label = Label::new("ส่งข้อความเพิ่ม", "send a message");

/// What the timeline calls it.
pub const MESSAGE: &str = "message";

/// The step of a sender who answers what they were asked.
pub const ANSWER: &str = "answer";

/// Bytes that a reporter or applicant can write in a day at a case, with [`EACH`] for each message: some 60 short ones.
const DAILY: u64 = 256 << 10;

/// Of these, those that programs may use for their visitors. The rest is left to the holder of the receipt.
const BY_PROGRAMS: u64 = DAILY / 2;

/// What a message takes beside its text, in the case and in the log.
const EACH: u64 = 4 << 10;

/// The receipt of the case.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "receipt": "5Z1H-60C7-28T5-R0HP-1R14-50H1-M6S" }))]
pub struct LookupInput {
    /// Receipt of the case.
    pub receipt: ReceiptText,
    /// Returns the part of the timeline before this number: the `earlier` of the previous response.
    #[schema(minimum = 1, maximum = 1000000, example = json!(null))]
    pub before: Option<i32>,
}

/// A message of the reporter or applicant.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "receipt": "5Z1H-60C7-28T5-R0HP-1R14-50H1-M6S", "text": "เหตุเกิดวันที่ 5 มีนาคม" }))]
pub struct OwnMessageInput {
    /// Receipt of the case.
    pub receipt: ReceiptText,
    /// The message.
    pub text: Lines<10000>,
}

/// The receipt of a case to withdraw or cancel, and optionally the reason.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "receipt": "5Z1H-60C7-28T5-R0HP-1R14-50H1-M6S" }))]
pub struct WithdrawalInput {
    /// Receipt of the case.
    pub receipt: ReceiptText,
    /// Reason.
    #[schema(example = json!(null))]
    pub text: Option<Lines<10000>>,
}

/// A message or note of the office.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "text": "นัดแล้ว", "public": false }))]
pub struct MessageInput {
    /// The message.
    pub text: Lines<10000>,
    /// Whether the reporter or applicant can read it. If not, it is an internal note.
    #[schema(example = false)]
    pub public: bool,
}

/// Puts on the timeline what was said.
pub async fn say<C: Case>(
    cases: &Cases,
    write: &Write,
    case: &C,
    side: Side,
    public: bool,
    text: &str,
) -> Result<case_event::Model> {
    if side == Side::Sender {
        let most = if write.author.is_public() { DAILY } else { BY_PROGRAMS };
        refuse_too_much(write, case.case_id(), text, most).await?;
    }
    case.refuse_named(write).await?;
    guides::refuse_unfilled(write, "/text", Some(text).filter(|_| side == Side::Office && public)).await?;
    let key = case.needed_key(&cases.vault)?;
    timeline::add(write, &key, case.case_id(), Entry { action: MESSAGE, side, public, status: None, text: Some(text) })
        .await
}

/// Takes what the sender says of an open case: an answer, if they were asked.
pub async fn hear<C: Case>(
    cases: &Cases,
    write: &Write,
    case: C,
    text: String,
) -> Result<(C, Event, case_event::Model)> {
    refuse_ended(&case, &SENDING)?;
    let (action, (case, event)) = if case.awaits_answer() {
        (ANSWER, case.answered(cases, write, Some(text)).await?)
    } else {
        let event = say(cases, write, &case, Side::Sender, true, &text).await?;
        (MESSAGE, (case.touch(write).await?, event))
    };
    let logged = Event::about(action, &case);
    Ok((case, logged, event))
}

/// Takes a message of the holder of a receipt.
pub async fn by_receipt<C: Case>(cases: Arc<Cases>, body: Json<OwnMessageInput>) -> Result<WriteResponse> {
    let (OwnMessageInput { receipt, text }, key, _) = body.require_key()?;
    let (state, theirs) = (cases.clone(), receipt.clone());
    let work = move |write: Write| async move {
        let case = receipts::lock::<C>(&state, &write, &receipt).await?;
        let (case, logged, event) = hear(&state, &write, case, text.into_inner()).await?;
        let event = shown(&state, &write, &case, event).await?;
        write.commit([logged], (event.id, WriteResponse::all_created(&event)?))
    };
    let again = async |event| own_again::<C>(&cases, &theirs, event).await;
    write_once_about(&cases.db, &Author::public(), Some(key), work, again).await
}

/// Rejects more than a day takes: a receipt alone must not fill the disk.
async fn refuse_too_much(write: &Write, case: Uuid, text: &str, most: u64) -> Result<()> {
    let today = bangkok_day(write.now);
    let (messages, bytes) = timeline::amount(write, case, (MESSAGE, Side::Sender), midnight(today)).await?;
    if (messages + 1) * EACH + bytes + text.len() as u64 <= most {
        return Ok(());
    }
    let kib = most >> 10;
    let th = format!("วันนี้รับข้อความของเรื่องนี้ครบแล้ว (วันละประมาณ {kib} กิโลไบต์) โปรดส่งต่อในวันพรุ่งนี้ หรือส่งเป็นไฟล์แนบ");
    let en =
        format!("About {kib} KiB of messages are taken for a case in a day: send the rest tomorrow, or as a file.");
    let tomorrow = today.succ_opt().map_or(write.now, midnight);
    Err(Code::TooManyRequests.because(th, en).retry_after((tomorrow - write.now).num_seconds() + 1))
}

/// Rejects what the holder of a receipt does with a case that was converted: the office goes on with the other.
pub fn refuse_converted(case: &impl Case, act: &Label) -> Result<()> {
    let Some(reference) = case.continued_as() else { return Ok(()) };
    let Label { th, en } = act;
    Err(Code::IllegalTransition.because(
        format!("เทศบาลดำเนินการต่อในเรื่องเลขรับ {reference} จึง{th}ในเรื่องนี้ไม่ได้ โปรดติดต่อในเรื่องนั้นด้วยรหัสติดตามเรื่องเดิม"),
        format!("The office goes on with it as {reference}: \"{en}\" is not possible here. Go on there, with the same receipt."),
    ))
}

/// Rejects what the holder of a receipt does with a case that has ended.
pub fn refuse_ended(case: &impl Case, act: &Label) -> Result<()> {
    refuse_converted(case, act)?;
    if case.is_closed() { Err(closed(act)) } else { Ok(()) }
}

/// That a closed case takes no more.
pub fn closed(Label { th, en }: &Label) -> Error {
    Code::IllegalTransition.because(
        format!("เรื่องนี้สิ้นสุดแล้ว จึง{th}ไม่ได้ หากมีข้อมูลใหม่โปรดยื่นเรื่องใหม่"),
        format!("The case is closed: \"{en}\" is not possible. Send a new one if there is something new."),
    )
}

/// An event as the reporter or applicant sees it, numbered among those that both sides see.
async fn shown<C: Case>(
    cases: &Cases,
    db: &impl ConnectionTrait,
    case: &C,
    event: case_event::Model,
) -> Result<TimelineEvent> {
    let event = case_event::Model { no: timeline::place(db, &event).await?, ..event };
    TimelineEvent::open::<C>(event, case.key(&cases.vault)?.as_ref(), &Names::new())
}

/// A message of the office as it sees it.
pub async fn told<C: Case>(
    cases: &Cases,
    db: &impl ConnectionTrait,
    case: &C,
    event: case_event::Model,
) -> Result<TimelineEvent> {
    let names = references::names_of(db, event.actor.as_deref().as_slice()).await?;
    TimelineEvent::open::<C>(event, case.key(&cases.vault)?.as_ref(), &names)
}

/// The response to a message of the office that was sent before, if the officer still sees the case.
pub async fn again<C: Case>(cases: &Cases, case: Uuid, event: Uuid, author: &Author) -> Result<WriteResponse> {
    let (at, db) = (cases.db.revisions.snapshot(), cases.db.reader());
    let case = C::find(db, case, author).await?;
    let event = timeline::find(db, case.case_id(), event).await?;
    WriteResponse::changed(&told(cases, db, &case, event).await?, case.etag(at))
}

/// The same for a message of the holder of a receipt.
async fn own_again<C: Case>(cases: &Cases, receipt: &ReceiptText, event: Uuid) -> Result<WriteResponse> {
    let db = cases.db.reader();
    let case = receipts::find::<C>(cases, db, receipt).await?;
    let event = timeline::find(db, case.case_id(), event).await?;
    WriteResponse::all_created(&shown(cases, db, &case, event).await?)
}
