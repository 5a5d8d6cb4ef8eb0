//! Every exchange of every test is held against the published document: `judge` finds whatever the two disagree on. It
//! leaves out what is not in the document: `OPTIONS`, `/docs`, `/website`, Open311, and the bytes of a compressed answer.

use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::sync::{LazyLock, Mutex};

use prongsai::http::route::is_file;
use prongsai::schema::validate::escaped;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use super::document::{DOCUMENT, PLANTED, Reading, faults, find, resolved, value_of};
use super::form;

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
const OF_THE_SCHEMA: [&str; 14] = [
    "bad_format",
    "blank",
    "fiscal_year_out_of_range",
    "not_allowed",
    "required",
    "too_few",
    "too_large",
    "too_long",
    "too_many",
    "too_short",
    "too_small",
    "unknown_field",
    "unknown_parameter",
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

impl Operation {
    fn document(&self) -> &'static Value {
        DOCUMENT.pointer(&self.place).expect("an operation")
    }
}

impl Exchange<'_> {
    /// What the document says otherwise. The answer counts as seen.
    pub fn judge(&self) -> Vec<String> {
        if let Some((template, _)) = self.template() {
            let all = operations(template);
            match all.get(self.documented_method()) {
                Some(operation) => remember(operation, self.status),
                None => all.values().for_each(|operation| remember(operation, self.status)),
            }
        }
        self.disagreements()
    }

    /// What the document says otherwise.
    pub fn disagreements(&self) -> Vec<String> {
        if !self.is_documented() {
            return Vec::new();
        }
        let mut wrong = match self.template() {
            None => self.without_operation(&[404, 400]),
            Some((template, segments)) => {
                let method = self.documented_method();
                let place = format!("/paths/{}/{method}", escaped(template));
                if operations(template).contains_key(method) {
                    let operation = Operation { place, segments };
                    let mut wrong = self.answer(&format!("{}/responses/{}", operation.place, self.status));
                    wrong.extend(self.asked(&operation));
                    wrong.extend((self.status == 405).then(|| "the method is documented".to_owned()));
                    wrong
                } else {
                    self.without_operation(&[405])
                }
            }
        };
        let (method, path) = (self.request.method().as_str().to_ascii_lowercase(), self.request.url().path());
        wrong.iter_mut().for_each(|wrong| *wrong = format!("{method} {path} {}: {wrong}", self.status));
        wrong
    }

    /// The operation that was asked, if there is one.
    pub fn operation_id(&self) -> Option<&'static str> {
        let (template, _) = self.template()?;
        operations(template).get(self.documented_method())?["operationId"].as_str()
    }

    fn is_documented(&self) -> bool {
        let path = self.request.url().path();
        let is_left_out = is_file(path) || path.starts_with("/open311/");
        self.request.method() != "OPTIONS" && !is_left_out
    }

    /// The path's template in the document, and what stands in the path for its parameters.
    fn template(&self) -> Option<(&'static str, HashMap<String, String>)> {
        find(self.request.url().path()).filter(|_| self.is_documented())
    }

    /// The key of the operation: HEAD is GET without a body.
    fn documented_method(&self) -> &'static str {
        match self.request.method().as_str() {
            "GET" | "HEAD" => "get",
            "POST" => "post",
            "PUT" => "put",
            "PATCH" => "patch",
            "DELETE" => "delete",
            _ => "",
        }
    }

    /// An address or a method that the document does not have is refused as the document says of others.
    fn without_operation(&self, statuses: &[u16]) -> Vec<String> {
        if !statuses.contains(&self.status) {
            return vec!["is not documented".to_owned()];
        }
        self.answer(&format!("/components/responses/Problem{}", self.status))
    }

    /// The answer: status, headers, media type, schema.
    fn answer(&self, place: &str) -> Vec<String> {
        let Some((place, answer)) = resolved(place) else { return vec!["the status is not documented".to_owned()] };
        let mut wrong = Vec::new();
        let known = answer["headers"].as_object().cloned().unwrap_or_default();
        for name in known.keys() {
            let (place, header) = resolved(&format!("{place}/headers/{name}")).expect("a header");
            match self.headers.get(name).map(|value| value.to_str().expect("text")) {
                Some(text) => wrong.extend(faults(&format!("{place}/schema"), &json!(text), Reading::Answer)),
                None if header["required"] == true => wrong.push(format!("{name} is missing")),
                None => {}
            }
        }
        for name in self.headers.keys().map(|name| name.as_str()) {
            let general = GENERAL.contains(&name) || name.starts_with("access-control-");
            if !general && !known.keys().any(|known| known.eq_ignore_ascii_case(name)) {
                wrong.push(format!("the header {name} is not documented"));
            }
        }
        let Some(kinds) = answer["content"].as_object() else {
            wrong.extend((!self.body.is_empty()).then(|| "a body is not documented".to_owned()));
            return wrong;
        };
        let kind = media_type(self.headers);
        if !kinds.contains_key(&kind) {
            wrong.push(format!("the media type {kind:?} is not documented"));
        } else if kind.ends_with("json")
            && self.request.method() != "HEAD"
            && !self.headers.contains_key("content-encoding")
        {
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
        if self.status < 400 {
            wrong.extend(parameters.into_values().flatten());
            wrong.extend(body);
            let security = operation.document()["security"].as_array().expect("who may");
            let guarded = !security.is_empty() && !security.contains(&json!({}));
            if guarded && !self.request.headers().contains_key("authorization") {
                wrong.push("needs a token, and did without".to_owned());
            }
            return wrong.into_iter().map(|fault| format!("the request was accepted: {fault}")).collect();
        }
        let problem: Value = serde_json::from_slice(self.body).unwrap_or_default();
        for error in problem["errors"].as_array().into_iter().flatten() {
            let fine = match error["parameter"].as_str().or(error["header"].as_str()) {
                Some(name) => parameters.get(name).is_none_or(Vec::is_empty),
                None => body.is_empty(),
            };
            // What a form asks for is the e-service's to say, and what a form can be is more than an object.
            let place = format!("{}/", error["pointer"].as_str().unwrap_or_default());
            let is_of_a_form = ["#/form/", "#/form_schema/"].iter().any(|form| place.starts_with(form));
            if fine && !is_of_a_form && OF_THE_SCHEMA.contains(&error["code"].as_str().unwrap_or_default()) {
                wrong.push(format!("the request was refused although the document allows it: {error}"));
            }
        }
        wrong
    }

    /// The faults of each parameter that was sent or is missing.
    fn parameters(&self, operation: &Operation) -> HashMap<String, Vec<String>> {
        let place = format!("{}/parameters", operation.place);
        let documented = operation.document()["parameters"].as_array().expect("parameters");
        let mut sent: HashMap<(&str, String), Vec<String>> = HashMap::new();
        let uri = self.request.url().as_str().parse().expect("an address");
        let uri = prongsai::http::query::as_meant(&uri).unwrap_or(uri);
        for (name, text) in url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
            let may_be_empty =
                documented.iter().any(|known| known["name"] == *name && known["allowEmptyValue"] == true);
            if !(text.is_empty() && may_be_empty) {
                sent.entry(("query", name.into_owned())).or_default().push(text.trim().to_owned());
            }
        }
        sent.extend(operation.segments.iter().map(|(name, text)| (("path", name.clone()), vec![text.clone()])));
        for (index, parameter) in documented.iter().enumerate() {
            let (name, of) = (parameter["name"].as_str().unwrap().to_owned(), parameter["in"].as_str().unwrap());
            if of == "header" {
                let values = self.request.headers().get_all(&name).iter();
                let values: Vec<_> = values.map(|value| String::from_utf8_lossy(value.as_bytes()).into()).collect();
                if !values.is_empty() {
                    sent.insert((of, name.clone()), values);
                }
            }
            let told = match sent.get(&(of, name.clone())).map(Vec::as_slice) {
                None if parameter["required"] != true => continue,
                None => vec![format!("{name} is missing")],
                Some([text]) if text.contains('\u{FFFD}') => vec![format!("{name} is not UTF-8")],
                Some([text]) => {
                    let schema = format!("{place}/{index}/schema");
                    faults(&schema, &value_of(resolved(&schema).unwrap().1, text), Reading::Request)
                }
                Some(_) => vec![format!("{name} is there twice")],
            };
            sent.insert((of, name), told);
        }
        let known = |of: &str, name: &str| documented.iter().any(|known| known["in"] == of && known["name"] == name);
        let told = sent.into_iter().map(|((of, name), told)| {
            let told = if known(of, &name) { told } else { vec![format!("{name} is no parameter")] };
            (name, told)
        });
        told.collect()
    }

    /// The faults of the body.
    fn body_sent(&self, operation: &Operation) -> Vec<String> {
        let sent = self.request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
        let documented = &operation.document()["requestBody"];
        if documented.is_null() || sent.is_empty() {
            let told = if documented.is_null() { "a body is not documented" } else { "the body is missing" };
            return if documented.is_null() == sent.is_empty() { vec![] } else { vec![told.to_owned()] };
        }
        let mut kind = media_type(self.request.headers());
        if self.request.method() == "PATCH" && kind == "application/json" {
            // Taken for a merge patch, as the body's description says.
            kind = "application/merge-patch+json".to_owned();
        }
        if documented["content"].get(&kind).is_none() {
            return vec![format!("{kind:?} is not documented")];
        }
        let pairs =
            || url::form_urlencoded::parse(sent).map(|(name, value)| (name.into_owned(), json!(value))).collect();
        let place = format!("{}/requestBody/content/{}/schema", operation.place, escaped(&kind));
        let body = match &*kind {
            kind if kind.ends_with("json") => serde_json::from_slice(sent).ok(),
            "multipart/form-data" => form::read(resolved(&place).expect("a schema").1, sent),
            _ => Some(Value::Object(pairs())),
        };
        let Some(mut body) = body else { return vec![format!("the body is not {kind}")] };
        // Limits are of the text as it is stored.
        prongsai::schema::validate::normalise(&mut body);
        faults(&place, &body, Reading::Request)
    }
}

/// The operations of a path, by method.
fn operations(template: &str) -> &'static serde_json::Map<String, Value> {
    DOCUMENT["paths"][template].as_object().expect("operations")
}

pub fn media_type(headers: &HeaderMap) -> String {
    let kind = headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().to_owned()
}

/// Which statuses of which operations the tests have seen, for tests/no_operation_is_forgotten.rs.
fn remember(operation: &Value, status: u16) {
    if PLANTED.is_some() {
        return;
    }
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
