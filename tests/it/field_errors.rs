//! What people read about one field: the rule, its form with an example, and which name was meant.

use prongsai::auth::scope::Role;
use serde_json::{Map, Value, json};

use crate::support::ask::{Ask, Operation};
use crate::support::document::{resolved, schema_at};
use crate::support::samples::measure;
use crate::support::{faults, spawn, spawn_filled};

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

/// `body` with a value at a pointer, if there is something that can have it.
fn with(body: &Value, pointer: &str, value: &Value) -> Option<Value> {
    let mut body = body.clone();
    let (parent, name) = pointer.rsplit_once('/')?;
    match body.pointer_mut(parent)? {
        Value::Object(fields) => drop(fields.insert(name.to_owned(), value.clone())),
        items => *items.get_mut(0)? = value.clone(),
    }
    Some(body)
}

/// What the problem says about the value at a pointer.
fn about<'a>(problem: &'a Value, pointer: &str) -> Option<&'a str> {
    let errors = problem["errors"].as_array()?;
    errors.iter().find(|error| error["pointer"] == format!("#{pointer}"))?["detail"].as_str()
}

#[tokio::test]
async fn a_field_that_may_be_null_is_told_what_else_it_must_be_and_a_pattern_has_an_example() {
    let service = spawn_filled().await;
    let (mut nullable, mut patterned) = (0, 0);
    for operation in Operation::all() {
        let Some((_, place, example)) = operation.body() else { continue };
        let right = Ask::right(&service, &operation).await.header("Accept-Language", "en");
        for (pointer, part, may_be_null) in fields(&place, "") {
            let (_, schema) = schema_at(&part);
            let has_pattern = schema["pattern"].is_string() && schema["examples"][0].is_string();
            for (wrong, matters) in
                [(json!([[]]), may_be_null), (json!(7), may_be_null), (json!("\u{1}?"), has_pattern)]
            {
                let Some(body) = with(&example, &pointer, &wrong).filter(|_| matters) else { continue };
                let problem = right.clone().body(body.to_string()).send(&service).await.json();
                let Some(detail) = about(&problem, &pointer) else { continue };
                assert!(!detail.contains("null") && detail.starts_with("must "), "{pointer} {wrong}: {problem}");
                if has_pattern {
                    assert!(detail.contains("such as ") || detail.contains(" in "), "{pointer} {wrong}: {problem}");
                    patterned += 1;
                }
                nullable += usize::from(may_be_null);
            }
        }
    }
    assert!(nullable > 50 && patterned > 20, "{nullable} {patterned}");
}

#[tokio::test]
async fn a_message_says_the_rule_in_both_languages() {
    let service = spawn().await;
    let editor = service.token(Role::Editor);
    for (field, value, th, en) in [
        ("title", json!("x".repeat(2000)), "ต้องไม่เกิน 1000 ตัวอักษร", "must have at most 1000 characters"),
        ("number", json!(0), "ต้องไม่น้อยกว่า 1", "must be at least 1"),
        ("number", json!("1"), "ต้องเป็นจำนวนเต็ม", "must be a whole number"),
        ("topic", json!("1"), "ต้องเป็นจำนวนเต็ม", "must be a whole number"),
        (
            "predecessor_id",
            json!("x"),
            "ต้องเป็นรหัส UUID เช่น 01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11",
            "must be a UUID such as 01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11",
        ),
        (
            "status",
            json!("in-progress"),
            "ต้องเป็นค่าใดค่าหนึ่ง: planned, in_progress, completed, cancelled หมายถึง in_progress หรือไม่",
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
        }
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
    let (path, query) = (detail("/v1/fiscal-years/2024").await, detail("/v1/measures?fiscal_year=2024").await);
    assert_eq!(path, query);
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
