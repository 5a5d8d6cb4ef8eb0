//! The phases of shutting down, as requests see them.

use std::future::Future;

use tokio::sync::watch;

use crate::error::{Code, Result};

/// How far shutting down has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Serving,
    /// Not ready. Connections are accepted and answered, and closed after that.
    Draining,
    /// Answers under way are finished, bodies that are still arriving are refused.
    Ending,
}

/// The current phase, to read or to wait for.
pub struct Shutdown(watch::Sender<Phase>);

impl Default for Shutdown {
    fn default() -> Self {
        Self(watch::Sender::new(Phase::Serving))
    }
}

impl Shutdown {
    pub fn phase(&self) -> Phase {
        *self.0.borrow()
    }

    pub fn enter(&self, phase: Phase) {
        tracing::info!(?phase, "shutting down");
        self.0.send_replace(phase);
    }

    async fn ending(&self) {
        // It fails without a sender, which is in `self`.
        let _ = self.0.subscribe().wait_for(|phase| *phase == Phase::Ending).await;
    }

    /// Reads a body, unless the service stops before all of it has arrived. Nothing of it may have been stored by then.
    pub async fn unless_ending<T>(&self, arriving: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            biased;
            arrived = arriving => arrived,
            () = self.ending() => Err(Code::ShuttingDown.into()),
        }
    }
}
