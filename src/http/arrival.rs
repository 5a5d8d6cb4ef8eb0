//! A body as it arrives: it ends with 408 where too little does. So nobody holds memory or a connection with a trickle.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::web::Bytes;
use futures_util::StreamExt;
use tokio::time::Instant;

use crate::error::{Code, Result};
use crate::http::body::BODY_TIMEOUT;
use crate::http::context::part;
use crate::http::middleware::shutdown::Shutdown;

/// Until its end nothing need have arrived.
const GRACE: Duration = BODY_TIMEOUT;

/// In each of these [`LEAST`] has to arrive: half a megabit in a second.
const WINDOW: Duration = Duration::from_secs(5);
const LEAST: usize = 5 * 64 * 1024;

pub struct Arrival {
    payload: Payload,
    /// The end of the grace or window, and what has arrived in it.
    until: Instant,
    bytes: usize,
}

impl Arrival {
    pub fn of(payload: Payload) -> Self {
        Self { payload, until: Instant::now() + GRACE, bytes: LEAST }
    }

    /// Begins anew with the grace, after something that the sender has waited for.
    pub fn go_on(&mut self) {
        (self.until, self.bytes) = (Instant::now() + GRACE, LEAST);
    }

    /// What arrives next.
    pub async fn next(&mut self, request: &HttpRequest) -> Result<Option<Bytes>> {
        let arriving = async {
            loop {
                match tokio::time::timeout_at(self.until, self.payload.next()).await {
                    Ok(chunk) => {
                        let chunk = chunk.transpose().map_err(|_| Code::MalformedRequest)?;
                        self.bytes += chunk.as_ref().map_or(0, Bytes::len);
                        return Ok(chunk);
                    }
                    Err(_) if self.bytes >= LEAST => (self.until, self.bytes) = (self.until + WINDOW, 0),
                    Err(_) => return Err(Code::RequestTimeout.into()),
                }
            }
        };
        part::<Shutdown>(request)?.unless_ending(arriving).await
    }
}
