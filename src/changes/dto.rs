//! Changes as JSON, and the place in their order.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::audit_log::followed::ChangedResource;
use crate::crypto::aead::SivKey;
use crate::domain::change::ChangeKind;
use crate::domain::field_code::FieldCode;
use crate::error::{FieldError, Result};
use crate::http::cursor::{Cursor, Key};
use crate::http::list::Pages;
use crate::revisions::Resource;

/// Where to begin.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ChangesFilter {
    /// The `cursor` of an earlier response: what has changed after it. It is invalid after the database was restored from an older
    /// backup and after a new signing key; then begin without it.
    #[param(max_length = 1000, pattern = "^[A-Za-z0-9_-]+$", example = "eyJvIjoiLW5vIiwidiI6W119c2lnbmF0dXJl")]
    since: Option<String>,
    /// Maximum number of changes in a response. A record that has changed several times is listed once.
    #[param(minimum = 1, maximum = 500, default = 100, example = 100)]
    pub limit: Option<u64>,
}

/// A place in the order of changes: the number of an event of the audit log, and its hash, so that a log with another one there is
/// noticed.
#[derive(Clone, PartialEq, Eq)]
pub struct Place {
    pub seq: i64,
    pub hash: Vec<u8>,
}

const ORDER: &str = "changes";

impl Place {
    fn open(text: &str, key: &SivKey) -> Option<Self> {
        let cursor = Cursor::open(text, key).filter(|cursor| cursor.order == ORDER)?;
        let [Key::Number(seq), Key::Text(hash)] = &cursor.values[..] else { return None };
        Some(Self { seq: *seq, hash: BASE64_STANDARD.decode(hash).ok()? })
    }

    fn seal(&self, key: &SivKey) -> Result<String> {
        let values = vec![Key::Number(self.seq), Key::Text(BASE64_STANDARD.encode(&self.hash))];
        Cursor { order: ORDER.to_owned(), values }.seal(key)
    }
}

/// The error of a place that is not one of this log.
pub fn bad_place() -> FieldError {
    FieldError::parameter("since", FieldCode::BadCursor)
}

impl ChangesFilter {
    pub fn since(&self, key: &SivKey) -> Result<Option<Place>> {
        let Some(text) = &self.since else { return Ok(None) };
        Ok(Some(Place::open(text, key).ok_or_else(bad_place)?))
    }
}

/// What was found from a place on.
pub struct Found {
    pub changes: Vec<Change>,
    /// The last event that was looked at; none in an empty log.
    pub place: Option<Place>,
    pub has_more: bool,
}

/// Changed records.
#[derive(Serialize, ToSchema)]
pub struct Changes {
    /// Each record once, in the order of the last changes.
    #[schema(max_items = 500)]
    items: Vec<Change>,
    /// The place after these changes, for `since`; null if nothing has changed yet.
    #[schema(required, max_length = 1000, example = "eyJvIjoiLW5vIiwidiI6W119c2lnbmF0dXJl")]
    cursor: Option<String>,
    /// Address of what changes after these; null if nothing has changed yet.
    #[schema(
        required,
        format = "uri",
        max_length = 2000,
        example = "https://api.example.go.th/v1/changes?limit=100&since=eyJvIjoiLW5vIiwidiI6W119c2ln"
    )]
    next: Option<String>,
    /// Whether there are more changes already.
    #[schema(example = false)]
    has_more: bool,
}

/// What has happened to a record, and where it is.
#[derive(Serialize, ToSchema)]
pub struct Change {
    /// Kind of the record.
    #[schema(value_type = ChangedResource, example = "measures")]
    pub resource: &'static str,
    /// What has happened to it.
    #[schema(example = "updated")]
    pub change: ChangeKind,
    /// Id of the record among those of its kind, which never changes; null for the agency and for guides, whose addresses never change.
    #[schema(required, example = "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11")]
    pub id: Option<Uuid>,
    /// Address of the record; null if it no longer exists.
    #[schema(
        required,
        format = "uri",
        max_length = 500,
        example = "https://api.example.go.th/v1/measures/01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11"
    )]
    pub url: Option<String>,
}

impl Change {
    pub fn of(resource: Resource, id: Option<Uuid>, change: ChangeKind, address: Option<String>) -> Self {
        Self { resource: resource.name(), id, change, url: address }
    }
}

impl Changes {
    pub fn of(found: Found, pages: &Pages, limit: u64) -> Result<Self> {
        let Found { changes, place, has_more } = found;
        let url = &pages.public_url;
        let cursor = place.map(|place| place.seal(&pages.cursor_key)).transpose()?;
        let next = cursor.as_ref().map(|cursor| format!("{url}/v1/changes?limit={limit}&since={cursor}"));
        let absolute = |change: Change| Change { url: change.url.map(|address| format!("{url}{address}")), ..change };
        Ok(Self { items: changes.into_iter().map(absolute).collect(), cursor, next, has_more })
    }
}
