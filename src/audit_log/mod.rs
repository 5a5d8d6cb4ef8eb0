//! The audit log: who wrote what, in a Merkle tree that is signed.

pub mod append;
pub mod author;
pub mod checkpoint;
pub mod checkpoint_file;
pub mod followed;
pub mod names;

use std::fmt;
use std::sync::{Arc, OnceLock};

use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use sea_orm::DatabaseTransaction;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use checkpoint::Checkpoint;
use checkpoint_file::CheckpointFile;

use crate::crypto::keys::SigningKey;
use crate::crypto::signed_note::Verifier;
use crate::error::{Code, Error, Result};

/// The records of one resource, as lines of the export.
pub type Records = for<'a> fn(&'a DatabaseTransaction) -> BoxFuture<'a, Result<BoxStream<'a, Result<Value>>>>;

/// The background job that signs the log.
pub const SIGNING: &str = "audit_log";

/// Why nothing may be written, in a sentence for the operator's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// The log is not the one that was signed.
    Changed(String),
    /// The log does not continue the newest checkpoint outside the database.
    Restored(String),
}

impl Broken {
    /// What an operator does, for everybody to see: without anything of the log.
    pub fn reason(&self) -> &'static str {
        match self {
            Broken::Changed(_) => "the audit log is not the one that was signed: change nothing, and call the auditors",
            Broken::Restored(_) => {
                "the audit log does not continue the newest checkpoint that was signed, as after the restore of an older \
                 backup: if one was restored, run `prongsai audit acknowledge-restore` and start the service again"
            }
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Broken::Changed(error) | Broken::Restored(error)) = self;
        f.write_str(error)
    }
}

/// What the service has of its log, beside the events in the database.
pub struct AuditLog {
    /// Signs the checkpoints.
    pub key: Arc<SigningKey>,
    /// The name of the log in its checkpoints.
    pub origin: String,
    /// The newest checkpoints outside the database; a demonstration has none.
    pub file: Option<Arc<CheckpointFile>>,
    /// Why nothing may be written.
    pub broken: Arc<OnceLock<Broken>>,
    /// The whole log was verified against its signed checkpoint.
    pub was_read: OnceLock<()>,
    /// One at a time: an export reads everything.
    pub exports: Semaphore,
    /// The records of all resources.
    pub records: &'static [Records],
}

impl AuditLog {
    pub fn new(
        key: SigningKey,
        origin: String,
        file: Option<CheckpointFile>,
        broken: Arc<OnceLock<Broken>>,
        records: &'static [Records],
    ) -> Self {
        let (key, file) = (Arc::new(key), file.map(Arc::new));
        Self { key, origin, file, broken, was_read: OnceLock::new(), exports: Semaphore::new(1), records }
    }

    /// The newest checkpoint outside the database. It is asked for before the log is: other processes sign as well, and the
    /// log of later has whatever they have signed.
    pub async fn kept(&self) -> Result<Option<Checkpoint>> {
        self.in_file(|file| file.newest()).await.map(Option::flatten)
    }

    /// All of them, the last one first.
    pub async fn all_kept(&self) -> Result<Vec<Checkpoint>> {
        self.in_file(|file| file.all()).await.map(Option::unwrap_or_default)
    }

    /// Keeps a checkpoint of the log outside the database.
    pub async fn keep(&self, note: String) -> Result<()> {
        self.in_file(move |file| file.keep(&note)).await.map(drop)
    }

    /// Keeps the first checkpoint after a restore.
    pub async fn keep_after_restore(&self, note: String) -> Result<()> {
        self.in_file(move |file| file.keep_after_restore(&note)).await.map(drop)
    }

    /// Files block the thread that reads and writes them.
    async fn in_file<T: Send + 'static>(
        &self,
        work: impl FnOnce(&CheckpointFile) -> Result<T, String> + Send + 'static,
    ) -> Result<Option<T>> {
        let Some(file) = self.file.clone() else { return Ok(None) };
        let done = spawn_blocking(move || work(&file)).await.map_err(Error::internal)?;
        done.map(Some).map_err(|error| {
            let error = format!("--checkpoint-file: {error}");
            Code::Internal.because(error.clone(), error)
        })
    }

    pub fn verifier(&self) -> Verifier {
        Verifier::of(&self.key, &self.origin)
    }
}
