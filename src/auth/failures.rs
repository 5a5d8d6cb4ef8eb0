//! Failed logins and token requests, for the audit log: the first of an account or client becomes an event within a second,
//! those that follow are counted, in one event an hour. Guessing does not fill the log, and no answer waits for an event.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use crate::audit_log::append::Event;
use crate::audit_log::author::Author;
use crate::db::Db;
use crate::error::Result;

/// What has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Failure {
    /// A login that is unknown or whose account is disabled, or a wrong password.
    Login,
    /// A login with the right password and no one-time code: the first half of every login with a second factor, and the best
    /// sign of a stolen password.
    CodeMissing,
    /// A login with the right password and a wrong one-time code.
    CodeWrong,
    /// A wrong password of somebody who has a token of the account.
    Password,
    /// A client that is unknown or has no access, or a wrong secret.
    Token,
}

impl Failure {
    /// What the log calls the first, and the count of those that followed.
    fn actions(self) -> (&'static str, &'static str) {
        match self {
            Failure::Login => ("login_failed", "login_failures"),
            Failure::CodeMissing => ("login_without_code", "logins_without_code"),
            Failure::CodeWrong => ("login_with_wrong_code", "logins_with_wrong_code"),
            Failure::Password => ("password_wrong", "passwords_wrong"),
            Failure::Token => ("token_denied", "token_denials"),
        }
    }
}

/// What has failed, and whose it is: an account or client, or none for all that are unknown. So there are never more of them
/// than accounts and clients.
type Key = (Failure, Option<Uuid>);

struct Count {
    since: DateTime<Utc>,
    first_is_written: bool,
    further: u64,
}

#[derive(Default)]
pub struct Failures(Mutex<HashMap<Key, Count>>);

impl Failures {
    pub fn count(&self, failure: Failure, of: Option<Uuid>, now: DateTime<Utc>) {
        let first = Count { since: now, first_is_written: false, further: 0 };
        self.counts().entry((failure, of)).and_modify(|count| count.further += 1).or_insert(first);
    }

    /// Writes the first of those that have begun lately.
    pub async fn write_first(&self, db: &Arc<Db>) -> Result<()> {
        let mut begun = Vec::new();
        for (key, count) in self.counts().iter_mut().filter(|(_, count)| !count.first_is_written) {
            count.first_is_written = true;
            begun.push(*key);
        }
        let done = write(db, begun.iter().map(first).collect()).await;
        if done.is_err() {
            let mut counts = self.counts();
            for key in begun {
                counts.entry(key).and_modify(|count| count.first_is_written = false);
            }
        }
        done
    }

    /// Writes how many have followed, and begins anew.
    pub async fn write_counts(&self, db: &Arc<Db>) -> Result<()> {
        let counted: Vec<(Key, Count)> = self.counts().drain().collect();
        let mut events = Vec::new();
        for (key, Count { since, first_is_written, further }) in &counted {
            events.extend((!first_is_written).then(|| first(key)));
            events.extend((*further > 0).then(|| following(key, *further, *since)));
        }
        let done = write(db, events).await;
        if done.is_err() {
            let mut counts = self.counts();
            for (key, Count { since, first_is_written, further }) in counted {
                let begun = counts.entry(key).or_insert(Count { since, first_is_written, further: 0 });
                (begun.since, begun.further) = (since, begun.further + further);
            }
        }
        done
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<Key, Count>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn first((failure, of): &Key) -> Event {
    Event::happened(failure.actions().0, "sessions", *of)
}

fn following((failure, of): &Key, further: u64, since: DateTime<Utc>) -> Event {
    Event::happened(failure.actions().1, "sessions", *of).with(json!({ "further": further, "since": since }))
}

async fn write(db: &Arc<Db>, events: Vec<Event>) -> Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    db.write(&Author::nobody(), |write| async move { write.commit(events, ()) }).await
}
