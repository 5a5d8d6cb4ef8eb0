//! Whose rights have changed: a token says how often its subject's had when it was issued, and is refused if that is more by
//! now. Every process learns of a change within a second.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use entity::{account, client};
use sea_orm::{ConnectionTrait, EntityTrait, QuerySelect};
use uuid::Uuid;

use super::token::Claims;
use crate::db::Db;
use crate::error::Result;
use crate::revisions::Resource;

/// The stamp of each account and client. None of them is ever deleted.
#[derive(Default)]
pub struct Standing {
    stamps: RwLock<HashMap<Uuid, i32>>,
    /// The revisions of accounts and clients that they were read at.
    read_at: RwLock<Option<[i64; 2]>>,
}

impl Standing {
    /// Reads them if one has changed.
    pub async fn refresh(&self, db: &Db) -> Result<()> {
        let now = Some([Resource::Users, Resource::Clients].map(|resource| db.revisions.of(resource)));
        if *self.read_at.read().unwrap_or_else(PoisonError::into_inner) != now {
            self.load(db.reader()).await?;
            *self.read_at.write().unwrap_or_else(PoisonError::into_inner) = now;
        }
        Ok(())
    }

    async fn load(&self, db: &impl ConnectionTrait) -> Result<()> {
        let accounts = account::Entity::find().select_only().columns([account::Column::Id, account::Column::Stamp]);
        let clients = client::Entity::find().select_only().columns([client::Column::Id, client::Column::Stamp]);
        let mut stamps: Vec<(Uuid, i32)> = accounts.into_tuple().all(db).await?;
        stamps.extend(clients.into_tuple::<(Uuid, i32)>().all(db).await?);
        *self.stamps.write().unwrap_or_else(PoisonError::into_inner) = stamps.into_iter().collect();
        Ok(())
    }

    /// Whether a token's subject still has the rights of the token. One that is not known yet is newer than what is known.
    pub fn holds(&self, claims: &Claims) -> bool {
        let Some(stamp) = claims.stamp else { return true };
        let known = self.stamps.read().unwrap_or_else(PoisonError::into_inner);
        let subject = claims.sub.parse().ok().and_then(|id: Uuid| known.get(&id).copied());
        subject.is_none_or(|now| stamp >= now)
    }
}
