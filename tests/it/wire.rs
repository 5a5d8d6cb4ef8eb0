//! What is true of every resource, tried on one.

use std::collections::BTreeSet;

use prongsai::app::config::Settings;
use prongsai::auth::scope::Role;
use serde_json::{Value, json};

use crate::support::ask::Operation;
use crate::support::document::schema_at;
use crate::support::samples::{measure, project, unit};
use crate::support::{Service, faults, spawn, spawn_filled, spawn_with};

/// Sends a body as an editor.
async fn post(service: &Service, body: impl Into<reqwest::Body>) -> crate::support::Answer {
    let request = service.post("/v1/measures").token(&service.token(Role::Editor));
    request.header("Content-Type", "application/json").body(body).send().await
}

#[tokio::test]
async fn malformed_json_is_400() {
    let service = spawn().await;
    for body in ["", "{", "[]", "null", "\"x\"", "{\"a\":1,}", "{'a':1}", "\u{FEFF}", "NaN"] {
        post(&service, body).await.problem(400, "malformed_json");
    }
    post(&service, vec![b'{', b'"', 0xff, b'"', b':', b'1', b'}']).await.problem(400, "malformed_json");
    post(&service, "[".repeat(60_000)).await.problem(400, "malformed_json");
}

#[tokio::test]
async fn an_unknown_field_is_400_and_named() {
    let service = spawn().await;
    let mut body = measure(2567, 1);
    body["colour"] = json!("red");
    body["responsible"]["a/b~c"] = json!(1);
    let problem = post(&service, body.to_string()).await.problem(400, "unknown_field");
    let expected = [("#/colour", "unknown_field"), ("#/responsible/a~1b~0c", "unknown_field")];
    assert_eq!(faults(&problem), expected.map(|(place, code)| (place.to_owned(), code.to_owned())));
}

#[tokio::test]
async fn all_that_is_wrong_with_a_query_is_said_at_once() {
    let service = spawn().await;
    let problem = service.get("/v1/measures?colour=red&limit=500&status=done").send().await;
    let expected = [("colour", "unknown_parameter"), ("limit", "too_large"), ("status", "not_allowed")];
    let found = faults(&problem.problem(400, "invalid_parameter"));
    assert_eq!(found, expected.map(|(place, code)| (place.to_owned(), code.to_owned())));
}

#[tokio::test]
async fn an_unknown_parameter_is_400_and_named() {
    let service = spawn().await;
    for path in ["/v1/measures?colour=red", "/v1/agency?colour=1", "/health/live?colour=1", "/v1/units?colour"] {
        let problem = service.get(path).send().await.problem(400, "unknown_parameter");
        assert_eq!(faults(&problem), [("colour".to_owned(), "unknown_parameter".to_owned())], "{path}");
    }
}

#[tokio::test]
async fn every_bad_value_of_a_query_is_named() {
    let service = spawn().await;
    let path =
        "/v1/measures?fiscal_year=2024&limit=0&status=planned,done&include_total=yes&number=01&q=%00&topic=8&limit=5";
    let problem = service.get(path).send().await.problem(400, "invalid_parameter");
    let mut expected = [
        ("fiscal_year", "fiscal_year_out_of_range"),
        ("include_total", "wrong_type"),
        ("limit", "duplicate"),
        ("number", "wrong_type"),
        ("q", "blank"),
        ("status", "not_allowed"),
        ("topic", "too_large"),
    ]
    .map(|(place, code)| (place.to_owned(), code.to_owned()));
    expected.sort();
    assert_eq!(faults(&problem), expected);
}

#[tokio::test]
async fn a_bad_id_is_400_and_an_unknown_one_404() {
    let service = spawn().await;
    let problem = service.get("/v1/measures/abc").send().await.problem(400, "invalid_parameter");
    assert_eq!(faults(&problem), [("id".to_owned(), "bad_format".to_owned())]);
    service.get("/v1/measures/01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11").send().await.problem(404, "not_found");
    service.get("/v1/nothing").send().await.problem(404, "not_found");
    service.get("/v1/measures//").send().await.problem(404, "not_found");
}

#[tokio::test]
async fn a_wrong_method_is_405_with_those_that_are_right() {
    let service = spawn().await;
    let answer = service.request("PUT", "/v1/measures").send().await;
    assert_eq!(answer.header("allow"), "GET, POST, HEAD, OPTIONS");
    answer.problem(405, "method_not_allowed");
    let answer = service.delete("/v1/statistics/measures").send().await;
    assert_eq!(answer.header("allow"), "GET, HEAD, OPTIONS");
    answer.problem(405, "method_not_allowed");
}

#[tokio::test]
async fn a_format_that_is_not_there_is_406() {
    let service = spawn().await;
    for (path, accept) in [
        ("/v1/agency", "text/csv"),
        ("/v1/measures", "image/png"),
        ("/v1/measures", "application/json;q=0"),
        ("/openapi.yaml", "application/json"),
    ] {
        service.get(path).header("Accept", accept).send().await.problem(406, "not_acceptable");
    }
    service.get("/v1/measures?format=csv").header("Accept", "image/png").send().await.expect(200);
    service.get("/v1/measures").header("Accept", "image/png, */*;q=0.1").send().await.expect(200);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_413() {
    let service = spawn().await;
    let mut body = measure(2567, 1);
    body["period"] = json!("x".repeat(70_000));
    post(&service, body.to_string()).await.problem(413, "content_too_large");
}

#[tokio::test]
async fn other_media_types_and_encodings_are_415() {
    let service = spawn().await;
    let editor = service.token(Role::Editor);
    let send = |kind: &str, encoding: &str| {
        let request = service.post("/v1/measures").token(&editor).body("{}");
        request.header("Content-Type", kind).header("Content-Encoding", encoding).send()
    };
    send("text/plain", "identity").await.problem(415, "unsupported_media_type");
    send("application/json", "gzip").await.problem(415, "unsupported_media_type");
    send("application/json; charset=utf-8", "identity").await.problem(422, "validation_failed");
    service.post("/v1/measures").token(&editor).send().await.problem(415, "unsupported_media_type");
}

#[tokio::test]
async fn every_faulty_field_of_a_body_is_listed_at_once() {
    let service = spawn().await;
    let body = json!({
        "fiscal_year": 2024, "number": "1", "title": "  ", "methods": ["ก\u{200B}ข", ""], "responsible": null, "period_text": 5,
        "starts_on": "2024-02-30", "status": "done", "topic": 0, "predecessor_id": "x",
        "results": vec!["x"; 101], "outcomes": ["x".repeat(2001)],
    });
    let problem = post(&service, body.to_string()).await.problem(422, "validation_failed");
    let expected = [
        ("#/fiscal_year", "fiscal_year_out_of_range"),
        ("#/methods/1", "blank"),
        ("#/number", "wrong_type"),
        ("#/outcomes/0", "too_long"),
        ("#/period_text", "wrong_type"),
        ("#/predecessor_id", "bad_format"),
        ("#/responsible", "wrong_type"),
        ("#/results", "too_many"),
        ("#/starts_on", "not_plausible"),
        ("#/status", "not_allowed"),
        ("#/title", "blank"),
        ("#/topic", "too_small"),
    ];
    assert_eq!(faults(&problem), expected.map(|(place, code)| (place.to_owned(), code.to_owned())));
}

#[tokio::test]
async fn thai_text_is_stored_composed_without_outer_blanks_and_otherwise_as_written() {
    let service = spawn().await;
    let mut body = measure(2567, 1);
    // Nikhahit and sara aa are two characters in either form; e with a combining acute is one when composed.
    body["title"] = json!("  น้ำ e\u{301}  ๑๒๓ ");
    body["methods"] = json!(["บรรทัดหนึ่ง\nบรรทัดสอง\tแท็บ"]);
    let created = service.create("/v1/measures", &body).await;
    assert_eq!(created["title"], "น้ำ é  ๑๒๓");
    assert_eq!(created["methods"], body["methods"]);
}

#[tokio::test]
async fn problems_speak_thai_or_english_and_their_codes_never_change() {
    let service = spawn().await;
    let ask = |language: &str| service.get("/v1/nothing").header("Accept-Language", language).send();
    let (thai, english) = (ask("th").await, ask("en-GB,en;q=0.9").await);
    assert_eq!((thai.header("content-language"), english.header("content-language")), ("th", "en"));
    assert!(thai.header("vary").contains("Accept-Language"));
    let (thai, english) = (thai.problem(404, "not_found"), english.problem(404, "not_found"));
    assert_eq!((&thai["title"], &english["title"]), (&json!("ไม่พบข้อมูล"), &json!("Not found")));
}

#[tokio::test]
async fn the_type_of_a_problem_is_an_address_that_explains_it() {
    let service = spawn().await;
    let problem = service.get("/v1/nothing").send().await.json();
    let explained = service.get(problem["type"].as_str().unwrap()).send().await.expect(200).json();
    assert_eq!((&explained["code"], &explained["status"]), (&json!("not_found"), &json!(404)));
    service.get("/problems/nonsense").send().await.problem(404, "not_found");
}

#[tokio::test]
async fn the_codes_of_problems_and_of_field_errors_are_published() {
    let service = spawn().await;
    let published = service.get("/problems").send().await.expect(200).json();
    let row = |list: &str, code: &str| {
        let rows = published[list].as_array().unwrap();
        rows.iter().find(|row| row["code"] == code).unwrap_or_else(|| panic!("no {code} in {list}")).clone()
    };
    assert_eq!(row("problems", "not_found"), service.get("/problems/not_found").send().await.expect(200).json());
    assert_eq!(
        row("field_errors", "unknown_unit")["message"],
        json!({
            "th": "ไม่มีส่วนราชการที่ใช้รหัสนี้ ดูรหัสได้ที่ GET /v1/units",
            "en": "must be the code of a unit; GET /v1/units lists them",
        })
    );
    let document = service.get("/openapi.json").send().await.expect(200).json();
    let documented = &document["components"]["schemas"]["FieldProblem"]["properties"]["code"]["x-extensible-enum"];
    let names: Vec<&Value> = published["field_errors"].as_array().unwrap().iter().map(|row| &row["code"]).collect();
    assert_eq!(json!(names), *documented);
}

#[tokio::test]
async fn a_request_id_is_kept_when_it_is_well_formed() {
    let service = spawn().await;
    let ask = |id: &str| service.get("/health/live").header("X-Request-Id", id).send();
    assert_eq!(ask("import-2567.run_1").await.header("x-request-id"), "import-2567.run_1");
    for id in ["short", "has space in it", "<script>alert(1)</script>", &"x".repeat(129)] {
        assert_ne!(ask(id).await.header("x-request-id"), id);
    }
}

#[tokio::test]
async fn an_unchanged_answer_is_304_and_a_changed_one_is_not() {
    let service = spawn_filled().await;
    let paths = [
        "/v1/measures?fiscal_year=2567",
        "/v1/statistics/measures?fiscal_year=2567",
        "/v1/reports/integrity-measures-report?fiscal_year=2567&format=html",
        "/v1/measures?format=csv",
    ];
    for path in paths {
        let first = service.get(path).send().await.expect(200);
        let ask = |tag: &str| service.get(path).header("If-None-Match", tag).send();
        let unchanged = ask(first.header("etag")).await.expect(304);
        assert_eq!((unchanged.header("etag"), unchanged.body.len()), (first.header("etag"), 0));
        ask(&format!("\"x\", W/{}", first.header("etag"))).await.expect(304);
        ask("*").await.expect(304);
        service.publish("/v1/measures", &measure(2565, 1 + service.all("/v1/measures").await.len() as i32)).await;
        ask(first.header("etag")).await.expect(200);
    }
}

#[tokio::test]
async fn public_answers_may_be_kept_and_a_tokens_may_not() {
    let service = spawn_filled().await;
    let path = "/v1/measures?fiscal_year=2567";
    let public = service.get(path).send().await;
    let expected = "public, max-age=60, stale-while-revalidate=300, stale-if-error=86400";
    assert_eq!(public.header("cache-control"), expected);
    assert!(public.headers.get_all("vary").iter().any(|vary| vary.to_str().unwrap().contains("Authorization")));
    let staff = service.get(path).token(&service.token(Role::Editor)).send().await;
    assert_eq!(staff.header("cache-control"), "private, no-store");
    assert_eq!(service.get("/v1/measures?limit=0").send().await.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_draft_never_gets_into_the_public_cache() {
    let service = spawn().await;
    service.create("/v1/measures", &measure(2567, 1)).await;
    let count = |answer: Value| answer["items"].as_array().unwrap().len();
    let editor = service.token(Role::Editor);
    for _ in 0..3 {
        assert_eq!(count(service.get("/v1/measures").token(&editor).send().await.json()), 1);
        assert_eq!(count(service.get("/v1/measures").send().await.json()), 0);
    }
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let service = spawn_filled().await;
    for path in ["/v1/measures", "/v1/agency", "/health/live", "/openapi.json"] {
        let get = service.get(path).send().await.expect(200);
        let head = service.request("HEAD", path).send().await.expect(200);
        assert_eq!(head.body.len(), 0);
        assert_eq!(head.header("content-length"), get.body.len().to_string(), "{path}");
        assert_eq!(head.header("etag"), get.header("etag"));
    }
}

#[tokio::test]
async fn options_lists_the_methods() {
    let service = spawn().await;
    for (path, allow) in [
        ("/v1/measures", "GET, POST, HEAD, OPTIONS"),
        ("/v1/measures/01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11", "GET, PATCH, DELETE, HEAD, OPTIONS"),
        ("/v1/measures/batch", "POST, OPTIONS"),
    ] {
        assert_eq!(service.request("OPTIONS", path).send().await.expect(204).header("allow"), allow);
    }
    service.request("OPTIONS", "/v1/nothing").send().await.problem(404, "not_found");
}

#[tokio::test]
async fn answers_are_compressed_for_those_who_take_it() {
    let service = spawn_filled().await;
    let plain = service.get("/v1/measures").send().await;
    let ask = |encoding: &str| service.get("/v1/measures").header("Accept-Encoding", encoding).send();
    for encoding in ["gzip", "br"] {
        let packed = ask(encoding).await.expect(200);
        assert_eq!(packed.header("content-encoding"), encoding);
        assert!(packed.body.len() * 2 < plain.body.len());
        // Other bytes have another strong ETag, which still names the same state.
        assert_ne!(packed.header("etag"), plain.header("etag"));
        let again = service.get("/v1/measures").header("Accept-Encoding", encoding);
        again.header("If-None-Match", packed.header("etag")).send().await.expect(304);
        assert_eq!(ask("identity").await.body, plain.body);
    }
}

#[tokio::test]
async fn an_encoded_etag_can_be_used_to_change_the_record() {
    let service = spawn().await;
    let address = service.publish("/v1/measures", &measure(2567, 1)).await;
    let read = service.get(&address).header("Accept-Encoding", "gzip").send().await.expect(200);
    assert!(read.header("etag").ends_with("-gzip\""));
    let patch = service.patch(&address).token(&service.token(Role::Editor)).header("If-Match", read.header("etag"));
    patch.json(&json!({ "topic": 1 })).send().await.expect(200);
}

#[tokio::test]
async fn an_etag_of_another_version_does_not_match_for_a_change() {
    let service = spawn().await;
    let address = service.publish("/v1/measures", &measure(2567, 1)).await;
    let editor = service.token(Role::Editor);
    for tag in ["W/\"1.0\"", "\"1\"", "\"x\"", "\"r2.0-json\"", "\"\""] {
        let patch = service.patch(&address).token(&editor).header("If-Match", tag).json(&json!({}));
        patch.send().await.problem(412, "precondition_failed");
    }
    let several = service.patch(&address).token(&editor).header("If-Match", "\"1\",, W/\"2\",").json(&json!({}));
    several.send().await.expect(200);
}

#[tokio::test]
async fn a_patch_must_be_an_object_of_the_right_type() {
    let service = spawn().await;
    let address = service.publish("/v1/measures", &measure(2567, 1)).await;
    let editor = service.token(Role::Editor);
    let send = |kind: &str, body: &str| {
        let request = service.patch(&address).token(&editor).header("If-Match", "*").header("Content-Type", kind);
        request.body(body.to_owned()).send()
    };
    send("application/merge-patch+json", "{\"topic\": 2}").await.expect(200);
    send("application/json-patch+json", "[]").await.problem(415, "unsupported_media_type");
    send("application/merge-patch+json", "[]").await.problem(400, "malformed_json");
    send("application/merge-patch+json", "{\"id\": \"x\"}").await.problem(400, "unknown_field");
    let problem = send("application/merge-patch+json", "{\"title\": null, \"number\": 0}")
        .await
        .problem(422, "validation_failed");
    let expected = [("#/number", "too_small"), ("#/title", "required")];
    assert_eq!(faults(&problem), expected.map(|(place, code)| (place.to_owned(), code.to_owned())));
}

#[tokio::test]
async fn a_post_with_a_key_takes_effect_once() {
    let service = spawn().await;
    let editor = service.token(Role::Editor);
    let send = |key: &str, body: &Value| {
        service.post("/v1/measures").token(&editor).header("Idempotency-Key", key).json(body).send()
    };
    let first = send("the-first-of-them", &measure(2567, 1)).await.expect(201);
    let again = send("the-first-of-them", &measure(2567, 1)).await.expect(201);
    assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), ("", "true"));
    assert_eq!((again.body, again.headers.get("location")), (first.body, first.headers.get("location")));
    send("the-first-of-them", &measure(2567, 2)).await.problem(422, "idempotency_key_reused");
    send("the-second-of-them", &measure(2567, 1)).await.problem(409, "already_exists");
    send("the-second-of-them", &measure(2567, 2)).await.expect(201);
    for wrong in ["ก", "fifteen-letters", &"x".repeat(129)] {
        send(wrong, &measure(2567, 3)).await.problem(400, "invalid_parameter");
    }
    let elsewhere =
        service.post("/v1/units").token(&service.token(Role::Admin)).header("Idempotency-Key", "the-first-of-them");
    elsewhere.json(&unit("a", "ก")).send().await.problem(422, "idempotency_key_reused");
}

#[tokio::test]
async fn a_refused_post_does_not_use_its_key_up() {
    let service = spawn().await;
    let editor = service.token(Role::Editor);
    let send = |body: Value| {
        service.post("/v1/measures").token(&editor).header("Idempotency-Key", "a-key-of-the-test").json(&body).send()
    };
    send(measure(2024, 1)).await.problem(422, "validation_failed");
    send(measure(2567, 1)).await.expect(201);
}

#[tokio::test]
async fn the_service_says_where_everything_is() {
    let settings = Settings { security_contact: Some("mailto:security@example.go.th".into()), ..Settings::default() };
    let service = spawn_with(settings).await;
    let index = service.get("/").send().await.expect(200);
    assert!(index.header("link").contains("rel=\"service-desc\""));
    let index = index.json();
    assert_eq!(service.get("/v1").send().await.expect(200).json(), index);
    let collections = index["collections"].as_array().unwrap();
    let urls: Vec<_> = collections.iter().map(|known| known["url"].as_str().unwrap()).collect();
    assert!(urls.contains(&&*format!("{}/v1/measures", service.address)), "{urls:?}");
    assert!(!urls.iter().any(|url| url.ends_with("/v1/users") || url.contains('{')), "{urls:?}");
    for url in urls {
        let answer = service.get(url).send().await;
        // Of a fiscal year, which the address does not name.
        let is_of_a_year = answer.status == 400 && faults(&answer.json())[0].0 == "fiscal_year";
        assert!(answer.status == 200 || is_of_a_year, "{url}: {}", answer.text());
    }
    for path in ["/.well-known/api-catalog", "/.well-known/security.txt", "/openapi.yaml", "/health/ready", "/docs/"] {
        service.get(path).send().await.expect(200);
    }
    let docs = service.get("/docs/").send().await;
    assert!(docs.header("content-security-policy").contains("script-src 'self'"));
    spawn().await.get("/.well-known/security.txt").send().await.problem(404, "not_found");
}

#[tokio::test]
async fn a_body_that_never_ends_is_408() {
    use std::io::{Read, Write};
    let service = spawn().await;
    let (address, token) = (service.address.clone(), service.token(Role::Editor));
    let answer = tokio::task::spawn_blocking(move || {
        let address = address.trim_start_matches("http://");
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        let head = format!(
            "POST /v1/measures HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).unwrap();
        String::from_utf8(answer.to_vec()).unwrap()
    });
    assert_eq!(answer.await.unwrap(), "HTTP/1.1 408");
}

#[tokio::test]
async fn what_a_token_shows_has_another_etag() {
    let service = spawn_filled().await;
    service.create("/v1/measures", &measure(2567, 7)).await;
    let editor = service.token(Role::Editor);
    let public = service.get("/v1/measures").send().await;
    let staff = service.get("/v1/measures").token(&editor).send().await;
    let ask = |tag: &str| service.get("/v1/measures").header("If-None-Match", tag);
    ask(public.header("etag")).token(&editor).send().await.expect(200);
    ask(staff.header("etag")).send().await.expect(200);
    ask(staff.header("etag")).token(&editor).send().await.expect(304);
}

#[tokio::test]
async fn a_patch_that_clears_an_unknown_field_is_refused() {
    let service = spawn().await;
    let address = service.publish("/v1/measures", &measure(2567, 1)).await;
    let patch = service.patch(&address).token(&service.token(Role::Editor)).header("If-Match", "*");
    let body = json!({ "colour": null, "responsible": { "colour": null }, "topic": null });
    let problem = patch.json(&body).send().await.problem(400, "unknown_field");
    let expected = [("#/colour", "unknown_field"), ("#/responsible/colour", "unknown_field")];
    assert_eq!(faults(&problem), expected.map(|(place, code)| (place.to_owned(), code.to_owned())));
}

#[tokio::test]
async fn a_text_is_measured_as_it_is_stored() {
    let service = spawn().await;
    let mut body = measure(2567, 1);
    // Each of these becomes three characters when composed.
    body["title"] = json!("\u{FB2C}".repeat(400));
    assert_eq!(faults(&post(&service, body.to_string()).await.problem(422, "validation_failed"))[0].1, "too_long");
    body["title"] = json!("\u{FB2C}".repeat(300));
    post(&service, body.to_string()).await.expect(201);
}

#[tokio::test]
async fn a_whole_number_may_be_written_with_a_point() {
    let service = spawn().await;
    let body = measure(2567, 1).to_string().replace("\"number\":1", "\"number\":1.0");
    assert_eq!(post(&service, body).await.expect(201).json()["number"], 1);
    let body = measure(2567, 1).to_string().replace("\"number\":1", "\"number\":1.5");
    post(&service, body).await.problem(422, "validation_failed");
    let body = measure(2567, 1).to_string().replace("\"number\":1", "\"number\":1e400");
    post(&service, body).await.problem(400, "malformed_json");
}

#[tokio::test]
async fn a_stale_if_match_keeps_a_record_from_being_published() {
    let service = spawn().await;
    let draft = service.create("/v1/measures", &measure(2567, 1)).await;
    let path = format!("/v1/measures/{}/transitions", draft["id"].as_str().unwrap());
    let editor = service.token(Role::Editor);
    let publish = |tag: &str| {
        service.post(&path).token(&editor).header("If-Match", tag).json(&json!({ "action": "publish" })).send()
    };
    publish("\"9\"").await.problem(412, "precondition_failed");
    publish("\"1\"").await.expect(200);
}

#[tokio::test]
async fn an_address_may_be_written_with_escapes() {
    let service = spawn().await;
    service.get("/v1/agenc%79?colour=1").send().await.problem(400, "unknown_parameter");
    service.delete("/v1/agenc%79").send().await.problem(405, "method_not_allowed");
}

#[tokio::test]
async fn a_slash_at_the_end_of_an_address_means_nothing() {
    let service = spawn_filled().await;
    let id = service.all("/v1/measures").await[0]["id"].as_str().unwrap().to_owned();
    let measure_address = format!("/v1/measures/{id}");
    for path in ["/v1", "/v1/measures", &measure_address, "/openapi.json", "/problems", "/open311/v2/services.json"] {
        let (plain, slash) = (service.get(path).send().await, service.get(&format!("{path}/")).send().await);
        assert_eq!((slash.expect(200).body, plain.status), (plain.body, 200), "{path}");
    }
    service.get("/v1/agency/?colour=1").send().await.problem(400, "unknown_parameter");
    service.delete("/v1/agency/").send().await.problem(405, "method_not_allowed");
    let created =
        service.post("/v1/measures/").token(&service.token(Role::Editor)).json(&measure(2567, 99)).send().await;
    service.get(created.expect(201).header("location")).token(&service.token(Role::Editor)).send().await.expect(200);
    // A lookup is padded with it as well.
    let lookup = service.post("/v1/complaints/lookup/").json(&json!({ "receipt": "no" })).send().await.expect(404);
    assert!(lookup.body.len() > 15_000, "{}", lookup.body.len());
    // Nothing leads elsewhere, and an empty segment is none.
    for path in ["//www.example.com/", "//", "/v1/measures//", "/v1//measures/", "/v1/nothing/"] {
        let answer = service.get(path).send().await;
        assert_eq!(answer.header("location"), "");
        answer.problem(404, "not_found");
    }
    assert!(service.get("/docs/").send().await.expect(200).text().contains("swagger"));
}

#[tokio::test]
async fn a_small_request_has_no_large_answer() {
    let service = spawn().await;
    let mut body = measure(2567, 1);
    for index in 0..3000 {
        body[format!("x{index}")] = json!(1);
    }
    body["y".repeat(5000)] = json!(1);
    let problem = post(&service, body.to_string()).await.problem(400, "unknown_field");
    assert_eq!(faults(&problem).len(), 1000);
}

#[tokio::test]
async fn two_tokens_or_two_keys_are_none() {
    let service = spawn().await;
    let editor = service.token(Role::Editor);
    let twice = service.get("/v1/measures").token(&editor).token(&editor).send().await;
    twice.problem(401, "invalid_token");
    let request = service.post("/v1/measures").token(&editor).json(&measure(2567, 1));
    let twice = request
        .header("Idempotency-Key", "the-first-of-them")
        .header("Idempotency-Key", "the-second-of-them")
        .send()
        .await;
    assert_eq!(faults(&twice.problem(400, "invalid_parameter"))[0].0, "Idempotency-Key");
}

/// The lists that take several codes, each with a scope that shows them and a parameter that takes codes.
const LISTS_BY_CODE: [(&str, &str, &str, &str); 9] = [
    ("/v1/measures", "", "unit", "unknown_unit"),
    ("/v1/projects", "", "unit", "unknown_unit"),
    ("/v1/e-services", "", "unit", "unknown_unit"),
    ("/v1/units", "", "parent", "unknown_unit"),
    ("/v1/complaints", "complaints:handle", "unit", "unknown_unit"),
    ("/v1/complaints", "complaints:handle", "category", "unknown_category"),
    ("/v1/service-requests", "service-requests:handle", "unit", "unknown_unit"),
    ("/v1/service-requests", "service-requests:handle", "e_service", "unknown_e_service"),
    ("/v1/measures", "measures:read", "unit", "unknown_unit"),
];

#[tokio::test]
async fn a_code_that_no_record_has_is_named_and_an_id_finds_nothing() {
    let service = spawn_filled().await;
    for (path, scope, parameter, code) in LISTS_BY_CODE {
        let known = match code {
            "unknown_unit" => "legal",
            "unknown_category" => "bribery",
            _ => "public-lighting",
        };
        let token = service.token_with(&[scope]);
        let ask = async |values: &str| {
            let get = service.get(&format!("{path}?{parameter}={values}")).header("Accept-Language", "en");
            if scope.is_empty() { get.send().await } else { get.token(&token).send().await }
        };
        ask(known).await.expect(200);
        let problem = ask(&format!("nosuch,{known},nosuch-either")).await.problem(400, "invalid_parameter");
        let error =
            |index: usize| (problem["errors"][index]["parameter"].clone(), problem["errors"][index]["code"].clone());
        assert_eq!((error(0), error(1)), ((json!(parameter), json!(code)), (json!(parameter), json!(code))), "{path}");
        assert!(problem["errors"][0]["detail"].as_str().unwrap().starts_with("nosuch: "), "{problem}");
        let (misspelt, _) = known.split_at(known.len() - 1);
        let problem = ask(misspelt).await.problem(400, "invalid_parameter");
        let meant = format!("Did you mean {known}?");
        assert!(problem["errors"][0]["detail"].as_str().unwrap().ends_with(&meant), "{problem}");
        let many = vec![known; 51].join(",");
        assert_eq!(ask(&many).await.problem(400, "invalid_parameter")["errors"][0]["code"], "too_many", "{path}");
        ask(&vec![known; 50].join(",")).await.expect(200);
    }
    let nobody = "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11";
    let handling = service.token_with(&["complaints:handle", "service-requests:handle"]);
    for query in ["projects?measure_id", "complaints?assignee_id", "service-requests?assignee_id"] {
        let list =
            service.get(&format!("/v1/{query}={nobody},{nobody}")).token(&handling).send().await.expect(200).json();
        assert_eq!(list["items"], json!([]), "{query}");
    }
}

#[tokio::test]
async fn what_has_changed_since_is_listed_and_drafts_stay_hidden() {
    let service = spawn_filled().await;
    let editor = service.token(Role::Editor);
    let path = "/v1/measures?include_total=true";
    let first = &service.get("/v1/measures?number=1").send().await.json()["items"][0];
    let address = format!("/v1/measures/{}", first["id"].as_str().unwrap());
    let patch = service.patch(&address).token(&editor).header("If-Match", "*").json(&json!({ "topic": 3 }));
    let changed = patch.send().await.expect(200).json()["updated_at"].as_str().unwrap().to_owned();
    service.create("/v1/measures", &measure(2567, 99)).await;
    let total = async |query: String| {
        service.get(&format!("{path}&{query}")).send().await.expect(200).json()["page"]["total"].clone()
    };
    assert_eq!(total(format!("updated_from={changed}")).await, 1);
    assert_eq!(total(format!("updated_from={changed}&updated_to={changed}")).await, 1);
    assert_eq!(total(format!("updated_to={changed}")).await, 6);
    for path in ["/v1/projects", "/v1/e-services"] {
        let after = service.get(&format!("{path}?updated_from=2200-01-01T00:00:00Z")).send().await.expect(200).json();
        assert_eq!(after["items"], json!([]), "{path}");
    }
}

#[tokio::test]
async fn a_text_is_searched_in_thai_and_english_names() {
    let service = spawn_filled().await;
    for (path, q, code) in [
        ("/v1/units", "legal%20affairs", "legal"),
        ("/v1/complaint-categories", "bribery", "bribery"),
        ("/v1/e-services", "LIGHTING", "public-lighting"),
    ] {
        let list = service.all(&format!("{path}?q={q}")).await;
        assert!(list.iter().any(|record| record["code"] == code), "{path}: {list:?}");
    }
}

/// The fields of JSON that a name in `sort` can mean: those of the record, and of the objects in it by their path.
fn fields(schema: &str) -> BTreeSet<String> {
    let (place, schema) = schema_at(schema);
    let mut names = BTreeSet::new();
    for part in schema["allOf"].as_array().into_iter().flatten().enumerate().map(|(index, _)| index) {
        names.extend(fields(&format!("{place}/allOf/{part}")));
    }
    for name in schema["properties"].as_object().into_iter().flat_map(|fields| fields.keys()) {
        names.insert(name.clone());
        names.extend(fields(&format!("{place}/properties/{name}")).into_iter().map(|inner| format!("{name}_{inner}")));
    }
    names
}

#[tokio::test]
async fn every_list_sorts_by_fields_that_its_records_have() {
    let mut sorted = 0;
    for operation in Operation::all().iter().filter(|operation| operation.method == "GET") {
        let parameters: Vec<_> = operation.parameters("query").collect();
        let parameter = |name: &str| parameters.iter().find(|(known, ..)| *known == name);
        let (Some(_), sort) = (parameter("cursor"), parameter("sort")) else { continue };
        let (_, sort, _) = sort.unwrap_or_else(|| panic!("{} does not sort", operation.place));
        sorted += 1;
        let items = format!("{}/responses/200/content/application~1json/schema", operation.place);
        let record = fields(&format!("{}/properties/items/items", schema_at(&items).0));
        for name in sort["schema"]["items"]["enum"].as_array().unwrap() {
            let name = name.as_str().unwrap();
            assert!(record.contains(name.trim_start_matches('-')), "{}: {name} is none of {record:?}", operation.place);
        }
    }
    assert!(sorted >= 22, "only {sorted} lists sort");
}

#[tokio::test]
async fn a_list_in_an_order_with_gaps_is_walked_to_its_end_and_rows_without_a_value_are_last() {
    let service = spawn().await;
    for (index, day) in
        [None, Some("2024-02-05"), None, Some("2024-01-05"), None, Some("2024-02-05")].iter().enumerate()
    {
        let mut body = project(2567, &format!("โครงการ {index}"));
        (body["starts_on"], body["ends_on"]) = (json!(day), json!(null));
        service.publish("/v1/projects", &body).await;
    }
    let days = |list: Vec<Value>| list.iter().map(|project| project["starts_on"].clone()).collect::<Vec<_>>();
    let (january, february, never) = (json!("2024-01-05"), json!("2024-02-05"), json!(null));
    for (sort, first) in
        [("starts_on", [&january, &february, &february]), ("-starts_on", [&february, &february, &january])]
    {
        for limit in [1, 2, 3, 4, 100] {
            let found = days(service.all(&format!("/v1/projects?sort={sort}&limit={limit}")).await);
            let expected = first.into_iter().chain([&never, &never, &never]).cloned().collect::<Vec<_>>();
            assert_eq!(found, expected, "{sort}, {limit}");
        }
    }
}

#[tokio::test]
async fn a_table_says_when_its_records_were_created_and_changed_where_the_json_does() {
    let service = spawn_filled().await;
    for path in ["units", "complaint-categories", "e-services", "measures", "projects", "holidays"] {
        let table = service.get(&format!("/v1/{path}?format=csv")).send().await.expect(200).text();
        let heads = table.lines().next().unwrap();
        assert!(heads.ends_with("created_at,updated_at"), "{path}: {heads}");
    }
}
