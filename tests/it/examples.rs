//! The examples in the document's answers: what the demo answers, taken by a walk through all operations. `make openapi` writes
//! them to openapi/examples.json; here they are taken again, so none is older than the service.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, TimeDelta, Utc};
use prongsai::auth::scope::Role;
use prongsai::domain::retention::Retention;
use prongsai::schema::validate::escaped;
use serde_json::{Value, json};

use crate::accounts::code_of;
use crate::conversions::{as_request, dark};
use crate::service_requests::cutting;
use crate::support::ask::{Ask, Operation};
use crate::support::document::{Reading, faults, resolved};
use crate::support::examples::{Place, Shown};
use crate::support::form::Form;
use crate::support::samples::{complaint, holiday, lighting, measure, named_complaint, permit, photo, project};
use crate::support::{PASSWORD, Service, spawn_filled_at};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/examples.json");

/// The documents of the document are no example in themselves.
const WHOLE_DOCUMENTS: [&str; 2] = ["get_openapi_json", "get_openapi_th_json"];

/// The first day of the walk, at noon in Bangkok, in the year of the sample data.
fn begin() -> DateTime<Utc> {
    "2024-03-14T05:00:00Z".parse().unwrap()
}

/// Set by `make openapi`.
#[expect(clippy::disallowed_methods, reason = "a setting of the tests alone")]
pub fn are_to_be_written() -> bool {
    std::env::var("PRONGSAI_TEST_EXAMPLES").is_ok()
}

#[tokio::test]
async fn every_example_is_what_the_demo_answers_today() {
    let taken = format!("{:#}\n", taken().await);
    let committed = std::fs::read_to_string(FILE).unwrap_or_default();
    if are_to_be_written() {
        // An unchanged file is not compiled again.
        if taken != committed {
            std::fs::write(FILE, taken).unwrap();
        }
        return;
    }
    let different = committed.lines().zip(taken.lines()).find(|(committed, taken)| committed != taken);
    assert!(
        taken == committed,
        "openapi/examples.json is not what the service says; `make openapi` writes it: {different:?}"
    );
}

#[test]
fn every_answer_in_json_has_an_example_that_its_schema_allows() {
    let (mut count, mut faulty) = (0, Vec::new());
    for operation in Operation::all().iter().filter(|operation| !WHOLE_DOCUMENTS.contains(&operation.id())) {
        for (place, content) in operation.answers() {
            let Some(example) = content.get("example") else {
                faulty.push(format!("{place} has none: no request of the walk got this answer"));
                continue;
            };
            let schema = resolved(&format!("{place}/schema")).map(|(place, _)| place).expect("a schema");
            faulty.extend(faults(&schema, example, Reading::Answer).iter().map(|fault| format!("{place} {fault}")));
            count += 1;
        }
    }
    assert!(faulty.is_empty(), "{}", faulty.join("\n"));
    assert!(count > 100, "{count}");
}

/// All examples, by operation, status and media type.
async fn taken() -> Value {
    let service = spawn_filled_at(begin()).await;
    service.recorder.start();
    // Before anything else is logged.
    for path in ["/v1/audit/events", "/v1/audit/proofs?seq=17"] {
        service.get(path).token(&service.token(Role::Auditor)).send().await.expect(200);
    }
    service
        .patch_agency(&json!({ "intake_units": { "integrity": "legal", "general": "clerk-office" } }))
        .await
        .expect(200);
    accounts(&service).await;
    complaints(&service).await;
    service_requests(&service).await;
    records(&service).await;
    // The public's figures are those of the last midnight. What ends after a day is not at its end.
    service.db().clock.set(begin() + TimeDelta::hours(20));
    for method in ["GET", "POST", "PATCH"] {
        for operation in Operation::all().iter().filter(|operation| operation.method == method) {
            Ask::right(&service, operation).await.send(&service).await;
        }
    }
    // A service in a condition is no example.
    assert_eq!(service.get("/health/ready").send().await.expect(200).json()["conditions"], json!([]));
    let noted = service.recorder.finish();
    let mut operations = BTreeMap::new();
    for ((operation, status, kind), body) in noted {
        if status.starts_with('2') && !WHOLE_DOCUMENTS.contains(&&*operation) {
            let place = place_of(&(operation.clone(), status.clone(), kind.clone()));
            let body = shown(&service, &body, &place);
            let statuses: &mut BTreeMap<String, BTreeMap<String, Value>> = operations.entry(operation).or_default();
            statuses.entry(status).or_default().insert(kind, body);
        }
    }
    json!(operations)
}

fn shown(service: &Service, body: &Value, place: &str) -> Value {
    Shown { address: &service.address, ids: Vec::new() }.show(body, Some(place))
}

/// Where the document has the schema of an answer.
fn place_of((operation, status, kind): &Place) -> String {
    let operation = Operation::all().into_iter().find(|known| known.id() == operation).expect("an operation");
    format!("{}/responses/{status}/content/{}/schema", operation.place, escaped(kind))
}

/// Somebody logs in and enrols an app, a program gets a token, two admins approve.
async fn accounts(service: &Service) {
    service.add_user("wanida.b", &[Role::Editor]).await;
    let token = service.log_in("wanida.b", PASSWORD, None).await.expect(200).json();
    let token = token["access_token"].as_str().unwrap();
    service.get("/v1/me").token(token).send().await.expect(200);
    let enrolled = service.post("/v1/me/second-factor").token(token).json(&json!({ "password": PASSWORD }));
    let enrolled = enrolled.send().await.expect(200).json();
    let code = code_of(enrolled["secret"].as_str().unwrap(), service.now());
    let confirmed = service.post("/v1/me/second-factor/confirmation").token(token).json(&json!({ "code": code }));
    confirmed.send().await.expect(200);
    let (id, secret) = service.add_client(&["measures:write"]).await;
    let fields = [("grant_type", "client_credentials")];
    service.form_as("/oauth/token", &fields, Some(&format!("{id}:{secret}"))).await.expect(200);
    let (first, second) = (service.admin("napa.s").await, service.admin("wichai.t").await);
    let wanted = json!({ "operation": "set_rights", "roles": ["complaint_officer"], "units": ["legal"] });
    let user = service.add_user("malee.k", &[]).await.to_string();
    second.decide_approval(&first.asked(&user, wanted).await, "approve").await.expect(200);
    let change = service.patch(&format!("/v1/users/{user}")).token(&first.token).header("If-Match", "*");
    change.json(&json!({ "display_name": "มาลี แก้วใส" })).send().await.expect(200);
}

/// Complaints, from how they come in to when they are destroyed.
async fn complaints(service: &Service) {
    service.old_complaint().await;
    service.run_on(&Retention::default(), service.today() - Days::new(1)).await;
    let approver = service.person("manop.s", &[Role::Approver], &[]).await;
    let due = approver.get("/v1/retention/due").send().await.expect(200).json();
    let approved = json!({ "case_ids": [due["items"][0]["id"]], "document_number": "ชน 52001/118" });
    approver.post("/v1/retention/approvals").once().json(&approved).send().await.expect(200);
    approver.get("/v1/reports/destruction-list").send().await.expect(200);
    let (first, second) =
        (service.complaint_officer("prasit.p", &[]).await, service.complaint_officer("orathai.r", &[]).await);
    let given = service.report(&named_complaint()).await;
    let verify = json!({ "acknowledgement": given["acknowledgement"] });
    service.post("/v1/acknowledgements/verify").json(&verify).send().await.expect(200);
    service.attach(&given["receipt"], "ใบเสร็จ.jpg", &photo()).await.expect(201);
    let found = first.find(&given).await;
    first.steps(&found, &["take", "accept", "investigate"]).await;
    first.step(&found, json!({ "action": "ask", "text": "โปรดแจ้งวันที่และเวลาที่ไปติดต่อ" })).await.expect(200);
    let answer = json!({ "receipt": given["receipt"], "text": "วันที่ 5 มีนาคม ประมาณ 10.00 น." });
    service.post("/v1/complaints/lookup/messages").once().json(&answer).send().await.expect(201);
    service.look_up(&given["receipt"]).await.expect(200);
    let custodian = service.person("darunee.c", &[Role::Custodian], &[]).await;
    let asked = first.ask(&found).await.expect(201).json();
    let requests = format!("/v1/complaints/{}/identity-requests", found["id"].as_str().unwrap());
    first.get(&requests).send().await.expect(200);
    custodian.approve(&asked).await.expect(200);
    let other = service.complaint_officer("somsak.w", &[]).await;
    first.propose(&found, &[&other.id]).await.expect(200);
    second.decide_recusal(&found, "confirm").await.expect(200);
    // The next is pending.
    let found = first.find(&service.report(&complaint()).await).await;
    first.propose(&found, &[&other.id]).await.expect(200);
    service.get("/v1/recusals").token(&service.token(Role::Auditor)).send().await.expect(200);
    let referred = first.find(&service.report(&complaint()).await).await;
    first.steps(&referred, &["accept", "investigate"]).await;
    let referral = json!({ "authority": "สำนักงาน ป.ป.ช. ประจำจังหวัดชัยนาท" });
    let end =
        json!({ "action": "conclude", "outcome": "referred", "text": "อยู่ในอำนาจของ ป.ป.ช.", "referral": referral });
    first.step(&referred, end).await.expect(200);
    let letter = json!({ "letter_no": "ชน 52001/418", "letter_on": "2024-03-14" });
    let change = service.patch(&format!("/v1/complaints/{}/referral", referred["id"].as_str().unwrap()));
    change.token(&first.token).header("If-Match", "*").json(&letter).send().await.expect(200);
    let twice = first.find(&service.report(&complaint()).await).await;
    let link = format!("/v1/complaints/{}/duplicate-of", twice["id"].as_str().unwrap());
    first.post(&link).json(&json!({ "duplicate_of_id": found["id"] })).send().await.expect(200);
    let lamp = first.find(&service.report(&dark()).await).await;
    first.convert("complaints", &lamp, &as_request()).await.expect(201);
    let given = service.report(&complaint()).await;
    service.withdraw(&given).await;
    for (what, body) in [
        ("reopening", json!({ "text": "พบพยานที่เห็นเหตุการณ์" })),
        ("rating", json!({ "rating": 4, "text": "เจ้าหน้าที่อธิบายชัดเจน" })),
    ] {
        service.by_receipt(&given, what, body).await.expect(200);
    }
    let steps = json!({ "items": [{ "id": found["id"], "action": "accept" }] });
    first.post("/v1/complaints/transitions/batch").json(&steps).send().await.expect(200);
}

/// Requests for e-services, from how they come in to how they are rated.
async fn service_requests(service: &Service) {
    let officer = service.service_officer("kanya.m", &[]).await;
    let given = service.ask_for("public-lighting", &lighting()).await;
    service.attach_to("service-requests", &given["receipt"], "เสาไฟ.jpg", &photo()).await.expect(201);
    let found = officer.find_request(&given).await;
    officer.step_request(&found, json!({ "action": "take" })).await.expect(200);
    officer.complete(&found).await;
    let files = format!("/v1/service-requests/{}/attachments", found["id"].as_str().unwrap());
    let after = Form::new().field("public", "true").file("หลังซ่อม.jpg", &photo());
    officer.post(&files).form(after).send().await.expect(201);
    service.look_up_request(&given["receipt"]).await.expect(200);
    service.rate(&given["receipt"], 5).await.expect(200);
    let referred = officer.find_request(&service.ask_for("public-lighting", &lighting()).await).await;
    let referral = json!({ "authority": "แขวงทางหลวงชัยนาท" });
    let refer = json!({ "action": "refer", "text": "เสาไฟอยู่บนทางหลวงแผ่นดิน", "referral": referral });
    officer.step_request(&referred, refer).await.expect(200);
    let change = service.patch(&format!("/v1/service-requests/{}/referral", referred["id"].as_str().unwrap()));
    let letter = json!({ "letter_no": "ชน 52001/419", "letter_on": "2024-03-14" });
    change.token(&officer.token).header("If-Match", "*").json(&letter).send().await.expect(200);
    let pair =
        [service.ask_for("public-lighting", &lighting()).await, service.ask_for("public-lighting", &lighting()).await];
    let (main, twice) = (officer.find_request(&pair[0]).await, officer.find_request(&pair[1]).await);
    let link = format!("/v1/service-requests/{}/duplicate-of", twice["id"].as_str().unwrap());
    officer.post(&link).json(&json!({ "duplicate_of_id": main["id"] })).send().await.expect(200);
    let given = service.ask_for("permit-application", &permit()).await;
    let leaving = service.service_officer("pranee.s", &[]).await;
    leaving.step_request(&leaving.find_request(&given).await, json!({ "action": "take" })).await.expect(200);
    let desk = json!({ "from_id": leaving.id, "receivers": [{ "id": officer.id }] });
    officer.post("/v1/desk-handovers").json(&desk).send().await.expect(200);
    let days = service.get("/v1/e-services/tree-cutting/days").send().await.expect(200).json();
    let day = &days["items"][3]["date"];
    service.ask_for("tree-cutting", &cutting(day)).await;
    let rain = json!({ "items": [{ "e_service": "tree-cutting", "date": day, "reason": "ฝนตกหนัก" }] });
    for (query, status) in [("?dry_run=true", 200), ("", 201)] {
        officer.post(&format!("/v1/closed-days/batch{query}")).json(&rain).send().await.expect(status);
    }
    let as_linked_data = service.get("/v1/e-services/public-lighting").header("Accept", "application/ld+json");
    as_linked_data.send().await.expect(200);
    service.post("/v1/file-inspections").form(Form::new().file("ภาพ.jpg", &photo())).send().await.expect(200);
}

/// Measures and projects, many at once and published, and what is changed where the example of the document is taken.
async fn records(service: &Service) {
    let editor = service.token(Role::Editor);
    let guide = "/v1/guides/anonymous-complaints";
    let change = service.patch(guide).token(&editor).header("If-Match", "*");
    change.json(&json!({ "title": { "th": "เรื่องร้องเรียนที่ไม่ระบุชื่อผู้ร้องเรียน" } })).send().await.expect(200);
    for path in [guide, &format!("{guide}/versions")] {
        service.get(path).send().await.expect(200);
    }
    for (path, items) in [
        ("/v1/measures/batch", json!([measure(2568, 1)])),
        ("/v1/projects/batch", json!([project(2568, "โครงการอบรมคุณธรรมและจริยธรรมพนักงานเทศบาล")])),
    ] {
        for (query, status) in [("?dry_run=true", 200), ("", 201)] {
            let request = service.post(&format!("{path}{query}")).token(&editor).json(&json!({ "items": items }));
            let created = request.send().await.expect(status).json();
            if status == 201 {
                let address = format!("{}/{}", path.replace("/batch", ""), created["items"][0]["id"].as_str().unwrap());
                service.transition(&address, &json!({ "action": "publish" })).await;
            }
        }
    }
    let answer = "/v1/ita/2567/items/O35/disclosure";
    let body = json!({ "disclosed": true, "explanation": "รายงานอยู่ในหน้าข้อมูลสาธารณะของเทศบาล" });
    let written = service.patch(answer).token(&editor).header("If-Match", "*").json(&body);
    written.send().await.expect(200);
    service.transition(answer, &json!({ "action": "review" })).await;
    let reason = json!({ "action": "unpublish", "reason": "ปรับปรุงแบบคำขอ" });
    service.transition("/v1/e-services/loudspeaker-announcement", &reason).await;
    let admin = service.token(Role::Admin);
    let announced = json!({ "items": [holiday("2024-05-10", "วันพืชมงคล"), holiday("2024-05-22", "วันวิสาขบูชา")] });
    for (query, status) in [("?dry_run=true", 200), ("", 201)] {
        let request = service.post(&format!("/v1/holidays/batch{query}")).token(&admin).json(&announced);
        request.send().await.expect(status);
    }
    let reported = json!({
        "kind": "service_requests",
        "period": "2566",
        "total": 412,
        "finished_count": 398,
        "source_title": "รายงานสถิติการให้บริการ ประจำปีงบประมาณ พ.ศ. 2566",
        "source_url": "https://www.example.go.th/o12-2566.pdf",
    });
    let reported = service.create("/v1/reported-figures", &reported).await;
    let address = format!("/v1/reported-figures/{}", reported["id"].as_str().unwrap());
    let change = service.patch(&address).token(&editor).header("If-Match", "*");
    change.json(&json!({ "finished_count": 400 })).send().await.expect(200);
    let holiday = json!({ "date": "2024-12-30", "name": { "th": "วันหยุดพิเศษ" } });
    let holiday = service.create("/v1/holidays", &holiday).await;
    let address = format!("/v1/holidays/{}", holiday["id"].as_str().unwrap());
    let change = service.patch(&address).token(&service.token(Role::Admin)).header("If-Match", "*");
    change.json(&json!({ "name": { "en": "Special holiday" } })).send().await.expect(200);
}
