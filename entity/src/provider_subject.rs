//! People of the identity provider who have been here.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "provider_subject")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// `oidc:` and what the provider calls them.
    #[sea_orm(unique)]
    pub subject: String,
    /// The account of the same person.
    pub account_id: Option<Uuid>,
    pub active: bool,
    pub first_seen_on: Date,
    pub last_seen_on: Date,
    pub version: i32,
    pub updated_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
