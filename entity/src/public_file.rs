//! A file that the office published. What is in it is an object outside of the database, which is not encrypted.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "public_file")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub title: String,
    pub file_name: String,
    /// As its content says.
    pub media_type: String,
    /// Bytes.
    pub size: i32,
    /// In hexadecimal.
    pub sha256: String,
    /// Its permanent address, as reports print it.
    pub url: String,
    /// The random name that it is stored under.
    #[sea_orm(unique)]
    pub object: String,
    pub version: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
