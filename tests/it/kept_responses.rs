//! What is kept of responses for requests that are sent again.

use chrono::TimeDelta;
use entity::idempotency_key;
use prongsai::auth::scope::Role;
use prongsai::http::idempotency::expire;
use sea_orm::EntityTrait;
use serde_json::json;

use crate::complaints::open;
use crate::support::samples::{complaint, measure};

#[tokio::test]
async fn of_a_response_about_a_case_only_the_id_is_kept() {
    let service = open().await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let found = officer.find(&service.report(&complaint()).await).await;
    let path = format!("/v1/complaints/{}", found["id"].as_str().unwrap());
    officer.post(&format!("{path}/transitions")).once().json(&json!({ "action": "take" })).send().await.expect(200);
    let note = json!({ "text": "บันทึก", "public": false });
    officer.post(&format!("{path}/messages")).once().json(&note).send().await.expect(201);
    let rows = idempotency_key::Entity::find().all(service.db().reader()).await.unwrap();
    let of_cases: Vec<_> = rows.iter().filter(|row| row.actor == officer.id).collect();
    assert_eq!(of_cases.len(), 2);
    assert!(of_cases.iter().all(|row| row.body.is_empty() && row.record_id.is_some()));
    // The receipt is kept: nothing else shows it.
    assert!(rows.iter().any(|row| row.actor == "public" && !row.body.is_empty()));
}

#[tokio::test]
async fn a_large_response_is_not_kept_and_its_request_takes_effect_once_all_the_same() {
    let service = open().await;
    let editor = service.token(Role::Editor);
    let mut large = measure(2569, 1);
    large["methods"] = json!(["ก".repeat(2000), "ข".repeat(2000), "ค".repeat(2000)]);
    let send = || {
        let post = service.post("/v1/measures").token(&editor).header("Idempotency-Key", "a-key-of-an-editor");
        post.json(&large).send()
    };
    send().await.expect(201);
    send().await.problem(409, "response_not_kept");
    let rows = idempotency_key::Entity::find().all(service.db().reader()).await.unwrap();
    assert!(rows.iter().all(|row| row.body.is_empty()));
    let list = service.get("/v1/measures?fiscal_year=2569").token(&editor).send().await.expect(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_kept_ends_after_a_day_and_a_clock_that_was_ahead_does_not_keep_it() {
    let service = open().await;
    let rows = async || idempotency_key::Entity::find().all(service.db().reader()).await.unwrap().len();
    let send = || {
        let post = service.post("/v1/complaints").header("Idempotency-Key", "a-key-of-a-reporter");
        post.json(&complaint()).send()
    };
    let now = service.now();
    service.db().clock.set(now + TimeDelta::days(400));
    let ahead = send().await.expect(201).json();
    assert_eq!(send().await.expect(201).json(), ahead);
    service.db().clock.set(now);
    let right = send().await.expect(201).json();
    assert_ne!(right["reference"], ahead["reference"]);
    assert_eq!((send().await.expect(201).json(), rows().await), (right, 1));
    service.db().clock.set(now + TimeDelta::hours(23));
    expire(service.db()).await.unwrap();
    assert_eq!(rows().await, 1);
    service.db().clock.set(now + TimeDelta::hours(25));
    expire(service.db()).await.unwrap();
    assert_eq!(rows().await, 0);
}
