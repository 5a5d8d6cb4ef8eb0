//! That somebody was denied what they asked for stands in the audit log: once an hour for each caller and operation, so that
//! a program that has gone wrong does not fill it.

use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::{HttpMessage, web};
use moka::sync::Cache;
use serde_json::json;

use crate::answer::Written;
use crate::app::App;
use crate::auth::token::Claims;
use crate::error::{Code, Error};
use crate::ledger::Event;

/// Callers and operations whose denial was written lately.
pub struct Denials(Cache<String, ()>);

impl Default for Denials {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(10_000).time_to_live(Duration::from_secs(3600)).build())
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
    let app = request.app_data::<web::Data<App>>().cloned().ok_or_else(|| Error::from(Code::Internal))?;
    let claims = request.extensions().get::<Claims>().cloned();
    let (method, route) = (request.method().to_string(), request.match_pattern().unwrap_or_default());
    if let Some(claims) = claims {
        let key = format!("{} {method} {route}", claims.sub);
        if app.denials.0.entry(key.clone()).or_insert(()).is_fresh() {
            let written = app.db.write(&claims.author(), None, |write| async move {
                let event = Event::happened("denied", "access", None);
                write.commit([event.with(json!({ "method": method, "route": route }))], Written::deleted()).await
            });
            if let Err(error) = written.await {
                tracing::warn!(%error, "a denial could not be written");
                app.denials.0.invalidate(&key);
            }
        }
    }
    Ok(answer)
}
