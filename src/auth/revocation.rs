//! Token revocation: a token of an account or client carries its rights version and is rejected once that has increased. Every
//! process asks the database for changes twice a second, while it can be reached. Those that an operator has signed have no
//! rights version: they are valid until they expire. People of an identity provider are in people.rs.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use entity::{account, client};
use sea_orm::{ConnectionTrait, EntityTrait, QuerySelect};
use uuid::Uuid;

use super::token::Claims;
use crate::db::Db;
use crate::error::Result;
use crate::revisions::Resource;

/// The rights version of each account and client. None of them is ever deleted.
#[derive(Default)]
pub struct Revocations {
    versions: RwLock<HashMap<Uuid, i32>>,
    /// The revisions of accounts and clients that they were read at.
    read_at: RwLock<Option<[i64; 2]>>,
}

impl Revocations {
    /// Reads them if one has changed.
    pub async fn refresh(&self, db: &Db) -> Result<()> {
        let now = Some([Resource::Users, Resource::Clients].map(|resource| db.revisions.of(resource)));
        if *self.read_at.read().unwrap_or_else(PoisonError::into_inner) != now {
            self.load(db.watcher()).await?;
            *self.read_at.write().unwrap_or_else(PoisonError::into_inner) = now;
        }
        Ok(())
    }

    async fn load(&self, db: &impl ConnectionTrait) -> Result<()> {
        let accounts =
            account::Entity::find().select_only().columns([account::Column::Id, account::Column::RightsVersion]);
        let clients = client::Entity::find().select_only().columns([client::Column::Id, client::Column::RightsVersion]);
        let mut versions: Vec<(Uuid, i32)> = accounts.into_tuple().all(db).await?;
        versions.extend(clients.into_tuple::<(Uuid, i32)>().all(db).await?);
        *self.versions.write().unwrap_or_else(PoisonError::into_inner) = versions.into_iter().collect();
        Ok(())
    }

    /// Whether a token is revoked. A subject that is not loaded yet is newer than the loaded state.
    pub fn covers(&self, claims: &Claims) -> bool {
        let Some(rights_version) = claims.rights_version else { return false };
        let known = self.versions.read().unwrap_or_else(PoisonError::into_inner);
        let subject = claims.sub.parse().ok().and_then(|id: Uuid| known.get(&id).copied());
        subject.is_some_and(|now| rights_version < now)
    }
}
