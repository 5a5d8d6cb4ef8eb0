//! Sanity check of the machine's clock. Retention destroys data by date, so a wrong clock would destroy data that must
//! be kept.
//!
//! The audit log is the reference, since its events are ordered. A clock far ahead of the newest event, or behind it,
//! is in doubt. The doubt is recorded as an event and remains until an operator confirms the time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::audit_event::{Column, Entity};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

use crate::audit_log::append::Event;
use crate::audit_log::author::{Author, OPERATOR};
use crate::conditions::Condition;
use crate::db::Db;
use crate::domain::working_days::bangkok_day;
use crate::error::Result;

/// The newest event may be this much older: a service that runs writes one a day.
const AHEAD: TimeDelta = TimeDelta::days(7);

/// The newest event may be this much younger, as clocks of several machines differ.
const BEHIND: TimeDelta = TimeDelta::minutes(5);

/// What the log calls it.
const RESOURCE: &str = "clock";
const DOUBT_AHEAD: &str = "doubt_ahead";
const DOUBT_BEHIND: &str = "doubt_behind";
const CONFIRM: &str = "confirm";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    Ahead,
    Behind,
}

impl Doubt {
    /// Events have the hour of their time: `newest` began up to an hour before the event.
    fn of(now: DateTime<Utc>, newest: DateTime<Utc>) -> Option<Self> {
        if now > newest + TimeDelta::hours(1) + AHEAD {
            Some(Doubt::Ahead)
        } else if now + BEHIND < newest {
            Some(Doubt::Behind)
        } else {
            None
        }
    }

    fn action(self) -> &'static str {
        match self {
            Doubt::Ahead => DOUBT_AHEAD,
            Doubt::Behind => DOUBT_BEHIND,
        }
    }

    fn of_action(action: &str) -> Option<Self> {
        [Doubt::Ahead, Doubt::Behind].into_iter().find(|doubt| doubt.action() == action)
    }

    /// In a sentence, for an operator.
    pub fn sentence(self, now: DateTime<Utc>) -> String {
        let direction = match self {
            Doubt::Ahead => "more than 7 days past the newest event of the audit log",
            Doubt::Behind => "behind the newest event of the audit log",
        };
        format!(
            "the clock ({}) was {direction}: nothing is destroyed. Set the clock, or if it is right run \
             `prongsai retention confirm-clock`",
            now.format("%Y-%m-%d %H:%M UTC")
        )
    }
}

/// Detects a jump of the clock while the service runs, which events under the new time would hide, and stores a doubt
/// that could not be recorded yet.
pub struct Watch(Mutex<Watched>);

struct Watched {
    monotonic: Instant,
    clock: DateTime<Utc>,
    pending: Option<Doubt>,
}

impl Watch {
    /// Begins with what the newest event of the log says of the clock. To be asked before anything is written.
    pub async fn start(db: &Db) -> Result<Self> {
        let (clock, newest) = (db.now(), newest_event(db).await?);
        let pending = newest.and_then(|newest| Doubt::of(clock, newest));
        Ok(Self(Mutex::new(Watched { monotonic: Instant::now(), clock, pending })))
    }

    /// Records a doubt if the clock has jumped since the last look. Fails while one cannot be recorded.
    pub async fn look(&self, db: &Arc<Db>) -> Result<()> {
        let Some(doubt) = self.0.lock().unwrap_or_else(PoisonError::into_inner).look(Instant::now(), db.now()) else {
            return Ok(());
        };
        doubted(db, doubt).await?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pending = None;
        Ok(())
    }
}

impl Watched {
    fn look(&mut self, monotonic: Instant, clock: DateTime<Utc>) -> Option<Doubt> {
        let passed = TimeDelta::from_std(monotonic - self.monotonic).unwrap_or(TimeDelta::MAX);
        let jump = clock - self.clock - passed;
        if jump > AHEAD {
            self.pending = Some(Doubt::Ahead);
        } else if jump < -BEHIND {
            self.pending = Some(Doubt::Behind);
        }
        (self.monotonic, self.clock) = (monotonic, clock);
        self.pending
    }
}

/// The hour of the newest event.
async fn newest_event(db: &Db) -> Result<Option<DateTime<Utc>>> {
    Ok(Entity::find().order_by_desc(Column::Seq).one(db.reader()).await?.map(|newest| newest.hour))
}

/// The doubt that stands: the last one that no operator has ended.
async fn standing_doubt(db: &Db) -> Result<Option<Doubt>> {
    let of_the_clock = Entity::find().filter(Column::Resource.eq(RESOURCE));
    let last = of_the_clock.order_by_desc(Column::Seq).one(db.reader()).await?;
    Ok(last.and_then(|event| Doubt::of_action(&event.action)))
}

/// The day on which an operator last said that the clock is right. Days before it may have been of a wrong clock.
pub async fn confirmed_on(db: &impl ConnectionTrait) -> Result<Option<NaiveDate>> {
    let confirmations = Entity::find().filter(Column::Resource.eq(RESOURCE)).filter(Column::Action.eq(CONFIRM));
    let last = confirmations.order_by_desc(Column::Seq).one(db).await?;
    Ok(last.map(|event| bangkok_day(event.hour)))
}

/// Records a doubt, unless it stands already.
async fn doubted(db: &Arc<Db>, doubt: Doubt) -> Result<()> {
    let now = db.now();
    if standing_doubt(db).await? != Some(doubt) {
        tracing::warn!(clock = %now, "{}", doubt.sentence(now));
        let event = Event::happened(doubt.action(), RESOURCE, None).with(json!({ "clock": now }));
        record(db, "serve", event).await?;
    }
    show(db, Some(doubt));
    Ok(())
}

fn show(db: &Db, doubt: Option<Doubt>) {
    for (of, condition) in [(Doubt::Ahead, Condition::ClockAhead), (Doubt::Behind, Condition::ClockBehind)] {
        db.conditions.set(condition, doubt == Some(of), db.now());
    }
}

/// Compares the clock with the log, and records a new doubt. Call it before any other write: events written under a
/// wrong clock hide the error.
pub async fn examine(db: &Arc<Db>) -> Result<Option<Doubt>> {
    if let Some(found) = newest_event(db).await?.and_then(|newest| Doubt::of(db.now(), newest)) {
        doubted(db, found).await?;
        return Ok(Some(found));
    }
    let doubt = standing_doubt(db).await?;
    show(db, doubt);
    Ok(doubt)
}

/// An operator says that the clock is right.
pub async fn confirm(db: &Arc<Db>) -> Result<()> {
    let note = json!({ "clock": db.now() });
    record(db, OPERATOR, Event::happened(CONFIRM, RESOURCE, None).with(note)).await
}

async fn record(db: &Arc<Db>, program: &str, event: Event) -> Result<()> {
    let written = db.write(&Author::program(program), |write| async move { write.commit([event], ()) });
    written.await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_is_what_the_clock_has_gone_beyond_the_time_that_has_passed_and_is_not_forgotten() {
        let (monotonic, clock) = (Instant::now(), DateTime::UNIX_EPOCH);
        let mut watched = Watched { monotonic, clock, pending: None };
        let hour = |hours: u64| monotonic + std::time::Duration::from_secs(3600 * hours);
        assert_eq!(watched.look(hour(240), clock + TimeDelta::days(10)), None);
        assert_eq!(watched.look(hour(241), clock + TimeDelta::days(4015)), Some(Doubt::Ahead));
        assert_eq!(watched.look(hour(242), clock + TimeDelta::days(4015) + TimeDelta::hours(1)), Some(Doubt::Ahead));
        assert_eq!(watched.look(hour(243), clock + TimeDelta::days(10)), Some(Doubt::Behind));
    }

    #[test]
    fn a_clock_is_in_doubt_when_it_is_far_from_the_newest_event() {
        let newest = DateTime::UNIX_EPOCH + TimeDelta::days(1000);
        for (minutes, doubt) in [
            (0, None),
            (-4, None),
            (-6, Some(Doubt::Behind)),
            (-2 * 24 * 60, Some(Doubt::Behind)),
            (7 * 24 * 60, None),
            (7 * 24 * 60 + 61, Some(Doubt::Ahead)),
            (4015 * 24 * 60, Some(Doubt::Ahead)),
        ] {
            assert_eq!(Doubt::of(newest + TimeDelta::minutes(minutes), newest), doubt, "{minutes}");
        }
    }
}
