//! Conditions that impair the service. The code that detects one reports it here, and `/health/ready` shows it to the
//! operator's monitoring.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

/// What can impair the service while it still answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
    /// Nothing is written: the disk of the database is full.
    StorageFull,
    /// Files are refused: the disk of the attachments is read-only or has too little space left, or there are too many files of
    /// cases that the office has done nothing about yet.
    AttachmentsFull,
    /// Little space is left.
    StorageLow,
    /// Nothing is written: the disk or the file is read-only, or PostgreSQL is a standby.
    ReadOnly,
    /// Nothing is written: the audit log is not the one that was signed.
    LogBroken,
    /// Nothing is written: a newer program has migrated the database.
    SchemaChanged,
    /// The clock is far past the newest event of the audit log: nothing is destroyed until an operator confirms it.
    ClockAhead,
    /// The clock is behind the newest event of the audit log.
    ClockBehind,
    /// Many stored files have no row: none is moved, since the database may be the wrong one.
    FilesUnclaimed,
    /// Links are not checked: the certificates of the machine, which the check of https needs, cannot be read.
    LinksUnchecked,
    /// Cases wait to be destroyed, and the yearly review in which that is approved is over.
    DestructionUnapproved,
    /// A background job has failed; it is tried again.
    JobFailed(&'static str),
}

impl Condition {
    pub fn code(self) -> &'static str {
        match self {
            Condition::StorageFull => "storage_full",
            Condition::AttachmentsFull => "attachments_full",
            Condition::StorageLow => "storage_low",
            Condition::ReadOnly => "read_only",
            Condition::LogBroken => "log_broken",
            Condition::SchemaChanged => "schema_changed",
            Condition::ClockAhead => "clock_ahead",
            Condition::ClockBehind => "clock_behind",
            Condition::FilesUnclaimed => "files_unclaimed",
            Condition::LinksUnchecked => "links_unchecked",
            Condition::DestructionUnapproved => "destruction_unapproved",
            Condition::JobFailed(_) => "job_failed",
        }
    }

    /// Which job it is about.
    pub fn job(self) -> Option<&'static str> {
        if let Condition::JobFailed(name) = self { Some(name) } else { None }
    }

    /// Whether nothing is written while it lasts.
    pub fn stops_writes(self) -> bool {
        use Condition::{LogBroken, ReadOnly, SchemaChanged, StorageFull};
        [StorageFull, ReadOnly, LogBroken, SchemaChanged].contains(&self)
    }
}

/// The conditions that hold, and since when.
#[derive(Default)]
pub struct Conditions {
    held: Mutex<BTreeMap<Condition, DateTime<Utc>>>,
    /// When each background job last succeeded in this process.
    jobs: Mutex<BTreeMap<&'static str, Option<DateTime<Utc>>>>,
}

impl Conditions {
    /// Logs a condition when it begins.
    pub fn begin(&self, condition: Condition, now: DateTime<Utc>) {
        if let Entry::Vacant(begins) = self.held.lock().unwrap_or_else(PoisonError::into_inner).entry(condition) {
            tracing::error!(condition = condition.code(), job = condition.job(), "the service is impaired");
            begins.insert(now);
        }
    }

    /// Logs a condition when it ends.
    pub fn end(&self, condition: Condition) {
        if self.held.lock().unwrap_or_else(PoisonError::into_inner).remove(&condition).is_some() {
            tracing::info!(condition = condition.code(), job = condition.job(), "the service is no longer impaired");
        }
    }

    pub fn set(&self, condition: Condition, holds: bool, now: DateTime<Utc>) {
        if holds { self.begin(condition, now) } else { self.end(condition) }
    }

    /// Shows a background job that has yet to run.
    pub fn add_job(&self, name: &'static str) {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).entry(name).or_default();
    }

    /// A background job has succeeded: the condition of its failure ends.
    pub fn succeeded(&self, job: &'static str, now: DateTime<Utc>) {
        self.end(Condition::JobFailed(job));
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).insert(job, Some(now));
    }

    /// Each background job, and when it last succeeded.
    pub fn jobs(&self) -> Vec<(&'static str, Option<DateTime<Utc>>)> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|(name, at)| (*name, *at)).collect()
    }

    pub fn holds(&self, condition: Condition) -> bool {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&condition)
    }

    /// Whether nothing is written now.
    pub fn stop_writes(&self) -> bool {
        self.all().iter().any(|(held, _)| held.stops_writes())
    }

    pub fn all(&self) -> Vec<(Condition, DateTime<Utc>)> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|(held, since)| (*held, *since)).collect()
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_condition_holds_from_its_begin_to_its_end() {
        let (conditions, began) = (Conditions::default(), DateTime::UNIX_EPOCH);
        conditions.begin(Condition::JobFailed("retention"), began);
        conditions.begin(Condition::JobFailed("retention"), began + TimeDelta::hours(1));
        assert_eq!(conditions.all(), [(Condition::JobFailed("retention"), began)]);
        assert!(!conditions.holds(Condition::JobFailed("files")));
        conditions.end(Condition::JobFailed("retention"));
        assert!(conditions.all().is_empty());
    }
}
