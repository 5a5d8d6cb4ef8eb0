//! Whether PostgreSQL answers. A connection of its own asks twice a second: when it gets no answer, requests that wait for the
//! database are answered at once, and connections of before are not used again.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};
use tokio::sync::watch;
use tokio::time::timeout;

/// How long an answer may take before a new connection is tried, and how long that may take.
const ANSWER: Duration = Duration::from_millis(1500);
const CONNECT: Duration = Duration::from_millis(1000);

pub struct Availability {
    away: watch::Sender<bool>,
    /// When an outage was noticed last.
    noticed: Mutex<Option<Instant>>,
}

impl Default for Availability {
    fn default() -> Self {
        Self { away: watch::Sender::new(false), noticed: Mutex::default() }
    }
}

impl Availability {
    pub fn is_away(&self) -> bool {
        *self.away.borrow()
    }

    /// Waits until the database does not answer.
    pub async fn lost(&self) {
        // The sender lives as long as this.
        let _ = self.away.subscribe().wait_for(|away| *away).await;
    }

    /// Whether a connection of this age may be to a host that is gone.
    pub fn is_stale(&self, age: Duration) -> bool {
        self.noticed.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|noticed| age >= noticed.elapsed())
    }

    /// Asks once, on the connection that is kept for it.
    pub async fn check<C, Fut>(&self, kept: &mut Option<DatabaseConnection>, connect: C)
    where
        C: FnOnce() -> Fut,
        Fut: Future<Output = Result<DatabaseConnection, DbErr>>,
    {
        if let Some(connection) = kept.as_ref()
            && matches!(timeout(ANSWER, connection.execute_unprepared("SELECT 1")).await, Ok(Ok(_)))
        {
            self.away.send_if_modified(std::mem::take);
            return;
        }
        *kept = timeout(CONNECT, connect()).await.ok().and_then(Result::ok);
        let away = kept.is_none();
        if away {
            *self.noticed.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
        if self.away.send_if_modified(|was| std::mem::replace(was, away) != away) {
            if away {
                tracing::error!("the database does not answer");
            } else {
                tracing::info!("the database answers again");
            }
        }
    }
}
