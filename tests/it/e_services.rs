//! The catalogue of e-services, and which forms it takes.

use prongsai::auth::scope::Role;
use serde_json::{Value, json};

use crate::audit::verified;
use crate::complaints::open;
use crate::support::samples::e_service;
use crate::support::{Answer, Service, faults};

impl Service {
    async fn offer(&self, body: &Value) -> Answer {
        self.post("/v1/e-services").token(&self.token(Role::Editor)).json(body).send().await
    }

    async fn change_e_service(&self, code: &str, patch: &Value) -> Answer {
        let path = format!("/v1/e-services/{code}");
        self.patch(&path).token(&self.token(Role::Editor)).header("If-Match", "*").json(patch).send().await
    }
}

#[tokio::test]
async fn the_four_services_are_there_with_their_forms() {
    let service = open().await;
    let all = service.all("/v1/e-services").await;
    let codes: Vec<_> = all.iter().map(|item| item["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["loudspeaker-announcement", "permit-application", "public-lighting", "tree-cutting"]);
    let file: Value = serde_json::from_str(include_str!("../../data/e-services.json")).unwrap();
    for given in file["e_services"].as_array().unwrap() {
        let read = service.get(&format!("/v1/e-services/{}", given["code"].as_str().unwrap()));
        let read = read.send().await.expect(200).json();
        for (field, value) in given.as_object().unwrap() {
            assert_eq!(&read[field], value, "{field}");
        }
        // Nobody chooses among codes.
        for (name, field) in read["form_schema"]["properties"].as_object().unwrap() {
            let choices = field["oneOf"].as_array().into_iter().flatten();
            let is_named = |part: &Value| part["title"].is_string() && part["x-title-en"].is_string();
            assert!(field.get("enum").is_none() && choices.chain([field]).all(is_named), "{name}");
        }
        // In the order in which they are filled in.
        let fields = |form: &Value| form["properties"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(fields(&read["form_schema"]), fields(&given["form_schema"]));
        assert_eq!((&read["form_version"], &read["publication"]), (&json!(1), &json!("published")));
    }
    let located =
        service.all("/v1/e-services?takes_location=true&open311=true&unit=public-works&q=%E0%B9%84%E0%B8%9F").await;
    assert_eq!((located.len(), &located[0]["code"]), (1, &json!("public-lighting")));
    let table = service.get("/v1/e-services?format=csv").send().await.expect(200).text();
    assert!(table.contains("public-lighting,งานไฟฟ้าสาธารณะ"));
}

#[tokio::test]
async fn a_form_that_changes_is_another_version_and_the_old_one_stays() {
    let service = open().await;
    let made = service.offer(&e_service("rubbish")).await.expect(201);
    assert!(made.header("location").ends_with("/v1/e-services/rubbish"));
    // Another text is no other form.
    let changed = service.change_e_service("rubbish", &json!({ "working_days": 3 })).await.expect(200).json();
    assert_eq!((&changed["form_version"], &changed["working_days"]), (&json!(1), &json!(3)));
    let field = json!({ "type": "integer", "title": "จำนวนชิ้น", "minimum": 1 });
    let patch = json!({ "form_schema": { "properties": { "count": field, "what": null }, "required": ["count"] } });
    let changed = service.change_e_service("rubbish", &patch).await.expect(200).json();
    assert_eq!(
        (&changed["form_version"], &changed["form_schema"]["properties"]),
        (&json!(2), &json!({ "count": field }))
    );
    let forms = service.all("/v1/e-services/rubbish/forms").await;
    let versions: Vec<_> = forms.iter().map(|form| &form["version"]).collect();
    assert_eq!(versions, [2, 1]);
    assert_eq!(forms[1]["schema"], made.json()["form_schema"]);
    assert_eq!(service.all("/v1/e-services/rubbish/forms?version=1").await, forms[1..]);
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
    service.tamper(&["UPDATE e_service_form SET schema = '{}' WHERE version = 1 AND created_at = (SELECT max(created_at) FROM e_service_form WHERE version = 1)"]).await;
    assert_eq!(verified(&service.export().await, None).len(), 1);
}

#[tokio::test]
async fn what_is_withdrawn_says_why_and_is_no_longer_listed() {
    let service = open().await;
    let editor = service.token(Role::Editor);
    let step = async |body: Value| {
        service.post("/v1/e-services/tree-cutting/transitions").token(&editor).json(&body).send().await
    };
    step(json!({ "action": "publish" })).await.problem(409, "illegal_transition");
    step(json!({ "action": "unpublish", "reason": "งดให้บริการชั่วคราว" })).await.expect(200);
    assert_eq!(service.all("/v1/e-services").await.len(), 3);
    let read = service.get("/v1/e-services/tree-cutting").send().await.expect(200).json();
    assert_eq!((&read["publication"], &read["unpublished_reason"]), (&json!("unpublished"), &json!("งดให้บริการชั่วคราว")));
    assert_eq!(service.all("/v1/e-services?publication=unpublished").await, [read]);
    step(json!({ "action": "publish" })).await.expect(200);
    assert_eq!(service.all("/v1/e-services").await.len(), 4);
}

#[tokio::test]
async fn a_search_engine_reads_it_as_a_government_service() {
    let service = open().await;
    let read = service.get("/v1/e-services/public-lighting?format=jsonld").send().await.expect(200);
    assert_eq!(read.header("content-type"), "application/ld+json");
    let accepted = service.get("/v1/e-services/public-lighting").header("Accept", "application/ld+json").send().await;
    assert_eq!(accepted.expect(200).json(), read.json());
    assert_eq!(
        read.json(),
        json!({
            "@context": "https://schema.org",
            "@type": "GovernmentService",
            "@id": format!("{}/v1/e-services/public-lighting", service.address),
            "identifier": "public-lighting",
            "name": [
                { "@language": "th", "@value": "งานไฟฟ้าสาธารณะ" },
                { "@language": "en", "@value": "Public lighting" },
            ],
            "provider": { "@type": "GovernmentOrganization", "name": "เทศบาลเมืองชัยนาท" },
            "offers": { "@type": "Offer", "price": "0.00", "priceCurrency": "THB" },
        })
    );
}

#[tokio::test]
async fn a_code_is_given_once_and_stays() {
    let service = open().await;
    service.offer(&e_service("public-lighting")).await.problem(409, "already_exists");
    let problem = service.change_e_service("public-lighting", &json!({ "code": "lamps", "unit": "nowhere" })).await;
    let problem = problem.problem(422, "validation_failed");
    let expected = [("#/code", "immutable"), ("#/unit", "unknown_unit")];
    assert_eq!(faults(&problem), expected.map(|(place, code)| (place.to_owned(), code.to_owned())));
    let editor = service.person("lighting", &[Role::Editor], &["public-works"]).await;
    let theirs = editor.post("/v1/e-services").json(&e_service("rubbish")).send().await;
    assert_eq!(faults(&theirs.problem(422, "validation_failed")), [("#/unit".into(), "not_your_unit".into())]);
    let patch = service.patch("/v1/e-services/permit-application").token(&editor.token).header("If-Match", "*");
    patch.json(&json!({ "working_days": 1 })).send().await.problem(404, "not_found");
}

/// A form with a field of this schema, and definitions.
fn form_of(field: Value, definitions: Value) -> Value {
    json!({ "type": "object", "properties": { "a": field }, "$defs": definitions, "additionalProperties": false })
}

#[tokio::test]
async fn a_form_that_is_none_that_looks_elsewhere_or_is_slow_is_refused() {
    let service = open().await;
    let field = |field: Value| form_of(field, json!({}));
    // Each definition refers to the next one twice: a million of them in the end.
    let twice =
        |n: usize| json!({ "allOf": [{ "$ref": format!("#/$defs/d{n}") }, { "$ref": format!("#/$defs/d{n}") }] });
    let doubling = (0..20).map(|n| (format!("d{n}"), twice(n + 1)));
    let doubling: Value = doubling.chain([("d20".to_owned(), json!(true))]).collect::<serde_json::Map<_, _>>().into();
    let nested =
        (0..12).fold(json!({ "type": "string" }), |schema, _| json!({ "anyOf": [schema, { "type": "null" }] }));
    let deep = (0..40).fold(json!({}), |schema, _| json!({ "not": schema }));
    let next = |n: usize| (format!("c{n}"), json!({ "items": { "$ref": format!("#/$defs/c{}", n + 1) } }));
    let chain = (0..60).map(next).chain([("c60".to_owned(), json!(true))]);
    let chain: Value = chain.collect::<serde_json::Map<_, _>>().into();
    // Two schemas for each definition, after the form and its field.
    let deepest = format!("/$defs/c{}", (32 - 2) / 2);
    let patterns: Vec<_> = (0..51).map(|n| json!({ "pattern": n.to_string() })).collect();
    for (schema, place, code) in [
        (json!([]), "", "wrong_type"),
        (json!({ "additionalProperties": false }), "/type", "not_a_form"),
        (json!({ "type": "object" }), "/additionalProperties", "not_a_form"),
        (
            json!({ "type": "object", "properties": {}, "required": ["a"], "additionalProperties": false }),
            "/required/0",
            "not_a_form",
        ),
        (json!({ "type": "obiect", "additionalProperties": false }), "/type", "bad_schema"),
        (field(json!({ "type": "string", "minLength": -1 })), "/properties/a/minLength", "bad_schema"),
        (field(json!({ "type": "string", "minlength": 1 })), "/properties/a/minlength", "unknown_keyword"),
        (field(json!({ "$id": "https://example.com" })), "/properties/a/$id", "unknown_keyword"),
        (field(json!({ "unevaluatedProperties": false })), "/properties/a/unevaluatedProperties", "unknown_keyword"),
        (field(json!({ "$ref": "https://example.com/a" })), "/properties/a/$ref", "outside"),
        (field(json!({ "$ref": "file:///etc/passwd" })), "/properties/a/$ref", "outside"),
        (field(json!({ "$ref": "#" })), "/properties/a/$ref", "outside"),
        (field(json!({ "$ref": "#/$defs/b" })), "/properties/a/$ref", "outside"),
        (form_of(json!({ "$ref": "#/$defs/b" }), json!({ "b": { "$ref": "#/$defs/b" } })), "/$defs/b/$ref", "circular"),
        // Others would read these names as those of other definitions.
        (form_of(json!({ "$ref": "#/$defs/x%41" }), json!({ "x%41": true })), "/properties/a/$ref", "outside"),
        (form_of(json!({ "$ref": "#/$defs/x~1y" }), json!({ "x~1y": true })), "/properties/a/$ref", "outside"),
        (form_of(json!({ "$ref": "#/$defs/x/not" }), json!({ "x": { "not": {} } })), "/properties/a/$ref", "outside"),
        (form_of(json!({ "$ref": "#/$defs/d0" }), doubling), "", "too_complex"),
        (field(json!({ "enum": (0..2000).collect::<Vec<_>>() })), "", "too_complex"),
        (field(deep), "", "too_complex"),
        (form_of(json!({ "$ref": "#/$defs/c0" }), chain), &deepest, "too_complex"),
        (field(json!({ "allOf": patterns })), "/properties/a/allOf/50/pattern", "too_complex"),
        (field(nested), "", "too_complex"),
        (field(json!({ "pattern": "^(a+)+$(?=b)" })), "/properties/a/pattern", "bad_pattern"),
        (field(json!({ "pattern": "(a{1000}){1000}" })), "/properties/a/pattern", "bad_pattern"),
        (field(json!({ "patternProperties": { "(": {} } })), "/properties/a/patternProperties/(", "bad_pattern"),
        (field(json!({ "format": "dat" })), "/properties/a/format", "unknown_format"),
        (field(json!({ "format": "idn-email" })), "/properties/a/format", "unknown_format"),
        (field(json!({ "multipleOf": 0.1 })), "/properties/a/multipleOf", "not_whole"),
        (field(json!({ "title": "ก".repeat(301) })), "/properties/a/title", "title_too_long"),
        (field(json!({ "$schema": "http://json-schema.org/draft-07/schema#" })), "/properties/a/$schema", "bad_schema"),
        (
            json!({ "type": "object", "properties": { "ชื่อ": {} }, "additionalProperties": false }),
            "/properties/ชื่อ",
            "bad_name",
        ),
    ] {
        let mut body = e_service("rubbish");
        body["form_schema"] = schema.clone();
        let problem = service.offer(&body).await.problem(422, "validation_failed");
        let told = faults(&problem);
        assert_eq!(told[0], (format!("#/form_schema{place}"), code.to_owned()), "{schema}");
        assert!(told.iter().all(|(_, other)| other == code), "{schema}: {told:?}");
    }
    service.get("/v1/e-services/%00").send().await.problem(404, "not_found");
    let mut body = e_service("rubbish");
    let address = json!({ "type": "object", "properties": { "road": { "type": "string" } }, "required": ["road"] });
    body["form_schema"] = form_of(
        json!({ "anyOf": [{ "$ref": "#/$defs/address" }, { "type": "null" }], "title": "ที่อยู่", "x-order": 1 }),
        json!({ "address": address }),
    );
    service.offer(&body).await.expect(201);
}
