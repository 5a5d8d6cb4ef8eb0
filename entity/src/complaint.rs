//! A complaint about corruption or misconduct, or the public's feedback. What people wrote is sealed; the rest is what the
//! handling and the statistics need.

use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::texts::Texts;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "complaint")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The number that people quote: random, so that it tells neither when nor how many.
    #[sea_orm(unique)]
    pub reference: String,
    pub kind: Kind,
    pub category_id: Uuid,
    pub channel: Channel,
    /// Whether nobody's identity was sealed with it.
    pub anonymous: bool,
    pub status: Status,
    pub outcome: Option<Outcome>,
    /// Of the day on which it was received.
    pub fiscal_year: i32,
    pub received_on: Date,
    pub received_at: DateTimeUtc,
    /// Who handles it.
    pub unit_id: Option<Uuid>,
    pub assignee_id: Option<Uuid>,
    /// Whom it is about.
    pub accused_unit_id: Option<Uuid>,
    /// Ids of accounts that must not see it.
    pub recused: Texts,
    /// What a second person has yet to confirm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recusal_proposal: Option<RecusalProposal>,
    /// Working days that were promised for the first answer.
    pub first_answer_days: i32,
    pub first_answer_due_on: Date,
    /// Holidays that were left out when it was computed.
    pub first_answer_holidays: Texts,
    pub first_answered_on: Option<Date>,
    /// Working days that it took.
    pub first_answer_took: Option<i32>,
    /// Working days that were promised for the conclusion.
    pub conclusion_days: i32,
    /// The day on which it was received or last reopened.
    pub clock_from: Date,
    /// Since when the reporter is waited for.
    pub waiting_since: Option<Date>,
    /// Working days waited for the reporter before that.
    pub waited_days: i32,
    /// None while the reporter is waited for.
    pub conclusion_due_on: Option<Date>,
    /// Holidays that were left out when it was last computed.
    pub conclusion_holidays: Texts,
    /// When the reporter asked to withdraw it, until the office decides about that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawal_requested_on: Option<Date>,
    pub closed_on: Option<Date>,
    /// Working days that it took, without those waited.
    pub conclusion_took: Option<i32>,
    pub reopen_count: i32,
    /// Kinds, or kinds with an outcome, that it was filed or closed as before: it is kept for the longest of their times.
    pub formerly: Texts,
    /// Whether it is kept for now, however long it has been closed.
    pub on_hold: bool,
    /// When what was written was destroyed.
    pub destroyed_on: Option<Date>,
    /// Sealed.
    #[serde(skip)]
    pub subject: Vec<u8>,
    /// Sealed: everything else that was written at first.
    #[serde(skip)]
    pub report: Vec<u8>,
    pub version: i32,
    pub updated_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Who shall not see a complaint any more, and who says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct RecusalProposal {
    pub recused: Vec<String>,
    /// Code of the unit that the complaint is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accused_unit: Option<String>,
    pub proposed_by: String,
    pub proposed_at: DateTimeUtc,
    /// Kept after that, since whoever was rejected does not propose again at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected_at: Option<DateTimeUtc>,
}

/// What kind of complaint it is. Corruption and misconduct count for the ITA submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = ComplaintKind)]
pub enum Kind {
    Corruption,
    Misconduct,
    Service,
    Feedback,
}

/// The way in which it came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = ComplaintChannel)]
pub enum Channel {
    Web,
    WalkIn,
    Letter,
    Phone,
    Other,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = ComplaintStatus)]
pub enum Status {
    Received,
    Accepted,
    Investigating,
    AwaitingReporter,
    Concluded,
    Rejected,
    Withdrawn,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = ComplaintOutcome)]
pub enum Outcome {
    Substantiated,
    Unsubstantiated,
    Referred,
}
