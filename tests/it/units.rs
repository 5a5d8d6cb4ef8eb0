use std::collections::BTreeSet;

use prongsai::auth::scope::Role;
use serde_json::{Value, json};

use crate::support::samples::{measure, unit};
use crate::support::{faults, hold_commits, spawn, spawn_filled};

#[tokio::test]
async fn the_units_form_a_tree() {
    let service = spawn_filled().await;
    assert_eq!(service.all("/v1/units").await.len(), 9);
    let below = service.all("/v1/units?parent=strategy-budget").await;
    let codes: Vec<_> = below.iter().map(|unit| unit["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["legal", "plan-budget", "policy-planning"]);
    let found = service.all("/v1/units?q=%E0%B8%99%E0%B8%B4%E0%B8%95%E0%B8%B4%E0%B8%81%E0%B8%B2%E0%B8%A3").await;
    assert_eq!(found[0]["name"], json!({ "th": "งานนิติการ", "en": "Legal Affairs Section" }));
}

#[tokio::test]
async fn a_code_does_not_change_and_a_name_does() {
    let service = spawn().await;
    let unit = service.create("/v1/units", &unit("ict", "งาน")).await;
    let address = format!("/v1/units/{}", unit["id"].as_str().unwrap());
    let admin = service.token(Role::Admin);
    let patch = |body: Value| service.patch(&address).token(&admin).header("If-Match", "*").json(&body).send();
    let problem = patch(json!({ "code": "other" })).await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/code".to_owned(), "immutable".to_owned())]);
    patch(json!({ "name": { "th": "งาน ICT" } })).await.expect(200);
    assert_eq!(service.all("/v1/units?q=ict").await.len(), 1);
}

#[tokio::test]
async fn a_unit_and_a_category_are_found_and_changed_by_code_as_by_id() {
    let service = spawn_filled().await;
    let admin = service.token(Role::Admin);
    for (path, code) in [("/v1/units", "legal"), ("/v1/complaint-categories", "bribery")] {
        let by_code = service.get(&format!("{path}/{code}")).send().await.expect(200);
        let record = by_code.json();
        assert_eq!(record["code"], code);
        let by_id = service.get(&format!("{path}/{}", record["id"].as_str().unwrap())).send().await.expect(200);
        assert_eq!((by_id.json(), by_id.header("etag")), (record, by_code.header("etag")));
        let patch = service.patch(&format!("{path}/{code}")).token(&admin).header("If-Match", by_code.header("etag"));
        let patch = patch.json(&json!({ "name": { "th": "ชื่อใหม่" } })).send().await.expect(200);
        assert_eq!(patch.json()["name"]["th"], "ชื่อใหม่");
        for nobody in ["nonsense", "Legal", "%E0%B8%81", "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11"] {
            let patch = service.patch(&format!("{path}/{nobody}")).token(&admin).header("If-Match", "*");
            patch.json(&json!({})).send().await.problem(404, "not_found");
            service.get(&format!("{path}/{nobody}")).send().await.problem(404, "not_found");
        }
    }
}

#[tokio::test]
async fn a_unit_is_not_below_itself() {
    let service = spawn().await;
    let top = service.create("/v1/units", &unit("top", "บน")).await;
    service.create("/v1/units", &json!({ "code": "middle", "name": { "th": "กลาง" }, "parent": "top" })).await;
    service.create("/v1/units", &json!({ "code": "bottom", "name": { "th": "ล่าง" }, "parent": "middle" })).await;
    let admin = service.token(Role::Admin);
    let address = format!("/v1/units/{}", top["id"].as_str().unwrap());
    for parent in ["top", "middle", "bottom", "nowhere"] {
        let patch = service.patch(&address).token(&admin).header("If-Match", "*").json(&json!({ "parent": parent }));
        let problem = patch.send().await.problem(422, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], "#/parent", "{parent}");
    }
}

#[tokio::test]
async fn two_changes_at_once_make_no_circle() {
    let service = spawn().await;
    let address = |unit: Value| format!("/v1/units/{}", unit["id"].as_str().unwrap());
    let a = address(service.create("/v1/units", &unit("a", "ก")).await);
    let d = address(service.create("/v1/units", &unit("d", "ง")).await);
    service.create("/v1/units", &json!({ "code": "c", "name": { "th": "ค" }, "parent": "d" })).await;
    let admin = service.token(Role::Admin);
    let put = async |address: &str, parent: &str| {
        let patch = service.patch(address).token(&admin).header("If-Match", "*").json(&json!({ "parent": parent }));
        patch.send().await.status
    };
    let commits = hold_commits(&service, "units").await;
    let release = async {
        commits.waiting(2).await;
        commits.release().await;
    };
    let (first, second, ()) = tokio::join!(put(&a, "c"), put(&d, "a"), release);
    assert_eq!(BTreeSet::from([first, second]), BTreeSet::from([200, 422]));
}

#[tokio::test]
async fn a_code_is_taken_once_and_has_one_form() {
    let service = spawn().await;
    let admin = service.token(Role::Admin);
    service.create("/v1/units", &unit("legal", "งานนิติการ")).await;
    let send = |code: &str| service.post("/v1/units").token(&admin).json(&unit(code, "x")).send();
    send("legal").await.problem(409, "already_exists");
    let other = service.create("/v1/units", &unit("other", "x")).await;
    let patch = service.patch(&format!("/v1/units/{}", other["id"].as_str().unwrap())).token(&admin);
    let patch = patch.header("If-Match", "*").json(&json!({ "code": "legal" }));
    patch.send().await.problem(409, "already_exists");
    for code in ["Legal", "legal_affairs", "-x", "x-", "กฎหมาย", ""] {
        send(code).await.problem(422, "validation_failed");
    }
}

#[tokio::test]
async fn a_unit_that_no_longer_exists_stays_for_what_names_it() {
    let service = spawn().await;
    let admin = service.token(Role::Admin);
    let legal = service.create("/v1/units", &unit("legal", "งานนิติการ")).await;
    service.create("/v1/units", &unit("finance", "งานการเงิน")).await;
    let mut body = measure(2567, 1);
    body["responsible"] = json!({ "units": ["legal"] });
    service.publish("/v1/measures", &body).await;
    let address = format!("/v1/units/{}", legal["id"].as_str().unwrap());
    // Whether it can be deleted would tell whether a complaint names it.
    service.delete(&address).token(&admin).header("If-Match", "*").send().await.problem(405, "method_not_allowed");
    let patch = service.patch(&address).token(&admin).header("If-Match", "*");
    assert_eq!(patch.json(&json!({ "active": false })).send().await.expect(200).json()["active"], false);
    let codes = async |active: bool| {
        let list = service.all(&format!("/v1/units?active={active}")).await;
        list.iter().map(|unit| unit["code"].clone()).collect::<Vec<_>>()
    };
    assert_eq!((codes(true).await, codes(false).await), (vec![json!("finance")], vec![json!("legal")]));
    assert_eq!(service.all("/v1/measures").await[0]["responsible"]["units"], json!(["legal"]));
}

#[tokio::test]
async fn a_renamed_unit_is_renamed_in_its_measures_and_their_etags() {
    let service = spawn_filled().await;
    let legal = &service.all("/v1/units?code=legal").await[0];
    let address = format!("/v1/measures/{}", service.all("/v1/measures?number=5").await[0]["id"].as_str().unwrap());
    let before = service.get(&address).send().await;
    let unit = format!("/v1/units/{}", legal["id"].as_str().unwrap());
    let rename = service.patch(&unit).token(&service.token(Role::Admin)).header("If-Match", "*");
    rename.json(&json!({ "short_name": "นิติการ" })).send().await.expect(200);
    let after = service.get(&address).header("If-None-Match", before.header("etag")).send().await.expect(200);
    assert_eq!(after.json()["responsible"]["names"], json!(["กองยุทธศาสตร์ฯ", "นิติการ"]));
    // The measure itself is as it was, so a change based on the earlier reading still goes through.
    let patch = service.patch(&address).token(&service.token(Role::Editor)).header("If-Match", before.header("etag"));
    patch.json(&json!({ "topic": 7 })).send().await.expect(200);
}
