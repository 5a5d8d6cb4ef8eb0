//! The audit log: who wrote what, in a Merkle tree that is signed.

pub mod append;
pub mod author;
pub mod checkpoint;

use std::sync::{Arc, OnceLock};

use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use sea_orm::DatabaseTransaction;
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::crypto::keys::SigningKey;
use crate::crypto::signed_note::Verifier;
use crate::error::Result;

/// The records of one resource, as lines of the export.
pub type Records = for<'a> fn(&'a DatabaseTransaction) -> BoxFuture<'a, Result<BoxStream<'a, Result<Value>>>>;

/// What the service has of its log, beside the events in the database.
pub struct AuditLog {
    /// Signs the checkpoints.
    pub key: Arc<SigningKey>,
    /// The name of the log in its checkpoints.
    pub origin: String,
    /// Why nothing may be written: the log is not the one that was signed.
    pub broken: Arc<OnceLock<String>>,
    /// The whole log was verified against its signed checkpoint.
    pub was_read: OnceLock<()>,
    /// One at a time: an export reads everything.
    pub exports: Semaphore,
    /// The records of all resources.
    pub records: &'static [Records],
}

impl AuditLog {
    pub fn verifier(&self) -> Verifier {
        Verifier::of(&self.key, &self.origin)
    }
}
