//! What people read about one field: the rule, its form with an example, and which name was meant.

use std::collections::{BTreeMap, BTreeSet};

use prongsai::auth::scope::Role;
use prongsai::domain::receipt::Receipt;
use prongsai::domain::text::VISIBLE;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::support::ask::{Ask, Operation, with};
use crate::support::document::{DOCUMENT, allows, resolved, schema_at};
use crate::support::form::Form;
use crate::support::samples::measure;
use crate::support::{Service, faults, spawn, spawn_filled};

/// All that is below the schema at `place`: its JSON pointer in a body, where its schema stands, and whether it may be null.
fn fields(place: &str, pointer: &str) -> Vec<(String, String, bool)> {
    let (place, schema) = schema_at(place);
    let mut all = Vec::new();
    let mut add = |part: String, name: &str| {
        let pointer = format!("{pointer}/{name}");
        let (_, schema) = resolved(&part).unwrap();
        let is_null = |schema: &Value| {
            schema["type"] == "null" || schema["type"].as_array().is_some_and(|kinds| kinds.contains(&json!("null")))
        };
        let branches = schema["oneOf"].as_array().into_iter().flatten();
        all.push((pointer.clone(), part.clone(), is_null(schema) || branches.into_iter().any(is_null)));
        all.extend(fields(&part, &pointer));
    };
    for name in schema["properties"].as_object().into_iter().flat_map(Map::keys) {
        add(format!("{place}/properties/{name}"), name);
    }
    if schema.get("items").is_some() {
        add(format!("{place}/items"), "0");
    }
    all
}

/// `body` with the object that has the field at a pointer: its own, or the example of it. `place` is that of the field's schema.
fn with_parent(body: &Value, pointer: &str, place: &str) -> Option<Value> {
    let (parent, _) = pointer.rsplit_once('/')?;
    if body.pointer(parent).is_some_and(|it| !it.is_null()) {
        return Some(body.clone());
    }
    let (schema, _) = place.rsplit_once("/properties/")?;
    with(body, parent, resolved(schema)?.1.get("example")?)
}

/// What the problem says about the value at a pointer.
fn about<'a>(problem: &'a Value, pointer: &str) -> Option<&'a str> {
    let errors = problem["errors"].as_array()?;
    errors.iter().find(|error| error["pointer"] == format!("#{pointer}"))?["detail"].as_str()
}

#[tokio::test]
async fn a_field_that_may_be_null_is_told_what_else_it_must_be() {
    let service = spawn_filled().await;
    let mut nullable = 0;
    for operation in Operation::all() {
        let Some((_, place, example)) = operation.body() else { continue };
        let right = Ask::right(&service, &operation).await.header("Accept-Language", "en");
        for (pointer, ..) in fields(&place, "").iter().filter(|(_, _, may_be_null)| *may_be_null) {
            for wrong in [json!([[]]), json!(7)] {
                let Some(body) = with(&example, pointer, &wrong) else { continue };
                let problem = right.clone().body(body.to_string()).send(&service).await.json();
                let Some(detail) = about(&problem, pointer) else { continue };
                assert!(!detail.contains("null") && detail.starts_with("must "), "{pointer} {wrong}: {problem}");
                nullable += 1;
            }
        }
    }
    assert!(nullable > 50, "{nullable}");
}

/// The pattern of a text, or its format: what says how it is written. Formats that only say how it is stored do not.
fn notation(schema: &'static Value) -> Option<&'static str> {
    let format = schema["format"].as_str().filter(|format| !["binary", "password"].contains(format));
    format.or(schema["pattern"].as_str()).filter(|_| is_text(schema))
}

fn is_text(schema: &Value) -> bool {
    schema["type"] == "string" || schema["type"].as_array().is_some_and(|kinds| kinds.contains(&json!("string")))
}

/// A text that the schema at `place` refuses, and that can stand in a header.
fn wrong_text(place: &str) -> &'static str {
    let candidates = ["?", "a b", "\u{200B}"];
    candidates.into_iter().find(|text| !allows(place, &json!(text))).expect("a text that is refused")
}

/// The detail of the error at one place, in Thai and in English.
async fn told(service: &Service, ask: Ask, at: &str) -> [String; 2] {
    let detail = async |language: &str| {
        let problem = ask.clone().header("Accept-Language", language).send(service).await.json();
        let is_there = |error: &&Value| ["pointer", "parameter", "header"].iter().any(|kind| error[*kind] == at);
        let error = problem["errors"].as_array().into_iter().flatten().find(is_there);
        error.unwrap_or_else(|| panic!("nothing about {at}: {problem}"))["detail"].as_str().unwrap().to_owned()
    };
    [detail("th").await, detail("en").await]
}

/// That an error says the rule and gives an example which the schema takes, in both languages.
fn says_rule_and_example(place: &str, told: &[String; 2]) {
    let (_, schema) = schema_at(place);
    if schema["pattern"] == VISIBLE {
        assert!(told[0] == "ต้องไม่เว้นว่าง" && told[1].starts_with("must not be "), "{place}: {told:?}");
        return;
    }
    for (detail, begins, leads) in [(&told[0], "ต้องเป็น", " เช่น "), (&told[1], "must be ", " such as ")]
    {
        let (rule, example) = detail.rsplit_once(leads).unwrap_or_else(|| panic!("{place} has no example: {detail}"));
        assert!(rule.starts_with(begins) && rule.len() > begins.len(), "{place} has no rule: {detail}");
        assert!(allows(place, &json!(example)), "{place} does not take the example of {detail}");
    }
}

/// The notations of all bodies, queries and headers.
fn every_notation() -> BTreeSet<&'static str> {
    let mut all = BTreeSet::new();
    for operation in Operation::all() {
        let body = operation.body().map(|(_, place, _)| place).or(operation.multipart().map(|(place, _)| place));
        let parts = body.iter().flat_map(|place| fields(place, "")).map(|(_, part, _)| part);
        let parameters = operation.parameters("query").chain(operation.parameters("header")).map(|(.., place)| place);
        all.extend(parts.chain(parameters).filter_map(|place| notation(schema_at(&place).1)));
    }
    all
}

/// Of every operation the texts that must be written in one way, each with what is said about another.
#[tokio::test]
async fn every_text_that_is_written_in_one_way_is_told_with_its_rule_and_an_example() {
    let service = spawn_filled().await;
    let service = &service;
    let (mut untold, mut of_formats) = (every_notation(), BTreeMap::<_, BTreeSet<_>>::new());
    let mut check = |place: &str, told: [String; 2]| {
        says_rule_and_example(place, &told);
        let (_, schema) = schema_at(place);
        untold.remove(notation(schema).unwrap());
        if let Some(format) = schema["format"].as_str() {
            of_formats.entry(format).or_default().insert(told);
        }
    };
    for operation in Operation::all() {
        let right = Ask::right(service, &operation).await;
        for (name, _, place) in operation.parameters("query").chain(operation.parameters("header")) {
            let place = if schema_at(&place).1["type"] == "array" { format!("{place}/items") } else { place };
            if notation(schema_at(&place).1).is_some() {
                let wrong = wrong_text(&place);
                let is_header = operation.takes(name);
                let ask = if is_header { right.clone().header(name, wrong) } else { right.clone().query(name, wrong) };
                check(&place, told(service, ask, name).await);
            }
        }
        for (name, _, place) in
            operation.parameters("path").filter(|(.., place)| schema_at(place).1["format"] == "uuid")
        {
            let path = operation.template.replace(&format!("{{{name}}}"), "abc");
            check(&place, told(service, right.clone().path(path), name).await);
        }
        let body = operation.body().map(|(_, place, example)| (place, example));
        for (place, example) in body.into_iter().chain(operation.multipart()) {
            for (pointer, part, _) in fields(&place, "") {
                if notation(schema_at(&part).1).is_none() {
                    continue;
                }
                let Some(example) = with_parent(&example, &pointer, &part) else { continue };
                let Some(wrong) = with(&example, &pointer, &json!(wrong_text(&part))) else { continue };
                let ask = if operation.uploads() {
                    right.clone().body(Form::of(&wrong).finish().1)
                } else {
                    right.clone().body(wrong.to_string())
                };
                check(&part, told(service, ask, &format!("#{pointer}")).await);
            }
        }
    }
    assert!(untold.is_empty(), "nothing was said about {untold:?}");
    for (format, told) in of_formats {
        assert_eq!(told.len(), 1, "{format} is told in several ways: {told:?}");
    }
}

#[tokio::test]
async fn a_receipt_that_no_case_has_is_told_how_one_looks_whatever_was_typed() {
    let service = spawn_filled().await;
    let unknown = Receipt::of([7; 16]).text();
    let documented = DOCUMENT["components"]["schemas"]["ReceiptText"]["examples"][0].as_str().unwrap();
    assert!(Receipt::read(documented).is_some_and(|receipt| receipt.text() == documented));
    let mut asked = 0;
    for operation in Operation::all() {
        let form = operation.multipart().map(|(_, example)| example);
        let Some(example) = operation.body().map(|(.., example)| example).or(form) else { continue };
        if example["receipt"].is_null() {
            continue;
        }
        let right = Ask::right(&service, &operation).await;
        let mut answers = BTreeSet::new();
        for receipt in ["abc", &unknown, "5Z1H-60C7-28T5-R0HP"] {
            let mut body = example.clone();
            body["receipt"] = json!(receipt);
            let body = if operation.uploads() { Form::of(&body).finish().1 } else { body.to_string().into_bytes() };
            let ask = right.clone().header("Idempotency-Key", &Uuid::now_v7().to_string()).body(body);
            let problem = ask.clone().send(&service).await.problem(404, "unknown_receipt");
            assert_eq!(faults(&problem), [("#/receipt".to_owned(), "unknown_receipt".to_owned())]);
            assert_ne!(problem["detail"], problem["errors"][0]["detail"]);
            answers.insert(told(&service, ask, "#/receipt").await);
        }
        let [details] = &answers.into_iter().collect::<Vec<_>>()[..] else { panic!("{}: several", operation.place) };
        for (detail, leads) in details.iter().zip([" เช่น ", " such as "]) {
            assert_eq!(detail.rsplit_once(leads).unwrap().1, documented);
        }
        asked += 1;
    }
    assert!(asked >= 10, "{asked}");
}

#[tokio::test]
async fn a_field_of_a_form_with_a_file_is_told_like_one_of_a_json_body() {
    let service = spawn_filled().await;
    let mut asked = 0;
    for operation in Operation::all() {
        let Some((_, mut example)) = operation.multipart() else { continue };
        if let Some(receipt) = example.get_mut("receipt") {
            *receipt = Ask::receipt(&service, &operation).await;
        }
        let right = Ask::right(&service, &operation).await;
        let wrong = [
            ("public", "maybe", "ต้องเป็น true หรือ false", "must be true or false"),
            ("file", "", "ต้องไม่เว้นว่าง", "must not be empty"),
        ];
        for (field, value, th, en) in wrong.into_iter().filter(|(field, ..)| example.get(field).is_some()) {
            let body = Form::of(&with(&example, &format!("/{field}"), &json!(value)).unwrap()).finish().1;
            assert_eq!(told(&service, right.clone().body(body), &format!("#/{field}")).await, [th, en]);
            asked += 1;
        }
    }
    assert!(asked >= 7, "{asked}");
}

#[tokio::test]
async fn a_message_says_the_rule_in_both_languages() {
    let service = spawn().await;
    let editor = service.token(Role::Editor);
    for (field, value, th, en) in [
        ("title", json!("x".repeat(2000)), "ต้องไม่เกิน 1000 ตัวอักษร", "must have at most 1000 characters"),
        ("number", json!(0), "ต้องไม่น้อยกว่า 1", "must be at least 1"),
        ("number", json!("x"), "ต้องเป็นจำนวนเต็ม", "must be a whole number"),
        ("number", json!("01"), "ต้องเป็นจำนวนเต็ม", "must be a whole number"),
        ("number", json!(12.5), "ต้องเป็นจำนวนเต็ม", "must be a whole number"),
        ("topic", json!("1"), "ต้องเป็นตัวเลขโดยไม่มีเครื่องหมายอัญประกาศ: 1", "must be a number without quotation marks: 1"),
        (
            "fiscal_year",
            json!("2567"),
            "ต้องเป็นตัวเลขโดยไม่มีเครื่องหมายอัญประกาศ: 2567",
            "must be a number without quotation marks: 2567",
        ),
        ("fiscal_year", json!("๒๕๖๗"), "ต้องเขียนด้วยเลขอารบิก: 2567", "must be written with the digits 0 to 9: 2567"),
        (
            "starts_on",
            json!(5),
            "ต้องเป็นข้อความในเครื่องหมายอัญประกาศ: \"2024-04-01\"",
            "must be a text in quotation marks: \"2024-04-01\"",
        ),
        ("starts_on", json!("2024-02-30"), "ไม่มีวันหรือเวลา 2024-02-30 ในปฏิทิน", "there is no 2024-02-30 in the calendar"),
        (
            "predecessor_id",
            json!("x"),
            "ต้องเป็นรหัส UUID เช่น 01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11",
            "must be a UUID such as 01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11",
        ),
        (
            "status",
            json!("in-progress"),
            "ต้องเป็นค่าใดค่าหนึ่ง: ยังไม่เริ่มดำเนินการ (planned), อยู่ระหว่างดำเนินการ (in_progress), ดำเนินการแล้วเสร็จ (completed), ยกเลิก (cancelled) หมายถึง in_progress หรือไม่",
            "must be one of planned, in_progress, completed, cancelled. Did you mean in_progress?",
        ),
        ("titel", json!("x"), "ไม่มีช่องข้อมูลนี้ หมายถึง title หรือไม่", "is not a field of this object. Did you mean title?"),
        ("colour", json!("x"), "ไม่มีช่องข้อมูลนี้", "is not a field of this object"),
    ] {
        for (language, expected) in [("th", th), ("en", en)] {
            let mut body = measure(2567, 1);
            body[field] = value.clone();
            let send =
                service.post("/v1/measures").token(&editor).header("Accept-Language", language).json(&body).send();
            let problem = send.await.json();
            assert_eq!(about(&problem, &format!("/{field}")), Some(expected), "{problem}");
            let of_field = |error: &&Value| error["pointer"] == format!("#/{field}");
            assert_eq!(problem["errors"].as_array().unwrap().iter().filter(of_field).count(), 1, "{problem}");
        }
    }
    let problem = service.get("/v1/guides?occasion=lunch").send().await.problem(400, "invalid_parameter");
    let told = problem["errors"][0]["detail"].as_str().unwrap();
    assert!(told.contains("ก่อนยื่นเรื่องทุกชนิด (intake), "), "{told}");
    let problem = service.get("/v1/measures?fiscal_year=๒๕๖๗").header("Accept-Language", "en").send().await;
    let problem = problem.problem(400, "invalid_parameter");
    assert_eq!(problem["errors"][0]["detail"], "must be written with the digits 0 to 9: 2567");
}

#[tokio::test]
async fn a_message_repeats_nothing_that_is_long() {
    let service = spawn().await;
    let editor = service.token(Role::Editor);
    let long = "9".repeat(60_000);
    for (field, sent) in [
        ("number", "1234567890121".to_owned()),
        ("number", format!("1{long}")),
        ("topic", format!("๑{long}")),
        ("starts_on", format!("2024-02-30T09:30:{long}")),
        ("starts_on", format!("2567-02-30{long}")),
        ("status", long.clone()),
        ("predecessor_id", long.clone()),
    ] {
        let mut body = measure(2567, 1);
        body[field] = json!(sent);
        let problem = service.post("/v1/measures").token(&editor).json(&body).send().await;
        let problem = problem.problem(422, "validation_failed");
        let detail = about(&problem, &format!("/{field}")).unwrap();
        assert!(detail.len() < 500 && !detail.contains(&sent), "{detail}");
    }
}

#[tokio::test]
async fn a_misspelt_parameter_or_clearing_is_told_the_name_that_is_near() {
    let service = spawn().await;
    let address = service.publish("/v1/measures", &measure(2567, 1)).await;
    let ask = |path: &str| service.get(path).header("Accept-Language", "en").send();
    for path in ["/v1/measures?fiscalyear=2567", "/v1/measures?fisal_year=2567", "/v1/measures?fiscal-year=2567"] {
        let problem = ask(path).await.problem(400, "unknown_parameter");
        assert_eq!(
            problem["errors"][0]["detail"], "is not a parameter of this operation. Did you mean fiscal_year?",
            "{path}"
        );
    }
    let editor = service.token(Role::Editor);
    let patch = service.patch(&address).token(&editor).header("If-Match", "*").header("Accept-Language", "en");
    let problem = patch.json(&json!({ "topics": null })).send().await.problem(400, "unknown_field");
    assert_eq!(about(&problem, "/topics"), Some("is not a field of this object. Did you mean topic?"));
}

#[tokio::test]
async fn an_id_is_told_the_same_in_a_path_a_query_and_a_body() {
    let service = spawn().await;
    let detail = async |path: &str| {
        let problem = service.get(path).header("Accept-Language", "en").send().await.problem(400, "invalid_parameter");
        (problem["errors"][0]["code"].clone(), problem["errors"][0]["detail"].clone())
    };
    let expected = json!("must be a UUID such as 01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11");
    for path in ["/v1/measures/abc", "/v1/projects?measure_id=abc"] {
        assert_eq!(detail(path).await.1, expected, "{path}");
    }
    let editor = service.token(Role::Editor);
    let mut body = measure(2567, 1);
    body["predecessor_id"] = json!("abc");
    let sent = service.post("/v1/measures").token(&editor).header("Accept-Language", "en").json(&body).send().await;
    assert_eq!(about(&sent.json(), "/predecessor_id"), expected.as_str());
    for year in ["2024", "abc", "0", "25.67"] {
        let path = detail(&format!("/v1/fiscal-years/{year}")).await;
        assert_eq!(path, detail(&format!("/v1/measures?fiscal_year={year}")).await);
        assert!(path.0 == "fiscal_year_out_of_range" && path.1.as_str().unwrap().contains("2567"), "{path:?}");
    }
}

#[tokio::test]
async fn a_range_that_ends_before_it_begins_is_an_error_in_every_list() {
    let service = spawn_filled().await;
    let mut ranges = 0;
    for operation in Operation::all() {
        let names: Vec<&str> = operation.parameters("query").map(|(name, ..)| name).collect();
        for (name, _, place) in operation.parameters("query") {
            let Some(from) = name.strip_suffix("_to").map(|name| format!("{name}_from")) else { continue };
            if !names.contains(&&*from) {
                continue;
            }
            let is_instant = schema_at(&place).1["format"] == "date-time";
            let [early, late] = if is_instant {
                // The later of the two is the earlier text.
                ["2026-03-01T01:00:00+07:00", "2026-02-28T23:00:00Z"]
            } else {
                ["2026-03-01", "2026-03-02"]
            };
            let right = Ask::right(&service, &operation).await;
            let ask = |start: &str, end: &str| right.clone().query(&from, start).query(name, end);
            let problem = ask(late, early).send(&service).await.problem(400, "invalid_parameter");
            assert_eq!(faults(&problem), [(name.to_owned(), "before_start".to_owned())]);
            assert_eq!(problem["errors"][0]["detail"], format!("ต้องไม่ก่อน {from}"));
            for (start, end) in [(early, late), (early, early)] {
                let status = ask(start, end).send(&service).await.status;
                assert!(status == 200, "{}: {status}", operation.place);
            }
            ranges += 1;
        }
    }
    assert!(ranges >= 5, "{ranges}");
}
