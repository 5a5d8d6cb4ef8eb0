//! Orphaned objects, which no row refers to, after a crash or with the wrong database. They are moved to a quarantine,
//! restored as soon as a row refers to them, and deleted after 30 days.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::{case_file, destroyed_object, public_file};
use futures_util::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStoreExt};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use tokio::task::spawn_blocking;

use super::blobs::{Blobs, away};
use crate::audit_log::author::Author;
use crate::clock::Doubt;
use crate::conditions::Condition;
use crate::db::Db;
use crate::error::{Error, Result};

/// How long an object may be without its row: a write that has begun ends sooner.
pub const UNCLAIMED: TimeDelta = TimeDelta::hours(1);

/// How long an object stays in quarantine.
const QUARANTINE: TimeDelta = TimeDelta::days(30);

/// Up to this many orphans, or one in a hundred, may be left by crashes. More indicate a wrong database.
const FEW: usize = 10;
const SHARE: usize = 100;

/// How many objects a query names.
const CHUNK: usize = 500;

impl Blobs {
    /// Moves objects without rows to the quarantine, and deletes what has been there for long enough, unless the clock is in
    /// doubt. Everything is logged.
    pub async fn sweep(&self, db: &Arc<Db>, now: DateTime<Utc>, doubt: Option<Doubt>) -> Result<()> {
        self.return_named(db).await?;
        self.delete_destroyed(db).await?;
        if doubt.is_some() {
            return Ok(());
        }
        let objects = self.list(&self.folder).await?;
        let (total, before) = (objects.len(), now - UNCLAIMED);
        let old: Vec<Path> = objects.into_iter().filter(|it| it.last_modified < before).map(|it| it.location).collect();
        let unclaimed = without_rows(db.reader(), old).await?;
        if unclaimed.len() > FEW.max(total / SHARE) {
            tracing::error!(unclaimed = unclaimed.len(), total, "stored files have no row: is it the right database?");
            db.conditions.begin(Condition::FilesUnclaimed, db.now());
            return Ok(());
        }
        db.conditions.end(Condition::FilesUnclaimed);
        for object in &unclaimed {
            let name = object.filename().unwrap_or_default();
            let to = Path::from(format!("{}/{}.{name}", self.quarantine(), now.date_naive()));
            if self.rename(object, &to).await? {
                tracing::warn!(%object, %to, "a stored file that no row names was moved to the quarantine");
            }
        }
        self.delete_expired(now.date_naive()).await?;
        let local = self.local.clone();
        spawn_blocking(move || delete_half_written(local.as_deref(), before)).await.map_err(Error::internal)?;
        Ok(())
    }

    /// Brings back from the quarantine what a row names: the database was another one for a while.
    pub async fn return_named(&self, db: &Arc<Db>) -> Result<()> {
        let quarantined: Vec<Path> = self.list(&self.quarantine()).await?.into_iter().map(|it| it.location).collect();
        let home = |object: &Path| Path::from(format!("{}/{}", self.folder, parts_of(object).1));
        let unnamed: HashSet<Path> =
            without_rows(db.reader(), quarantined.iter().map(home).collect()).await?.into_iter().collect();
        for object in quarantined.iter().filter(|object| !unnamed.contains(&home(object))) {
            if self.rename(object, &home(object)).await? {
                tracing::warn!(%object, "a stored file was returned from the quarantine");
            }
        }
        Ok(())
    }

    /// The objects of destroyed cases, whose key has been destroyed, and of deleted public files.
    async fn delete_destroyed(&self, db: &Arc<Db>) -> Result<()> {
        let destroyed = destroyed_object::Entity::find().limit(CHUNK as u64).all(db.reader()).await?;
        let mut done = Vec::new();
        for row in destroyed {
            match self.store.delete(&Path::from(&*row.object)).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => done.push(row.object),
                Err(error) => return Err(away(error)),
            }
        }
        if done.is_empty() {
            return Ok(());
        }
        tracing::info!(files = done.len(), "the stored files of destroyed cases and deleted public files were deleted");
        db.write(&Author::program("files"), |write| async move {
            let are_done = destroyed_object::Column::Object.is_in(done);
            destroyed_object::Entity::delete_many().filter(are_done).exec(&write).await?;
            write.commit([], ())
        })
        .await
    }

    async fn delete_expired(&self, today: NaiveDate) -> Result<()> {
        for object in self.list(&self.quarantine()).await? {
            let day = parts_of(&object.location).0.parse::<NaiveDate>();
            if day.is_ok_and(|day| day + QUARANTINE <= today) {
                self.store.delete(&object.location).await.map_err(away)?;
                tracing::warn!(object = %object.location, "a stored file was deleted after 30 days in the quarantine");
            }
        }
        Ok(())
    }

    /// Whether it was there: another process may have been faster.
    async fn rename(&self, object: &Path, to: &Path) -> Result<bool> {
        match self.store.rename(object, to).await {
            Ok(()) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(away(error)),
        }
    }

    fn quarantine(&self) -> String {
        format!("{}-quarantine", self.folder)
    }

    async fn list(&self, folder: &str) -> Result<Vec<ObjectMeta>> {
        self.store.list(Some(&Path::from(folder))).try_collect().await.map_err(away)
    }
}

/// Since when an object is in the quarantine, and its own name.
fn parts_of(quarantined: &Path) -> (&str, &str) {
    quarantined.filename().and_then(|name| name.split_once('.')).unwrap_or_default()
}

/// Those that no file of a case, no public file, and no destroyed one, is stored as.
async fn without_rows(db: &impl ConnectionTrait, objects: Vec<Path>) -> Result<Vec<Path>> {
    let mut unnamed = Vec::new();
    for chunk in objects.chunks(CHUNK) {
        let names: Vec<String> = chunk.iter().map(Path::to_string).collect();
        let of_cases = case_file::Entity::find()
            .select_only()
            .column(case_file::Column::Object)
            .filter(case_file::Column::Object.is_in(&names));
        let destroyed = destroyed_object::Entity::find().filter(destroyed_object::Column::Object.is_in(&names));
        let public = public_file::Entity::find()
            .select_only()
            .column(public_file::Column::Object)
            .filter(public_file::Column::Object.is_in(&names));
        let mut named: HashSet<String> = of_cases.into_tuple().all(db).await?.into_iter().collect();
        named.extend(public.into_tuple::<String>().all(db).await?);
        named.extend(destroyed.all(db).await?.into_iter().map(|row| row.object));
        unnamed.extend(chunk.iter().filter(|object| !named.contains(object.as_ref())).cloned());
    }
    Ok(unnamed)
}

/// What a local store was writing under a name of its own when the process ended; the store does not list it.
fn delete_half_written(folder: Option<&std::path::Path>, before: DateTime<Utc>) {
    let files = folder.and_then(|folder| std::fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    for file in files.filter(|file| file.file_name().to_string_lossy().contains('#')) {
        let is_old = |time| DateTime::<Utc>::from(time) < before;
        if file.metadata().and_then(|data| data.modified()).is_ok_and(is_old)
            && let Err(error) = std::fs::remove_file(file.path())
        {
            tracing::warn!(%error, "a half-written file could not be removed");
        }
    }
}
