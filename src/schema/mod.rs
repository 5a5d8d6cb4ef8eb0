//! JSON Schema: the published schemas check bodies and queries.

pub mod describe;
pub mod patch;
pub mod validate;

use std::sync::OnceLock;

use serde_json::Value;

static PUBLISHED: OnceLock<fn() -> &'static Value> = OnceLock::new();

/// Says where the named schemas of the document are, which the others refer to.
pub fn publish(schemas: fn() -> &'static Value) {
    let _ = PUBLISHED.set(schemas);
}

fn published() -> &'static Value {
    PUBLISHED.get().map_or(&Value::Null, |schemas| schemas())
}
