//! Audit events that are written at most once an hour for the same key, so that repeated requests do not fill the log.

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;

use super::Db;
use crate::audit_log::append::Event;
use crate::audit_log::author::Author;

/// The keys whose event was written in the last hour, by this process.
pub struct Hourly(Cache<String, ()>);

impl Default for Hourly {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(10_000).time_to_live(Duration::from_secs(3600)).build())
    }
}

impl Hourly {
    /// Writes the event unless it was written lately. One that cannot be written is written the next time: nothing else fails for it.
    pub async fn record(&self, db: &Arc<Db>, author: &Author, key: String, event: impl FnOnce() -> Event) {
        if !self.0.entry(key.clone()).or_insert(()).is_fresh() {
            return;
        }
        let event = event();
        let written = db.write(author, |write| async move { write.commit([event], ()) });
        if let Err(error) = written.await {
            tracing::warn!(%error, "an event could not be written");
            self.0.invalidate(&key);
        }
    }
}
