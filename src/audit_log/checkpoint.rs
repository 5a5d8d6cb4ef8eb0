//! Checkpoints: size and root of the audit log, as a signed note in the form of <https://c2sp.org/tlog-checkpoint>.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, Utc};
use entity::audit_checkpoint;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};

use super::AuditLog;
use crate::crypto::keys::SigningKey;
use crate::crypto::signed_note::{self, Verifier};
use crate::domain::merkle::{Edge, Hash};
use crate::domain::working_days::{self, bangkok_day};
use crate::error::{Code, Result};

/// How a log does not continue the one that was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Divergence {
    /// It ends before.
    Shorter,
    /// It has other events.
    Forked,
}

/// What a checkpoint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log it is of.
    pub origin: String,
    pub size: u64,
    pub root: Hash,
}

impl Checkpoint {
    /// The note, signed in the name of the log.
    pub fn sign(&self, key: &SigningKey) -> String {
        let text = format!("{}\n{}\n{}\n", self.origin, self.size, BASE64_STANDARD.encode(self.root));
        signed_note::sign(&text, &self.origin, key)
    }

    /// What a note says, if this key has signed it.
    pub fn open(note: &str, verifier: &Verifier) -> Result<Self, String> {
        Self::read(&verifier.open(note)?)
    }

    /// What a note says. Its signature is not checked.
    pub fn parse(note: &str) -> Result<Self, String> {
        Self::read(&signed_note::parse(note)?.0)
    }

    fn read(text: &str) -> Result<Self, String> {
        let mut lines = text.split('\n');
        let origin = lines.next().filter(|origin| !origin.is_empty()).ok_or("has no origin")?.to_owned();
        let size = lines.next().unwrap_or_default();
        let is_size = |number: &u64| number.to_string() == size && i64::try_from(*number).is_ok();
        let size = size.parse().ok().filter(is_size).ok_or("has no size")?;
        let root = BASE64_STANDARD.decode(lines.next().unwrap_or_default()).ok();
        let root = root.and_then(|root| root.try_into().ok()).ok_or("has no root hash")?;
        Ok(Self { origin, size, root })
    }
}

/// The public checkpoint: the last one before today in Bangkok. A checkpoint that changes with each event would
/// disclose when a complaint was filed.
pub async fn for_everybody(db: &impl ConnectionTrait, log: &AuditLog, now: DateTime<Utc>) -> Result<String> {
    let midnight = working_days::midnight(bangkok_day(now));
    match before(db, midnight).await? {
        Some(note) => Ok(note),
        None => signed(log, 0, Edge::default().root()),
    }
}

/// A checkpoint of now. What is not the log that was signed before is not signed.
pub fn signed(log: &AuditLog, size: u64, root: Hash) -> Result<String> {
    if log.broken.get().is_some() {
        return Err(Code::LogBroken.into());
    }
    Ok(Checkpoint { origin: log.origin.clone(), size, root }.sign(&log.key))
}

/// The last checkpoint that was signed, of those before an instant.
async fn before(db: &impl ConnectionTrait, instant: DateTime<Utc>) -> Result<Option<String>> {
    let last = audit_checkpoint::Entity::find()
        .filter(audit_checkpoint::Column::SignedAt.lt(instant))
        .order_by_desc(audit_checkpoint::Column::Size)
        .one(db);
    Ok(last.await?.map(|checkpoint| checkpoint.note))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_by_whoever_has_the_key_and_not_when_it_was_changed() {
        let key = SigningKey::generate(DateTime::UNIX_EPOCH).unwrap();
        let checkpoint = Checkpoint { origin: "prongsai".into(), size: 17, root: [7; 32] };
        let note = checkpoint.sign(&key);
        let verifier = Verifier::parse(&Verifier::of(&key, "prongsai").text()).unwrap();
        assert_eq!(Checkpoint::open(&note, &verifier), Ok(checkpoint));
        for changed in [note.replace("17", "18"), note.replace("prongsai\n", "other\n"), note.replacen('\n', "\n\n", 1)]
        {
            assert!(Checkpoint::open(&changed, &verifier).is_err(), "{changed}");
        }
        let stranger = SigningKey::generate(DateTime::UNIX_EPOCH).unwrap();
        assert!(Checkpoint::open(&note, &Verifier::of(&stranger, "prongsai")).is_err());
    }
}
