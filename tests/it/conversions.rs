//! Complaints that become service requests, and the other way round.

use chrono::TimeDelta;
use entity::{case_file, case_key, receipt};
use prongsai::auth::scope::Role;
use prongsai::cases::deadline;
use prongsai::domain::fiscal_year::FiscalYear;
use prongsai::domain::working_days::midnight;
use prongsai::e_services::requests::unconfirmed;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use crate::audit::verified;
use crate::complaints::{Officer, open};
use crate::identity::opened;
use crate::support::form::Form;
use crate::support::samples::{complaint, lighting, named_complaint, photo};
use crate::support::{Answer, CUSTODIAN_KEYS, Service, faults};

/// A complaint that is a lamp.
pub fn dark() -> Value {
    json!({
        "kind": "service",
        "category": "nuisance",
        "subject": "ไฟถนนดับ",
        "description": "หน้าวัดพระบรมธาตุมืดมาสามคืน",
        "location_text": "ข้างป้ายรถเมล์",
    })
}

pub fn as_request() -> Value {
    json!({
        "text": "เป็นการขอรับบริการ กองช่างจะซ่อม",
        "e_service": "public-lighting",
        "form": { "fault": "out" },
        "location": { "address": "หน้าวัดพระบรมธาตุ" },
    })
}

fn as_complaint(kind: &str, category: &str) -> Value {
    json!({
        "text": "เป็นเรื่องร้องเรียน เทศบาลดำเนินการต่อแล้ว",
        "kind": kind,
        "category": category,
        "subject": "ช่างเรียกเงินค่าเปลี่ยนหลอด",
        "description": "ผู้ยื่นคำขอแจ้งว่าช่างเรียกเงินห้าร้อยบาท",
    })
}

impl Officer<'_> {
    pub async fn convert(&self, kind: &str, case: &Value, body: &Value) -> Answer {
        let path = format!("/v1/{kind}/{}/conversion", case["id"].as_str().unwrap());
        self.post(&path).json(body).send().await
    }

    async fn page(&self, path: &str) -> Vec<Value> {
        self.get(path).send().await.expect(200).json()["items"].as_array().unwrap().clone()
    }
}

/// What a sender sees of their case on both sides of a conversion.
fn of_both(seen: &Value) -> [&Value; 3] {
    ["status", "continues_reference", "continued_as_reference"].map(|field| &seen[field])
}

#[tokio::test]
async fn a_complaint_that_is_a_lamp_goes_on_as_a_service_request_with_its_day_files_and_receipt() {
    let service = open().await;
    let given = service.report(&dark()).await;
    let (receipt, came_on) = (&given["receipt"], service.today());
    service.attach(receipt, "เสาไฟ.jpg", &photo()).await.expect(201);
    let said = json!({ "receipt": receipt, "text": "เสาหมายเลข ชน-0142" });
    service.post("/v1/complaints/lookup/messages").once().json(&said).send().await.expect(201);
    service.db().clock.set(service.now() + TimeDelta::days(2));
    let officer = service.complaint_officer("somchai", &[]).await;
    let found = officer.find(&given).await;
    let files = format!("/v1/complaints/{}/attachments", found["id"].as_str().unwrap());
    let internal = Form::new().field("public", "false").file("บันทึก.txt", "ภายใน".as_bytes());
    officer.post(&files).form(internal).send().await.expect(201);
    let converted = officer.convert("complaints", &found, &as_request()).await.expect(201);
    let reference = converted.json()["reference"].clone();
    let location = converted.header("location").to_owned();

    // With the one receipt both are seen.
    let before = service.look_up(receipt).await.expect(200).json();
    assert_eq!(of_both(&before), [&json!("converted"), &json!(null), &reference]);
    assert_eq!(before["first_answer"]["met_on"], json!(service.today()));
    let last = &before["timeline"][0];
    assert_eq!((&last["action"], &last["text"]), (&json!("convert"), &as_request()["text"]));
    assert_eq!((&before["takes_rating"], &before["takes_reopening_request"]), (&json!(false), &json!(true)));
    let after = service.look_up_request(receipt).await.expect(200).json();
    assert_eq!(of_both(&after), [&json!("received"), &given["reference"], &json!(null)]);
    assert_eq!((&after["reference"], &after["received_on"]), (&reference, &json!(came_on)));
    assert_eq!(after["completion"]["starts_on"], json!(came_on));
    let [said, came] = &after["timeline"].as_array().unwrap()[..] else { panic!("{after}") };
    assert_eq!((&said["action"], &said["text"]), (&json!("message"), &as_request()["text"]));
    assert_eq!((&came["action"], &came["happened_on"]), (&json!("receive"), &json!(came_on)));
    let words = came["text"].as_str().unwrap();
    assert!(words.starts_with("ไฟถนนดับ\n\nหน้าวัดพระบรมธาตุมืดมาสามคืน\n\nสถานที่: ข้างป้ายรถเมล์\n\n"), "{words}");
    assert!(words.ends_with("เสาหมายเลข ชน-0142"), "{words}");
    for (kind, seen) in [("complaints", &before), ("service-requests", &after)] {
        let download = json!({ "receipt": receipt, "id": seen["attachments"][0]["id"] });
        let path = format!("/v1/{kind}/lookup/attachments/download");
        assert_eq!(service.post(&path).json(&download).send().await.expect(200).body, photo(), "{kind}");
        assert_eq!(seen["attachments"][0]["file_name"], "เสาไฟ.jpg");
    }
    // What is sent to the first is answered with where it goes, and the other takes it.
    let said = json!({ "receipt": receipt, "text": "เสาที่สองก็ดับ" });
    let refused = service.post("/v1/complaints/lookup/messages").once().json(&said).send().await;
    assert!(refused.problem(409, "illegal_transition")["detail"].to_string().contains(reference.as_str().unwrap()));
    let refused = service.attach(receipt, "อีกรูป.jpg", &photo()).await.problem(409, "illegal_transition");
    assert!(refused["detail"].to_string().contains(reference.as_str().unwrap()), "{refused}");
    for (act, body) in [
        ("identity", json!({ "reporter": named_complaint()["reporter"] })),
        ("withdrawal", json!({})),
        ("rating", json!({ "rating": 5 })),
    ] {
        let refused = service.by_receipt(&given, act, body).await.problem(409, "illegal_transition");
        assert!(refused["detail"].to_string().contains(reference.as_str().unwrap()), "{act}: {refused}");
    }
    service.post("/v1/service-requests/lookup/messages").once().json(&said).send().await.expect(201);
    // It was sent after these notices, whichever case is kept.
    assert!(!before["notices"].as_array().unwrap().is_empty());
    assert_eq!(after["notices"], before["notices"]);

    // Whoever mends it sees it as any other, and the first is closed.
    let mender = service.service_officer("malee", &["public-works"]).await;
    let request = mender.get(&location).send().await.expect(200).json();
    assert_eq!((&request["continues_reference"], &request["channel"]), (&given["reference"], &json!("web")));
    // The time of the day at which it was reported, and the notes of those who handle complaints, stay with the complaint.
    assert_eq!(request["received_at"], json!(null));
    let names: Vec<Value> = mender.page(&format!("{location}/attachments")).await;
    assert_eq!(names.iter().map(|file| &file["file_name"]).collect::<Vec<_>>(), ["เสาไฟ.jpg"]);
    mender.complete(&request).await;
    service.rate(receipt, 5).await.expect(200);
    let closed = officer.find(&given).await;
    assert_eq!(of_both(&closed), [&json!("converted"), &json!(null), &reference]);
    officer.convert("complaints", &closed, &as_request()).await.problem(409, "illegal_transition");
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

#[tokio::test]
async fn a_request_that_is_a_complaint_seals_who_asks_and_shows_colleagues_nothing_of_it() {
    let service = open().await;
    let given = service.ask_for("public-lighting", &lighting()).await;
    let receipt = &given["receipt"];
    service.attach_to("service-requests", receipt, "สลิป.jpg", &photo()).await.expect(201);
    let said = json!({ "receipt": receipt, "text": "ช่างขอเงิน" });
    service.post("/v1/service-requests/lookup/messages").once().json(&said).send().await.expect(201);
    let colleague = service.service_officer("malee", &["public-works"]).await;
    let clerk = service.service_officer("somchai", &[]).await;
    assert_eq!(colleague.page("/v1/service-requests?q=5678").await.len(), 1);
    let found = clerk.find_request(&given).await;
    let path = format!("/v1/service-requests/{}", found["id"].as_str().unwrap());
    let body = as_complaint("corruption", "bribery");
    let key = "conversion-of-a-request-0001";
    let conversion = || clerk.post(&format!("{path}/conversion")).header("Idempotency-Key", key).json(&body).send();
    let converted = conversion().await.expect(201).json();
    // Sent again by somebody who does not see it any more.
    assert_eq!(conversion().await.expect(201).json(), converted);

    for officer in [&colleague, &clerk] {
        officer.get(&path).send().await.problem(404, "not_found");
        officer.get(&format!("{path}/timeline")).send().await.problem(404, "not_found");
        assert_eq!(officer.page("/v1/service-requests").await, [] as [Value; 0]);
        assert_eq!(officer.page("/v1/service-requests?q=5678").await, [] as [Value; 0]);
    }
    let officer = service.complaint_officer("somsri", &[]).await;
    let complaint = officer.get(&format!("/v1/complaints/{}", converted["id"].as_str().unwrap())).send().await;
    let complaint = complaint.expect(200).json();
    assert_eq!((&complaint["anonymous"], &complaint["kind"]), (&json!(false), &json!("corruption")));
    assert_eq!(complaint["continues_reference"], given["reference"]);
    assert_eq!(complaint["first_answer"]["met_on"], json!(service.today()));
    assert!(!complaint.to_string().contains("สมหญิง"), "{complaint}");
    let timeline = officer.events_of("complaints", &complaint).await;
    let words = timeline[0]["text"].as_str().unwrap();
    assert!(words.contains("หน้าวัดพระบรมธาตุ") && words.contains("ชน-0142") && words.ends_with("ช่างขอเงิน"), "{words}");
    // The custodians open who it is.
    let custodian = service.person("custodian", &[Role::Custodian], &[]).await;
    let asked = officer.ask(&complaint).await.expect(201).json();
    custodian.approve(&asked).await.expect(200);
    let handed = custodian.take_over(&asked).await.expect(200).json();
    let who = opened(handed["sealed_identity"].as_str().unwrap().as_bytes(), CUSTODIAN_KEYS[0]);
    let applicant = &lighting()["applicant"];
    assert_eq!((&who["full_name"], &who["phone"]), (&applicant["full_name"], &applicant["phone"]));
    assert_eq!(who["reference"], converted["reference"]);

    let seen = service.look_up(receipt).await.expect(200).json();
    assert_eq!(
        (&seen["reference"], &seen["attachments"][0]["file_name"]),
        (&converted["reference"], &json!("สลิป.jpg"))
    );
    let before = service.look_up_request(receipt).await.expect(200).json();
    assert_eq!(of_both(&before), [&json!("converted"), &json!(null), &converted["reference"]]);
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());

    // Open311 does not show what became of it, whatever the complaint is filed under.
    officer.correct(&converted, json!({ "kind": "service", "category": "nuisance" })).await.expect(200);
    clerk.get(&path).send().await.problem(404, "not_found");
    let public = format!("/open311/v2/requests/{}.json", given["reference"].as_str().unwrap());
    assert_eq!(service.get(&public).send().await.status, 404);
    let listed = service.get("/open311/v2/requests.json").send().await.expect(200).text();
    assert!(!listed.contains(given["reference"].as_str().unwrap()), "{listed}");
    let updates = service.get("/open311/v2/servicerequestupdates.json").send().await.expect(200).text();
    assert!(!updates.contains(given["reference"].as_str().unwrap()), "{updates}");
}

#[tokio::test]
async fn what_is_about_people_of_the_office_stays_a_complaint() {
    let service = open().await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let refuse = async |body: &Value| {
        let found = officer.find(&service.report(body).await).await;
        officer.convert("complaints", &found, &as_request()).await.problem(409, "illegal_transition");
        found
    };
    refuse(&complaint()).await;
    // Nor what was filed so once.
    let found = officer.find(&service.report(&complaint()).await).await;
    officer.correct(&found, json!({ "kind": "service", "category": "nuisance" })).await.expect(200);
    officer.convert("complaints", &found, &as_request()).await.problem(409, "illegal_transition");
    let found = officer.find(&service.report(&dark()).await).await;
    let colleague = service.complaint_officer("malee", &[]).await;
    officer.propose(&found, &[&colleague.id]).await.expect(200);
    officer.convert("complaints", &found, &as_request()).await.problem(409, "illegal_transition");
    let mut accusing = dark();
    accusing["accused_unit"] = json!("public-works");
    let found = officer.find(&service.report(&accusing).await).await;
    officer.convert("complaints", &found, &as_request()).await.problem(409, "illegal_transition");
    assert_eq!(officer.find(&json!({ "reference": found["reference"] })).await["status"], "received");
}

#[tokio::test]
async fn a_conversion_that_is_wrong_names_what_is_and_leaves_nothing() {
    let service = open().await;
    let (officer, clerk) =
        (service.complaint_officer("somchai", &[]).await, service.service_officer("malee", &[]).await);
    let given = service.report(&dark()).await;
    service.attach(&given["receipt"], "เสาไฟ.jpg", &photo()).await.expect(201);
    let found = officer.find(&given).await;
    let wrong = async |change: Value, expected: &[(&str, &str)]| {
        let mut body = as_request();
        for (field, value) in change.as_object().unwrap() {
            body[field] = value.clone();
        }
        let problem = officer.convert("complaints", &found, &body).await.problem(422, "validation_failed");
        let expected: Vec<_> = expected.iter().map(|(at, code)| (format!("#/{at}"), (*code).to_owned())).collect();
        assert_eq!(faults(&problem), expected);
    };
    wrong(json!({ "e_service": "public-lightning" }), &[("e_service", "unknown_e_service")]).await;
    wrong(json!({ "form": { "fault": "x" } }), &[("form/fault", "not_allowed")]).await;
    wrong(json!({ "location": null }), &[("location", "needed")]).await;
    wrong(json!({ "booked_on": "2026-12-01" }), &[("applicant", "needed"), ("booked_on", "not_for_this")]).await;
    wrong(json!({ "text": "" }), &[("text", "blank")]).await;
    let given = service.ask_for("public-lighting", &lighting()).await;
    let request = clerk.find_request(&given).await;
    let body = as_complaint("service", "bribery");
    let problem = clerk.convert("service-requests", &request, &body).await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/category".to_owned(), "wrong_kind".to_owned())]);
    let unpublish = json!({ "action": "unpublish", "reason": "งดให้บริการ" });
    service.transition("/v1/e-services/tree-cutting", &unpublish).await;
    let cut = json!({ "text": "ก", "e_service": "tree-cutting", "form": {}, "location": { "address": "ซอย 3" } });
    officer.convert("complaints", &found, &cut).await.problem(410, "unpublished");
    // Only whoever handles it, and nothing that is sent as a step.
    clerk.convert("complaints", &found, &as_request()).await.problem(403, "insufficient_scope");
    let sent = officer.step(&found, json!({ "action": "convert", "text": "ก" })).await;
    assert_eq!(faults(&sent.problem(422, "validation_failed")), [("#/action".to_owned(), "not_allowed".to_owned())]);
    let db = service.db().reader();
    assert_eq!(case_file::Entity::find().count(db).await.unwrap(), 1);
    assert_eq!(receipt::Entity::find().count(db).await.unwrap(), 2);
    assert_eq!(case_key::Entity::find().count(db).await.unwrap(), 3, "of both cases, and of telephone numbers");
    assert_eq!(service.stored().len(), 1);
    assert_eq!(officer.find(&json!({ "reference": found["reference"] })).await["status"], "received");
}

#[tokio::test]
async fn two_officers_who_convert_at_once_convert_once() {
    let service = open().await;
    let other = service.sibling().await;
    let given = service.report(&dark()).await;
    service.attach(&given["receipt"], "เสาไฟ.jpg", &photo()).await.expect(201);
    let (one, two) = (service.complaint_officer("somchai", &[]).await, service.complaint_officer("somsri", &[]).await);
    let found = one.find(&given).await;
    let path = format!("/v1/complaints/{}/conversion", found["id"].as_str().unwrap());
    let body = as_request();
    let convert = |service: &Service, token: &str| service.post(&path).token(token).json(&body).send();
    let answers = tokio::join!(convert(&service, &one.token), convert(&other, &two.token));
    let mut statuses = [answers.0.status, answers.1.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    assert_eq!(
        service.look_up_request(&given["receipt"]).await.expect(200).json()["attachments"].as_array().unwrap().len(),
        1
    );
    assert_eq!(service.stored().len(), 2);
}

#[tokio::test]
async fn a_complaint_that_was_converted_wrongly_is_reopened_and_both_are_counted_as_what_they_were() {
    let service = open().await;
    let (officer, clerk) =
        (service.complaint_officer("somchai", &[]).await, service.service_officer("malee", &[]).await);
    let mut named = dark();
    named["reporter"] = named_complaint()["reporter"].clone();
    let given = service.report(&named).await;
    let receipt = &given["receipt"];
    let first = officer.find(&given).await;
    let request = officer.convert("complaints", &first, &as_request()).await.expect(201).json();
    // Back it goes by itself, with the identity that it has.
    let refused = clerk.convert("service-requests", &request, &as_complaint("service", "nuisance")).await;
    let detail = refused.problem(409, "illegal_transition")["detail"].to_string();
    assert!(detail.contains(given["reference"].as_str().unwrap()), "{detail}");
    clerk.step_request(&request, json!({ "action": "reject", "text": "เป็นเรื่องร้องเรียน" })).await.expect(200);
    let wish = json!({ "receipt": receipt, "text": "ไม่ใช่แค่หลอดไฟ" });
    let seen = service.post("/v1/complaints/lookup/reopening").once().json(&wish).send().await.expect(200).json();
    assert_eq!((&seen["status"], &seen["reopening_requested_on"]), (&json!("converted"), &json!(service.today())));
    let reopened = officer.step(&first, json!({ "action": "reopen", "text": "ดำเนินการต่อที่เรื่องนี้" })).await;
    assert_eq!(of_both(&reopened.expect(200).json()), [&json!("investigating"), &json!(null), &request["reference"]]);
    let said = json!({ "receipt": receipt, "text": "ขอบคุณ" });
    service.post("/v1/complaints/lookup/messages").once().json(&said).send().await.expect(201);
    officer.convert("complaints", &first, &as_request()).await.problem(409, "illegal_transition");
    officer.ask(&first).await.expect(201);

    let year = FiscalYear::of(service.today()).unwrap().number();
    let (auditor, path) = (service.token(Role::Auditor), format!("?fiscal_year={year}"));
    let figures = async |what: &str| {
        service.get(&format!("/v1/statistics/{what}{path}")).token(&auditor).send().await.expect(200).json()["current"]
            .clone()
    };
    let counted = figures("complaints").await;
    let general = counted["by_group"].as_array().unwrap().iter().find(|one| one["value"] == "general").unwrap().clone();
    assert_eq!((&general["breakdown"]["total"], &general["breakdown"]["finished_count"]), (&json!(1), &json!(0)));
    let requests = figures("e-services").await;
    assert_eq!((&requests["total"], &requests["finished_count"]), (&json!(1), &json!(1)), "{requests}");
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

#[tokio::test]
async fn a_day_that_an_officer_books_for_a_reporter_is_confirmed() {
    let service = open().await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let found = officer.find(&service.report(&dark()).await).await;
    let calendar = deadline::calendar(service.db().reader()).await.unwrap();
    service.db().clock.set(midnight(calendar.after(service.today(), 3)));
    let day = service.days("tree-cutting").await[5]["date"].clone();
    let mut body = crate::service_requests::cutting(&day);
    (body["e_service"], body["text"]) = (json!("tree-cutting"), json!("จะตัดกิ่งไม้ที่บังไฟ"));
    officer.convert("complaints", &found, &body).await.expect(201);
    let before = service.free("tree-cutting", &day).await;
    unconfirmed::release(&service.app.cases).await.unwrap();
    assert_eq!(service.free("tree-cutting", &day).await, before);
}

#[tokio::test]
async fn a_converted_booking_gives_its_day_back() {
    let service = open().await;
    let clerk = service.service_officer("malee", &[]).await;
    let day = service.days("tree-cutting").await[0]["date"].clone();
    let before = service.free("tree-cutting", &day).await;
    let given = service.ask_for("tree-cutting", &crate::service_requests::cutting(&day)).await;
    assert_ne!(service.free("tree-cutting", &day).await, before);
    let request = clerk.find_request(&given).await;
    clerk.convert("service-requests", &request, &as_complaint("service", "nuisance")).await.expect(201);
    assert_eq!(service.free("tree-cutting", &day).await, before);
    let seen = service.look_up_request(&given["receipt"]).await.expect(200).json();
    assert_eq!((&seen["status"], &seen["booked_on"]), (&json!("converted"), &json!(null)));
    let complaint = service.look_up(&given["receipt"]).await.expect(200).json();
    assert_eq!(complaint["notices"], seen["notices"]);
    for (act, body) in [("cancellation", json!({})), ("rating", json!({ "rating": 5 }))] {
        let mut body = body;
        body["receipt"] = given["receipt"].clone();
        let refused = service.post(&format!("/v1/service-requests/lookup/{act}")).once().json(&body).send().await;
        let refused = refused.problem(409, "illegal_transition");
        assert!(refused["detail"].to_string().contains(complaint["reference"].as_str().unwrap()), "{act}: {refused}");
    }
}
