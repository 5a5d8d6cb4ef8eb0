//! Audit events that are written at most once an hour for the same key, so that repeated requests do not fill the log.

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;

use super::Db;
use crate::audit_log::append::Event;
use crate::audit_log::author::Author;
use crate::error::Result;

/// The keys whose event was written in the last hour, by this process.
pub struct Hourly(Cache<String, ()>);

impl Default for Hourly {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(10_000).time_to_live(Duration::from_secs(3600)).build())
    }
}

impl Hourly {
    /// Writes the event unless it was written lately. Two at once may both be written, and none is taken for written before it is.
    pub async fn record(
        &self,
        db: &Arc<Db>,
        author: &Author,
        key: String,
        event: impl FnOnce() -> Event,
    ) -> Result<()> {
        if self.0.contains_key(&key) {
            return Ok(());
        }
        let event = event();
        db.write(author, |write| async move { write.commit([event], ()) }).await?;
        self.0.insert(key, ());
        Ok(())
    }
}
