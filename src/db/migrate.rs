//! The schema: whether it fits this program, and bringing it up to date. A migration is applied whole or not at all, and
//! by one process at a time.

use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::{agency, audit_head};
use futures_util::future::BoxFuture;
use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};

use super::Db;
use super::connect::ACQUIRE_TIMEOUT;
use crate::audit_log::append::{self, Event};
use crate::audit_log::author::Author;
use crate::error::{Error, Result};

/// How long a migration waits for another process.
const PATIENCE: Duration = Duration::from_secs(120);

/// The key of PostgreSQL's advisory lock: "prongsai" in ASCII.
const LOCK: i64 = 0x7072_6f6e_6773_6169;

/// The events about the logged records that migrations have changed: it is given the migrations' transaction and names.
pub type Changes = for<'a> fn(&'a DatabaseTransaction, &'a [String]) -> BoxFuture<'a, Result<Vec<Event>>>;

impl Db {
    /// Brings the schema up to date; gives the names of the migrations that were applied. The log begins with the agency, which
    /// the schema itself brings, and has what `changes` says.
    pub async fn migrate(&self, changes: Changes) -> Result<Vec<String>, DbErr> {
        if let Some(error) = self.newer_schema().await? {
            return Err(DbErr::Custom(error));
        }
        let sqlite = self.backend() == DbBackend::Sqlite;
        if sqlite {
            // Of the one connection that writes.
            self.writer.execute_unprepared(&format!("PRAGMA busy_timeout = {}", PATIENCE.as_millis())).await?;
        }
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let transaction = self.writer.begin_with_options(options).await?;
        if !sqlite {
            let patience = PATIENCE.as_millis();
            for sql in [
                format!("SET LOCAL lock_timeout = {patience}"),
                format!("SET LOCAL statement_timeout = {patience}"),
                format!("SELECT pg_advisory_xact_lock({LOCK})"),
            ] {
                transaction.execute_unprepared(&sql).await?;
            }
        }
        // Another process may have applied them in the meantime.
        let missing = missing(&applied(&transaction).await?);
        let done = match apply(&transaction, self.now(), &missing, changes).await {
            Ok(()) => transaction.commit().await,
            Err(error) => {
                transaction.rollback().await?;
                Err(error)
            }
        };
        if sqlite {
            let usual = ACQUIRE_TIMEOUT.as_millis();
            self.writer.execute_unprepared(&format!("PRAGMA busy_timeout = {usual}")).await?;
        }
        done.map(|()| missing)
    }

    /// Why the schema does not fit this program, if it does not.
    pub async fn schema_error(&self) -> Result<Option<String>, DbErr> {
        let applied = applied(&self.reader).await?;
        let lacks = |missing| format!("its schema lacks {missing}; run `prongsai migrate` first");
        Ok(newer(&applied).or_else(|| missing(&applied).into_iter().next().map(lacks)))
    }

    /// Says so if the schema is newer than this program.
    pub async fn newer_schema(&self) -> Result<Option<String>, DbErr> {
        Ok(newer(&applied(&self.watcher).await?))
    }

    /// Whether there are tables of ours, and migrations that they lack: then a copy is made before they change.
    pub async fn is_outdated(&self) -> Result<bool, DbErr> {
        let applied = applied(&self.reader).await?;
        Ok(!applied.is_empty() && !missing(&applied).is_empty())
    }
}

/// The migrations that this program knows, the oldest first.
fn known() -> Vec<String> {
    Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect()
}

/// The migrations that a database has, the oldest first; none without a schema of ours.
pub async fn applied(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let backend = db.get_database_backend();
    let table = match backend {
        DbBackend::Postgres => "SELECT 1 WHERE to_regclass('seaql_migrations') IS NOT NULL",
        _ => "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'seaql_migrations'",
    };
    if db.query_one_raw(Statement::from_string(backend, table)).await?.is_none() {
        return Ok(Vec::new());
    }
    let versions = Statement::from_string(backend, "SELECT version FROM seaql_migrations ORDER BY version");
    db.query_all_raw(versions).await?.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// An error if this program does not know one of the migrations.
pub fn newer(applied: &[String]) -> Option<String> {
    let known = known();
    let newer = applied.iter().find(|name| !known.contains(name))?;
    Some(format!("its schema is newer than this program ({newer}); use the newer prongsai"))
}

fn missing(applied: &[String]) -> Vec<String> {
    known().into_iter().filter(|name| !applied.contains(name)).collect()
}

async fn apply(
    transaction: &DatabaseTransaction,
    now: DateTime<Utc>,
    missing: &[String],
    changes: Changes,
) -> Result<(), DbErr> {
    Migrator::up(transaction, None).await?;
    let log = audit_head::Entity::find_by_id(append::HEAD).one(transaction).await?;
    let mut events = Vec::new();
    if log.is_some_and(|log| log.size == 0) {
        let agency = agency::Entity::find().one(transaction).await?;
        let agency = agency.ok_or_else(|| DbErr::RecordNotFound("the agency".to_owned()))?;
        events.push(Event::about("create", &agency));
    }
    let message = |error: Error| DbErr::Custom(error.to_string());
    events.extend(changes(transaction, missing).await.map_err(message)?);
    append::append(transaction, &Author::program("migrate"), now, events).await.map_err(message)
}
