//! A request to see who came with a case, and what became of it.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "identity_request")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub case_id: Uuid,
    /// Id of the account or client.
    pub requested_by: String,
    pub requested_at: DateTimeUtc,
    /// Sealed under the key of the case.
    #[serde(skip)]
    pub reason: Vec<u8>,
    pub status: Status,
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTimeUtc>,
    /// What the custodian said to it. Sealed as the reason is.
    #[serde(skip)]
    pub answer: Option<Vec<u8>>,
    /// Until when an approval is good.
    pub expires_at: Option<DateTimeUtc>,
    pub handed_over_at: Option<DateTimeUtc>,
    pub version: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What became of it. `expired` is never stored: an approval becomes it by time alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = IdentityRequestStatus)]
pub enum Status {
    Pending,
    Approved,
    Denied,
    HandedOver,
    Expired,
}
