//! What was counted of a case, and from when until when: figures as they were at any instant are made of it. It names nobody,
//! and stays when the case itself is destroyed.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "case_state")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub case_id: Uuid,
    pub subject: String,
    pub fiscal_year: i32,
    /// October is 1.
    pub month: i32,
    /// JSON.
    pub counted: String,
    pub from_at: DateTimeUtc,
    /// None while it is so.
    pub until_at: Option<DateTimeUtc>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
