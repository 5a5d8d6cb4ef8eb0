//! Opening connections: the settings of both databases, and the rules that every pooled connection keeps.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sea_orm::sqlx::Connection;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, Statement};
use tokio::task::spawn_blocking;

use super::availability::Availability;

/// Before this version a race in SQLite's WAL could lose commits (fixed in 3.51.3).
const OLDEST_SQLITE: [u32; 3] = [3, 51, 3];

/// How long a query waits for a connection, and a writer of SQLite for another process.
pub const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);

/// After so much idle time a connection is tested before it is used.
const TEST_IF_IDLE_FOR: Duration = Duration::from_secs(1);

/// How many transactions the writer of SQLite has committed. SQLite calls the hook that counts for a transaction, not for a
/// savepoint.
#[derive(Clone, Default)]
pub struct Commits(Arc<AtomicU64>);

impl Commits {
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

/// The reader, the watcher and the writer of a SQLite file, which is created where there is none.
pub async fn sqlite(url: &str) -> Result<(DatabaseConnection, DatabaseConnection, DatabaseConnection, Commits), DbErr> {
    let address = url.to_owned();
    spawn_blocking(move || create(&address)).await.map_err(|error| DbErr::Custom(error.to_string()))??;
    let commits = Commits::default();
    let mut options = sqlite_options(url, 1, false);
    let counted = commits.clone();
    options.map_sqlx_sqlite_pool_opts(move |pool| {
        let counted = counted.clone();
        pool.after_connect(move |connection, _| {
            let counted = counted.clone();
            Box::pin(async move {
                connection.lock_handle().await?.set_commit_hook(move || {
                    counted.0.fetch_add(1, Ordering::AcqRel);
                    true
                });
                Ok(())
            })
        })
    });
    let writer = open(options).await?;
    refuse_old_sqlite(&writer).await?;
    let reader = |connections| open(sqlite_options(url, connections, true));
    Ok((reader(4).await?, reader(1).await?, writer, commits))
}

/// A connection that does not wait for a lock.
pub async fn sqlite_without_waiting(url: &str) -> Result<DatabaseConnection, DbErr> {
    let connection = open(sqlite_options(url, 1, false)).await?;
    connection.execute_unprepared("PRAGMA busy_timeout = 0").await?;
    Ok(connection)
}

/// How often, and how long after a try, a file is opened that another process has locked.
const TRIES: u32 = 100;
const BETWEEN: Duration = Duration::from_millis(50);

/// Opens a file. Whoever opens it first makes its WAL, for which SQLite does not wait by itself.
async fn open(options: ConnectOptions) -> Result<DatabaseConnection, DbErr> {
    for _ in 1..TRIES {
        match Database::connect(options.clone()).await {
            Err(error) if error.to_string().contains("database is locked") => tokio::time::sleep(BETWEEN).await,
            opened => return opened,
        }
    }
    Database::connect(options).await
}

/// What pools of both databases have in common.
fn pool_options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .sqlx_logging(false);
    options
}

fn sqlite_options(url: &str, connections: u32, read_only: bool) -> ConnectOptions {
    let mut options = pool_options(url, connections);
    options
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
        })
        // After an I/O error SQLite ends the transaction, but sqlx considers it open: the next BEGIN would be a
        // savepoint, which no commit makes durable. Such a connection is closed.
        .map_sqlx_sqlite_before_acquire(|connection, _| {
            let is_free = !connection.is_in_transaction();
            Box::pin(async move { Ok(is_free) })
        });
    options
}

/// A pool that never reuses connections opened before an outage.
pub async fn postgres(
    url: &str,
    connections: u32,
    availability: &Arc<Availability>,
) -> Result<DatabaseConnection, DbErr> {
    let mut options = postgres_options(url, connections);
    let (idle, returned) = (availability.clone(), availability.clone());
    options
        .map_sqlx_postgres_before_acquire(move |connection, about| {
            let is_usable = !connection.is_in_transaction() && !idle.is_stale(about.age);
            Box::pin(async move {
                if is_usable && about.idle_for > TEST_IF_IDLE_FOR {
                    connection.ping().await?;
                }
                Ok(is_usable)
            })
        })
        .map_sqlx_postgres_pool_opts(move |pool| {
            let returned = returned.clone();
            pool.after_release(move |_, about| {
                let is_usable = !returned.is_away() && !returned.is_stale(about.age);
                Box::pin(async move { Ok(is_usable) })
            })
        });
    Database::connect(options).await
}

/// The connection that asks whether PostgreSQL answers.
pub async fn postgres_alone(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = postgres_options(url, 1);
    // It is not replaced while it answers.
    options.max_lifetime(Duration::from_secs(u32::MAX.into())).idle_timeout(Duration::from_secs(u32::MAX.into()));
    Database::connect(options).await
}

fn postgres_options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = pool_options(url, connections);
    options.map_sqlx_postgres_opts(|options| {
        options.application_name("prongsai").options([
            ("statement_timeout", "10s"),
            ("lock_timeout", "2s"),
            ("idle_in_transaction_session_timeout", "30s"),
            // The server notices within half a minute that a host of ours is gone, and frees its locks.
            ("tcp_keepalives_idle", "10"),
            ("tcp_keepalives_interval", "5"),
            ("tcp_keepalives_count", "3"),
            ("tcp_user_timeout", "20s"),
        ])
    });
    options
}

/// Makes the file, for its owner alone, where there is none.
fn create(url: &str) -> Result<(), DbErr> {
    use std::os::unix::fs::OpenOptionsExt;
    let path = file_of(url);
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
