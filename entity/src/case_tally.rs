//! The counts of one month's cases of one subject, kept by every write that changes what is counted of a case.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "case_tally")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub fiscal_year: i32,
    /// October is 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub month: i32,
    /// JSON.
    pub tally: String,
    /// The day on which it last changed.
    pub day: Date,
    /// What it was when that day began.
    pub before: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
