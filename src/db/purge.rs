//! Removing deleted data from the disk: from the write-ahead log of SQLite, from the tables of PostgreSQL. Neither database can
//! do it while a reader sees the state before the deletion, and neither reports that as an error. What it cannot remove is in
//! SECURITY.md, under "Retention".

use std::time::Duration;

use sea_orm::sqlx::{self, Connection, Executor, PgConnection};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, RuntimeErr, Statement};

use super::{Db, connect};
use crate::error::{Code, Result};

/// How often, and how long after a try, the database is asked again. An export reads for longer than all tries take.
const TRIES: u32 = 50;
const BETWEEN: Duration = Duration::from_millis(100);

/// Every table that holds something of a case.
const VACUUM: &str = "VACUUM case_key, case_event, case_file, case_state, case_tally, receipt, complaint, service_request, \
                      sealed_identity, identity_request, case_sender, sent_message, idempotency_key, destroyed_object, retention_listing, audit_detail, unanswered_case, case_phone, unindexed_case";

/// VACUUM frees a row, and leaves its bytes in the page. So the tables are written to new files from which a text or an identity
/// could be read: the keys of cases, and the identities and the ends of telephone numbers, which are not sealed under them.
const REWRITE: &str = "VACUUM FULL case_key, sealed_identity, case_phone";

/// The files of these tables.
const FILES: &str = "SELECT ARRAY[pg_relation_filepath('case_key'), pg_relation_filepath('sealed_identity'), \
                     pg_relation_filepath('case_phone')]";

/// While it waits for its lock, so does everybody else who asks for one of these tables.
const LOCK_TIMEOUT: &str = "SET lock_timeout = '250ms'";

/// PostgreSQL's code of a lock that was not there in time.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// The transactions of others on this database, other than the server's own, and those that write to any database of the server: no
/// snapshot anywhere is younger than the oldest of these. Who they are every role can see; what they can see is shown to few.
const OTHERS: &str = "SELECT coalesce(array_agg(coalesce(virtualxid, transactionid::text)), '{}') \
                      FROM pg_locks JOIN pg_stat_activity USING (pid) \
                      WHERE granted AND usesysid IS NOT NULL AND pid <> pg_backend_pid() \
                      AND (locktype = 'virtualxid' AND datname = current_database() OR locktype = 'transactionid')";

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
        own.execute(LOCK_TIMEOUT).await?;
        // What a transaction that began before may read stays, in the new files as well. One that began while they ran may read as much.
        let (mut older, mut turns, mut is_removed) = (others(&mut own).await?, 2, false);
        for _ in 0..TRIES {
            let present = others(&mut own).await?;
            if present.iter().all(|other| !older.contains(other)) {
                turns -= 1;
                older = present;
            }
            if turns <= 0 {
                is_removed = rewrite(&mut own).await?;
            }
            if is_removed {
                break;
            }
            tokio::time::sleep(BETWEEN).await;
        }
        own.execute(VACUUM).await?;
        own.close().await?;
        Ok(is_removed)
    }
}

async fn others(own: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(OTHERS).fetch_one(own).await
}

/// Whether the tables were written anew. They are not while somebody uses one of them; and VACUUM passes over a table that
/// belongs to another role, with a warning.
async fn rewrite(own: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let before = sqlx::query_scalar::<_, Vec<String>>(FILES).fetch_one(&mut *own).await?;
    let is_late = |error: &sqlx::Error| {
        let code = error.as_database_error().and_then(|error| error.code());
        code.as_deref() == Some(LOCK_NOT_AVAILABLE)
    };
    match own.execute(REWRITE).await {
        Err(error) if is_late(&error) => return Ok(false),
        rewritten => rewritten?,
    };
    let after = sqlx::query_scalar::<_, Vec<String>>(FILES).fetch_one(own).await?;
    Ok(before.iter().all(|file| !after.contains(file)))
}

/// Whether the log is empty now. SQLite says in the first column of a row that it was busy.
async fn truncate(own: &DatabaseConnection) -> Result<bool, DbErr> {
    let checkpoint = Statement::from_string(DbBackend::Sqlite, "PRAGMA wal_checkpoint(TRUNCATE)");
    let row = own.query_one_raw(checkpoint).await?;
    let busy: i32 =
        row.ok_or_else(|| DbErr::RecordNotFound("the state of the checkpoint".to_owned()))?.try_get_by_index(0)?;
    Ok(busy == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_table_that_knows_a_case_is_forgotten() {
        let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/entity/src")).unwrap();
        let mut known = 0;
        for file in folder {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            let table = text.split("table_name = \"").nth(1).and_then(|rest| rest.split('"').next());
            if let Some(table) = table.filter(|_| text.contains("pub case_id:")) {
                let listed = VACUUM.trim_start_matches("VACUUM ").split(", ");
                assert!(listed.into_iter().any(|listed| listed == table), "{table}");
                known += 1;
            }
        }
        assert!(known >= 6, "{known}");
    }
}
