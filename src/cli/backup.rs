//! Backups: making, verifying and restoring them.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use super::{connect, one, print_findings};
use prongsai::app::config::DatabaseArgs;
use prongsai::app::config::files::AttachmentArgs;
use prongsai::app::config::keys::{AuditKeyArgs, ContentKeyArgs, CustodianKeyArgs};
use prongsai::audit_log::checkpoint::Checkpoint;
use prongsai::backup::create::{self, Source};
use prongsai::backup::manifest::Manifest;
use prongsai::backup::{restore as restoring, verify};
use prongsai::cases::vault::ContentKeys;
use prongsai::crypto::keys::KeyRing;
use prongsai::crypto::signed_note::Verifier;
use prongsai::db;

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Backup {
    #[command(subcommand)]
    command: Option<Check>,
    /// Folder for the backup, which must be empty or not exist; it becomes readable by its owner alone
    #[arg(required = true)]
    target: Option<PathBuf>,
    /// `sqlite:PATH`, or `postgres://USER:PASSWORD@HOST/NAME`
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, default_value = "sqlite:data/prongsai.db")]
    database_url: String,
    #[command(flatten)]
    attachments: AttachmentArgs,
    /// Include the key files: anyone who has the backup can then read the texts of cases, and sign in the service's
    /// name
    #[arg(long)]
    with_keys: bool,
    /// File with the private keys of tokens
    #[arg(long, env = "PRONGSAI_SIGNING_KEY", value_name = "FILE")]
    signing_key: Option<PathBuf>,
    #[command(flatten)]
    audit: AuditKeyArgs,
    #[command(flatten)]
    content: ContentKeyArgs,
    #[command(flatten)]
    custodians: CustodianKeyArgs,
}

#[derive(Subcommand)]
enum Check {
    /// Verify a backup without changing it; fails and lists the errors if there are any
    Verify(Verify),
}

#[derive(Args)]
struct Verify {
    /// Folder of the backup
    backup: PathBuf,
    /// The verifier key that `audit key` prints, or a file with it: checks the signature of the newest checkpoint
    #[arg(long, value_name = "VERIFIER|FILE")]
    key: Option<String>,
    #[command(flatten)]
    audit: AuditKeyArgs,
    #[command(flatten)]
    content: ContentKeyArgs,
}

#[derive(Args)]
pub struct Restore {
    /// Folder of the backup
    backup: PathBuf,
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    attachments: AttachmentArgs,
}

pub async fn backup(args: Backup) -> Result<(), Vec<String>> {
    match (&args.command, &args.target) {
        (Some(Check::Verify(verify)), _) => check(verify).await,
        (None, Some(target)) => make(&args, target).await,
        (None, None) => Err(one("TARGET: is required".to_owned())),
    }
}

async fn make(args: &Backup, target: &Path) -> Result<(), Vec<String>> {
    let database = DatabaseArgs { database_url: args.database_url.clone() };
    let attachments = args.attachments.place(&database).map_err(one)?;
    let keys = if args.with_keys { args.keys()? } else { Vec::new() };
    let url = &database.database_url;
    if url.starts_with("sqlite:") && !db::file_of(url).exists() {
        return Err(one(format!("--database-url: there is no database at {}", db::file_of(url).display())));
    }
    let db = connect(&database).await?;
    let source = Source { db: &db, database_url: url, attachments: &attachments, keys: &keys };
    let bar = bar();
    let made = create::create(&source, target, &bar).await;
    bar.finish_and_clear();
    db.close().await;
    let manifest = made.map_err(one)?;
    let Manifest { database, audit_log, files, missing, schema, .. } = &manifest;
    let bytes: u64 = files.iter().map(|entry| entry.size).sum();
    println!("{}: {database} at {schema}, {} events", target.display(), audit_log.events);
    println!("{} files, {bytes} bytes", files.len());
    if keys.is_empty() {
        println!("without keys: keep these files elsewhere, a backup is of no use without them");
        for (setting, file) in args.named_keys() {
            println!("  --{setting} {}", file.map_or("FILE".to_owned(), |file| file.display().to_string()));
        }
    }
    for name in missing {
        println!("{name}: is missing, and a row names it");
    }
    if missing.is_empty() { Ok(()) } else { Err(one(format!("{} files are missing", missing.len()))) }
}

impl Backup {
    fn named_keys(&self) -> [(&'static str, Option<&PathBuf>); 4] {
        [
            ("signing-key", self.signing_key.as_ref()),
            ("audit-key", self.audit.audit_key.as_ref()),
            ("content-keys", self.content.content_keys.as_ref()),
            ("custodian-keys", self.custodians.custodian_keys.as_ref()),
        ]
    }

    /// The files of keys, once it is known that they are what they should be.
    fn keys(&self) -> Result<Vec<(&'static str, PathBuf)>, Vec<String>> {
        let signing =
            self.signing_key.as_deref().ok_or_else(|| "--signing-key: is required with --with-keys".to_owned());
        let signing = signing.and_then(|file| KeyRing::read(file).map_err(|error| format!("--signing-key: {error}")));
        let read = [
            signing.map(drop),
            self.audit.read().map(drop),
            self.content.read().map(drop),
            self.custodians.read().map(drop),
        ];
        let errors: Vec<_> = read.into_iter().filter_map(Result::err).collect();
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(self.named_keys().into_iter().filter_map(|(setting, file)| Some((setting, file?.clone()))).collect())
    }
}

async fn check(args: &Verify) -> Result<(), Vec<String>> {
    let manifest = Manifest::read(&args.backup).map_err(one)?;
    let keys =
        verify::Keys { verifier: args.verifier(&manifest).map_err(one)?, content: args.content_keys().map_err(one)? };
    let bar = bar();
    let report = verify::verify(&args.backup, &manifest, keys, &bar).await;
    bar.finish_and_clear();
    let report = report.map_err(one)?;
    print_findings(&report.findings);
    for unchecked in &report.unchecked {
        println!("not checked: {unchecked}");
    }
    println!("{}", report.summary(&manifest));
    if report.findings.is_empty() { Ok(()) } else { Err(Vec::new()) }
}

impl Verify {
    /// What checks the checkpoint, which says of which log it is.
    fn verifier(&self, manifest: &Manifest) -> Result<Option<Verifier>, String> {
        if let Some(key) = &self.key {
            let text = std::fs::read_to_string(key).unwrap_or_else(|_| key.clone());
            return Verifier::parse(&text).map(Some).map_err(|error| format!("--key: {error}"));
        }
        if self.audit.audit_key.is_none() {
            return Ok(None);
        }
        let key = self.audit.read()?;
        let checkpoint = manifest.checkpoint().map_err(|error| format!("checkpoint: {error}"))?;
        Ok(checkpoint.map(|checkpoint| Verifier::of(&key, &checkpoint.origin)))
    }

    fn content_keys(&self) -> Result<Option<ContentKeys>, String> {
        self.content.content_keys.as_ref().map(|_| self.content.read()).transpose()
    }
}

pub async fn restore(args: Restore) -> Result<(), Vec<String>> {
    let Restore { backup, database, attachments } = args;
    let manifest = Manifest::read(&backup).map_err(one)?;
    let place = attachments.place(&database).map_err(one)?;
    if let Some(error) = database.url_error() {
        return Err(one(error));
    }
    let bar = bar();
    let restored = restoring::restore(&backup, &manifest, &database.database_url, &place, &bar).await;
    bar.finish_and_clear();
    let findings = restored?;
    print_findings(&findings);
    for name in &manifest.missing {
        println!("{name}: was missing when the backup was made");
    }
    println!("restored: {} of {}, {} events", manifest.database, manifest.made_at, manifest.audit_log.events);
    print_next(&backup, &manifest, &place)?;
    if findings.is_empty() {
        Ok(())
    } else {
        Err(one(format!("{} findings; the restored data is not whole", findings.len())))
    }
}

/// What an operator does after a restore; docs/operations.md has more.
fn print_next(backup: &Path, manifest: &Manifest, attachments: &str) -> Result<(), Vec<String>> {
    let checkpoint = manifest.checkpoint().map_err(one)?;
    let keys = backup.join("keys").display().to_string();
    let keys = if manifest.keys.is_empty() { "This backup has none of them" } else { &*format!("They are in {keys}") };
    let issuer = checkpoint.as_ref().map(|checkpoint| format!("--issuer {}", checkpoint.origin));
    let issuer = issuer.unwrap_or_else(|| "the --issuer of before".to_owned());
    println!("1. Put the files of keys in their places. {keys}.");
    println!("2. Run `prongsai migrate`, then `prongsai serve` with --attachments {attachments}, {issuer}");
    println!("   and the other settings of before.");
    match &checkpoint {
        Some(Checkpoint { size, .. }) => println!("3. Keep manifest.json: its checkpoint covers {size} events."),
        None => println!("3. The log has no checkpoint yet. Keep the first one that the service signs."),
    }
    println!(
        "4. If the service had signed events that this backup does not have, it writes nothing, and /health/ready"
    );
    println!("   reports log_broken. Stop it, and run `prongsai audit acknowledge-restore --reason TEXT`.");
    println!(
        "5. Tell the auditors. Anyone who holds a newer checkpoint finds that events were lost: docs/operations.md."
    );
    Ok(())
}

/// Shows progress on a terminal, and nothing anywhere else.
fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bytes} of {total_bytes} {wide_bar} {eta}");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
