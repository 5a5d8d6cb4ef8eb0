//! A file that was sent with a case. What is in it is an object outside of the database, sealed like all that people write.

use sea_orm::entity::prelude::*;

use crate::case_event::Side;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "case_file")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub case_id: Uuid,
    pub at: DateTimeUtc,
    pub side: Side,
    /// Id of the account or client, of the office's side.
    pub actor: Option<String>,
    /// Whether both sides see it.
    pub public: bool,
    /// As its content says.
    pub media_type: String,
    /// Bytes.
    pub size: i32,
    /// Sealed: its name, and the SHA-256 of what is in it, which would disclose to anyone with the same file that it was sent.
    pub label: Vec<u8>,
    /// The random name that it is stored under.
    #[sea_orm(unique)]
    pub object: String,
    /// Whether it came by receipt, and the office has done nothing about its case yet.
    pub unhandled: bool,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
