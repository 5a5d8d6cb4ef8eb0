//! Whether the machine's clock can be believed. Destroying goes by the date, so a wrong one would destroy what must be kept.
//!
//! The audit log is the witness: events follow each other. A clock far past the newest event, or behind it, is in doubt; the
//! doubt is an event itself, and lasts until an operator confirms the time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use entity::audit_event::{Column, Entity};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

use crate::answer::Written;
use crate::conditions::Condition;
use crate::db::{self, Db};
use crate::error::Result;
use crate::ledger::{Author, Event};

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

/// Sees the clock jump while the service runs, when events under the new time would hide it from the log.
pub struct Watch(Mutex<(Instant, DateTime<Utc>)>);

impl Default for Watch {
    fn default() -> Self {
        Self(Mutex::new((Instant::now(), db::now())))
    }
}

impl Watch {
    /// How far the clock has jumped since the last look.
    fn jump(&self) -> TimeDelta {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (now, passed) = (db::now(), TimeDelta::from_std(last.0.elapsed()).unwrap_or(TimeDelta::MAX));
        let jump = now - last.1 - passed;
        *last = (Instant::now(), now);
        jump
    }

    /// Records a doubt if the clock has jumped.
    pub async fn look(&self, db: &Arc<Db>) -> Result<()> {
        let jump = self.jump();
        let doubt = match jump {
            jump if jump > AHEAD => Doubt::Ahead,
            jump if jump < -BEHIND => Doubt::Behind,
            _ => return Ok(()),
        };
        let note = json!({ "clock": db::now(), "jump_seconds": jump.num_seconds() });
        record(db, "serve", Event::happened(doubt.action(), RESOURCE, None).with(note)).await?;
        examine(db).await.map(drop)
    }
}

/// Holds the clock against the log, and records a new doubt in it. Call it before anything else is written: what is written
/// under a wrong clock is as new as that clock.
pub async fn examine(db: &Arc<Db>) -> Result<Option<Doubt>> {
    let now = db::now();
    let newest = Entity::find().order_by_desc(Column::Seq).one(db.reader()).await?;
    let last = Entity::find().filter(Column::Resource.eq(RESOURCE)).order_by_desc(Column::Seq).one(db.reader()).await?;
    let known = last.and_then(|event| Doubt::of_action(&event.action));
    let found = newest.as_ref().and_then(|newest| Doubt::of(now, newest.hour));
    if let (Some(found), Some(newest)) = (found.filter(|found| known != Some(*found)), newest) {
        let note = json!({ "clock": now, "newest_event": newest.hour });
        tracing::warn!(clock = %now, newest_event = %newest.hour, "{}", found.sentence(now));
        record(db, "serve", Event::happened(found.action(), RESOURCE, None).with(note)).await?;
    }
    let doubt = found.or(known);
    for (of, condition) in [(Doubt::Ahead, Condition::ClockAhead), (Doubt::Behind, Condition::ClockBehind)] {
        if doubt == Some(of) { db.conditions.begin(condition, now) } else { db.conditions.end(condition) }
    }
    Ok(doubt)
}

/// An operator says that the clock is right.
pub async fn confirm(db: &Arc<Db>) -> Result<()> {
    let note = json!({ "clock": db::now() });
    record(db, "operator", Event::happened(CONFIRM, RESOURCE, None).with(note)).await
}

async fn record(db: &Arc<Db>, program: &str, event: Event) -> Result<()> {
    let written = db
        .write(&Author::program(program), None, |write| async move { write.commit([event], Written::deleted()).await });
    written.await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_is_what_the_clock_has_gone_beyond_the_time_that_has_passed() {
        let watch = Watch::default();
        assert!(watch.jump().abs() < TimeDelta::seconds(1));
        watch.0.lock().unwrap().1 -= TimeDelta::days(4015);
        assert!((watch.jump() - TimeDelta::days(4015)).abs() < TimeDelta::seconds(1));
        assert!(watch.jump().abs() < TimeDelta::seconds(1));
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
