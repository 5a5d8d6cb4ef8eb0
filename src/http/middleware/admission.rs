//! Admission control: requests beyond what the database can serve soon are rejected immediately with 503 instead of
//! being queued, and no request waits for a database that does not respond.

use std::sync::Arc;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::db::Db;
use crate::error::{Code, Error, Result};
use crate::http::context::part;
use crate::http::middleware::validation::Route;
use crate::http::route::Kind;

/// How many reads may run or wait: what both databases do in a quarter of a second.
const READERS: usize = 64;

/// How many lists may be downloaded whole at once, and how many reports made, as the rows of each are in memory; and how long the
/// next one waits.
const WHOLE_LISTS: usize = 2;
const REPORTS: usize = 4;
const PATIENCE: Duration = Duration::from_secs(2);

pub struct Admission {
    db: Arc<Db>,
    readers: Semaphore,
    whole_lists: Arc<Semaphore>,
    reports: Arc<Semaphore>,
}

impl Admission {
    pub fn new(db: Arc<Db>) -> Self {
        let [whole_lists, reports] = [WHOLE_LISTS, REPORTS].map(|count| Arc::new(Semaphore::new(count)));
        Self { db, readers: Semaphore::new(READERS), whole_lists, reports }
    }

    /// A permit to hold a whole list in memory.
    pub async fn whole_list(&self) -> Result<OwnedSemaphorePermit> {
        permit(&self.whole_lists).await
    }

    /// A permit to hold a report in memory.
    pub async fn report(&self) -> Result<OwnedSemaphorePermit> {
        permit(&self.reports).await
    }
}

async fn permit(of: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit> {
    let permit = timeout(PATIENCE, of.clone().acquire_owned()).await.map_err(|_| Code::Unavailable)?;
    permit.map_err(Error::internal)
}

/// Rejects writes while the maximum number of writes waits, before they cost anything. A write that passes takes its
/// slot in `Db::write`, after its body has arrived, so a slow client holds no slot.
pub async fn writes(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let reads = [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
    if !reads && part::<Admission>(request.request())?.db.is_overloaded() {
        return Ok(request.error_response(Error::from(Code::Unavailable)).map_into_right_body());
    }
    Ok(next.call(request).await?.map_into_left_body())
}

/// Behind the cache: rejects reads beyond the limit, and fails reads that wait when the database becomes unavailable.
pub async fn reads(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    if Route::of(&request)?.kinds.has(Kind::Probe) {
        return next.call(request).await;
    }
    let admission = part::<Admission>(request.request())?.clone();
    let _admitted = match request.method() {
        &Method::GET => Some(admission.readers.try_acquire().map_err(|_| Error::from(Code::Unavailable))?),
        _ => None,
    };
    tokio::select! {
        // First, for what needs no database.
        biased;
        answer = next.call(request) => answer,
        () = admission.db.availability.lost() => Err(Error::from(Code::Unavailable).into()),
    }
}
