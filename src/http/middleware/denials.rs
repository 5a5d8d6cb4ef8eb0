//! Audit events for denied requests, at most one an hour per caller and operation, so that a misbehaving program does
//! not fill the log.

use std::sync::Arc;

use actix_web::HttpMessage;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use serde_json::json;

use crate::audit_log::append::Event;
use crate::audit_log::author::UnitScope;
use crate::auth::token::Claims;
use crate::db::Db;
use crate::db::hourly::Hourly;
use crate::http::context::part;

/// Callers and operations whose denial was written lately.
pub struct Denials {
    db: Arc<Db>,
    written: Hourly,
}

impl Denials {
    pub fn new(db: Arc<Db>) -> Self {
        Self { db, written: Hourly::default() }
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
        let event = Event::happened("denied", "access", None).with(json!({ "method": method, "route": route }));
        let (author, events) = (claims.author(UnitScope::Nothing), vec![(key, event)]);
        if let Err(error) = denials.written.record(&denials.db, &author, events).await {
            tracing::warn!(%error, "a denial could not be written");
        }
    }
    Ok(answer)
}
