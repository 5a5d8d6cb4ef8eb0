//! One-time passwords of an authenticator app (RFC 6238, with the parameters that every app understands).

use aws_lc_rs::hmac;
use chrono::{DateTime, Utc};
use data_encoding::BASE32_NOPAD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use uuid::Uuid;

use crate::crypto::aead::{SealKey, random};
use crate::crypto::keys::SigningKey;
use crate::domain::text::typed::letters_and_digits;
use crate::error::Result;

/// Seconds that a code is shown.
const STEP: i64 = 30;

/// A shared secret: 160 bits, as RFC 4226 recommends.
pub struct Secret([u8; 20]);

impl Secret {
    pub fn generate() -> Result<Self> {
        random().map(Self)
    }

    /// As people type it into an app.
    pub fn text(&self) -> String {
        BASE32_NOPAD.encode(&self.0)
    }

    /// As an app scans it.
    pub fn uri(&self, issuer: &str, login: &str) -> String {
        let coded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let (issuer, login, secret) = (coded(issuer), coded(login), self.text());
        format!("otpauth://totp/{issuer}:{login}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period=30")
    }

    /// The time step of this code, if it is the current, previous or next one. The caller accepts each step once: it remembers
    /// which were used, not which was the last, so that a clock that was ahead makes nobody wait.
    pub fn step_of(&self, code: &str, now: DateTime<Utc>) -> Option<i64> {
        // As an app shows it, in two groups, or typed on a Thai keyboard.
        let (step, code) = (now.timestamp() / STEP, letters_and_digits(code));
        (step - 1..=step + 1).find(|step| self.code(*step) == code)
    }

    fn code(&self, step: i64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let mac = hmac::sign(&key, &step.to_be_bytes());
        let mac = mac.as_ref();
        let offset = usize::from(mac[mac.len() - 1] & 15);
        let number = mac[offset..offset + 4].iter().fold(0, |number: u32, byte| number << 8 | u32::from(*byte));
        format!("{:06}", (number & 0x7FFF_FFFF) % 1_000_000)
    }

    /// Sealed for the database, good for one account alone.
    pub fn seal(&self, key: &SigningKey, account: Uuid) -> Result<Vec<u8>> {
        sealing(key)?.seal(account.as_bytes(), &self.0)
    }

    /// Nothing where another key has sealed it.
    pub fn open(sealed: &[u8], key: &SigningKey, account: Uuid) -> Option<Self> {
        sealing(key).ok()?.open(account.as_bytes(), sealed)?.try_into().ok().map(Self)
    }
}

fn sealing(key: &SigningKey) -> Result<SealKey> {
    SealKey::of(&key.secret("second factors"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_rfc_6238() {
        let secret = Secret(*b"12345678901234567890");
        // Appendix B, the last six of its eight digits.
        for (time, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (20_000_000_000, "353130")]
        {
            assert_eq!(secret.code(time / STEP), code);
        }
    }

    #[test]
    fn a_code_is_good_for_its_step_and_one_beside_it() {
        let secret = Secret(*b"12345678901234567890");
        let at = |time| DateTime::from_timestamp(time, 0).unwrap();
        for (time, step) in [(30, Some(1)), (59, Some(1)), (29, Some(1)), (89, Some(1)), (90, None)] {
            assert_eq!(secret.step_of("287082", at(time)), step, "{time}");
        }
    }

    #[test]
    fn a_sealed_secret_is_opened_for_its_own_account_only() {
        let key = SigningKey::generate(DateTime::UNIX_EPOCH).unwrap();
        let (account, other) = (Uuid::now_v7(), Uuid::now_v7());
        let secret = Secret::generate().unwrap();
        let sealed = secret.seal(&key, account).unwrap();
        assert_eq!(Secret::open(&sealed, &key, account).unwrap().0, secret.0);
        assert!(Secret::open(&sealed, &key, other).is_none());
        assert!(!sealed.windows(20).any(|part| part == secret.0));
    }
}
