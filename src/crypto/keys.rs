//! Ed25519 keys as PKCS #8 PEM files (RFC 8410), as `openssl genpkey -algorithm ed25519` makes them. A key ring signs
//! tokens, so that a new key can take over while tokens of the old key are still valid.

use std::fmt;
use std::path::Path;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use crate::domain::merkle::sha256;

pub struct SigningKey {
    pair: Ed25519KeyPair,
    pkcs8: Vec<u8>,
    /// None of a key that another program made.
    made: Option<DateTime<Utc>>,
}

/// Stands before a key in its file, where RFC 7468 lets texts stand that readers of PEM pass over.
const MADE: &str = "Made: ";
const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// The private key of the example in RFC 8410, section 10.3, which is public.
const EXAMPLE: &str = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC";

impl SigningKey {
    pub fn generate(now: DateTime<Utc>) -> Result<Self, String> {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).map_err(|_| "no key could be made")?;
        Self::from_pkcs8(pkcs8.as_ref(), Some(now))
    }

    /// The one key of a file.
    pub fn from_pem(pem: &str) -> Result<Self, String> {
        let KeyRing(mut keys) = KeyRing::from_pem(pem)?;
        let several = "has more than one key: the log keeps the one that it has begun with, the last in the file; take out the others";
        keys.pop().filter(|_| keys.is_empty()).ok_or_else(|| several.to_owned())
    }

    fn from_pkcs8(pkcs8: &[u8], made: Option<DateTime<Utc>>) -> Result<Self, String> {
        let key = Self::read(pkcs8, made)?;
        let secret = key.seed();
        if secret == Self::example()?.seed() || secret.iter().all(|byte| Some(byte) == secret.first()) {
            return Err("is an example, not a secret".to_owned());
        }
        Ok(key)
    }

    /// A public example key, for demonstrations; no real service accepts its signatures.
    pub fn example() -> Result<Self, String> {
        Self::read(&BASE64_STANDARD.decode(EXAMPLE).unwrap_or_default(), None)
    }

    fn read(pkcs8: &[u8], made: Option<DateTime<Utc>>) -> Result<Self, String> {
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|_| "is not an Ed25519 private key in PKCS #8")?;
        Ok(Self { pair, pkcs8: pkcs8.to_vec(), made })
    }

    /// The secret itself, without the algorithm before it and whatever a program has put behind it.
    fn seed(&self) -> &[u8] {
        self.pkcs8.get(16..48).unwrap_or_default()
    }

    pub fn to_pem(&self) -> String {
        let body = BASE64_STANDARD.encode(&self.pkcs8);
        let lines: Vec<_> = body.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
        let made = self.made.map(|made| format!("{MADE}{}\n", made.to_rfc3339_opts(SecondsFormat::Secs, true)));
        format!("{}{BEGIN}\n{}\n{END}\n", made.unwrap_or_default(), lines.join("\n"))
    }

    pub fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    pub fn public(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    /// Names the key in tokens: the first half of the SHA-256 of its public part.
    pub fn id(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(&sha256(&[self.public()])[..16])
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }

    /// Derives a key for another purpose; the same in every process with this key.
    pub fn derive(&self, purpose: &str) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.secret(purpose))
    }

    /// The same as bytes.
    pub fn secret(&self, purpose: &str) -> [u8; 32] {
        let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.pkcs8), purpose.as_bytes());
        let mut secret = [0; 32];
        secret.copy_from_slice(mac.as_ref());
        secret
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.id())
    }
}

/// The keys of tokens, the newest first. All verify, one signs.
#[derive(Debug)]
pub struct KeyRing(Vec<SigningKey>);

impl KeyRing {
    /// A new key signs only after every process has had time to load it.
    const RIPENS: TimeDelta = TimeDelta::seconds(60);

    /// The newest keys that are kept when another is made.
    const KEPT: usize = 3;

    pub fn of(key: SigningKey) -> Self {
        Self(vec![key])
    }

    pub fn from_pem(pem: &str) -> Result<Self, String> {
        let mut keys = Vec::new();
        for block in pem.split_inclusive(END).filter(|block| block.contains(BEGIN)) {
            let (before, body) = block.split_once(BEGIN).unwrap_or_default();
            let body: String = body.trim_end_matches(END).split_whitespace().collect();
            let made = before.lines().find_map(|line| line.strip_prefix(MADE)?.trim().parse().ok());
            let pkcs8 = BASE64_STANDARD.decode(body).map_err(|_| "is not a PEM file")?;
            keys.push(SigningKey::from_pkcs8(&pkcs8, made)?);
        }
        if keys.is_empty() { Err("has no private key in PEM".to_owned()) } else { Ok(Self(keys)) }
    }

    pub fn read(file: &Path) -> Result<Self, String> {
        let pem = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        Self::from_pem(&pem).map_err(|error| format!("{} {error}", file.display()))
    }

    pub fn to_pem(&self) -> String {
        self.0.iter().map(SigningKey::to_pem).collect()
    }

    /// With a new key, which takes over when it is ripe. Those before it stay for the tokens that they have signed.
    pub fn renewed(mut self, now: DateTime<Utc>) -> Result<Self, String> {
        if self.signing(now) != 0 {
            return Err("was renewed less than a minute ago, and its key does not sign yet".to_owned());
        }
        self.0.truncate(Self::KEPT);
        self.0.insert(0, SigningKey::generate(now)?);
        Ok(self)
    }

    pub fn keys(&self) -> &[SigningKey] {
        &self.0
    }

    /// Position of the key that signs now.
    pub fn signing(&self, now: DateTime<Utc>) -> usize {
        let ripe = |key: &SigningKey| key.made.is_none_or(|made| now - made >= Self::RIPENS);
        self.0.iter().position(ripe).unwrap_or(self.0.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-25T13:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_key_survives_being_written_and_read() {
        let key = SigningKey::generate(now()).unwrap();
        let read = SigningKey::from_pem(&key.to_pem()).unwrap();
        assert_eq!((read.id(), read.made), (key.id(), key.made));
    }

    #[test]
    fn what_is_no_key_or_everybodys_is_refused() {
        let pem = |body: &str| format!("{BEGIN}\n{body}\n{END}\n");
        let zeros = format!("MC4CAQAwBQYDK2VwBCIEI{}", "A".repeat(43));
        for wrong in ["", &pem("AAAA"), &pem(EXAMPLE), &pem(&zeros)] {
            assert!(KeyRing::from_pem(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_new_key_verifies_at_once_and_signs_a_minute_later() {
        let old = KeyRing::of(SigningKey::generate(now()).unwrap());
        assert_eq!(old.signing(now()), 0);
        let later = now() + TimeDelta::days(90);
        let ring = KeyRing::from_pem(&old.renewed(later).unwrap().to_pem()).unwrap();
        assert_eq!((ring.keys().len(), ring.signing(later), ring.signing(later + TimeDelta::seconds(60))), (2, 1, 0));
        assert!(KeyRing::from_pem(&ring.to_pem()).unwrap().renewed(later).is_err());
        assert_eq!(ring.renewed(later + TimeDelta::days(90)).unwrap().keys().len(), 3);
    }

    #[test]
    fn the_key_is_not_in_its_debug_form() {
        let key = SigningKey::generate(now()).unwrap();
        assert_eq!(format!("{key:?}"), format!("SigningKey({})", key.id()));
    }
}
