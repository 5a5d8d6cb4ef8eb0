//! Audit events for denied requests, at most one an hour per caller and operation, so that a misbehaving program does
//! not fill the log.

use std::time::Duration;

use actix_web::HttpMessage;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use moka::sync::Cache;
use serde_json::json;

use std::sync::Arc;

use crate::audit_log::append::Event;
use crate::auth::token::Claims;
use crate::db::Db;
use crate::http::context::part;

/// Callers and operations whose denial was written lately.
pub struct Denials {
    db: Arc<Db>,
    written: Cache<String, ()>,
}

impl Denials {
    pub fn new(db: Arc<Db>) -> Self {
        let written = Cache::builder().max_capacity(10_000).time_to_live(Duration::from_secs(3600)).build();
        Self { db, written }
    }
}

pub async fn record(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let answer = next.call(request).await?;
    if answer.status() != StatusCode::FORBIDDEN {
        return Ok(answer);
    }
    let request = answer.request();
    let denials = part::<Denials>(request)?.clone();
    let claims = request.extensions().get::<Claims>().cloned();
    let (method, route) = (request.method().to_string(), request.match_pattern().unwrap_or_default());
    if let Some(claims) = claims {
        let key = format!("{} {method} {route}", claims.sub);
        if denials.written.entry(key.clone()).or_insert(()).is_fresh() {
            let written = denials.db.write(&claims.author(), |write| async move {
                let event = Event::happened("denied", "access", None);
                write.commit([event.with(json!({ "method": method, "route": route }))], ())
            });
            if let Err(error) = written.await {
                tracing::warn!(%error, "a denial could not be written");
                denials.written.invalidate(&key);
            }
        }
    }
    Ok(answer)
}
