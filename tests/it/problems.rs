//! What people read in a problem: what was wrong, and what to do next.

use prongsai::auth::scope::Role;
use prongsai::domain::field_code::FieldCode;
use prongsai::domain::message::Language;
use prongsai::error::{Code, FieldError};
use serde_json::{Value, json};

use crate::support::ask::Operation;
use crate::support::document::DOCUMENT;
use crate::support::samples::{measure, project};
use crate::support::{Answer, Request, Service, spawn, spawn_filled};

const NOBODY: &str = "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11";

/// The detail in Thai and in English.
async fn details(ask: impl Fn() -> Request, status: u16, code: &str) -> [String; 2] {
    let detail = async |language: &str| {
        let answer: Answer = ask().header("Accept-Language", language).send().await;
        answer.problem(status, code)["detail"].as_str().unwrap().to_owned()
    };
    [detail("th").await, detail("en").await]
}

fn is_thai(text: &str) -> bool {
    text.chars().any(|it| ('\u{E00}'..='\u{E7F}').contains(&it))
}

#[tokio::test]
async fn every_problem_has_a_meaning_and_a_next_step_in_both_languages() {
    let service = spawn().await;
    for problem in service.get("/problems").send().await.expect(200).json()["problems"].as_array().unwrap() {
        for part in ["title", "meaning", "remedy"] {
            let [th, en] = ["th", "en"].map(|language| problem[part][language].as_str().unwrap());
            assert!(is_thai(th) && !is_thai(en) && en.starts_with(char::is_uppercase), "{problem}");
            assert!(part == "title" || en.ends_with('.'), "{problem}");
        }
        for language in ["th", "en"] {
            assert_ne!(problem["title"][language], problem["remedy"][language]);
        }
    }
}

#[tokio::test]
async fn a_404_names_the_kind_of_record_or_says_that_there_is_no_such_path() {
    let service = spawn_filled().await;
    let service = &service;
    let get = |path: String| details(move || service.get(&path), 404, "not_found");
    let [th, en] = get(format!("/v1/measures/{NOBODY}")).await;
    assert!(th.starts_with("ไม่มีมาตรการที่ใช้รหัสนี้") && en.starts_with("No measure has this id"), "{th} {en}");
    let [th, en] = get("/v1/e-services/nothing".to_owned()).await;
    assert!(th.starts_with("ไม่มีบริการออนไลน์") && en.starts_with("No e-service has this code"), "{th} {en}");
    let [th, en] = get("/v1/units/nothing".to_owned()).await;
    assert!(th.contains("GET /v1/units") && en.starts_with("No unit has this id or code"), "{th} {en}");
    let [_, en] = get("/v1/code-lists/nothing".to_owned()).await;
    assert!(en.starts_with("No code list has this code"), "{en}");
    let [th, en] = get("/v1/nothing".to_owned()).await;
    assert!(th.starts_with("ไม่มีที่อยู่นี้") && en.starts_with("No such path. GET /"), "{th} {en}");
    for (sent, meant) in [
        ("/v1/mesures", "/v1/measures"),
        ("/v1/service_requests/lookup", "/v1/service-requests/lookup"),
        ("/v1/unit", "/v1/units"),
        ("/projects", "/v1/projects"),
        ("/measure", "/v1/measures"),
    ] {
        let [th, en] = get(sent.to_owned()).await;
        assert!(
            en.contains(&format!("Did you mean {meant}?")) && th.contains(&format!("หมายถึง {meant} หรือไม่")),
            "{en}"
        );
    }
}

#[tokio::test]
async fn a_hidden_record_is_answered_as_one_that_is_not_there() {
    let service = spawn().await;
    let draft = service.create("/v1/measures", &measure(2567, 1)).await;
    let service = &service;
    let draft = format!("/v1/measures/{}", draft["id"].as_str().unwrap());
    let absent = format!("/v1/measures/{NOBODY}");
    for path in ["", "/history"] {
        let get = |path: String| details(move || service.get(&path), 404, "not_found");
        assert_eq!(get(format!("{draft}{path}")).await, get(format!("{absent}{path}")).await);
    }
}

#[tokio::test]
async fn every_collection_with_records_has_a_name_for_one_of_them() {
    let service = spawn_filled().await;
    let token = service.office_token();
    for operation in Operation::all() {
        let is_read = operation.method == "GET" && operation.template.ends_with("/{id}");
        if is_read {
            let path = operation.template.replace("{id}", NOBODY);
            let problem = service.get(&path).token(&token).header("Accept-Language", "en").send().await.json();
            let detail = problem["detail"].as_str().unwrap();
            assert!(problem["code"] == "insufficient_scope" || detail.contains("has this id"), "{path}: {problem}");
        }
    }
}

#[tokio::test]
async fn a_refusal_says_how_to_get_in() {
    let service = spawn().await;
    let [th, en] = details(|| service.get("/v1/users"), 401, "unauthenticated").await;
    assert_eq!(
        en,
        "Send Authorization: Bearer <token>. People get one at POST /v1/login, programs at POST /oauth/token."
    );
    assert!(th.contains("POST /v1/login") && th.contains("POST /oauth/token"), "{th}");
    let editor = service.token(Role::Editor);
    let [th, en] = details(|| service.get("/v1/users").token(&editor), 403, "insufficient_scope").await;
    assert!(th.starts_with("ต้องมีสิทธิ์ \"ดูรายชื่อผู้ใช้\" (users:read)"), "{th}");
    assert!(en.starts_with("The scope users:read is needed."), "{en}");
    let [th, en] = details(|| service.request("PUT", "/v1/measures"), 405, "method_not_allowed").await;
    assert!(
        th.ends_with("GET, POST, HEAD, OPTIONS") && en.ends_with("It takes GET, POST, HEAD, OPTIONS."),
        "{th} {en}"
    );
    let [th, en] = details(|| service.get("/v1/agency").header("Accept", "text/csv"), 406, "not_acceptable").await;
    assert!(th.contains("application/json") && en.contains("application/json"), "{th} {en}");
}

#[tokio::test]
async fn a_change_that_is_too_late_says_how_to_go_on() {
    let service = spawn().await;
    let address = service.publish("/v1/measures", &measure(2567, 1)).await;
    let editor = service.token(Role::Editor);
    let patch = || service.patch(&address).token(&editor).json(&json!({ "topic": 1 }));
    let [th, en] = details(patch, 428, "precondition_required").await;
    assert!(th.contains("If-Match") && en.contains("ETag") && en.contains("If-Match"), "{th} {en}");
    let [th, en] = details(|| patch().header("If-Match", "\"99\""), 412, "precondition_failed").await;
    assert!(th.contains("GET") && en.contains("GET the record, merge your change, and send its ETag"), "{th} {en}");
}

#[tokio::test]
async fn how_many_fields_need_correction_is_counted() {
    let service = spawn().await;
    let editor = service.token(Role::Editor);
    let post = |body: Value| move |service: &Service| service.post("/v1/measures").token(&editor).json(&body);
    let mut wrong = measure(2567, 1);
    wrong["title"] = json!("");
    let one = post(wrong.clone());
    let [th, en] = details(|| one(&service), 422, "validation_failed").await;
    assert_eq!((&*th, &*en), ("พบข้อมูลที่ต้องแก้ไข 1 รายการ ดูที่ errors", "1 field needs correction: see errors."));
    let [th, en] = details(|| service.get("/v1/measures?limit=x&status=x"), 400, "invalid_parameter").await;
    assert_eq!((&*th, &*en), ("พบพารามิเตอร์ที่ต้องแก้ไข 2 รายการ ดูที่ errors", "2 parameters need correction: see errors."));
    let many =
        Code::Invalid.with(vec![FieldError::at("/a", FieldCode::Required), FieldError::at("/b", FieldCode::Blank)]);
    assert_eq!(many.message().localized(Language::English), "2 fields need correction: see errors.");
}

#[tokio::test]
async fn a_measure_in_use_says_what_refers_to_it() {
    let service = spawn().await;
    let measure = service.create("/v1/measures", &measure(2567, 1)).await;
    let mut body = project(2567, "โครงการ");
    body["measure_id"] = measure["id"].clone();
    service.create("/v1/projects", &body).await;
    let editor = service.token(Role::Editor);
    let address = format!("/v1/measures/{}", measure["id"].as_str().unwrap());
    let delete = || service.delete(&address).token(&editor).header("If-Match", "*");
    let [th, en] = details(delete, 409, "in_use").await;
    assert!(th.contains("โครงการ") && en.contains("Projects (measure_id)"), "{th} {en}");
}

/// The page that a browser gets, in a language by its parameter.
async fn page(service: &Service, path: &str) -> String {
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let answer = service.get(path).header("Accept", browser).send().await.expect(200);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert!(answer.header("content-security-policy").starts_with("default-src 'none'; style-src 'unsafe-inline'"));
    let vary = answer.header("vary").to_ascii_lowercase();
    assert!(vary.contains("accept,") && vary.contains("accept-language"), "{vary}");
    let page = answer.text();
    for active in ["<script", " style=", " onclick=", "src=", "http://", "https://"] {
        assert!(!page.contains(active), "{path}: {active}");
    }
    page
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[tokio::test]
async fn every_code_has_a_page_in_both_languages_with_all_that_there_is_to_know() {
    let service = spawn().await;
    for (language, other) in [(Language::Thai, "en"), (Language::English, "th")] {
        let tag = language.tag();
        let index = page(&service, &format!("/problems?lang={tag}")).await;
        for code in Code::ALL {
            let path = format!("/problems/{}", code.name());
            let page = page(&service, &format!("{path}?lang={tag}")).await;
            let messages = [code.title(), code.meaning(), code.remedy()];
            let [title, meaning, remedy] = messages.map(|message| escaped(message.localized(language)));
            let link = |path: &str, lang: &str| format!("<a href=\"{path}?lang={lang}\"");
            for part in [
                format!("<html lang=\"{tag}\">"),
                format!("<h1>{title}</h1>"),
                format!("<code>{}</code>", code.name()),
                format!("<dd>{} ", code.status()),
                format!("<dd>{meaning}</dd>"),
                format!("<dd>{remedy}</dd>"),
                link("/problems", tag),
                link("/docs/", tag),
                link(&path, other),
            ] {
                assert!(page.contains(&part), "{path}: {part}");
            }
            for part in [link(&path, tag), title, meaning] {
                assert!(index.contains(&part), "{part}");
            }
        }
        for code in FieldCode::ALL {
            assert!(index.contains(&format!("<dt><code>{}</code></dt>", code.name())), "{}", code.name());
        }
    }
}

/// The example of a page, read back.
fn example(page: &str) -> Value {
    let json = page.split("<pre><code>").nth(1).unwrap().split("</code>").next().unwrap();
    let json = json.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    serde_json::from_str(&json).unwrap()
}

#[tokio::test]
async fn the_example_of_a_page_is_that_of_the_document_and_of_a_real_problem() {
    let service = spawn().await;
    let mut with_errors = Vec::new();
    for code in Code::ALL {
        let example = example(&page(&service, &format!("/problems/{}?lang=th", code.name())).await);
        let place = format!("/components/responses/Problem{}/content/application~1problem+json", code.status());
        let documented = DOCUMENT.pointer(&place).unwrap();
        assert_eq!(example, documented["examples"][code.name()]["value"], "{}", code.name());
        with_errors.extend(example["errors"].is_array().then_some(code.name()));
    }
    let expected = [
        "unknown_field",
        "unknown_parameter",
        "invalid_parameter",
        "unknown_receipt",
        "already_exists",
        "validation_failed",
    ];
    assert_eq!(with_errors, expected);
    let lookup = || service.post("/v1/complaints/lookup").json(&json!({ "receipt": "abc" }));
    let misspelt = || service.get("/v1/measures?fiscalyear=2567");
    let gregorian = || service.get("/v1/measures?fiscal_year=2024");
    let stranger = || service.get("/v1/users");
    let real: [(&dyn Fn() -> Request, u16, &str); 4] = [
        (&lookup, 404, "unknown_receipt"),
        (&misspelt, 400, "unknown_parameter"),
        (&gregorian, 400, "invalid_parameter"),
        (&stranger, 401, "unauthenticated"),
    ];
    for (ask, status, code) in real {
        for language in ["en", "th"] {
            let mut expected = example(&page(&service, &format!("/problems/{code}?lang={language}")).await);
            let problem = ask().header("Accept-Language", language).send().await.problem(status, code);
            expected["request_id"] = problem["request_id"].clone();
            assert_eq!(problem, expected);
        }
    }
}

#[tokio::test]
async fn a_page_is_in_the_language_that_is_asked_for_and_a_program_gets_json() {
    let service = spawn().await;
    let get = |path: &str| service.get(path).header("Accept", "text/html");
    for (path, accepted, language) in [
        ("/problems/not_found", "", "th"),
        ("/problems/not_found", "en-GB,th;q=0.5", "en"),
        ("/problems/not_found?lang=th", "en", "th"),
        ("/problems/not_found?lang=en", "th", "en"),
        ("/problems?lang=en", "", "en"),
    ] {
        let answer = get(path).header("Accept-Language", accepted).send().await.expect(200);
        assert_eq!(answer.header("content-language"), language, "{path} {accepted}");
        assert!(answer.text().starts_with(&format!("<!DOCTYPE html><html lang=\"{language}\">")));
    }
    for accepted in ["*/*", "application/json", "application/json, text/html;q=0.5"] {
        for path in ["/problems", "/problems/not_found", "/problems/not_found?lang=en"] {
            let answer = service.get(path).header("Accept", accepted).send().await.expect(200);
            assert_eq!(answer.header("content-type"), "application/json", "{path} {accepted}");
        }
    }
    get("/problems?lang=fr").send().await.problem(400, "invalid_parameter");
}

#[tokio::test]
async fn a_code_that_is_none_is_told_the_one_that_was_meant() {
    let service = spawn().await;
    for (sent, meant) in
        [("validation-failed", Some("validation_failed")), ("NotFound", Some("not_found")), ("nonsense", None)]
    {
        let [th, en] = details(|| service.get(&format!("/problems/{sent}")), 404, "not_found").await;
        let (hint_th, hint_en) = match meant {
            Some(meant) => (format!("หมายถึง {meant} หรือไม่"), format!("Did you mean {meant}?")),
            None => ("ไม่มีรหัสข้อผิดพลาดนี้ ดู".to_owned(), "has this code. GET".to_owned()),
        };
        assert!(th.contains(&hint_th) && en.contains(&hint_en), "{th} {en}");
        assert!(th.contains("/problems") && en.ends_with("GET /problems lists all codes."), "{th} {en}");
    }
}
