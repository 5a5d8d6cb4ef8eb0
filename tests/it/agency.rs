use prongsai::auth::scope::Role;
use serde_json::json;

use crate::support::{spawn, spawn_filled};

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

#[tokio::test]
async fn a_website_is_http_or_https() {
    let service = spawn().await;
    let request = service.patch("/v1/agency").token(&service.token(Role::Admin)).header("If-Match", "*");
    let problem =
        request.json(&json!({ "website": "javascript:alert(1)" })).send().await.problem(422, "validation_failed");
    assert_eq!(problem["errors"][0]["pointer"], "#/website");
}
