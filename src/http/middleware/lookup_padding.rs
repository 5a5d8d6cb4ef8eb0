//! Lookups by receipt: whoever watches the line from outside does not see by their length or by how long they take whether a
//! receipt is known. What is sent is filled up with spaces, which JSON allows at its end, and held back until its time.

use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use percent_encoding::percent_decode_str;
use tokio::time::Instant;

use crate::http::response::collect;

/// An answer takes this long, or a multiple of it.
const PACE: Duration = Duration::from_millis(200);

/// Its head and body together are a multiple of so many bytes.
const SIZE: usize = 16 * 1024;

pub async fn pad(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let path = percent_decode_str(request.path()).decode_utf8_lossy();
    if !path.ends_with("/lookup") {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let begun = Instant::now();
    // Spaces would not outlive a compression.
    request.headers_mut().remove(header::ACCEPT_ENCODING);
    let (request, answer) = next.call(request).await?.into_parts();
    let (answer, body) = answer.into_parts();
    let mut body = collect(body).await?.to_vec();
    let lines = answer.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len());
    let reason = answer.status().canonical_reason().unwrap_or_default();
    let length = lines.sum::<usize>() + reason.len() + body.len();
    body.resize(body.len() + length.next_multiple_of(SIZE) - length, b' ');
    let turns = begun.elapsed().as_millis() / PACE.as_millis() + 1;
    tokio::time::sleep_until(begun + PACE * u32::try_from(turns).unwrap_or(1)).await;
    Ok(ServiceResponse::new(request, answer.set_body(BoxBody::new(body))))
}
