//! Complaints as the office sees them, and the steps that can be sent.

use chrono::{DateTime, NaiveDate, Utc};
use entity::complaint::{Channel, Kind, Model, Outcome, Status};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationErrors};

use super::recusals::{self, RecusalProposal, RecusedPerson};
use super::steps::Step;
use super::store::{REPORT, Row, SUBJECT};
use crate::cases::Case;
use crate::cases::continuation::Continuation;
use crate::cases::deadline::{self, Deadline, Today};
use crate::cases::guides::{self, ShownNotice};
use crate::cases::paper;
use crate::cases::referral::{Referral, ReferralInput};
use crate::cases::vault::{CaseKey, Vault};
use crate::cases::workflow::{self, OfficeAction};
use crate::domain::complaint::Action;
use crate::domain::field_code::FieldCode;
use crate::domain::name::Name;
use crate::domain::text::{Line, Lines};
use crate::error::{Error, Result};
use crate::references::{Names, Referred};

/// What of it is sealed together.
#[derive(Serialize, Deserialize)]
pub struct Report {
    pub description: String,
    pub happened: Option<String>,
    pub place: Option<String>,
    pub accused: Option<String>,
}

/// A complaint in a list, without its texts.
#[derive(Serialize, ToSchema)]
pub struct ComplaintSummary {
    /// Id of the complaint, a UUIDv7.
    pub id: Uuid,
    /// Number of the case, for inquiries.
    #[schema(max_length = 20, example = "7K3M-9Q2X")]
    pub reference: String,
    /// Kind of complaint.
    pub kind: Kind,
    /// Code of the category.
    #[schema(max_length = 50, example = "bribery")]
    pub category: String,
    /// Name of that category.
    pub category_name: Name,
    /// Channel through which the complaint arrived.
    pub channel: Channel,
    /// Whether the reporter gave no identity.
    #[schema(example = true)]
    pub anonymous: bool,
    /// Status of the complaint in the workflow.
    pub status: Status,
    /// Outcome of a concluded complaint; null otherwise.
    #[schema(required)]
    pub outcome: Option<Outcome>,
    /// Code of the unit that the complaint is about; null if none was named.
    #[schema(required, max_length = 50, example = "public-works")]
    pub accused_unit: Option<String>,
    /// Name of that unit.
    #[schema(required)]
    pub accused_unit_name: Option<Name>,
    /// Code of the unit that handles the case; null if none does.
    #[schema(required, max_length = 50, example = "legal")]
    pub unit: Option<String>,
    /// Name of that unit.
    #[schema(required)]
    pub unit_name: Option<Name>,
    /// Id of the account that handles the case; null if none does.
    #[schema(required, example = json!(null))]
    pub assignee_id: Option<Uuid>,
    /// Name of that account.
    #[schema(required, max_length = 200, example = json!(null))]
    pub assignee_name: Option<String>,
    /// Day in Bangkok on which the complaint was received.
    #[schema(example = "2024-04-11")]
    pub received_on: NaiveDate,
    /// Time at which the complaint was received; null if only the day is known, because it was entered later.
    #[schema(required)]
    pub received_at: Option<DateTime<Utc>>,
    /// Time at which the complaint was entered here: that of receipt, or later.
    pub entered_at: DateTime<Utc>,
    /// Id of the account or client that entered the complaint; null if the reporter did, or once it is destroyed.
    #[schema(required, max_length = 170, example = json!(null))]
    pub entered_by_id: Option<String>,
    /// Name of that account or client.
    #[schema(required, max_length = 200, example = json!(null))]
    pub entered_by_name: Option<String>,
    /// Number in the office's own register; null if it has none.
    #[schema(required, max_length = 50, example = json!(null))]
    pub register_no: Option<String>,
    /// Deadline of the first answer, and when it was met.
    pub first_answer: Deadline,
    /// Deadline of the conclusion, and when it was met.
    pub conclusion: Deadline,
    /// Day on which the reporter asked to withdraw the complaint; null once the office has decided.
    #[schema(required, example = json!(null))]
    pub withdrawal_requested_on: Option<NaiveDate>,
    /// Day on which the reporter asked to reopen the closed complaint; null once the office has decided.
    #[schema(required, example = json!(null))]
    pub reopening_requested_on: Option<NaiveDate>,
    /// Where the complaint was referred to; null if it was not, or if that is not entered.
    #[schema(required)]
    pub referral: Option<Referral>,
    /// Id of the complaint of which this one is a duplicate; null if it is none.
    #[schema(required, example = json!(null))]
    pub duplicate_of_id: Option<Uuid>,
    /// Number of that complaint.
    #[schema(required, max_length = 20, example = json!(null))]
    pub duplicate_of_reference: Option<String>,
    /// How many duplicates the complaint has.
    #[schema(minimum = 0, maximum = 100, example = 0)]
    pub duplicates_count: i64,
    #[serde(flatten)]
    pub continuation: Continuation,
    /// Number of times the case was reopened.
    #[schema(minimum = 0, maximum = 100000, example = 0)]
    pub reopen_count: i32,
    /// Rating of the reporter, 1 (worst) to 5 (best); null if not rated. The comment is on the timeline.
    #[schema(required, minimum = 1, maximum = 5, example = json!(null))]
    pub rating: Option<i32>,
    /// Whether a hold prevents destruction after the retention period.
    #[schema(example = false)]
    pub on_hold: bool,
    /// Day on which the texts were destroyed at the end of retention; null before.
    #[schema(required, example = json!(null))]
    pub destroyed_on: Option<NaiveDate>,
    /// Time of the last change of the complaint.
    pub updated_at: DateTime<Utc>,
}

/// What the reporter wrote. All of it is null once it is destroyed.
#[derive(Serialize, ToSchema)]
pub struct Written {
    /// What the complaint is about, in one line; null once it is destroyed.
    #[schema(required, max_length = 300, example = "เรียกรับเงินค่าอนุญาต")]
    pub subject: Option<String>,
    /// Text of the complaint; null once it is destroyed.
    #[schema(required, max_length = 20000, example = "เจ้าหน้าที่เรียกรับเงินสองพันบาท")]
    pub description: Option<String>,
    /// When it happened, in the words of the reporter; null if not stated.
    #[schema(required, max_length = 300, example = "ต้นเดือนมีนาคม 2567")]
    pub occurred_text: Option<String>,
    /// Where it happened, in the words of the reporter; null if not stated.
    #[schema(required, max_length = 500, example = "ชั้นสอง สำนักงานเทศบาล")]
    pub location_text: Option<String>,
    /// Whom the complaint is about, in the words of the reporter; null if not stated.
    #[schema(required, max_length = 2000, example = "เจ้าหน้าที่รับคำขอ")]
    pub accused: Option<String>,
}

impl Written {
    pub fn open(row: &Row, key: Option<&CaseKey>) -> Result<Self> {
        let complaint = &row.complaint;
        let opened = |column, sealed: &[u8]| key.map(|key| key.open(column, complaint.id, sealed)).transpose();
        let report = opened(REPORT, &complaint.report)?.map(|text| serde_json::from_str(&text)).transpose();
        let (description, happened, place, accused) = match report.map_err(Error::internal)? {
            Some(Report { description, happened, place, accused }) => (Some(description), happened, place, accused),
            None => (None, None, None, None),
        };
        Ok(Self {
            subject: opened(SUBJECT, &complaint.subject)?,
            description,
            occurred_text: happened,
            location_text: place,
            accused,
        })
    }
}

/// A complaint for the office. Its texts are null once they are destroyed.
#[derive(Serialize, ToSchema)]
pub struct Complaint {
    #[serde(flatten)]
    summary: ComplaintSummary,
    #[serde(flatten)]
    written: Written,
    /// People who must not see the complaint, because they are accused or head the accused unit. They are identified as
    /// in the audit log.
    #[schema(value_type = Vec<Line<170>>, max_items = 100, example = json!([]))]
    recused: Vec<String>,
    /// Notices that the reporter was shown.
    #[schema(max_items = 100)]
    notices: Vec<ShownNotice>,
    /// The same people with their names.
    #[schema(max_items = 100)]
    recused_people: Vec<RecusedPerson>,
    /// Proposed recusal that a second person has not yet confirmed; null if there is none.
    #[schema(required)]
    recusal_proposal: Option<RecusalProposal>,
}

impl ComplaintSummary {
    pub fn of(row: &Row, today: &Today) -> Self {
        let complaint = &row.complaint;
        let (received_at, entered_at) = paper::times(complaint.received_at, complaint.entered_at);
        Self {
            id: complaint.id,
            reference: complaint.reference.clone(),
            kind: complaint.kind,
            category: row.category.code.clone(),
            category_name: row.category.name(),
            channel: complaint.channel,
            anonymous: complaint.anonymous,
            status: complaint.status,
            outcome: complaint.outcome,
            accused_unit: row.accused_unit.as_ref().map(|unit| unit.code.clone()),
            accused_unit_name: row.accused_unit.as_ref().map(Referred::name),
            unit: row.unit.as_ref().map(|unit| unit.code.clone()),
            unit_name: row.unit.as_ref().map(Referred::name),
            assignee_id: complaint.assignee_id,
            assignee_name: row.assignee_name.clone(),
            received_on: complaint.received_on,
            received_at,
            entered_at,
            entered_by_id: complaint.entered_by.clone(),
            entered_by_name: row.entered_by_name.clone(),
            register_no: complaint.register_no.clone(),
            first_answer: first_answer(complaint, today),
            conclusion: conclusion(complaint, today),
            withdrawal_requested_on: complaint.withdrawal_requested_on,
            reopening_requested_on: complaint.reopening_requested_on,
            referral: complaint.referral.as_ref().map(Referral::from),
            duplicate_of_id: complaint.duplicate_of,
            duplicate_of_reference: row.duplicate_of_reference.clone(),
            duplicates_count: row.duplicates_count,
            continuation: row.continuation.clone(),
            reopen_count: complaint.reopen_count,
            rating: complaint.rating,
            on_hold: complaint.on_hold,
            destroyed_on: complaint.destroyed_on,
            updated_at: complaint.updated_at,
        }
    }
}

impl Complaint {
    pub async fn open(db: &impl ConnectionTrait, row: &Row, vault: &Vault, today: &Today) -> Result<Self> {
        Self::with(row, vault, today, &recusals::names(db, [&row.complaint]).await?)
    }

    /// The same with names that were read for several.
    pub fn with(row: &Row, vault: &Vault, today: &Today, names: &Names) -> Result<Self> {
        let complaint = &row.complaint;
        Ok(Self {
            summary: ComplaintSummary::of(row, today),
            written: Written::open(row, row.key(vault)?.as_ref())?,
            recused: complaint.recused.0.clone(),
            recused_people: RecusedPerson::each(&complaint.recused.0, names),
            notices: guides::shown(&complaint.notices),
            recusal_proposal: RecusalProposal::of(complaint, names),
        })
    }
}

pub fn first_answer(complaint: &Model, today: &Today) -> Deadline {
    let (working_days, calendar_days, legal_basis) =
        deadline::promised(complaint.first_answer_days, complaint.first_answer_counted);
    let is_to_come = complaint.first_answered_on.is_none() && complaint.closed_on.is_none();
    Deadline {
        due_on: Some(complaint.first_answer_due_on),
        met_on: complaint.first_answered_on,
        overdue: is_to_come && complaint.first_answer_due_on < today.day,
        working_days,
        calendar_days,
        legal_basis,
        starts_on: complaint.received_on,
        waited_working_days: 0,
        paused_on: None,
        holidays: complaint.first_answer_holidays.0.clone(),
        holidays_complete: today.knows_holidays(complaint.received_on, Some(complaint.first_answer_due_on)),
    }
}

pub fn conclusion(complaint: &Model, today: &Today) -> Deadline {
    Deadline {
        due_on: complaint.conclusion_due_on,
        met_on: complaint.closed_on,
        overdue: complaint.closed_on.is_none() && complaint.conclusion_due_on.is_some_and(|due| due < today.day),
        working_days: Some(complaint.conclusion_days),
        calendar_days: None,
        legal_basis: None,
        starts_on: complaint.clock_from,
        waited_working_days: complaint.waited_days,
        paused_on: complaint.waiting_since,
        holidays: complaint.conclusion_holidays.0.clone(),
        holidays_complete: today.knows_holidays(complaint.clock_from, complaint.conclusion_due_on),
    }
}

/// What the office can correct.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "kind": "misconduct", "category": "abuse-of-power" }))]
pub struct ComplaintChangeInput {
    /// Kind of complaint.
    pub kind: Kind,
    /// Code of a category of the same kind.
    pub category: Line<50>,
    /// Whether a hold prevents destruction after the retention period, for example for a court.
    #[serde(default)]
    #[schema(example = false)]
    pub on_hold: bool,
}

impl From<&Row> for ComplaintChangeInput {
    fn from(row: &Row) -> Self {
        Self { kind: row.complaint.kind, category: row.category.code.clone().into(), on_hold: row.complaint.on_hold }
    }
}

/// An action and its data. `assign` needs `assignee_id`. `forward` needs `unit`. `reject`, `ask`, `note`, `reopen`,
/// `decline_withdrawal`, `decline_reopening` and `conclude` need `text`. `conclude` needs `outcome`, and with `referred` also `referral`. `GET /v1/workflows/complaints` lists
/// the statuses in which each is allowed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "action": "accept" }))]
pub struct ComplaintTransition {
    #[schema(inline)]
    pub action: OfficeAction<Action>,
    /// Reason, question or answer that the reporter can read. With `assign` and `forward`, only the office can read it.
    #[schema(example = json!(null))]
    pub text: Option<Lines<10000>>,
    /// Id of the account of an officer. Only for `assign`.
    #[schema(example = json!(null))]
    pub assignee_id: Option<Uuid>,
    /// Code of the unit that handles the complaint from now on. Only for `forward`.
    #[schema(example = json!(null))]
    pub unit: Option<Line<50>>,
    /// Outcome of the complaint. Only for `conclude`.
    #[schema(example = json!(null))]
    pub outcome: Option<Outcome>,
    /// Where the complaint goes. Only for `conclude` with the outcome `referred`, which needs it.
    #[schema(example = json!(null))]
    pub referral: Option<ReferralInput>,
}

impl Validate for ComplaintTransition {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let given = [
            ("text", self.text.is_some()),
            ("assignee_id", self.assignee_id.is_some()),
            ("unit", self.unit.is_some()),
            ("outcome", self.outcome.is_some()),
        ];
        check(self.action.0, &given, (self.outcome, self.referral.is_some()))
    }
}

/// Whether what was given goes with a step: what is referred has an addressee, and nothing else has.
fn check(
    action: Action,
    given: &[(&'static str, bool)],
    (outcome, is_addressed): (Option<Outcome>, bool),
) -> Result<(), ValidationErrors> {
    let is_referred = action == Action::Conclude && outcome == Some(Outcome::Referred);
    let rules = workflow::rules(action, given);
    let rules = rules.require(is_addressed || !is_referred, "referral", FieldCode::Needed);
    rules.require(is_referred || !is_addressed, "referral", FieldCode::NotForThis).end()
}

impl From<ComplaintTransition> for Step {
    fn from(transition: ComplaintTransition) -> Self {
        let ComplaintTransition { action, text, assignee_id, unit, outcome, referral } = transition;
        let (text, unit) = (text.map(Lines::into_inner), unit.map(Line::into_inner));
        Self { action: action.0, text, assignee_id, unit, outcome, referral: referral.map(Into::into), rating: None }
    }
}
