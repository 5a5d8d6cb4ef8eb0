//! How long somebody who guesses passwords must wait: longer with each failure, for one login and for all together, but
//! never more than a minute. It is counted for what was typed, whether there is such an account or not.

use aws_lc_rs::hmac;
use chrono::{DateTime, TimeDelta, Utc};
use entity::login_attempt::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::db::Write;
use crate::error::{Code, Error, Result};

/// Failures that cost nothing: everybody mistypes.
const FREE: i32 = 5;

/// The longest that one login waits for its next try.
const LONGEST: TimeDelta = TimeDelta::seconds(60);

/// After such a time without failures they are forgotten.
const FORGOTTEN: TimeDelta = TimeDelta::hours(1);

/// Failures of all logins together that cost nothing.
const FREE_IN_TOTAL: i32 = 100;

/// Stands for all logins together.
const TOTAL: &[u8] = b"total";

/// Whom failures are counted for. The key keeps what was typed, which may be a password, from being guessed.
pub fn subject(key: &hmac::Key, login: &str) -> Vec<u8> {
    hmac::sign(key, login.as_bytes()).as_ref().to_vec()
}

/// How long after the last failure the next try is.
fn wait(failures: i32) -> TimeDelta {
    match failures - FREE {
        ..0 => TimeDelta::zero(),
        more => Ord::min(TimeDelta::seconds(1 << Ord::min(more, 10)), LONGEST),
    }
}

/// Refuses a try that comes too soon.
pub async fn check(db: &impl ConnectionTrait, subject: &[u8], now: DateTime<Utc>) -> Result<()> {
    let Some(row) = read(db, subject, now).await? else { return Ok(()) };
    let left = row.last_at + wait(row.failures) - now;
    if left <= TimeDelta::zero() {
        return Ok(());
    }
    let seconds = left.num_seconds() + 1;
    Err(Error::from(Code::TooManyAttempts).retry_after(seconds))
}

/// How much later every login is answered while there are many failures.
pub async fn slowness(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<std::time::Duration> {
    let failures = read(db, TOTAL, now).await?.map_or(0, |row| row.failures - FREE_IN_TOTAL);
    Ok(std::time::Duration::from_millis(Ord::min(u64::try_from(failures).unwrap_or(0).saturating_mul(20), 5000)))
}

async fn read(db: &impl ConnectionTrait, subject: &[u8], now: DateTime<Utc>) -> Result<Option<Model>> {
    let row = Entity::find_by_id(subject.to_vec()).one(db).await?;
    Ok(row.filter(|row| now - row.last_at < FORGOTTEN))
}

/// Counts a failure, and drops what is forgotten.
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

/// Forgets the failures of one who got in.
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
