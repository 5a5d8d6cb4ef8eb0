//! The day's work: open cases of both kinds in one list, colleagues, and handing over a desk.

use chrono::TimeDelta;
use prongsai::auth::scope::Role;
use serde_json::{Value, json};

use crate::complaints::{Officer, open};
use crate::support::samples::{complaint, lighting, named_complaint};
use crate::support::{Answer, Service, faults};

const BOTH: [Role; 2] = [Role::ComplaintOfficer, Role::ServiceOfficer];

impl Officer<'_> {
    pub async fn work(&self, query: &str) -> Value {
        self.get(&format!("/v1/work{query}")).send().await.expect(200).json()
    }

    /// The numbers of the cases of a selection.
    async fn selected(&self, query: &str) -> Vec<Value> {
        fields(&self.work(query).await, "reference")
    }
}

impl Service {
    /// What a reporter says later.
    pub async fn say(&self, kind: &str, receipt: &Value) {
        let body = json!({ "receipt": receipt, "text": "เมื่อใดจะเสร็จ" });
        self.post(&format!("/v1/{kind}/lookup/messages")).once().json(&body).send().await.expect(201);
    }
}

fn fields(list: &Value, name: &str) -> Vec<Value> {
    list["items"].as_array().unwrap().iter().map(|item| item[name].clone()).collect()
}

#[tokio::test]
async fn open_cases_of_both_kinds_are_one_list_by_the_next_due_day() {
    let service = open().await;
    let officer = service.person("somchai", &BOTH, &[]).await;
    assert_eq!(officer.work("").await["items"], json!([]));
    let reported = service.report(&complaint()).await;
    let asked = service.ask_for("public-lighting", &lighting()).await;
    let list = officer.work("?include_total=true").await;
    assert_eq!(fields(&list, "kind"), [json!("service_request"), json!("complaint")]);
    assert_eq!(fields(&list, "reference"), [asked["reference"].clone(), reported["reference"].clone()]);
    assert_eq!(fields(&list, "promise"), [json!("completion"), json!("first_answer")]);
    assert_eq!(fields(&list, "days_left")[0], 5);
    assert_eq!(list["page"]["total"], 2);
    let found = officer.find(&reported).await;
    let item = &list["items"][1];
    assert_eq!(item["url"], format!("{}/v1/complaints/{}", service.address, found["id"].as_str().unwrap()));
    assert_eq!((&item["due_on"], &item["status_label"]["en"]), (&found["first_answer"]["due_on"], &json!("received")));
    // The first answer is given: the next promise is the conclusion, and none while the reporter is waited for.
    officer.steps(&found, &["take", "accept"]).await;
    let item = officer.work("?mine=true").await["items"][0].clone();
    assert_eq!((&item["promise"], &item["due_on"]), (&json!("conclusion"), &found["conclusion"]["due_on"]));
    assert_eq!((&item["assignee_id"], &item["assignee_name"]), (&json!(officer.id), &json!("สมศรี ใจดี")));
    officer.step(&found, json!({ "action": "ask", "text": "เกิดเมื่อใด" })).await.expect(200);
    let item = officer.work("?kind=complaint").await["items"][0].clone();
    assert_eq!((&item["due_on"], &item["days_left"], &item["overdue"]), (&json!(null), &json!(null), &json!(false)));
    // What is closed is not work.
    officer.complete(&officer.find_request(&asked).await).await;
    assert_eq!(fields(&officer.work("").await, "kind"), [json!("complaint")]);
    // Page by page, in the same order.
    service.ask_for("public-lighting", &lighting()).await;
    let first = officer.work("?limit=1").await;
    let next = officer.get(first["page"]["next"].as_str().unwrap()).send().await.expect(200).json();
    assert_eq!([&first, &next].map(|page| page["items"][0]["kind"].clone()), ["service_request", "complaint"]);
}

#[tokio::test]
async fn work_is_selected_and_counted_and_not_beyond_the_scopes_and_units_of_the_officer() {
    let service = open().await;
    let officer = service.person("somchai", &BOTH, &[]).await;
    let other = service.service_officer("somying", &["public-works"]).await;
    let (late, asked) = (service.report(&complaint()).await, service.ask_for("public-lighting", &lighting()).await);
    other.step_request(&other.find_request(&asked).await, json!({ "action": "take" })).await.expect(200);
    officer.step(&officer.find(&late).await, json!({ "action": "take" })).await.expect(200);
    service.db().clock.set(service.now() + TimeDelta::days(40));
    let new = service.ask_for("public-lighting", &lighting()).await;
    let of = |given: &[&Value]| given.iter().map(|given| given["reference"].clone()).collect::<Vec<_>>();
    for (query, found) in [
        ("?mine=true", vec![&late]),
        ("?mine=false", vec![&asked, &new]),
        ("?unassigned=true", vec![&new]),
        ("?unassigned=false", vec![&asked, &late]),
        ("?overdue=true", vec![&asked, &late]),
        ("?overdue=false", vec![&new]),
        ("?due_within=5", vec![&new]),
        ("?due_within=0", vec![]),
        ("?kind=complaint&overdue=true", vec![&late]),
        ("?unit=public-works&overdue=true", vec![&asked]),
        ("?sort=-received_at&limit=1", vec![&new]),
    ] {
        assert_eq!(officer.selected(query).await, of(&found), "{query}");
    }
    let counts = officer.work("?mine=true").await["counts"].clone();
    let none = json!({ "awaiting_office": 0, "awaiting_sender": 0, "reminder_due": 0, "delay_notice_due": 1 });
    let with = |mut counts: Value| {
        counts.as_object_mut().unwrap().extend(none.as_object().unwrap().clone());
        counts
    };
    assert_eq!(counts, with(json!({ "open": 3, "mine": 1, "unassigned": 1, "overdue": 2, "due_within": 1 })));
    let counts = other.work("?due_within=0").await["counts"].clone();
    assert_eq!(counts, with(json!({ "open": 2, "mine": 1, "unassigned": 1, "overdue": 1, "due_within": 0 })));
    let elsewhere = service.person("elsewhere", &BOTH, &["legal"]).await.work("").await;
    assert_eq!((&elsewhere["items"], &elsewhere["counts"]["open"]), (&json!([]), &json!(0)));
    let table = officer.get("/v1/work?format=csv&labels=th&unassigned=true").send().await.expect(200).text();
    assert!(table.contains("วันทำการที่เหลือ") && table.contains(new["reference"].as_str().unwrap()), "{table}");
    officer.get("/v1/work?unit=nowhere").send().await.problem(400, "invalid_parameter");
    officer.get("/v1/work?due_within=366").send().await.problem(400, "invalid_parameter");
    service.get("/v1/work").token(&service.token(Role::Admin)).send().await.problem(403, "insufficient_scope");
}

#[tokio::test]
async fn a_case_waits_for_the_office_from_what_is_said_until_it_is_answered() {
    let service = open().await;
    let officer = service.person("somchai", &BOTH, &[]).await;
    let (reported, asked) =
        (service.report(&named_complaint()).await, service.ask_for("public-lighting", &lighting()).await);
    let found = officer.find(&reported).await;
    let waiting = || officer.work("?awaiting_office=true");
    // A new case has its own promise.
    assert_eq!(waiting().await["items"], json!([]));
    service.say("complaints", &reported["receipt"]).await;
    let since = waiting().await["items"][0]["unanswered_at"].clone();
    service.say("complaints", &reported["receipt"]).await;
    service.say("service-requests", &asked["receipt"]).await;
    let list = waiting().await;
    assert_eq!((&list["items"][1]["unanswered_at"], &list["counts"]["awaiting_office"]), (&since, &json!(2)));
    // Neither a note nor a question about the identity is an answer.
    let messages = format!("/v1/complaints/{}/messages", found["id"].as_str().unwrap());
    officer.post(&messages).json(&json!({ "text": "โทรแล้ว", "public": false })).send().await.expect(201);
    officer.step(&found, json!({ "action": "take" })).await.expect(200);
    service.ask_for_identity(&officer.token, &found).await;
    assert_eq!(waiting().await["counts"]["awaiting_office"], 2);
    officer.post(&messages).json(&json!({ "text": "ภายในเดือนนี้", "public": true })).send().await.expect(201);
    assert_eq!(fields(&waiting().await, "kind"), [json!("service_request")]);
    officer.step_request(&officer.find_request(&asked).await, json!({ "action": "accept" })).await.expect(200);
    assert_eq!(waiting().await["items"], json!([]));
    // The answer to a question is said, too.
    officer.steps(&found, &["accept"]).await;
    officer.step(&found, json!({ "action": "ask", "text": "เกิดเมื่อใด" })).await.expect(200);
    service.say("complaints", &reported["receipt"]).await;
    assert_eq!(fields(&waiting().await, "status"), [json!("investigating")]);
    officer.steps(&found, &[]).await;
    officer
        .step(&found, json!({ "action": "conclude", "outcome": "unsubstantiated", "text": "ไม่พบ" }))
        .await
        .expect(200);
    assert_eq!(waiting().await["counts"]["awaiting_office"], 0);
}

#[tokio::test]
async fn work_has_nothing_of_a_case_from_which_the_officer_is_recused() {
    let service = open().await;
    let [first, second, accused] = ["first", "second", "accused"].map(|login| service.person(login, &BOTH, &[]));
    let (first, second, accused) = (first.await, second.await, accused.await);
    let found = first.find(&service.report(&complaint()).await).await;
    service.report(&complaint()).await;
    first.propose(&found, &[&accused.id]).await.expect(200);
    second.decide_recusal(&found, "confirm").await.expect(200);
    let before = accused.work("?include_total=true").await;
    assert_eq!((&before["page"]["total"], &before["counts"]["open"]), (&json!(1), &json!(1)));
    assert!(!before.to_string().contains(found["reference"].as_str().unwrap()));
    assert_eq!(first.work("").await["counts"]["open"], 2);
    // Nor does anything change for them when something happens to it.
    first.step(&found, json!({ "action": "take" })).await.expect(200);
    first.steps(&found, &["accept", "investigate"]).await;
    first.step(&found, json!({ "action": "conclude", "outcome": "unsubstantiated", "text": "ไม่พบ" })).await.expect(200);
    assert_eq!(accused.work("?include_total=true").await, before);
    assert_eq!(first.work("").await["counts"]["open"], 1);
}

#[tokio::test]
async fn colleagues_are_those_who_can_hold_a_case_of_my_units_with_their_open_cases() {
    let service = open().await;
    let officer = service.person("a-head", &BOTH, &["legal"]).await;
    let of_unit = service.complaint_officer("b-legal", &["legal"]).await;
    let of_all = service.complaint_officer("c-all", &[]).await;
    service.service_officer("d-works", &["public-works"]).await;
    service.admin("e-admin").await;
    let colleagues = |query: &'static str| officer.get(&format!("/v1/colleagues?sort=id{query}")).send();
    let all = colleagues("").await.expect(200).json();
    assert_eq!(fields(&all, "id"), [json!(officer.id), json!(of_unit.id), json!(of_all.id)]);
    let handles = [json!(["complaint", "service_request"]), json!(["complaint"]), json!(["complaint"])];
    assert_eq!(fields(&all, "handles"), handles);
    assert_eq!(fields(&all, "units"), [json!(["legal"]), json!(["legal"]), json!("all")]);
    let post = json!({ "name": { "th": "นิติกร" }, "holders": [of_unit.id] });
    service.post("/v1/posts").token(&service.token(Role::Admin)).json(&post).send().await.expect(201);
    let found = of_all.find(&service.report(&complaint()).await).await;
    of_all.step(&found, json!({ "action": "forward", "unit": "legal" })).await.expect(200);
    of_unit.step(&found, json!({ "action": "take" })).await.expect(200);
    let all = colleagues("").await.expect(200).json();
    assert_eq!((&all["items"][1]["posts"][0]["th"], &all["items"][1]["open_count"]), (&json!("นิติกร"), &json!(1)));
    // Who cannot hold a case any more still has it, with their name, until it is handed over.
    let left = json!({ "active": false });
    let admin = service.token(Role::Admin);
    let patch = service.patch(&format!("/v1/users/{}", of_unit.id)).token(&admin).header("If-Match", "*");
    patch.json(&left).send().await.expect(200);
    let left = colleagues("&assignable=false").await.expect(200).json();
    assert_eq!(fields(&left, "id"), [json!(of_unit.id)]);
    assert_eq!((&left["items"][0]["handles"], &left["items"][0]["open_count"]), (&json!([]), &json!(1)));
    assert_eq!(officer.find(&found).await["assignee_name"], "สมศรี ใจดี");
    assert_eq!(fields(&colleagues("&assignable=true").await.expect(200).json(), "id").len(), 2);
    // Who looks after accounts sees the numbers of all, and asks about no case.
    let of_admin = service.get("/v1/colleagues?sort=id").token(&admin).send().await.expect(200).json();
    assert_eq!(fields(&of_admin, "open_count"), [json!(0), json!(1), json!(0), json!(0)]);
    let about = format!("/v1/colleagues?complaint={}", found["id"].as_str().unwrap());
    service.get(&about).token(&admin).send().await.problem(404, "not_found");
    service.get("/v1/colleagues").token(&service.token(Role::Editor)).send().await.problem(403, "insufficient_scope");
}

#[tokio::test]
async fn whoever_is_recused_from_a_complaint_is_no_colleague_for_it_and_counts_it_for_nobody() {
    let service = open().await;
    let [first, second, accused] = ["first", "second", "accused"].map(|login| service.complaint_officer(login, &[]));
    let (first, second, accused) = (first.await, second.await, accused.await);
    let found = first.find(&service.report(&complaint()).await).await;
    first.step(&found, json!({ "action": "take" })).await.expect(200);
    first.propose(&found, &[&accused.id]).await.expect(200);
    second.decide_recusal(&found, "confirm").await.expect(200);
    let about = format!("/v1/colleagues?sort=id&complaint={}", found["id"].as_str().unwrap());
    let able = first.get(&about).send().await.expect(200).json();
    assert_eq!(fields(&able, "id"), [json!(first.id), json!(second.id)]);
    accused.get(&about).send().await.problem(404, "not_found");
    let seen = accused.get("/v1/colleagues?sort=id").send().await.expect(200).json();
    assert_eq!(fields(&seen, "open_count"), [json!(0), json!(0), json!(0)]);
    first.get(&format!("{about}&service_request={}", found["id"].as_str().unwrap())).send().await.expect(400);
    // An admin who is recused does not count it either.
    let admin = service.admin("admin").await;
    first.propose(&found, &[&accused.id, &admin.id]).await.expect(200);
    second.decide_recusal(&found, "confirm").await.expect(200);
    let seen = admin.get("/v1/colleagues?sort=id").send().await.expect(200).json();
    assert!(fields(&seen, "open_count").iter().all(|count| count == 0), "{seen}");
}

impl Officer<'_> {
    async fn hand_over(&self, from: &Officer<'_>, receivers: Value) -> Answer {
        let body = json!({ "from_id": from.id, "receivers": receivers, "text": "ลาคลอด" });
        self.post("/v1/desk-handovers").once().json(&body).send().await
    }

    async fn takes(&self, given: &Value) -> Value {
        let found = self.find(given).await;
        self.step(&found, json!({ "action": "take" })).await.expect(200).json()
    }
}

#[tokio::test]
async fn a_desk_goes_to_others_by_kind_and_unit_in_one_act_and_each_case_tells_of_it() {
    let service = open().await;
    let head = service.person("head", &BOTH, &[]).await;
    let leaving = service.person("leaving", &BOTH, &[]).await;
    let lawyer = service.complaint_officer("lawyer", &[]).await;
    let worker = service.service_officer("worker", &["public-works"]).await;
    let mut taken = Vec::new();
    for _ in 0..3 {
        taken.push(leaving.takes(&service.report(&complaint()).await).await);
    }
    let asked = leaving.find_request(&service.ask_for("public-lighting", &lighting()).await).await;
    leaving.step_request(&asked, json!({ "action": "take" })).await.expect(200);
    // What nobody is named for stays, and a dry run moves nothing.
    let to_lawyer = json!([{ "id": lawyer.id, "kind": "complaint" }]);
    let body = json!({ "from_id": leaving.id, "receivers": to_lawyer });
    let dry = head.post("/v1/desk-handovers?dry_run=true").json(&body).send().await.expect(200).json();
    assert_eq!((&dry["handed_over_count"], &dry["remaining_count"]), (&json!(3), &json!(1)));
    assert_eq!(leaving.work("?mine=true").await["counts"]["mine"], 4);
    let done = head.hand_over(&leaving, to_lawyer).await.expect(200).json();
    assert_eq!((&done["handed_over_count"], &done["remaining_count"]), (&json!(3), &json!(1)));
    let receivers = json!([{ "id": lawyer.id, "display_name": "สมศรี ใจดี", "case_count": 3 }]);
    assert_eq!(done["receivers"], receivers);
    let receivers = json!([{ "id": lawyer.id }, { "id": worker.id, "unit": "public-works" }]);
    let done = head.hand_over(&leaving, receivers).await.expect(200).json();
    assert_eq!((&done["receivers"][1]["case_count"], &done["remaining_count"]), (&json!(1), &json!(0)));
    assert_eq!(worker.work("?mine=true").await["items"][0]["id"], asked["id"]);
    for complaint in &taken {
        let path = format!("/v1/complaints/{}/timeline?sort=-number&limit=1", complaint["id"].as_str().unwrap());
        let event = head.get(&path).send().await.expect(200).json()["items"][0].clone();
        assert_eq!((&event["action"], &event["public"]), (&json!("assign"), &json!(false)));
        assert_eq!((&event["actor_id"], &event["actor_name"]), (&json!(head.id), &json!("สมศรี ใจดี")));
        assert_eq!(event["text"], "ส่งมอบงานจาก สมศรี ใจดี ให้ สมศรี ใจดี\nลาคลอด");
        let log = format!("/v1/audit/events?action=assign&record_id={}", complaint["id"].as_str().unwrap());
        let log = service.get(&log).token(&service.token(Role::Auditor)).send().await.expect(200).json();
        assert_eq!(fields(&log, "actor_id"), [json!(head.id)]);
    }
}

#[tokio::test]
async fn no_case_goes_to_whoever_is_recused_from_it_and_a_desk_goes_whole_or_not_at_all() {
    let service = open().await;
    let [head, leaving, accused, other] =
        ["head", "leaving", "accused", "other"].map(|login| service.complaint_officer(login, &[]));
    let (head, leaving, accused, other) = (head.await, leaving.await, accused.await, other.await);
    let (about, free) = (service.report(&complaint()).await, service.report(&complaint()).await);
    let found = leaving.takes(&about).await;
    leaving.takes(&free).await;
    head.propose(&found, &[&accused.id]).await.expect(200);
    other.decide_recusal(&found, "confirm").await.expect(200);
    let problem = head.hand_over(&leaving, json!([{ "id": accused.id }])).await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/receivers".to_owned(), "not_an_officer".to_owned())]);
    assert!(problem["errors"][0]["detail"].as_str().unwrap().contains(about["reference"].as_str().unwrap()));
    assert_eq!(leaving.work("").await["counts"]["mine"], 2);
    // The next of the receivers who may.
    let done = head.hand_over(&leaving, json!([{ "id": accused.id }, { "id": other.id }])).await.expect(200).json();
    assert_eq!(done["receivers"].as_array().unwrap().iter().map(|it| &it["case_count"]).collect::<Vec<_>>(), [1, 1]);
    assert_eq!(other.find(&about).await["assignee_id"], other.id);
    // Whoever is recused hands over nothing of it, and learns nothing of it.
    let done = accused.hand_over(&other, json!([{ "id": leaving.id }])).await.expect(200).json();
    assert_eq!((&done["handed_over_count"], &done["remaining_count"]), (&json!(0), &json!(0)));
    let problem = head.hand_over(&leaving, json!([{ "id": leaving.id, "unit": "nowhere" }])).await;
    let faults = faults(&problem.problem(422, "validation_failed"));
    let places = faults.iter().map(|(place, code)| (&**place, &**code)).collect::<Vec<_>>();
    assert_eq!(places, [("#/receivers/0/id", "not_for_this"), ("#/receivers/0/unit", "unknown_unit")]);
}

#[tokio::test]
async fn the_lists_of_both_kinds_are_filtered_by_outcome_and_due_day() {
    let service = open().await;
    let officer = service.person("somchai", &BOTH, &[]).await;
    let found = officer.find(&service.report(&complaint()).await).await;
    let asked = officer.find_request(&service.ask_for("public-lighting", &lighting()).await).await;
    let listed = async |path: &str| fields(&officer.get(path).send().await.expect(200).json(), "id").len();
    let next = |day: &Value| day.as_str().unwrap().parse::<chrono::NaiveDate>().unwrap().succ_opt().unwrap();
    let (first, conclusion) = (&found["first_answer"]["due_on"], &found["conclusion"]["due_on"]);
    for (collection, due) in [("complaints", first), ("service-requests", &asked["completion"]["due_on"])] {
        let day = due.as_str().unwrap();
        assert_eq!(listed(&format!("/v1/{collection}?due_from={day}&due_to={day}")).await, 1, "{collection}");
        assert_eq!(listed(&format!("/v1/{collection}?due_from={}", next(due))).await, 0, "{collection}");
        let typed = officer.get(&format!("/v1/{collection}?due_to=2567-04-30")).send().await;
        assert!(typed.problem(400, "invalid_parameter").to_string().contains("2024"), "{collection}");
        officer.get(&format!("/v1/{collection}?due_from=2024-05-02&due_to=2024-05-01")).send().await.expect(400);
    }
    officer.steps(&found, &["accept", "investigate"]).await;
    assert_eq!(listed(&format!("/v1/complaints?due_from={}", conclusion.as_str().unwrap())).await, 1);
    let referral = json!({ "authority": "สำนักงาน ป.ป.ช." });
    let end = json!({ "action": "conclude", "outcome": "referred", "text": "ส่ง ป.ป.ช.", "referral": referral });
    officer.step(&found, end).await.expect(200);
    assert_eq!(listed("/v1/complaints?outcome=referred,substantiated").await, 1);
    assert_eq!(listed("/v1/complaints?outcome=unsubstantiated").await, 0);
    assert_eq!(listed("/v1/complaints?due_to=2099-01-01").await, 0);
}

#[tokio::test]
async fn names_stand_beside_the_ids_of_persons_for_the_office_and_for_nobody_else() {
    let service = open().await;
    let [first, second, accused] = ["first", "second", "accused"].map(|login| service.complaint_officer(login, &[]));
    let (first, second, accused) = (first.await, second.await, accused.await);
    let given = service.report(&complaint()).await;
    let found = first.takes(&given).await;
    assert_eq!((&found["assignee_id"], &found["assignee_name"]), (&json!(first.id), &json!("สมศรี ใจดี")));
    let path = format!("/v1/complaints/{}", found["id"].as_str().unwrap());
    let message = json!({ "text": "รับเรื่องแล้ว", "public": true });
    let said = first.post(&format!("{path}/messages")).json(&message).send().await.expect(201).json();
    assert_eq!(said["actor_name"], "สมศรี ใจดี");
    // Of whoever has left, and under the name that they have now.
    let user = format!("/v1/users/{}", first.id);
    let patch = service.patch(&user).token(&service.token(Role::Admin)).header("If-Match", "*");
    patch.json(&json!({ "display_name": "สมศรี มีสุข", "active": false })).send().await.expect(200);
    let timeline = second.get(&format!("{path}/timeline")).send().await.expect(200).json();
    let names = [json!(null), json!("สมศรี มีสุข"), json!("สมศรี มีสุข")];
    assert_eq!(fields(&timeline, "actor_name"), names);
    for list in ["/v1/complaints", &format!("{path}/timeline"), "/v1/work"] {
        let table = second.get(&format!("{list}?format=csv&labels=th")).send().await.expect(200).text();
        assert!(table.contains("สมศรี มีสุข"), "{list}");
    }
    let proposed = second.propose(&found, &[&accused.id]).await.expect(200).json();
    let person = json!([{ "id": accused.id, "name": "สมศรี ใจดี" }]);
    assert_eq!(proposed["recusal_proposal"]["recused_people"], person);
    assert_eq!(proposed["recusal_proposal"]["proposed_by_name"], "สมศรี ใจดี");
    let seen = service.look_up(&given["receipt"]).await.expect(200).text();
    assert!(!seen.contains("สมศรี") && seen.contains("รับเรื่องแล้ว"), "{seen}");
}

#[tokio::test]
async fn the_lists_of_both_kinds_are_filtered_by_holds() {
    let service = open().await;
    let officer = service.person("somchai", &BOTH, &[]).await;
    for _ in 0..2 {
        service.report(&complaint()).await;
        service.ask_for("public-lighting", &lighting()).await;
    }
    for (collection, table) in [("complaints", "complaint"), ("service-requests", "service_request")] {
        let listed = async |query: &str| {
            let path = format!("/v1/{collection}?{query}");
            fields(&officer.get(&path).send().await.expect(200).json(), "id").len()
        };
        let held = format!("UPDATE {table} SET on_hold = TRUE WHERE id = (SELECT id FROM {table} LIMIT 1)");
        service.tamper(&[&held]).await;
        assert_eq!((listed("on_hold=true").await, listed("on_hold=false").await), (1, 1), "{collection}");
    }
}

#[tokio::test]
async fn a_case_goes_to_the_first_receiver_who_can_hold_cases_of_its_kind() {
    let service = open().await;
    let head = service.person("head", &BOTH, &[]).await;
    let leaving = service.person("leaving", &BOTH, &[]).await;
    let (lawyer, worker) =
        (service.complaint_officer("lawyer", &[]).await, service.service_officer("worker", &[]).await);
    leaving.takes(&service.report(&complaint()).await).await;
    let asked = leaving.find_request(&service.ask_for("public-lighting", &lighting()).await).await;
    leaving.step_request(&asked, json!({ "action": "take" })).await.expect(200);
    let done = head.hand_over(&leaving, json!([{ "id": worker.id }, { "id": lawyer.id }])).await.expect(200).json();
    assert_eq!((&done["receivers"][0]["case_count"], &done["receivers"][1]["case_count"]), (&json!(1), &json!(1)));
}
