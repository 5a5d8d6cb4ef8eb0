//! What an admin wants to do to an account that no admin does alone, and what another admin says to it.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::texts::Texts;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "user_approval")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub account_id: Uuid,
    pub operation: Operation,
    /// What the account is to have: of `set_rights` alone.
    pub roles: Texts,
    pub all_units: bool,
    /// Codes, which never change.
    pub units: Texts,
    /// Whose link to the account ends: of `unlink_subject` alone.
    pub subject: Option<String>,
    pub requested_by: Uuid,
    pub requested_at: DateTimeUtc,
    pub status: Status,
    pub decided_by: Option<Uuid>,
    pub decided_at: Option<DateTimeUtc>,
    /// Version of the account when it was approved: what was changed since was not.
    pub account_version: Option<i32>,
    /// Until when it can be decided, and then until when it can be used.
    pub expires_at: DateTimeUtc,
    pub used_at: Option<DateTimeUtc>,
    pub version: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What an approval allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = UserApprovalOperation)]
pub enum Operation {
    SetRights,
    SetPassword,
    ResetSecondFactor,
    Disable,
    UnlinkSubject,
}

/// What became of it. `expired` is never stored: time alone makes a request or an approval expire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = UserApprovalStatus)]
pub enum Status {
    Pending,
    Approved,
    Rejected,
    Withdrawn,
    Used,
    Expired,
}
