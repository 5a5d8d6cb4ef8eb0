//! Requests for e-services, from both sides.

use chrono::TimeDelta;
use prongsai::app::config::Settings;
use prongsai::app::demo;
use prongsai::auth::scope::Role;
use prongsai::cases::deadline;
use prongsai::domain::place::Boundary;
use prongsai::domain::thai;
use prongsai::domain::working_days::midnight;
use prongsai::e_services::requests::unconfirmed;
use serde_json::{Value, json};

use crate::audit::verified;
use crate::cli::Served;
use crate::complaints::{Officer, open, open_on_time};
use crate::secrets::{is_in, left_in};
use crate::support::form::Form;
use crate::support::samples::{complaint, e_service, lighting, photo};
use crate::support::{Answer, Service, faults, hold_commits, on_postgres, spawn_with};

impl Service {
    pub async fn look_up_request(&self, receipt: &Value) -> Answer {
        self.post("/v1/service-requests/lookup").json(&json!({ "receipt": receipt })).send().await
    }

    /// Sends something that is refused; gives where and why.
    async fn refused(&self, code: &str, body: &Value) -> Vec<(String, String)> {
        let path = format!("/v1/e-services/{code}/requests");
        faults(&self.post(&path).once().json(body).send().await.problem(422, "validation_failed"))
    }

    /// The days that can be booked, and how many more requests for each.
    pub async fn days(&self, code: &str) -> Vec<Value> {
        let days = self.get(&format!("/v1/e-services/{code}/days")).send().await.expect(200).json();
        days["items"].as_array().unwrap().clone()
    }

    /// How many more requests can be booked for a day.
    pub async fn free(&self, code: &str, day: &Value) -> Value {
        self.days(code).await.iter().find(|one| one["date"] == *day).expect("such a day")["free_count"].clone()
    }

    /// The first day that can be booked.
    async fn free_day(&self, code: &str) -> Value {
        self.days(code).await.iter().find(|day| day["free_count"] != 0).expect("a free day")["date"].clone()
    }

    pub async fn rate(&self, receipt: &Value, rating: i32) -> Answer {
        let body = json!({ "receipt": receipt, "rating": rating, "text": "ซ่อมเร็วมาก" });
        self.post("/v1/service-requests/lookup/rating").once().json(&body).send().await
    }
}

impl Officer<'_> {
    /// The request that a receipt was given for.
    pub async fn find_request(&self, given: &Value) -> Value {
        let path = format!("/v1/service-requests?reference={}", given["reference"].as_str().unwrap());
        self.get(&path).send().await.expect(200).json()["items"][0].clone()
    }

    pub async fn step_request(&self, request: &Value, body: Value) -> Answer {
        let path = format!("/v1/service-requests/{}/transitions", request["id"].as_str().unwrap());
        self.post(&path).json(&body).send().await
    }

    pub async fn batch(&self, query: &str, steps: Value) -> Answer {
        let path = format!("/v1/service-requests/transitions/batch{query}");
        self.post(&path).json(&json!({ "items": steps })).send().await
    }

    /// From submitted to completed, at once.
    pub async fn complete(&self, request: &Value) {
        let id = &request["id"];
        let steps = json!([
            { "id": id, "action": "accept" },
            { "id": id, "action": "start" },
            { "id": id, "action": "complete", "text": "เปลี่ยนหลอดแล้ว" },
        ]);
        self.batch("", steps).await.expect(200);
    }
}

#[tokio::test]
async fn somebody_asks_follows_gets_a_photo_of_what_was_done_and_rates_it_and_nobody_else_reads_who() {
    let mut service = open_on_time().await;
    let mut served = Served::beside(&service).await;
    service.address = served.address.clone();
    let given = service.ask_for("public-lighting", &lighting()).await;
    let receipt = &given["receipt"];
    assert_eq!(given["completion"]["working_days"], 5);
    service.attach_to("service-requests", receipt, "เสาไฟ.jpg", &photo()).await.expect(201);

    let officer = service.service_officer("somchai", &["public-works"]).await;
    let found = officer.find_request(&given).await;
    for part in ["form", "applicant", "location"] {
        assert_eq!(found[part], lighting()[part], "{part}");
    }
    assert_eq!((&found["e_service"], &found["unit"]), (&json!("public-lighting"), &json!("public-works")));
    officer.step_request(&found, json!({ "action": "take" })).await.expect(200);
    officer.step_request(&found, json!({ "action": "accept" })).await.expect(200);
    let messages = format!("/v1/service-requests/{}/messages", found["id"].as_str().unwrap());
    let note = json!({ "text": "โทรแล้วไม่รับสาย", "public": false });
    officer.post(&messages).json(&note).send().await.expect(201);
    officer.step_request(&found, json!({ "action": "start" })).await.expect(200);
    officer.step_request(&found, json!({ "action": "complete", "text": "เปลี่ยนหลอดแล้ว" })).await.expect(200);
    let files = format!("/v1/service-requests/{}/attachments", found["id"].as_str().unwrap());
    let after = Form::new().field("public", "true").file("หลังซ่อม.jpg", &photo());
    let file = officer.post(&files).form(after).send().await.expect(201).json();
    let original = officer.get(&format!("/v1/service-request-attachments/{}", file["id"].as_str().unwrap()));
    assert_eq!(original.send().await.expect(200).body, photo());

    let seen = service.look_up_request(receipt).await.expect(200).json();
    assert_eq!((&seen["status"], &seen["takes_rating"]), (&json!("completed"), &json!(true)));
    assert_eq!((&seen["form"], seen.get("applicant")), (&lighting()["form"], None));
    let actions: Vec<_> = seen["timeline"].as_array().unwrap().iter().map(|event| &event["action"]).collect();
    assert_eq!(actions, ["attach", "complete", "start", "accept", "attach", "receive"]);
    assert_eq!(seen["attachments"][1]["file_name"], "หลังซ่อม.jpg");
    let download = json!({ "receipt": receipt, "id": file["id"] });
    let download = service.post("/v1/service-requests/lookup/attachments/download").json(&download).send().await;
    assert_eq!(download.expect(200).body, photo());
    assert_eq!(service.rate(receipt, 5).await.expect(200).json()["rating"], 5);
    assert_eq!(officer.find_request(&given).await["rating"], 5);
    let audit = service.export().await;
    assert_eq!(verified(&audit, None), Vec::<String>::new());

    assert!(served.process.terminate());
    let mut left = left_in(service.folder.path(), &service.database_url).await;
    left.push(("audit log".to_owned(), audit.into()));
    let receipt = receipt.as_str().unwrap();
    let written = lighting();
    let texts = ["full_name", "phone", "email"].map(|field| &written["applicant"][field]);
    let exactly = written["location"]["latitude"].to_string();
    let texts =
        texts.into_iter().chain([&written["location"]["address"], &written["form"]["pole_number"], &note["text"]]);
    let mut texts: Vec<String> = texts.map(|text| text.as_str().unwrap().to_owned()).collect();
    texts.extend([
        exactly.clone(),
        exactly.replace('.', ""),
        receipt.to_owned(),
        receipt.replace('-', ""),
        "GPS-CANARY".to_owned(),
        "หลังซ่อม.jpg".to_owned(),
    ]);
    for (place, bytes) in &left {
        let clear: Vec<_> = texts.iter().filter(|text| is_in(text, bytes)).collect();
        assert!(clear.is_empty(), "{place} has {clear:?}");
    }
}

#[tokio::test]
async fn what_is_wrong_in_a_form_is_told_by_the_titles_that_it_has() {
    let service = open().await;
    let with = |form: Value| {
        let mut body = lighting();
        body["form"] = form;
        body
    };
    for (form, expected) in [
        (json!({}), vec![("#/form/fault", "required")]),
        (json!({ "fault": "nonsense" }), vec![("#/form/fault", "not_allowed")]),
        (
            json!({ "fault": 1, "lamp_count": 101, "pole_number": "x".repeat(51) }),
            vec![
                ("#/form/fault", "wrong_type"),
                ("#/form/lamp_count", "too_large"),
                ("#/form/pole_number", "too_long"),
            ],
        ),
    ] {
        let mut told = service.refused("public-lighting", &with(form.clone())).await;
        let mut expected: Vec<_> = expected.into_iter().map(|(a, b)| (a.to_owned(), b.to_owned())).collect();
        told.sort();
        expected.sort();
        assert_eq!(told, expected, "{form}");
    }
    let body = with(json!({ "fault": "out", "lamp_count": 0 }));
    let problem = service.post("/v1/e-services/public-lighting/requests").once().json(&body).send().await;
    assert_eq!(problem.problem(422, "validation_failed")["errors"][0]["detail"], "จำนวนโคมไฟ (ดวง): ต้องไม่น้อยกว่า 1");
    let many: serde_json::Map<_, _> = (0..1000).map(|n| (format!("f{n}"), json!(n))).collect();
    assert_eq!(service.refused("public-lighting", &with(many.into())).await, [("#/form".into(), "too_large".into())]);
    let body = with(json!({ "fault": "out", "colour": "red" }));
    let problem = service.post("/v1/e-services/public-lighting/requests").once().json(&body).send().await;
    assert_eq!(faults(&problem.problem(400, "unknown_field")), [("#/form/colour".into(), "unknown_field".into())]);
    let officer = service.service_officer("somchai", &[]).await;
    let list = officer.get("/v1/service-requests?include_total=true").send().await.expect(200).json();
    assert_eq!(list["page"]["total"], 0);
}

#[tokio::test]
async fn what_can_be_filled_in_is_told_and_what_is_too_deep_is_not_kept() {
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    let mut body = e_service("survey");
    body["form_schema"] = json!({
        "type": "object",
        "properties": {
            "level": { "type": "integer", "enum": [1, 2, 3] },
            "near": { "type": "boolean" },
            "when": { "oneOf": [{ "const": "day", "title": "กลางวัน" }, { "type": "string", "const": "night" }] },
            "size": { "multipleOf": 5 },
            "sure": { "const": true },
            "age": { "type": ["integer", "null"] },
            "things": { "type": "array" },
        },
        "additionalProperties": false,
    });
    service.post("/v1/e-services").token(&service.token(Role::Editor)).json(&body).send().await.expect(201);
    let with = |form: Value| json!({ "form": form, "location": { "address": "ซอย 3" } });
    let ask = async |form: Value| {
        let request = service.post("/v1/e-services/survey/requests").once().header("Accept-Language", "en");
        request.json(&with(form)).send().await
    };
    let form = json!({ "level": 9, "near": "yes", "when": "dawn", "size": 7, "sure": false, "age": "ten" });
    let problem = ask(form).await.problem(422, "validation_failed");
    let told = problem["errors"].as_array().unwrap().iter();
    let mut told: Vec<_> = told
        .map(|fault| format!("{} {}", &fault["pointer"].as_str().unwrap()[7..], fault["detail"].as_str().unwrap()))
        .collect();
    told.sort();
    assert_eq!(
        told,
        [
            "age must be a whole number",
            "level must be one of 1, 2, 3",
            "near must be true or false",
            "size must be a multiple of 5",
            "sure must be true",
            "when must be one of day, night",
        ]
    );
    let deep = |depth: usize| (1..depth).fold(json!([]), |inner, _| json!([inner]));
    let given = ask(json!({ "things": deep(31) })).await.expect(201).json();
    assert_eq!(officer.find_request(&given).await["form"]["things"], deep(31));
    let problem = ask(json!({ "things": deep(32) })).await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/form".into(), "too_large".into())]);
    // Also not over Open311, where it is sent as a text.
    let text = deep(126).to_string();
    let fields = [("service_code", "survey"), ("address_string", "ซอย 3"), ("attribute[things]", &text)];
    service.submit("/open311/v2/requests.json", &fields).await.expect(400);
    let list = officer.get("/v1/service-requests?include_total=true").send().await.expect(200).json();
    assert_eq!(list["page"]["total"], 1);
    // Numbers are read as people write them down.
    let typed = given["reference"].as_str().unwrap().to_lowercase().replace('-', "");
    assert_eq!(officer.find_request(&json!({ "reference": typed })).await["reference"], given["reference"]);
}

#[tokio::test]
async fn a_place_is_named_where_one_is_needed_and_is_in_the_municipality() {
    let boundary = Boundary::parse(include_str!("../../data/boundary.geojson")).unwrap();
    let service = spawn_with(Settings { boundary: Some(boundary), ..Settings::default() }).await;
    demo::fill(service.db()).await.unwrap();
    let with = |place: Value| {
        let mut body = lighting();
        body["location"] = place;
        body
    };
    for (place, at, code) in [
        (json!(null), "#/location", "needed"),
        (json!({}), "#/location", "empty"),
        (json!({ "latitude": 15.18 }), "#/location", "both_or_none"),
        (json!({ "latitude": 13.75, "longitude": 100.5 }), "#/location", "outside"),
        (json!({ "latitude": 91, "longitude": 100.5 }), "#/location/latitude", "too_large"),
    ] {
        assert_eq!(service.refused("public-lighting", &with(place)).await, [(at.to_owned(), code.to_owned())]);
    }
    service.ask_for("public-lighting", &with(json!({ "address": "ซอย 3" }))).await;
    service.ask_for("public-lighting", &lighting()).await;
    let announcement = json!({ "message": "ขอเชิญร่วมงานประจำปี", "announce_from": "2026-12-01" });
    let day = service.free_day("loudspeaker-announcement").await;
    let applicant = json!({ "phone": "081-234-5678" });
    let body =
        json!({ "form": announcement, "applicant": applicant, "location": { "address": "ซอย 3" }, "booked_on": day });
    assert_eq!(
        service.refused("loudspeaker-announcement", &body).await,
        [("#/location".into(), "not_for_this".into())]
    );
    // Nobody need say who they are, unless they book a day.
    let body = json!({ "form": announcement, "booked_on": day });
    assert_eq!(service.refused("loudspeaker-announcement", &body).await, [("#/applicant".into(), "needed".into())]);
    let mut anonymous = lighting();
    anonymous["applicant"] = json!(null);
    service.ask_for("public-lighting", &anonymous).await;
    let empty = json!({ "form": announcement, "applicant": {}, "booked_on": day });
    assert_eq!(service.refused("loudspeaker-announcement", &empty).await, [("#/applicant".into(), "empty".into())]);
}

#[tokio::test]
async fn what_is_not_offered_is_not_asked_for_and_channels_are_for_officers_to_say() {
    let service = open().await;
    let send = async |code: &str| {
        service.post(&format!("/v1/e-services/{code}/requests")).once().json(&lighting()).send().await
    };
    send("nothing").await.problem(404, "not_found");
    let given = service.ask_for("public-lighting", &lighting()).await;
    service.transition("/v1/e-services/public-lighting", &json!({ "action": "unpublish", "reason": "เลิกบริการ" })).await;
    assert!(send("public-lighting").await.problem(410, "unpublished")["detail"].as_str().unwrap().contains("เลิกบริการ"));
    // What is there goes on.
    let officer = service.service_officer("somchai", &[]).await;
    officer.complete(&officer.find_request(&given).await).await;
    let mut body = lighting();
    body["channel"] = json!("phone");
    body["form"] = json!({ "reason": "กิ่งพาดสายไฟ", "tree_count": 1, "land": "public" });
    body["booked_on"] = service.free_day("tree-cutting").await;
    assert_eq!(service.refused("tree-cutting", &body).await, [("#/channel".into(), "only_for_officers".into())]);
    let path = "/v1/e-services/tree-cutting/requests";
    let given = officer.post(path).once().json(&body).send().await.expect(201).json();
    assert_eq!(officer.find_request(&given).await["channel"], "phone");
    service.post(path).json(&body).send().await.problem(400, "invalid_parameter");
}

#[tokio::test]
async fn a_request_sent_twice_is_one_and_its_receipt_opens_no_complaint() {
    let service = open().await;
    let path = "/v1/e-services/public-lighting/requests";
    let send = || service.post(path).header("Idempotency-Key", "0123456789abcdef").json(&lighting()).send();
    let (first, again) = (send().await.expect(201), send().await.expect(201));
    assert_eq!((again.header("idempotency-replayed"), again.json()), ("true", first.json()));
    let receipt = first.json()["receipt"].clone();
    service.look_up(&receipt).await.problem(404, "unknown_receipt");
    let other = service.report(&complaint()).await["receipt"].clone();
    service.look_up_request(&other).await.problem(404, "unknown_receipt");
    service.rate(&other, 5).await.problem(404, "unknown_receipt");
}

#[tokio::test]
async fn requests_keep_the_form_that_they_were_sent_with() {
    let service = open().await;
    service
        .post("/v1/e-services")
        .token(&service.token(prongsai::auth::scope::Role::Editor))
        .json(&e_service("rubbish"))
        .send()
        .await
        .expect(201);
    let body = |form: Value| json!({ "form": form, "location": { "address": "ซอย 3" } });
    let old = service.ask_for("rubbish", &body(json!({ "what": "ตู้เย็น" }))).await;
    let patch = json!({ "form_schema": { "properties": { "what": null, "count": { "type": "integer" } }, "required": ["count"] } });
    service.change("/v1/e-services/rubbish", &patch).await;
    assert_eq!(
        service.refused("rubbish", &body(json!({ "count": "x" }))).await,
        [("#/form/count".into(), "wrong_type".into())]
    );
    let new = service.ask_for("rubbish", &body(json!({ "count": 2 }))).await;
    let officer = service.service_officer("somchai", &[]).await;
    let (old, new) = (officer.find_request(&old).await, officer.find_request(&new).await);
    assert_eq!((&old["form_version"], &old["form"]), (&json!(1), &json!({ "what": "ตู้เย็น" })));
    assert_eq!((&new["form_version"], &new["form"]), (&json!(2), &json!({ "count": 2 })));
    officer.complete(&new).await;
    assert_eq!(
        officer.get("/v1/service-requests?e_service=rubbish&status=completed").send().await.expect(200).json()["items"]
            [0]["unit"],
        "public-health"
    );
}

#[tokio::test]
async fn up_to_a_hundred_steps_are_taken_together_or_none() {
    let service = open().await;
    let officer = service.service_officer("somchai", &["public-works"]).await;
    let mut found = Vec::new();
    for _ in 0..3 {
        found.push(officer.find_request(&service.ask_for("public-lighting", &lighting()).await).await);
    }
    let step = |request: &Value, action: &str| json!({ "id": request["id"], "action": action });
    let nobody = json!({ "id": "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11" });
    let wrong = json!([step(&found[0], "accept"), step(&found[1], "start"), step(&nobody, "accept"),
        { "id": found[2]["id"], "action": "forward", "unit": "nowhere" }, step(&found[1], "accept")]);
    let problem = officer.batch("", wrong).await.problem(422, "validation_failed");
    let expected =
        [("#/items/1", "illegal_transition"), ("#/items/2", "not_found"), ("#/items/3/unit", "unknown_unit")];
    assert_eq!(faults(&problem), expected.map(|(place, code)| (place.to_owned(), code.to_owned())));
    assert!(problem["errors"][0]["detail"].as_str().unwrap().contains("เริ่มดำเนินการ"));
    let missing = officer.batch("", json!([step(&found[0], "reject")])).await.problem(422, "validation_failed");
    assert_eq!(faults(&missing), [("#/items/0/text".into(), "needed".into())]);
    // What was forwarded to another unit is that unit's.
    let away =
        json!([{ "id": found[0]["id"], "action": "forward", "unit": "clerk-office" }, step(&found[0], "accept")]);
    let problem = officer.batch("", away).await.problem(409, "illegal_transition");
    assert_eq!(faults(&problem), [("#/items/1".into(), "not_found".into())]);
    // A program is no officer who could have a request.
    let program = service.token_with(&["service-requests:handle"]);
    let takes = json!({ "items": [step(&found[1], "take"), step(&nobody, "accept")] });
    let taken = service.post("/v1/service-requests/transitions/batch").token(&program).json(&takes).send().await;
    let expected = [("#/items/0", "no_account"), ("#/items/1", "not_found")];
    let problem = taken.problem(422, "validation_failed");
    assert_eq!(faults(&problem), expected.map(|(place, code)| (place.to_owned(), code.to_owned())));
    let all: Vec<Value> = found.iter().map(|request| step(request, "accept")).collect();
    let dry = officer.batch("?dry_run=true", json!(all)).await.expect(200).json();
    assert!(dry["items"].as_array().unwrap().iter().all(|item| item["status"] == "accepted"));
    let status = officer.get(&format!("/v1/service-requests/{}", found[0]["id"].as_str().unwrap())).send().await;
    assert_eq!(status.expect(200).json()["status"], "received");
    let done = officer.batch("", json!(all)).await.expect(200).json();
    assert_eq!(done["items"].as_array().unwrap().len(), 3);
    let hundred: Vec<Value> = (0..100).map(|n| json!({ "id": found[n % 3]["id"], "action": "take" })).collect();
    assert_eq!(officer.batch("", json!(hundred)).await.expect(200).json()["items"].as_array().unwrap().len(), 3);
    let more: Vec<Value> = (0..101).map(|_| step(&found[0], "take")).collect();
    assert_eq!(
        faults(&officer.batch("", json!(more)).await.problem(422, "validation_failed")),
        [("#/items".into(), "too_many".into())]
    );
}

#[tokio::test]
async fn an_applicant_cancels_and_rates_only_what_is_completed() {
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    let given = service.ask_for("public-lighting", &lighting()).await;
    service.rate(&given["receipt"], 5).await.problem(409, "illegal_transition");
    let said = json!({ "receipt": given["receipt"], "text": "ไฟดับสองดวง" });
    let message =
        service.post("/v1/service-requests/lookup/messages").once().json(&said).send().await.expect(201).json();
    assert_eq!((&message["number"], &message["text"]), (&json!(2), &said["text"]));
    let cancel = || service.post("/v1/service-requests/lookup/cancellation").once().json(&said).send();
    let seen = cancel().await.expect(200).json();
    assert_eq!((&seen["status"], &seen["takes_messages"]), (&json!("cancelled"), &json!(false)));
    cancel().await.problem(409, "illegal_transition");
    service
        .post("/v1/service-requests/lookup/messages")
        .once()
        .json(&said)
        .send()
        .await
        .problem(409, "illegal_transition");
    service.rate(&given["receipt"], 5).await.problem(409, "illegal_transition");

    let given = service.ask_for("public-lighting", &lighting()).await;
    let found = officer.find_request(&given).await;
    // A lamp is mended on no day that is booked, and who asked online reads the result.
    let refused = officer.step_request(&found, json!({ "action": "complete", "text": "แล้ว" })).await;
    let detail = refused.problem(409, "illegal_transition")["detail"].to_string();
    assert!(detail.contains("รับคำขอ") && !detail.contains("เลื่อนวันนัดหมาย"), "{detail}");
    officer.complete(&found).await;
    let refused = officer.step_request(&found, json!({ "action": "accept" })).await;
    let detail = refused.problem(409, "illegal_transition")["detail"].to_string();
    assert!(detail.contains("นำกลับมาดำเนินการใหม่") && !detail.contains("บันทึกการแจ้งผล"), "{detail}");
    service.rate(&given["receipt"], 1).await.expect(200);
    assert_eq!(service.rate(&given["receipt"], 4).await.expect(200).json()["rating"], 4);
    for wrong in [0, 6] {
        let problem = service.rate(&given["receipt"], wrong).await.problem(422, "validation_failed");
        assert_eq!(faults(&problem)[0].0, "#/rating");
    }
    // What is done anew is rated anew, and promised anew.
    let reopened = officer.step_request(&found, json!({ "action": "reopen", "text": "ดับอีก" })).await.expect(200).json();
    assert_eq!((&reopened["rating"], &reopened["reopen_count"]), (&json!(null), &json!(1)));
    assert_eq!(reopened["completion"]["starts_on"], json!(service.today().to_string()));
}

#[tokio::test]
async fn a_ready_text_is_filled_in_before_a_citizen_reads_it() {
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    let found = officer.find_request(&service.ask_for("public-lighting", &lighting()).await).await;
    let ready = service.get("/v1/guides/refusal-of-an-application").send().await.expect(200).json()["text"].clone();
    let refusal = |text: &Value| json!({ "action": "reject", "text": text });
    let problem = officer.step_request(&found, refusal(&ready)).await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/text".to_owned(), "missing_part".to_owned())]);
    let passage = "[เหตุผล ข้อเท็จจริง และข้อกฎหมาย]";
    assert!(problem["errors"][0]["detail"].as_str().unwrap().contains(passage), "{problem}");
    let path = format!("/v1/service-requests/{}/messages", found["id"].as_str().unwrap());
    let say = |public: bool| officer.post(&path).json(&json!({ "text": ready, "public": public })).send();
    say(true).await.problem(422, "validation_failed");
    let past = json!({
        "form": {},
        "channel": "walk_in",
        "received_on": "2023-03-01",
        "closing": { "status": "rejected", "closed_on": "2023-03-07", "text": ready },
    });
    let past = officer.post("/v1/e-services/public-lighting/requests").once().json(&past).send().await;
    assert_eq!(faults(&past.problem(422, "validation_failed"))[0].0, "#/closing/text");
    // A number in brackets is a reference, also in a ready text.
    let delay = json!({ "title": { "th": "ล่าช้า" }, "occasion": "delay", "code": "delay-of-the-office", "text": "ตามประกาศ [1]" });
    service.post("/v1/guides").token(&service.token(Role::Editor)).once().json(&delay).send().await.expect(201);
    officer.post(&path).json(&json!({ "text": "อ้างอิง [1]", "public": true })).send().await.expect(201);
    // Among colleagues it is a draft, and other brackets are what somebody writes.
    say(false).await.expect(201);
    let filled = json!(ready.as_str().unwrap().replace(passage, "เสาไฟเป็นของการไฟฟ้า [ตามหนังสือที่แนบ]"));
    officer.step_request(&found, refusal(&filled)).await.expect(200);
}

#[tokio::test]
async fn a_rating_answers_with_itself_alone_and_is_taken_five_times_in_all() {
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    let given = service.ask_for("public-lighting", &lighting()).await;
    // The request as a whole would be some hundred kilobytes.
    let said = json!({ "receipt": given["receipt"], "text": "ก".repeat(9_000) });
    for _ in 0..8 {
        service.post("/v1/service-requests/lookup/messages").once().json(&said).send().await.expect(201);
    }
    let found = officer.find_request(&given).await;
    officer.complete(&found).await;
    let takes_rating =
        async || service.look_up_request(&given["receipt"]).await.expect(200).json()["takes_rating"].clone();
    for (rating, left) in [(1, 4), (2, 3), (3, 2)] {
        let answer = service.rate(&given["receipt"], rating).await.expect(200);
        assert_eq!(answer.json(), json!({ "rating": rating, "changes_left": left }));
        assert!(answer.body.len() < 100, "{} bytes", answer.body.len());
    }
    // Also when it is done anew in between.
    officer.step_request(&found, json!({ "action": "reopen", "text": "ดับอีก" })).await.expect(200);
    officer.step_request(&found, json!({ "action": "complete", "text": "เปลี่ยนแล้ว" })).await.expect(200);
    for (rating, left) in [(4, 1), (5, 0)] {
        assert_eq!(takes_rating().await, true);
        assert_eq!(service.rate(&given["receipt"], rating).await.expect(200).json()["changes_left"], left);
    }
    assert_eq!(takes_rating().await, false);
    let problem = service.rate(&given["receipt"], 1).await.problem(409, "illegal_transition");
    assert!(problem["detail"].as_str().unwrap().contains("5 ครั้ง"), "{problem}");
    assert_eq!(officer.find_request(&given).await["rating"], 5);
}

#[tokio::test]
async fn officers_see_the_requests_of_their_units() {
    let service = open().await;
    let given = service.ask_for("public-lighting", &lighting()).await;
    let (chief, builder) =
        (service.service_officer("chief", &[]).await, service.service_officer("builder", &["public-works"]).await);
    let clerk = service.service_officer("clerk", &["clerk-office"]).await;
    let found = builder.find_request(&given).await;
    assert_eq!(clerk.find_request(&given).await, json!(null));
    let address = format!("/v1/service-requests/{}", found["id"].as_str().unwrap());
    clerk.get(&address).send().await.problem(404, "not_found");
    clerk.step_request(&found, json!({ "action": "take" })).await.problem(404, "not_found");
    builder.step_request(&found, json!({ "action": "take" })).await.expect(200);
    chief.step_request(&found, json!({ "action": "take" })).await.problem(409, "illegal_transition");
    let assign = json!({ "action": "assign", "assignee_id": clerk.id });
    let problem = chief.step_request(&found, assign.clone()).await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/assignee_id".into(), "not_an_officer".into())]);
    let forward = json!({ "action": "forward", "unit": "clerk-office", "text": "ไม่ใช่เสาของเรา" });
    let moved = builder.step_request(&found, forward).await.expect(200).json();
    assert_eq!((&moved["unit"], &moved["assignee_id"]), (&json!("clerk-office"), &json!(null)));
    assert_eq!(builder.find_request(&given).await, json!(null));
    chief.step_request(&found, assign).await.expect(200);
    assert_eq!(clerk.find_request(&given).await["unit"], "clerk-office");
    let today = service.today();
    for (query, count) in [
        ("status=received,accepted".to_owned(), 1),
        ("status=completed".to_owned(), 0),
        ("channel=phone".to_owned(), 0),
        ("e_service=public-lighting".to_owned(), 1),
        ("unit=public-works".to_owned(), 0),
        (format!("assignee_id={}", clerk.id), 1),
        ("overdue=true".to_owned(), 0),
        (format!("received_from={today}&received_to={today}"), 1),
        ("sort=completion_due_on".to_owned(), 1),
    ] {
        let list = chief.get(&format!("/v1/service-requests?{query}")).send().await.expect(200).json();
        assert_eq!(list["items"].as_array().unwrap().len(), count, "{query}");
    }
    let table = chief.get("/v1/service-requests?format=csv").send().await.expect(200).text();
    assert!(table.contains("public-lighting") && !table.contains("สมหญิง"));
    let workflow = service.get("/v1/workflows/service-requests").send().await.expect(200).json();
    let complete = workflow["actions"].as_array().unwrap().iter().find(|step| step["action"] == "complete").unwrap();
    assert_eq!(complete["leads"], json!([{ "from_status": "in_progress", "to_status": "completed" }]));
}

/// A request for a tree to be cut on a day.
pub fn cutting(day: &Value) -> Value {
    json!({
        "form": { "reason": "กิ่งพาดสายไฟ", "tree_count": 1, "land": "public" },
        "applicant": { "phone": "081-234-5678" },
        "location": { "address": "ซอย 3" },
        "booked_on": day,
    })
}

#[tokio::test]
async fn a_day_is_booked_until_it_is_full_and_given_back() {
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    let day = service.free_day("tree-cutting").await;
    let mut given = Vec::new();
    let last = service.days("tree-cutting").await.pop().unwrap()["date"].clone();
    // What is booked for later than it is promised is not late until then.
    let later = service.ask_for("tree-cutting", &cutting(&last)).await;
    assert_eq!(later["completion"]["due_on"], last);
    for left in [2, 1, 0] {
        given.push(service.ask_for("tree-cutting", &cutting(&day)).await);
        assert_eq!(service.free("tree-cutting", &day).await, left);
    }
    let at_day = |code: &str| [("#/booked_on".to_owned(), code.to_owned())];
    assert_eq!(service.refused("tree-cutting", &cutting(&day)).await, at_day("fully_booked"));
    let cancel = json!({ "receipt": given[0]["receipt"] });
    let seen = service.post("/v1/service-requests/lookup/cancellation").once().json(&cancel).send().await.expect(200);
    assert_eq!(seen.json()["booked_on"], json!(null));
    assert_eq!(service.free("tree-cutting", &day).await, 1);
    let refused = officer.find_request(&given[1]).await;
    officer.step_request(&refused, json!({ "action": "reject", "text": "ที่เอกชน" })).await.expect(200);
    assert_eq!(service.free("tree-cutting", &day).await, 2);
    officer.step_request(&refused, json!({ "action": "reopen", "text": "ตรวจแล้วเป็นที่สาธารณะ" })).await.expect(200);
    service.ask_for("tree-cutting", &cutting(&day)).await;
    let third = officer.find_request(&given[2]).await;
    officer.step_request(&third, json!({ "action": "reject", "text": "ซ้ำ" })).await.expect(200);
    service.ask_for("tree-cutting", &cutting(&day)).await;
    let problem = officer.step_request(&third, json!({ "action": "reopen", "text": "ไม่ซ้ำ" })).await;
    assert_eq!(faults(&problem.problem(422, "validation_failed")), at_day("fully_booked"));
    let list =
        officer.get(&format!("/v1/service-requests?booked_from={0}&booked_to={0}", day.as_str().unwrap())).send().await;
    // Neither of those that have given it back.
    assert_eq!(list.expect(200).json()["items"].as_array().unwrap().len(), 3);
    let reopen = json!({ "action": "reopen", "text": "ไม่ซ้ำ", "booked_on": last });
    let reopened = officer.step_request(&third, reopen).await.expect(200).json();
    assert_eq!((&reopened["booked_on"], &reopened["completion"]["due_on"]), (&last, &last));

    let today = service.today();
    let mut saturday = today.succ_opt().unwrap();
    while chrono::Datelike::weekday(&saturday) != chrono::Weekday::Sat {
        saturday = saturday.succ_opt().unwrap();
    }
    for (day, code) in [
        (json!(null), "needed"),
        (json!(today), "out_of_reach"),
        (json!(today + chrono::Days::new(91)), "out_of_reach"),
        (json!(saturday), "not_a_working_day"),
    ] {
        assert_eq!(service.refused("tree-cutting", &cutting(&day)).await, at_day(code));
    }
    let mut body = lighting();
    body["booked_on"] = day;
    assert_eq!(service.refused("public-lighting", &body).await, at_day("not_for_this"));
    assert_eq!(service.days("public-lighting").await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_stranger_solves_a_challenge_for_each_day_that_they_book() {
    let mut settings = Settings::default();
    settings.cases.challenge_bits = 8;
    let service = spawn_with(settings).await;
    demo::fill(service.db()).await.unwrap();
    let mut body = cutting(&service.free_day("tree-cutting").await);
    let told = |code: &str, at: &str| [(at.to_owned(), code.to_owned())];
    assert_eq!(service.refused("tree-cutting", &body).await, told("needed", "#/proof"));
    body["proof"] = service.proof().await;
    service.ask_for("tree-cutting", &body).await;
    assert_eq!(service.refused("tree-cutting", &body).await, told("used", "#/proof/challenge"));
    body["proof"] = json!(null);
    // Officers need none, and no more do strangers who book nothing.
    service
        .service_officer("somchai", &[])
        .await
        .post("/v1/e-services/tree-cutting/requests")
        .once()
        .json(&body)
        .send()
        .await
        .expect(201);
    service.ask_for("public-lighting", &lighting()).await;
}

#[tokio::test]
async fn a_booking_that_no_officer_confirms_within_a_working_day_is_free_again() {
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    let days = service.days("tree-cutting").await;
    let [other, day] = [&days[days.len() - 2], days.last().unwrap()].map(|day| &day["date"]);
    let mut given = Vec::new();
    for _ in 0..3 {
        given.push(service.ask_for("tree-cutting", &cutting(day)).await);
    }
    let [late, accepted, moved] = [&given[0], &given[1], &given[2]];
    officer.step_request(&officer.find_request(accepted).await, json!({ "action": "accept" })).await.expect(200);
    let move_it = json!({ "action": "reschedule", "text": "ฝนตก", "booked_on": other });
    officer.step_request(&officer.find_request(moved).await, move_it).await.expect(200);
    // Who was asked for papers and has sent them waits for the office.
    let asked = &service.ask_for("tree-cutting", &cutting(other)).await;
    let ask = json!({ "action": "ask", "text": "โปรดส่งภาพถ่าย" });
    officer.step_request(&officer.find_request(asked).await, ask).await.expect(200);
    let said = json!({ "receipt": asked["receipt"], "text": "ส่งแล้ว" });
    service.post("/v1/service-requests/lookup/messages").once().json(&said).send().await.expect(201);
    let mut body = cutting(day);
    body["channel"] = json!("walk_in");
    officer.post("/v1/e-services/tree-cutting/requests").once().json(&body).send().await.expect(201);
    assert_eq!(
        (service.free("tree-cutting", day).await, service.free("tree-cutting", other).await),
        (json!(0), json!(1))
    );

    let calendar = deadline::calendar(service.db().reader()).await.unwrap();
    let today = service.today();
    for (days, hours, free) in [(1, 11, 0), (2, 12, 1), (2, 13, 1)] {
        service.db().clock.set(midnight(calendar.after(today, days)) + TimeDelta::hours(hours));
        unconfirmed::release(&service.app.cases).await.unwrap();
        assert_eq!(service.free("tree-cutting", day).await, free, "after {days} working days and {hours} hours");
    }
    let seen = service.look_up_request(&late["receipt"]).await.expect(200).json();
    assert_eq!((&seen["status"], &seen["booked_on"]), (&json!("received"), &json!(null)));
    let event = &seen["timeline"][0];
    assert_eq!(
        (&event["action"], &event["side"], &event["public"]),
        (&json!("release"), &json!("office"), &json!(true))
    );
    let text = event["text"].as_str().unwrap();
    assert!(text.contains(&thai::date(day.as_str().unwrap().parse().unwrap())) && !text.contains("the "), "{text}");
    assert_eq!(seen["timeline"].as_array().unwrap().len(), 2);
    for (given, day) in [(accepted, day), (moved, other), (asked, other)] {
        assert_eq!(service.look_up_request(&given["receipt"]).await.expect(200).json()["booked_on"], *day);
    }
    // The office gives it another day, as it can any request.
    let again = json!({ "action": "reschedule", "text": "วันใหม่", "booked_on": day });
    assert_eq!(
        officer.step_request(&officer.find_request(late).await, again).await.expect(200).json()["booked_on"],
        *day
    );
}

#[tokio::test]
async fn what_was_booked_for_a_rainy_day_is_moved_and_is_promised_for_no_later() {
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    let days = service.days("tree-cutting").await;
    let [rainy, dry, last] = [&days[0], &days[1], days.last().unwrap()].map(|day| &day["date"]);
    let given = [
        service.ask_for("tree-cutting", &cutting(rainy)).await,
        service.ask_for("tree-cutting", &cutting(rainy)).await,
    ];
    let found = [officer.find_request(&given[0]).await, officer.find_request(&given[1]).await];
    for _ in 0..2 {
        service.ask_for("tree-cutting", &cutting(dry)).await;
    }
    let moved = |day: &Value| json!({ "action": "reschedule", "text": "ฝนตก", "booked_on": day });
    let both = found.each_ref().map(|one| {
        let mut step = moved(dry);
        step["id"] = one["id"].clone();
        step
    });
    let problem = officer.batch("", json!(both)).await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/items/1/booked_on".to_owned(), "fully_booked".to_owned())]);
    assert_eq!(
        (service.free("tree-cutting", rainy).await, service.free("tree-cutting", dry).await),
        (json!(1), json!(1))
    );
    // A second click finds it there.
    for _ in 0..2 {
        officer.step_request(&found[0], moved(dry)).await.expect(200);
    }
    assert_eq!(
        (service.free("tree-cutting", rainy).await, service.free("tree-cutting", dry).await),
        (json!(2), json!(0))
    );
    let problem = officer.step_request(&found[1], moved(dry)).await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/booked_on".to_owned(), "fully_booked".to_owned())]);
    let late = officer.step_request(&found[1], moved(last)).await.expect(200).json();
    assert_eq!((&late["booked_on"], &late["completion"]["due_on"]), (last, &given[1]["completion"]["due_on"]));
    let seen = service.look_up_request(&given[1]["receipt"]).await.expect(200).json();
    assert_eq!(seen["booked_on"], *last);
    assert_eq!((&seen["timeline"][0]["action"], &seen["timeline"][0]["text"]), (&json!("reschedule"), &json!("ฝนตก")));

    let lamp = officer.find_request(&service.ask_for("public-lighting", &lighting()).await).await;
    for (request, step, at, code) in [
        (&lamp, moved(dry), "#/booked_on", "not_for_this"),
        (&found[0], moved(&json!(service.today())), "#/booked_on", "out_of_reach"),
        (&found[0], json!({ "action": "reschedule", "text": "ฝนตก" }), "#/booked_on", "needed"),
        (&found[0], json!({ "action": "reschedule", "booked_on": dry }), "#/text", "needed"),
        (&found[0], json!({ "action": "accept", "booked_on": dry }), "#/booked_on", "not_for_this"),
    ] {
        let problem = officer.step_request(request, step.clone()).await.problem(422, "validation_failed");
        assert_eq!(faults(&problem), [(at.to_owned(), code.to_owned())], "{step}");
    }
    officer.step_request(&found[0], json!({ "action": "reject", "text": "ที่เอกชน" })).await.expect(200);
    officer.step_request(&found[0], moved(rainy)).await.problem(409, "illegal_transition");
}

#[tokio::test]
async fn of_a_hundred_who_ask_two_processes_at_once_for_ten_places_ten_get_one() {
    let service = open_on_time().await;
    let (one, other) = (Served::beside(&service).await, Served::beside(&service).await);
    let day = service.free_day("loudspeaker-announcement").await;
    let form = json!({ "message": "ขอเชิญร่วมงานประจำปี", "announce_from": day });
    let body = json!({ "form": form, "applicant": { "full_name": "สมหญิง รักไทย" }, "booked_on": day });
    let client = reqwest::Client::new();
    let ask = async |number: usize| {
        let address = if number.is_multiple_of(2) { &one.address } else { &other.address };
        let url = format!("{address}/v1/e-services/loudspeaker-announcement/requests");
        let key = uuid::Uuid::now_v7().to_string();
        // Whoever is told that the service is busy comes back.
        for _ in 0..100 {
            let answer = client.post(&url).json(&body).header("Idempotency-Key", &key).send().await.unwrap();
            let status = answer.status().as_u16();
            if status != 503 {
                return (status, answer.json::<Value>().await.unwrap());
            }
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
        panic!("the service is always busy");
    };
    let answers = futures_util::future::join_all((0..100).map(ask)).await;
    let booked = answers.iter().filter(|(status, _)| *status == 201).count();
    let refused = answers.iter().filter(|(status, _)| *status == 422);
    assert_eq!((booked, refused.clone().count()), (10, 90));
    for (_, problem) in refused {
        assert_eq!(faults(problem), [("#/booked_on".to_owned(), "fully_booked".to_owned())]);
    }
    // What other processes have written is seen within a second.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert_eq!(service.free("loudspeaker-announcement", &day).await, 0);
}

#[tokio::test]
async fn a_fifth_service_from_one_call_works_everywhere_at_once() {
    let service = open().await;
    let editor = service.token(prongsai::auth::scope::Role::Editor);
    service.post("/v1/e-services").token(&editor).json(&e_service("rubbish")).send().await.expect(201);
    let body = |what: &str| json!({ "form": { "what": what }, "location": { "address": "ซอย 3" } });
    assert_eq!(service.refused("rubbish", &body("x")).await, [("#/form/what".into(), "too_short".into())]);
    let given = service.ask_for("rubbish", &body("ตู้เย็น")).await;
    assert_eq!(given["completion"]["working_days"], 7);
    let officer = service.service_officer("somchai", &["public-health"]).await;
    officer.complete(&officer.find_request(&given).await).await;
    service.rate(&given["receipt"], 5).await.expect(200);
    let year = prongsai::domain::fiscal_year::FiscalYear::at(service.now()).unwrap();
    let path = format!("/v1/statistics/e-services?fiscal_year={year}");
    let figures = service.get(&path).send().await.expect(200).json()["current"]["by_service"].clone();
    let ours = figures.as_array().unwrap().iter().find(|one| one["value"] == "rubbish").unwrap();
    assert_eq!((&ours["total"], &ours["finished_count"]), (&json!(1), &json!(1)));
    let offered = service.get("/open311/v2/services/rubbish.json").send().await.expect(200).json();
    assert_eq!(offered["attributes"][0]["description"], "รายการสิ่งของ");
    let shown = service.get("/open311/v2/requests.json?service_code=rubbish").send().await.expect(200).json();
    assert_eq!((&shown[0]["service_request_id"], &shown[0]["status"]), (&given["reference"], &json!("closed")));
}

#[tokio::test]
async fn a_table_reads_nothing_that_was_filled_in() {
    let service = open().await;
    service.ask_for("public-lighting", &lighting()).await;
    service
        .tamper(&[
            "UPDATE service_request SET content = (SELECT sealed FROM case_key WHERE case_id = service_request.id)",
        ])
        .await;
    let chief = service.service_officer("chief", &[]).await;
    for format in ["csv", "xlsx"] {
        chief.get(&format!("/v1/service-requests?format={format}")).send().await.expect(200);
    }
}

#[tokio::test]
async fn no_request_is_filed_for_an_e_service_that_is_withdrawn_at_the_same_moment() {
    // SQLite runs one write after the other.
    if !on_postgres() {
        return;
    }
    let service = open().await;
    let editor = service.token(Role::Editor);
    let path = "/v1/e-services/public-lighting";
    let withdrawal = json!({ "action": "unpublish", "reason": "ปรับปรุงระบบ" });
    let withdraw = async || {
        let request = service.post(&format!("{path}/transitions")).token(&editor).json(&withdrawal);
        request.send().await.status
    };
    let file = async || service.post(&format!("{path}/requests")).once().json(&lighting()).send().await;
    let commits = hold_commits(&service, "e-services").await;
    let filed = async {
        commits.waiting(1).await;
        let release = async {
            commits.waiting(2).await;
            commits.release().await;
        };
        tokio::join!(file(), release).0
    };
    let (withdrawn, filed) = tokio::join!(withdraw(), filed);
    assert_eq!(withdrawn, 200);
    filed.problem(410, "unpublished");
}

#[tokio::test]
async fn a_form_is_compiled_once_for_each_of_its_versions() {
    let service = open().await;
    service.ask_for("public-lighting", &lighting()).await;
    // What is compiled anew from now on is no form.
    service.tamper(&["UPDATE e_service_form SET schema = 'x'"]).await;
    service.ask_for("public-lighting", &lighting()).await;
    let mut wrong = lighting();
    wrong["form"]["fault"] = json!("none of them");
    let request = service.post("/v1/e-services/public-lighting/requests").once().json(&wrong);
    request.send().await.problem(422, "validation_failed");
    service.tamper(&["UPDATE e_service SET form_version = form_version + 1"]).await;
    service.tamper(&["UPDATE e_service_form SET version = version + 1, schema = '{}'"]).await;
    service.ask_for("public-lighting", &wrong).await;
}

#[tokio::test]
async fn a_closed_request_takes_no_file_of_its_applicant() {
    let service = open().await;
    let given = service.ask_for("public-lighting", &lighting()).await;
    let cancellation = json!({ "receipt": given["receipt"] });
    let cancel = service.post("/v1/service-requests/lookup/cancellation").once().json(&cancellation);
    cancel.send().await.expect(200);
    let attached = service.attach_to("service-requests", &given["receipt"], "a.txt", b"a").await;
    attached.problem(409, "illegal_transition");
}

#[tokio::test]
async fn what_was_begun_is_refused_or_referred_with_a_reason_that_the_applicant_reads() {
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    for (action, status) in [("reject", "rejected"), ("refer", "referred")] {
        let day = service.free_day("tree-cutting").await;
        let given = service.ask_for("tree-cutting", &cutting(&day)).await;
        let free = service.free("tree-cutting", &day).await;
        let found = officer.find_request(&given).await;
        officer.step_request(&found, json!({ "action": "accept" })).await.expect(200);
        officer.step_request(&found, json!({ "action": "start" })).await.expect(200);
        // A part on order: the wait is the office's, and the promise stays.
        let pause = json!({ "action": "pause", "text": "รอรถกระเช้า" });
        let paused = officer.step_request(&found, pause).await.expect(200).json();
        assert_eq!((&paused["status"], &paused["completion"]), (&json!("paused"), &found["completion"]));
        officer.step_request(&found, json!({ "action": "resume" })).await.expect(200);
        let problem = officer.step_request(&found, json!({ "action": action })).await.problem(422, "validation_failed");
        assert!(faults(&problem).contains(&("#/text".to_owned(), "needed".to_owned())), "{problem}");
        let mut body = json!({ "action": action, "text": "เป็นต้นไม้ของแขวงทางหลวง" });
        if action == "refer" {
            body["referral"] = json!({ "authority": "แขวงทางหลวงชัยนาท" });
        }
        let ended = officer.step_request(&found, body).await.expect(200).json();
        assert_eq!((&ended["status"], &ended["completion"]["met_on"]), (&json!(status), &json!(service.today())));
        let seen = service.look_up_request(&given["receipt"]).await.expect(200).json();
        assert_eq!(seen["timeline"][0]["text"], "เป็นต้นไม้ของแขวงทางหลวง");
        // Its day is free again, until it is opened again.
        assert_eq!(service.free("tree-cutting", &day).await, json!(free.as_i64().unwrap() + 1));
        let reopen = json!({ "action": "reopen", "text": "แขวงทางหลวงขอให้เทศบาลตัด" });
        let reopened = officer.step_request(&found, reopen).await.expect(200).json();
        assert_eq!(reopened["status"], "in_progress");
    }
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

#[tokio::test]
async fn a_file_answers_what_was_asked_as_papers_at_the_counter_do_and_what_is_not_answered_is_returned() {
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    let ask = json!({ "action": "ask", "text": "โปรดส่งภาพถ่ายเสาไฟ" });
    let mut asked = Vec::new();
    for _ in 0..3 {
        let given = service.ask_for("public-lighting", &lighting()).await;
        let found = officer.find_request(&given).await;
        officer.step_request(&found, ask.clone()).await.expect(200);
        asked.push((given, found));
    }
    let open = service.get("/v1/service-requests/public.geojson").send().await.expect(200).json();
    assert_eq!(open["features"][0]["properties"]["due_on"], json!(null));
    assert_eq!(
        officer.get("/v1/service-requests?overdue=false&limit=9").send().await.expect(200).json()["items"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    let [(by_file, _), (_, at_counter), (_, returned)] = <[_; 3]>::try_from(asked).unwrap();
    service.attach_to("service-requests", &by_file["receipt"], "เสาไฟ.jpg", &photo()).await.expect(201);
    let seen = service.look_up_request(&by_file["receipt"]).await.expect(200).json();
    assert_eq!((&seen["status"], &seen["awaited"]), (&json!("received"), &json!(null)));
    let actions: Vec<_> = seen["timeline"].as_array().unwrap().iter().map(|event| &event["action"]).collect();
    assert_eq!(actions, ["answer", "attach", "ask", "receive"]);
    let resumed = officer.step_request(&at_counter, json!({ "action": "resume", "text": "นำภาพมาส่งที่สำนักงาน" })).await;
    assert_eq!(resumed.expect(200).json()["completion"]["paused_on"], json!(null));
    let again = json!({ "action": "ask", "text": "ภาพไม่ชัด", "answer_due_on": "2020-01-01" });
    let problem = officer.step_request(&at_counter, again).await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/answer_due_on".to_owned(), "before_start".to_owned())]);
    let reject = json!({ "action": "reject", "text": "ไม่ได้รับเอกสารที่ขอ" });
    let rejected = officer.step_request(&returned, reject).await.expect(200).json();
    assert_eq!((&rejected["status"], &rejected["reminder_on"]), (&json!("rejected"), &json!(null)));
    let none = json!({ "action": "start", "answer_due_on": "2020-01-01" });
    let problem = officer.step_request(&at_counter, none).await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/answer_due_on".to_owned(), "not_for_this".to_owned())]);
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

#[tokio::test]
async fn who_did_not_apply_online_is_told_the_result_within_seven_days_and_that_is_recorded() {
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    let mut body = lighting();
    body["channel"] = json!("phone");
    let path = "/v1/e-services/public-lighting/requests";
    let given = officer.post(path).once().json(&body).send().await.expect(201).json();
    let found = officer.find_request(&given).await;
    officer.complete(&found).await;
    let today = service.today();
    let due_on = json!((today + TimeDelta::days(7)).to_string());
    assert_eq!(officer.find_request(&given).await["result_due_on"], due_on);
    let item = officer.work("").await["items"][0].clone();
    assert_eq!((&item["promise"], &item["due_on"], &item["status"]), (&json!("result"), &due_on, &json!("completed")));
    let tell = |day: String| json!({ "action": "tell_result", "told_on": day, "text": "โทรศัพท์แจ้งผู้ยื่นคำขอแล้ว" });
    for (day, code) in [(today + TimeDelta::days(1), "in_the_future"), (today - TimeDelta::days(1), "before_start")] {
        let problem = officer.step_request(&found, tell(day.to_string())).await.problem(422, "validation_failed");
        assert_eq!(faults(&problem), [("#/told_on".to_owned(), code.to_owned())]);
    }
    service.db().clock.set(service.now() + TimeDelta::days(2));
    let told = officer.step_request(&found, tell(today.to_string())).await.expect(200).json();
    assert_eq!(
        (&told["status"], &told["result_due_on"], &told["result_told_on"]),
        (&json!("completed"), &json!(null), &json!(today))
    );
    let seen = service.look_up_request(&given["receipt"]).await.expect(200).json();
    assert_eq!(
        (&seen["timeline"][0]["action"], &seen["timeline"][0]["happened_on"]),
        (&json!("tell_result"), &json!(today))
    );
    assert_eq!(officer.work("").await["items"], json!([]));
    officer.step_request(&found, tell(today.to_string())).await.problem(409, "illegal_transition");
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

#[tokio::test]
async fn a_wait_ends_in_the_status_in_which_it_began_and_a_day_that_was_told_stays() {
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    let day = (service.today() + TimeDelta::days(9)).to_string();
    let days = |record: &Value| ["answer_due_on", "reminder_on"].map(|field| record[field].clone());
    for (taken, status) in [(&[][..], "received"), (&["accept"], "accepted"), (&["accept", "start"], "in_progress")] {
        let given = service.ask_for("public-lighting", &lighting()).await;
        let found = officer.find_request(&given).await;
        let step = async |body: Value| officer.step_request(&found, body).await.expect(200).json();
        for action in taken {
            step(json!({ "action": action })).await;
        }
        step(json!({ "action": "ask", "text": "โปรดส่งภาพถ่าย", "answer_due_on": day })).await;
        let again = step(json!({ "action": "ask", "text": "โปรดส่งภาพถ่ายป้ายด้วย" })).await;
        assert_eq!(days(&again), [&*day; 2]);
        let earlier = json!({ "action": "ask", "text": "โปรดเร่ง", "answer_due_on": service.today() });
        let problem = officer.step_request(&found, earlier).await.problem(422, "validation_failed");
        assert_eq!(faults(&problem), [("#/answer_due_on".to_owned(), "before_start".to_owned())]);
        let said = json!({ "receipt": given["receipt"], "text": "ส่งแล้ว" });
        service.post("/v1/service-requests/lookup/messages").once().json(&said).send().await.expect(201);
        let seen = service.look_up_request(&given["receipt"]).await.expect(200).json();
        assert_eq!((&seen["status"], &seen["answer_due_on"]), (&json!(status), &json!(null)));
        let asked = step(json!({ "action": "ask", "text": "ภาพไม่ชัด" })).await;
        assert_eq!(asked["answer_due_on"], json!(null));
        assert_eq!(step(json!({ "action": "resume" })).await["status"], status);
        if status != "received" {
            step(json!({ "action": "pause", "text": "รออะไหล่" })).await;
            assert_eq!(step(json!({ "action": "resume" })).await["status"], status);
        }
    }
    let workflow = service.get("/v1/workflows/service-requests").send().await.expect(200).json();
    let answer = workflow["actions"].as_array().unwrap().iter().find(|step| step["action"] == "answer").unwrap();
    let to: Vec<_> =
        answer["leads"].as_array().unwrap().iter().map(|link| link["to_status"].as_str().unwrap()).collect();
    assert_eq!(to, ["received", "accepted", "in_progress"]);
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}
