//! Waits after failed logins. Failures are counted for each login and the place that they come from, so that a stranger does
//! not make the owner wait; and, with a much higher bound, for the login from all addresses, against distributed guessing.
//! Both count the login as it was typed, whether there is such an account or not.

use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use chrono::{DateTime, TimeDelta, Utc};
use entity::login_attempt::{ActiveModel, Column, Entity, Model};
use moka::ops::compute::Op;
use moka::sync::Cache;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect,
};

use crate::crypto::keys::SigningKey;
use crate::db::Write;
use crate::error::{Code, Error, Result};

/// Failures of one place without a wait, for typing errors.
const FREE: u32 = 5;

/// Failures from all addresses without a wait.
const FREE_OF_LOGIN: u32 = 100;

/// One failure of a login is forgotten in this time: more than one address causes while it waits as long as it must.
const LEAK: TimeDelta = TimeDelta::seconds(10);

/// A login has no more failures than these to forget.
const MOST_OF_LOGIN: u32 = FREE_OF_LOGIN + 10;

/// The longest wait.
const LONGEST: Duration = Duration::from_secs(60);

/// Failures of one place are forgotten after this time without another.
const FORGOTTEN: Duration = Duration::from_secs(3600);

/// Places that are remembered.
const PLACES: u64 = 100_000;

/// The wait between the last failure and the next attempt.
fn wait(failures: u32, free: u32) -> Duration {
    match failures.checked_sub(free) {
        None => Duration::ZERO,
        Some(more) => Ord::min(Duration::from_secs(1 << Ord::min(more, 10)), LONGEST),
    }
}

fn too_early(left: Duration) -> Error {
    Error::from(Code::TooManyAttempts).retry_after(left.as_secs().cast_signed() + 1)
}

/// Where an attempt comes from.
#[derive(Clone, Copy)]
pub enum Origin<'a> {
    /// A keyed hash of the address.
    Address(&'a [u8]),
    /// The hash of the token of a device that has logged in to the account before.
    Device(&'a [u8]),
    /// Somebody who has an access token of the account.
    Token,
}

pub struct Attempts {
    key: hmac::Key,
    /// In the memory of the process: the clock cannot confuse it, and no address is stored.
    places: Cache<Vec<u8>, Failed>,
}

#[derive(Clone, Copy)]
struct Failed {
    times: u32,
    last: Instant,
}

impl Attempts {
    pub fn new(key: &SigningKey) -> Self {
        let key = key.derive("login attempts");
        Self { key, places: Cache::builder().max_capacity(PLACES).time_to_live(FORGOTTEN).build() }
    }

    /// What failures are counted for. It is an HMAC, since the typed login may be a password.
    fn subject(&self, login: &str, kind: &str, place: &[u8]) -> Vec<u8> {
        // Neither the kind nor a login has a zero byte.
        let text = [login.as_bytes(), b"\0", kind.as_bytes(), b"\0", place].concat();
        hmac::sign(&self.key, &text).as_ref().to_vec()
    }

    /// Begins an attempt of one place, unless it comes too early. It counts as a failure while it lasts, so that many at once
    /// are no faster.
    pub fn begin(&self, login: &str, origin: Origin<'_>) -> Result<Attempt> {
        let subject = match origin {
            Origin::Address(address) => self.subject(login, "address", address),
            Origin::Device(device) => self.subject(login, "device", device),
            Origin::Token => self.subject(login, "token", &[]),
        };
        let now = Instant::now();
        let (mut before, mut left) = (None, Duration::ZERO);
        self.places.entry_by_ref(&subject).and_compute_with(|entry| {
            before = entry.map(moka::Entry::into_value);
            let times = before.map_or(0, |failed| failed.times);
            left = before
                .map_or(Duration::ZERO, |failed| (failed.last + wait(times, FREE)).saturating_duration_since(now));
            if left.is_zero() { Op::Put(Failed { times: times.saturating_add(1), last: now }) } else { Op::Nop }
        });
        if !left.is_zero() {
            return Err(too_early(left));
        }
        Ok(Attempt { open: Some(self.places.clone()), subject, before, began: now })
    }

    fn of_login(&self, login: &str) -> Vec<u8> {
        self.subject(login, "login", &[])
    }

    /// Rejects an attempt that comes too early after failures from all addresses.
    pub async fn check(&self, db: &impl ConnectionTrait, login: &str, now: DateTime<Utc>) -> Result<()> {
        let Some(row) = Entity::find_by_id(self.of_login(login)).one(db).await? else { return Ok(()) };
        let since = (now - row.last_at).to_std().unwrap_or_default();
        match wait(standing(&row, now), FREE_OF_LOGIN).saturating_sub(since) {
            Duration::ZERO => Ok(()),
            left => Err(too_early(left)),
        }
    }

    /// Counts a failure from an address, and removes those that are forgotten.
    pub async fn count(&self, write: &Write, login: &str) -> Result<()> {
        let forgotten = write.now - LEAK * MOST_OF_LOGIN.cast_signed();
        Entity::delete_many().filter(Column::LastAt.lt(forgotten)).exec(write).await?;
        let subject = self.of_login(login);
        let Some(row) = Entity::find_by_id(subject.clone()).lock_exclusive().one(write).await? else {
            let first = ActiveModel { subject: Set(subject), failures: Set(1), last_at: Set(write.now) };
            let one_more = OnConflict::column(Column::Subject)
                .value(Column::Failures, Expr::col((Entity, Column::Failures)).add(1))
                .update_column(Column::LastAt)
                .to_owned();
            Entity::insert(first).on_conflict(one_more).exec_without_returning(write).await?;
            return Ok(());
        };
        let failures = Ord::min(standing(&row, write.now) + 1, MOST_OF_LOGIN);
        let mut row = row.into_active_model();
        row.failures = Set(failures.cast_signed());
        row.last_at = Set(write.now);
        row.update(write).await?;
        Ok(())
    }

    /// Forgets the failures of a login from all addresses.
    pub async fn forget(&self, write: &Write, login: &str) -> Result<()> {
        Entity::delete_by_id(self.of_login(login)).exec(write).await?;
        Ok(())
    }
}

/// The failures of a login that are not forgotten yet. A last one that lies ahead of the clock by more than the longest wait
/// was written by a clock that was wrong: nobody waits for it.
fn standing(row: &Model, now: DateTime<Utc>) -> u32 {
    let since = now - row.last_at;
    if (-since).to_std().is_ok_and(|ahead| ahead > LONGEST) {
        return 0;
    }
    let forgotten = Ord::max(since.num_seconds(), 0) / LEAK.num_seconds();
    u32::try_from(i64::from(row.failures) - forgotten).unwrap_or(0)
}

/// An attempt under way. Dropped without a verdict, as where the database is away, it is as if it had not been.
pub struct Attempt {
    open: Option<Cache<Vec<u8>, Failed>>,
    subject: Vec<u8>,
    before: Option<Failed>,
    began: Instant,
}

impl Attempt {
    pub fn failed(mut self) {
        self.open = None;
    }

    /// Whoever gets in starts anew.
    pub fn succeeded(mut self) {
        if let Some(places) = self.open.take() {
            places.invalidate(&self.subject);
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let Some(places) = self.open.take() else { return };
        places.entry_by_ref(&self.subject).and_compute_with(|entry| {
            match (entry.map(moka::Entry::into_value), self.before) {
                (None, _) => Op::Nop,
                (Some(now), Some(before)) if now.last == self.began => Op::Put(before),
                (Some(now), None) if now.last == self.began => Op::Remove,
                // Others have begun meanwhile.
                (Some(now), _) => Op::Put(Failed { times: now.times.saturating_sub(1), ..now }),
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempts() -> Attempts {
        Attempts::new(&SigningKey::generate(DateTime::UNIX_EPOCH).unwrap())
    }

    #[test]
    fn the_wait_grows_and_has_an_end() {
        let waits = [0, 4, 5, 6, 8, 10, 11, 1_000_000].map(|failures| wait(failures, FREE).as_secs());
        assert_eq!(waits, [0, 0, 1, 2, 8, 32, 60, 60]);
        assert_eq!([99, 100, 110].map(|failures| wait(failures, FREE_OF_LOGIN).as_secs()), [0, 1, 60]);
    }

    #[test]
    fn each_place_has_its_own_failures_and_an_attempt_without_a_verdict_is_none() {
        let attempts = attempts();
        let (one, other) = (Origin::Address(&[1]), Origin::Address(&[2]));
        for _ in 0..20 {
            drop(attempts.begin("somchai", one).unwrap());
        }
        for _ in 0..FREE {
            attempts.begin("somchai", one).unwrap().failed();
        }
        assert!(attempts.begin("somchai", one).is_err());
        for (login, origin) in [("somchai", other), ("somsri", one), ("somchai", Origin::Token)] {
            attempts.begin(login, origin).unwrap().succeeded();
        }
        assert!(attempts.begin("somchai", one).is_err());
    }

    #[test]
    fn of_many_at_once_only_the_free_ones_begin() {
        let attempts = attempts();
        let begun: Vec<_> = (0..30).filter_map(|_| attempts.begin("somchai", Origin::Token).ok()).collect();
        assert_eq!(begun.len(), 5);
        drop(begun);
        attempts.begin("somchai", Origin::Token).unwrap().succeeded();
    }

    #[test]
    fn failures_of_a_login_are_forgotten_by_seconds_and_those_of_a_wrong_clock_at_once() {
        let last_at = DateTime::UNIX_EPOCH + TimeDelta::days(1000);
        let row = Model { subject: Vec::new(), failures: 110, last_at };
        for (seconds, failures) in
            [(0, 110), (9, 110), (10, 109), (100, 100), (1200, 0), (-59, 110), (-61, 0), (-172_800, 0)]
        {
            assert_eq!(standing(&row, last_at + TimeDelta::seconds(seconds)), failures, "{seconds}");
        }
    }
}
