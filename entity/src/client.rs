//! A program that has access. Never deleted, only revoked.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::texts::Texts;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "client")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub scopes: Texts,
    /// Whether it works for all units; otherwise for those in `subject_unit`, if any.
    pub all_units: bool,
    pub active: bool,
    pub expires_at: Option<DateTimeUtc>,
    /// How often scopes, units or activity have changed: tokens of before are refused.
    #[sea_orm(column_name = "stamp")]
    pub rights_version: i32,
    pub version: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
