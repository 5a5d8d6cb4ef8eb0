//! Storage checks: free disk space, and whether the database accepts writes.

use std::path::Path;
use std::time::Duration;

use rustix::fs::{StatVfsMountFlags, statvfs};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::audit_log::author::Author;
use crate::conditions::Condition;
use crate::error::Result;
use crate::state::App;

/// Bytes below which an operator is warned, and below which a disk is full.
const LOW: u64 = 64 << 20;
const FULL: u64 = 1 << 20;

/// What a look at a disk tells.
#[derive(Clone, Copy, Default)]
struct Disk {
    low: bool,
    full: bool,
    read_only: bool,
}

/// A network file system that hangs is not waited for.
const PATIENCE: Duration = Duration::from_secs(2);

impl Disk {
    /// A disk that cannot be looked at is found by the writes to it.
    async fn of(folder: Option<&Path>) -> Self {
        let Some(folder) = folder.map(Path::to_owned) else { return Self::default() };
        let looked = tokio::task::spawn_blocking(move || statvfs(&folder));
        let Ok(Ok(Ok(about))) = tokio::time::timeout(PATIENCE, looked).await else { return Self::default() };
        let free = about.f_bavail.saturating_mul(about.f_frsize);
        Self { low: free < LOW, full: free < FULL, read_only: about.f_flag.contains(StatVfsMountFlags::RDONLY) }
    }
}

/// Keeps the conditions of the storage. What a failed write has begun ends when a write succeeds, so one is tried.
pub async fn check(app: &App) -> Result<()> {
    if app.db.availability.is_away() {
        return Ok(());
    }
    let (own, files) = (Disk::of(app.db.folder()).await, Disk::of(app.cases.blobs.folder()).await);
    let own = Disk { read_only: own.read_only || is_standby(app).await?, ..own };
    let conditions = &app.db.conditions;
    // The files' disk may be the database's.
    let files_only = (files.full && !own.full) || (files.read_only && !own.read_only);
    let stopped = own.full || own.read_only;
    let recovered = !stopped
        && (conditions.holds(Condition::StorageFull) || conditions.holds(Condition::ReadOnly))
        && tried(app).await;
    for (condition, holds) in [
        (Condition::StorageLow, own.low || files.low),
        (Condition::AttachmentsFull, files_only),
        (Condition::StorageFull, own.full || (conditions.holds(Condition::StorageFull) && !recovered)),
        (Condition::ReadOnly, own.read_only || (conditions.holds(Condition::ReadOnly) && !recovered)),
    ] {
        if holds { conditions.begin(condition, app.db.now()) } else { conditions.end(condition) }
    }
    Ok(())
}

/// Whether a write succeeds.
async fn tried(app: &App) -> bool {
    let written = app.db.write(&Author::program("storage"), |write| async move {
        write.execute_unprepared("UPDATE database_identity SET identity = identity").await?;
        write.commit([], ())
    });
    written.await.is_ok()
}

/// Whether PostgreSQL takes no writes.
async fn is_standby(app: &App) -> Result<bool> {
    if app.db.backend() != DbBackend::Postgres {
        return Ok(false);
    }
    let query = "SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean";
    let row = app.db.reader().query_one_raw(Statement::from_string(DbBackend::Postgres, query)).await?;
    row.map_or(Ok(false), |row| Ok(row.try_get_by_index(0)?))
}
