//! The Ed25519 key that signs tokens, as a PKCS #8 PEM file (RFC 8410). `openssl genpkey -algorithm ed25519` makes one too.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};

pub struct SigningKey {
    pkcs8: Vec<u8>,
    public: Vec<u8>,
}

impl SigningKey {
    pub fn generate() -> Result<Self, String> {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).map_err(|_| "no key could be made")?;
        Self::from_pkcs8(pkcs8.as_ref())
    }

    pub fn from_pem(pem: &str) -> Result<Self, String> {
        let body: String = pem.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
        let pkcs8 = BASE64_STANDARD.decode(body).map_err(|_| "is not a PEM file")?;
        Self::from_pkcs8(&pkcs8)
    }

    fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, String> {
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|_| "is not an Ed25519 private key in PKCS #8")?;
        Ok(Self { pkcs8: pkcs8.to_vec(), public: pair.public_key().as_ref().to_vec() })
    }

    pub fn to_pem(&self) -> String {
        let body = BASE64_STANDARD.encode(&self.pkcs8);
        let lines: Vec<_> = body.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
        format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"))
    }

    pub fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    pub fn public(&self) -> &[u8] {
        &self.public
    }

    /// Names the key in tokens: the first half of the SHA-256 of its public part.
    pub fn id(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(&digest(&SHA256, &self.public).as_ref()[..16])
    }

    /// A key for another purpose, which every process with this key derives alike.
    pub fn derive(&self, purpose: &str) -> hmac::Key {
        let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.pkcs8), purpose.as_bytes());
        hmac::Key::new(hmac::HMAC_SHA256, mac.as_ref())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_being_written_and_read() {
        let key = SigningKey::generate().unwrap();
        assert_eq!(SigningKey::from_pem(&key.to_pem()).unwrap().id(), key.id());
    }

    #[test]
    fn what_is_no_key_is_refused() {
        assert!(SigningKey::from_pem("").is_err());
        assert!(SigningKey::from_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----").is_err());
    }

    #[test]
    fn the_key_is_not_in_its_debug_form() {
        let key = SigningKey::generate().unwrap();
        assert_eq!(format!("{key:?}"), format!("SigningKey({})", key.id()));
    }
}
