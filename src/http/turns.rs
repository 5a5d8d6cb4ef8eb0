//! Work that is done one at a time. Whoever comes waits for their turn, in the order of arrival and not for long; nobody takes
//! all places of the queue.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::error::{Code, Error, Result};
use crate::http::callers::CallerKey;

/// Places of the queue: a part of the reads that are admitted at once.
const PLACES: usize = 16;

/// Places of one caller.
const PLACES_EACH: usize = 4;

/// How long somebody waits.
const PATIENCE: Duration = Duration::from_secs(5);

pub struct Turns {
    one: Semaphore,
    /// How many places each caller has.
    places: Mutex<HashMap<CallerKey, usize>>,
}

/// One's turn, until it is dropped.
pub struct Turn<'a> {
    _permit: SemaphorePermit<'a>,
    _place: Place<'a>,
}

struct Place<'a> {
    turns: &'a Turns,
    caller: CallerKey,
}

impl Default for Turns {
    fn default() -> Self {
        Self { one: Semaphore::new(1), places: Mutex::default() }
    }
}

impl Turns {
    pub async fn take(&self, caller: &CallerKey) -> Result<Turn<'_>> {
        self.take_within(PATIENCE, caller).await
    }

    async fn take_within(&self, patience: Duration, caller: &CallerKey) -> Result<Turn<'_>> {
        let busy = || Error::from(Code::Unavailable).retry_after(PATIENCE.as_secs().cast_signed());
        let place = self.place(caller).ok_or_else(busy)?;
        let permit = tokio::time::timeout(patience, self.one.acquire()).await.map_err(|_| busy())?;
        Ok(Turn { _permit: permit.map_err(Error::internal)?, _place: place })
    }

    fn place(&self, caller: &CallerKey) -> Option<Place<'_>> {
        let mut places = self.places();
        let own = places.get(caller).copied().unwrap_or(0);
        if own == PLACES_EACH || places.values().sum::<usize>() == PLACES {
            return None;
        }
        places.insert(*caller, own + 1);
        Some(Place { turns: self, caller: *caller })
    }

    fn places(&self) -> MutexGuard<'_, HashMap<CallerKey, usize>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut places = self.turns.places();
        match places.get_mut(&self.caller) {
            Some(own) if *own > 1 => *own -= 1,
            _ => drop(places.remove(&self.caller)),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const ONE: CallerKey = [1; 16];

    #[tokio::test]
    async fn turns_come_in_the_order_of_arrival() {
        let turns = Turns::default();
        let running = turns.take(&ONE).await.unwrap();
        let mut second = Box::pin(turns.take(&ONE));
        let mut third = Box::pin(turns.take(&[2; 16]));
        assert!((&mut second).now_or_never().is_none() && (&mut third).now_or_never().is_none());
        drop(running);
        assert!((&mut third).now_or_never().is_none());
        drop(second.await.unwrap());
        third.await.unwrap();
    }

    #[tokio::test]
    async fn a_caller_has_four_places_and_all_have_sixteen() {
        let turns = Turns::default();
        let mut places = Vec::new();
        for caller in 0..4 {
            for _ in 0..PLACES_EACH {
                places.push(turns.place(&[caller; 16]).unwrap());
            }
            assert!(turns.place(&[caller; 16]).is_none());
        }
        assert!(turns.place(&[9; 16]).is_none());
        places.pop();
        assert!(turns.place(&[9; 16]).is_some());
        places.clear();
        assert!(turns.places().is_empty());
    }

    #[tokio::test]
    async fn nobody_waits_for_ever() {
        let turns = Turns::default();
        let running = turns.take(&ONE).await.unwrap();
        let error = turns.take_within(Duration::from_millis(20), &ONE).await.err().unwrap();
        assert_eq!(error.code(), Code::Unavailable);
        drop(running);
        turns.take(&ONE).await.unwrap();
        assert!(turns.places().is_empty());
    }
}
