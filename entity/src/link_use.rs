//! A record that refers to a link.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "link_use")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub link_id: Uuid,
    /// The name of its resource.
    #[sea_orm(primary_key, auto_increment = false)]
    pub resource: String,
    /// Id or code.
    #[sea_orm(primary_key, auto_increment = false)]
    pub record: String,
    pub title: String,
    pub fiscal_year: Option<i32>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
