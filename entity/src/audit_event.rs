//! The audit log: who did what to which record, a leaf of the Merkle tree each. Rows are only ever added: triggers refuse
//! UPDATE and DELETE. What could have to be erased one day stands in `audit_detail`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_event")]
pub struct Model {
    /// Index of the leaf.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    /// When, to the hour.
    pub hour: DateTimeUtc,
    pub action: String,
    pub resource: String,
    pub record_id: Option<Uuid>,
    pub role: String,
    /// Id of the account or client, or the name of one of our own programs.
    pub actor: String,
    /// SHA-256 of salt and text of the detail.
    pub commitment: Option<Vec<u8>>,
    /// Hash of the leaf.
    pub hash: Vec<u8>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(has_one = "super::audit_detail::Entity")]
    Detail,
}

impl Related<super::audit_detail::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Detail.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
