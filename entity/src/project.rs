//! A project or activity of one fiscal year, with the four parts of the annual anti-corruption report.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::evidence::EvidenceList;
use crate::state::{Publication, Status};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "project")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub fiscal_year: i32,
    pub title: String,
    pub measure_id: Option<Uuid>,
    pub unit_id: Option<Uuid>,
    pub no_budget_used: bool,
    /// Satang.
    pub budget_allocated: Option<i64>,
    /// Satang.
    pub budget_spent: Option<i64>,
    pub starts_on: Option<Date>,
    pub ends_on: Option<Date>,
    pub result: Option<String>,
    pub problems: Option<String>,
    pub recommendations: Option<String>,
    /// Left out while there is none: earlier events of the log do not have it.
    #[serde(default, skip_serializing_if = "EvidenceList::is_empty")]
    pub evidence: EvidenceList,
    pub status: Status,
    pub publication: Publication,
    pub unpublished_reason: Option<String>,
    /// Every text of the row, lower-cased, a line each: what `q` looks through.
    #[serde(skip)]
    pub search: String,
    pub version: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
