//! The manifest: what a backup consists of, and which state of the database it has. It has no secret in it.

use std::fmt;
use std::io::Write;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{at, folder};
use crate::audit_log::checkpoint::Checkpoint;

/// The manifest's own name.
pub const NAME: &str = "manifest.json";

/// Version of the format.
const FORMAT: u64 = 1;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Sqlite,
    Postgresql,
}

impl Kind {
    /// The name of the database's copy.
    pub fn file(self) -> &'static str {
        match self {
            Kind::Sqlite => "database.sqlite",
            Kind::Postgresql => "database.dump",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Sqlite => "SQLite",
            Kind::Postgresql => "PostgreSQL",
        })
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u64,
    pub made_at: DateTime<Utc>,
    /// Version of the program that made it.
    pub program: String,
    pub database: Kind,
    /// The newest migration.
    pub schema: String,
    pub audit_log: AuditLog,
    /// Everything but the manifest itself.
    pub files: Vec<Entry>,
    /// Files that a row names and that were not there, by their names within a backup.
    pub missing: Vec<String>,
    /// Files of keys, by their names within the backup.
    pub keys: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditLog {
    /// How many events it has.
    pub events: u64,
    /// The newest signed note.
    pub checkpoint: Option<String>,
}

/// A file of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its path within the backup.
    pub name: String,
    /// In bytes.
    pub size: u64,
    /// In hexadecimal.
    pub sha256: String,
}

impl Manifest {
    pub fn new(database: Kind, schema: String, audit_log: AuditLog, made_at: DateTime<Utc>) -> Self {
        let program = env!("CARGO_PKG_VERSION").to_owned();
        let (files, missing, keys) = Default::default();
        Self { format: FORMAT, made_at, program, database, schema, audit_log, files, missing, keys }
    }

    pub fn read(backup: &Path) -> Result<Self, String> {
        if !backup.is_dir() {
            return Err(at(backup)(&"is not a folder"));
        }
        let file = backup.join(NAME);
        let text = std::fs::read(&file).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                at(backup)(&format!("has no {NAME}: it is no backup, or the backup was not finished"))
            }
            _ => at(&file)(&error),
        })?;
        let document: Value = serde_json::from_slice(&text).map_err(|error| at(&file)(&error))?;
        match document["format"].as_u64() {
            Some(FORMAT) => serde_json::from_value(document).map_err(|error| at(&file)(&error)),
            Some(format) if format > FORMAT => {
                Err(at(&file)(&format!("format {format} is newer than this program; use the newer prongsai")))
            }
            _ => Err(at(&file)(&"is not the manifest of a backup")),
        }
    }

    /// Makes the backup a finished one: the name appears once everything is on disk.
    pub fn write(&self, backup: &Path) -> Result<(), String> {
        let failed = |error: std::io::Error| at(&backup.join(NAME))(&error);
        let text = serde_json::to_string_pretty(self).map_err(|error| failed(error.into()))?;
        let mut partial =
            tempfile::Builder::new().prefix(NAME).suffix(".partial").tempfile_in(backup).map_err(failed)?;
        partial.write_all(format!("{text}\n").as_bytes()).map_err(failed)?;
        partial.as_file().sync_all().map_err(failed)?;
        partial.persist_noclobber(backup.join(NAME)).map_err(|error| failed(error.error))?;
        folder::sync(backup)
    }

    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.files.iter().find(|entry| entry.name == name)
    }

    /// The newest checkpoint of the log. Its signature is not checked.
    pub fn checkpoint(&self) -> Result<Option<Checkpoint>, String> {
        self.audit_log.checkpoint.as_deref().map(Checkpoint::parse).transpose()
    }
}
