use prongsai::auth::scope::Role;
use serde_json::{Value, json};

use crate::audit::verified;
use crate::support::{Answer, Service, faults, spawn, spawn_filled};

#[tokio::test]
async fn the_agency_is_public() {
    let service = spawn_filled().await;
    let agency = service.get("/v1/agency").send().await.expect(200).json();
    assert_eq!(agency["name"]["th"], "เทศบาลเมืองชัยนาท");
}

#[tokio::test]
async fn an_admin_changes_it_and_null_clears() {
    let service = spawn().await;
    let admin = service.token(Role::Admin);
    let read = service.get("/v1/agency").send().await;
    let patch = json!({ "name": { "th": "เทศบาลตำบลตัวอย่าง", "en": null }, "email": "saraban@example.go.th" });
    let request = service.patch("/v1/agency").token(&admin).header("If-Match", read.header("etag"));
    let changed = request.json(&patch).send().await.expect(200);
    assert_eq!(changed.json()["name"], json!({ "th": "เทศบาลตำบลตัวอย่าง", "en": null }));
    assert_eq!(service.get("/v1/agency").send().await.json(), changed.json());
    let again = service.patch("/v1/agency").token(&admin).header("If-Match", changed.header("etag"));
    assert_eq!(again.json(&json!({ "email": null })).send().await.expect(200).json()["email"], json!(null));
}

impl Service {
    /// Says from which days all cases of some kinds are recorded.
    pub async fn record_from(&self, days: Value) -> Value {
        self.patch_agency(&json!({ "recorded_from": days })).await.expect(200).json()
    }

    /// Says which days are counted until the first answer to a complaint.
    pub async fn count_first_answers_in(&self, days: &str) {
        self.patch_agency(&json!({ "first_answer_counted": days })).await.expect(200);
    }

    pub async fn patch_agency(&self, patch: &Value) -> Answer {
        let admin = self.token(Role::Admin);
        self.patch("/v1/agency").token(&admin).header("If-Match", "*").json(patch).send().await
    }
}

#[tokio::test]
async fn the_days_from_which_cases_are_recorded_are_stated_by_kind() {
    let service = spawn().await;
    let days = |agency: &Value| agency["recorded_from"].clone();
    let none = json!({ "integrity": null, "general": null, "service_requests": null });
    assert_eq!(days(&service.get("/v1/agency").send().await.json()), none.clone());
    let some = service.record_from(json!({ "integrity": "2023-10-01", "general": "2024-01-01" })).await;
    let stated = json!({ "integrity": "2023-10-01", "general": "2024-01-01", "service_requests": null });
    assert_eq!(days(&some), stated);
    let all = service.record_from(json!({ "service_requests": "2023-12-01" })).await;
    assert_eq!(days(&all)["service_requests"], "2023-12-01");
    let cleared = service.patch_agency(&json!({ "recorded_from": null })).await.expect(200).json();
    assert_eq!(days(&cleared), none);
    let events =
        service.get("/v1/audit/events?resource=agency&action=update").token(&service.token(Role::Auditor)).send().await;
    assert_eq!(events.expect(200).json()["items"].as_array().unwrap().len(), 3);
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

#[tokio::test]
async fn cases_are_not_recorded_from_a_day_that_cannot_be() {
    let service = spawn().await;
    let tomorrow = service.today().succ_opt().unwrap();
    let days = json!({ "integrity": tomorrow, "general": "1956-09-30", "service_requests": "2024-01-15" });
    let fault = |place: &str, code: &str| (place.to_owned(), code.to_owned());
    let problem = service.patch_agency(&json!({ "recorded_from": days })).await.problem(422, "validation_failed");
    let expected = [
        fault("#/recorded_from/general", "not_plausible"),
        fault("#/recorded_from/integrity", "in_the_future"),
        fault("#/recorded_from/service_requests", "not_first_of_month"),
    ];
    assert_eq!(faults(&problem), expected);
    let buddhist = service.patch_agency(&json!({ "recorded_from": { "general": "2567-10-01" } })).await;
    let told = buddhist.problem(422, "validation_failed");
    assert!(told["errors"][0]["detail"].as_str().unwrap().contains("2024-10-01"), "{told}");
}

#[tokio::test]
async fn a_website_is_http_or_https() {
    let service = spawn().await;
    let request = service.patch("/v1/agency").token(&service.token(Role::Admin)).header("If-Match", "*");
    let problem =
        request.json(&json!({ "website": "javascript:alert(1)" })).send().await.problem(422, "validation_failed");
    assert_eq!(problem["errors"][0]["pointer"], "#/website");
}
