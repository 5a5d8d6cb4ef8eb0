//! Receipt lookups: padding and fixed timing, against side channels. An observer cannot tell by length or time whether
//! a receipt is known. The body is padded with spaces, which JSON allows at its end, and delayed.

use std::error::Error as StdError;
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use tokio::time::Instant;

use crate::error::Error;
use crate::http::middleware::validation::Route;
use crate::http::route::Kind;

/// The response time is a multiple of this.
const PACE: Duration = Duration::from_millis(200);

/// The size of head and body together is a multiple of this.
const SIZE: usize = 16 * 1024;

pub async fn pad(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let begun = Instant::now();
    if !Route::of(&request)?.kinds.has(Kind::Lookup) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    // Compression would remove the padding.
    request.headers_mut().remove(header::ACCEPT_ENCODING);
    let (request, answer) = next.call(request).await?.into_parts();
    let (answer, body) = answer.into_parts();
    let body = to_bytes(body).await;
    let mut body = body.map_err(|error| Error::internal(Into::<Box<dyn StdError>>::into(error).to_string()))?.to_vec();
    let lines = answer.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len());
    let reason = answer.status().canonical_reason().unwrap_or_default();
    let length = lines.sum::<usize>() + reason.len() + body.len();
    body.resize(body.len() + length.next_multiple_of(SIZE) - length, b' ');
    let turns = begun.elapsed().as_millis() / PACE.as_millis() + 1;
    tokio::time::sleep_until(begun + PACE * u32::try_from(turns).unwrap_or(1)).await;
    Ok(ServiceResponse::new(request, answer.set_body(BoxBody::new(body))))
}
