//! Audit events that are written at most once an hour for the same key, so that repeated requests do not fill the log.

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;

use super::Db;
use crate::audit_log::append::Event;
use crate::audit_log::author::Author;
use crate::error::Result;

/// Events of one write: others wait for it.
const AT_ONCE: usize = 200;

/// The keys whose event was written in the last hour, by this process.
pub struct Hourly(Cache<String, ()>);

impl Default for Hourly {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(50_000).time_to_live(Duration::from_secs(3600)).build())
    }
}

impl Hourly {
    /// Writes each event unless it was written lately. Two at once may both be written, and none is taken for written before it is.
    pub async fn record(&self, db: &Arc<Db>, author: &Author, mut events: Vec<(String, Event)>) -> Result<()> {
        events.retain(|(key, _)| !self.0.contains_key(key));
        while !events.is_empty() {
            let (keys, now): (Vec<_>, Vec<_>) = events.drain(..events.len().min(AT_ONCE)).unzip();
            db.write(author, |write| async move { write.commit(now, ()) }).await?;
            keys.into_iter().for_each(|key| self.0.insert(key, ()));
        }
        Ok(())
    }
}
