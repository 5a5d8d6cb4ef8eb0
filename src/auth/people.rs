//! What the database knows of the people of the identity provider, in memory: every token of theirs is compared with it.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use entity::unit;
use sea_orm::{ConnectionTrait, EntityTrait, QuerySelect};
use uuid::Uuid;

use crate::db::Db;
use crate::error::Result;
use crate::revisions::Resource;

#[derive(Default)]
pub struct People {
    /// Units by their code, which never changes.
    units: RwLock<HashMap<String, Uuid>>,
    /// The revision that they were read at.
    read_at: RwLock<Option<i64>>,
}

impl People {
    /// Reads them if something has changed.
    pub async fn refresh(&self, db: &Db) -> Result<()> {
        let now = Some(db.revisions.of(Resource::Units));
        if *self.read_at.read().unwrap_or_else(PoisonError::into_inner) != now {
            self.load(db.reader()).await?;
            *self.read_at.write().unwrap_or_else(PoisonError::into_inner) = now;
        }
        Ok(())
    }

    async fn load(&self, db: &impl ConnectionTrait) -> Result<()> {
        let units = unit::Entity::find().select_only().columns([unit::Column::Code, unit::Column::Id]);
        let units: Vec<(String, Uuid)> = units.into_tuple().all(db).await?;
        *self.units.write().unwrap_or_else(PoisonError::into_inner) = units.into_iter().collect();
        Ok(())
    }

    /// The id of the unit with a code, if there is one.
    pub fn unit(&self, code: &str) -> Option<Uuid> {
        self.units.read().unwrap_or_else(PoisonError::into_inner).get(code).copied()
    }
}
