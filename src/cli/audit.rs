//! The audit log: exporting and verifying it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Subcommand;

use super::{message, one, print_findings, usable};
use prongsai::app::config::DatabaseArgs;
use prongsai::app::config::keys::AuditKeyArgs;
use prongsai::app::resources;
use prongsai::audit::{export, store, verify};
use prongsai::audit_log::checkpoint::Checkpoint;
use prongsai::crypto::signed_note::Verifier;

#[derive(Subcommand)]
pub enum Audit {
    /// Write the log as JSON Lines to standard output
    Export {
        #[command(flatten)]
        database: DatabaseArgs,
        #[command(flatten)]
        key: AuditKeyArgs,
        /// Name of the log
        #[arg(long, env = "PRONGSAI_ISSUER", default_value = "prongsai")]
        issuer: String,
    },
    /// Verify an export, without server and database. Fails if anything is wrong, and says where
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

pub async fn audit(command: Audit) -> Result<(), Vec<String>> {
    match command {
        Audit::Key { key, issuer } => {
            println!("{}", Verifier::of(&key.read().map_err(one)?, &issuer).text());
            Ok(())
        }
        Audit::Export { database, key, issuer } => {
            let db = usable(&database).await?;
            // With the key the log is signed first; without it, what came after the last checkpoint is covered by none.
            if key.audit_key.is_some() {
                let key = Arc::new(key.read().map_err(one)?);
                store::sign(&db, &key, &issuer).await.map_err(message)?;
            }
            let mut file = export::to_file(&db, &issuer, resources::RECORDS).await.map_err(message)?;
            std::io::copy(&mut file, &mut std::io::stdout()).map_err(|error| one(error.to_string()))?;
            Ok(())
        }
        Audit::Verify { export, key, since } => check(&export, &key, since.as_deref()),
    }
}

fn check(export: &Path, key: &str, since: Option<&Path>) -> Result<(), Vec<String>> {
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
                Checkpoint::open(&note, &verifier)
                    .map_err(|error| one(format!("--since: {} {error}", file.display())))?,
            )
        }
        None => None,
    };
    let lines = std::io::BufReader::new(std::fs::File::open(export).map_err(unreadable(export))?);
    let report = verify::verify(lines, &verifier, since.as_ref()).map_err(unreadable(export))?;
    print_findings(&report.findings);
    println!("{}", report.summary());
    if report.findings.is_empty() { Ok(()) } else { Err(Vec::new()) }
}
