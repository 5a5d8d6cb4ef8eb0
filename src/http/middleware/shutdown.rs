//! The phases of shutting down, as requests see them.

use std::future::Future;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::ConnectionType;
use actix_web::middleware::Next;
use tokio::sync::watch;

use crate::error::{Code, Result};
use crate::http::context::part;

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

/// The outermost layer: from draining on, no connection is kept after its answer.
pub async fn close_connections(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let shutdown = part::<Shutdown>(request.request())?.clone();
    let answer = next.call(request).await;
    if shutdown.phase() == Phase::Serving {
        return answer;
    }
    match answer {
        Ok(mut answer) => {
            answer.response_mut().head_mut().set_connection_type(ConnectionType::Close);
            Ok(answer)
        }
        Err(error) => {
            let mut answer = error.error_response();
            answer.head_mut().set_connection_type(ConnectionType::Close);
            Err(InternalError::from_response(error, answer).into())
        }
    }
}
