//! Whether what is written finds room: free space of the disks, and whether the database takes writes.

use std::path::Path;

use rustix::fs::{StatVfsMountFlags, statvfs};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::answer::Written;
use crate::app::App;
use crate::conditions::Condition;
use crate::db::now;
use crate::error::Result;
use crate::ledger::Author;

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

impl Disk {
    /// A disk that cannot be looked at is found by the writes to it.
    fn of(path: &Path) -> Self {
        let Ok(about) = statvfs(path) else { return Self::default() };
        let free = about.f_bavail.saturating_mul(about.f_frsize);
        let read_only = about.f_flag.contains(StatVfsMountFlags::RDONLY);
        Self { low: free < LOW, full: free < FULL, read_only }
    }
}

/// Keeps the conditions of the storage. What a failed write has begun ends when a write succeeds, so one is tried.
pub async fn check(app: &App) -> Result<()> {
    if app.db.availability.is_away() {
        return Ok(());
    }
    let conditions = &app.db.conditions;
    let disks = [app.db.folder(), app.files.folder()].into_iter().flatten().map(Disk::of);
    let disks: Vec<Disk> = disks.collect();
    let any = |is: fn(&Disk) -> bool| disks.iter().any(is);
    let full = any(|disk| disk.full);
    let read_only = any(|disk| disk.read_only) || is_standby(app).await?;
    for (condition, holds) in [
        (Condition::StorageLow, any(|disk| disk.low)),
        (Condition::StorageFull, full || conditions.holds(Condition::StorageFull)),
        (Condition::ReadOnly, read_only || conditions.holds(Condition::ReadOnly)),
    ] {
        if holds { conditions.begin(condition, now()) } else { conditions.end(condition) }
    }
    if !full && !read_only && (conditions.holds(Condition::StorageFull) || conditions.holds(Condition::ReadOnly)) {
        let tried = app.db.write(&Author::program("storage"), None, |write| async move {
            write.execute_unprepared("UPDATE database_identity SET identity = identity").await?;
            write.commit([], Written::deleted()).await
        });
        // Its failure is the condition, which holds already.
        drop(tried.await);
    }
    Ok(())
}

/// Whether PostgreSQL takes no writes.
async fn is_standby(app: &App) -> Result<bool> {
    if app.db.backend() != DbBackend::Postgres {
        return Ok(false);
    }
    let query = "SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean";
    let row = app.db.reader().query_one_raw(Statement::from_string(DbBackend::Postgres, query)).await?;
    Ok(row.is_some_and(|row| row.try_get_by_index(0).unwrap_or(false)))
}
