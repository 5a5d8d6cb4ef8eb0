//! Making a backup while the service runs: a consistent copy of the database, then the files that its rows refer to,
//! then the manifest. In the other order files added in between would be missing.

use std::io::Write;
use std::path::{Path, PathBuf};

use futures_util::StreamExt;
use indicatif::ProgressBar;
use object_store::path::Path as Object;
use object_store::{Error as StoreError, ObjectStore, ObjectStoreExt};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use zeroize::Zeroizing;

use super::contents::{self, Contents, FileRow};
use super::folder::Target;
use super::manifest::{Kind, Manifest};
use super::{at, postgres, sqlite};
use crate::cases::blobs::open_store;
use crate::db::Db;

/// What is backed up.
pub struct Source<'a> {
    pub db: &'a Db,
    pub database_url: &'a str,
    /// Where files are kept.
    pub attachments: &'a str,
    /// Files of keys that go into the backup, each with the name of its setting.
    pub keys: &'a [(&'static str, PathBuf)],
}

/// Fails where there would be no backup; files that are missing are in the manifest.
pub async fn create(source: &Source<'_>, target: &Path, progress: &ProgressBar) -> Result<Manifest, String> {
    let failed = |error: String| format!("--database-url: {error}");
    contents::schema(source.db.reader()).await.map_err(failed)?;
    let kind = match source.db.reader().get_database_backend() {
        DbBackend::Postgres => Kind::Postgresql,
        _ => Kind::Sqlite,
    };
    let mut target = Target::at(target)?;
    let root = target.root().display().to_string();
    let made = fill(source, kind, &mut target, progress).await;
    made.map_err(|error| format!("{error}; {root} is not a finished backup, remove it"))
}

async fn fill(
    source: &Source<'_>,
    kind: Kind,
    target: &mut Target,
    progress: &ProgressBar,
) -> Result<Manifest, String> {
    let made_at = source.db.now();
    let keys = read_keys(source.keys)?;
    let contents = match kind {
        Kind::Sqlite => copy(source.db, target).await?,
        Kind::Postgresql => dump(source, target).await?,
    };
    let keys = write_keys(&keys, target)?;
    let mut manifest = Manifest::new(kind, contents.schema.clone(), contents.audit_log.clone(), made_at);
    manifest.missing = copy_files(source.attachments, &contents, target, progress).await?;
    manifest.keys = keys;
    target.sync()?;
    manifest.files = std::mem::take(&mut target.files);
    manifest.write(target.root())?;
    Ok(manifest)
}

async fn copy(db: &Db, target: &mut Target) -> Result<Contents, String> {
    let name = Kind::Sqlite.file();
    let path = target.path(name)?;
    sqlite::copy(db, &path).await?;
    target.add(name)?;
    let copy = contents::open(&path).await?;
    let contents = contents::read(&copy).await.map_err(|error| at(&path)(&error));
    copy.close().await.map_err(|error| at(&path)(&error))?;
    contents
}

/// The dump and the rows that are read here are of one snapshot.
async fn dump(source: &Source<'_>, target: &mut Target) -> Result<Contents, String> {
    let failed = |error: DbErr| format!("--database-url: {error}");
    let server = postgres::Server::of(source.database_url)?;
    let moment = source.db.long_snapshot().await.map_err(failed)?;
    let ask = async |sql: &str| {
        let row = moment.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
        row.ok_or_else(|| DbErr::RecordNotFound(sql.to_owned()))?.try_get_by_index::<String>(0)
    };
    let version = ask("SHOW server_version_num").await.map_err(failed)?;
    postgres::check_version(version.parse::<u32>().unwrap_or_default() / 10_000).await?;
    let snapshot = ask("SELECT pg_export_snapshot()").await.map_err(failed)?;
    let name = Kind::Postgresql.file();
    server.dump(Some(&snapshot), target.create(name)?).await?;
    target.add(name)?;
    let contents = contents::read(&moment).await.map_err(|error| format!("--database-url: {error}"))?;
    moment.rollback().await.map_err(failed)?;
    Ok(contents)
}

/// Copies files as they are, sealed; gives the names of those that are not there.
async fn copy_files(
    place: &str,
    contents: &Contents,
    target: &mut Target,
    progress: &ProgressBar,
) -> Result<Vec<String>, String> {
    if contents.files.is_empty() {
        return Ok(Vec::new());
    }
    if !place.starts_with("s3://") && !Path::new(place).is_dir() {
        return Err(format!("--attachments: there is no folder {place}, and the database names files in it"));
    }
    let store = open_store(place)?;
    progress.set_length(contents.files.iter().map(FileRow::stored_size).sum());
    let mut missing = Vec::new();
    for row in &contents.files {
        if copy_file(&*store, &row.object, &row.name(), target).await? {
            progress.inc(target.add(&row.name())?);
        } else {
            missing.push(row.name());
        }
    }
    Ok(missing)
}

/// Whether the object is there.
async fn copy_file(store: &dyn ObjectStore, object: &str, name: &str, target: &mut Target) -> Result<bool, String> {
    let failed = |error: &dyn std::fmt::Display| format!("--attachments: {object}: {error}");
    let mut stream = match store.get(&Object::from(object)).await {
        Err(StoreError::NotFound { .. }) => return Ok(false),
        found => found.map_err(|error| failed(&error))?.into_stream(),
    };
    let mut file = target.create(name)?;
    while let Some(part) = stream.next().await {
        file.write_all(&part.map_err(|error| failed(&error))?).map_err(|error| failed(&error))?;
    }
    Ok(true)
}

/// A file of keys as it was when the backup began.
struct KeyFile {
    setting: &'static str,
    path: PathBuf,
    bytes: Zeroizing<Vec<u8>>,
}

fn read_keys(keys: &[(&'static str, PathBuf)]) -> Result<Vec<KeyFile>, String> {
    let read = |(setting, path): &(&'static str, PathBuf)| match std::fs::read(path) {
        Ok(bytes) => Ok(KeyFile { setting, path: path.clone(), bytes: bytes.into() }),
        Err(error) => Err(format!("--{setting}: {}: {error}", path.display())),
    };
    keys.iter().map(read).collect()
}

/// With keys that were renewed while the database was copied, the copy could not be read.
fn write_keys(keys: &[KeyFile], target: &mut Target) -> Result<Vec<String>, String> {
    let mut names = Vec::new();
    for KeyFile { setting, path, bytes } in keys {
        let place = format!("--{setting}: {}", path.display());
        if std::fs::read(path).map_err(|error| format!("{place}: {error}"))? != **bytes {
            return Err(format!("{place}: was changed while the database was copied; back up again"));
        }
        let name = format!("keys/{setting}");
        target.create(&name)?.write_all(bytes).map_err(|error| format!("{place}: {error}"))?;
        target.add(&name)?;
        names.push(name);
    }
    Ok(names)
}
