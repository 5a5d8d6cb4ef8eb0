//! Cases that came on paper, or before the service, as officers enter them.

use chrono::Days;
use prongsai::accounts;
use prongsai::auth::scope::Role;
use prongsai::domain::retention::Retention;
use serde_json::{Value, json};

use crate::audit::{judged, verified};
use crate::complaints::{Officer, open};
use crate::support::samples::{complaint, lighting};
use crate::support::{Service, audit_key, faults};

/// A letter of fiscal year 2566 that was concluded then.
fn letter() -> Value {
    let mut body = complaint();
    body["channel"] = json!("letter");
    body["received_on"] = json!("2023-03-01");
    body["register_no"] = json!("ชน 52001/2566");
    body["first_answered_on"] = json!("2023-03-10");
    body["closing"] = json!({
        "status": "concluded", "closed_on": "2023-05-16", "outcome": "referred", "text": "ส่ง ป.ป.ช. แล้ว",
        "referral": { "authority": "สำนักงาน ป.ป.ช. ประจำจังหวัดชัยนาท" },
    });
    body
}

/// A request that was made at the counter in fiscal year 2566, of which the register has little.
fn old_request() -> Value {
    json!({
        "form": {},
        "channel": "walk_in",
        "received_on": "2023-03-01",
        "register_no": "12",
        "closing": { "status": "completed", "closed_on": "2023-03-07" },
    })
}

impl Officer<'_> {
    async fn enter(&self, path: &str, body: &Value) -> Value {
        self.post(path).once().json(body).send().await.expect(201).json()
    }

    async fn timeline(&self, path: &str) -> Vec<Value> {
        self.get(&format!("{path}/timeline")).send().await.expect(200).json()["items"].as_array().unwrap().clone()
    }
}

impl Service {
    /// A group of complaints of a fiscal year as auditors see it.
    async fn group(&self, group: &str, year: i32, period: &str) -> Value {
        let path = format!("/v1/statistics/complaints?fiscal_year={year}&period={period}");
        let figures = self.get(&path).token(&self.token(Role::Auditor)).send().await.expect(200).json();
        let groups = figures["current"]["by_group"].as_array().unwrap();
        groups.iter().find(|it| it["value"] == group).unwrap().clone()
    }
}

const REQUESTS: &str = "/v1/e-services/public-lighting/requests";

#[tokio::test]
async fn a_statement_of_none_says_as_of_which_day_and_not_that_a_letter_of_the_year_is_entered_today() {
    let service = open().await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let path = "/v1/statistics/complaints?fiscal_year=2567";
    let said = async || {
        let figures = service.get(path).send().await.expect(200).json();
        figures["current"]["by_group"][0]["statement"].clone()
    };
    let as_of = |day: chrono::NaiveDate| format!("(ข้อมูล ณ สิ้นวันที่ {})", prongsai::domain::thai::date(day));
    let (before, yesterday) = (said().await, service.today().pred_opt().unwrap());
    assert!(before.as_str().unwrap().ends_with(&as_of(yesterday)), "{before}");
    let mut late = letter();
    for (field, day) in [("received_on", "2023-11-01"), ("first_answered_on", "2023-11-10")] {
        late[field] = json!(day);
    }
    late["closing"]["closed_on"] = json!("2024-01-16");
    officer.enter("/v1/complaints", &late).await;
    // Whoever sees figures of the present sees it, and everybody the day after.
    assert_eq!(said().await, before);
    let now = service.group("integrity", 2567, "year").await;
    assert_eq!((&now["total"], &now["statement"]), (&json!(1), &json!(null)));
    service.db().clock.set(service.now() + chrono::TimeDelta::days(1));
    service.db().load_revisions().await.unwrap();
    assert_eq!(said().await, json!(null));
}

#[tokio::test]
async fn what_is_recorded_is_stated_for_figures_of_later_instants() {
    let service = open().await;
    let officer = service.complaint_officer("somchai", &[]).await;
    officer.enter("/v1/complaints", &letter()).await;
    service.service_officer("kanya", &[]).await.enter(REQUESTS, &old_request()).await;
    let (then, day) = (service.now(), "2022-10-01");
    service.record_from(json!({ "integrity": day, "general": day, "service_requests": day })).await;
    let read = async |path: &str| service.get(path).send().await.expect(200);
    let public = async || read("/v1/statistics/complaints?fiscal_year=2566").await.json()["current"].clone();
    let of_none = |figures: &Value| {
        let group = &figures["by_group"][0];
        assert_eq!((&group["coverage"], &group["total"]), (&json!("not_recorded"), &json!(null)), "{group}");
        assert_eq!((&group["none_received"], &group["statement"]), (&json!(null), &json!(null)), "{group}");
    };
    of_none(&public().await);
    let report = "/v1/reports/complaint-statistics?fiscal_year=2566";
    let reported = read(report).await.json();
    assert_eq!((&reported["coverage"], &reported["statement"]), (&json!("not_recorded"), &json!(null)));
    assert!(read(&format!("{report}&format=csv")).await.text().contains("ไม่ได้บันทึกในระบบ"));
    assert_eq!(service.group("integrity", 2566, "year").await["total"], 1);
    // Totals of requests are of now, also for the public, and their breakdown is of the last midnight.
    let requests = read("/v1/statistics/e-services?fiscal_year=2566").await.json()["current"].clone();
    let shown = ["coverage", "total", "disclosure", "breakdown"].map(|name| requests[name].clone());
    assert_eq!(json!(shown), json!(["recorded", 1, "totals_only", null]));
    let reported = read("/v1/reports/service-statistics?fiscal_year=2566").await.json();
    assert_eq!((&reported["coverage"], &reported["total"]), (&json!("not_recorded"), &json!(null)));
    let editor = service.token(Role::Editor);
    let statement = json!({ "subject": "complaint_statistics", "fiscal_year": 2566, "no_complaints_in": "2566-Q1" });
    let refused = service.post("/v1/publications").token(&editor).once().json(&statement).send().await;
    let refused = refused.problem(422, "validation_failed");
    assert!(refused["errors"][0]["detail"].as_str().unwrap().contains("พรุ่งนี้"), "{refused}");
    service.db().clock.set(then + chrono::TimeDelta::days(1));
    service.db().load_revisions().await.unwrap();
    let figures = public().await;
    assert_eq!((&figures["by_group"][0]["coverage"], &figures["total"]), (&json!("recorded"), &json!(1)));
    // Of then nothing more is known; and what is withdrawn counts nowhere, from now on.
    let then = then.to_rfc3339().replace("+00:00", "Z");
    let then = format!("/v1/statistics/complaints?fiscal_year=2566&as_of={then}");
    let then = service.get(&then).token(&service.token(Role::Auditor)).send().await.expect(200).json();
    of_none(&then["current"]);
    service.record_from(json!({ "integrity": "2023-10-01" })).await;
    of_none(&public().await);
}

#[tokio::test]
async fn a_letter_is_entered_with_its_days_and_the_timeline_says_when_and_by_whom() {
    let service = open().await;
    service
        .record_from(json!({ "integrity": "2022-10-01", "general": "2022-10-01", "service_requests": "2022-10-01" }))
        .await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let given = officer.enter("/v1/complaints", &letter()).await;
    assert_eq!([&given["received_on"], &given["received_at"]], [&json!("2023-03-01"), &json!(null)]);
    let found = officer.find(&given).await;
    for (field, value) in [
        ("received_on", json!("2023-03-01")),
        ("received_at", json!(null)),
        ("entered_by_id", json!(officer.id)),
        ("entered_by_name", json!("สมศรี ใจดี")),
        ("register_no", json!("ชน 52001/2566")),
        ("status", json!("concluded")),
        ("outcome", json!("referred")),
    ] {
        assert_eq!(found[field], value, "{field}");
    }
    assert_eq!(found["entered_at"], found["updated_at"]);
    // 1 March to 10 March 2566 has six working days, Makha Bucha left out; 60 of them end on 31 May.
    let (answer, end) = (&found["first_answer"], &found["conclusion"]);
    assert_eq!([&answer["starts_on"], &answer["met_on"]], [&json!("2023-03-01"), &json!("2023-03-10")]);
    assert_eq!([&end["starts_on"], &end["met_on"]], [&json!("2023-03-01"), &json!("2023-05-16")]);
    let told = |events: &[Value]| {
        let of = |event: &Value| ["action", "happened_on", "status"].map(|name| event[name].clone());
        events.iter().map(of).collect::<Vec<_>>()
    };
    let steps = [
        [json!("receive"), json!("2023-03-01"), json!("received")],
        [json!("accept"), json!("2023-03-10"), json!("accepted")],
        [json!("address_referral"), json!("2023-05-16"), json!(null)],
        [json!("conclude"), json!("2023-05-16"), json!("concluded")],
    ];
    let timeline = officer.timeline(&format!("/v1/complaints/{}", found["id"].as_str().unwrap())).await;
    assert_eq!(told(&timeline), steps);
    assert!(timeline.iter().all(|event| event["actor_id"] == json!(officer.id)), "{timeline:?}");
    assert!(timeline.iter().all(|event| event["created_at"] == found["entered_at"]), "{timeline:?}");
    let table = officer.get("/v1/complaints?format=csv&labels=th").send().await.expect(200).text();
    assert!(table.contains("รหัสผู้บันทึก,ผู้บันทึก,") && table.contains(&format!("{},สมศรี ใจดี,", officer.id)), "{table}");
    // The reporter sees the days, and not who entered them.
    let own = service.look_up(&given["receipt"]).await.expect(200).json();
    assert_eq!(own["received_on"], "2023-03-01");
    let mut own: Vec<Value> = own["timeline"].as_array().unwrap().clone();
    own.reverse();
    assert_eq!(told(&own), steps);
    assert!(own.iter().all(|event| event.get("actor_id").is_none()), "{own:?}");
    // What is signed is that the service received it today, and that it came then.
    let note = json!({ "acknowledgement": given["acknowledgement"] });
    let signed = service.post("/v1/acknowledgements/verify").json(&note).send().await.expect(200).json();
    assert_eq!([&signed["valid"], &signed["received_on"]], [&json!(true), &json!("2023-03-01")]);
    assert!(signed["received_at"].as_str().unwrap().starts_with(&found["entered_at"].as_str().unwrap()[..19]));

    let counted = service.group("integrity", 2566, "month").await;
    let march = &counted["periods"].as_array().unwrap()[5];
    assert_eq!(
        [&march["starts_on"], &march["total"], &march["finished_count"]],
        [&json!("2023-03-01"), &json!(1), &json!(1)]
    );
    assert_eq!(service.figures_of_the_month().await, [0, 0, 0]);
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

#[tokio::test]
async fn whoever_entered_a_case_is_named_also_a_program_and_a_person_of_the_identity_provider() {
    let service = open().await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let (program, _) = service.add_client(&["complaints:handle"]).await;
    let (person, admin) = ("oidc:248289761001", service.token(Role::Admin));
    accounts::add_seen(service.db(), vec![person.to_owned()]).await.unwrap();
    let list = service.get("/v1/provider-subjects").token(&admin).send().await.expect(200).json();
    let path = format!("/v1/provider-subjects/{}", list["items"][0]["id"].as_str().unwrap());
    let link = service.patch(&path).token(&admin).header("If-Match", "*").json(&json!({ "account_id": officer.id }));
    link.send().await.expect(200);
    let mut body = complaint();
    body["channel"] = json!("letter");
    for (subject, name) in [
        (&*officer.id, json!("สมศรี ใจดี")),
        (&*program, json!("เว็บไซต์เทศบาล")),
        (person, json!("สมศรี ใจดี")),
        ("oidc:nobody", json!(null)),
    ] {
        let sent = service.post("/v1/complaints").token(&service.foreign(subject)).once().json(&body).send().await;
        let found = officer.find(&sent.expect(201).json()).await;
        assert_eq!((&found["entered_by_id"], &found["entered_by_name"]), (&json!(subject), &name));
    }
}

#[tokio::test]
async fn a_request_of_before_is_entered_without_what_its_form_needs_now() {
    let service = open().await;
    service
        .record_from(json!({ "integrity": "2022-10-01", "general": "2022-10-01", "service_requests": "2022-10-01" }))
        .await;
    let officer = service.service_officer("malee", &[]).await;
    let given = officer.enter(REQUESTS, &old_request()).await;
    let found = officer.find_request(&given).await;
    assert_eq!([&found["status"], &found["entered_by_id"]], [&json!("completed"), &json!(officer.id)]);
    assert_eq!(found["entered_by_name"], "สมศรี ใจดี");
    assert_eq!([&found["received_on"], &found["received_at"]], [&json!("2023-03-01"), &json!(null)]);
    assert_eq!([&found["completion"]["met_on"], &found["public_note"]], [&json!("2023-03-07"), &json!(null)]);
    let timeline = officer.timeline(&format!("/v1/service-requests/{}", found["id"].as_str().unwrap())).await;
    let days: Vec<_> = timeline.iter().map(|event| [&event["action"], &event["happened_on"]]).collect();
    assert_eq!(days, [[&json!("receive"), &json!("2023-03-01")], [&json!("complete"), &json!("2023-03-07")]]);
    let path = "/v1/statistics/e-services?fiscal_year=2566";
    let figures = service.get(path).token(&service.token(Role::Auditor)).send().await.expect(200).json();
    assert_eq!(figures["current"]["total"], 1, "{figures}");
    // One that is open needs all of it.
    let mut unfinished = old_request();
    unfinished["closing"] = json!(null);
    unfinished["register_no"] = json!("13");
    let refused = officer.post(REQUESTS).once().json(&unfinished).send().await.problem(422, "validation_failed");
    let places: Vec<_> = faults(&refused).into_iter().map(|(place, _)| place).collect();
    assert_eq!(places, ["#/form/fault", "#/location"]);
    // What came in before and is open is counted then, and due since.
    let mut open = lighting();
    (open["channel"], open["received_on"]) = (json!("phone"), json!("2023-03-01"));
    let found = officer.find_request(&officer.enter(REQUESTS, &open).await).await;
    assert_eq!(
        [&found["completion"]["starts_on"], &found["completion"]["overdue"]],
        [&json!("2023-03-01"), &json!(true)]
    );
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

#[tokio::test]
async fn the_day_on_which_the_applicant_of_before_was_told_is_recorded_later() {
    let service = open().await;
    let officer = service.service_officer("malee", &[]).await;
    let today = service.today();
    let mut old = old_request();
    old["closing"] = json!({ "status": "rejected", "closed_on": today, "text": "ที่เอกชน" });
    let given = officer.enter(REQUESTS, &old).await;
    let next = async || {
        let steps = service.look_up_request(&given["receipt"]).await.expect(200).json()["next_steps"].clone();
        let appeal = steps.as_array().unwrap().iter().find(|step| step["text"].as_str().unwrap().contains("อุทธรณ์"));
        appeal.map(|step| (step["text"].as_str().unwrap().to_owned(), step["ends_on"].clone()))
    };
    let (text, ends_on) = next().await.unwrap();
    assert!(text.contains("ภายใน 15 วันนับแต่วันที่ได้รับแจ้ง") && !text.contains("ถึงวันที่"), "{text}");
    assert_eq!(ends_on, json!(null));
    let tell = json!({ "action": "tell_result", "told_on": today, "text": "แจ้งทางโทรศัพท์" });
    let found = officer.find_request(&given).await;
    let told = officer.step_request(&found, tell.clone()).await.expect(200).json();
    assert_eq!(told["result_told_on"], json!(today));
    let (text, ends_on) = next().await.unwrap();
    let day: chrono::NaiveDate = ends_on.as_str().unwrap().parse().unwrap();
    assert!(day >= today + Days::new(15) && text.contains(&prongsai::domain::thai::date(day)), "{text}");
    officer.step_request(&found, tell).await.problem(409, "illegal_transition");
    // What is over is not offered.
    service.db().clock.set(service.now() + chrono::TimeDelta::days(40));
    assert_eq!(next().await, None);
}

#[tokio::test]
async fn days_are_in_order_and_only_officers_state_them() {
    let service = open().await;
    let officer = service.person("somchai", &[Role::ComplaintOfficer, Role::ServiceOfficer], &[]).await;
    let tomorrow = (service.today() + Days::new(1)).to_string();
    let with = |changes: &[(&str, Value)]| {
        changes
            .iter()
            .fold(letter(), |body, (pointer, value)| crate::support::ask::with(&body, pointer, value).unwrap())
    };
    for (body, expected) in [
        (
            with(&[("/received_on", json!(tomorrow))]),
            &[
                ("#/closing/closed_on", "before_start"),
                ("#/first_answered_on", "before_start"),
                ("#/received_on", "in_the_future"),
            ][..],
        ),
        (with(&[("/received_on", json!("1956-09-30"))]), &[("#/received_on", "not_plausible")]),
        (with(&[("/received_on", json!("2566-03-01"))]), &[("#/received_on", "not_plausible")]),
        (with(&[("/received_on", json!("1/3/2566"))]), &[("#/received_on", "not_plausible")]),
        (with(&[("/first_answered_on", json!("2023-02-28"))]), &[("#/first_answered_on", "before_start")]),
        (with(&[("/closing/closed_on", json!("2023-03-09"))]), &[("#/closing/closed_on", "before_start")]),
        (with(&[("/closing/closed_on", json!(tomorrow))]), &[("#/closing/closed_on", "in_the_future")]),
        (with(&[("/closing/status", json!("rejected"))]), &[("#/closing/outcome", "not_for_this")]),
        (with(&[("/closing/outcome", json!("substantiated"))]), &[("#/closing/referral", "not_for_this")]),
        (
            with(&[("/closing", json!({ "status": "rejected", "closed_on": "2023-05-16" }))]),
            &[("#/closing/text", "needed")],
        ),
        (
            with(&[("/closing", json!({ "status": "concluded", "closed_on": "2023-05-16" }))]),
            &[("#/closing/outcome", "needed")],
        ),
        (with(&[("/closing/status", json!("investigating"))]), &[("#/closing/status", "not_allowed")]),
        (
            with(&[("/channel", json!("web"))]),
            &[
                ("#/closing", "not_for_this"),
                ("#/first_answered_on", "not_for_this"),
                ("#/received_on", "not_for_this"),
                ("#/register_no", "not_for_this"),
            ],
        ),
    ] {
        let refused = officer.post("/v1/complaints").once().json(&body).send().await.problem(422, "validation_failed");
        let found: Vec<(String, String)> = faults(&refused).into_iter().collect();
        let found: Vec<_> = found.iter().map(|(place, code)| (&**place, &**code)).collect();
        assert_eq!(found, expected, "{body}");
    }
    let hint = officer.post("/v1/complaints").once().json(&with(&[("/received_on", json!("2566-03-01"))])).send().await;
    assert!(hint.problem(422, "validation_failed").to_string().contains("2023-03-01"));
    // The public states nothing of the kind.
    let refused = service.post("/v1/complaints").once().json(&letter()).send().await.problem(422, "validation_failed");
    let places = ["#/channel", "#/closing", "#/first_answered_on", "#/received_on", "#/register_no"];
    assert_eq!(
        faults(&refused).into_iter().collect::<Vec<_>>(),
        places.map(|place| (place.to_owned(), "only_for_officers".to_owned()))
    );
    let refused = service.post(REQUESTS).once().json(&old_request()).send().await.problem(422, "validation_failed");
    assert!(faults(&refused).into_iter().all(|(_, code)| code == "only_for_officers"));
    // A number of the register is taken once on a day.
    officer.enter("/v1/complaints", &letter()).await;
    officer.post("/v1/complaints").once().json(&letter()).send().await.problem(409, "already_exists");
    officer.enter("/v1/complaints", &with(&[("/received_on", json!("2023-02-28"))])).await;
    officer.enter(REQUESTS, &old_request()).await;
    officer.post(REQUESTS).once().json(&old_request()).send().await.problem(409, "already_exists");
    officer.enter("/v1/e-services/tree-cutting/requests", &old_request()).await;
}

#[tokio::test]
async fn an_answer_whose_day_nobody_knows_is_in_no_figure() {
    let service = open().await;
    service
        .record_from(json!({ "integrity": "2022-10-01", "general": "2022-10-01", "service_requests": "2022-10-01" }))
        .await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let mut unknown = letter();
    unknown["first_answered_on"] = json!(null);
    let found = officer.find(&officer.enter("/v1/complaints", &unknown).await).await;
    assert_eq!([&found["first_answer"]["met_on"], &found["first_answer"]["overdue"]], [&json!(null), &json!(false)]);
    assert_eq!(found["conclusion"]["met_on"], "2023-05-16");
    // What is said afterwards is no first answer.
    let message = json!({ "public": true, "text": "สำเนาหนังสืออยู่ที่งานธุรการ" });
    let path = format!("/v1/complaints/{}", found["id"].as_str().unwrap());
    officer.post(&format!("{path}/messages")).once().json(&message).send().await.expect(201);
    assert_eq!(officer.find(&found).await["first_answer"]["met_on"], json!(null));
    let figures = service.group("integrity", 2566, "year").await;
    assert_eq!(figures["finished_count"], 1, "{figures}");
    assert_eq!(figures["breakdown"]["first_answer"]["in_time_percent"], json!(null), "{figures}");
}

#[tokio::test]
async fn what_is_closed_may_be_of_what_is_no_longer_offered() {
    let service = open().await;
    let officer = service.person("somchai", &[Role::ComplaintOfficer, Role::ServiceOfficer], &[]).await;
    let step = json!({ "action": "unpublish", "reason": "ยกเลิกบริการ" });
    service.transition("/v1/e-services/public-lighting", &step).await;
    let admin = service.token(Role::Admin);
    let categories = service.all("/v1/complaint-categories?kind=corruption").await;
    let bribery = categories.iter().find(|it| it["code"] == "bribery").unwrap()["id"].as_str().unwrap();
    let category = service.patch(&format!("/v1/complaint-categories/{bribery}")).token(&admin);
    category.header("If-Match", "*").json(&json!({ "active": false })).send().await.expect(200);
    officer.enter(REQUESTS, &old_request()).await;
    officer.enter("/v1/complaints", &letter()).await;
    // What goes on is not.
    let mut request = lighting();
    (request["channel"], request["received_on"]) = (json!("phone"), json!("2023-03-01"));
    officer.post(REQUESTS).once().json(&request).send().await.problem(410, "unpublished");
    let mut open = letter();
    (open["closing"], open["register_no"]) = (json!(null), json!("2"));
    let refused = officer.post("/v1/complaints").once().json(&open).send().await.problem(422, "validation_failed");
    assert_eq!(faults(&refused), [("#/category".to_owned(), "unknown_category".to_owned())]);
}

#[tokio::test]
async fn retention_counts_from_the_day_on_which_a_case_was_closed_and_still_lists_it() {
    let service = open().await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let mut old = letter();
    old["received_on"] = json!("2010-03-01");
    old["first_answered_on"] = json!(null);
    old["closing"]["closed_on"] = json!("2010-05-16");
    let given = officer.enter("/v1/complaints", &old).await;
    officer.enter("/v1/complaints", &letter()).await;
    let (retention, today) = (Retention::default(), service.today());
    for (day, destroyed) in [(today, 0), (today + Days::new(29), 0), (today + Days::new(30), 1)] {
        assert_eq!(service.run_on(&retention, day).await.destroyed, destroyed, "{day}");
    }
    let left = officer.find(&given).await;
    assert_eq!([&left["entered_by_id"], &left["register_no"]], [&json!(null), &json!("ชน 52001/2566")]);
    assert_eq!(left["received_on"], "2010-03-01");
    let export = service.export().await;
    let key = prongsai::crypto::signed_note::Verifier::of(&audit_key(), "prongsai");
    let judgement = judged(&export, None, &key);
    assert_eq!((judgement.places, judgement.destroyed.len()), (Vec::new(), 1));
    // Both verifiers tell auditors that it was closed long before it was entered.
    assert!(judgement.destroyed[0].ends_with(", on 2010-05-16 by its record"), "{:?}", judgement.destroyed);
}
