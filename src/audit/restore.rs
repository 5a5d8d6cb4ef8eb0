//! The restore of an older copy of the database, acknowledged: an event says what was lost, and the log is signed again.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

use super::store;
use crate::audit_log::append::Event;
use crate::audit_log::author::{Author, OPERATOR};
use crate::audit_log::checkpoint::{Checkpoint, Divergence};
use crate::audit_log::{AuditLog, Broken};
use crate::crypto::signed_note::{self, Verifier};
use crate::db::Db;
use crate::domain::merkle::Hash;
use crate::error::{Code, Error, Result};

/// What the log calls it.
pub const ACTION: &str = "acknowledge_restore";
pub const RESOURCE: &str = "audit";

/// The note of the event.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restore {
    pub reason: String,
    pub divergence: Divergence,
    /// The newest checkpoint that was signed before.
    pub lost: Tree,
    /// The log as it was found.
    pub found: Tree,
    /// The size of the newest checkpoint that both have.
    pub common: u64,
    /// All of it as a note that the audit key has signed: whoever has the database alone acknowledges nothing.
    pub signed: String,
}

/// A log of so many events.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tree {
    pub size: u64,
    /// Base64.
    pub root: String,
}

impl Tree {
    fn of(size: u64, root: Hash) -> Self {
        Self { size, root: BASE64_STANDARD.encode(root) }
    }
}

impl Restore {
    /// What is signed: the name of the log, what this is, and each field on a line of its own.
    fn text(&self, origin: &str) -> String {
        let Self { reason, divergence, lost, found, common, signed: _ } = self;
        let divergence = match divergence {
            Divergence::Shorter => "shorter",
            Divergence::Forked => "forked",
        };
        let trees = format!("{}\n{}\n{}\n{}", lost.size, lost.root, found.size, found.root);
        format!("{origin}\n{ACTION}\n{divergence}\n{trees}\n{common}\n{reason}\n")
    }

    /// The numbers of the first and the last event that were lost, as far as they are known: of a forked log, all since the newest
    /// checkpoint that both have. None if there are no such events.
    pub fn lost_events(&self) -> Option<(u64, u64)> {
        let first = match self.divergence {
            Divergence::Shorter => self.found.size,
            Divergence::Forked => self.common,
        };
        let last = self.lost.size.checked_sub(1)?;
        (first <= last).then_some((first, last))
    }
}

/// An event of the log that acknowledges a restore.
pub struct Acknowledgement {
    pub event: u64,
    at: String,
    pub restore: Restore,
    lost_events: (u64, u64),
}

impl Acknowledgement {
    /// An error if the detail of the event does not say what was lost, or was not signed.
    pub fn read(event: u64, detail: &str, origin: &str, verifier: &Verifier) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Detail {
            at: String,
            note: Restore,
        }
        let unclear = || "does not say what was lost".to_owned();
        let Detail { at, note: restore } = serde_json::from_str(detail).map_err(|_| unclear())?;
        let lost_events = restore.lost_events().ok_or_else(unclear)?;
        if verifier.open(&restore.signed)? != restore.text(origin) {
            return Err("is not the acknowledgement that was signed".to_owned());
        }
        Ok(Self { event, at, restore, lost_events })
    }

    /// Whether a checkpoint that the log does not continue is one of what was lost.
    pub fn explains(&self, since: &Checkpoint) -> bool {
        let Restore { lost, common, .. } = &self.restore;
        let is_the_lost_one = *lost == Tree::of(since.size, since.root);
        is_the_lost_one || (*common < since.size && since.size < lost.size)
    }

    /// For auditors.
    pub fn sentence(&self) -> String {
        let Self { event, at, restore, lost_events: (first, last) } = self;
        // What stands in a file must neither end the line nor steer the terminal.
        let printable = |text: &str| text.replace(char::is_control, "?");
        let (at, reason) = (printable(at), printable(&restore.reason));
        format!("restored at {at}: events {first} to {last} were lost, acknowledged in event {event}: {reason}")
    }
}

/// What was lost with the newest checkpoint outside the database; none if the log continues it. An error if the log is not one
/// that was signed, which no restore leaves behind.
pub async fn find(db: &Db, log: &AuditLog, reason: String) -> Result<Option<Restore>> {
    let (newest, kept) = (log.kept().await?, log.all_kept().await?);
    let moment = db.snapshot().await?;
    if let Some(broken) = store::inconsistency(&moment, &log.verifier(), None).await? {
        return Err(Code::LogBroken.because(broken.reason(), format!("{broken}; {}", broken.reason())));
    }
    let edge = store::edge(&moment).await?;
    let Some(lost) = &newest else { return Ok(None) };
    let Some(divergence) = store::divergence(&moment, &edge, lost).await? else { return Ok(None) };
    let mut common = 0;
    for checkpoint in &kept {
        if checkpoint.size > common && store::divergence(&moment, &edge, checkpoint).await?.is_none() {
            common = checkpoint.size;
        }
    }
    let (lost, found) = (Tree::of(lost.size, lost.root), Tree::of(edge.size, edge.root()));
    let restore = Restore { reason, divergence, lost, found, common, signed: String::new() };
    let signed = signed_note::sign(&restore.text(&log.origin), &log.origin, &log.key);
    Ok(Some(Restore { signed, ..restore }))
}

/// Records what was found, signs the log, and keeps the checkpoint as the newest one.
pub async fn acknowledge(db: &Arc<Db>, log: &AuditLog, restore: &Restore) -> Result<()> {
    let note = serde_json::to_value(restore).map_err(Error::internal)?;
    let event = Event::happened(ACTION, RESOURCE, None).with(note);
    db.write(&Author::program(OPERATOR), |write| async move { write.commit([event], ()) }).await?;
    let signed = store::sign(db, log, None).await?.map_err(|broken: Broken| Error::internal(broken.to_string()))?;
    log.keep_after_restore(signed).await
}
