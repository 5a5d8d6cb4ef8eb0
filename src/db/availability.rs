//! Health check of PostgreSQL. A dedicated connection pings it twice a second; on a timeout all requests that wait for
//! the database fail immediately, and older connections are not used again.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};
use tokio::sync::watch;
use tokio::time::timeout;

/// How long an answer may take before a new connection is tried, and how long that may take.
const ANSWER: Duration = Duration::from_millis(1500);
const CONNECT: Duration = Duration::from_millis(1000);

/// What is known, for those who wait.
#[derive(Clone, Copy, Default)]
struct State {
    away: bool,
    /// Number of outages: one can end before a waiting task observes it.
    outages: u64,
}

#[derive(Default)]
pub struct Availability {
    state: watch::Sender<State>,
    /// When an outage was noticed last.
    noticed: Mutex<Option<Instant>>,
}

impl Availability {
    pub fn is_away(&self) -> bool {
        self.state.borrow().away
    }

    /// Waits until the database does not answer.
    pub async fn lost(&self) {
        let mut state = self.state.subscribe();
        let outages = state.borrow().outages;
        // The sender lives as long as this.
        let _ = state.wait_for(|state| state.away || state.outages != outages).await;
    }

    /// Waits until it has not answered for so long.
    pub async fn lost_for(&self, long: Duration) {
        self.lost().await;
        tokio::time::sleep(long).await;
    }

    /// Whether a connection of this age may be to a host that is gone.
    pub fn is_stale(&self, age: Duration) -> bool {
        self.noticed.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|noticed| age >= noticed.elapsed())
    }

    /// One ping on the dedicated connection. If it hangs while a new connection works, its host is gone: an outage of
    /// all older connections.
    pub async fn check<C, Fut>(&self, kept: &mut Option<DatabaseConnection>, pool: &DatabaseConnection, connect: C)
    where
        C: FnOnce() -> Fut,
        Fut: Future<Output = Result<DatabaseConnection, DbErr>>,
    {
        let mut hangs = false;
        if let Some(connection) = kept.as_ref() {
            match timeout(ANSWER, connection.execute_unprepared("SELECT 1")).await {
                Ok(Ok(_)) => return self.found(false, false),
                Ok(Err(_)) => {}
                Err(_) => hangs = true,
            }
        }
        let connected = timeout(CONNECT, connect()).await;
        // A server that refuses one more connection is not away.
        let answers = match &connected {
            Ok(Ok(_)) => true,
            Ok(Err(_)) => matches!(timeout(ANSWER, pool.execute_unprepared("SELECT 1")).await, Ok(Ok(_))),
            Err(_) => false,
        };
        *kept = connected.ok().and_then(Result::ok);
        self.found(!answers, hangs);
    }

    fn found(&self, away: bool, hangs: bool) {
        if away || hangs {
            *self.noticed.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
        let was_away = self.is_away();
        if away != was_away || hangs {
            self.state.send_modify(|state| *state = State { away, outages: state.outages + u64::from(away || hangs) });
        }
        match (was_away, away) {
            (false, true) => tracing::error!("the database does not answer"),
            (true, false) => tracing::info!("the database answers again"),
            _ if hangs => tracing::warn!("connections to the database hang; they are replaced"),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn who_waits_learns_of_an_outage_even_of_one_that_is_over_at_once() {
        for (away, hangs) in [(true, false), (true, true), (false, true)] {
            let availability = Arc::new(Availability::default());
            let waits = tokio::spawn({
                let availability = availability.clone();
                async move { availability.lost().await }
            });
            tokio::task::yield_now().await;
            assert!(!waits.is_finished());
            availability.found(away, hangs);
            availability.found(false, false);
            timeout(Duration::from_secs(1), waits).await.unwrap().unwrap();
            assert!(availability.is_stale(Duration::from_secs(1)) && !availability.is_away());
        }
    }

    #[tokio::test]
    async fn nobody_waits_while_the_database_is_away() {
        let availability = Availability::default();
        availability.found(true, false);
        timeout(Duration::from_secs(1), availability.lost()).await.unwrap();
    }
}
