//! Throttling of failed logins: the delay grows with each failure, per login and in total, up to one minute. Failures
//! are counted per login as typed, whether the account exists or not.

use aws_lc_rs::hmac;
use chrono::{DateTime, TimeDelta, Utc};
use entity::login_attempt::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::db::Write;
use crate::error::{Code, Error, Result};

/// Failures without a delay, for typing errors.
const FREE: i32 = 5;

/// The longest delay before the next attempt of one login.
const LONGEST: TimeDelta = TimeDelta::seconds(60);

/// Failures expire after this time without another.
const FORGOTTEN: TimeDelta = TimeDelta::hours(1);

/// Failures of all logins together without a delay.
const FREE_IN_TOTAL: i32 = 100;

/// The subject that counts failures of all logins.
const TOTAL: &[u8] = b"total";

/// The subject that failures are counted for. It is an HMAC, since the typed login may be a password.
pub fn subject(key: &hmac::Key, login: &str) -> Vec<u8> {
    hmac::sign(key, login.as_bytes()).as_ref().to_vec()
}

/// Delay between the last failure and the next attempt.
fn wait(failures: i32) -> TimeDelta {
    match failures - FREE {
        ..0 => TimeDelta::zero(),
        more => Ord::min(TimeDelta::seconds(1 << Ord::min(more, 10)), LONGEST),
    }
}

/// Rejects an attempt that comes too early.
pub async fn check(db: &impl ConnectionTrait, subject: &[u8], now: DateTime<Utc>) -> Result<()> {
    let Some(row) = read(db, subject, now).await? else { return Ok(()) };
    let left = row.last_at + wait(row.failures) - now;
    if left <= TimeDelta::zero() {
        return Ok(());
    }
    let seconds = left.num_seconds() + 1;
    Err(Error::from(Code::TooManyAttempts).retry_after(seconds))
}

/// Delay of every login while there are many failures in total.
pub async fn slowness(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<std::time::Duration> {
    let failures = read(db, TOTAL, now).await?.map_or(0, |row| row.failures - FREE_IN_TOTAL);
    Ok(std::time::Duration::from_millis(Ord::min(u64::try_from(failures).unwrap_or(0).saturating_mul(20), 5000)))
}

async fn read(db: &impl ConnectionTrait, subject: &[u8], now: DateTime<Utc>) -> Result<Option<Model>> {
    let row = Entity::find_by_id(subject.to_vec()).one(db).await?;
    Ok(row.filter(|row| now - row.last_at < FORGOTTEN))
}

/// Counts a failure, and removes expired ones.
pub async fn failed(write: &Write, subject: &[u8]) -> Result<()> {
    Entity::delete_many().filter(Column::LastAt.lt(write.now - FORGOTTEN)).exec(write).await?;
    for subject in [subject, TOTAL] {
        let first = ActiveModel { subject: Set(subject.to_vec()), failures: Set(1), last_at: Set(write.now) };
        let one_more = OnConflict::column(Column::Subject)
            .value(Column::Failures, Expr::col((Entity, Column::Failures)).add(1))
            .update_column(Column::LastAt)
            .to_owned();
        Entity::insert(first).on_conflict(one_more).exec_without_returning(write).await?;
    }
    Ok(())
}

/// Resets the failures after a successful login.
pub async fn succeeded(write: &Write, subject: &[u8]) -> Result<()> {
    Entity::delete_by_id(subject.to_vec()).exec(write).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_and_has_an_end() {
        let waits: Vec<_> = [0, 4, 5, 6, 8, 10, 11, 1_000_000].map(|failures| wait(failures).num_seconds()).into();
        assert_eq!(waits, [0, 0, 1, 2, 8, 32, 60, 60]);
    }
}
