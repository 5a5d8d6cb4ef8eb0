use prongsai::auth::scope::Role;
use serde_json::{Value, json};

use crate::support::{faults, spawn};

fn post(holders: &[&str]) -> Value {
    json!({ "name": { "th": "ปลัดเทศบาลเมืองชัยนาท", "en": "Municipal Clerk" }, "holders": holders })
}

#[tokio::test]
async fn a_post_has_holders_and_its_changes_are_in_the_log() {
    let service = spawn().await;
    let admin = service.token(Role::Admin);
    let [first, second] = [service.add_user("first", &[]).await, service.add_user("second", &[]).await];
    let created = service.post("/v1/posts").token(&admin).json(&post(&[&first.to_string()])).send().await.expect(201);
    let address = created.header("location").to_owned();
    assert_eq!(created.json()["holders"], json!([{ "id": first, "name": "สมศรี ใจดี" }]));
    let patch = json!({ "holders": [second] });
    let change = || service.patch(&address).token(&admin).header("If-Match", created.header("etag")).json(&patch);
    let changed = change().send().await.expect(200).json();
    assert_eq!(changed["holders"], json!([{ "id": second, "name": "สมศรี ใจดี" }]));
    change().send().await.problem(412, "precondition_failed");
    let editor = service.token(Role::Editor);
    let found = async |query: &str| {
        let list = service.get(&format!("/v1/posts?{query}")).token(&editor).send().await.expect(200).json();
        list["items"].as_array().unwrap().len()
    };
    assert_eq!(found(&format!("holder_id={second}")).await, 1);
    assert_eq!(found(&format!("holder_id={first}")).await, 0);
    assert_eq!(found("q=clerk").await, 1);
    let events = service.get("/v1/audit/events?resource=posts").token(&service.token(Role::Auditor));
    let events = events.send().await.expect(200).json();
    let actions: Vec<_> = events["items"].as_array().unwrap().iter().map(|event| &event["action"]).collect();
    assert_eq!(actions, ["update", "create"]);
    let csv = service.get("/v1/posts?format=csv&labels=th").token(&editor).send().await.expect(200).text();
    assert!(csv.contains("ผู้ดำรงตำแหน่ง") && csv.contains("สมศรี ใจดี"), "{csv}");
    service.delete(&address).token(&admin).header("If-Match", "*").send().await.expect(204);
    service.get(&address).token(&editor).send().await.problem(404, "not_found");
}

#[tokio::test]
async fn two_posts_have_two_names_and_holders_have_accounts() {
    let service = spawn().await;
    let admin = service.token(Role::Admin);
    let create = |body: Value| service.post("/v1/posts").token(&admin).json(&body).send();
    create(post(&[])).await.expect(201);
    let problem = create(post(&[])).await.problem(409, "already_exists");
    assert_eq!(faults(&problem), [("#/name/th".to_owned(), "already_exists".to_owned())]);
    let other = create(json!({ "name": { "th": "รองปลัดเทศบาลเมืองชัยนาท" } })).await.expect(201);
    let rename = service.patch(other.header("location")).token(&admin).header("If-Match", "*");
    let problem = rename.json(&json!({ "name": post(&[])["name"] })).send().await.problem(409, "already_exists");
    assert_eq!(faults(&problem), [("#/name/th".to_owned(), "already_exists".to_owned())]);
    let nobody = "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11";
    let mut body = post(&[nobody]);
    body["name"]["th"] = json!("นายกเทศมนตรีเมืองชัยนาท");
    let problem = create(body.clone()).await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/holders/0".to_owned(), "unknown_account".to_owned())]);
    body["holders"] = json!([nobody, nobody]);
    let problem = create(body).await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/holders".to_owned(), "duplicate".to_owned())]);
}
