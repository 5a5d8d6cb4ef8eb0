//! The first answer to a POST that carried an `Idempotency-Key`, kept for a day.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_key")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub actor: String,
    #[sea_orm(primary_key, auto_increment = false)]
    /// HMAC of the key.
    pub key: Vec<u8>,
    /// SHA-256 of method, address and body, so that a key is never used for two different requests.
    pub fingerprint: Vec<u8>,
    pub status: i32,
    pub location: Option<String>,
    pub etag: Option<String>,
    /// The record that the response is made of again.
    pub record_id: Option<Uuid>,
    /// Otherwise the response, encrypted under the key itself; empty where it was too large to be kept.
    pub body: Vec<u8>,
    pub created_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
