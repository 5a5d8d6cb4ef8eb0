//! How an account proves who it is. Apart from the account, so that no answer and no audit event can hold it by mistake.

use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::texts::Texts;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "credential")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// Argon2id, in PHC string format.
    pub password: Option<String>,
    /// Sealed secret of the authenticator app.
    pub second_factor: Option<Vec<u8>>,
    /// Whether a code of the app has shown that it has the secret.
    pub confirmed: bool,
    /// Steps of the last codes that were taken: each is taken once.
    pub used_steps: Steps,
    /// SHA-256 of the recovery codes that are left, in hexadecimal.
    pub recovery_codes: Texts,
}

/// Steps of one-time codes, in the order in which they were taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Steps(pub Vec<i64>);

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
