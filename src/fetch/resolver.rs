//! Names to addresses, and which of them may be connected to.

use std::fmt;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::thread;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::oneshot;

/// Gives those addresses of a name that are admitted.
pub struct Resolver {
    pub admits: Arc<dyn Fn(IpAddr) -> bool + Send + Sync>,
}

/// A name has addresses, and none of them is admitted.
#[derive(Debug)]
pub struct NotAdmitted;

impl fmt::Display for NotAdmitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no address of this name may be connected to")
    }
}

impl std::error::Error for NotAdmitted {}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let admits = self.admits.clone();
        Box::pin(async move {
            // In a thread of its own: the process ends without waiting for a name server, as it would for the runtime's threads.
            let (send, found) = oneshot::channel();
            let lookup = move || {
                // The port is the one of the request.
                let _ = send.send((name.as_str(), 0).to_socket_addrs());
            };
            thread::Builder::new().name("resolver".to_owned()).spawn(lookup)?;
            let admitted: Vec<SocketAddr> = found.await??.filter(|address| admits(address.ip())).collect();
            if admitted.is_empty() {
                return Err(NotAdmitted.into());
            }
            Ok(Box::new(admitted.into_iter()) as Addrs)
        })
    }
}
