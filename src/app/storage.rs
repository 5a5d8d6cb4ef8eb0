//! Storage checks: free disk space, and whether the database accepts writes.

use std::path::Path;
use std::time::Duration;

use rustix::fs::{StatVfsMountFlags, statvfs};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::audit_log::author::Author;
use crate::cases::attachments::amounts;
use crate::cases::blobs::FileSettings;
use crate::cases::free_space::free_bytes;
use crate::conditions::Condition;
use crate::error::Result;
use crate::state::App;

/// Bytes below which an operator is warned, and below which a disk is full.
const LOW: u64 = 64 << 20;
const FULL: u64 = 1 << 20;

/// What a look at a disk tells.
#[derive(Clone, Copy)]
struct Disk {
    free: u64,
    read_only: bool,
}

/// A network file system that hangs is not waited for.
const PATIENCE: Duration = Duration::from_secs(2);

impl Disk {
    /// What is not known to be wrong. A disk that cannot be looked at is found by the writes to it.
    const FINE: Self = Self { free: u64::MAX, read_only: false };

    async fn of(folder: Option<&Path>) -> Self {
        let Some(folder) = folder.map(Path::to_owned) else { return Self::FINE };
        let looked = tokio::task::spawn_blocking(move || statvfs(&folder));
        let Ok(Ok(Ok(about))) = tokio::time::timeout(PATIENCE, looked).await else { return Self::FINE };
        Self { free: free_bytes(&about), read_only: about.f_flag.contains(StatVfsMountFlags::RDONLY) }
    }

    fn is_low(self) -> bool {
        self.free < LOW
    }

    fn is_full(self) -> bool {
        self.free < FULL
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
    let files_only = (files.is_full() && !own.is_full()) || (files.read_only && !own.read_only);
    let no_room = files.free < floor(&app.cases.blobs.settings) || !has_room_for_a_file(app).await?;
    let stopped = own.is_full() || own.read_only;
    let recovered = !stopped
        && (conditions.holds(Condition::StorageFull) || conditions.holds(Condition::ReadOnly))
        && tried(app).await;
    for (condition, holds) in [
        (Condition::StorageLow, own.is_low() || files.is_low()),
        (Condition::AttachmentsFull, files_only || no_room),
        (Condition::StorageFull, own.is_full() || (conditions.holds(Condition::StorageFull) && !recovered)),
        (Condition::ReadOnly, own.read_only || (conditions.holds(Condition::ReadOnly) && !recovered)),
    ] {
        conditions.set(condition, holds, app.db.now());
    }
    Ok(())
}

/// Free bytes with which a file of any size is taken; 0 where all are.
fn floor(settings: &FileSettings) -> u64 {
    match settings.free_bytes {
        0 => 0,
        floor => floor.saturating_add(settings.largest as u64),
    }
}

/// Whether there is room for a file of any size among those of cases that the office has done nothing about yet.
async fn has_room_for_a_file(app: &App) -> Result<bool> {
    let settings = &app.cases.blobs.settings;
    let Some(most) = settings.unhandled_bytes else { return Ok(true) };
    Ok(amounts::unhandled(app.db.reader()).await?.saturating_add(settings.largest as u64) <= most)
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
