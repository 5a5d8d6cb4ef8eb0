//! What migrations have changed of accounts and clients, for the log: the records in its export equal those in its events.

use entity::{account, client};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait};

use super::{clients, users};
use crate::audit_log::append::Event;
use crate::db::select::Selected;
use crate::error::Result;

/// The migration that changes how rights are stored.
const RIGHTS: &str = "m2026_11_30_000005_rights";

/// An event for each account and client, if the migration that changes them was applied.
pub fn migrated<'a>(db: &'a DatabaseTransaction, applied: &'a [String]) -> BoxFuture<'a, Result<Vec<Event>>> {
    async move {
        if !applied.iter().any(|name| name == RIGHTS) {
            return Ok(Vec::new());
        }
        let backend = db.get_database_backend();
        let users = users::store::Row::of(account::Entity::find(), backend).all(db).await?;
        let clients = clients::store::Row::of(client::Entity::find(), backend).all(db).await?;
        let users = users.iter().map(|row| Event::about("update", row));
        Ok(users.chain(clients.iter().map(|row| Event::about("update", row))).collect())
    }
    .boxed()
}
