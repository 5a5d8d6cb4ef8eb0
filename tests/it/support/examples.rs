//! What a service answers, noted for the examples of the document, and shown without what differs from run to run.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, DurationRound, SecondsFormat, TimeDelta, Utc};
use prongsai::schema::validate::escaped;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::contract::{Exchange, media_type};
use super::document::{DOCUMENT, schema_at};

/// Operation, status and media type.
pub type Place = (String, String, String);

/// Notes the first JSON answer of each operation, status and media type that is no empty list; nothing before it is started.
#[derive(Clone, Default)]
pub struct Recorder(Arc<Mutex<Option<BTreeMap<Place, Value>>>>);

impl Recorder {
    pub fn start(&self) {
        *self.0.lock().unwrap() = Some(BTreeMap::new());
    }

    pub fn note(&self, exchange: &Exchange<'_>) {
        let Some(noted) = &mut *self.0.lock().unwrap() else { return };
        if let (Some(operation), Ok(body)) = (exchange.operation_id(), serde_json::from_slice(exchange.body)) {
            let place = (operation.to_owned(), exchange.status.to_string(), media_type(exchange.headers));
            // A list with nothing in it shows little.
            if noted.get(&place).is_none_or(|known| known["items"] == json!([])) {
                noted.insert(place, body);
            }
        }
    }

    pub fn finish(&self) -> BTreeMap<Place, Value> {
        self.0.lock().unwrap().take().expect("it was started")
    }
}

/// Fields with a new value each time, or a secret: they are shown as the example of the field.
const VOLATILE: [&str; 26] = [
    "access_token",
    "acknowledgement",
    "challenge",
    "checkpoint",
    "commitment",
    "continued_as_reference",
    "continues_reference",
    "cursor",
    "device_token",
    "duplicate_of_reference",
    "expires_at",
    "hash",
    "hashes",
    "last_succeeded_at",
    "leaf",
    "next_cursor",
    "receipt",
    "recovery_codes",
    "reference",
    "refresh_token",
    "sealed_identity",
    "secret",
    "sha256",
    "size_bytes",
    "statement",
    "uri",
];

/// So many objects of a list are shown, and so many texts or numbers.
const OBJECTS: usize = 2;
const SCALARS: usize = 4;

/// A response as it is shown: lists are cut, ids and times are the same in every run.
pub struct Shown<'a> {
    /// Where the service is in the test.
    pub address: &'a str,
    /// The ids of the response, in the order in which they occur.
    pub ids: Vec<String>,
}

impl Shown<'_> {
    /// `value`, whose schema is at `place` of the document.
    pub fn show(&mut self, value: &Value, place: Option<&str>) -> Value {
        let schema = place.map(schema_at);
        let below = |part: &str| {
            let (place, schema) = schema.as_ref()?;
            schema.pointer(part).map(|_| format!("{place}{part}"))
        };
        match value {
            Value::Object(fields) => {
                let shown = fields.iter().map(|(name, part)| {
                    let place = below(&format!("/properties/{}", escaped(name)));
                    let example = place.as_deref().and_then(|place| DOCUMENT.pointer(place)?.get("example"));
                    let is_volatile = VOLATILE.contains(&&**name) && !part.is_null() && *part != json!([]);
                    match example.filter(|_| is_volatile) {
                        Some(example) => (name.clone(), example.clone()),
                        None => (name.clone(), self.show(part, place.as_deref())),
                    }
                });
                shown.collect::<Map<_, _>>().into()
            }
            Value::Array(items) => {
                let most = if items.iter().any(Value::is_object) { OBJECTS } else { SCALARS };
                let least = schema.as_ref().and_then(|(_, schema)| schema["minItems"].as_u64()).unwrap_or_default();
                let most = most.max(usize::try_from(least).unwrap());
                let place = below("/items");
                items.iter().take(most).map(|item| self.show(item, place.as_deref())).collect()
            }
            Value::String(text) => json!(self.text(text)),
            other => other.clone(),
        }
    }

    fn text(&mut self, text: &str) -> String {
        if let Ok(time) = DateTime::parse_from_rfc3339(text) {
            return instant(time.to_utc());
        }
        let mut text = text.replace(self.address, "https://api.example.go.th");
        for name in ["cursor=", "since="] {
            if let Some((before, cursor)) = text.split_once(name) {
                let after = cursor.split_once('&').map_or(String::new(), |(_, after)| format!("&{after}"));
                let cursor = DOCUMENT["components"]["schemas"]["Page"]["properties"]["next_cursor"]["example"].as_str();
                text = format!("{before}{name}{}{after}", cursor.expect("an example"));
            }
        }
        // An id, be it within an address.
        let ids = text.split(|c: char| !c.is_ascii_hexdigit() && c != '-').filter(|part| part.len() == 36);
        let ids: Vec<String> = ids.filter(|part| part.parse::<Uuid>().is_ok()).map(str::to_owned).collect();
        ids.iter().fold(text.clone(), |text, id| text.replace(id, &self.id(id)))
    }

    /// The id that stands for one of this run.
    fn id(&mut self, id: &str) -> String {
        if !self.ids.iter().any(|known| known == id) {
            self.ids.push(id.to_owned());
        }
        let index = self.ids.iter().position(|known| known == id).unwrap_or_default();
        format!("018e3fb8-9a00-7cc1-9c53-0c5a2f0a7c{:02x}", 0x11 + index)
    }
}

/// The walk takes seconds: what is rounded down is the same in each.
fn instant(time: DateTime<Utc>) -> String {
    let time = time.duration_trunc(TimeDelta::minutes(10)).unwrap();
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}
