//! The right edge of the audit log's Merkle tree: one row, with id 1, that every write locks as the last.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_head")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    /// How many events there are.
    pub size: i64,
    /// Hashes of the perfect subtrees, the largest first, 32 bytes each.
    pub subtrees: Vec<u8>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
