//! The problems that operations share, provoked on every one of them by walking the document. That each answer is as the
//! document says is checked by the client; tests/no_operation_is_forgotten.rs sees that no documented status is left out.

use std::time::Duration;

use prongsai::auth::scope;
use serde_json::{Map, Value, json};

use crate::support::ask::{Ask, Operation, text, with};
use crate::support::document::{DOCUMENT, allows, allows_text, schema_at};
use crate::support::{faults, hold_writes, spawn_filled};

const NOBODY: &str = "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11";

/// Whether the document allows a text as the value of a parameter whose schema is at `place`.
fn takes(parameter: &Value, place: &str, text: &str) -> bool {
    allows_text(place, text) || text.is_empty() && parameter["allowEmptyValue"] == true
}

/// A text that it does not allow.
fn bad_text(parameter: &Value, place: &str) -> Option<String> {
    let candidates = ["", "?", "x", "-1", "99999", "\u{200B}", &"x".repeat(2000)].map(str::to_owned);
    candidates.into_iter().find(|text| !takes(parameter, place, text))
}

#[tokio::test]
async fn what_is_unknown_or_bad_in_an_address_is_named() {
    let service = spawn_filled().await;
    for operation in Operation::all() {
        let right = Ask::right(&service, &operation).await;
        let unknown = right.clone().query("nonsense", "1").send(&service).await.problem(400, "unknown_parameter");
        assert_eq!(faults(&unknown), [("nonsense".to_owned(), "unknown_parameter".to_owned())]);
        for (name, parameter, place) in operation.parameters("query") {
            let bad = bad_text(parameter, &place).unwrap_or_else(|| panic!("{place}: nothing is bad"));
            let problem = right.clone().query(name, &bad).send(&service).await.problem(400, "invalid_parameter");
            assert!(faults(&problem).iter().any(|(place, _)| place == name), "{name}={bad}: {problem}");
        }
        for (name, parameter, place) in operation.parameters("path") {
            // The last is the same id without its hyphens.
            let bad = ["x", "9", "?", "01985d3c8a5e7cc19c530c5a2f0a7c11"];
            for bad in bad.into_iter().filter(|text| !allows_text(&place, text)) {
                let bad = if bad == "?" { "%3F" } else { bad };
                let answer = right.clone().segment(&operation.template, name, bad).send(&service).await;
                // A name that cannot be is as unknown as one that is not there.
                let expected =
                    if parameter["schema"]["format"] == "uuid" || name.ends_with("year") { 400 } else { 404 };
                answer.expect(expected);
            }
        }
        for (name, _, place) in operation.parameters("header") {
            let bad =
                ["x", " ", &"x".repeat(200)].into_iter().find(|text| !allows_text(&place, text)).map(str::to_owned);
            let answer = right.clone().header(name, &bad.expect("something bad")).send(&service).await;
            let problem = answer.problem(400, "invalid_parameter");
            assert_eq!(faults(&problem), [(name.to_owned(), "bad_format".to_owned())]);
        }
    }
}

#[tokio::test]
async fn what_is_wrong_in_a_body_is_named() {
    let service = spawn_filled().await;
    for operation in Operation::all() {
        let Some((.., example)) = operation.body() else { continue };
        let right = Ask::right(&service, &operation).await;
        for body in ["", "[]", "null", "{\"a\":", "\u{1F}"] {
            right.clone().body(body).send(&service).await.problem(400, "malformed_json");
        }
        let mut unknown = example.clone();
        unknown["nonsense"] = json!(1);
        let problem = right.clone().body(unknown.to_string()).send(&service).await.problem(400, "unknown_field");
        assert_eq!(faults(&problem), [("#/nonsense".to_owned(), "unknown_field".to_owned())]);
    }
}

/// Values at the edges of what a schema allows, just beyond them, and far beyond where it has none.
fn edges(schema: &Value) -> Vec<Value> {
    let number = |name: &str| schema[name].as_i64();
    let mut values = vec![json!(null), json!(true), json!({}), json!([[]]), json!(-1.5), json!("\u{0}"), json!("")];
    values.extend(schema["enum"].as_array().into_iter().flatten().cloned());
    let (least, most) = (number("minimum"), number("maximum"));
    values.extend(least.into_iter().flat_map(|least| [least, least - 1]).map(Value::from));
    values.extend(most.into_iter().flat_map(|most| [most, most + 1]).map(Value::from));
    values.extend([json!(1_i64 << 40), json!(-(1_i64 << 40))]);
    let longest = number("maxLength");
    let lengths = longest.into_iter().flat_map(|longest| [longest, longest + 1]).chain([20_000]);
    values.extend(lengths.map(|length| json!("a".repeat(length as usize))));
    let item = schema["example"].get(0).or_else(|| schema["examples"][0].get(0));
    if let Some(item) = item {
        let counts = number("maxItems").into_iter().flat_map(|most| [most, most + 1]).chain([0, 150]);
        values.extend(counts.map(|count| vec![item.clone(); count as usize].into()));
    }
    values
}

/// The edges of all that is below the schema at `place`, each with its JSON pointer.
fn edges_below(place: &str, pointer: &str) -> Vec<(String, Value)> {
    let (place, schema) = schema_at(place);
    let mut all = Vec::new();
    let mut add = |part: String, name: &str| {
        let pointer = format!("{pointer}/{name}");
        all.extend(edges(schema_at(&part).1).into_iter().map(|value| (pointer.clone(), value)));
        all.extend(edges_below(&part, &pointer));
    };
    for name in schema["properties"].as_object().into_iter().flat_map(Map::keys) {
        add(format!("{place}/properties/{name}"), name);
    }
    if schema.get("items").is_some() {
        add(format!("{place}/items"), "0");
    }
    all
}

/// What is allowed must not be refused for its shape: the client checks that.
#[tokio::test]
async fn what_the_document_allows_is_taken_and_what_it_does_not_is_named() {
    let service = spawn_filled().await;
    for operation in Operation::all() {
        let right = Ask::right(&service, &operation).await;
        for (name, parameter, place) in operation.parameters("query") {
            for value in edges(schema_at(&place).1).iter().map(text) {
                let answer = right.clone().query(name, &value).send(&service).await;
                if !takes(parameter, &place, &value) {
                    let problem = answer.problem(400, "invalid_parameter");
                    assert!(faults(&problem).iter().any(|(place, _)| place == name), "{name}={value}: {problem}");
                }
            }
        }
        let Some((_, place, example)) = operation.body() else { continue };
        for (pointer, value) in edges_below(&place, "") {
            let Some(body) = with(&example, &pointer, &value) else { continue };
            let answer = right.clone().body(body.to_string()).send(&service).await;
            if !allows(&place, &body) {
                let problem = answer.problem(422, "validation_failed");
                let (exactly, below) = (format!("#{pointer}"), format!("#{pointer}/"));
                let named = |place: &str| place == exactly || place.starts_with(&below);
                let faults = faults(&problem);
                assert!(!faults.is_empty() && faults.iter().all(|(place, _)| named(place)), "{body}: {problem}");
            }
        }
    }
}

#[tokio::test]
async fn who_may_not_is_401_or_403() {
    let service = spawn_filled().await;
    let mut guarded = 0;
    for operation in Operation::all() {
        let right = Ask::right(&service, &operation).await;
        let takes_token = !operation.security().is_empty();
        assert!(!takes_token || operation.documents(401), "{}", operation.place);
        if takes_token {
            let answer = right.clone().header("Authorization", "Bearer x").send(&service).await;
            assert!(answer.header("www-authenticate").contains("invalid_token"));
            answer.problem(401, "invalid_token");
        }
        if !operation.is_guarded() {
            let answer = right.without("Authorization").send(&service).await;
            assert!(operation.documents(401) || ![401, 403].contains(&answer.status), "{}", operation.place);
            continue;
        }
        let nobody = right.clone().without("Authorization").send(&service).await;
        assert_eq!(nobody.header("www-authenticate"), "Bearer realm=\"prongsai\"");
        nobody.problem(401, "unauthenticated");
        if operation.scope().is_some() {
            // To write includes to read.
            let gives = |name: &str| {
                let read = name.replace(":write", ":read");
                operation.scopes().any(|own| own == name || own == read)
            };
            let others: Vec<&str> = scope::names().filter(|name| !gives(name)).collect();
            let others = format!("Bearer {}", service.token_with(&others));
            let refused = right.clone().header("Authorization", &others).send(&service).await;
            assert!(refused.header("www-authenticate").contains("insufficient_scope"));
            refused.problem(403, "insufficient_scope");
        }
        // The scope lets in; what no admin does alone is refused to this caller for another reason.
        let let_in = right.send(&service).await;
        let is_refused = let_in.status == 403 && let_in.json()["code"] == "insufficient_scope";
        assert!(let_in.status != 401 && !is_refused, "{}: {let_in:?}", operation.place);
        guarded += 1;
    }
    assert!(guarded >= 30, "only {guarded} operations are guarded");
}

#[tokio::test]
async fn what_is_not_there_is_404_405_or_406() {
    let service = spawn_filled().await;
    for operation in Operation::all() {
        let right = Ask::right(&service, &operation).await;
        if operation.template.contains("{id}") {
            let path = operation.template.replace("{id}", NOBODY);
            right.clone().path(path).send(&service).await.problem(404, "not_found");
        }
        if operation.template.contains("{code}") {
            let path = operation.template.replace("{code}", "nonsense");
            right.clone().path(path).send(&service).await.problem(404, "not_found");
        }
        let item = &DOCUMENT["paths"][&operation.template];
        for method in ["GET", "PUT", "POST", "PATCH", "DELETE"] {
            if item.get(method.to_lowercase()).is_none() {
                let answer = right.clone().method(method).send(&service).await;
                assert!(answer.header("allow").contains(&operation.method));
                answer.problem(405, "method_not_allowed");
            }
        }
        let options = right.clone().method("OPTIONS").send(&service).await.expect(204);
        assert!(options.header("allow").contains(&operation.method));
        if operation.documents(406) {
            right.header("Accept", "model/stl").send(&service).await.problem(406, "not_acceptable");
        }
    }
}

#[tokio::test]
async fn what_does_not_fit_is_412_413_415_or_428() {
    let service = spawn_filled().await;
    for operation in Operation::all() {
        let right = Ask::right(&service, &operation).await;
        if operation.documents(412) {
            right.clone().header("If-Match", "\"999\"").send(&service).await.problem(412, "precondition_failed");
        }
        if operation.documents(428) {
            right.clone().without("If-Match").send(&service).await.problem(428, "precondition_required");
        }
        if operation.body().is_some() || operation.uploads() {
            let length = if operation.uploads() { 11 << 20 } else { 3 << 20 };
            let large = right.clone().body(" ".repeat(length)).send(&service).await;
            large.problem(413, "content_too_large");
            for kind in ["text/plain", "application/x-www-form-urlencoded", "x"] {
                let answer = right.clone().header("Content-Type", kind).send(&service).await;
                answer.problem(415, "unsupported_media_type");
            }
        }
    }
}

#[tokio::test]
async fn a_key_whose_request_still_runs_is_409_and_one_that_is_done_is_answered_again() {
    for operation in Operation::all().iter().filter(|operation| operation.takes("Idempotency-Key")) {
        let service = spawn_filled().await;
        let ask = Ask::right(&service, operation).await.header("Idempotency-Key", "a-key-of-the-walk");
        let held = hold_writes(&service.database_url).await;
        let second = async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            let second = ask.send(&service).await;
            held.rollback().await.unwrap();
            second
        };
        let (first, second) = tokio::join!(ask.send(&service), second);
        // What is refused may be refused before it writes, and then waits for nobody.
        if first.status < 400 {
            second.problem(409, "idempotency_key_in_progress");
        }
        let again = ask.send(&service).await;
        assert_eq!((again.status, again.header("etag")), (first.status, first.header("etag")), "{}", operation.place);
        if first.status < 300 {
            assert_eq!((again.header("idempotency-replayed"), again.json()), ("true", first.json()));
        }
    }
}

#[tokio::test]
async fn what_a_client_has_already_is_304() {
    let service = spawn_filled().await;
    for operation in Operation::all().iter().filter(|operation| operation.documents(304)) {
        let right = Ask::right(&service, operation).await;
        let etag = right.send(&service).await.expect(200).header("etag").to_owned();
        right.header("If-None-Match", &etag).send(&service).await.expect(304);
    }
}

#[tokio::test]
async fn every_example_of_the_document_is_allowed_by_it() {
    for operation in Operation::all() {
        for of in ["query", "path", "header"] {
            for (name, parameter, place) in operation.parameters(of) {
                let example = parameter.get("example").unwrap_or(&parameter["schema"]["examples"][0]);
                assert!(!example.is_null(), "{place}: {name} has no example");
                assert!(allows(&place, example), "{place}: {example}");
            }
        }
        if let Some((_, place, example)) = operation.body() {
            assert!(allows(&place, &example), "{place}: {example}");
        }
    }
}
