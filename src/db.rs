//! The database: connecting, migrating, and the one way to write.
//!
//! Every write runs in [`Db::write`]: in a task of its own, so that neither a lost connection nor a timeout drops a
//! transaction half-way, and its [`Write::commit`] takes the audit events, so that none is forgotten.

use std::collections::HashSet;
use std::future::Future;
use std::ops::Deref;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use actix_web::http::StatusCode;
use chrono::{DateTime, Datelike, SubsecRound, TimeDelta, Utc};
use entity::{agency, audit_head, idempotency_key, revision};
use migration::{Migrator, MigratorTrait, SchemaManager};
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{self, Connection, Executor};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction,
    DbBackend, DbErr, EntityTrait, IsolationLevel, QueryFilter, RuntimeErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};

use crate::answer::Written;
use crate::body::IdempotencyKey;
use crate::domain::working_days::bangkok_day;
use crate::error::{Code, Result};
use crate::ledger::{self, Author, Event};
use crate::revisions::{Resource, Revisions, Snapshot};

/// Before this one a race in SQLite's WAL could lose commits (fixed in 3.51.3).
const OLDEST_SQLITE: [u32; 3] = [3, 51, 3];

/// How long a request waits for a connection before it is told to come back.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);

/// How long the first answer to an idempotency key is kept.
const KEY_LIFETIME: TimeDelta = TimeDelta::hours(24);

pub struct Db {
    reader: DatabaseConnection,
    /// On SQLite one connection of its own, so that no reader holds up a write and no writer waits in the database.
    writer: DatabaseConnection,
    pub revisions: Revisions,
    /// Idempotency keys of requests that are running in this process.
    running: Mutex<HashSet<(String, Vec<u8>)>>,
    /// Why nothing may be written: the log is not the one that was signed.
    pub log_is_broken: OnceLock<String>,
}

impl Db {
    /// Opens `sqlite:PATH` or `postgres://...`. A SQLite file is created where there is none.
    pub async fn connect(url: &str) -> Result<Arc<Self>, DbErr> {
        let (reader, writer) = if let Some(path) = url.strip_prefix("sqlite:") {
            create(path)?;
            let writer = Database::connect(sqlite(url, 1, false)).await?;
            refuse_old_sqlite(&writer).await?;
            (Database::connect(sqlite(url, 4, true)).await?, writer)
        } else {
            (Database::connect(postgres(url)).await?, Database::connect(postgres(url)).await?)
        };
        let (revisions, running, log_is_broken) = Default::default();
        Ok(Arc::new(Self { reader, writer, revisions, running, log_is_broken }))
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
            let Some(key) = key else { return work(Write::begin(&db, author, None).await?).await };
            let running = Running::start(&db, &author.name, &key)?;
            if let Some(first) = db.first_answer(&author, &key).await? {
                return Ok(first);
            }
            let key = Arc::new(key);
            let written = work(Write::begin(&db, author.clone(), Some(key.clone())).await?).await;
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

/// A write that has begun. Dropped without [`commit`](Write::commit), it leaves nothing behind.
pub struct Write {
    transaction: DatabaseTransaction,
    db: Arc<Db>,
    pub author: Author,
    key: Option<Arc<IdempotencyKey>>,
    pub now: DateTime<Utc>,
    /// The revisions before this write.
    pub at: Snapshot,
}

impl Write {
    async fn begin(db: &Arc<Db>, author: Author, key: Option<Arc<IdempotencyKey>>) -> Result<Self> {
        if db.log_is_broken.get().is_some() {
            return Err(Code::LogBroken.into());
        }
        // SQLite: a deferred transaction that reads before it writes fails at once when another one writes meanwhile.
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let at = db.revisions.snapshot();
        let transaction = db.writer.begin_with_options(options).await?;
        Ok(Self { transaction, db: db.clone(), author, key, now: now(), at })
    }

    /// Makes the write last, with its audit events, the new revisions and the answer to its idempotency key.
    pub async fn commit(self, events: impl IntoIterator<Item = Event>, written: Written) -> Result<Written> {
        let Self { transaction, db, author, key, now, at: _ } = self;
        let events: Vec<Event> = events.into_iter().collect();
        let mut changed: Vec<_> = events.iter().filter_map(|event| event.changes).collect();
        changed.sort_unstable();
        changed.dedup();
        if let Some(key) = key {
            remember(&transaction, &author.name, &key, &written, now).await?;
        }
        let mut revisions = Vec::new();
        for resource in changed {
            revisions.push((resource, raise(&transaction, resource, now).await?));
        }
        // The last, so that others wait for the tree no longer than for the commit.
        ledger::append(&transaction, &author, now, events).await?;
        transaction.commit().await?;
        // Before the write is acknowledged, so that no reader of this process sees an older state after that.
        for (resource, number) in revisions {
            db.revisions.raise(resource, number);
        }
        Ok(written)
    }
}

impl Deref for Write {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &DatabaseTransaction {
        &self.transaction
    }
}

async fn remember(
    transaction: &DatabaseTransaction,
    actor: &str,
    key: &IdempotencyKey,
    written: &Written,
    now: DateTime<Utc>,
) -> Result<()> {
    idempotency_key::Entity::delete_many()
        .filter(idempotency_key::Column::CreatedAt.lte(now - KEY_LIFETIME))
        .exec(transaction)
        .await?;
    let row = idempotency_key::ActiveModel {
        actor: Set(actor.to_owned()),
        key: Set(key.name.clone()),
        fingerprint: Set(key.fingerprint.clone()),
        status: Set(written.status.as_u16().into()),
        location: Set(written.location.clone()),
        etag: Set(written.etag.clone()),
        body: Set(key.seal(&written.body)?),
        created_at: Set(now),
    };
    idempotency_key::Entity::insert(row).exec_without_returning(transaction).await?;
    Ok(())
}

/// Bumps the revision of a resource. The row stays locked until the commit, so numbers rise in commit order.
async fn raise(transaction: &DatabaseTransaction, resource: Resource, now: DateTime<Utc>) -> Result<i64, DbErr> {
    let statement = Statement::from_sql_and_values(
        transaction.get_database_backend(),
        "INSERT INTO revision (resource, number, changed_at) VALUES ($1, 1, $2) \
         ON CONFLICT (resource) DO UPDATE SET number = revision.number + 1, changed_at = excluded.changed_at \
         RETURNING number",
        [resource.name().into(), now.into()],
    );
    let row = transaction.query_one_raw(statement).await?;
    row.ok_or_else(|| DbErr::RecordNotFound(resource.name().to_owned()))?.try_get_by_index(0)
}

/// The time of records: to the millisecond, which both databases and JSON keep.
#[expect(clippy::disallowed_methods, reason = "the application's one clock")]
pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(3)
}

fn sqlite(url: &str, connections: u32, read_only: bool) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |options| {
            options
                .create_if_missing(!read_only)
                .read_only(read_only)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(ACQUIRE_TIMEOUT)
                .pragma("trusted_schema", "OFF")
                .pragma("secure_delete", "ON")
        });
    options
}

/// Makes the file, for its owner alone, where there is none.
fn create(path: &str) -> Result<(), DbErr> {
    use std::os::unix::fs::OpenOptionsExt;
    let path = file_of(path);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let made = folder.map_or(Ok(()), std::fs::create_dir_all).and_then(|()| {
        let mut open = std::fs::OpenOptions::new();
        open.append(true).create(true).mode(0o600).open(path).map(drop)
    });
    made.map_err(|error| DbErr::Custom(format!("{} cannot be made: {error}", path.display())))
}

/// The file of an address of SQLite.
pub fn file_of(address: &str) -> &Path {
    let path = address.strip_prefix("sqlite:").unwrap_or(address);
    Path::new(path.trim_start_matches("//").split('?').next().unwrap_or_default())
}

async fn refuse_old_sqlite(connection: &DatabaseConnection) -> Result<(), DbErr> {
    let query = Statement::from_string(DbBackend::Sqlite, "SELECT sqlite_version()");
    let version: String = match connection.query_one_raw(query).await? {
        Some(row) => row.try_get_by_index(0)?,
        None => String::new(),
    };
    let parts: Vec<u32> = version.split('.').filter_map(|part| part.parse().ok()).collect();
    if parts[..] < OLDEST_SQLITE[..] {
        return Err(DbErr::Custom(format!("SQLite {version} can lose commits; 3.51.3 or newer is needed")));
    }
    Ok(())
}

fn postgres(url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(8)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire_if_idle_for(Duration::from_secs(1))
        .sqlx_logging(false)
        .map_sqlx_postgres_opts(|options| {
            options.application_name("prongsai").options([
                ("statement_timeout", "10s"),
                ("lock_timeout", "5s"),
                ("idle_in_transaction_session_timeout", "30s"),
            ])
        });
    options
}
