//! What one officer cannot do alone with a complaint: recuse others, or take a reporter's wish for its end; and reading, which is logged.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use prongsai::accounts;
use prongsai::app::checked;
use prongsai::audit_log::author::Author;
use prongsai::auth::scope::Role;
use prongsai::domain::fiscal_year::FiscalYear;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::complaints::{Officer, open};
use crate::support::form::Form;
use crate::support::samples::{complaint, named_complaint};
use crate::support::{Answer, Service, faults, hold_writes};

impl Service {
    /// The events of an action, with the actor and the record of each.
    pub async fn events(&self, action: &str) -> Vec<(Value, Value)> {
        let path = format!("/v1/audit/events?action={action}");
        let list = self.get(&path).token(&self.token(Role::Auditor)).send().await.expect(200).json();
        let event = |event: &Value| (event["actor_id"].clone(), event["record_id"].clone());
        list["items"].as_array().unwrap().iter().map(event).collect()
    }
}

#[tokio::test]
async fn a_recusal_takes_effect_when_a_second_person_confirms_it() {
    let service = open().await;
    let (first, second) =
        (service.complaint_officer("first", &[]).await, service.complaint_officer("second", &[]).await);
    let accused = service.complaint_officer("accused", &[]).await;
    let found = first.find(&service.report(&complaint()).await).await;
    let address = format!("/v1/complaints/{}", found["id"].as_str().unwrap());
    let sees = async |status: u16| drop(accused.get(&address).send().await.expect(status));
    let proposed = first.propose(&found, &[&accused.id]).await.expect(200).json();
    assert_eq!((&proposed["recused"], &proposed["recusal_proposal"]["recused"]), (&json!([]), &json!([accused.id])));
    sees(200).await;
    first.decide_recusal(&found, "confirm").await.problem(403, "wrong_person");
    accused.decide_recusal(&found, "reject").await.problem(403, "wrong_person");
    second.decide_recusal(&found, "reject").await.expect(200);
    second.decide_recusal(&found, "confirm").await.problem(409, "illegal_transition");
    service.db().clock.set(service.now() + TimeDelta::days(1));
    first.propose(&found, &[&accused.id]).await.expect(200);
    second.decide_recusal(&found, "confirm").await.expect(200);
    sees(404).await;
    // Nor does one person undo it.
    second.propose(&found, &[]).await.expect(200);
    sees(404).await;
    first.decide_recusal(&found, "confirm").await.expect(200);
    sees(200).await;
    // Oneself, at once.
    assert_eq!(accused.propose(&found, &[&accused.id]).await.expect(200).json()["recused"], json!([accused.id]));
    sees(404).await;
}

#[tokio::test]
async fn auditors_list_what_is_proposed_in_the_order_that_they_ask_for() {
    let service = open().await;
    let (chief, accused) =
        (service.complaint_officer("chief", &[]).await, service.complaint_officer("accused", &[]).await);
    let auditor = service.person("auditor", &[Role::Auditor], &[]).await;
    for _ in 0..4 {
        let found = chief.find(&service.report(&complaint()).await).await;
        chief.propose(&found, &[&accused.id]).await.expect(200);
    }
    for (sort, field, is_reversed) in [
        ("complaint_id", "complaint_id", false),
        ("-complaint_id", "complaint_id", true),
        ("reference", "reference", false),
        ("-reference", "reference", true),
    ] {
        let (mut values, mut next) = (Vec::new(), format!("/v1/recusals?limit=3&sort={sort}"));
        loop {
            let page = auditor.get(&next).send().await.expect(200).json();
            values.extend(page["items"].as_array().unwrap().iter().map(|one| one[field].as_str().unwrap().to_owned()));
            let Some(cursor) = page["page"]["next_cursor"].as_str() else { break };
            next = format!("/v1/recusals?limit=3&sort={sort}&cursor={cursor}");
        }
        let mut sorted = values.clone();
        sorted.sort();
        if is_reversed {
            sorted.reverse();
        }
        assert_eq!((values.len(), &values), (4, &sorted), "{sort}");
    }
    auditor.get("/v1/recusals?sort=proposed_at").send().await.problem(400, "invalid_parameter");
}

#[tokio::test]
async fn where_there_is_no_second_officer_an_auditor_confirms() {
    let service = open().await;
    let (chief, accused) =
        (service.complaint_officer("chief", &[]).await, service.complaint_officer("accused", &[]).await);
    let auditor = service.person("auditor", &[Role::Auditor], &[]).await;
    let found = chief.find(&service.report(&complaint()).await).await;
    chief.propose(&found, &[&accused.id]).await.expect(200);
    let open = auditor.get("/v1/recusals").send().await.expect(200).json();
    assert_eq!(open["items"][0]["recused"], json!([accused.id]));
    auditor.decide_recusal(&found, "confirm").await.expect(200);
    assert_eq!(auditor.get("/v1/recusals").send().await.expect(200).json()["items"], json!([]));
    assert_eq!(chief.find(&json!({ "reference": found["reference"] })).await["recused"], json!([accused.id]));
    service
        .post(&format!("/v1/complaints/{}/recusals/transitions", found["id"].as_str().unwrap()))
        .token(&service.token(Role::Editor))
        .json(&json!({ "action": "confirm", "proposed_at": service.now() }))
        .send()
        .await
        .problem(403, "insufficient_scope");
}

#[tokio::test]
async fn a_recusal_never_leaves_nobody() {
    let service = open().await;
    let (first, second) =
        (service.complaint_officer("first", &[]).await, service.complaint_officer("second", &["legal"]).await);
    let found = first.find(&service.report(&complaint()).await).await;
    // The second does not see complaints that no unit handles.
    let problem = first.propose(&found, &[&first.id]).await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/recused".to_owned(), "nobody_left".to_owned())]);
    first.step(&found, json!({ "action": "forward", "unit": "legal" })).await.expect(200);
    first.propose(&found, &[&first.id, &second.id]).await.problem(422, "validation_failed");
    first.propose(&found, &[&first.id]).await.expect(200);
    assert_eq!(second.find(&found).await["recused"], json!([first.id]));
}

#[tokio::test]
async fn whoever_is_recused_gets_nothing_by_an_old_key() {
    let service = open().await;
    let (first, second) =
        (service.complaint_officer("first", &[]).await, service.complaint_officer("second", &[]).await);
    let accused = service.complaint_officer("accused", &[]).await;
    let found = first.find(&service.report(&complaint()).await).await;
    let path = format!("/v1/complaints/{}", found["id"].as_str().unwrap());
    let step = || {
        let post = accused.post(&format!("{path}/transitions")).header("Idempotency-Key", "a-key-of-the-accused");
        post.json(&json!({ "action": "accept" })).send()
    };
    let message = || {
        let post = accused.post(&format!("{path}/messages")).header("Idempotency-Key", "another-of-the-accused");
        post.json(&json!({ "text": "บันทึก", "public": false })).send()
    };
    let (stepped, stepped_again) = (step().await.expect(200), step().await.expect(200));
    let (said, said_again) = (message().await.expect(201), message().await.expect(201));
    for (again, before) in [(stepped_again, stepped), (said_again, said)] {
        assert_eq!((again.header("idempotency-replayed"), again.json()), ("true", before.json()));
        assert_eq!(
            (again.header("etag"), again.header("location")),
            (before.header("etag"), before.header("location"))
        );
    }
    first.propose(&found, &[&accused.id]).await.expect(200);
    second.decide_recusal(&found, "confirm").await.expect(200);
    step().await.problem(404, "not_found");
    message().await.problem(404, "not_found");
}

#[tokio::test]
async fn the_log_and_the_figures_do_not_tell_a_recused_auditor_when_something_happens() {
    let service = open().await;
    let (first, second) =
        (service.complaint_officer("first", &[]).await, service.complaint_officer("second", &[]).await);
    let accused = service.person("accused", &[Role::ComplaintOfficer, Role::Auditor], &[]).await;
    let other = service.person("another", &[Role::Auditor], &[]).await;
    let given = service.report(&complaint()).await;
    let found = first.find(&given).await;
    let list = |auditor: &Officer<'_>, query: &str| auditor.get(&format!("/v1/audit/events{query}")).send();
    let (id, year) = (found["id"].as_str().unwrap(), FiscalYear::of(service.today()).unwrap().number());
    let (about, figures) = (format!("?record_id={id}"), format!("/v1/statistics/complaints?fiscal_year={year}"));
    assert_ne!(list(&accused, &about).await.expect(200).json()["items"], json!([]));
    first.propose(&found, &[&accused.id]).await.expect(200);
    second.decide_recusal(&found, "confirm").await.expect(200);
    assert_eq!(list(&accused, &about).await.expect(200).json()["items"], json!([]));
    assert_ne!(list(&other, &about).await.expect(200).json()["items"], json!([]));
    let everything = async |auditor: &Officer<'_>| {
        let mut seen = Vec::new();
        for path in [
            "/v1/audit/events?limit=3&include_total=true",
            "/v1/audit/events?format=csv",
            "/v1/audit/checkpoint",
            &figures,
        ] {
            let answer = auditor.get(path).send().await.expect(200);
            let link = answer.header("link").to_owned();
            seen.push((answer.header("etag").to_owned(), link, answer.text()));
        }
        seen
    };
    let (before, before_of_other) = (everything(&accused).await, everything(&other).await);
    service.report(&complaint()).await;
    let body = json!({ "receipt": given["receipt"], "text": "ข้อความ" });
    service.post("/v1/complaints/lookup/messages").once().json(&body).send().await.expect(201);
    first.get(&format!("/v1/complaints/{id}")).send().await.expect(200);
    let after = everything(&accused).await;
    // Of a complaint from which they are not recused they see the event, but not that there are others about the one from which they are.
    let is_new = |list: &str| list.contains("\"receive\"") || list.contains(",receive,");
    assert_eq!((&before[2], &before[3]), (&after[2], &after[3]));
    assert!(before.iter().zip(&after).take(2).all(|(before, after)| before.0 != after.0 && is_new(&after.2)));
    let events = |seen: &[(String, String, String)]| seen[1].2.lines().count();
    assert_eq!(events(&after), events(&before) + 1);
    assert_eq!(events(&everything(&other).await), events(&before_of_other) + 2);
    // Nothing numbers the events, a cursor neither.
    let page: Value = serde_json::from_str(&after[0].2).unwrap();
    let is_unnumbered = |event: &Value| event["seq"] == json!(null) && event["hash"] == json!(null);
    assert!(page["items"].as_array().unwrap().iter().all(is_unnumbered));
    let cursor = BASE64_URL_SAFE_NO_PAD.decode(page["page"]["next_cursor"].as_str().unwrap()).unwrap();
    assert!(!String::from_utf8_lossy(&cursor).contains("Number"));
    for path in ["/v1/audit/export", "/v1/audit/proofs?seq=1"] {
        accused.get(path).send().await.problem(403, "wrong_person");
        other.get(path).send().await.expect(200);
    }
    // Whether there is a proposal, and which version the complaint has, is not told either.
    let steps = format!("/v1/complaints/{id}/recusals/transitions");
    for if_match in ["*", "\"1\""] {
        let decide = json!({ "action": "confirm", "proposed_at": service.now() });
        accused.post(&steps).header("If-Match", if_match).json(&decide).send().await.problem(404, "not_found");
    }
}

#[tokio::test]
async fn a_complaint_goes_to_no_unit_above_or_below_the_one_that_it_is_about() {
    let service = open().await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let units = service.get("/v1/units?limit=100").send().await.expect(200).json();
    let legal = units["items"].as_array().unwrap().iter().find(|unit| unit["code"] == "legal").unwrap().clone();
    let above = legal["parent"].as_str().expect("the legal section is part of a division").to_owned();
    for (accused, to, status) in [(above.as_str(), "legal", 422), ("legal", &above, 422), ("legal", "finance", 200)] {
        let mut body = complaint();
        body["accused_unit"] = json!(accused);
        let found = officer.find(&service.report(&body).await).await;
        let forwarded = officer.step(&found, json!({ "action": "forward", "unit": to })).await;
        assert_eq!(forwarded.status, status, "about {accused}, to {to}");
    }
}

#[tokio::test]
async fn the_withdrawal_of_a_report_of_corruption_is_a_wish_that_the_office_answers() {
    let service = open().await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let given = service.report(&complaint()).await;
    let found = officer.find(&given).await;
    let body = json!({ "receipt": given["receipt"], "text": "ถูกขู่ให้ถอน" });
    let withdraw = || service.post("/v1/complaints/lookup/withdrawal").once().json(&body).send();
    officer.step(&found, json!({ "action": "accept_withdrawal" })).await.problem(409, "illegal_transition");
    let seen = withdraw().await.expect(200).json();
    let today = json!(service.today());
    assert_eq!((&seen["status"], &seen["withdrawal_requested_on"]), (&json!("received"), &today));
    assert_eq!((&seen["timeline"][0]["action"], &seen["takes_messages"]), (&json!("request_withdrawal"), &json!(true)));
    withdraw().await.problem(409, "illegal_transition");
    assert_eq!(officer.find(&given).await["withdrawal_requested_on"], today);
    // Nothing ends before the office has said what it does about the wish.
    let reject = json!({ "action": "reject", "text": "ไม่มีหลักฐาน" });
    officer.step(&found, reject.clone()).await.problem(409, "illegal_transition");
    officer.step(&found, json!({ "action": "decline_withdrawal" })).await.problem(422, "validation_failed");
    let declined = json!({ "action": "decline_withdrawal", "text": "มีหลักฐานเพียงพอ จะดำเนินการต่อ" });
    officer.step(&found, declined).await.expect(200);
    let seen = service.look_up(&given["receipt"]).await.expect(200).json();
    assert_eq!((&seen["status"], &seen["withdrawal_requested_on"]), (&json!("received"), &json!(null)));
    assert_eq!(seen["timeline"][0]["text"], "มีหลักฐานเพียงพอ จะดำเนินการต่อ");
    withdraw().await.expect(200);
    officer.step(&found, json!({ "action": "accept_withdrawal" })).await.expect(200);
    assert_eq!(service.look_up(&given["receipt"]).await.expect(200).json()["status"], "withdrawn");
    officer.step(&found, reject).await.problem(409, "illegal_transition");
}

#[tokio::test]
async fn who_reads_which_complaint_is_in_the_log_once_an_hour() {
    let service = open().await;
    let (first, second) =
        (service.complaint_officer("first", &[]).await, service.complaint_officer("second", &[]).await);
    let (given, named) = (service.report(&complaint()).await, service.report(&named_complaint()).await);
    let id = |list: &Value| list["items"][0]["id"].clone();
    let listed = |given: &Value| format!("/v1/complaints?reference={}", given["reference"].as_str().unwrap());
    let anonymous = id(&first.get(&listed(&given)).send().await.expect(200).json());
    let with_name = id(&first.get(&listed(&named)).send().await.expect(200).json());
    // A list shows nothing that was written.
    assert_eq!((service.events("read").await, service.events("read_named").await), (vec![], vec![]));
    for (officer, id) in [(&first, &anonymous), (&first, &anonymous), (&second, &anonymous), (&second, &with_name)] {
        let address = format!("/v1/complaints/{}", id.as_str().unwrap());
        for what in ["", "/timeline", "/attachments", "/identity-requests"] {
            officer.get(&format!("{address}{what}")).send().await.expect(200);
        }
    }
    let mut read = service.events("read").await;
    read.reverse();
    assert_eq!(read, [(json!(first.id), anonymous.clone()), (json!(second.id), anonymous)]);
    assert_eq!(service.events("read_named").await, [(json!(second.id), with_name)]);
    // What a search finds is read: a longer text each time would tell the whole subject.
    let third = service.complaint_officer("third", &[]).await;
    for q in ["%E0%B8%84", "%E0%B8%84%E0%B9%88", "%E0%B8%84%E0%B9%88%E0%B8%B2", "none"] {
        third.get(&format!("/v1/complaints?q={q}")).send().await.expect(200);
    }
    let by_third = async |action: &str| {
        let mut events = service.events(action).await;
        events.retain(|(actor, _)| *actor == third.id);
        events.len()
    };
    assert_eq!((by_third("read").await, by_third("read_named").await, by_third("search").await), (1, 1, 1));
    first.get("/v1/complaints?q=%E0%B8%84%E0%B9%88%E0%B8%B2").send().await.expect(200);
    first.get("/v1/complaints?format=csv").send().await.expect(200);
    let searched = [(json!(first.id), json!(null)), (json!(third.id), json!(null))];
    assert_eq!(service.events("search").await, searched);
    assert_eq!(service.events("export").await, [(json!(first.id), json!(null))]);
}

#[tokio::test]
async fn nobody_who_is_named_puts_a_proposal_aside_and_a_decision_is_about_the_one_that_was_read() {
    let service = open().await;
    let (first, second) =
        (service.complaint_officer("first", &[]).await, service.complaint_officer("second", &[]).await);
    let accused = service.complaint_officer("accused", &[]).await;
    let found = first.find(&service.report(&complaint()).await).await;
    first.propose(&found, &[&accused.id]).await.expect(200);
    for other in [&[][..], &[&*first.id], &[&*accused.id, &*first.id]] {
        accused.propose(&found, other).await.problem(409, "illegal_transition");
    }
    let path = format!("/v1/complaints/{}/recusals/transitions", found["id"].as_str().unwrap());
    let stale = json!({ "action": "confirm", "proposed_at": "2024-04-11T03:15:00.000Z" });
    second.post(&path).json(&stale).send().await.problem(412, "precondition_failed");
    // Who leaves by themselves takes no proposal with them.
    let third = service.complaint_officer("third", &[]).await;
    third.propose(&found, &[&third.id]).await.expect(200);
    second.decide_recusal(&found, "confirm").await.expect(200);
    accused.get(&format!("/v1/complaints/{}", found["id"].as_str().unwrap())).send().await.expect(404);
}

#[tokio::test]
async fn nobody_is_left_without_an_auditor_a_custodian_or_an_officer_by_any_way() {
    let service = open().await;
    let (first, second) =
        (service.complaint_officer("first", &[]).await, service.complaint_officer("second", &["legal"]).await);
    let auditor = service.person("auditor", &[Role::Auditor], &[]).await;
    let custodian = service.person("malee", &[Role::Custodian], &[]).await;
    let found = first.find(&service.report(&complaint()).await).await;
    let nobody_left = |place: &str| [(place.to_owned(), "nobody_left".to_owned())];
    for person in [&auditor, &custodian] {
        let problem = first.propose(&found, &[&person.id]).await.problem(422, "validation_failed");
        assert_eq!(faults(&problem), nobody_left("#/recused"));
    }
    first.step(&found, json!({ "action": "forward", "unit": "legal" })).await.expect(200);
    first.propose(&found, &[&first.id]).await.expect(200);
    // The last one who sees it does not send it where nobody does.
    let problem = second.step(&found, json!({ "action": "forward", "unit": "finance" })).await;
    assert_eq!(faults(&problem.problem(422, "validation_failed")), nobody_left("#/unit"));
    let problem = second.propose_about(&found, &[&first.id], Some("legal")).await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), nobody_left("#/accused_unit"));
}

#[tokio::test]
async fn one_officer_alone_does_not_hand_a_complaint_to_the_unit_that_it_is_about() {
    let service = open().await;
    let (first, second) =
        (service.complaint_officer("first", &[]).await, service.complaint_officer("second", &[]).await);
    let jurist = service.complaint_officer("jurist", &["legal"]).await;
    let mut body = complaint();
    body["accused_unit"] = json!("legal");
    let found = first.find(&service.report(&body).await).await;
    let address = format!("/v1/complaints/{}", found["id"].as_str().unwrap());
    let forward = || first.step(&found, json!({ "action": "forward", "unit": "legal" }));
    for about in [None, Some("finance")] {
        let patch = service.patch(&address).token(&first.token).header("If-Match", "*");
        patch.json(&json!({ "accused_unit": about })).send().await.expect(400);
        let proposed = first.propose_about(&found, &[], about).await.expect(200).json();
        assert_eq!(proposed["recusal_proposal"]["accused_unit"], json!(about));
        assert_eq!(proposed["accused_unit"], "legal");
        first.decide_recusal(&found, "confirm").await.problem(403, "wrong_person");
        forward().await.problem(422, "validation_failed");
        second.decide_recusal(&found, "reject").await.expect(200);
        service.db().clock.set(service.now() + TimeDelta::days(1));
    }
    first.propose_about(&found, &[], None).await.expect(200);
    second.decide_recusal(&found, "confirm").await.expect(200);
    forward().await.expect(200);
    // Nor does the unit decide whether it is the one complained of.
    second.propose_about(&found, &[], Some("legal")).await.expect(200);
    for decision in ["reject", "confirm"] {
        jurist.decide_recusal(&found, decision).await.problem(403, "wrong_person");
    }
    first.decide_recusal(&found, "confirm").await.expect(200);
    jurist.get(&address).send().await.expect(404);
}

#[tokio::test]
async fn a_proposal_keeps_who_has_left_meanwhile_away_and_names_a_unit() {
    let service = open().await;
    let (first, second) =
        (service.complaint_officer("first", &[]).await, service.complaint_officer("second", &[]).await);
    let (accused, leaving) =
        (service.complaint_officer("accused", &[]).await, service.complaint_officer("leaving", &[]).await);
    let found = first.find(&service.report(&complaint()).await).await;
    first.propose(&found, &[&accused.id]).await.expect(200);
    leaving.propose(&found, &[&leaving.id]).await.expect(200);
    second.decide_recusal(&found, "confirm").await.expect(200);
    assert_eq!(first.find(&found).await["recused"], json!([accused.id, leaving.id]));
    // What is left out is not taken for none.
    let path = format!("/v1/complaints/{}/recusals", found["id"].as_str().unwrap());
    let problem = first.post(&path).json(&json!({ "recused": [] })).send().await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/accused_unit".to_owned(), "required".to_owned())]);
    let problem = first.propose_about(&found, &["nobody"], Some("no-unit")).await.problem(422, "validation_failed");
    let places: Vec<_> = faults(&problem).into_iter().map(|(place, _)| place).collect();
    assert_eq!(places, ["#/accused_unit", "#/recused/0"]);
}

#[tokio::test]
async fn whoever_is_named_neither_ends_a_complaint_nor_sends_it_away_nor_keeps_others_from_proposing() {
    let service = open().await;
    let accused = service.complaint_officer("accused", &[]).await;
    let (jurist, auditor) =
        (service.complaint_officer("jurist", &["legal"]).await, service.person("auditor", &[Role::Auditor], &[]).await);
    let found = accused.find(&service.report(&named_complaint()).await).await;
    let address = format!("/v1/complaints/{}", found["id"].as_str().unwrap());
    let forward = |to: &str| accused.step(&found, json!({ "action": "forward", "unit": to }));
    forward("legal").await.expect(200);
    // Not to where nobody else sees it.
    let problem = forward("finance").await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/unit".to_owned(), "nobody_left".to_owned())]);
    // Who is rejected does not try again at once; who wants to leave does.
    accused.propose(&found, &["oidc:nobody"]).await.expect(200);
    jurist.propose(&found, &[&accused.id]).await.problem(409, "illegal_transition");
    auditor.decide_recusal(&found, "reject").await.expect(200);
    assert_eq!(auditor.get("/v1/recusals").send().await.expect(200).json()["items"], json!([]));
    assert_eq!(jurist.find(&found).await["recusal_proposal"], json!(null));
    accused.propose(&found, &["oidc:nobody"]).await.problem(409, "illegal_transition");
    accused.propose(&found, &[]).await.expect(200);
    accused.propose(&found, &["oidc:nobody"]).await.problem(409, "illegal_transition");
    jurist.propose(&found, &[&accused.id]).await.expect(200);
    let patch = service.patch(&address).token(&accused.token).header("If-Match", "*");
    patch.json(&json!({ "kind": "feedback", "category": "suggestion" })).send().await.problem(403, "wrong_person");
    for step in [json!({ "action": "reject", "text": "ไม่มีมูล" }), json!({ "action": "take" })] {
        accused.step(&found, step).await.problem(403, "wrong_person");
    }
    forward("legal").await.problem(403, "wrong_person");
    let said = accused.post(&format!("{address}/messages")).json(&json!({ "text": "ยุติเรื่องแล้ว", "public": true }));
    said.send().await.problem(403, "wrong_person");
    let form = Form::new().field("public", "true").file("a.txt", b"x");
    accused.post(&format!("{address}/attachments")).once().form(form).send().await.problem(403, "wrong_person");
    let ask = accused.post(&format!("{address}/identity-requests")).json(&json!({ "reason": "ต้องสอบปากคำ" }));
    ask.send().await.problem(403, "wrong_person");
    auditor.decide_recusal(&found, "reject").await.expect(200);
    // The other is no longer the last who was rejected.
    accused.propose(&found, &["oidc:nobody"]).await.expect(200);
    auditor.decide_recusal(&found, "reject").await.expect(200);
    service.db().clock.set(service.now() + TimeDelta::days(1));
    accused.propose(&found, &["oidc:nobody"]).await.expect(200);
    auditor.decide_recusal(&found, "reject").await.expect(200);
    accused.propose(&found, &[&accused.id]).await.expect(200);
    accused.get(&address).send().await.expect(404);
}

#[tokio::test]
async fn a_proposal_that_is_replaced_again_and_again_is_rejected_and_one_of_who_leaves_stays() {
    let service = open().await;
    let (accused, second) =
        (service.complaint_officer("accused", &[]).await, service.complaint_officer("second", &[]).await);
    let found = second.find(&service.report(&complaint()).await).await;
    accused.propose(&found, &["oidc:nobody"]).await.expect(200);
    let path = format!("/v1/complaints/{}/recusals/transitions", found["id"].as_str().unwrap());
    let stale = |action: &str| json!({ "action": action, "proposed_at": "2024-04-11T03:15:00.000Z" });
    second.post(&path).json(&stale("confirm")).send().await.problem(412, "precondition_failed");
    second.post(&path).json(&stale("reject")).send().await.expect(200);
    accused.propose(&found, &["oidc:nobody"]).await.problem(409, "illegal_transition");
    // One's own proposal about others is not lost when one leaves.
    let third = service.complaint_officer("third", &[]).await;
    third.propose(&found, &[&accused.id]).await.expect(200);
    third.propose(&found, &[&third.id]).await.expect(200);
    second.decide_recusal(&found, "confirm").await.expect(200);
    let mut recused = second.find(&found).await["recused"].as_array().unwrap().clone();
    recused.sort_by_key(|id| *id == json!(third.id));
    assert_eq!(recused, [json!(accused.id), json!(third.id)]);
}

#[tokio::test]
async fn a_custodian_who_is_named_in_a_proposal_takes_no_identity() {
    let service = open().await;
    let (first, second) =
        (service.complaint_officer("first", &[]).await, service.complaint_officer("second", &[]).await);
    let custodian = service.person("malee", &[Role::Custodian], &[]).await;
    service.person("other", &[Role::Custodian], &[]).await;
    let found = first.find(&service.report(&named_complaint()).await).await;
    let request = service.ask_for_identity(&first.token, &found).await;
    let steps = format!("/v1/identity-requests/{}/transitions", request["id"].as_str().unwrap());
    let approve = || custodian.post(&steps).json(&json!({ "action": "approve" })).send();
    first.propose(&found, &[&custodian.id]).await.expect(200);
    approve().await.problem(403, "wrong_person");
    second.decide_recusal(&found, "reject").await.expect(200);
    approve().await.expect(200);
}

#[tokio::test]
async fn one_officer_remains_who_can_log_in_also_where_nobody_is_recused() {
    let service = open().await;
    let jurist = service.complaint_officer("jurist", &["legal"]).await;
    let chief = service.complaint_officer("chief", &[]).await;
    let found = chief.find(&service.report(&complaint()).await).await;
    chief.step(&found, json!({ "action": "forward", "unit": "legal" })).await.expect(200);
    accounts::set_active(service.db(), "chief", false).await.unwrap();
    let nobody_left = |answer: Answer| faults(&answer.problem(422, "validation_failed"))[0].1 == "nobody_left";
    assert!(nobody_left(jurist.step(&found, json!({ "action": "forward", "unit": "finance" })).await));
    assert!(nobody_left(jurist.propose_about(&found, &[], Some("legal")).await));
    // An account without a password is nobody.
    let ghost = json!({ "login": "ghost", "display_name": "x", "roles": ["complaint_officer"], "units": "all" });
    accounts::add_user(service.db(), checked(ghost).unwrap()).await.unwrap();
    assert!(nobody_left(jurist.step(&found, json!({ "action": "forward", "unit": "finance" })).await));
    assert!(nobody_left(jurist.propose(&found, &[&jurist.id]).await));
    service.complaint_officer("second", &[]).await;
    jurist.step(&found, json!({ "action": "forward", "unit": "finance" })).await.expect(200);
}

#[tokio::test]
async fn a_wish_to_withdraw_does_not_become_final_under_another_kind() {
    let service = open().await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let given = service.report(&complaint()).await;
    let address = format!("/v1/complaints/{}", officer.find(&given).await["id"].as_str().unwrap());
    let patch = service.patch(&address).token(&officer.token).header("If-Match", "*");
    patch.json(&json!({ "kind": "feedback", "category": "suggestion" })).send().await.expect(200);
    let body = json!({ "receipt": given["receipt"] });
    let withdrawn = service.post("/v1/complaints/lookup/withdrawal").once().json(&body).send().await.expect(200);
    assert_eq!(withdrawn.json()["status"], "received");
    // What was closed for it can be taken up again.
    let found = officer.find(&given).await;
    officer.step(&found, json!({ "action": "accept_withdrawal" })).await.expect(200);
    officer.step(&found, json!({ "action": "reopen", "text": "ถูกขู่ให้ถอน" })).await.expect(200);
}

#[tokio::test]
async fn what_cannot_be_logged_is_not_read() {
    let service = open().await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let given = service.report(&complaint()).await;
    let reference = given["reference"].as_str().unwrap();
    let list = officer.get(&format!("/v1/complaints?reference={reference}")).send().await.expect(200).json();
    let address = format!("/v1/complaints/{}", list["items"][0]["id"].as_str().unwrap());
    let held = hold_writes(&service.database_url).await;
    // As many writes wait as may.
    let waiting: Vec<_> = (0..64)
        .map(|_| {
            let write = service.db().write(&Author::program("test"), |write| async move {
                write.execute_unprepared("UPDATE agency SET version = version").await?;
                write.commit([], ())
            });
            tokio::spawn(write)
        })
        .collect();
    for _ in 0..2 {
        officer.get(&address).send().await.problem(503, "unavailable");
        officer.get("/v1/complaints?format=csv").send().await.problem(503, "unavailable");
    }
    held.rollback().await.unwrap();
    for write in waiting {
        let _ = write.await.unwrap();
    }
    officer.get(&address).send().await.expect(200);
    assert_eq!(service.events("read").await.len(), 1);
}

#[tokio::test]
async fn steps_with_many_complaints_are_taken_all_or_none_and_each_as_one_alone() {
    let service = open().await;
    let first = service.complaint_officer("first", &[]).await;
    let recused = service.complaint_officer("recused", &[]).await;
    let program = service.token_with(&["complaints:handle"]);
    let mut found = Vec::new();
    for _ in 0..3 {
        found.push(first.find(&service.report(&complaint()).await).await);
    }
    let step = |complaint: &Value, action: &str| json!({ "id": complaint["id"], "action": action });
    let send = |officer: &Officer<'_>, query: &str, items: Value| {
        officer.post(&format!("/v1/complaints/transitions/batch{query}")).json(&json!({ "items": items })).send()
    };
    let status = async |complaint: &Value| first.find(complaint).await["status"].clone();
    // Who is recused from one of them does not find it.
    recused.propose(&found[2], &[&recused.id]).await.expect(200);
    let nobody = json!({ "id": "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11" });
    let wrong = json!([step(&found[0], "accept"), step(&found[1], "investigate"), step(&nobody, "accept"),
        step(&found[2], "accept"), step(&found[1], "accept"),
        { "id": found[0]["id"], "action": "forward", "unit": "nowhere" }]);
    let problem = send(&recused, "", wrong).await.problem(422, "validation_failed");
    let expected = [
        ("#/items/1", "illegal_transition"),
        ("#/items/2", "not_found"),
        ("#/items/3", "not_found"),
        ("#/items/5/unit", "unknown_unit"),
    ];
    assert_eq!(faults(&problem), expected.map(|(place, code)| (place.to_owned(), code.to_owned())));
    let missing = send(&first, "", json!([step(&found[0], "reject")])).await.problem(422, "validation_failed");
    assert_eq!(faults(&missing), [("#/items/0/text".into(), "needed".into())]);
    let illegal = send(&first, "", json!([step(&found[0], "investigate")])).await.problem(409, "illegal_transition");
    assert_eq!(faults(&illegal), [("#/items/0".into(), "illegal_transition".into())]);
    let takes = service.post("/v1/complaints/transitions/batch").token(&program);
    let taken = takes.json(&json!({ "items": [step(&found[0], "take")] })).send().await;
    assert_eq!(faults(&taken.problem(422, "validation_failed")), [("#/items/0".into(), "no_account".into())]);
    assert_eq!(status(&found[0]).await, "received");
    // A dry run shows what is written in them.
    let both = json!([step(&found[0], "take"), step(&found[0], "accept"), step(&found[1], "accept")]);
    let read_before = service.events("read").await.len();
    let checked = send(&recused, "?dry_run=true", both.clone()).await.expect(200).json();
    assert_eq!(checked["items"].as_array().unwrap().len(), 2);
    assert_eq!(service.events("read").await.len(), read_before + 2);
    assert_eq!(status(&found[0]).await, "received");
    let accepted = service.events("accept").await.len();
    let done = send(&recused, "", both).await.expect(200).json();
    assert!(done["items"].as_array().unwrap().iter().all(|item| item["status"] == "accepted"));
    assert_eq!(service.events("accept").await.len(), accepted + 2);
    // Somebody whose recusal is proposed takes no step, here either.
    first.propose(&found[1], &[&recused.id]).await.expect(200);
    let refused = send(&recused, "", json!([step(&found[0], "investigate"), step(&found[1], "investigate")])).await;
    refused.problem(403, "wrong_person");
    assert_eq!(status(&found[0]).await, "accepted");
    let more = vec![step(&found[0], "take"); 101];
    let problem = send(&first, "", json!(more)).await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/items".into(), "too_many".into())]);
}
