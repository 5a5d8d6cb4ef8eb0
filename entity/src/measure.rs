//! An integrity measure of one fiscal year.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::evidence::EvidenceList;
use crate::state::{Publication, Status};
use crate::texts::Texts;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "measure")]
// Earlier events of the log have it with the names of then.
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub fiscal_year: i32,
    #[serde(alias = "no")]
    pub number: i32,
    pub title: String,
    pub all_units: bool,
    pub methods: Texts,
    #[serde(alias = "period")]
    pub period_text: String,
    #[serde(alias = "period_from")]
    pub starts_on: Option<Date>,
    #[serde(alias = "period_to")]
    pub ends_on: Option<Date>,
    pub results: Texts,
    pub outcomes: Texts,
    pub evidence: EvidenceList,
    pub status: Status,
    pub topic: Option<i16>,
    /// How it is followed up. Earlier events of the log have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follow_up: Option<String>,
    /// Codes of the e-services that carry it, which never change. Earlier events of the log have none.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub e_services: Texts,
    pub predecessor_id: Option<Uuid>,
    pub publication: Publication,
    #[serde(alias = "withdrawn_reason")]
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
