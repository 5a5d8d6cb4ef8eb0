//! The document itself.

use std::collections::{BTreeSet, HashSet};
use std::iter::repeat;

use chrono::Months;
use prongsai::app::document::{self, DOCUMENT};
use prongsai::auth::scope::Role;
use prongsai::http::deprecation::Deprecation;
use prongsai::http::route::{Kind, Kinds};
use prongsai::openapi::operation;
use prongsai::schema::validate::escaped;
use serde_json::{Value, json};

use crate::support::ask::Operation;
use crate::support::document::allows;
use crate::support::spawn;

#[test]
fn the_committed_document_is_the_one_that_is_served() {
    let root = env!("CARGO_MANIFEST_DIR");
    for (file, text) in [("openapi.json", document::to_json()), ("openapi.yaml", document::to_yaml())] {
        let committed = std::fs::read_to_string(format!("{root}/openapi/{file}")).unwrap_or_default();
        assert!(committed == text, "openapi/{file} is not what the service says; `make openapi` writes it");
    }
}

#[tokio::test]
async fn the_document_is_served_in_both_forms() {
    let service = spawn().await;
    let mut json = service.get("/openapi.json").send().await.expect(200).json();
    let yaml: Value = serde_norway::from_slice(&service.get("/openapi.yaml").send().await.expect(200).body).unwrap();
    assert_eq!(yaml, json);
    json["info"]["contact"] = DOCUMENT["info"]["contact"].clone();
    let in_thai = json.as_object_mut().unwrap().shift_remove("externalDocs").unwrap();
    assert_eq!(in_thai["url"], format!("{}/docs/?lang=th", service.address));
    let about = json["info"]["description"].as_str().unwrap();
    assert!(about.contains(&format!("curl '{}/v1/measures", service.address)), "{about}");
    json["info"]["description"] = json!(about.replace(&service.address, "https://api.example.go.th"));
    assert_eq!(json, *DOCUMENT);
    assert_eq!(json["openapi"].as_str().unwrap()[..3], *"3.1");
}

#[tokio::test]
async fn the_contact_in_the_document_is_that_of_the_agency() {
    let service = spawn().await;
    let contact = async |path: &str| service.get(path).send().await.expect(200).json()["info"]["contact"].clone();
    assert_eq!(contact("/openapi.json").await, json!({ "name": "Municipality" }));
    let before = service.get("/openapi.json").send().await;
    let patch = json!({
        "name": { "th": "เทศบาลเมืองชัยนาท", "en": "Chainat Town Municipality" },
        "email": "saraban@example.go.th",
        "website": "https://www.example.go.th",
    });
    let change = service.patch("/v1/agency").token(&service.token(Role::Admin)).header("If-Match", "*").json(&patch);
    change.send().await.expect(200);
    let with = |name: &str| json!({ "name": name, "url": patch["website"], "email": patch["email"] });
    assert_eq!(contact("/openapi.json").await, with("Chainat Town Municipality"));
    assert_eq!(contact("/openapi.th.json").await, with("เทศบาลเมืองชัยนาท"));
    // Who had it before gets the new one, and who has the new one does not get it again.
    let again = |etag: &str| service.get("/openapi.json").header("If-None-Match", etag).send();
    let now = again(before.header("etag")).await.expect(200);
    again(now.header("etag")).await.expect(304);
}

#[test]
fn every_link_points_at_what_its_answer_has() {
    let resolved = |schema: &'static Value| match schema["$ref"].as_str() {
        Some(place) => DOCUMENT.pointer(&place[1..]).unwrap(),
        None => schema,
    };
    let mut count = 0;
    for operation in Operation::all() {
        for answer in operation.document()["responses"].as_object().unwrap().values() {
            let Some(links) = answer["links"].as_object() else { continue };
            assert!(!links.is_empty(), "{}: links of nothing", operation.place);
            for link in links.values() {
                let parameters = link["parameters"].as_object().unwrap().values();
                for place in parameters.filter_map(|value| value.as_str()?.strip_prefix("$response.body#/")) {
                    let mut schema = resolved(&answer["content"]["application/json"]["schema"]);
                    for part in place.split('/') {
                        schema = resolved(if part == "0" { &schema["items"] } else { &schema["properties"][part] });
                    }
                    assert!(schema.is_object(), "{}: {link} points at nothing", operation.place);
                    count += 1;
                }
            }
        }
    }
    assert!(count > 30, "{count}");
}

/// From a new record and from a list to the record itself, where there is an operation that reads it.
#[test]
fn what_is_created_or_listed_is_linked_with_what_reads_it() {
    let linked = |id: &str, status: &str, to: &str| {
        let operation = Operation::all().into_iter().find(|operation| operation.id() == id).expect(id);
        operation.document()["responses"][status]["links"].get(to).is_some()
    };
    let known: HashSet<&str> = Operation::all().iter().map(Operation::id).collect();
    for operation in Operation::all() {
        let id = operation.id();
        let Some(record) = id.strip_prefix("create_").filter(|_| operation.documents(201)) else { continue };
        let reads = format!("get_{}", record.strip_suffix("_batch").unwrap_or(record));
        // What is sent or read with a receipt has no id of its own.
        let is_own = operation.template.contains("/lookup") || !operation.is_guarded();
        assert!(is_own || !known.contains(&*reads) || linked(id, "201", &reads), "{id} leads to no {reads}");
    }
    for (list, record) in [
        ("list_measures", "get_measure"),
        ("list_complaint_attachments", "get_complaint_attachment"),
        ("list_complaint_identity_requests", "get_identity_request"),
        ("list_service_request_attachments", "get_service_request_attachment"),
    ] {
        assert!(linked(list, "200", record), "{list} leads to no {record}");
    }
    assert!(linked("get_complaint_attachment", "200", "get_complaint_attachment_view"));
}

#[test]
fn every_operation_is_described_whole() {
    let mut ids = HashSet::new();
    for operation in Operation::all() {
        let (name, operation) = (&operation.place, operation.document());
        assert!(operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{name}: summary");
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{name}: tags");
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id), "{name}: {id} twice");
        assert!(id.contains('_') && id.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{name}: {id}");
        for parameter in operation["parameters"].as_array().unwrap() {
            let parameter_name = parameter["name"].as_str().unwrap();
            assert!(parameter["description"].is_string(), "{name}: {parameter_name}");
            assert!(parameter["schema"].is_object(), "{name}: {parameter_name}");
        }
        for (status, answer) in operation["responses"].as_object().unwrap() {
            let told = answer["description"].as_str().is_some_and(|description| !description.is_empty());
            assert!(told || answer["$ref"].is_string(), "{name}: {status}");
        }
    }
}

/// What a path promises to those who read it, its handler has to say as well: the middlewares do not read paths.
#[test]
fn an_operation_is_of_the_kind_that_its_path_promises() {
    let promised = [
        ("/lookup", Kind::Lookup),
        ("/verify", Kind::Query),
        ("/download", Kind::File),
        ("/export", Kind::File),
        ("/view", Kind::File),
        ("/transitions", Kind::Transition),
        ("/batch", Kind::Batch),
        ("/password", Kind::Secret),
        ("/secrets", Kind::Secret),
        ("/challenges", Kind::Challenge),
    ];
    for (end, kind) in promised {
        let paths = DOCUMENT["paths"].as_object().unwrap().iter().filter(|(path, _)| path.ends_with(end));
        let operations = paths.flat_map(|(path, item)| item.as_object().unwrap().values().zip(repeat(path)));
        let operations: Vec<_> = operations.collect();
        assert!(!operations.is_empty(), "no path ends with {end}");
        for (operation, path) in operations {
            assert!(Kinds::of(operation).has(kind), "{path} is not said to be of the kind {kind:?}");
        }
    }
}

/// A field has a text of its own, also where its schema has one: the text of a shared schema does not say what the field is for.
#[test]
fn every_schema_field_and_parameter_is_described() {
    fn walk(value: &'static Value, place: &str, seen: &mut HashSet<&'static str>, faults: &mut BTreeSet<String>) {
        if let Some(name) = value["$ref"].as_str().and_then(|place| place.strip_prefix("#/components/schemas/")) {
            let schema = &DOCUMENT["components"]["schemas"][name];
            if seen.insert(name) {
                if !is_described(schema) {
                    faults.insert(name.to_owned());
                }
                walk(schema, name, seen, faults);
            }
            return;
        }
        for (name, property) in value["properties"].as_object().into_iter().flatten() {
            if !is_described(property) {
                faults.insert(format!("{place}.{name}"));
            }
            walk(property, &format!("{place}.{name}"), seen, faults);
        }
        for part in ["items", "additionalProperties"].iter().filter_map(|key| value.get(*key)) {
            walk(part, place, seen, faults);
        }
        for part in ["oneOf", "anyOf", "allOf"].iter().filter_map(|key| value[*key].as_array()).flatten() {
            walk(part, place, seen, faults);
        }
    }
    fn is_described(value: &Value) -> bool {
        value["description"].as_str().is_some_and(|text| !text.trim().is_empty())
    }
    let (mut seen, mut faults) = (HashSet::new(), BTreeSet::new());
    for operation in Operation::all() {
        let document = operation.document();
        let place = &operation.place;
        if !is_described(document) {
            faults.insert(place.clone());
        }
        for parameter in document["parameters"].as_array().unwrap() {
            if !is_described(parameter) {
                faults.insert(format!("{place} {}", parameter["name"]));
            }
        }
        let answers = document["responses"].as_object().unwrap().values().map(|answer| match answer["$ref"].as_str() {
            Some(place) => DOCUMENT.pointer(&place[1..]).unwrap(),
            None => answer,
        });
        for content in answers.chain(document.get("requestBody")).filter_map(|body| body["content"].as_object()) {
            content.values().for_each(|content| walk(&content["schema"], place, &mut seen, &mut faults));
        }
    }
    assert!(faults.is_empty(), "no description:\n{}", faults.into_iter().collect::<Vec<_>>().join("\n"));
}

fn is_thai(text: &Value) -> bool {
    text.as_str().is_some_and(|text| text.contains(|c| ('ก'..='๛').contains(&c)))
}

/// What is in backticks: codes, which are the same in every language.
fn codes_in(text: &Value) -> BTreeSet<String> {
    let text = text.as_str().unwrap().replace('\n', " ");
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Every description of the document with its place, but for those of schemas.
fn descriptions<'a>(value: &'a Value, place: &str, found: &mut Vec<(String, &'a Value)>) {
    let Value::Object(fields) = value else {
        let items = value.as_array().into_iter().flatten().enumerate();
        return items.for_each(|(index, item)| descriptions(item, &format!("{place}/{index}"), found));
    };
    for (name, part) in fields {
        let place = format!("{place}/{}", escaped(name));
        match &**name {
            "description" if part.is_string() => found.push((place, part)),
            "schema" | "schemas" | "example" | "examples" => {}
            _ => descriptions(part, &place, found),
        }
    }
}

#[tokio::test]
async fn every_description_has_a_thai_one_with_the_same_codes() {
    let service = spawn().await;
    let thai = service.get("/openapi.th.json").send().await.expect(200).json();
    let mut found = Vec::new();
    descriptions(&DOCUMENT, "", &mut found);
    assert!(found.len() > 500, "{}", found.len());
    let mut faults = Vec::new();
    for (place, english) in found {
        let thai = thai.pointer(&place).unwrap_or(&Value::Null);
        let missing: Vec<_> = match is_thai(thai) {
            true => codes_in(english).difference(&codes_in(thai)).cloned().collect(),
            false => vec!["a Thai text".to_owned()],
        };
        if !missing.is_empty() && place != "/info/description" {
            faults.push(format!("{place} {english} has not {missing:?}"));
        }
    }
    assert!(faults.is_empty(), "src/openapi/th.json:\n{}", faults.join("\n"));
    let [english, thai] = [&*DOCUMENT, &thai].map(|document| document["info"]["description"].as_str().unwrap());
    let (english, _) = english.split_once("# ภาษาไทย").unwrap();
    let english = english.replace("https://api.example.go.th", &service.address);
    let missing: Vec<_> = codes_in(&json!(english)).difference(&codes_in(&json!(thai))).cloned().collect();
    assert!(missing.is_empty(), "src/openapi/description.th.md has not {missing:?}");
}

#[tokio::test]
async fn every_operation_and_tag_has_a_thai_text_and_no_text_is_left_over() {
    let service = spawn().await;
    let thai = service.get("/openapi.th.json").send().await.expect(200).json();
    for (path, item) in thai["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            assert!(is_thai(&operation["summary"]), "{path}: {}", operation["operationId"]);
        }
    }
    for tag in thai["tags"].as_array().unwrap() {
        assert!(is_thai(&tag["description"]), "{tag}");
    }
    assert!(is_thai(&thai["info"]["description"]) && is_thai(&thai["info"]["summary"]));
    assert_eq!(thai["components"]["schemas"], DOCUMENT["components"]["schemas"]);
    let texts: Value = serde_json::from_str(include_str!("../../src/openapi/th.json")).unwrap();
    let known: HashSet<_> =
        Operation::all().iter().map(|operation| operation.document()["operationId"].as_str().unwrap()).collect();
    for name in texts["operations"].as_object().unwrap().keys() {
        assert!(known.contains(&**name), "th.json has a text for {name}, which is no operation");
    }
    let mut found = Vec::new();
    descriptions(&DOCUMENT, "", &mut found);
    let used: HashSet<_> = found.iter().map(|(_, text)| text.as_str().unwrap().replace('\n', " ")).collect();
    for english in texts["texts"].as_object().unwrap().keys() {
        assert!(used.contains(english), "th.json has a text for what no description says: {english}");
    }
}

#[test]
fn every_description_says_who_can_call_the_operation() {
    for operation in Operation::all() {
        let description = operation.document()["description"].as_str().unwrap();
        let (_, access) = description.rsplit_once("\n\n**Access:** ").expect("an access line");
        assert_eq!(access.starts_with("public"), !operation.is_guarded(), "{}: {access}", operation.place);
        for scope in operation.scopes() {
            assert!(access.contains(&format!("`{scope}`")), "{}: {access}", operation.place);
        }
    }
}

#[test]
fn a_deprecated_operation_is_marked_and_its_headers_are_documented() {
    let mut operation = json!({
        "responses": { "200": { "content": { "application/json": {} } } },
        "x-deprecation": { "since": "2027-01-01", "sunset": "2028-01-01" },
    });
    operation::complete("get", &mut operation, &json!({}));
    assert_eq!(operation["deprecated"], true);
    for status in ["200", "304"] {
        for name in ["Deprecation", "Sunset"] {
            assert_eq!(operation["responses"][status]["headers"][name]["required"], true, "{status} {name}");
        }
    }
}

#[test]
fn a_deprecated_operation_is_served_for_a_year() {
    for operation in Operation::all() {
        let document = operation.document();
        assert_eq!(
            document.get("deprecated").is_some(),
            document.get("x-deprecation").is_some(),
            "{}",
            operation.place
        );
        if let Some(Deprecation { since, sunset }) = Deprecation::of(document) {
            assert!(sunset >= since + Months::new(12), "{}", operation.place);
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn walk(value: &Value, name: &str) {
        match value {
            Value::Object(fields) => {
                if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                    assert!(DOCUMENT.pointer(&reference[1..]).is_some(), "{name}: {reference}");
                }
                fields.iter().for_each(|(key, value)| walk(value, key));
            }
            Value::Array(items) => items.iter().for_each(|value| walk(value, name)),
            _ => {}
        }
    }
    walk(&DOCUMENT, "document");
}

#[test]
fn every_schema_compiles_and_takes_its_own_examples() {
    for (name, schema) in DOCUMENT["components"]["schemas"].as_object().unwrap() {
        assert!(jsonschema::draft202012::meta::is_valid(schema), "{name}");
        let place = format!("/components/schemas/{name}");
        // Panics if it does not compile.
        allows(&place, &Value::Null);
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            let Some(example) = property.get("example") else { continue };
            assert!(allows(&format!("{place}/properties/{}", escaped(field)), example), "{name}.{field}: {example}");
        }
    }
}
