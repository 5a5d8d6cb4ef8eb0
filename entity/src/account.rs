//! A person who works here. Never deleted, only disabled: the audit log names accounts by their ids.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::texts::Texts;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "account")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Lower-case.
    #[sea_orm(unique)]
    pub login: String,
    pub name: String,
    pub roles: Texts,
    /// Whether it works for all units; otherwise for those in `subject_unit`, if any.
    pub all_units: bool,
    pub active: bool,
    /// Whether it ever had a role that no admin gives alone. The log has the roles.
    #[serde(skip)]
    pub guarded: bool,
    /// How often roles, units, password or activity have changed: tokens of before are refused.
    #[sea_orm(column_name = "stamp")]
    pub rights_version: i32,
    pub version: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
