//! Checkpoints: size and root of the log, signed. A signed note (C2SP, <https://c2sp.org/signed-note>) in the form of
//! <https://c2sp.org/tlog-checkpoint>, which other people's tools read as well.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use data_encoding::HEXLOWER;

use crate::auth::key::SigningKey;
use crate::domain::merkle::{Hash, sha256};

/// Ed25519, as signed notes number the algorithms.
const ALGORITHM: u8 = 1;

/// What a checkpoint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log it is of.
    pub origin: String,
    pub size: u64,
    pub root: Hash,
}

impl Checkpoint {
    fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, BASE64_STANDARD.encode(self.root))
    }

    /// The note, signed in the name of the log.
    pub fn sign(&self, key: &SigningKey) -> String {
        let text = self.text();
        let signature = [&key_id(&self.origin, key.public())[..], &key.sign(text.as_bytes())].concat();
        format!("{text}\n\u{2014} {} {}\n", self.origin, BASE64_STANDARD.encode(signature))
    }
}

fn key_id(name: &str, public: &[u8]) -> [u8; 4] {
    let hash = sha256(&[name.as_bytes(), b"\n", &[ALGORITHM], public]);
    [hash[0], hash[1], hash[2], hash[3]]
}

/// What checks the signatures of one log.
pub struct Verifier {
    name: String,
    id: [u8; 4],
    public: Vec<u8>,
}

impl Verifier {
    pub fn of(key: &SigningKey, origin: &str) -> Self {
        let public = key.public().to_vec();
        Self { name: origin.to_owned(), id: key_id(origin, &public), public }
    }

    /// The key as auditors keep it.
    pub fn text(&self) -> String {
        let key = [&[ALGORITHM][..], &self.public].concat();
        format!("{}+{}+{}", self.name, HEXLOWER.encode(&self.id), BASE64_STANDARD.encode(key))
    }

    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "the key must be NAME+ID+KEY, as `prongsai audit key` prints it".to_owned();
        let mut parts = text.trim().splitn(3, '+');
        let (name, id, key) = match (parts.next(), parts.next(), parts.next()) {
            (Some(name), Some(id), Some(key)) if !name.is_empty() => (name, id, key),
            _ => return Err(wrong()),
        };
        let id = HEXLOWER.decode(id.as_bytes()).map_err(|_| wrong())?;
        let key = BASE64_STANDARD.decode(key).map_err(|_| wrong())?;
        let (algorithm, public) = key.split_first().ok_or_else(wrong)?;
        if *algorithm != ALGORITHM || public.len() != 32 {
            return Err("the key is not an Ed25519 key".to_owned());
        }
        let computed = key_id(name, public);
        if id != computed {
            return Err("the key's id does not belong to its name and key".to_owned());
        }
        Ok(Self { name: name.to_owned(), id: computed, public: public.to_vec() })
    }

    /// What a note says, if this key has signed it.
    pub fn open(&self, note: &str) -> Result<Checkpoint, String> {
        let (text, signatures) = note.split_once("\n\n").ok_or("is not a signed note")?;
        let text = format!("{text}\n");
        let mut lines = text.lines();
        let origin = lines.next().filter(|origin| !origin.is_empty()).ok_or("has no origin")?.to_owned();
        let size = lines.next().unwrap_or_default();
        let size = size.parse().ok().filter(|number: &u64| number.to_string() == size).ok_or("has no size")?;
        let root = BASE64_STANDARD.decode(lines.next().unwrap_or_default()).ok();
        let root = root.and_then(|root| root.try_into().ok()).ok_or("has no root hash")?;
        let is_ours = |line: &str| {
            let (name, signature) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
            let signature = BASE64_STANDARD.decode(signature).ok()?;
            let (id, signature) = signature.split_at_checked(4)?;
            let ours = name == self.name && id == self.id;
            ours.then(|| UnparsedPublicKey::new(&ED25519, &self.public).verify(text.as_bytes(), signature).is_ok())
        };
        // A note may have been signed by witnesses as well.
        if signatures.lines().filter_map(is_ours).any(|good| good) {
            Ok(Checkpoint { origin, size, root })
        } else {
            Err(format!("is not signed by this key in the name {}", self.name))
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn a_note_is_read_by_whoever_has_the_key_and_not_when_it_was_changed() {
        let key = SigningKey::generate(DateTime::UNIX_EPOCH).unwrap();
        let checkpoint = Checkpoint { origin: "prongsai".into(), size: 17, root: [7; 32] };
        let note = checkpoint.sign(&key);
        let verifier = Verifier::parse(&Verifier::of(&key, "prongsai").text()).unwrap();
        assert_eq!(verifier.open(&note), Ok(checkpoint));
        for changed in [note.replace("17", "18"), note.replace("prongsai\n", "other\n"), note.replacen('\n', "\n\n", 1)]
        {
            assert!(verifier.open(&changed).is_err(), "{changed}");
        }
        let stranger = SigningKey::generate(DateTime::UNIX_EPOCH).unwrap();
        assert!(Verifier::of(&stranger, "prongsai").open(&note).is_err());
    }

    #[test]
    fn a_key_that_is_mistyped_is_told() {
        let text = Verifier::of(&SigningKey::generate(DateTime::UNIX_EPOCH).unwrap(), "prongsai").text();
        for wrong in ["", "prongsai", &text.replace("prongsai", "prongsay"), &text[..text.len() - 4]] {
            assert!(Verifier::parse(wrong).is_err(), "{wrong}");
        }
    }
}
