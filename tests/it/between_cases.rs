//! Feedback that is noted, duplicates of cases, where cases are referred to, and hand-over files.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use data_encoding::HEXLOWER;
use prongsai::auth::scope::Role;
use prongsai::cases::custodians::{self, CustodianKey};
use prongsai::domain::files::image;
use prongsai::domain::files::types::Media;
use prongsai::domain::fiscal_year::FiscalYear;
use prongsai::domain::merkle::sha256;
use prongsai::domain::retention::Retention;
use serde_json::{Value, json};

use crate::audit::verified;
use crate::complaints::{Officer, open};
use crate::support::samples::{complaint, lighting, named_complaint, photo};
use crate::support::{Answer, Service, audit_key, faults, need};

/// A compliment that can be sent where the categories are.
pub fn compliment() -> Value {
    json!({
        "kind": "feedback",
        "category": "compliment",
        "subject": "ชมเชยเจ้าหน้าที่งานทะเบียน",
        "description": "เจ้าหน้าที่บริการดีและรวดเร็ว ขอชมเชย",
    })
}

impl Officer<'_> {
    /// Links a case of a kind to another, or ends its link.
    async fn link(&self, kind: &str, case: &Value, main: &Value) -> Answer {
        let path = format!("/v1/{kind}/{}/duplicate-of", case["id"].as_str().unwrap());
        self.post(&path).json(&json!({ "duplicate_of_id": main["id"] })).send().await
    }

    pub async fn events_of(&self, kind: &str, case: &Value) -> Vec<Value> {
        let path = format!("/v1/{kind}/{}/timeline?limit=100", case["id"].as_str().unwrap());
        self.get(&path).send().await.expect(200).json()["items"].as_array().unwrap().clone()
    }

    /// Takes a step with a complaint and its duplicates.
    async fn step_all(&self, complaint: &Value, body: Value) -> Answer {
        let path = format!("/v1/complaints/{}/transitions?with_duplicates=true", complaint["id"].as_str().unwrap());
        self.post(&path).json(&body).send().await
    }
}

/// The actions of the events of a timeline.
fn actions(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["action"].as_str().unwrap()).collect()
}

/// Complaints about the same matter, and what their reporters were given.
async fn alike(service: &Service, officer: &Officer<'_>, count: usize) -> Vec<(Value, Value)> {
    let mut all = Vec::new();
    for _ in 0..count {
        let given = service.report(&complaint()).await;
        all.push((officer.find(&given).await, given));
    }
    all
}

#[tokio::test]
async fn a_compliment_is_noted_without_a_verdict_and_a_report_is_not() {
    let service = open().await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let given = service.report(&compliment()).await;
    let found = officer.find(&given).await;
    let note = json!({ "action": "note", "text": "ขอบคุณสำหรับคำชมเชย เทศบาลแจ้งเจ้าหน้าที่แล้ว" });
    let noted = officer.step(&found, note).await.expect(200).json();
    assert_eq!((&noted["status"], &noted["outcome"]), (&json!("concluded"), &json!("noted")));
    assert_eq!(noted["first_answer"]["met_on"], json!(service.today()));
    let seen = service.look_up(&given["receipt"]).await.expect(200).json();
    assert_eq!((&seen["outcome"], &seen["timeline"][0]["action"]), (&json!("noted"), &json!("note")));
    let year = FiscalYear::of(service.today()).unwrap().number();
    let path = format!("/v1/statistics/complaints?fiscal_year={year}");
    let counted = service.get(&path).token(&service.token(Role::Auditor)).send().await.expect(200).json();
    let general = counted["current"]["by_group"].as_array().unwrap().iter().find(|one| one["value"] == "general");
    let results = general.unwrap()["breakdown"]["by_result"].as_array().cloned().unwrap_or_default();
    let noted = results.iter().find(|result| result["value"] == "noted").expect("a result");
    assert_eq!((&noted["label"]["th"], &noted["total"]), (&json!("รับทราบ"), &json!(1)));

    let reported = officer.find(&service.report(&complaint()).await).await;
    let note = json!({ "action": "note", "text": "รับทราบ" });
    officer.step(&reported, json!({ "action": "note" })).await.problem(422, "validation_failed");
    officer.step(&reported, note.clone()).await.problem(409, "illegal_transition");
    // Nor once it is called feedback.
    let other = officer.find(&service.report(&complaint()).await).await;
    let path = format!("/v1/complaints/{}", other["id"].as_str().unwrap());
    let change = json!({ "kind": "feedback", "category": "compliment" });
    service.patch(&path).token(&officer.token).header("If-Match", "*").json(&change).send().await.expect(200);
    officer.step(&other, note).await.problem(409, "illegal_transition");
    officer.steps(&reported, &["accept", "investigate"]).await;
    let end = json!({ "action": "conclude", "outcome": "noted", "text": "รับทราบ" });
    let refused = officer.step(&reported, end).await.problem(422, "validation_failed");
    assert_eq!(faults(&refused), [("#/outcome".to_owned(), "not_for_this".to_owned())]);
    let mut past = complaint();
    past["channel"] = json!("letter");
    past["closing"] = json!({ "status": "concluded", "closed_on": service.today(), "outcome": "noted" });
    let refused = officer.post("/v1/complaints").once().json(&past).send().await.problem(422, "validation_failed");
    assert_eq!(faults(&refused), [("#/closing/outcome".to_owned(), "not_for_this".to_owned())]);
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

#[tokio::test]
async fn duplicates_are_answered_together_and_no_reporter_learns_of_another() {
    let service = open().await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let all = alike(&service, &officer, 3).await;
    let [(main, _), (first, given), (second, _)] = &all[..] else { unreachable!() };
    let linked = officer.link("complaints", first, main).await.expect(200).json();
    assert_eq!(linked["duplicate_of_id"], main["id"]);
    assert_eq!(linked["duplicate_of_reference"], main["reference"]);
    officer.link("complaints", second, main).await.expect(200);
    assert_eq!(officer.find(main).await["duplicates_count"], 2);
    let path = format!("/v1/complaints?duplicate_of_id={}", main["id"].as_str().unwrap());
    assert_eq!(officer.get(&path).send().await.expect(200).json()["items"].as_array().unwrap().len(), 2);
    for case in [first, main] {
        let events = officer.events_of("complaints", case).await;
        let last = events.last().unwrap();
        assert_eq!((&last["action"], &last["public"]), (&json!("link_duplicate"), &json!(false)));
        assert_eq!(last["text"], Value::Null);
    }

    officer.steps(main, &["accept", "investigate"]).await;
    officer.steps(second, &["accept"]).await;
    let message = format!("/v1/complaints/{}/messages?with_duplicates=true", main["id"].as_str().unwrap());
    let text = json!({ "text": "คณะกรรมการประชุมแล้ว", "public": true });
    officer.post(&message).json(&text).send().await.expect(201);
    let away = json!({ "action": "forward", "unit": "legal" });
    officer.step(main, away).await.problem(409, "illegal_transition");
    let end = json!({ "action": "conclude", "outcome": "substantiated", "text": "ลงโทษทางวินัยแล้ว" });
    officer.step_all(main, end).await.expect(200);
    for (case, given) in &all {
        let found = officer.find(case).await;
        assert_eq!((&found["status"], &found["outcome"]), (&json!("concluded"), &json!("substantiated")));
        let seen = service.look_up(&given["receipt"]).await.expect(200).json();
        assert_eq!(seen["timeline"][0]["text"], "ลงโทษทางวินัยแล้ว");
        let public = seen["timeline"].as_array().unwrap();
        assert!(public.iter().any(|event| event["text"] == "คณะกรรมการประชุมแล้ว"), "{seen}");
        for (other, _) in all.iter().filter(|(other, _)| other["id"] != case["id"]) {
            for secret in ["id", "reference"] {
                assert!(!seen.to_string().contains(other[secret].as_str().unwrap()), "{seen}");
            }
        }
    }
    let again = json!({ "action": "reopen", "text": "มีหลักฐานใหม่" });
    let refused = officer.step_all(main, again).await.problem(400, "invalid_parameter");
    assert_eq!(refused["errors"][0]["parameter"], "with_duplicates");
    // The steps that lead to the end are its own.
    let events = officer.events_of("complaints", first).await;
    assert_eq!(actions(&events), ["receive", "link_duplicate", "message", "accept", "investigate", "conclude"]);
    assert_eq!(service.look_up(&given["receipt"]).await.expect(200).json().get("duplicate_of_id"), None);
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

#[tokio::test]
async fn a_duplicate_that_cannot_follow_stops_the_step_with_all() {
    let service = open().await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let all = alike(&service, &officer, 2).await;
    let [(main, _), (duplicate, given)] = &all[..] else { unreachable!() };
    officer.link("complaints", duplicate, main).await.expect(200);
    officer.steps(duplicate, &["accept", "investigate"]).await;
    let reject = json!({ "action": "reject", "text": "ไม่มีหลักฐาน" });
    let refused = officer.step_all(main, reject.clone()).await.problem(409, "illegal_transition");
    assert_eq!(refused["errors"][0]["parameter"], "with_duplicates");
    assert!(refused["errors"][0]["detail"].as_str().unwrap().contains(duplicate["reference"].as_str().unwrap()));
    assert_eq!(officer.find(main).await["status"], "received");
    // One that is there already stays as it is.
    officer.step_all(main, json!({ "action": "accept" })).await.problem(409, "illegal_transition");
    officer.steps(main, &["accept"]).await;
    officer.step_all(main, json!({ "action": "investigate" })).await.expect(200);
    let wish = json!({ "receipt": given["receipt"] });
    service.post("/v1/complaints/lookup/withdrawal").once().json(&wish).send().await.expect(200);
    let end = json!({ "action": "conclude", "outcome": "unsubstantiated", "text": "ไม่พบ" });
    officer.step_all(main, end.clone()).await.problem(409, "illegal_transition");
    officer.step(main, end).await.expect(200);
    assert_eq!(officer.find(duplicate).await["status"], "investigating");
}

#[tokio::test]
async fn a_link_has_one_level_and_ends() {
    let service = open().await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let all = alike(&service, &officer, 3).await;
    let [(main, _), (duplicate, _), (other, _)] = &all[..] else { unreachable!() };
    let circular = officer.link("complaints", main, main).await.problem(422, "validation_failed");
    assert_eq!(faults(&circular), [("#/duplicate_of_id".to_owned(), "circular".to_owned())]);
    let nothing = json!({ "id": uuid::Uuid::now_v7() });
    let unknown = officer.link("complaints", main, &nothing).await.problem(422, "validation_failed");
    assert_eq!(faults(&unknown), [("#/duplicate_of_id".to_owned(), "not_found".to_owned())]);
    officer.link("complaints", main, &Value::Null).await.problem(409, "illegal_transition");
    officer.link("complaints", duplicate, main).await.expect(200);
    officer.link("complaints", duplicate, other).await.problem(409, "illegal_transition");
    officer.link("complaints", main, other).await.problem(409, "illegal_transition");
    let second_level = officer.link("complaints", other, duplicate).await.problem(422, "validation_failed");
    assert_eq!(faults(&second_level), [("#/duplicate_of_id".to_owned(), "circular".to_owned())]);
    let ended = officer.link("complaints", duplicate, &Value::Null).await.expect(200).json();
    assert_eq!((&ended["duplicate_of_id"], &ended["duplicate_of_reference"]), (&Value::Null, &Value::Null));
    assert_eq!(officer.find(main).await["duplicates_count"], 0);
    for case in [main, duplicate] {
        assert_eq!(officer.events_of("complaints", case).await.last().unwrap()["action"], "unlink_duplicate");
    }
    officer.step(other, json!({ "action": "reject", "text": "ซ้ำ" })).await.expect(200);
    officer.link("complaints", other, main).await.problem(409, "illegal_transition");
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

#[tokio::test]
async fn whoever_is_recused_from_one_neither_links_it_nor_acts_with_it() {
    let service = open().await;
    let (first, second) =
        (service.complaint_officer("first", &[]).await, service.complaint_officer("second", &[]).await);
    let accused = service.complaint_officer("accused", &[]).await;
    let all = alike(&service, &first, 2).await;
    let [(main, _), (duplicate, _)] = &all[..] else { unreachable!() };
    first.propose(duplicate, &[&accused.id]).await.expect(200);
    // Whose recusal is proposed does not act either.
    accused.link("complaints", duplicate, main).await.problem(403, "wrong_person");
    second.decide_recusal(duplicate, "confirm").await.expect(200);
    accused.link("complaints", duplicate, main).await.problem(404, "not_found");
    accused.link("complaints", main, duplicate).await.problem(422, "validation_failed");
    // The same people are kept out of both.
    first.link("complaints", duplicate, main).await.problem(409, "illegal_transition");
    first.propose(main, &[&accused.id]).await.expect(200);
    second.decide_recusal(main, "confirm").await.expect(200);
    first.link("complaints", duplicate, main).await.expect(200);
    // Somebody who is later kept out of the duplicate alone leaves it as it is.
    let third = service.complaint_officer("third", &[]).await;
    third.propose(duplicate, &[&accused.id, &third.id]).await.expect(200);
    third.step_all(main, json!({ "action": "accept" })).await.expect(200);
    assert_eq!(first.find(duplicate).await["status"], "received");
    assert_eq!(first.find(main).await["status"], "accepted");
    // Who sees the one sees the other: the link has ended.
    assert_eq!(first.find(main).await["duplicates_count"], 0);
    assert_eq!(first.find(duplicate).await["duplicate_of_id"], Value::Null);
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

#[tokio::test]
async fn requests_for_the_same_lamp_are_completed_together() {
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    let (given, twice) =
        (service.ask_for("public-lighting", &lighting()).await, service.ask_for("public-lighting", &lighting()).await);
    let (main, duplicate) = (officer.find_request(&given).await, officer.find_request(&twice).await);
    let linked = officer.link("service-requests", &duplicate, &main).await.expect(200).json();
    assert_eq!(linked["duplicate_of_reference"], main["reference"]);
    let steps = format!("/v1/service-requests/{}/transitions?with_duplicates=true", main["id"].as_str().unwrap());
    for step in [
        json!({ "action": "accept" }),
        json!({ "action": "start" }),
        json!({ "action": "complete", "text": "เปลี่ยนหลอดแล้ว" }),
    ] {
        officer.post(&steps).json(&step).send().await.expect(200);
    }
    let message = format!("/v1/service-requests/{}/messages?with_duplicates=true", main["id"].as_str().unwrap());
    officer.post(&message).json(&json!({ "text": "ขอบคุณ", "public": true })).send().await.expect(201);
    let seen = service.look_up_request(&twice["receipt"]).await.expect(200).json();
    assert_eq!((&seen["status"], &seen["timeline"][0]["text"]), (&json!("completed"), &json!("เปลี่ยนหลอดแล้ว")));
    assert!(!seen.to_string().contains(main["reference"].as_str().unwrap()));
    let ended = officer.link("service-requests", &duplicate, &Value::Null).await.expect(200).json();
    assert_eq!(ended["duplicate_of_id"], Value::Null);
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

#[tokio::test]
async fn what_is_referred_has_an_addressee_whose_letter_may_come_later() {
    let service = open().await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let given = service.report(&complaint()).await;
    let found = officer.find(&given).await;
    officer.steps(&found, &["accept", "investigate"]).await;
    let end = |outcome: &str, referral: Value| json!({ "action": "conclude", "outcome": outcome, "text": "ส่งแล้ว", "referral": referral });
    let to = |letter_on: Value| json!({ "authority": "สำนักงาน ป.ป.ช.", "letter_on": letter_on });
    let (yesterday, tomorrow) = (service.today() - chrono::Days::new(1), service.today() + chrono::Days::new(1));
    for (body, place, code) in [
        (end("referred", to(json!(yesterday))), "#/referral/letter_on", "before_start"),
        (end("referred", Value::Null), "#/referral", "needed"),
        (end("substantiated", to(Value::Null)), "#/referral", "not_for_this"),
        (end("referred", json!({ "authority": "" })), "#/referral/authority", "blank"),
        (end("referred", to(json!(tomorrow))), "#/referral/letter_on", "in_the_future"),
    ] {
        let refused = officer.step(&found, body).await.problem(422, "validation_failed");
        assert_eq!(faults(&refused), [(place.to_owned(), code.to_owned())]);
    }
    let address = format!("/v1/complaints/{}/referral", found["id"].as_str().unwrap());
    let change = async |body: Value| {
        service.patch(&address).token(&officer.token).header("If-Match", "*").json(&body).send().await
    };
    change(json!({ "letter_no": "1" })).await.problem(409, "illegal_transition");
    officer.step(&found, end("referred", to(Value::Null))).await.expect(200);
    let letter = json!({ "letter_no": "ชน 52001/418", "letter_on": service.today() });
    let changed = change(letter.clone()).await.expect(200).json();
    assert_eq!(changed["referral"]["authority"], "สำนักงาน ป.ป.ช.");
    assert_eq!((&changed["referral"]["letter_no"], &changed["status"]), (&letter["letter_no"], &json!("concluded")));
    // What is the same is not told again, and neither is what only the office reads.
    let same = change(letter.clone()).await.expect(200);
    assert_eq!(same.header("etag"), change(letter.clone()).await.expect(200).header("etag"));
    change(json!({ "letter_no": "ชน 52001/417" })).await.expect(200);
    change(letter.clone()).await.expect(200);
    for (day, code) in [(tomorrow, "in_the_future"), (yesterday, "before_start")] {
        let refused = change(json!({ "letter_on": day })).await.problem(422, "validation_failed");
        assert_eq!(faults(&refused), [("#/letter_on".to_owned(), code.to_owned())]);
    }
    let table = officer.get("/v1/complaints?format=csv").send().await.expect(200).text();
    assert!(table.contains("ชน 52001/418"), "{table}");
    let seen = service.look_up(&given["receipt"]).await.expect(200).json();
    assert_eq!(seen["referral"], to(json!(service.today())));
    let actions = actions(seen["timeline"].as_array().unwrap());
    assert_eq!(actions[..3], ["address_referral", "conclude", "address_referral"]);
    assert!(!seen.to_string().contains("52001/418"), "{seen}");
    // What is opened again goes nowhere.
    let reopened = officer.step(&found, json!({ "action": "reopen", "text": "ส่งกลับ" })).await.expect(200).json();
    assert_eq!(reopened["referral"], Value::Null);
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

#[tokio::test]
async fn what_was_referred_on_paper_has_its_addressee_and_gets_its_letter_later() {
    let service = open().await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let mut past = complaint();
    past["channel"] = json!("letter");
    past["closing"] = json!({ "status": "concluded", "closed_on": service.today(), "outcome": "referred" });
    let sent = async |past: &Value| officer.post("/v1/complaints").once().json(past).send().await;
    let refused = sent(&past).await.problem(422, "validation_failed");
    assert_eq!(faults(&refused), [("#/closing/referral".to_owned(), "needed".to_owned())]);
    let tomorrow = service.today().succ_opt().unwrap();
    past["closing"]["referral"] = json!({ "authority": "สำนักงาน ป.ป.ช.", "letter_on": tomorrow });
    let refused = sent(&past).await.problem(422, "validation_failed");
    assert_eq!(faults(&refused), [("#/closing/referral/letter_on".to_owned(), "in_the_future".to_owned())]);
    past["closing"]["referral"]["letter_on"] = Value::Null;
    let found = officer.find(&sent(&past).await.expect(201).json()).await;
    assert_eq!(found["referral"], json!({ "authority": "สำนักงาน ป.ป.ช.", "letter_on": null }));
    let timeline = officer.get(&format!("/v1/complaints/{}/timeline", found["id"].as_str().unwrap())).send().await;
    let events = timeline.expect(200).json()["items"].as_array().unwrap().clone();
    let is_told = |event: &Value| event["text"] == "สำนักงาน ป.ป.ช.";
    assert!(events.iter().any(is_told), "{events:?}");
    let address = format!("/v1/complaints/{}/referral", found["id"].as_str().unwrap());
    let change = async |body: Value| {
        service.patch(&address).token(&officer.token).header("If-Match", "*").json(&body).send().await
    };
    let changed = change(json!({ "letter_no": "1" })).await.expect(200).json();
    assert_eq!(changed["referral"]["letter_no"], "1");
}

#[tokio::test]
async fn a_request_that_was_referred_on_paper_has_its_addressee() {
    let service = open().await;
    let officer = service.service_officer("malee", &[]).await;
    let mut past = json!({ "form": {}, "channel": "walk_in", "received_on": "2023-03-01" });
    let sent =
        async |past: &Value| officer.post("/v1/e-services/public-lighting/requests").once().json(past).send().await;
    for (status, referral, code) in
        [("referred", Value::Null, "needed"), ("completed", json!({ "authority": "แขวงทางหลวง" }), "not_for_this")]
    {
        past["closing"] =
            json!({ "status": status, "closed_on": "2023-03-07", "text": "ทางหลวง", "referral": referral });
        let refused = sent(&past).await.problem(422, "validation_failed");
        assert_eq!(faults(&refused), [("#/closing/referral".to_owned(), code.to_owned())]);
    }
    past["closing"]["status"] = json!("referred");
    let found = officer.find_request(&sent(&past).await.expect(201).json()).await;
    assert_eq!(found["referral"]["authority"], "แขวงทางหลวง");
}

#[tokio::test]
async fn a_request_is_referred_to_somebody() {
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    let given = service.ask_for("public-lighting", &lighting()).await;
    let found = officer.find_request(&given).await;
    let address = format!("/v1/service-requests/{}/referral", found["id"].as_str().unwrap());
    let change = async |body: Value| {
        service.patch(&address).token(&officer.token).header("If-Match", "*").json(&body).send().await
    };
    change(json!({ "letter_no": "1" })).await.problem(409, "illegal_transition");
    let refer = json!({ "action": "refer", "text": "เป็นทางหลวง", "referral": { "authority": "แขวงทางหลวงชัยนาท" } });
    let referred = officer.step_request(&found, refer).await.expect(200).json();
    assert_eq!(referred["referral"], json!({ "authority": "แขวงทางหลวงชัยนาท", "letter_on": null }));
    let changed = change(json!({ "letter_no": "ชน 52001/7" })).await.expect(200).json();
    assert_eq!(changed["referral"]["letter_no"], "ชน 52001/7");
    let refused = change(json!({ "letter_on": "2020-01-01" })).await.problem(422, "validation_failed");
    assert_eq!(faults(&refused), [("#/letter_on".to_owned(), "before_start".to_owned())]);
    let seen = service.look_up_request(&given["receipt"]).await.expect(200).json();
    assert_eq!(seen["referral"], json!({ "authority": "แขวงทางหลวงชัยนาท", "letter_on": null }));
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

#[tokio::test]
async fn the_log_of_noted_feedback_that_was_destroyed_is_whole() {
    let service = open().await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let given = service.report(&compliment()).await;
    officer.step(&officer.find(&given).await, json!({ "action": "note", "text": "ขอบคุณ" })).await.expect(200);
    service.close_on(&given, service.today() - chrono::Months::new(13)).await;
    assert_eq!(service.retain(&Retention::default()).await, 1);
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

#[tokio::test]
async fn a_link_ends_with_the_main_case() {
    let service = open().await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let given = service.report(&compliment()).await;
    let main = officer.find(&given).await;
    let duplicate = officer.find(&service.report(&compliment()).await).await;
    officer.link("complaints", &duplicate, &main).await.expect(200);
    officer.step(&main, json!({ "action": "note", "text": "ขอบคุณ" })).await.expect(200);
    service.close_on(&given, service.today() - chrono::Months::new(13)).await;
    assert_eq!(service.retain(&Retention::default()).await, 1);
    assert_eq!(officer.find(&duplicate).await["duplicate_of_id"], Value::Null);
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

#[tokio::test]
async fn a_hand_over_file_opens_with_the_authoritys_key_alone_and_names_nobody() {
    need("age");
    need("openssl");
    let service = open().await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let given = service.report(&named_complaint()).await;
    service.attach(&given["receipt"], "ใบเสร็จ.jpg", &photo()).await.expect(201);
    let found = officer.find(&given).await;
    let bare = image::without_metadata(Media::Jpeg, &photo()).unwrap();
    let messages = format!("/v1/complaints/{}/messages", found["id"].as_str().unwrap());
    officer.post(&messages).json(&json!({ "text": "บันทึกภายใน", "public": false })).send().await.expect(201);
    officer.steps(&found, &["accept", "investigate"]).await;
    let (folder, key) = (tempfile::tempdir().unwrap(), CustodianKey::generate());
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("authority.key"), &*key.text(service.now())).unwrap();
    let address = format!("/v1/complaints/{}/handover-file", found["id"].as_str().unwrap());
    let make = async |body: Value| officer.post(&address).json(&body).send().await;
    let recipient = json!({ "recipient": key.public() });
    make(recipient.clone()).await.problem(409, "illegal_transition");
    let end = json!({
        "action": "conclude", "outcome": "referred", "text": "อยู่ในอำนาจของ ป.ป.ช.",
        "referral": { "authority": "สำนักงาน ป.ป.ช." },
    });
    officer.step(&found, end).await.expect(200);
    let refused = make(json!({ "recipient": *key.secret() })).await.problem(422, "validation_failed");
    assert!(faults(&refused).contains(&("#/recipient".to_owned(), "bad_format".to_owned())), "{refused}");
    assert!(!refused.to_string().contains(&*key.secret()));
    let mistyped = json!({ "recipient": key.public().replace(['x', 'z'], "c") });
    let refused = make(mistyped).await.problem(422, "validation_failed");
    assert_eq!(faults(&refused), [("#/recipient".to_owned(), "wrong_check_digit".to_owned())]);

    let sealed = make(recipient.clone()).await.expect(200);
    let reference = found["reference"].as_str().unwrap();
    assert!(sealed.header("content-disposition").contains(&format!("{reference}.zip.age")));
    std::fs::write(path("case.zip.age"), &sealed.body).unwrap();
    let run = |program: &str, arguments: &[&str]| {
        let done = std::process::Command::new(program).args(arguments).current_dir(folder.path()).output().unwrap();
        assert!(done.status.success(), "{program}: {}", String::from_utf8_lossy(&done.stderr));
    };
    run("age", &["-d", "-i", "authority.key", "-o", "case.zip", "case.zip.age"]);
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path("case.zip")).unwrap()).unwrap();
    let mut files = std::collections::BTreeMap::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let (name, mut bytes) = (file.name().unwrap().to_string(), Vec::new());
        std::io::Read::read_to_end(&mut file, &mut bytes).unwrap();
        files.insert(name, bytes);
    }
    assert_eq!(files["attachments/01.jpg"], bare);
    for name in ["manifest.sig", "public-key.pem"] {
        std::fs::write(path(name), &files[name]).unwrap();
    }
    std::fs::write(path("signed"), [b"prongsai hand-over v1\n", &files["manifest.json"][..]].concat()).unwrap();
    let verify = "pkeyutl -verify -pubin -inkey public-key.pem -rawin -in signed -sigfile manifest.sig";
    run("openssl", &verify.split(' ').collect::<Vec<_>>());
    let manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    assert_eq!((&manifest["reference"], &manifest["authority"]), (&found["reference"], &json!("สำนักงาน ป.ป.ช.")));
    let listed: Vec<_> = manifest["files"].as_array().unwrap().iter().collect();
    assert_eq!(listed.len() + 3, files.len());
    for file in listed {
        let bytes = &files[file["name"].as_str().unwrap()];
        let sha256 = HEXLOWER.encode(&sha256(&[bytes]));
        assert_eq!((&file["sha256"], &file["size_bytes"]), (&json!(sha256), &json!(bytes.len())));
    }
    // The key is the one that the log is signed with.
    let pem = String::from_utf8(files["public-key.pem"].clone()).unwrap();
    let body = BASE64_STANDARD.decode(pem.lines().nth(1).unwrap()).unwrap();
    assert_eq!(body[12..], *audit_key().public());
    let case: Value = serde_json::from_slice(&files["case.json"]).unwrap();
    assert_eq!(case["record"]["description"], complaint()["description"]);
    assert_eq!(case["timeline"][0]["action"], "receive");
    let [file] = &case["attachments"].as_array().unwrap()[..] else { unreachable!() };
    assert_eq!((&file["path"], &file["file_name"]), (&json!("attachments/01.jpg"), &json!("ใบเสร็จ.jpg")));
    assert_eq!((&file["without_metadata"], file["findings"].is_array()), (&json!(true), true));
    let text = case.to_string();
    for secret in ["สมหญิง", "081-234-5678", "บันทึกภายใน", &officer.id] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
    let last = officer.events_of("complaints", &found).await.last().unwrap().clone();
    assert_eq!((&last["action"], &last["public"]), (&json!("hand_over_case"), &json!(false)));
    let told = last["text"].as_str().unwrap();
    assert!(told.contains(&HEXLOWER.encode(&sha256(&[&sealed.body]))) && told.contains(&key.public()), "{told}");
    let export = service.export().await;
    assert!(export.contains("hand_over_case") && export.contains(&key.public()));
    assert_eq!(verified(&export, None), Vec::<String>::new());

    let all = json!({ "recipient": key.public(), "include_internal": true, "include_originals": true });
    std::fs::write(path("all.zip.age"), &make(all).await.expect(200).body).unwrap();
    run("age", &["-d", "-i", "authority.key", "-o", "all.zip", "all.zip.age"]);
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path("all.zip")).unwrap()).unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut archive.by_name("case.json").unwrap(), &mut text).unwrap();
    assert!(text.contains("บันทึกภายใน") && !text.contains("สมหญิง") && !text.contains("hand_over_case"), "{text}");
    let mut original = Vec::new();
    std::io::Read::read_to_end(&mut archive.by_name("attachments/01.jpg").unwrap(), &mut original).unwrap();
    assert_eq!(original, photo());
    // Whoever is recused makes none.
    let (second, accused) =
        (service.complaint_officer("second", &[]).await, service.complaint_officer("accused", &[]).await);
    officer.propose(&found, &[&accused.id]).await.expect(200);
    accused.post(&address).json(&recipient).send().await.problem(403, "wrong_person");
    second.decide_recusal(&found, "confirm").await.expect(200);
    accused.post(&address).json(&recipient).send().await.problem(404, "not_found");
}

#[tokio::test]
async fn the_applicant_is_not_in_the_hand_over_file_of_a_request() {
    need("age");
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    let found = officer.find_request(&service.ask_for("public-lighting", &lighting()).await).await;
    let key = CustodianKey::generate();
    let path = format!("/v1/service-requests/{}/handover-file", found["id"].as_str().unwrap());
    let make = async || officer.post(&path).json(&json!({ "recipient": key.public() })).send().await;
    make().await.problem(409, "illegal_transition");
    let refer = json!({ "action": "refer", "text": "เป็นทางหลวง", "referral": { "authority": "แขวงทางหลวงชัยนาท" } });
    officer.step_request(&found, refer).await.expect(200);
    let sealed = make().await.expect(200).body;
    let archive = custodians::open(&*sealed, &[key]).unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(archive.as_slice())).unwrap();
    let mut case = String::new();
    std::io::Read::read_to_string(&mut archive.by_name("case.json").unwrap(), &mut case).unwrap();
    let case: Value = serde_json::from_str(&case).unwrap();
    assert_eq!(case["record"]["form"], lighting()["form"]);
    assert!(!case.to_string().contains("สมหญิง") && !case.to_string().contains("081-234-5678"), "{case}");
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}
