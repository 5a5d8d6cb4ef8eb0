//! The audit log: exporting and verifying it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{message, one, opened, print_findings, usable, warn_of_clock};
use prongsai::app::config::DatabaseArgs;
use prongsai::app::config::keys::{AuditKeyArgs, AuditLogArgs};
use prongsai::app::resources;
use prongsai::audit::report::Outcome;
use prongsai::audit::restore::{self, Restore};
use prongsai::audit::{export, store, verify};
use prongsai::audit_log::AuditLog;
use prongsai::audit_log::checkpoint::Checkpoint;
use prongsai::crypto::signed_note::Verifier;
use prongsai::db::Db;
use prongsai::domain::text::without_bom;

#[derive(Subcommand)]
pub enum Audit {
    /// Write the log as JSON Lines to standard output
    Export {
        #[command(flatten)]
        database: DatabaseArgs,
        #[command(flatten)]
        log: LogArgs,
    },
    /// Acknowledge that an older copy of the database was restored: record what was lost, and sign the log again
    AcknowledgeRestore {
        /// Why it was restored, and by whom; auditors read it
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        database: DatabaseArgs,
        #[command(flatten)]
        log: LogArgs,
    },
    /// Verify an export, without server and database. Exits with 1 if anything is wrong, and says where, and with 3 if the
    /// checkpoint of --since is of the log before a restore that was acknowledged
    Verify {
        export: PathBuf,
        /// The verifier key that `audit key` prints, or a file with it
        #[arg(long)]
        key: String,
        /// A checkpoint that you have kept: the log must begin with it
        #[arg(long)]
        since: Option<PathBuf>,
    },
    /// Print the key that verifies the log, for auditors
    Key {
        #[command(flatten)]
        key: AuditKeyArgs,
        /// Name of the log
        #[arg(long, env = "PRONGSAI_ISSUER", default_value = "prongsai")]
        issuer: String,
    },
}

/// The name of a log, who signs it, and where that is kept.
#[derive(Args)]
pub struct LogArgs {
    #[command(flatten)]
    audit: AuditLogArgs,
    /// Name of the audit log
    #[arg(long, env = "PRONGSAI_ISSUER", default_value = "prongsai")]
    issuer: String,
}

impl LogArgs {
    fn open(&self, db: &Db) -> Result<AuditLog, Vec<String>> {
        let (key, file) = self.audit.open(&self.issuer).map_err(one)?;
        Ok(AuditLog::new(key, self.issuer.clone(), Some(file), db.log_is_broken.clone(), resources::RECORDS))
    }

    /// The log, of a command that has no need of the key.
    pub fn open_if_keyed(&self, db: &Db) -> Result<Option<AuditLog>, Vec<String>> {
        self.audit.key.audit_key.is_some().then(|| self.open(db)).transpose()
    }
}

pub async fn audit(command: Audit) -> Result<ExitCode, Vec<String>> {
    match command {
        Audit::Key { key, issuer } => println!("{}", Verifier::of(&key.read().map_err(one)?, &issuer).text()),
        Audit::Export { database, log } => write_export(&database, &log).await?,
        Audit::AcknowledgeRestore { reason, database, log } => acknowledge_restore(&reason, &database, &log).await?,
        Audit::Verify { export, key, since } => return check(&export, &key, since.as_deref()),
    }
    Ok(ExitCode::SUCCESS)
}

async fn write_export(database: &DatabaseArgs, args: &LogArgs) -> Result<(), Vec<String>> {
    let db = usable(database).await?;
    // With the key the log is signed first; without it, what came after the last checkpoint is covered by none.
    if let Some(log) = args.open_if_keyed(&db)? {
        let kept = log.kept().await.map_err(message)?;
        let signed = store::sign(&db, &log, kept).await.map_err(message)?;
        let note = signed.map_err(|broken| vec![broken.to_string(), broken.reason().to_owned()])?;
        log.keep(note).await.map_err(message)?;
    }
    let mut file = export::to_file(&db, &args.issuer, resources::RECORDS).await.map_err(message)?;
    std::io::copy(&mut file, &mut std::io::stdout()).map_err(|error| one(error.to_string()))?;
    Ok(())
}

/// Characters that a reason may have.
const LONGEST: usize = 500;

async fn acknowledge_restore(reason: &str, database: &DatabaseArgs, args: &LogArgs) -> Result<(), Vec<String>> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST || reason.contains(char::is_control) {
        return Err(one(format!("--reason: must be one line of 1 to {LONGEST} characters")));
    }
    let db = opened(database).await?;
    let log = args.open(&db)?;
    // Before the clock is looked at, which may write.
    let Some(restore) = restore::find(&db, &log, reason.to_owned()).await.map_err(message)? else {
        return Err(one("the log continues the newest checkpoint: there is nothing to acknowledge".to_owned()));
    };
    warn_of_clock(&db).await?;
    restore::acknowledge(&db, &log, &restore).await.map_err(message)?;
    let Restore { lost, found, .. } = &restore;
    println!("signed before: {} events; restored: {} events", lost.size, found.size);
    if let Some((first, last)) = restore.lost_events() {
        println!("events {first} to {last} were lost");
    }
    println!("recorded and signed; start the service again, and tell the auditors");
    Ok(())
}

/// The exit status of an outcome that is neither success nor failure.
const RESTORED: u8 = 3;

fn check(export: &Path, key: &str, since: Option<&Path>) -> Result<ExitCode, Vec<String>> {
    let unreadable = |file: &Path| {
        let file = file.display().to_string();
        move |error: std::io::Error| one(format!("{file}: {error}"))
    };
    let key = std::fs::read_to_string(key).unwrap_or_else(|_| key.to_owned());
    let verifier = Verifier::parse(&key).map_err(|error| one(format!("--key: {error}")))?;
    let since = match since {
        Some(file) => {
            let note = std::fs::read_to_string(file).map_err(unreadable(file))?;
            Some(
                Checkpoint::open(without_bom(&note), &verifier)
                    .map_err(|error| one(format!("--since: {} {error}", file.display())))?,
            )
        }
        None => None,
    };
    let lines = std::io::BufReader::new(std::fs::File::open(export).map_err(unreadable(export))?);
    let report = verify::verify(lines, &verifier, since.as_ref()).map_err(unreadable(export))?;
    print_findings(&report.findings);
    for told in report.destroyed.iter().chain(&report.restores) {
        println!("{}", told.replace(char::is_control, "?"));
    }
    println!("{}", report.summary());
    match report.outcome() {
        Outcome::Ok => Ok(ExitCode::SUCCESS),
        Outcome::Restored => Ok(RESTORED.into()),
        Outcome::Failed => Err(Vec::new()),
    }
}
