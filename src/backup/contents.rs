//! What the database of a backup has: schema, audit log, and the files that its rows name: those of cases and public ones.

use std::collections::HashMap;
use std::path::Path;

use entity::{case_file, public_file};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, EntityTrait, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::ATTACHMENTS;
use super::manifest::{AuditLog, Manifest};
use crate::audit::store;
use crate::cases::blobs::sealed_size;
use crate::db::migrate::{applied, newer};

pub struct Contents {
    /// The newest migration.
    pub schema: String,
    pub audit_log: AuditLog,
    pub files: Vec<FileRow>,
}

/// A file, as its row has it.
pub struct FileRow {
    pub object: String,
    /// Bytes as it was sent.
    size: i32,
    pub kind: FileKind,
}

pub enum FileKind {
    /// Sealed under the key of its case.
    OfCase { id: Uuid, case_id: Uuid },
    /// As it was sent.
    Public { sha256: String },
}

impl FileRow {
    /// Its name within a backup.
    pub fn name(&self) -> String {
        format!("{ATTACHMENTS}/{}", self.object)
    }

    /// Bytes as it was sent.
    pub fn size(&self) -> usize {
        usize::try_from(self.size).unwrap_or_default()
    }

    /// Bytes as it is stored.
    pub fn stored_size(&self) -> u64 {
        match self.kind {
            FileKind::OfCase { .. } => sealed_size(self.size()),
            FileKind::Public { .. } => self.size() as u64,
        }
    }
}

/// Opens a copy without writing anything beside it.
pub async fn open(file: &Path) -> Result<DatabaseConnection, String> {
    let (mut options, path) = (ConnectOptions::new("sqlite:copy"), file.to_owned());
    options.max_connections(1).sqlx_logging(false).map_sqlx_sqlite_opts(move |options| {
        options.filename(&path).create_if_missing(false).read_only(true).immutable(true).pragma("trusted_schema", "OFF")
    });
    Database::connect(options).await.map_err(|error| super::at(file)(&error))
}

/// The newest migration, unless this program does not know it.
pub async fn schema(db: &impl ConnectionTrait) -> Result<String, String> {
    let applied = applied(db).await.map_err(|error| error.to_string())?;
    if let Some(error) = newer(&applied) {
        return Err(error);
    }
    applied.into_iter().next_back().ok_or_else(|| "it has no schema of Prongsai".to_owned())
}

pub async fn read(db: &impl ConnectionTrait) -> Result<Contents, String> {
    let schema = schema(db).await?;
    let events = store::edge(db).await.map_err(|error| error.to_string())?.size;
    let checkpoint = store::last_checkpoint(db).await.map_err(|error| error.to_string())?.map(|last| last.note);
    let files = files(db, &schema).await.map_err(|error| error.to_string())?;
    Ok(Contents { schema, audit_log: AuditLog { events, checkpoint }, files })
}

/// The migration since which there are public files. A backup may be older.
const SINCE: &str = "m2026_12_02_000003_public_files_and_links";

async fn files(db: &impl ConnectionTrait, schema: &str) -> Result<Vec<FileRow>, DbErr> {
    use case_file::Column;
    let rows = case_file::Entity::find().select_only();
    let rows = rows.columns([Column::Id, Column::CaseId, Column::Size, Column::Object]);
    let rows: Vec<(Uuid, Uuid, i32, String)> = rows.order_by_asc(Column::Object).into_tuple().all(db).await?;
    let of_case = |(id, case_id, size, object)| FileRow { object, size, kind: FileKind::OfCase { id, case_id } };
    let mut files: Vec<_> = rows.into_iter().map(of_case).collect();
    if schema >= SINCE {
        let rows = public_file::Entity::find().order_by_asc(public_file::Column::Object).all(db).await?;
        files.extend(rows.into_iter().map(|row| FileRow {
            object: row.object,
            size: row.size,
            kind: FileKind::Public { sha256: row.sha256 },
        }));
    }
    Ok(files)
}

impl FileRow {
    /// Where a public file of a backup is not the one that was published.
    fn hash_difference(&self, manifest: &Manifest) -> Option<String> {
        let name = self.name();
        let FileKind::Public { sha256 } = &self.kind else { return None };
        let is_same = manifest.entry(&name).is_some_and(|entry| entry.sha256 == *sha256);
        (!is_same).then(|| format!("{name}: is not the public file of its row: its SHA-256 is another"))
    }
}

impl Contents {
    /// Where this database is not the one that the manifest describes, or not one with its files.
    pub async fn differences(&self, db: &impl ConnectionTrait, manifest: &Manifest) -> Vec<String> {
        let mut differences = Vec::new();
        if self.schema != manifest.schema {
            differences.push(format!("schema: is {}, the manifest says {}", self.schema, manifest.schema));
        }
        if self.audit_log != manifest.audit_log {
            differences.push("audit log: its size or newest checkpoint is not the one in the manifest".to_owned());
        }
        match manifest.checkpoint() {
            Err(error) => differences.push(format!("checkpoint: {error}")),
            Ok(last) => match store::inconsistency_from_texts(db, last.as_ref()).await {
                Ok(reason) => differences.extend(reason.map(|reason| format!("audit log: {reason}"))),
                Err(error) => differences.push(format!("audit log: {error}")),
            },
        }
        differences.extend(self.file_differences(manifest));
        differences
    }

    fn file_differences(&self, manifest: &Manifest) -> Vec<String> {
        let files = manifest.files.iter().filter(|entry| entry.name.starts_with(ATTACHMENTS));
        let mut sizes: HashMap<&str, u64> = files.map(|entry| (&*entry.name, entry.size)).collect();
        let mut differences = Vec::new();
        for row in &self.files {
            let (name, expected) = (row.name(), row.stored_size());
            match sizes.remove(&*name) {
                Some(size) if size == expected => differences.extend(row.hash_difference(manifest)),
                Some(size) => differences.push(format!("{name}: has {size} bytes, by its row {expected}")),
                None if manifest.missing.contains(&name) => {}
                None => differences.push(format!("{name}: is missing, and a row names it")),
            }
        }
        let mut unnamed: Vec<_> = sizes.into_keys().map(|name| format!("{name}: no row names it")).collect();
        unnamed.sort_unstable();
        differences.extend(unnamed);
        differences
    }
}
