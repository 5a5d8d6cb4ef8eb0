//! Completes an operation of the document from its kind: parameters, problems, headers and formats that no handler
//! repeats.

use serde_json::{Map, Value, json};

use crate::auth::scope;
use crate::http::callers::{LONGEST_VISITOR, VISITOR};
use crate::http::deprecation::Deprecation;
use crate::http::etag::{ENTITY_TAGS, LONGEST_TAGS};
use crate::http::idempotency::IdempotencyKey;
use crate::http::negotiation::Format;
use crate::http::route::{Kind, Kinds};
use crate::openapi::schemas;

/// The shape, as far as anything follows from it.
struct Shape {
    kinds: Kinds,
    /// A GET of records: it has an ETag and may be kept.
    reads: bool,
    has_body: bool,
    /// A POST with a body: it can be sent twice.
    repeatable: bool,
    /// A PATCH or DELETE, of a state that the client must know.
    changes: bool,
    patches: bool,
    /// It answers with something.
    tells: bool,
    /// The answer comes in other formats as well.
    tabular: bool,
    /// Some callers need a token.
    secured: bool,
    /// Nobody needs one.
    open: bool,
    /// Whoever needs one needs a scope as well.
    scoped: bool,
    /// Its requests are counted.
    limited: bool,
    deprecated: bool,
    /// Visitors of a website send it, through the website or themselves.
    for_visitors: bool,
}

/// Adds to an operation of the document what follows from its shape.
pub fn complete(method: &str, operation: &mut Value, schemas: &Value) {
    let shape = Shape::of(method, operation);
    if !shape.secured {
        operation["security"] = json!([]);
    }
    if shape.deprecated {
        operation["deprecated"] = json!(true);
    }
    add_access(operation);
    let mut parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    parameters.iter_mut().for_each(describe);
    parameters.extend(shape.parameters());
    parameters.iter_mut().filter(|parameter| parameter["required"] != true).for_each(mark_optional);
    operation["parameters"] = parameters.into();
    if let Some(body) = operation.get_mut("requestBody") {
        shape.finish_body(body, schemas);
    }
    let Some(answers) = operation["responses"].as_object_mut() else { return };
    for status in shape.problems() {
        answers.entry(status.to_string()).or_insert(Value::Null);
    }
    for (status, answer) in answers.iter_mut() {
        if status.starts_with('2') {
            shape.finish_answer(status, answer);
        } else if status.starts_with('3') {
            shape.finish_redirect(answer);
        } else if shape.kinds.has(Kind::Oauth) && answer.get("content").is_some() {
            finish_oauth_error(status, answer);
        } else {
            *answer = json!({ "$ref": format!("#/components/responses/Problem{status}") });
        }
    }
    if shape.reads {
        let description = "The cached response is unchanged.";
        let unchanged = json!({ "description": description, "headers": headers(&["X-Request-Id", "ETag"]) });
        answers.insert("304".to_owned(), unchanged);
    }
    answers.sort_keys();
    if shape.deprecated {
        let fine = answers.iter_mut().filter(|(status, _)| ["2", "3"].iter().any(|class| status.starts_with(class)));
        fine.for_each(|(_, answer)| add_deprecation(answer));
    }
}

/// The headers of a deprecated operation's answers. They stand in no component, which nothing would use while there is none.
fn add_deprecation(answer: &mut Value) {
    let header = |description: &str, example: &str| {
        let schema = json!({ "type": "string", "maxLength": 50 });
        json!({ "description": description, "required": true, "schema": schema, "example": example })
    };
    answer["headers"]["Deprecation"] = header("Since when the operation is deprecated (RFC 9745).", "@1798736400");
    answer["headers"]["Sunset"] =
        header("Until when the operation is served at least (RFC 8594).", "Fri, 31 Dec 2027 17:00:00 GMT");
}

/// Says at the end of the description who can call the operation, and offers programs the flow in which they get tokens.
fn add_access(operation: &mut Value) {
    let ways = operation["security"].as_array().cloned().unwrap_or_default();
    let scopes: Vec<_> = ways.iter().filter_map(|way| way["bearer"][0].as_str()).collect();
    let of_programs = ways.iter().filter(|way| way["bearer"].is_array()).map(|way| json!({ "oauth2": way["bearer"] }));
    operation["security"] = ways.iter().cloned().chain(of_programs).collect();
    let is_public = ways.is_empty() || ways.contains(&json!({}));
    let named = scopes.iter().map(|scope| format!("`{scope}`")).collect::<Vec<_>>().join(" or ");
    let access = match (is_public, scopes.is_empty()) {
        (true, true) => "public".to_owned(),
        (true, false) if operation.get("requestBody").is_some() => format!("public, or a token with {named}"),
        (true, false) => format!("public; a token with {named} sees more"),
        (false, true) => "any valid token".to_owned(),
        (false, false) => scopes.iter().map(|scope| with_roles(scope)).collect::<Vec<_>>().join(" or "),
    };
    let description = operation["description"].as_str().unwrap_or_default();
    operation["description"] = json!(format!("{description}\n\n**Access:** {access}."));
}

/// A scope behind the roles that give it.
fn with_roles(name: &str) -> String {
    let row = scope::named(name);
    let roles = row.into_iter().flat_map(|row| row.roles.iter().chain(row.of_units)).map(|role| role.name());
    let roles = roles.collect::<Vec<_>>().join(", ");
    if roles.is_empty() { format!("program (`{name}`)") } else { format!("{roles} (`{name}`)") }
}

impl Shape {
    fn of(method: &str, operation: &Value) -> Self {
        let security = operation["security"].as_array().map(Vec::as_slice).unwrap_or_default();
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let has_body = operation.get("requestBody").is_some();
        let kinds = Kinds::of(operation);
        let has_no_etag = kinds.has_any(&[Kind::Challenge, Kind::File, Kind::Metadata, Kind::Probe]);
        let is_safe = kinds.has_any(&[Kind::File, Kind::Lookup, Kind::Query]);
        // No response is kept for the day on which the request comes again.
        let is_secret = kinds.has_any(&[Kind::Login, Kind::Secret]);
        let is_open = security.is_empty() || security.contains(&json!({}));
        let mut answers = operation["responses"].as_object().into_iter().flatten();
        Self {
            kinds,
            reads: method == "get" && !has_no_etag,
            has_body,
            repeatable: method == "post" && has_body && !is_safe && !is_secret,
            changes: ["patch", "delete"].contains(&method) || kinds.has(Kind::Conditional),
            patches: method == "patch",
            tells: answers.any(|(status, answer)| status.starts_with('2') && answer.get("content").is_some()),
            tabular: parameters.into_iter().any(|known| {
                let formats = known["schema"]["enum"].as_array();
                known["name"] == "format" && formats.is_some_and(|formats| formats.contains(&json!("csv")))
            }),
            secured: security.iter().any(|scheme| scheme != &json!({})),
            open: is_open,
            scoped: security.iter().any(|scheme| scheme["bearer"].get(0).is_some()),
            limited: !kinds.has(Kind::Probe),
            deprecated: Deprecation::of(operation).is_some(),
            for_visitors: method == "post" && has_body && is_open && !is_secret,
        }
    }

    fn parameters(&self) -> Vec<Value> {
        let header = |name: &str, required: bool, description: &str, schema: Value, example: &str| {
            json!({
                "name": name, "in": "header", "required": required, "description": description, "schema": schema,
                "example": example,
            })
        };
        let tags = || json!({ "type": "string", "maxLength": LONGEST_TAGS, "pattern": ENTITY_TAGS });
        let mut parameters = Vec::new();
        if self.repeatable {
            let description = "Key of 16 to 128 random characters, such as a UUID. A request that is sent again with the same key within 24 hours \
                               takes effect once.";
            let shortest = IdempotencyKey::SHORTEST;
            let schema = json!({ "type": "string", "minLength": shortest, "maxLength": 128, "pattern": "^[!-~]+$" });
            // Nothing but the key tells the public's requests apart.
            parameters.push(header(
                "Idempotency-Key",
                self.open,
                description,
                schema,
                "7c1d8f0e-3b52-4a8e-9a51-2f6d0c4b8e17",
            ));
        }
        if self.for_visitors {
            let description = "Visitor of the website that sends the request: a keyed hash of the IP address. For clients with the scope \
                               `complaints:submit`. Each visitor has a separate rate limit. The value is not stored.";
            let schema =
                json!({ "type": "string", "minLength": 1, "maxLength": LONGEST_VISITOR, "pattern": "^[!-~]+$" });
            parameters.push(header(VISITOR, false, description, schema, "c2f1a09b77e34d5f"));
        }
        if self.changes || self.kinds.has(Kind::Transition) {
            let description = "ETag of the record, from the last response that contained it, or `*`. Returns 412 if the record has changed since.";
            parameters.push(header("If-Match", self.changes, description, tags(), "\"3.1\""));
        }
        if self.reads {
            let description = "ETag of a cached response. Returns 304 if the response is unchanged.";
            parameters.push(header("If-None-Match", false, description, tags(), "\"r12.3-json\""));
        }
        parameters
    }

    /// Statuses of the problems that it can answer with, beside those that its handler names.
    fn problems(&self) -> impl Iterator<Item = u16> {
        let groups: [(bool, &[u16]); 9] = [
            (true, &[400, 405, 500, 503]),
            (self.limited, &[429]),
            (self.tells, &[406]),
            (self.secured, &[401]),
            (self.scoped && !self.open, &[403]),
            (self.has_body, if self.kinds.has(Kind::Oauth) { &[408, 413] } else { &[408, 413, 415, 422] }),
            (self.repeatable, &[409]),
            (self.changes, &[428]),
            (self.changes || self.kinds.has(Kind::Transition), &[412]),
        ];
        groups.into_iter().filter(|(applies, _)| *applies).flat_map(|(_, statuses)| statuses.iter().copied())
    }

    /// A body has an example, and a patch says what it is.
    fn finish_body(&self, body: &mut Value, schemas: &Value) {
        if self.patches {
            // Two media types for one body are too much for some generators of clients.
            body["description"] = json!(
                "A merge patch (RFC 7396): absent fields keep their value, `null` clears a field. The media type `application/json` is \
                 accepted as well."
            );
        }
        for content in body["content"].as_object_mut().into_iter().flat_map(Map::values_mut) {
            content["example"] = schemas::example(&content["schema"], schemas);
        }
    }

    /// Completes an answer of success.
    /// What the handler says of it, with the headers of every response.
    fn finish_redirect(&self, answer: &mut Value) {
        let limits = if self.limited { LIMITS } else { &[] };
        for name in ["X-Request-Id"].iter().chain(limits) {
            answer["headers"][name] = headers(&[name])[name].take();
        }
        answer["headers"]["Location"]["schema"]["maxLength"] = json!(4096);
    }

    fn finish_answer(&self, status: &str, answer: &mut Value) {
        if answer["description"].as_str().unwrap_or_default().is_empty() {
            answer["description"] = json!(if status == "201" { "Created." } else { "Done." });
        }
        let one_created = status == "201" && !self.kinds.has(Kind::Batch);
        let mut names = vec!["X-Request-Id"];
        let groups: [(bool, &[&str]); 7] = [
            (self.limited, LIMITS),
            (self.reads, &["ETag", "Cache-Control"]),
            (self.patches || self.kinds.has(Kind::Transition), &["ETag"]),
            (one_created && !self.open, &["Location", "ETag"]),
            (self.repeatable, &["Idempotency-Replayed"]),
            (
                self.tabular || self.kinds.has_any(&[Kind::File, Kind::Immutable, Kind::PublishedFile]),
                &["Content-Disposition"],
            ),
            (self.tabular || self.kinds.has(Kind::Index), &["Link"]),
        ];
        names.extend(groups.into_iter().filter(|(applies, _)| *applies).flat_map(|(_, names)| names));
        answer["headers"] = headers(&names);
        // What is no JSON has no schema: a media type says it all.
        let mut formats = Vec::new();
        if self.tabular {
            formats.extend([Format::Csv, Format::Xlsx]);
        }
        if self.kinds.has(Kind::Report) {
            formats.extend([Format::Html, Format::Docx]);
        }
        if self.kinds.has(Kind::PublishedFile) {
            formats.extend([Format::Csv, Format::Xlsx, Format::Html, Format::Docx]);
        }
        for format in formats {
            let (media_type, _) = format.media_type().split_once(';').unwrap_or((format.media_type(), ""));
            answer["content"][media_type] = json!({});
        }
        for (kind, content) in answer.get_mut("content").and_then(Value::as_object_mut).into_iter().flatten() {
            if !kind.ends_with("json") {
                *content = json!({});
            }
        }
    }
}

/// Headers of every answer to a request that is counted.
pub const LIMITS: &[&str] = &["RateLimit", "RateLimit-Policy"];

/// An error in the shape of RFC 6749; what never reaches the handler is a problem there as well.
fn finish_oauth_error(status: &str, answer: &mut Value) {
    let mut names = [&["X-Request-Id"], LIMITS].concat();
    if status == "401" {
        names.push("WWW-Authenticate");
    } else {
        answer["content"]["application/problem+json"] = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
    }
    answer["description"] = json!("An error of RFC 6749, section 5.2.");
    answer["headers"] = headers(&names);
}

pub fn headers(names: &[&str]) -> Value {
    let header = |name: &&str| ((*name).to_owned(), json!({ "$ref": format!("#/components/headers/{name}") }));
    names.iter().map(header).collect::<Map<_, _>>().into()
}

/// The path parameters that many operations have.
fn describe(parameter: &mut Value) {
    if parameter["in"] != "path" {
        return;
    }
    let (description, example) = match parameter["name"].as_str() {
        Some("id") if parameter["description"].is_null() => {
            ("Id of the record.", json!("01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11"))
        }
        Some("year") => ("Fiscal year of the Buddhist era.", json!(2567)),
        Some("calendar_year") => ("Year of the Gregorian calendar.", json!(2024)),
        // That of a problem says more of itself.
        Some(name @ ("code" | "guide")) if parameter["description"].is_null() => {
            let told = match name {
                "guide" => ("Code of the guide.", json!("privacy-notice")),
                _ => ("Code of the e-service.", json!("public-lighting")),
            };
            parameter["schema"] = json!({ "type": "string", "maxLength": 50, "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$" });
            told
        }
        _ => return,
    };
    parameter["description"] = json!(description);
    parameter["example"] = example;
}

/// A form of a page sends the fields that were left empty as well. An `example` is filled into the forms of the documentation: the
/// schema has it instead, where it is only shown.
fn mark_optional(parameter: &mut Value) {
    if parameter["in"] == "query" {
        parameter["allowEmptyValue"] = json!(true);
    }
    let Some(example) = parameter.as_object_mut().and_then(|parameter| parameter.remove("example")) else { return };
    parameter["schema"]["examples"] = json!([example]);
}
