use prongsai::auth::scope::Role;
use serde_json::{Value, json};

use crate::support::{faults, spawn};

fn guide() -> Value {
    json!({
        "code": "office-hours",
        "occasion": "reference",
        "title": { "th": "เวลาทำการ", "en": "Office hours" },
        "text": "วันจันทร์ถึงวันศุกร์ เวลา 08.30 ถึง 16.30 น.\n\nเว้นวันหยุดราชการ",
        "law": { "text": "ระเบียบของเทศบาล", "check": "to_be_checked" },
    })
}

#[tokio::test]
async fn a_change_of_a_guide_is_a_new_version_and_the_old_one_stays() {
    let service = spawn().await;
    let editor = service.token(Role::Editor);
    let created = service.post("/v1/guides").token(&editor).json(&guide()).send().await.expect(201);
    assert_eq!(created.header("location"), "/v1/guides/office-hours");
    assert_eq!(created.json()["version"], 1);
    let patch = json!({ "text": "วันจันทร์ถึงวันศุกร์ เวลา 08.30 ถึง 12.00 น.", "law": null });
    let change = || {
        let address = service.patch("/v1/guides/office-hours").token(&editor);
        address.header("If-Match", created.header("etag")).json(&patch)
    };
    let changed = change().send().await.expect(200);
    assert_eq!((&changed.json()["version"], &changed.json()["law"]), (&json!(2), &Value::Null));
    change().send().await.problem(412, "precondition_failed");
    assert_eq!(service.all("/v1/guides").await, [changed.json()]);
    assert_eq!(service.get("/v1/guides/office-hours").send().await.expect(200).json(), changed.json());
    let versions = service.all("/v1/guides/office-hours/versions").await;
    assert_eq!(versions, [changed.json(), created.json()]);
    assert_eq!(service.all("/v1/guides/office-hours/versions?version=1").await, [created.json()]);
    service.get("/v1/guides/nobody-wrote-it/versions").send().await.problem(404, "not_found");
}

#[tokio::test]
async fn concurrent_changes_of_a_guide_are_versions_one_after_the_other() {
    let service = spawn().await;
    let editor = service.token(Role::Editor);
    service.post("/v1/guides").token(&editor).json(&guide()).send().await.expect(201);
    let changes = (0..8).map(|number| {
        let patch = json!({ "text": format!("ฉบับของผู้เขียนคนที่ {number}") });
        service.patch("/v1/guides/office-hours").token(&editor).header("If-Match", "*").json(&patch).send()
    });
    for changed in futures_util::future::join_all(changes).await {
        changed.expect(200);
    }
    let versions = service.all("/v1/guides/office-hours/versions").await;
    let numbers: Vec<_> = versions.iter().map(|version| version["version"].as_i64().unwrap()).collect();
    assert_eq!(numbers, [9, 8, 7, 6, 5, 4, 3, 2, 1]);
}

#[tokio::test]
async fn a_faulty_guide_names_its_fields() {
    let service = spawn().await;
    let editor = service.token(Role::Editor);
    let send = |body: Value| service.post("/v1/guides").token(&editor).json(&body).send();
    send(guide()).await.expect(201);
    let fault = |name: &'static str, value: Value| {
        let mut body = guide();
        body["code"] = json!("another");
        body[name] = value;
        body
    };
    for (body, field, code) in [
        (guide(), "/code", "already_exists"),
        (fault("code", json!("Office Hours")), "/code", "bad_format"),
        (fault("occasion", json!("lunch")), "/occasion", "not_allowed"),
        (fault("text", json!("  ")), "/text", "blank"),
        // Nobody is shown what is not filled in.
        (fault("text", json!("ถึงวันที่ {until}")), "/text", "not_for_this"),
        (fault("text_en", json!("until {day}")), "/text_en", "not_for_this"),
        (fault("law", json!({ "text": "ระเบียบ" })), "/law", "both_or_none"),
        (fault("law", json!({ "text": "ระเบียบ", "check": "maybe" })), "/law/check", "not_allowed"),
    ] {
        let answer = send(body).await;
        assert!(matches!(answer.status, 409 | 422), "{}", answer.text());
        assert_eq!(faults(&answer.json()), [(format!("#{field}"), code.to_owned())]);
    }
    // Without the day or the number, nobody is told.
    let lacking = |occasion: &str, text: &str, text_en: &str| {
        let mut body = fault("occasion", json!(occasion));
        (body["text"], body["text_en"]) = (json!(text), json!(text_en));
        body
    };
    for (occasion, place, other) in [
        ("complaint_reopening", "{until}", "{reference}"),
        ("service_request_reopening", "{until}", "{reference}"),
        ("service_request_appeal", "{until}", "{reference}"),
        ("converted", "{reference}", "{until}"),
    ] {
        for (body, field) in
            [(lacking(occasion, "ขอได้", place), "/text"), (lacking(occasion, place, "Ask"), "/text_en")]
        {
            let problem = send(body).await.problem(422, "validation_failed");
            assert_eq!(faults(&problem), [(format!("#{field}"), "missing_part".to_owned())]);
            assert!(problem["errors"][0]["detail"].as_str().unwrap().contains(place), "{problem}");
        }
        send(lacking(occasion, other, place)).await.problem(422, "validation_failed");
    }
    let rename = json!({ "code": "hours" });
    let renamed = service.patch("/v1/guides/office-hours").token(&editor).header("If-Match", "*").json(&rename);
    let problem = renamed.send().await.problem(422, "validation_failed");
    assert_eq!(problem["errors"][0]["code"], "immutable", "{problem}");
}

#[tokio::test]
async fn texts_are_found_by_the_occasion_on_which_they_are_shown() {
    let service = spawn().await;
    let db = &service.app.db;
    let file = include_str!("../../data/guides.json");
    assert_eq!(prongsai::app::import::guides(db, file).await, Ok(21));
    assert_eq!(prongsai::app::import::guides(db, file).await, Ok(0));
    let codes = |of: Vec<Value>| of.iter().map(|guide| guide["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    let shown = service.all("/v1/guides?occasion=intake,complaint_intake").await;
    assert_eq!(
        codes(shown),
        [
            "anonymous-complaints",
            "false-complaints",
            "how-long-cases-are-kept",
            "privacy-notice",
            "protection-of-reporters"
        ]
    );
    assert_eq!(codes(service.all("/v1/guides?q=คุ้มครองผู้ร้องเรียน").await), ["protection-of-reporters"]);
    // What nobody compared with the law says so.
    let all = service.all("/v1/guides").await;
    assert!(all.iter().all(|guide| guide["law"].is_null() || guide["law"]["check"].is_string()));
}
