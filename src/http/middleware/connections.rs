//! Which connections are kept after an answer: none while the service stops, and no more of one address than its share, so that
//! nobody holds all connections without asking for anything.

use std::any::Any;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::body::MessageBody;
use actix_web::dev::{Extensions, ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::ConnectionType;
use actix_web::middleware::Next;
use actix_web::rt::net::TcpStream;

use super::shutdown::{Phase, Shutdown};
use crate::error::Result;
use crate::http::callers::{Callers, network};
use crate::http::context::part;

/// Connections of one address that are kept.
const SHARE: usize = 256;

/// The open connections of each address.
#[derive(Clone, Default)]
pub struct Connections(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// An open connection; it counts until it is dropped.
struct Connection {
    all: Connections,
    address: IpAddr,
}

impl Connections {
    /// Counts a connection that was accepted.
    pub fn opened(&self, stream: &dyn Any, connection: &mut Extensions) {
        let address = stream.downcast_ref::<TcpStream>().and_then(|stream| stream.peer_addr().ok());
        let Some(address) = address.map(|address| network(address.ip())) else { return };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(address).or_default() += 1;
        connection.insert(Connection { all: self.clone(), address });
    }
}

impl Connection {
    fn is_beyond_its_share(&self) -> bool {
        let open = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.get(&self.address).is_some_and(|open| *open > SHARE)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut open = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.address);
            }
        }
    }
}

/// The outermost layer. A reverse proxy of ours has as many connections as it needs.
pub async fn close(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let (shutdown, callers) =
        (part::<Shutdown>(request.request())?.clone(), part::<Callers>(request.request())?.clone());
    let connection = request.request().conn_data::<Connection>();
    let is_beyond =
        connection.is_some_and(|connection| connection.is_beyond_its_share() && !callers.is_proxy(connection.address));
    let answer = next.call(request).await;
    if shutdown.phase() == Phase::Serving && !is_beyond {
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
