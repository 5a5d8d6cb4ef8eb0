//! Passwords: which are taken (OWASP ASVS 5.0, V6.2) and how they are kept (Argon2id). Nothing here says who has one.

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use actix_web::web;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use unicode_segmentation::UnicodeSegmentation;

use crate::error::{Code, Result};

/// Characters as people count them.
pub const SHORTEST: usize = 12;
pub const LONGEST: usize = 128;

/// The passwords of this length that are used most, from leaked ones.
static COMMON: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("../../data/common-passwords.txt").lines().collect());

/// Why a password is not taken: a code, and both languages.
pub fn fault(password: &str) -> Option<(&'static str, &'static str, &'static str)> {
    let length = password.graphemes(true).count();
    if length < SHORTEST {
        Some(("password_too_short", "ต้องมีอย่างน้อย 12 ตัวอักษร", "needs 12 characters or more"))
    } else if length > LONGEST {
        Some(("password_too_long", "ต้องไม่เกิน 128 ตัวอักษร", "must have no more than 128 characters"))
    } else if is_common(password) {
        Some(("common_password", "เป็นรหัสผ่านที่ใช้กันแพร่หลาย เดาได้ง่าย", "is one of the most common passwords"))
    } else {
        None
    }
}

/// Whether it is on the list, in capitals or not, or one text over and over.
fn is_common(password: &str) -> bool {
    let password = password.trim().to_lowercase();
    let graphemes: Vec<&str> = password.graphemes(true).collect();
    let repeats = (1..=graphemes.len() / 3)
        .any(|period| (period..graphemes.len()).all(|i| graphemes[i] == graphemes[i - period]));
    repeats || COMMON.contains(&*password)
}

/// Hashes and compares, a few at a time: each takes 19 MiB and a core for tens of milliseconds.
pub struct Passwords {
    places: Arc<Semaphore>,
    /// What the password of nobody is compared with, so that it takes as long as anybody's.
    nobody: String,
}

/// How long a login waits for a place before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(2);

impl Passwords {
    pub fn new() -> Result<Self> {
        Ok(Self { places: Arc::new(Semaphore::new(2)), nobody: hashed("nobody has this password")? })
    }

    /// As it is kept, in PHC string format.
    pub async fn hash(&self, password: String) -> Result<String> {
        self.work(move || hashed(&password)).await
    }

    /// Whether this is the password of whoever has this hash.
    pub async fn are_equal(&self, password: String, hash: Option<String>) -> Result<bool> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.clone());
        let equal = self.work(move || {
            let hash = PasswordHash::new(&hash).map_err(|_| Code::Internal)?;
            Ok(argon()?.verify_password(password.as_bytes(), &hash).is_ok())
        });
        Ok(equal.await? && known)
    }

    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let place = tokio::time::timeout(PATIENCE, self.places.clone().acquire_owned()).await;
        let place = place.map_err(|_| Code::Unavailable)?.map_err(|_| Code::Internal)?;
        // Whoever hangs up meanwhile does not give the place away before the work is done.
        let work = move || {
            let done = work();
            drop(place);
            done
        };
        web::block(work).await.map_err(|_| Code::Internal)?
    }
}

/// OWASP's first choice of parameters: 19 MiB, two passes, one lane.
fn argon() -> Result<Argon2<'static>> {
    let parameters = Params::new(19 * 1024, 2, 1, None).map_err(|_| Code::Internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters))
}

fn hashed(password: &str) -> Result<String> {
    let hash = argon()?.hash_password(password.as_bytes()).map_err(|_| Code::Internal)?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_password_of_any_characters_is_taken_and_a_common_one_is_not() {
        for (password, code) in [
            ("ปลาทูทอดกับน้ำพริก", None),
            ("correct horse battery staple", None),
            ("สวัสดีจ้า", Some("password_too_short")),
            ("elevenchars", Some("password_too_short")),
            // Twelve letters with their vowels and tones, more than twelve code points.
            ("กี้กี่กี๊กี๋กู่กู้กู๊กู๋กิกีกึกื", None),
            ("aaaaaaaaaaaaaaa", Some("common_password")),
            ("abcabcabcabcabc", Some("common_password")),
            ("Password1234", Some("common_password")),
        ] {
            assert_eq!(fault(password).map(|(code, ..)| code), code, "{password}");
        }
        assert_eq!(fault(&format!("ก{}", "ข".repeat(128))).map(|(code, ..)| code), Some("password_too_long"));
    }
}
