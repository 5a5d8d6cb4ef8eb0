//! The published document as the tests read it: its addresses, its schemas, and what they allow.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::{Draft, Registry, Validator};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Map, Value, json};

/// A document with a disagreement in it, from tests/contract/steps/plant.py.
#[expect(clippy::disallowed_methods, reason = "a setting of the tests alone")]
pub static PLANTED: LazyLock<Option<String>> = LazyLock::new(|| std::env::var("PRONGSAI_TEST_DOCUMENT").ok());

/// The committed document, not what the service under test believes of itself.
pub static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/openapi.json");
    let file = PLANTED.as_deref().unwrap_or(committed);
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
});

/// The template of a path, the most literal one that fits, and what stands in it.
pub fn find(path: &str) -> Option<(&'static str, HashMap<String, String>)> {
    // The most literal first.
    static TEMPLATES: LazyLock<Vec<(&str, Vec<&str>)>> = LazyLock::new(|| {
        let templates = DOCUMENT["paths"].as_object().expect("paths").keys();
        let mut templates: Vec<_> = templates.map(|template| (&**template, template.split('/').collect())).collect();
        templates.sort_by_key(|(template, _)| template.matches('{').count());
        templates
    });
    // A slash at the end means nothing.
    let path = path.strip_suffix('/').filter(|path| !path.is_empty() && !path.ends_with('/')).unwrap_or(path);
    let parts: Vec<_> = path.split('/').map(|part| percent_decode_str(part).decode_utf8_lossy()).collect();
    let fits = |known: &[&str]| {
        known.len() == parts.len()
            && known.iter().zip(&parts).all(|(known, part)| known.starts_with('{') || known == part)
    };
    let (template, known) = TEMPLATES.iter().find(|(_, known)| fits(known))?;
    let filled = known.iter().zip(&parts).filter(|(known, _)| known.starts_with('{'));
    let segments =
        filled.map(|(known, part)| (known.trim_matches(['{', '}']).to_owned(), part.clone().into_owned())).collect();
    Some((template, segments))
}

/// What stands at a pointer, behind its reference if it is one.
pub fn resolved(place: &str) -> Option<(String, &'static Value)> {
    let value = DOCUMENT.pointer(place)?;
    match value["$ref"].as_str() {
        Some(reference) => resolved(reference.trim_start_matches('#')),
        None => Some((place.to_owned(), value)),
    }
}

/// A parameter's text as the value that its schema means.
pub fn value_of(schema: &Value, text: &str) -> Value {
    let is =
        |kind: &str| schema["type"] == kind || schema["type"].as_array().is_some_and(|all| all.contains(&json!(kind)));
    let parsed = match () {
        () if is("array") => {
            Some(text.split(',').filter(|part| !part.is_empty()).map(|part| value_of(&schema["items"], part)).collect())
        }
        () if is("integer") => text.parse::<i64>().ok().filter(|number| number.to_string() == text).map(Value::from),
        () if is("boolean") => text.parse::<bool>().ok().map(Value::from),
        () => None,
    };
    parsed.unwrap_or_else(|| json!(text))
}

/// Clients must bear new fields in answers; the tests must not. Requests are what the document says.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reading {
    Answer,
    Request,
}

impl Reading {
    /// The address of the document in [`REGISTRY`].
    fn base(self) -> &'static str {
        match self {
            Self::Answer => "urn:answer",
            Self::Request => "urn:request",
        }
    }
}

/// The schema at `place`, behind its reference and beside the `null` that it may be instead.
pub fn schema_at(place: &str) -> (String, &'static Value) {
    let (place, schema) = resolved(place).expect("a schema");
    match schema["oneOf"].as_array() {
        Some(branches) => {
            let index = branches.iter().position(|branch| branch["type"] != "null").expect("a branch");
            schema_at(&format!("{place}/oneOf/{index}"))
        }
        None => (place, schema),
    }
}

/// Whether the schema at `place` allows a value.
pub fn allows(place: &str, value: &Value) -> bool {
    faults(place, value, Reading::Request).is_empty()
}

/// Whether a parameter with the schema at `place` can be this text.
pub fn allows_text(place: &str, text: &str) -> bool {
    allows(place, &value_of(resolved(place).unwrap().1, text))
}

/// What is encoded in a JSON pointer that stands in an address.
const FRAGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'~');

/// What keeps a value from being what the schema at `place` says.
pub fn faults(place: &str, value: &Value, reading: Reading) -> Vec<String> {
    type Compiled = Mutex<HashMap<(String, Reading), Arc<Validator>>>;
    static COMPILED: LazyLock<Compiled> = LazyLock::new(Mutex::default);
    let compile = || {
        let pointer = utf8_percent_encode(place, FRAGMENT);
        let schema = json!({ "$ref": format!("{}#{pointer}", reading.base()) });
        let options = jsonschema::draft202012::options().should_validate_formats(true).with_registry(&REGISTRY);
        Arc::new(options.build(&schema).unwrap_or_else(|error| panic!("{place}: {error}")))
    };
    let key = (place.to_owned(), reading);
    let validator = COMPILED.lock().unwrap().entry(key).or_insert_with(compile).clone();
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// The document as each reading takes it, so that no validator needs a copy of its schemas.
static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    let documents = [(Reading::Answer, closed(&DOCUMENT)), (Reading::Request, DOCUMENT.clone())];
    let documents = documents.map(|(reading, document)| (reading.base(), Draft::Draft202012.create_resource(document)));
    Registry::new().extend(documents).expect("a document").prepare().expect("schemas")
});

/// Schemas that allow nothing that they do not name.
fn closed(schema: &Value) -> Value {
    match schema {
        Value::Object(fields) => {
            let mut fields: Map<_, _> = fields.iter().map(|(name, value)| (name.clone(), closed(value))).collect();
            if fields.get("properties").is_some_and(Value::is_object) && fields.get("type") == Some(&json!("object")) {
                fields.entry("additionalProperties").or_insert(json!(false));
            }
            fields.into()
        }
        Value::Array(items) => items.iter().map(closed).collect(),
        other => other.clone(),
    }
}
