//! The signed checkpoints of the audit log. Rows are only ever added.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_checkpoint")]
pub struct Model {
    /// How many events it covers.
    #[sea_orm(primary_key, auto_increment = false)]
    pub size: i64,
    /// A signed note (C2SP).
    pub note: String,
    pub signed_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
