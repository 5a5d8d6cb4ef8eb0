//! Service discovery (<https://wiki.open311.org/Service_Discovery>): where the endpoints are.

use actix_web::Responder;
use serde_json::json;

use super::{Answer, Segments};
use crate::state::State;

pub async fn discovery(app: State, segments: Segments) -> impl Responder {
    let endpoint = |kind: &str, path: &str| {
        json!({
            "specification": "http://wiki.open311.org/GeoReport_v2",
            "url": format!("{}/open311/{path}", app.site.public_url),
            "changeset": CHANGESET,
            "type": kind,
            "formats": ["text/xml", "application/json"],
        })
    };
    let value = json!({
        "changeset": CHANGESET,
        "contact": app.site.security_contact,
        "key_service": "No key is needed: api_key is taken and not looked at.",
        "endpoints": [endpoint("production", "v2"), endpoint("test", "test/v2")],
    });
    Answer::new(&segments, "discovery", Ok(value))
}

/// When what the discovery says last changed.
const CHANGESET: &str = "2026-11-26T00:00:00Z";
