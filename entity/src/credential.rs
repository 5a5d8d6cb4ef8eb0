//! How an account proves who it is. Apart from the account, so that no answer and no audit event can hold it by mistake.

use sea_orm::entity::prelude::*;

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
    /// Step of the last code that was taken: each is taken once.
    pub last_step: i64,
    /// SHA-256 of the recovery codes that are left, in hexadecimal.
    pub recovery_codes: Texts,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
