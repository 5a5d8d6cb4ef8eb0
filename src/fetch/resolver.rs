//! Names to addresses, and which of them may be connected to.

use std::fmt;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::thread;

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
            let admitted = admitted(found.await??, &*admits)?;
            Ok(Box::new(admitted.into_iter()) as Addrs)
        })
    }
}

fn admitted(
    found: impl Iterator<Item = SocketAddr>,
    admits: &dyn Fn(IpAddr) -> bool,
) -> Result<Vec<SocketAddr>, NotAdmitted> {
    let admitted: Vec<SocketAddr> = found.filter(|address| admits(address.ip())).collect();
    if admitted.is_empty() { Err(NotAdmitted) } else { Ok(admitted) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::public_address::is_public;

    #[test]
    fn of_a_name_with_a_public_and_a_private_address_the_private_one_is_never_connected_to() {
        let found = |addresses: &[&str]| -> Vec<SocketAddr> {
            addresses.iter().map(|address| SocketAddr::new(address.parse().unwrap(), 0)).collect()
        };
        let mixed = found(&["10.0.0.1", "8.8.8.8", "::ffff:127.0.0.1", "2001:4860:4860::8888", "::1"]);
        let public = found(&["8.8.8.8", "2001:4860:4860::8888"]);
        assert_eq!(admitted(mixed.into_iter(), &is_public).unwrap(), public);
        assert!(admitted(found(&["::ffff:10.0.0.1"]).into_iter(), &is_public).is_err());
    }
}
