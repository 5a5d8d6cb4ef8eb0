//! The database: connecting, migrating, and the one way to write.
//!
//! Every write runs in [`Db::write`]: in a task of its own, so that neither a lost connection nor a timeout drops a
//! transaction half-way, and its [`Write::commit`] takes the audit events, so that none is forgotten.

pub mod availability;
mod connect;
mod error;
pub mod hourly;
pub mod migrate;
mod purge;
pub mod select;
pub mod sql;
mod time;
mod write;

use std::future::Future;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chrono::{DateTime, Datelike, Utc};
use entity::codes::Coded;
use entity::{database_identity, revision};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, EntityTrait,
    IsolationLevel, QueryFilter, TransactionOptions, TransactionTrait,
};
use tokio::sync::Semaphore;
use tracing::Instrument;

use crate::audit_log::Broken;
use crate::audit_log::author::Author;
use crate::conditions::{Condition, Conditions};
use crate::domain::working_days::bangkok_day;
use crate::error::{Code, Error, Result};
use crate::revisions::{Resource, Revisions};
use availability::Availability;
use connect::Commits;
pub use connect::{file_of, url_error};
pub use error::undeletable;
pub use time::{Clock, machine_now};
pub use write::Write;

pub struct Db {
    reader: DatabaseConnection,
    /// A connection of its own for what every process must learn in time: readers that take all others do not hold it up.
    watcher: DatabaseConnection,
    /// On SQLite one connection of its own, so that no reader holds up a write and no writer waits in the database.
    writer: DatabaseConnection,
    /// Counts what the writer commits, on SQLite.
    commits: Option<Commits>,
    pub revisions: Revisions,
    /// Why nothing may be written.
    pub log_is_broken: Arc<OnceLock<Broken>>,
    pub conditions: Conditions,
    pub availability: Arc<Availability>,
    /// Asks whether PostgreSQL answers; none on SQLite.
    asking: tokio::sync::Mutex<Option<DatabaseConnection>>,
    url: String,
    /// Writes that run or wait for the database.
    writers: Arc<Semaphore>,
    /// How long a caller waits for its write, if bounded. The write continues.
    pub deadline: OnceLock<Duration>,
    pub clock: Clock,
}

/// Maximum number of writes that run or wait: what both databases do in a quarter of a second. More are rejected
/// immediately.
const WRITERS: usize = 64;

/// For this long after an outage began the outcome of a write is considered unknown.
pub const LOST_AFTER: Duration = Duration::from_secs(30);

impl Db {
    /// Opens `sqlite:PATH` or `postgres://...`. A SQLite file is created where there is none.
    pub async fn connect(url: &str) -> Result<Arc<Self>, DbErr> {
        let availability = Arc::<Availability>::default();
        let (reader, watcher, writer, commits) = if url.starts_with("sqlite:") {
            let (reader, watcher, writer, commits) = connect::sqlite(url).await?;
            (reader, watcher, writer, Some(commits))
        } else {
            let postgres = |connections| connect::postgres(url, connections, &availability);
            let (reader, watcher, writer) = (postgres(8).await?, postgres(1).await?, postgres(8).await?);
            connect::refuse_transaction_pooling(&writer).await?;
            (reader, watcher, writer, None)
        };
        let (revisions, log_is_broken, conditions, asking, deadline, clock) = Default::default();
        let (url, writers) = (url.to_owned(), Arc::new(Semaphore::new(WRITERS)));
        Ok(Arc::new(Self {
            reader,
            watcher,
            writer,
            commits,
            revisions,
            log_is_broken,
            conditions,
            availability,
            asking,
            url,
            writers,
            deadline,
            clock,
        }))
    }

    /// Asks PostgreSQL for a sign of life.
    pub async fn check_availability(&self) {
        if self.backend() == DbBackend::Postgres {
            let mut asking = self.asking.lock().await;
            self.availability.check(&mut asking, &self.reader, || connect::postgres_alone(&self.url)).await;
        }
    }

    /// The time of what is written now.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub fn backend(&self) -> DbBackend {
        self.reader.get_database_backend()
    }

    /// The folder of the SQLite file.
    pub fn folder(&self) -> Option<&Path> {
        let folder = file_of(self.url.strip_prefix("sqlite:")?).parent()?;
        Some(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })
    }

    /// Why nothing may be written now, as far as it is known before it is tried.
    pub fn refuse_writes(&self) -> Result<()> {
        if self.log_is_broken.get().is_some() {
            Err(Code::LogBroken.into())
        } else if self.conditions.holds(Condition::SchemaChanged) {
            Err(Code::SchemaChanged.into())
        } else {
            Ok(())
        }
    }

    /// Whether as many writes wait as may.
    pub fn is_overloaded(&self) -> bool {
        self.writers.available_permits() == 0
    }

    /// Waits until no write runs.
    pub async fn writes_done(&self) {
        // It fails only once the semaphore is closed, which it never is.
        let _ = self.writers.acquire_many(WRITERS as u32).await;
    }

    /// The name of the database itself, which its copies share.
    pub async fn identity(&self) -> Result<String, DbErr> {
        let row = database_identity::Entity::find_by_id(1).one(&self.reader).await?;
        row.map(|row| row.identity).ok_or_else(|| DbErr::RecordNotFound("the identity of the database".to_owned()))
    }

    pub fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    pub fn watcher(&self) -> &DatabaseConnection {
        &self.watcher
    }

    /// Lets go of every connection.
    pub async fn close(&self) {
        for connection in [&self.reader, &self.watcher, &self.writer] {
            if let Err(error) = connection.clone().close().await {
                tracing::warn!(%error, "a connection could not be closed");
            }
        }
    }

    /// The database as it is now, for a reading of several queries.
    pub async fn snapshot(&self) -> Result<DatabaseTransaction, DbErr> {
        let isolation_level = match self.backend() {
            DbBackend::Postgres => Some(IsolationLevel::RepeatableRead),
            // Every transaction of SQLite sees one state.
            _ => None,
        };
        let options = TransactionOptions { isolation_level, ..TransactionOptions::default() };
        let reader = self.reader.clone();
        // In a task of its own: a BEGIN that is dropped while it is under way leaves a pooled connection of PostgreSQL in a
        // transaction (sqlx issue 4393), whose readers would see the past.
        let begun = tokio::spawn(async move { reader.begin_with_options(options).await });
        begun.await.map_err(|error| DbErr::Custom(error.to_string()))?
    }

    /// The same for a reading of the whole database, which may take longer than a request: PostgreSQL bounds neither its
    /// statements nor the pauses between them.
    pub async fn long_snapshot(&self) -> Result<DatabaseTransaction, DbErr> {
        let moment = self.snapshot().await?;
        if self.backend() == DbBackend::Postgres {
            for setting in ["statement_timeout", "idle_in_transaction_session_timeout"] {
                moment.execute_unprepared(&format!("SET LOCAL {setting} = 0")).await?;
            }
        }
        Ok(moment)
    }

    /// From now on nothing is written.
    pub fn break_log(&self, broken: Broken) {
        tracing::error!(error = %broken, reason = broken.reason(), "the audit log is broken: nothing will be written");
        self.conditions.begin(Condition::LogBroken, self.now());
        let _ = self.log_is_broken.set(broken);
    }

    pub async fn is_ready(&self) -> bool {
        tokio::select! {
            biased;
            () = self.availability.lost() => false,
            answer = self.reader.ping() => answer.is_ok(),
        }
    }

    /// Learns the revisions as they are now.
    pub async fn load_revisions(&self) -> Result<(), DbErr> {
        for row in revision::Entity::find().all(&self.watcher).await? {
            if let Some(resource) = Resource::of_code(&row.resource) {
                self.revisions.raise(resource, row.number);
            }
        }
        self.revisions.raise(Resource::Today, bangkok_day(self.now()).num_days_from_ce().into());
        Ok(())
    }

    /// Runs `work` in a transaction, in a task of its own.
    pub fn write<T, F, Fut>(
        self: &Arc<Self>,
        author: &Author,
        work: F,
    ) -> impl Future<Output = Result<T>> + use<T, F, Fut>
    where
        T: Send + 'static,
        F: FnOnce(Write) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T>> + Send + 'static,
    {
        let (db, author) = (self.clone(), author.clone());
        let permit = self.writers.clone().try_acquire_owned();
        let task = async move {
            let _permit = permit.map_err(|_| Code::Unavailable)?;
            write::run(&db, author, work).await
        };
        let availability = self.availability.clone();
        let watched = async move {
            let given_up = availability.lost_for(LOST_AFTER);
            // The loser of the race is dropped, and with it a connection that the pool then closes.
            tokio::select! {
                written = task => written,
                () = given_up => Err(Code::OutcomeUnknown.into()),
            }
        };
        let written = tokio::spawn(watched.in_current_span());
        let deadline = self.deadline.get().copied().unwrap_or(Duration::MAX);
        async move {
            let written = tokio::time::timeout(deadline, written).await.map_err(|_| Code::OutcomeUnknown)?;
            written.map_err(Error::internal)?
        }
    }
}

/// When what an answer is made of last changed; nothing where it never has.
pub async fn last_change(db: &impl ConnectionTrait, depends_on: &[Resource]) -> Result<Option<DateTime<Utc>>> {
    let names = depends_on.iter().map(|resource| resource.name());
    let rows = revision::Entity::find().filter(revision::Column::Resource.is_in(names)).all(db).await?;
    Ok(rows.into_iter().map(|row| row.changed_at).max())
}
