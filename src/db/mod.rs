//! The database: connecting, migrating, and the one way to write.
//!
//! Every write runs in [`Db::write`]: in a task of its own, so that neither a lost connection nor a timeout drops a
//! transaction half-way, and its [`Write::commit`] takes the audit events, so that none is forgotten.

mod connect;
mod write;

use std::collections::HashSet;
use std::future::Future;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use actix_web::http::StatusCode;
use chrono::{DateTime, Datelike, SubsecRound, TimeDelta, Utc};
use entity::{agency, audit_head, idempotency_key, revision};
use migration::{Migrator, MigratorTrait, SchemaManager};
use sea_orm::sqlx::{self, Connection, Executor};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, EntityTrait,
    IsolationLevel, QueryFilter, RuntimeErr, Statement, TransactionOptions, TransactionTrait,
};

use crate::answer::Written;
use crate::body::IdempotencyKey;
use crate::domain::working_days::bangkok_day;
use crate::error::{Code, Result};
use crate::ledger::{self, Author, Event};
use crate::revisions::{Resource, Revisions};
use connect::Commits;
pub use connect::file_of;
pub use write::Write;

/// How long the first answer to an idempotency key is kept.
const KEY_LIFETIME: TimeDelta = TimeDelta::hours(24);

pub struct Db {
    reader: DatabaseConnection,
    /// On SQLite one connection of its own, so that no reader holds up a write and no writer waits in the database.
    writer: DatabaseConnection,
    /// Counts what the writer commits, on SQLite.
    commits: Option<Commits>,
    pub revisions: Revisions,
    /// Idempotency keys of requests that are running in this process.
    running: Mutex<HashSet<(String, Vec<u8>)>>,
    /// Why nothing may be written: the log is not the one that was signed.
    pub log_is_broken: OnceLock<String>,
}

impl Db {
    /// Opens `sqlite:PATH` or `postgres://...`. A SQLite file is created where there is none.
    pub async fn connect(url: &str) -> Result<Arc<Self>, DbErr> {
        let (reader, writer, commits) = if url.starts_with("sqlite:") {
            let (reader, writer, commits) = connect::sqlite(url).await?;
            (reader, writer, Some(commits))
        } else {
            (connect::postgres(url).await?, connect::postgres(url).await?, None)
        };
        let (revisions, running, log_is_broken) = Default::default();
        Ok(Arc::new(Self { reader, writer, commits, revisions, running, log_is_broken }))
    }

    pub fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// Lets go of every connection.
    pub async fn close(&self) {
        for connection in [&self.reader, &self.writer] {
            if let Err(error) = connection.clone().close().await {
                tracing::warn!(%error, "a connection could not be closed");
            }
        }
    }

    /// Brings the schema up to date. The log begins with the agency, which the schema itself brings.
    pub async fn migrate(self: &Arc<Self>) -> Result<()> {
        Migrator::up(&self.writer, None).await?;
        let log = audit_head::Entity::find_by_id(ledger::HEAD).one(&self.writer).await?;
        if log.is_none_or(|log| log.size > 0) {
            return Ok(());
        }
        let begun = self.write(&Author::program("migrate"), None, |write| async move {
            let agency = agency::Entity::find().one(&*write).await?.ok_or(Code::NotFound)?;
            write.commit([Event::about("create", &agency)], Written::deleted()).await
        });
        begun.await.map(drop)
    }

    /// Why the schema does not fit this program, if it does not.
    pub async fn schema_fault(&self) -> Result<Option<String>, DbErr> {
        let known: Vec<String> = Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect();
        let mut applied: Vec<String> = Vec::new();
        if SchemaManager::new(&self.reader).has_table("seaql_migrations").await? {
            let query = "SELECT version FROM seaql_migrations ORDER BY version";
            let query = Statement::from_string(self.reader.get_database_backend(), query);
            for row in self.reader.query_all_raw(query).await? {
                applied.push(row.try_get_by_index(0)?);
            }
        }
        if let Some(newer) = applied.iter().find(|name| !known.contains(name)) {
            return Ok(Some(format!("its schema is newer than this program ({newer}); use the newer prongsai")));
        }
        Ok(known
            .iter()
            .find(|name| !applied.contains(name))
            .map(|missing| format!("its schema lacks {missing}; run `prongsai migrate` first")))
    }

    /// The database as it is now, for a reading of several queries.
    pub async fn snapshot(&self) -> Result<DatabaseTransaction, DbErr> {
        let isolation_level = match self.reader.get_database_backend() {
            DbBackend::Postgres => Some(IsolationLevel::RepeatableRead),
            // Every transaction of SQLite sees one state.
            _ => None,
        };
        self.reader.begin_with_options(TransactionOptions { isolation_level, ..TransactionOptions::default() }).await
    }

    /// From now on nothing is written.
    pub fn break_log(&self, fault: String) {
        tracing::error!(fault, "the audit log is broken: nothing will be written");
        let _ = self.log_is_broken.set(fault);
    }

    /// Makes what was deleted unreadable where the database has yet to clear it away.
    pub async fn forget(&self) -> Result<(), DbErr> {
        if self.writer.get_database_backend() != DbBackend::Postgres {
            // `secure_delete` has overwritten it; the log of writes still has the pages of before.
            return self.writer.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await.map(drop);
        }
        // On a connection of its own, which may take its time.
        let told = |error: sqlx::Error| DbErr::Exec(RuntimeErr::SqlxError(error.into()));
        let mut own = self.writer.get_postgres_connection_pool().acquire().await.map_err(told)?.detach();
        for sql in [
            "SET statement_timeout = 0",
            "VACUUM case_key, case_event, case_file, receipt, complaint, service_request, sealed_identity, identity_request, audit_detail",
        ] {
            own.execute(sql).await.map_err(told)?;
        }
        own.close().await.map_err(told)
    }

    pub async fn is_ready(&self) -> bool {
        self.reader.ping().await.is_ok()
    }

    /// Learns the revisions as they are now.
    pub async fn load_revisions(&self) -> Result<(), DbErr> {
        for row in revision::Entity::find().all(&self.reader).await? {
            if let Some(resource) = Resource::named(&row.resource) {
                self.revisions.raise(resource, row.number);
            }
        }
        self.revisions.raise(Resource::Today, bangkok_day(now()).num_days_from_ce().into());
        Ok(())
    }

    /// Runs `work` in a transaction. With a key that was used before it answers as it did then and runs nothing.
    pub fn write<F, Fut>(
        self: &Arc<Self>,
        author: &Author,
        key: Option<IdempotencyKey>,
        work: F,
    ) -> impl Future<Output = Result<Written>> + use<F, Fut>
    where
        F: FnOnce(Write) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Written>> + Send + 'static,
    {
        let (db, author) = (self.clone(), author.clone());
        let task = async move {
            let Some(key) = key else { return write::run(&db, author, None, work).await };
            let running = Running::start(&db, &author.name, &key)?;
            if let Some(first) = db.first_answer(&author, &key).await? {
                return Ok(first);
            }
            let key = Arc::new(key);
            let written = write::run(&db, author.clone(), Some(key.clone()), work).await;
            drop(running);
            // Another process may have been faster with the same key: then its answer is the answer, whatever its write has
            // made impossible for this one.
            match written {
                Err(error) if error.code().status() < 500 => db.first_answer(&author, &key).await?.ok_or(error),
                written => written,
            }
        };
        async { tokio::spawn(task).await.map_err(|_| Code::Internal)? }
    }

    /// What the first request with a key was answered.
    pub async fn first_answer(&self, author: &Author, key: &IdempotencyKey) -> Result<Option<Written>> {
        let row = idempotency_key::Entity::find_by_id((author.name.clone(), key.name.clone()))
            .filter(idempotency_key::Column::CreatedAt.gt(now() - KEY_LIFETIME))
            .one(&self.reader)
            .await?;
        let Some(row) = row else { return Ok(None) };
        if row.fingerprint != key.fingerprint {
            return Err(Code::KeyReused.into());
        }
        let status = u16::try_from(row.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
        Ok(Some(Written {
            status: status.ok_or(Code::Internal)?,
            location: row.location,
            etag: row.etag,
            body: key.open(&row.body).ok_or(Code::Internal)?,
            replayed: true,
        }))
    }
}

/// Stands for a key while its request runs.
struct Running<'a> {
    db: &'a Db,
    name: (String, Vec<u8>),
}

impl<'a> Running<'a> {
    fn start(db: &'a Db, actor: &str, key: &IdempotencyKey) -> Result<Self> {
        let name = (actor.to_owned(), key.name.clone());
        let fresh = db.running.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone());
        if fresh { Ok(Self { db, name }) } else { Err(Code::KeyInProgress.into()) }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.db.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
    }
}

/// The time of records: to the millisecond, which both databases and JSON keep.
#[expect(clippy::disallowed_methods, reason = "the application's one clock")]
pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(3)
}
