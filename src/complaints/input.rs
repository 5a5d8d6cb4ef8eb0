//! A new complaint as it is sent.

use chrono::NaiveDate;
use entity::complaint::{Channel, Kind, Outcome, Status};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::{Validate, ValidationErrors};

use crate::cases::challenge::ProofInput;
use crate::cases::identity::ReporterIdentityInput;
use crate::cases::paper::{PastStep, Stated};
use crate::cases::referral::ReferralInput;
use crate::cases::workflow::ClosedStatus;
use crate::domain::complaint::Action;
use crate::domain::field_code::FieldCode;
use crate::domain::rule::Rules;
use crate::domain::text::{Line, Lines};
use crate::domain::workflow::Action as _;

/// A complaint to submit.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "corruption",
    "category": "bribery",
    "subject": "เรียกรับเงินค่าอนุญาต",
    "description": "เจ้าหน้าที่เรียกรับเงินสองพันบาทเพื่อให้คำขออนุญาตผ่านเร็วขึ้น",
    "occurred_text": "ต้นเดือนมีนาคม 2567",
    "location_text": "ชั้นสอง สำนักงานเทศบาล",
    "accused": "เจ้าหน้าที่รับคำขอ",
    "accused_unit": "public-works",
}))]
pub struct ComplaintInput {
    /// Kind of complaint.
    pub kind: Kind,
    /// Code of a category of the same kind, from `GET /v1/complaint-categories`.
    pub category: Line<50>,
    /// What the complaint is about, in one line.
    pub subject: Line<300>,
    /// What happened, in the reporter's own words.
    pub description: Lines<20000>,
    /// When it happened, in free text.
    #[schema(example = json!(null))]
    pub occurred_text: Option<Line<300>>,
    /// Where it happened, in free text.
    #[schema(example = json!(null))]
    pub location_text: Option<Lines<500>>,
    /// Whom the complaint is about, in free text.
    #[schema(example = json!(null))]
    pub accused: Option<Lines<2000>>,
    /// Code of the unit that the complaint is about.
    #[schema(example = json!(null))]
    pub accused_unit: Option<Line<50>>,
    /// Channel through which the case arrived. Values other than `web` are for the office.
    #[serde(default = "web")]
    pub channel: Channel,
    /// Day on which the complaint came, if it is entered later. Only for officers, and not for `web`.
    #[schema(example = json!(null))]
    pub received_on: Option<NaiveDate>,
    /// Number in the office's own register. With the day of receipt it is unique. Only for officers, and not for `web`.
    #[schema(example = json!(null))]
    pub register_no: Option<Line<50>>,
    /// Day on which the office accepted the complaint and told the reporter so, if that was done before it is entered.
    /// Only for officers, and not for `web`.
    #[schema(example = json!(null))]
    pub first_answered_on: Option<NaiveDate>,
    /// How the complaint ended, if that was before it is entered. Only for officers, and not for `web`.
    #[validate(nested)]
    #[schema(example = json!(null))]
    pub closing: Option<ComplaintClosingInput>,
    /// Solution of a challenge of `GET /v1/challenges`. Required without a token.
    #[schema(example = json!(null))]
    pub proof: Option<ProofInput>,
    /// Identity of the reporter. Without it, the complaint is anonymous.
    #[validate(nested)]
    #[schema(example = json!(null))]
    pub reporter: Option<ReporterIdentityInput>,
}

fn web() -> Channel {
    Channel::Web
}

/// The end of a complaint that is entered afterwards. `concluded` needs `outcome`, `rejected` needs `text`, and the outcome `referred`
/// needs `referral`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "status": "concluded", "closed_on": "2023-11-20", "outcome": "unsubstantiated" }))]
pub struct ComplaintClosingInput {
    #[schema(inline)]
    pub status: ClosedStatus<Action>,
    /// Day on which the complaint was closed.
    pub closed_on: NaiveDate,
    /// Outcome of the complaint. Only for `concluded`.
    #[schema(example = json!(null))]
    pub outcome: Option<Outcome>,
    /// Reason or answer that the reporter was given, and can read.
    #[schema(example = json!(null))]
    pub text: Option<Lines<10000>>,
    /// Where the complaint went. Only for the outcome `referred`, which needs it.
    #[schema(example = json!(null))]
    pub referral: Option<ReferralInput>,
}

impl Validate for ComplaintClosingInput {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let (status, has_outcome) = (self.status.0, self.outcome.is_some());
        let is_concluded = status == Status::Concluded;
        let (is_referred, is_addressed) = (self.outcome == Some(Outcome::Referred), self.referral.is_some());
        Rules::default()
            .require(has_outcome || !is_concluded, "outcome", FieldCode::Needed)
            .require(is_concluded || !has_outcome, "outcome", FieldCode::NotForThis)
            .require(self.text.is_some() || status != Status::Rejected, "text", FieldCode::Needed)
            .require(is_addressed || !is_referred, "referral", FieldCode::Needed)
            .require(is_referred || !is_addressed, "referral", FieldCode::NotForThis)
            .end()
    }
}

impl ComplaintInput {
    pub fn stated(&self) -> Stated {
        Stated {
            is_online: self.channel == Channel::Web,
            received_on: self.received_on,
            register_no: self.register_no.clone().map(Line::into_inner),
            first_answered_on: self.first_answered_on,
            closed_on: self.closing.as_ref().map(|closing| closing.closed_on),
            letter_on: self.closing.as_ref().and_then(|closing| closing.referral.as_ref()?.letter_on),
        }
    }

    /// What was done about it before it is entered, and the outcome of that.
    pub fn past(&self) -> Past {
        let end = self.closing.as_ref().and_then(|closing| {
            let (to, text) = (closing.status.0, closing.text.clone().map(Lines::into_inner));
            let referral = closing.referral.clone().map(Into::into);
            Some(PastStep { action: Action::closing(to)?, to, on: closing.closed_on, text, referral })
        });
        // An end that tells the reporter something is the first answer where there was none on a day before.
        let is_answer = |end: &PastStep<Action>| end.action.answers().then_some(end.on);
        let answered_on = self.first_answered_on.filter(|day| end.as_ref().and_then(is_answer) != Some(*day));
        let accepted = |on| PastStep { action: Action::Accept, to: Status::Accepted, on, text: None, referral: None };
        let answer = answered_on.map(accepted);
        let outcome = self.closing.as_ref().and_then(|closing| closing.outcome);
        Past { answered_on: self.first_answered_on, steps: answer.into_iter().chain(end).collect(), outcome }
    }
}

/// What was done about a complaint before it is entered.
pub struct Past {
    pub answered_on: Option<NaiveDate>,
    pub steps: Vec<PastStep<Action>>,
    pub outcome: Option<Outcome>,
}
