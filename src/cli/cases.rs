//! Retention of cases, and rotation of the content keys, for the operator.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::{message, one, opened, usable};
use prongsai::app::config::DatabaseArgs;
use prongsai::app::config::keys::{ContentKeyArgs, RetentionArgs};
use prongsai::app::retention;
use prongsai::audit_log::author::Author;
use prongsai::cases::retention::{Closed, Due};
use prongsai::cases::rotation;
use prongsai::clock;
use prongsai::crypto::owner_file;
use prongsai::domain::working_days::bangkok_day;

#[derive(Subcommand)]
pub enum Retention {
    /// List data whose retention has ended, and destroy what was listed on an earlier day, as the service does once a
    /// day
    Run {
        /// Show what would be listed or destroyed, without doing it
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        retention: RetentionArgs,
    },
    /// Confirm that the clock of this machine is right, so that retention continues; recorded in the audit log
    ConfirmClock,
}

#[derive(Subcommand)]
pub enum Keys {
    /// Make a new content key, re-encrypt the key of every case under it, and destroy the old content keys. The service
    /// keeps running; all its processes must read this file. Earlier backups can then only be read with a copy of the
    /// old keys
    Rotate(Rotation),
}

#[derive(Args)]
pub struct Rotation {
    #[command(flatten)]
    content: ContentKeyArgs,
    /// Seconds to wait for writes that started with the old keys
    #[arg(long, default_value_t = 15)]
    wait: u64,
}

pub async fn retention(command: Retention, database: &DatabaseArgs) -> Result<(), Vec<String>> {
    let db = opened(database).await?;
    let now = db.now();
    let (dry_run, spans) = match command {
        Retention::ConfirmClock => {
            clock::confirm(&db).await.map_err(message)?;
            println!("{} is confirmed", now.format("%Y-%m-%d %H:%M UTC"));
            return Ok(());
        }
        Retention::Run { dry_run, retention } => (dry_run, retention.read().map_err(one)?),
    };
    let today = bangkok_day(now);
    if !dry_run {
        let (run, done) = retention::run(&db, &Author::program("retention"), &spans, today).await;
        if let Some(doubt) = run.doubt {
            return Err(one(doubt.sentence(now)));
        }
        println!("{} destroyed, {} listed for a later day", run.destroyed, run.listed);
        return done.map_err(message);
    }
    let due = retention::due(db.reader(), &spans, today).await.map_err(message)?;
    for (due, since) in &due {
        let Due { closed: Closed { id: _, reference, kind, outcome, closed_on }, ends_on } = due;
        let listed = since.map_or("not listed yet".to_owned(), |since| format!("listed since {since}"));
        println!("{reference}  {kind} {outcome}, closed on {closed_on}, kept until {ends_on}, {listed}");
    }
    let ripe = due.iter().filter(|(_, since)| since.is_some_and(|since| since < today)).count();
    println!("{ripe} would be destroyed, {} listed for a later day", due.len() - ripe);
    Ok(())
}

/// Held for as long as the file of keys is being changed.
fn alone(file: &Path) -> Result<File, String> {
    let lock = PathBuf::from(format!("{}.lock", file.display()));
    let message = |error: &dyn std::fmt::Display| format!("{}: {error}", lock.display());
    let held = File::create(&lock).map_err(|error| message(&error))?;
    held.try_lock().map_err(|_| message(&"another rotation is under way"))?;
    Ok(held)
}

/// Cases re-encrypted in one transaction.
const BATCH: u64 = 500;

pub async fn keys(command: Keys, database: &DatabaseArgs) -> Result<(), Vec<String>> {
    let Keys::Rotate(Rotation { content, wait }) = command;
    let db = usable(database).await?;
    let file = content.content_keys.clone().unwrap_or_default();
    // Two concurrent rotations would destroy each other's keys.
    let _alone = alone(&file).map_err(one)?;
    let ring = Arc::new(content.read().map_err(one)?.renewed().map_err(one)?);
    owner_file::replace(&file, &ring.text()).map_err(one)?;
    tokio::time::sleep(Duration::from_secs(wait)).await;
    let resealed = rotation::reseal(&db, &ring, BATCH).await.map_err(message)?;
    if content.read().map_err(one)?.text() != ring.text() {
        let file = file.display();
        return Err(one(format!(
            "{file} was changed by somebody else meanwhile; it keeps all keys: look at it and rotate again"
        )));
    }
    owner_file::replace(&file, &ring.newest().map_err(one)?.text()).map_err(one)?;
    println!("{} (key {}), {resealed} cases sealed anew", file.display(), ring.id());
    db.purge_deleted().await.map_err(message)
}
