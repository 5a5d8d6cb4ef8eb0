//! Signed notes (C2SP, <https://c2sp.org/signed-note>): a text with signatures, in a format that other tools verify as
//! well.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use data_encoding::HEXLOWER;

use crate::crypto::keys::SigningKey;
use crate::domain::merkle::sha256;

/// Ed25519, as signed notes number the algorithms.
const ALGORITHM: u8 = 1;

/// The text, which ends with a line end and has no empty line, signed in a name.
pub fn sign(text: &str, name: &str, key: &SigningKey) -> String {
    let signature = [&key_id(name, key.public())[..], &key.sign(text.as_bytes())].concat();
    format!("{text}\n\u{2014} {name} {}\n", BASE64_STANDARD.encode(signature))
}

fn key_id(name: &str, public: &[u8]) -> [u8; 4] {
    let hash = sha256(&[name.as_bytes(), b"\n", &[ALGORITHM], public]);
    [hash[0], hash[1], hash[2], hash[3]]
}

/// A name, and what it has signed a note with.
type Signature<'a> = (&'a str, &'a str);

/// The text of a note, and its signatures. They are not checked.
pub fn parse(note: &str) -> Result<(String, Vec<Signature<'_>>), String> {
    let signature = |line| {
        let (name, signature) = str::strip_prefix(line, "\u{2014} ")?.split_once(' ')?;
        let is_word = |word: &str| !word.is_empty() && !word.contains(char::is_whitespace);
        (is_word(name) && is_word(signature)).then_some((name, signature))
    };
    let parts = note.split_once("\n\n").and_then(|(text, signatures)| {
        let signatures = signatures.strip_suffix('\n')?.split('\n').map(signature).collect::<Option<_>>()?;
        Some((format!("{text}\n"), signatures))
    });
    parts.ok_or_else(|| "is not a signed note".to_owned())
}

/// What checks the signatures of one name.
pub struct Verifier {
    name: String,
    id: [u8; 4],
    public: Vec<u8>,
}

impl Verifier {
    pub fn of(key: &SigningKey, name: &str) -> Self {
        let public = key.public().to_vec();
        Self { name: name.to_owned(), id: key_id(name, &public), public }
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

    /// The text of a note, if this key has signed it.
    pub fn open(&self, note: &str) -> Result<String, String> {
        let (text, signatures) = parse(note)?;
        let is_ours = |(name, signature): (&str, &str)| {
            let signature = BASE64_STANDARD.decode(signature).ok()?;
            let (id, signature) = signature.split_at_checked(4)?;
            let ours = name == self.name && id == self.id;
            ours.then(|| UnparsedPublicKey::new(&ED25519, &self.public).verify(text.as_bytes(), signature).is_ok())
        };
        // A note may have been signed by others as well.
        if signatures.into_iter().filter_map(is_ours).any(|good| good) {
            Ok(text)
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
    fn a_key_that_is_mistyped_is_told() {
        let text = Verifier::of(&SigningKey::generate(DateTime::UNIX_EPOCH).unwrap(), "prongsai").text();
        for wrong in ["", "prongsai", &text.replace("prongsai", "prongsay"), &text[..text.len() - 4]] {
            assert!(Verifier::parse(wrong).is_err(), "{wrong}");
        }
    }
}
