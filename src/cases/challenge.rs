//! Proof of work of callers without a token, for complaints and for service requests that book a day: a second for a browser,
//! too expensive to do a million times; nothing about the sender is stored.

use aws_lc_rs::hmac;
use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::HEXLOWER;
use entity::used_challenge;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Cases;
use crate::crypto::aead::random;
use crate::db::Write;
use crate::domain::field_code::FieldCode;
use crate::domain::merkle::sha256;
use crate::error::{Code, Error, FieldError, Result};

/// How long there is to solve one and send what it is for.
const LIFETIME: TimeDelta = TimeDelta::hours(2);

/// A proof-of-work challenge.
#[derive(Serialize, ToSchema)]
pub struct Challenge {
    /// The challenge, valid once.
    #[schema(max_length = 200, example = "16.1714564800.9f86d081884c7d659a2feaa0c55ad015.6d7e0f2c...")]
    challenge: String,
    /// Number of zero bits with which SHA-256 of `<challenge>:<solution>` must start. 0 if no solution is needed.
    #[schema(minimum = 0, maximum = 28, example = 16)]
    difficulty: u32,
    /// Time until which a solution is accepted.
    expires_at: DateTime<Utc>,
}

/// A challenge and its solution.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "challenge": "16.1714564800.9f86d081884c7d659a2feaa0c55ad015.6d7e0f2c", "solution": "48213" }))]
pub struct ProofInput {
    /// The `challenge` of `GET /v1/challenges`, unchanged.
    #[schema(min_length = 1, max_length = 200, pattern = "^[0-9a-f.]+$")]
    challenge: String,
    /// Any text that solves the challenge. It can be found by counting up.
    #[schema(min_length = 1, max_length = 40, pattern = "^[0-9A-Za-z]+$", example = "48213")]
    solution: String,
}

/// A new challenge.
pub fn issue(cases: &Cases) -> Result<Challenge> {
    let (difficulty, expires_at) = (cases.settings.challenge_bits, cases.db.now() + LIFETIME);
    let text = format!("{difficulty}.{}.{}", expires_at.timestamp(), HEXLOWER.encode(&random::<16>()?));
    let challenge = format!("{text}.{}", signature(cases, &text));
    Ok(Challenge { challenge, difficulty, expires_at })
}

fn signature(cases: &Cases, text: &str) -> String {
    HEXLOWER.encode(&hmac::sign(&cases.challenge_key, text.as_bytes()).as_ref()[..16])
}

/// Uses up a challenge that was solved, where one is needed.
pub async fn spend(cases: &Cases, write: &Write, proof: Option<&ProofInput>) -> Result<()> {
    if cases.settings.challenge_bits == 0 {
        return Ok(());
    }
    let Some(ProofInput { challenge, solution }) = proof else {
        let (th, en) = (
            "โปรดเปิดแบบฟอร์มใหม่แล้วส่งอีกครั้ง (ไม่มีการตรวจสอบป้องกันโปรแกรมอัตโนมัติ)",
            "is required: solve a challenge of /v1/challenges",
        );
        return Err(FieldError::at("/proof", FieldCode::Needed.because(th, en)).into());
    };
    let known = challenge.rsplit_once('.').filter(|(text, signed)| signature(cases, text) == *signed);
    let expires_at = known.and_then(|(text, _)| text.split('.').nth(1)?.parse().ok());
    let expires_at = expires_at.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    let Some(expires_at) = expires_at.filter(|expires_at| *expires_at > write.now) else {
        return Err(FieldError::at("/proof/challenge", FieldCode::Expired).into());
    };
    let zeros = leading_zeros(&sha256(&[challenge.as_bytes(), b":", solution.as_bytes()]));
    let needed = challenge.split('.').next().and_then(|bits| bits.parse().ok()).unwrap_or(u32::MAX);
    if zeros < needed {
        return Err(FieldError::at("/proof/solution", FieldCode::Wrong).into());
    }
    used_challenge::Entity::delete_many().filter(used_challenge::Column::ExpiresAt.lte(write.now)).exec(write).await?;
    let used = used_challenge::ActiveModel {
        hash: Set(sha256(&[challenge.as_bytes()]).to_vec()),
        expires_at: Set(expires_at),
    };
    match used_challenge::Entity::insert(used).exec_without_returning(write).await.map_err(Error::from) {
        Ok(_) => Ok(()),
        Err(error) if error.code() == Code::AlreadyExists => {
            Err(FieldError::at("/proof/challenge", FieldCode::Used).into())
        }
        Err(error) => Err(error),
    }
}

fn leading_zeros(hash: &[u8; 32]) -> u32 {
    let first = hash.iter().position(|byte| *byte != 0).unwrap_or(hash.len());
    let rest = hash.get(first).map_or(0, |byte| byte.leading_zeros());
    u32::try_from(first).unwrap_or_default() * 8 + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_bits_are_counted_over_bytes() {
        let hash = |start: &[u8]| {
            let mut hash = [0xFF; 32];
            hash[..start.len()].copy_from_slice(start);
            leading_zeros(&hash)
        };
        assert_eq!(
            [hash(&[]), hash(&[0x7F]), hash(&[0]), hash(&[0, 0, 0x1F]), leading_zeros(&[0; 32])],
            [0, 1, 8, 19, 256]
        );
    }
}
