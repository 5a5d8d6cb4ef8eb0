//! Rotation of the content keys, for the operator.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::{message, one, usable};
use prongsai::app::config::DatabaseArgs;
use prongsai::app::config::keys::ContentKeyArgs;
use prongsai::cases::rotation;
use prongsai::crypto::owner_file;

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
