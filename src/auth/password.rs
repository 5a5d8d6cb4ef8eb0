//! Passwords: the policy (OWASP ASVS 5.0, V6.2) and the hash (Argon2id). Accounts are not known here.

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use actix_web::web;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version, password_hash};
use aws_lc_rs::rand;
use tokio::sync::Mutex;
use unicode_segmentation::UnicodeSegmentation;

use crate::domain::field_code::FieldCode;
use crate::domain::text;
use crate::error::{Code, Error, Result};

/// Characters as people count them.
pub const SHORTEST: usize = 12;
pub const LONGEST: usize = 128;

/// The passwords of this length that are used most, from leaked ones.
static COMMON: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("../../data/common-passwords.txt").lines().collect());

/// The rule that a new password breaks.
pub fn violation(password: &str) -> Option<FieldCode> {
    let password = &*text::password(password);
    let length = password.graphemes(true).count();
    if length < SHORTEST {
        Some(FieldCode::PasswordTooShort)
    } else if length > LONGEST {
        Some(FieldCode::PasswordTooLong)
    } else if is_common(password) {
        Some(FieldCode::CommonPassword)
    } else {
        None
    }
}

/// Whether it is on the list, in capitals or not, or one text over and over, or blanks alone.
fn is_common(password: &str) -> bool {
    let password = password.trim().to_lowercase();
    let graphemes: Vec<&str> = password.graphemes(true).collect();
    let repeats = (1..=graphemes.len() / 3)
        .any(|period| (period..graphemes.len()).all(|i| graphemes[i] == graphemes[i - period]));
    graphemes.is_empty() || repeats || COMMON.contains(&*password)
}

/// Hashes and verifies, one at a time: each takes about 20 ms of a core and 19 MiB. The memory is reused, because
/// memory freed by many threads is seldom returned to the system.
#[derive(Default)]
pub struct Passwords {
    memory: Arc<Mutex<Vec<Block>>>,
}

/// How long a login waits for its turn before it is rejected with `Retry-After`.
const PATIENCE: Duration = Duration::from_secs(2);

/// Dummy hash for unknown logins, so that verification takes the same time. No known password matches it.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgc2FsdCEhIQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

impl Passwords {
    /// As it is kept, in PHC string format.
    pub async fn hash(&self, password: String) -> Result<String> {
        self.work(move |memory| hashed(&password, memory)).await
    }

    /// Whether the password has this hash.
    pub async fn are_equal(&self, password: String, hash: Option<String>) -> Result<bool> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
        Ok(self.work(move |memory| matches(&password, &hash, memory)).await? && known)
    }

    async fn work<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Vec<Block>) -> password_hash::Result<T> + Send + 'static,
    {
        let memory = tokio::time::timeout(PATIENCE, self.memory.clone().lock_owned()).await;
        let mut memory = memory.map_err(|_| Code::Unavailable)?;
        // If the client disconnects, the slot is held until the work is done.
        let done = web::block(move || work(&mut memory)).await.map_err(Error::internal)?;
        done.map_err(Error::internal)
    }
}

fn hashed(password: &str, memory: &mut Vec<Block>) -> password_hash::Result<String> {
    let mut salt = [0; 16];
    rand::fill(&mut salt).map_err(|_| password_hash::Error::Crypto)?;
    // OWASP's first choice: 19 MiB, two passes, one lane.
    let parameters = Params::new(19 * 1024, 2, 1, None)?;
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&parameters)?,
        salt: Some(Salt::new(&salt)?),
        hash: Some(derived(password, &salt, parameters, memory)?),
    };
    Ok(hash.to_string())
}

fn matches(password: &str, hash: &str, memory: &mut Vec<Block>) -> password_hash::Result<bool> {
    let hash = PasswordHash::new(hash)?;
    let (Some(salt), Some(expected)) = (&hash.salt, hash.hash) else { return Ok(false) };
    // Outputs are compared in constant time.
    Ok(derived(password, salt, Params::try_from(&hash)?, memory)? == expected)
}

fn derived(password: &str, salt: &[u8], parameters: Params, memory: &mut Vec<Block>) -> password_hash::Result<Output> {
    memory.resize(parameters.block_count(), Block::default());
    let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters).hash_password_into_with_memory(
        text::password(password).as_bytes(),
        salt,
        &mut output,
        memory,
    )?;
    Ok(Output::new(&output)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_password_of_any_characters_is_taken_and_a_common_one_is_not() {
        for (password, code) in [
            ("ปลาทูทอดกับน้ำพริก", None),
            ("correct horse battery staple", None),
            ("สวัสดีจ้า", Some(FieldCode::PasswordTooShort)),
            ("elevenchars", Some(FieldCode::PasswordTooShort)),
            // Twelve letters with their vowels and tones, more than twelve code points.
            ("กี้กี่กี๊กี๋กู่กู้กู๊กู๋กิกีกึกื", None),
            ("aaaaaaaaaaaaaaa", Some(FieldCode::CommonPassword)),
            ("abcabcabcabcabc", Some(FieldCode::CommonPassword)),
            ("Password1234", Some(FieldCode::CommonPassword)),
        ] {
            assert_eq!(violation(password), code, "{password}");
        }
        assert_eq!(violation(&format!("ก{}", "ข".repeat(128))), Some(FieldCode::PasswordTooLong));
    }

    #[test]
    fn a_password_matches_its_hash_and_nobodys_takes_as_long() {
        let mut memory = Vec::new();
        let hash = hashed("ปลาทูทอดกับน้ำพริก", &mut memory).expect("a hash");
        for (password, kept, equal) in
            [("ปลาทูทอดกับน้ำพริก", &*hash, true), ("ปลาทูทอดกับน้ำพริก ", &*hash, false), ("ปลาทูทอดกับน้ำพริก", NOBODY, false)]
        {
            assert_eq!(matches(password, kept, &mut memory), Ok(equal), "{password}");
        }
        let parts = |hash: &str| hash.split('$').map(str::to_owned).collect::<Vec<_>>();
        let (nobodys, anybodys) = (parts(NOBODY), parts(&hash));
        assert_eq!(nobodys[..4], anybodys[..4]);
        assert_eq!(nobodys[4..].iter().map(String::len).collect::<Vec<_>>(), [22, 43]);
    }

    #[test]
    fn a_hash_of_the_reference_implementation_matches() {
        // argon2 -id of the reference implementation with "password", "somesalt", 2 passes, 64 MiB, one lane.
        let hash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        assert_eq!(matches("password", hash, &mut Vec::new()), Ok(true));
    }
}
