//! Shutting down: the phases between a signal and the end of the process.
//!
//! A stopping actix server completes the requests that it has begun and no others. It drops connections that wait for a
//! worker and requests buffered on a kept-alive connection, and the kernel resets those in the listener's queue. So
//! SIGTERM starts with a drain phase in which every request is served and every connection is closed after its
//! response: proxies and clients move away, and nothing is left to drop.

use std::io;
use std::pin::pin;
use std::time::Duration;

use actix_web::dev::Server;
use futures_util::future;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::jobs;
use crate::http::middleware::shutdown::Phase;
use crate::state::App;

/// From the signal to the last answer. With closing the database it stays below the ten seconds after which Docker kills.
const WITHIN: Duration = Duration::from_secs(9);

/// How long answers under way may take after draining and writes, at most.
const FINISH: Duration = Duration::from_secs(5);

/// How long writes may take before that.
const WRITES: Duration = Duration::from_millis(500);

/// How long the database may take to be closed.
const CLOSE: Duration = Duration::from_millis(500);

/// Seconds that actix waits for answers under way before it closes their connections.
pub fn timeout(drain: Duration) -> u64 {
    WITHIN.saturating_sub(drain).min(FINISH).as_secs()
}

/// Runs the server until SIGTERM or SIGINT. SIGINT (Ctrl-C) does not drain; a second signal ends it immediately.
pub async fn serve(server: Server, app: &App, drain: Duration) -> io::Result<()> {
    let mut signals = Signals::listen()?;
    let handle = server.handle();
    let mut server = pin!(server);
    let drain = tokio::select! {
        ended = &mut server => return ended,
        _ = signals.terminate.recv() => drain,
        _ = signals.interrupt.recv() => Duration::ZERO,
    };
    let stopped = async {
        if !drain.is_zero() {
            app.http.shutdown.enter(Phase::Draining);
            tokio::time::sleep(drain).await;
        }
        app.http.shutdown.enter(Phase::Ending);
        // A write goes on when its client has gone, on the worker that the stop ends.
        let _ = tokio::time::timeout(WRITES, app.db.writes_done()).await;
        // Before the workers end: a connection of PostgreSQL ends with the worker that opened it.
        if tokio::time::timeout(CLOSE, jobs::finish(app)).await.is_err() {
            tracing::warn!("the audit log was not signed in time");
        }
        handle.stop(true).await;
        // A background job keeps its connection until its transaction has ended, and gets no other one.
        if tokio::time::timeout(CLOSE, app.db.close()).await.is_err() {
            tracing::warn!("the database was not closed in time; what was being written is rolled back");
        }
    };
    tokio::select! {
        (ended, ()) = future::join(&mut server, stopped) => ended,
        () = signals.any() => {
            tracing::warn!("a second signal: requests under way are not waited for");
            Ok(())
        }
    }
}

/// What asks the process to end.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn any(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
