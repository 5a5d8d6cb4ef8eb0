//! Opening connections: the settings of both databases, and the rules that every pooled connection keeps.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{self, AssertSqlSafe, Connection, PgConnection, Row};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, RuntimeErr, Statement};
use tokio::task::spawn_blocking;
use url::Url;
use uuid::Uuid;

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
    // The driver would decode percent signs in the address.
    let (mut options, file) = (pool_options("sqlite:", connections), file_of(url).to_owned());
    options
        .map_sqlx_sqlite_opts(move |options| {
            options
                .filename(&file)
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
    if let Some(error) = url_error(url) {
        return Err(refused(error));
    }
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
            pool.after_connect(|connection, _| Box::pin(prepare(connection))).after_release(move |_, about| {
                let is_usable = !returned.is_away() && !returned.is_stale(about.age);
                Box::pin(async move { Ok(is_usable) })
            })
        });
    Database::connect(options).await
}

/// The connection that asks whether PostgreSQL answers.
pub async fn postgres_alone(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = postgres_options(url, 1);
    options.map_sqlx_postgres_pool_opts(|pool| pool.after_connect(|connection, _| Box::pin(prepare(connection))));
    // It is not replaced while it answers.
    options.max_lifetime(Duration::from_secs(u32::MAX.into())).idle_timeout(Duration::from_secs(u32::MAX.into()));
    Database::connect(options).await
}

fn postgres_options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = pool_options(url, connections);
    // Not as parameters of the start: PgBouncer takes no others than its own.
    options.map_sqlx_postgres_opts(|options| options.application_name("prongsai").extra_float_digits(None));
    options
}

/// The settings of a session, on a connection that was just made. The server notices within half a minute that a host of ours is
/// gone, and frees its locks.
async fn prepare(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let settings = "SET statement_timeout = '10s'; SET lock_timeout = '2s'; SET idle_in_transaction_session_timeout = '30s'; \
                    SET extra_float_digits = 2; SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; \
                    SET tcp_keepalives_count = 3; SET tcp_user_timeout = '20s'";
    sqlx::raw_sql(settings).execute(connection).await.map(drop)
}

/// Sessions that have a transaction open meanwhile: more than connections that a pooler would have at hand.
const OTHERS: usize = 4;

/// Refuses a pooler that gives a session another connection for each transaction: neither the settings of a session nor prepared
/// statements survive that. While other sessions have a transaction open, one loses what it has set to one of them.
pub async fn refuse_transaction_pooling(pool: &DatabaseConnection) -> Result<(), DbErr> {
    const ERROR: &str = "stands behind a pooler that keeps no sessions; set pool_mode = session (PgBouncer), or connect to \
                         PostgreSQL itself";
    let error = |error: sqlx::Error| DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error)));
    let (pool, mark) = (pool.get_postgres_connection_pool(), Uuid::now_v7().to_string());
    let mut sessions = Vec::new();
    for _ in 0..=OTHERS {
        sessions.push(pool.acquire().await.map_err(error)?);
    }
    let set = |value: &str| format!("SELECT set_config('prongsai.session', '{value}', false)");
    let run = async |session: &mut PgConnection, sql: &str| {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(session).await.map(drop).map_err(error)
    };
    run(&mut sessions[0], &set(&mark)).await?;
    for other in &mut sessions[1..] {
        run(other, "BEGIN").await?;
    }
    let mut seen = Vec::new();
    for session in &mut sessions {
        let ask = sqlx::raw_sql("SELECT coalesce(current_setting('prongsai.session', true), '')");
        let row = ask.fetch_one(&mut **session).await.map_err(error)?;
        seen.push(row.try_get::<String, _>(0).map_err(error)? == mark);
    }
    for other in &mut sessions[1..] {
        run(other, "ROLLBACK").await?;
    }
    run(&mut sessions[0], &set("")).await?;
    if seen[0] && !seen[1..].contains(&true) { Ok(()) } else { Err(refused(ERROR)) }
}

fn refused(error: &str) -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(error.to_owned()))
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

/// The file of an address of SQLite: what follows `sqlite:`, as it is. Parameters that other programs want behind it are left out.
pub fn file_of(address: &str) -> &Path {
    const PARAMETERS: [&str; 4] = ["mode=", "cache=", "immutable=", "vfs="];
    let path = address.strip_prefix("sqlite:").unwrap_or(address);
    let path = path.strip_prefix("//").unwrap_or(path);
    let parameters = path.rsplit_once('?').filter(|(_, rest)| PARAMETERS.iter().any(|name| rest.starts_with(name)));
    Path::new(parameters.map_or(path, |(path, _)| path))
}

/// What is wrong with an address of a database. It may hold a password, of which nothing is repeated.
pub fn url_error(url: &str) -> Option<&'static str> {
    const UNREADABLE: &str = "cannot be read; in a user, a password or a name write % as %25, / as %2F, ? as %3F, # as %23, \
                              @ as %40 and : as %3A";
    if url.starts_with("sqlite:") {
        let has_line_end = url.contains(char::is_control).then_some("has a line end or another control character");
        return file_of(url).as_os_str().is_empty().then_some("names no file").or(has_line_end);
    }
    if !["postgres://", "postgresql://"].iter().any(|start| url.starts_with(start)) {
        return Some("must begin with sqlite: or postgres://");
    }
    match Url::parse(url) {
        // Behind a slash in a password comes what would be its end.
        Ok(url) if ![Some(url.path()), url.query(), url.fragment()].iter().flatten().any(|rest| rest.contains('@')) => {
            None
        }
        _ => Some(UNREADABLE),
    }
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
