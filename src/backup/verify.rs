//! Finding out whether a backup is whole. Nothing is written to it.

use std::path::Path;

use entity::case_key;
use indicatif::ProgressBar;
use sea_orm::{ConnectionTrait, DatabaseConnection, EntityTrait, Statement};

use super::contents::{self, Contents, FileKind, FileRow};
use super::manifest::{self, Kind, Manifest};
use super::{at, folder, postgres};
use crate::audit_log::checkpoint::Checkpoint;
use crate::cases::blobs::is_sealed_whole;
use crate::cases::vault::{ContentKeys, Vault};
use crate::crypto::signed_note::Verifier;

/// What can be checked with keys.
#[derive(Default)]
pub struct Keys {
    /// Checks the signature of the newest checkpoint.
    pub verifier: Option<Verifier>,
    /// Opens files.
    pub content: Option<ContentKeys>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Report {
    pub findings: Vec<String>,
    /// What was not checked, and why.
    pub unchecked: Vec<String>,
}

/// Everything that is wrong with a backup.
pub async fn verify(backup: &Path, manifest: &Manifest, keys: Keys, progress: &ProgressBar) -> Result<Report, String> {
    let mut report = Report { findings: files(backup, manifest, progress)?, unchecked: Vec::new() };
    let absent = |name: &String| format!("{name}: was missing when the backup was made, and a row names it");
    report.findings.extend(manifest.missing.iter().map(absent));
    report.signature(manifest, keys.verifier.as_ref());
    let name = manifest.database.file();
    if report.findings.iter().any(|finding| finding.starts_with(name)) {
        report.unchecked.push(format!("what is in {name}, because it is not the one that was written"));
        return Ok(report);
    }
    match manifest.database {
        Kind::Sqlite => report.sqlite(backup, manifest, keys.content).await?,
        Kind::Postgresql => {
            report.findings.extend(postgres::list(&backup.join(name)).await.err());
            let rows = "the rows and the audit log in database.dump: `prongsai restore` checks them";
            report.unchecked.push(rows.to_owned());
            if keys.content.is_some() {
                report
                    .unchecked
                    .push("whether files can be opened with --content-keys, for want of their rows".to_owned());
            }
        }
    }
    Ok(report)
}

/// Where the files of a backup are not the ones that were written.
pub fn files(backup: &Path, manifest: &Manifest, progress: &ProgressBar) -> Result<Vec<String>, String> {
    let (mut there, mut findings) = (folder::names(backup)?, Vec::new());
    if manifest.entry(manifest.database.file()).is_none() {
        findings.push(format!("{}: is not in the manifest", manifest.database.file()));
    }
    progress.set_length(manifest.files.iter().map(|entry| entry.size).sum());
    for entry in &manifest.files {
        let (name, path) = (&entry.name, folder::within(backup, &entry.name)?);
        let error = match path.symlink_metadata() {
            Err(_) => Some("is missing".to_owned()),
            Ok(found) if !found.is_file() => Some("is not a file".to_owned()),
            Ok(found) if found.len() != entry.size => Some(format!("has {} bytes, not {}", found.len(), entry.size)),
            Ok(_) => match std::fs::File::open(&path).and_then(folder::hash) {
                Ok((_, sha256)) if sha256 == entry.sha256 => None,
                Ok(_) => Some("is not the file that was written: its SHA-256 is another".to_owned()),
                Err(error) => Some(error.to_string()),
            },
        };
        findings.extend(error.map(|error| format!("{name}: {error}")));
        there.remove(name);
        progress.inc(entry.size);
    }
    there.remove(manifest::NAME);
    findings.extend(there.iter().map(|name| format!("{name}: is not in the manifest")));
    Ok(findings)
}

/// What SQLite itself finds.
pub async fn integrity(db: &DatabaseConnection) -> Result<Vec<String>, sea_orm::DbErr> {
    let ask = |sql: &str| db.query_all_raw(Statement::from_string(db.get_database_backend(), sql));
    let mut findings = Vec::new();
    for row in ask("PRAGMA integrity_check").await? {
        let result: String = row.try_get_by_index(0)?;
        findings.extend(Some(result).filter(|result| result != "ok").map(|result| format!("database: {result}")));
    }
    for row in ask("PRAGMA foreign_key_check").await? {
        let (table, parent): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(2)?);
        findings.push(format!("database: a row of {table} refers to one of {parent} that is not there"));
    }
    Ok(findings)
}

impl Report {
    pub fn summary(&self, manifest: &Manifest) -> String {
        let Manifest { made_at, database, audit_log, files, .. } = manifest;
        if !self.findings.is_empty() {
            return format!("FAILED: {} findings", self.findings.len());
        }
        format!("OK: {database} of {made_at}, {} files, {} events", files.len(), audit_log.events)
    }

    fn signature(&mut self, manifest: &Manifest, verifier: Option<&Verifier>) {
        match (&manifest.audit_log.checkpoint, verifier) {
            (None, _) => self.unchecked.push("any checkpoint: the log has not been signed yet".to_owned()),
            (Some(_), None) => {
                self.unchecked.push("the signature of the newest checkpoint, without --audit-key or --key".to_owned());
            }
            (Some(note), Some(verifier)) => {
                let error = Checkpoint::open(note, verifier).err();
                self.findings.extend(error.map(|error| format!("checkpoint: {error}")));
            }
        }
    }

    async fn sqlite(&mut self, backup: &Path, manifest: &Manifest, content: Option<ContentKeys>) -> Result<(), String> {
        let file = backup.join(manifest.database.file());
        let db = contents::open(&file).await?;
        self.findings.extend(integrity(&db).await.map_err(|error| at(&file)(&error))?);
        let contents = match contents::read(&db).await {
            Ok(contents) => contents,
            Err(error) => {
                self.findings.push(format!("database: {error}"));
                return Ok(());
            }
        };
        self.findings.extend(contents.differences(&db, manifest).await);
        match content {
            Some(keys) => self.open_files(backup, &db, &contents, &Vault::new(keys, None)).await,
            None => self.unchecked.push("whether files can be opened, without --content-keys".to_owned()),
        }
        db.close().await.map_err(|error| at(&file)(&error))
    }

    async fn open_files(&mut self, backup: &Path, db: &DatabaseConnection, contents: &Contents, vault: &Vault) {
        for row in &contents.files {
            // That it is missing is reported already.
            let Ok(object) = std::fs::read(backup.join(row.name())) else { continue };
            let error = opening_error(db, row, &object, vault).await;
            self.findings.extend(error.map(|error| format!("{}: {error}", row.name())));
        }
    }
}

async fn opening_error(db: &DatabaseConnection, row: &FileRow, object: &[u8], vault: &Vault) -> Option<String> {
    // The hash of a public file was compared with its row already.
    let FileKind::OfCase { id, case_id } = row.kind else { return None };
    let sealed = match case_key::Entity::find_by_id(case_id).one(db).await {
        Ok(Some(sealed)) => sealed,
        Ok(None) => return Some("its case has no key".to_owned()),
        Err(error) => return Some(error.to_string()),
    };
    match vault.open(&sealed) {
        Err(_) => Some("its case cannot be opened with these content keys".to_owned()),
        Ok(key) if is_sealed_whole(&key, id, row.size(), object) => None,
        Ok(_) => Some("cannot be opened".to_owned()),
    }
}
