//! The time of records: to the millisecond, which both databases and JSON keep.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// The time by the machine's clock: for tokens and keys, which other programs check, for the times of files, and for the keys of
/// rate limits. Records have [`Clock`]'s.
#[expect(clippy::disallowed_methods, reason = "the application's one clock")]
pub fn machine_now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(3)
}

/// The clock of a database: the time and the date of its records. Tests and the demonstration set it, the service never does.
#[derive(Default)]
pub struct Clock {
    /// Milliseconds that it is ahead of the machine's clock.
    ahead: AtomicI64,
}

impl Clock {
    pub fn now(&self) -> DateTime<Utc> {
        machine_now() + TimeDelta::milliseconds(self.ahead.load(Ordering::Relaxed))
    }

    /// From now on it is this time, and it goes on.
    pub fn set(&self, time: DateTime<Utc>) {
        self.ahead.store((time - machine_now()).num_milliseconds(), Ordering::Relaxed);
    }
}
