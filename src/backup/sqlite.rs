//! Copies of a SQLite database.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::at;
use crate::db::Db;

/// Copies the database, as it is at one moment, to a new file for its owner alone. Through our own connection: other SQLite libraries
/// may lack a fix, and a plain copy of the file lacks what is in its log.
pub async fn copy(db: &Db, to: &Path) -> Result<(), String> {
    let failed = at(to);
    // It writes into an empty file as well, which is there for its owner alone.
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to).map_err(|error| failed(&error))?;
    let path = to.to_str().ok_or_else(|| failed(&"is not UTF-8"))?;
    let vacuum = Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO ?", [path.into()]);
    db.reader().execute_raw(vacuum).await.map_err(|error| failed(&error))?;
    file.sync_all().map_err(|error| failed(&error))
}
