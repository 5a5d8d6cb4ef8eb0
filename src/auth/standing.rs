//! Whose rights have changed: a token says how often its subject's had when it was issued, and is refused if that is more by
//! now. Every process learns of a change within a second.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use entity::{account, client};
use sea_orm::{ConnectionTrait, EntityTrait, QuerySelect};
use uuid::Uuid;

use super::token::Claims;
use crate::error::Result;

/// The stamp of each account and client. None of them is ever deleted.
#[derive(Default)]
pub struct Standing(RwLock<HashMap<Uuid, i32>>);

impl Standing {
    pub async fn load(&self, db: &impl ConnectionTrait) -> Result<()> {
        let accounts = account::Entity::find().select_only().columns([account::Column::Id, account::Column::Stamp]);
        let clients = client::Entity::find().select_only().columns([client::Column::Id, client::Column::Stamp]);
        let mut stamps: Vec<(Uuid, i32)> = accounts.into_tuple().all(db).await?;
        stamps.extend(clients.into_tuple::<(Uuid, i32)>().all(db).await?);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = stamps.into_iter().collect();
        Ok(())
    }

    /// Whether a token's subject still has the rights of the token. One that is not known yet is newer than what is known.
    pub fn holds(&self, claims: &Claims) -> bool {
        let Some(stamp) = claims.stamp else { return true };
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let subject = claims.sub.parse().ok().and_then(|id: Uuid| known.get(&id).copied());
        subject.is_none_or(|now| stamp >= now)
    }
}
