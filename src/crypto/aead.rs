//! AES-256-GCM with random nonces. The place of a text is authenticated with it, so that ciphertexts cannot be
//! exchanged.

use aws_lc_rs::aead::{AES_256_GCM, AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, RandomizedNonceKey, UnboundKey};
use aws_lc_rs::rand;

use crate::error::{Error, Result};

const NONCE: usize = 12;

/// By how many bytes a text grows when it is sealed: the nonce and the tag.
pub const SEALING: usize = NONCE + 16;

pub struct SealKey(RandomizedNonceKey);

impl SealKey {
    pub fn of(secret: &[u8; 32]) -> Result<Self> {
        RandomizedNonceKey::new(&AES_256_GCM, secret).map(Self).map_err(Error::internal)
    }

    /// The nonce, then the sealed text.
    pub fn seal(&self, place: &[u8], text: &[u8]) -> Result<Vec<u8>> {
        let mut sealed = text.to_vec();
        let nonce = self.0.seal_in_place_append_tag(Aad::from(place), &mut sealed).map_err(Error::internal)?;
        Ok([&nonce.as_ref()[..], &sealed].concat())
    }

    /// Nothing where another key has sealed it, or in another place.
    pub fn open(&self, place: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
        let (nonce, mut sealed) = (Nonce::try_assume_unique_for_key(nonce).ok()?, sealed.to_vec());
        let length = self.0.open_in_place(nonce, Aad::from(place), &mut sealed).ok()?.len();
        sealed.truncate(length);
        Some(sealed)
    }
}

/// AES-256-GCM-SIV (RFC 8452) with a fixed nonce: equal texts are sealed alike, and nothing else shows.
pub struct SivKey(LessSafeKey);

impl SivKey {
    pub fn of(secret: &[u8; 32]) -> Result<Self> {
        let key = UnboundKey::new(&AES_256_GCM_SIV, secret).map_err(Error::internal)?;
        Ok(Self(LessSafeKey::new(key)))
    }

    pub fn seal(&self, mut text: Vec<u8>) -> Result<Vec<u8>> {
        let nonce = Nonce::assume_unique_for_key([0; NONCE]);
        self.0.seal_in_place_append_tag(nonce, Aad::empty(), &mut text).map_err(Error::internal)?;
        Ok(text)
    }

    pub fn open(&self, mut sealed: Vec<u8>) -> Option<Vec<u8>> {
        let nonce = Nonce::assume_unique_for_key([0; NONCE]);
        let length = self.0.open_in_place(nonce, Aad::empty(), &mut sealed).ok()?.len();
        sealed.truncate(length);
        Some(sealed)
    }
}

/// Random bits that nobody can guess.
pub fn random<const LENGTH: usize>() -> Result<[u8; LENGTH]> {
    let mut bits = [0; LENGTH];
    rand::fill(&mut bits).map_err(Error::internal)?;
    Ok(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_is_opened_with_its_key_in_its_place_only() {
        let (key, other) = (SealKey::of(&[1; 32]).unwrap(), SealKey::of(&[2; 32]).unwrap());
        let sealed = key.seal(b"here", "ความลับ".as_bytes()).unwrap();
        assert_eq!(key.open(b"here", &sealed).unwrap(), "ความลับ".as_bytes());
        assert!(key.open(b"there", &sealed).is_none() && other.open(b"here", &sealed).is_none());
        assert!(key.open(b"here", &sealed[1..]).is_none() && key.open(b"here", b"").is_none());
        assert_eq!(sealed.len(), "ความลับ".len() + SEALING);
        assert_ne!(key.seal(b"here", "ความลับ".as_bytes()).unwrap(), sealed);
    }
}
