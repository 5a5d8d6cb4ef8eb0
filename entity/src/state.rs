//! The two states that measures and projects have: how far the work is, and who may see it.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How far the work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = WorkStatus)]
pub enum Status {
    Planned,
    InProgress,
    Completed,
    Cancelled,
}

/// Who may see a record: `draft` staff only, `published` everyone, `unpublished` once public and taken back with a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Publication {
    Draft,
    Published,
    #[serde(alias = "withdrawn")]
    Unpublished,
}
