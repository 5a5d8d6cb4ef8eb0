//! Restoring a backup to an empty place. The database is put in place last and atomically, so that an interrupted
//! restore leaves nothing that a service would start on.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use futures_util::StreamExt;
use indicatif::ProgressBar;
use object_store::ObjectStoreExt;
use object_store::path::Path as Object;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

use super::manifest::{Entry, Kind, Manifest};
use super::{ATTACHMENTS, at, contents, folder, postgres, verify};
use crate::cases::blobs::open_store;
use crate::db;

/// Restores a backup; gives what is wrong with what is there now. Fails where nothing is there.
pub async fn restore(
    backup: &Path,
    manifest: &Manifest,
    database_url: &str,
    attachments: &str,
    progress: &ProgressBar,
) -> Result<Vec<String>, Vec<String>> {
    let one = |error: String| vec![error];
    let is_sqlite = database_url.starts_with("sqlite:");
    if is_sqlite != (manifest.database == Kind::Sqlite) {
        return Err(one(format!("--database-url: the backup is of {}", manifest.database)));
    }
    let occupied = occupied(database_url, attachments).await?;
    if !occupied.is_empty() {
        return Err(occupied);
    }
    let damage = verify::files(backup, manifest, progress).map_err(one)?;
    if !damage.is_empty() {
        return Err(damage);
    }
    restore_files(backup, manifest, attachments).await.map_err(one)?;
    let restored = match manifest.database {
        Kind::Sqlite => sqlite(backup, manifest, database_url).await,
        Kind::Postgresql => postgres(backup, manifest, database_url).await,
    };
    restored.map_err(one)
}

/// Why the place is not empty.
async fn occupied(database_url: &str, attachments: &str) -> Result<Vec<String>, Vec<String>> {
    let mut errors = Vec::new();
    if database_url.starts_with("sqlite:") {
        let file = db::file_of(database_url);
        let beside = ["", "-wal", "-shm", "-journal"].map(|end| PathBuf::from(format!("{}{end}", file.display())));
        let there = beside.iter().filter(|file| file.exists());
        errors.extend(there.map(|file| format!("--database-url: there is a file {} already", file.display())));
        if unfinished(file).exists() {
            let file = unfinished(file);
            errors.push(format!("--database-url: {} is of a restore that did not end; remove it", file.display()));
        }
    } else {
        let failed = |error: &dyn std::fmt::Display| vec![format!("--database-url: {error}")];
        let db = Database::connect(database_url).await.map_err(|error| failed(&error))?;
        let query =
            "SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')";
        let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, query)).await;
        let count = row.and_then(|row| row.map_or(Ok(0), |row| row.try_get_by_index::<i64>(0)));
        let count = count.map_err(|error| failed(&error))?;
        if count > 0 {
            errors
                .push(format!("--database-url: the database has {count} tables already; createdb makes an empty one"));
        }
    }
    if attachments.starts_with("s3://") || Path::new(attachments).exists() {
        let failed = |error: &dyn std::fmt::Display| vec![format!("--attachments: {error}")];
        let store = open_store(attachments).map_err(|error| failed(&error))?;
        if let Some(first) = store.list(None).next().await {
            first.map_err(|error| failed(&error))?;
            errors.push(format!("--attachments: {attachments} has files already"));
        }
    }
    Ok(errors)
}

async fn restore_files(backup: &Path, manifest: &Manifest, attachments: &str) -> Result<(), String> {
    let store = open_store(attachments).map_err(|error| format!("--attachments: {error}"))?;
    for entry in &manifest.files {
        let Some(object) = entry.name.strip_prefix(ATTACHMENTS).and_then(|name| name.strip_prefix('/')) else {
            continue;
        };
        // No file is larger than what a service holds in memory as it is sent.
        let bytes = std::fs::read(folder::within(backup, &entry.name)?).map_err(|error| at(&entry.name)(&error))?;
        same(entry, &*bytes)?;
        let put = store.put(&Object::from(object), bytes.into()).await;
        put.map_err(|error| format!("--attachments: {object}: {error}"))?;
    }
    Ok(())
}

/// Makes sure that what is restored is what was verified.
fn same(entry: &Entry, bytes: impl Read) -> Result<(), String> {
    match folder::hash(bytes) {
        Ok((_, sha256)) if sha256 == entry.sha256 => Ok(()),
        Ok(_) => Err(at(&entry.name)(&"has changed since it was verified")),
        Err(error) => Err(at(&entry.name)(&error)),
    }
}

fn database(manifest: &Manifest) -> Result<&Entry, String> {
    let name = manifest.database.file();
    manifest.entry(name).ok_or_else(|| at(name)(&"is not in the manifest"))
}

/// Where the file is until it is whole.
fn unfinished(file: &Path) -> PathBuf {
    PathBuf::from(format!("{}.restoring", file.display()))
}

async fn sqlite(backup: &Path, manifest: &Manifest, database_url: &str) -> Result<Vec<String>, String> {
    let file = db::file_of(database_url);
    let partial = unfinished(file);
    let failed = |error: std::io::Error| at(&partial)(&error);
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(failed)?;
    let entry = database(manifest)?;
    let mut source = File::open(backup.join(&entry.name)).map_err(|error| at(&entry.name)(&error))?;
    // Removed again where what follows fails.
    let name = partial.file_name().unwrap_or_default();
    let mut copy = tempfile::Builder::new().prefix(name).rand_bytes(0).tempfile_in(folder).map_err(failed)?;
    std::io::copy(&mut source, &mut copy).map_err(failed)?;
    copy.as_file().sync_all().map_err(failed)?;
    same(entry, File::open(copy.path()).map_err(failed)?)?;
    let db = contents::open(copy.path()).await?;
    let mut findings = verify::integrity(&db).await.map_err(|error| at(&partial)(&error))?;
    findings.extend(differences(&db, manifest).await);
    db.close().await.map_err(|error| at(&partial)(&error))?;
    copy.persist_noclobber(file).map_err(|error| at(file)(&error.error))?;
    folder::sync(folder)?;
    Ok(findings)
}

async fn postgres(backup: &Path, manifest: &Manifest, database_url: &str) -> Result<Vec<String>, String> {
    let dump = backup.join(&database(manifest)?.name);
    postgres::Server::of(database_url)?.restore(&dump).await?;
    let db = Database::connect(database_url).await.map_err(|error| format!("--database-url: {error}"))?;
    Ok(differences(&db, manifest).await)
}

async fn differences(db: &DatabaseConnection, manifest: &Manifest) -> Vec<String> {
    match contents::read(db).await {
        Ok(contents) => contents.differences(db, manifest).await,
        Err(error) => vec![format!("database: {error}")],
    }
}
