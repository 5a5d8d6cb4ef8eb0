//! Operations that will be removed. A handler says since when it is deprecated, and the day until which it is served at least:
//! `#[utoipa::path(.., extensions(("x-deprecation" = json!({ "since": "2027-01-01", "sunset": "2028-01-01" }))))]`. The document
//! and the headers of answers follow from that.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::Value;

use crate::domain::working_days::midnight;

const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
const SUNSET: HeaderName = HeaderName::from_static("sunset");

#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Deprecation {
    pub since: NaiveDate,
    pub sunset: NaiveDate,
}

impl Deprecation {
    /// Of an operation of the document.
    pub fn of(operation: &Value) -> Option<Self> {
        Self::deserialize(operation.get("x-deprecation")?).ok()
    }

    /// `Deprecation` (RFC 9745) and `Sunset` (RFC 8594), at midnight in Bangkok.
    pub fn tell(&self, headers: &mut HeaderMap) {
        let since = format!("@{}", midnight(self.since).timestamp());
        let sunset = midnight(self.sunset).format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        for (name, text) in [(DEPRECATION, since), (SUNSET, sunset)] {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(name, value);
            }
        }
    }
}
