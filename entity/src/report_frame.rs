//! What editors write around the table of a report, for one fiscal year.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::report::ReportSubject;
use crate::texts::Texts;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "report_frame")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub fiscal_year: i32,
    pub subject: ReportSubject,
    /// Lines of the title. None where the report has its own.
    pub title: Texts,
    pub opening: Option<String>,
    pub closing: Option<String>,
    /// The covering page, as src/domain/memo.rs has it.
    pub memo: Option<Json>,
    pub version: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
