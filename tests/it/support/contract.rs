//! Every exchange of every test is held against the published document: `judge` finds whatever the two disagree on.

use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::Validator;
use percent_encoding::percent_decode_str;
use reqwest::header::HeaderMap;
use serde_json::{Map, Value, json};

/// The committed document, not what the service under test believes of itself.
pub static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/openapi.json").to_owned();
    #[expect(clippy::disallowed_methods, reason = "how tests/contract/plant.py plants a disagreement")]
    let file = std::env::var("PRONGSAI_TEST_DOCUMENT").unwrap_or(committed);
    serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap()
});

/// Headers that HTTP itself, the layers below the operations or the browser's rules give any answer.
const GENERAL: [&str; 12] = [
    "cache-control",
    "connection",
    "content-encoding",
    "content-language",
    "content-length",
    "content-security-policy",
    "content-type",
    "date",
    "referrer-policy",
    "transfer-encoding",
    "vary",
    "x-content-type-options",
];

/// Codes of faults that are found by the schema alone: the document must find them as well.
const OF_THE_SCHEMA: [&str; 12] = [
    "bad_format",
    "blank",
    "fiscal_year_out_of_range",
    "forbidden_character",
    "not_allowed",
    "too_few",
    "too_large",
    "too_long",
    "too_many",
    "too_short",
    "too_small",
    "wrong_type",
];

pub struct Exchange<'a> {
    pub request: &'a reqwest::Request,
    pub status: u16,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
}

/// An operation of the document, and what stands in the path for its parameters.
struct Operation {
    /// JSON pointer.
    place: String,
    segments: HashMap<String, String>,
}

impl Exchange<'_> {
    /// What the document says otherwise.
    pub fn judge(&self) -> Vec<String> {
        let method = match self.request.method().as_str() {
            "HEAD" => "get".to_owned(),
            "OPTIONS" => return Vec::new(),
            method => method.to_ascii_lowercase(),
        };
        let path = self.request.url().path();
        if path == "/docs" || path.starts_with("/docs/") {
            return Vec::new();
        }
        let Some((template, segments)) = find(path) else {
            return if self.status == 404 || self.status == 400 {
                vec![]
            } else {
                vec![format!("{path} is no address")]
            };
        };
        let place = format!("/paths/{}/{method}", escaped(&template));
        if DOCUMENT.pointer(&place).is_none() {
            if self.status != 405 {
                return vec![format!("{method} {template} is no operation")];
            }
            DOCUMENT["paths"][&template].as_object().unwrap().values().for_each(|operation| remember(operation, 405));
            return Vec::new();
        }
        let operation = Operation { place, segments };
        remember(DOCUMENT.pointer(&operation.place).unwrap(), self.status);
        let mut wrong = self.answer(&operation);
        wrong.extend(self.asked(&operation));
        wrong.iter_mut().for_each(|wrong| *wrong = format!("{method} {template} {}: {wrong}", self.status));
        wrong
    }

    /// The answer: status, headers, media type, schema.
    fn answer(&self, operation: &Operation) -> Vec<String> {
        let place = format!("{}/responses/{}", operation.place, self.status);
        let Some((place, answer)) = resolved(&place) else { return vec!["the status is not documented".to_owned()] };
        let mut wrong = Vec::new();
        let known = answer["headers"].as_object().cloned().unwrap_or_default();
        for name in known.keys() {
            let (_, header) = resolved(&format!("{place}/headers/{name}")).expect("a header");
            if header["required"] == true && !self.headers.contains_key(name) {
                wrong.push(format!("{name} is missing"));
            }
        }
        for name in self.headers.keys().map(|name| name.as_str()) {
            let general = GENERAL.contains(&name) || name.starts_with("access-control-");
            if !general && !known.keys().any(|known| known.eq_ignore_ascii_case(name)) {
                wrong.push(format!("the header {name} is not documented"));
            }
        }
        if self.request.method() == "HEAD" || self.headers.contains_key("content-encoding") {
            return wrong;
        }
        let Some(kinds) = answer["content"].as_object() else {
            wrong.extend((!self.body.is_empty()).then(|| "a body is not documented".to_owned()));
            return wrong;
        };
        let kind = media_type(self.headers);
        if !kinds.contains_key(&kind) {
            wrong.push(format!("the media type {kind:?} is not documented"));
        } else if kind.ends_with("json") {
            match serde_json::from_slice(self.body) {
                Ok(body) => {
                    wrong.extend(faults(&format!("{place}/content/{}/schema", escaped(&kind)), &body, Reading::Answer));
                }
                Err(error) => wrong.push(error.to_string()),
            }
        }
        wrong
    }

    /// The request: what was accepted must be what the document allows, and what the schema refused must not be.
    fn asked(&self, operation: &Operation) -> Vec<String> {
        let mut wrong = Vec::new();
        let parameters = self.parameters(operation);
        let body = self.body_sent(operation);
        let accepted = (200..300).contains(&self.status);
        if accepted {
            wrong.extend(parameters.into_values().flatten());
            wrong.extend(body.clone().unwrap_or_default());
            let security = DOCUMENT.pointer(&format!("{}/security", operation.place)).and_then(Value::as_array);
            let guarded = security.is_some_and(|all| !all.is_empty() && !all.contains(&json!({})));
            if guarded && !self.request.headers().contains_key("authorization") {
                wrong.push("needs a token, and did without".to_owned());
            }
            return wrong.into_iter().map(|fault| format!("the request was accepted: {fault}")).collect();
        }
        let problem: Value = serde_json::from_slice(self.body).unwrap_or_default();
        for error in problem["errors"].as_array().into_iter().flatten() {
            let code = error["code"].as_str().unwrap_or_default();
            let name = error["parameter"].as_str().or(error["header"].as_str());
            let fine = match name {
                Some(name) => parameters.get(name).is_some_and(Vec::is_empty) && name != "cursor",
                None => body.as_ref().is_some_and(Vec::is_empty),
            };
            if fine && OF_THE_SCHEMA.contains(&code) {
                wrong.push(format!("the request was refused although the document allows it: {error}"));
            }
        }
        wrong
    }

    /// The faults of each parameter that was sent or is missing.
    fn parameters(&self, operation: &Operation) -> HashMap<String, Vec<String>> {
        let place = format!("{}/parameters", operation.place);
        let documented = DOCUMENT.pointer(&place).and_then(Value::as_array).unwrap();
        let told = |name: &str, of: &str, text: &str| {
            let index = documented.iter().position(|known| known["name"] == name && known["in"] == of);
            let faults = index.map(|index| {
                let schema = format!("{place}/{index}/schema");
                faults(&schema, &value_of(resolved(&schema).unwrap().1, text), Reading::Request)
            });
            (name.to_owned(), faults.unwrap_or_else(|| vec![format!("{name} is no parameter")]))
        };
        let mut all = HashMap::new();
        all.extend(self.request.url().query_pairs().map(|(name, text)| told(&name, "query", &text)));
        all.extend(operation.segments.iter().map(|(name, text)| told(name, "path", text)));
        for header in documented.iter().filter(|known| known["in"] == "header") {
            let name = header["name"].as_str().unwrap();
            let sent: Vec<_> = self.request.headers().get_all(name).iter().collect();
            let fault = |what: &str| (name.to_owned(), vec![format!("{name} is {what}")]);
            match &sent[..] {
                [text] => {
                    all.extend([text.to_str().map_or_else(|_| fault("no text"), |text| told(name, "header", text))])
                }
                [] if header["required"] != true => {}
                [] => all.extend([fault("missing")]),
                _ => all.extend([fault("there twice")]),
            }
        }
        all
    }

    /// The faults of the body, if there is one that can be read.
    fn body_sent(&self, operation: &Operation) -> Option<Vec<String>> {
        let sent = self.request.body().and_then(reqwest::Body::as_bytes)?;
        let mut kind = media_type(self.request.headers());
        if self.request.method() == "PATCH" && kind == "application/json" {
            // Taken for a merge patch, as the body's description says.
            kind = "application/merge-patch+json".to_owned();
        }
        let place = format!("{}/requestBody/content/{}/schema", operation.place, escaped(&kind));
        if DOCUMENT.pointer(&place).is_none() {
            return (!sent.is_empty()).then(|| vec![format!("{kind:?} is not documented")]);
        }
        let mut body: Value = serde_json::from_slice(sent).ok()?;
        // Limits are of the text as it is stored.
        prongsai::shape::normalise(&mut body);
        Some(faults(&place, &body, Reading::Request))
    }
}

/// Which statuses of which operations the tests have seen, for tests/no_operation_is_forgotten.rs.
fn remember(operation: &Value, status: u16) {
    static SEEN: LazyLock<Mutex<(HashSet<String>, std::fs::File)>> = LazyLock::new(|| {
        let file = std::fs::File::create(concat!(env!("CARGO_TARGET_TMPDIR"), "/seen")).unwrap();
        Mutex::new((HashSet::new(), file))
    });
    let line = format!("{} {status}\n", operation["operationId"].as_str().unwrap());
    let mut seen = SEEN.lock().unwrap();
    if seen.0.insert(line.clone()) {
        seen.1.write_all(line.as_bytes()).unwrap();
    }
}

/// The template of a path, the most literal one that fits, and what stands in it.
fn find(path: &str) -> Option<(String, HashMap<String, String>)> {
    let path = percent_decode_str(path).decode_utf8_lossy();
    let parts: Vec<_> = path.split('/').collect();
    let fits = |template: &&String| {
        let known: Vec<_> = template.split('/').collect();
        known.len() == parts.len()
            && known.iter().zip(&parts).all(|(known, part)| known.starts_with('{') || known == part)
    };
    let template =
        DOCUMENT["paths"].as_object()?.keys().filter(fits).min_by_key(|template| template.matches('{').count())?;
    let filled = template.split('/').zip(&parts).filter(|(known, _)| known.starts_with('{'));
    let segments =
        filled.map(|(known, part)| (known.trim_matches(['{', '}']).to_owned(), (*part).to_owned())).collect();
    Some((template.clone(), segments))
}

/// What stands at a pointer, behind its reference if it is one.
fn resolved(place: &str) -> Option<(String, &'static Value)> {
    let value = DOCUMENT.pointer(place)?;
    match value["$ref"].as_str() {
        Some(reference) => resolved(reference.trim_start_matches('#')),
        None => Some((place.to_owned(), value)),
    }
}

fn media_type(headers: &HeaderMap) -> String {
    let kind = headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().to_owned()
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// A parameter's text as the value that its schema means.
fn value_of(schema: &Value, text: &str) -> Value {
    let is =
        |kind: &str| schema["type"] == kind || schema["type"].as_array().is_some_and(|all| all.contains(&json!(kind)));
    let parsed = match () {
        () if is("array") => Some(text.split(',').map(|part| value_of(&schema["items"], part)).collect()),
        () if is("integer") => text.parse::<i64>().ok().filter(|number| number.to_string() == text).map(Value::from),
        () if is("boolean") => text.parse::<bool>().ok().map(Value::from),
        () => None,
    };
    parsed.unwrap_or_else(|| json!(text))
}

/// Clients must bear new fields in answers; the tests must not. Requests are what the document says.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Reading {
    Answer,
    Request,
}

/// The schema at `place`, without its reference and without the `null` that it may be instead.
pub fn schema_at(place: &str) -> &'static Value {
    let (place, schema) = resolved(place).expect("a schema");
    match schema["oneOf"].as_array() {
        Some(branches) => {
            let index = branches.iter().position(|branch| branch["type"] != "null").expect("a branch");
            schema_at(&format!("{place}/oneOf/{index}"))
        }
        None => schema,
    }
}

/// Places of the schemas of an object's fields.
pub fn fields_at(place: &str) -> Vec<(&'static str, String)> {
    let (place, schema) = resolved(place).expect("a schema");
    let names = schema["properties"].as_object().expect("an object").keys();
    names.map(|name| (name.as_str(), format!("{place}/properties/{name}"))).collect()
}

/// Whether the schema at `place` allows a value.
pub fn allows(place: &str, value: &Value) -> bool {
    faults(place, value, Reading::Request).is_empty()
}

/// Whether a parameter with the schema at `place` can be this text.
pub fn allows_text(place: &str, text: &str) -> bool {
    allows(place, &value_of(resolved(place).unwrap().1, text))
}

/// What keeps a value from being what the schema at `place` says.
fn faults(place: &str, value: &Value, reading: Reading) -> Vec<String> {
    static SCHEMAS: LazyLock<Value> = LazyLock::new(|| DOCUMENT["components"]["schemas"].clone());
    static STRICT: LazyLock<Value> = LazyLock::new(|| closed(&DOCUMENT["components"]["schemas"]));
    type Compiled = Mutex<HashMap<(String, Reading), Arc<Validator>>>;
    static COMPILED: LazyLock<Compiled> = LazyLock::new(Mutex::default);
    let compile = || {
        let mut schema = DOCUMENT.pointer(place).cloned().unwrap_or_else(|| panic!("{place}: no schema"));
        schema["components"]["schemas"] = if reading == Reading::Answer { STRICT.clone() } else { SCHEMAS.clone() };
        let validator = jsonschema::draft202012::options().should_validate_formats(true).build(&schema);
        Arc::new(validator.unwrap_or_else(|error| panic!("{place}: {error}")))
    };
    let key = (place.to_owned(), reading);
    let validator = COMPILED.lock().unwrap().entry(key).or_insert_with(compile).clone();
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

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
