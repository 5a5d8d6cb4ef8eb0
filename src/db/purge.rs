//! Removing deleted data from the disk: from the write-ahead log of SQLite, from the tables of PostgreSQL. Neither database can
//! do it while a reader sees the state before the deletion, and neither reports that as an error.

use std::time::Duration;

use sea_orm::sqlx::{self, Connection, Executor};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, RuntimeErr, Statement};

use super::{Db, connect};
use crate::error::{Code, Result};

/// How often, and how long after a try, the database is asked again. An export reads for longer than all tries take.
const TRIES: u32 = 50;
const BETWEEN: Duration = Duration::from_millis(100);

/// The tables that hold what people wrote, and the details of the audit log.
const VACUUM: &str = "VACUUM case_key, case_event, case_file, receipt, complaint, service_request, sealed_identity, \
                      identity_request, audit_detail";

/// The number of the next transaction.
const NEXT: &str = "SELECT pg_snapshot_xmax(pg_current_snapshot())::xid::text";

/// How many other transactions on this database are older than the transaction `$1`, or can see a state before it. Until they
/// have ended VACUUM leaves what they may read.
const OLDER: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() \
                     AND backend_type = 'client backend' \
                     AND greatest(age(backend_xid), age(backend_xmin)) > age($1::xid)";

impl Db {
    /// Removes deleted data from the disk. An error if a reader prevents it for several seconds: the data is deleted then, but
    /// still on the disk until a later call succeeds.
    pub async fn purge_deleted(&self) -> Result<()> {
        let is_removed = match self.backend() {
            DbBackend::Postgres => {
                self.vacuum().await.map_err(|error| DbErr::Exec(RuntimeErr::SqlxError(error.into())))?
            }
            _ => self.empty_log().await?,
        };
        if is_removed {
            return Ok(());
        }
        Err(Code::Unavailable.because(
            "ลบข้อมูลแล้ว แต่ยังอยู่บนดิสก์ เพราะมีการอ่านฐานข้อมูลที่เริ่มก่อนการลบ การลบตามกำหนดครั้งต่อไปจะลบออกจากดิสก์",
            "the data is deleted but still on the disk, because a transaction that began before has not ended; the next run of \
             retention removes it",
        ))
    }

    /// `secure_delete` has overwritten the pages in the file; the write-ahead log still has them as they were.
    async fn empty_log(&self) -> Result<bool, DbErr> {
        // A checkpoint on the one connection of the writes would keep them waiting for as long as it waits for readers.
        let own = connect::sqlite_without_waiting(&self.url).await?;
        let mut is_empty = truncate(&own).await?;
        for _ in 1..TRIES {
            if is_empty {
                break;
            }
            tokio::time::sleep(BETWEEN).await;
            is_empty = truncate(&own).await?;
        }
        own.close().await?;
        Ok(is_empty)
    }

    async fn vacuum(&self) -> Result<bool, sqlx::Error> {
        // A connection of its own, for which the time that a statement may take is not bounded.
        let mut own = self.writer.get_postgres_connection_pool().acquire().await?.detach();
        own.execute("SET statement_timeout = 0").await?;
        let next: String = sqlx::query_scalar(NEXT).fetch_one(&mut own).await?;
        let mut are_older = true;
        for _ in 0..TRIES {
            are_older = sqlx::query_scalar::<_, i64>(OLDER).bind(&next).fetch_one(&mut own).await? > 0;
            if !are_older {
                break;
            }
            tokio::time::sleep(BETWEEN).await;
        }
        own.execute(VACUUM).await?;
        own.close().await?;
        Ok(!are_older)
    }
}

/// Whether the log is empty now. SQLite says in the first column of a row that it was busy.
async fn truncate(own: &DatabaseConnection) -> Result<bool, DbErr> {
    let checkpoint = Statement::from_string(DbBackend::Sqlite, "PRAGMA wal_checkpoint(TRUNCATE)");
    let row = own.query_one_raw(checkpoint).await?;
    let busy: i32 =
        row.ok_or_else(|| DbErr::RecordNotFound("the state of the checkpoint".to_owned()))?.try_get_by_index(0)?;
    Ok(busy == 0)
}
