//! The copy of a database with data that is made before its schema changes.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use chrono::SecondsFormat;
use sea_orm::DbBackend;

use super::{at, postgres, sqlite};
use crate::db::Db;

/// Copies the database to a file of `folder`, whose name says when; by default beside the SQLite file, or in `data`.
pub async fn copy(db: &Db, url: &str, folder: Option<&Path>) -> Result<PathBuf, String> {
    let folder = folder.or_else(|| db.folder()).unwrap_or(Path::new("data"));
    let made_at = db.now().to_rfc3339_opts(SecondsFormat::Millis, true).replace([':', '.'], "-");
    let copy = folder.join(format!("before-migration-{made_at}"));
    std::fs::create_dir_all(folder).map_err(|error| at(folder)(&error))?;
    if db.backend() == DbBackend::Postgres {
        let copy = copy.with_extension("dump");
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&copy);
        let file = file.map_err(|error| at(&copy)(&error))?;
        let on_disk = file.try_clone().map_err(|error| at(&copy)(&error))?;
        postgres::Server::of(url)?.dump(None, file).await?;
        on_disk.sync_all().map_err(|error| at(&copy)(&error))?;
        return Ok(copy);
    }
    let copy = copy.with_extension("sqlite");
    sqlite::copy(db, &copy).await?;
    Ok(copy)
}
