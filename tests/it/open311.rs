//! Open311 GeoReport v2, the map and the feed. Clients that others wrote are in tests/contract/steps/open311.py.

use chrono::{DateTime, Datelike, Days, Months, TimeDelta, Utc};
use entity::{case_sender, sent_message};
use prongsai::app::config::Settings;
use prongsai::app::demo;
use prongsai::auth::scope::Role;
use prongsai::domain::retention::Retention;
use prongsai::domain::working_days::{bangkok_day, in_bangkok, midnight};
use prongsai::http::middleware::rate_limit::LimitSettings;
use prongsai::http::middleware::shutdown::Phase;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use crate::complaints::{Officer, open};
use crate::support::samples::{complaint, e_service, lighting, photo};
use crate::support::{Answer, Request, Service, spawn_with};

impl Service {
    async fn open311(&self, path: &str) -> Answer {
        self.get(&format!("/open311/v2/{path}")).send().await
    }

    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.filled_in(path, fields).send().await
    }

    fn in_parts(&self, path: &str, boundary: &str, parts: &[(&str, &[u8])]) -> Request {
        let body = [&parts_of(boundary, parts)[..], format!("--{boundary}--\r\n").as_bytes()].concat();
        self.post(path).header("Content-Type", &format!("multipart/form-data; boundary={boundary}")).body(body)
    }

    fn filled_in(&self, path: &str, fields: &[(&str, &str)]) -> Request {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.post(path).header("Content-Type", "application/x-www-form-urlencoded; charset=utf-8").body(body)
    }
}

/// Parts of a form; a name is written as it stands in the head.
fn parts_of(boundary: &str, parts: &[(&str, &[u8])]) -> Vec<u8> {
    let part = |(name, content): &(&str, &[u8])| {
        let head = format!("--{boundary}\r\nContent-Disposition: form-data; {name}\r\n\r\n");
        [head.as_bytes(), content, b"\r\n"].concat()
    };
    parts.iter().map(part).collect::<Vec<_>>().concat()
}

const FIELDS: [(&str, &str); 10] = [
    ("service_code", "public-lighting"),
    ("attribute[fault]", "out"),
    ("attribute[lamp_count]", "2"),
    ("lat", "15.18581"),
    ("long", "100.12512"),
    ("address_string", "หน้าวัดพระบรมธาตุ"),
    ("first_name", "สมหญิง"),
    ("last_name", "รักไทย"),
    ("phone", "081-234-5678"),
    ("description", "ไฟดับสองดวง"),
];

const JSON: &str = "/open311/v2/requests.json";

#[tokio::test]
async fn a_request_of_another_citys_tool_is_one_of_ours_and_tells_nobody_who_sent_it() {
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    let pictures = [("media_url", "https://example.com/1.jpg"), ("media_url", "https://example.com/2.jpg")];
    let made = service.submit(JSON, &[&FIELDS[..], &pictures].concat()).await.expect(201).json();
    let id = made[0]["service_request_id"].as_str().unwrap().to_owned();
    let found = officer.find_request(&json!({ "reference": id })).await;
    assert_eq!(found["form"], json!({ "fault": "out", "lamp_count": 2 }));
    assert_eq!(found["applicant"], json!({ "full_name": "สมหญิง รักไทย", "phone": "081-234-5678", "email": null }));
    assert_eq!(found["location"]["address"], "หน้าวัดพระบรมธาตุ");
    let timeline = format!("/v1/service-requests/{}/timeline", found["id"].as_str().unwrap());
    let timeline = officer.get(&timeline).send().await.expect(200).json();
    let message = "ไฟดับสองดวง\nhttps://example.com/1.jpg\nhttps://example.com/2.jpg";
    assert_eq!(timeline["items"][1]["text"], message);
    // The notice has the receipt, with which it is followed and rated.
    let notice = made[0]["service_notice"].as_str().unwrap();
    let receipt = json!(notice.split_whitespace().find(|word| word.len() == 33).unwrap());
    officer.complete(&found).await;
    service.rate(&receipt, 5).await.expect(200);

    let ours = service.ask_for("public-lighting", &lighting()).await;
    let list = service.open311("requests.json?extensions=true").await.expect(200);
    assert_eq!(list.header("content-type"), "application/json");
    let text = list.text();
    for personal in ["สมหญิง", "081-234", "ดับสอง", "วัดพระ", "15.1858", "somying"]
    {
        assert!(!text.contains(personal), "{personal} is in {text}");
    }
    let list = list.json();
    assert_eq!(list[0]["service_request_id"], ours["reference"]);
    let closed = &list[1];
    assert_eq!((&closed["status"], &closed["status_notes"]), (&json!("closed"), &json!("เปลี่ยนหลอดแล้ว")));
    assert_eq!((&closed["lat"], &closed["long"]), (&json!(15.186), &json!(100.125)));
    assert_eq!(closed["extended_attributes"], json!({ "status": "completed" }));
    for time in ["requested_datetime", "updated_datetime", "expected_datetime"] {
        assert!(closed[time].as_str().unwrap().ends_with('Z'), "{time}");
    }
    let typed = id.to_lowercase().replace('-', "");
    for path in [format!("requests/{typed}.json"), format!("requests.json?service_request_id={typed}")] {
        assert_eq!(service.open311(&path).await.expect(200).json()[0]["service_request_id"], json!(id));
    }
    let one = service.open311(&format!("requests/{id}.json")).await.expect(200).json();
    assert_eq!(one[0]["service_request_id"], json!(id));
    assert_eq!(one[0].get("extended_attributes"), None);
    let token = service.open311(&format!("tokens/{id}.json")).await.expect(200).json();
    assert_eq!(token, json!([{ "service_request_id": id, "token": id }]));
    for (query, count) in [
        ("status=open", 1),
        ("status=closed", 1),
        ("status=open,closed", 2),
        ("service_code=tree-cutting", 0),
        ("service_code=tree-cutting,public-lighting", 2),
        ("page_size=1", 1),
        ("page_size=1&page=2", 1),
        ("page_size=1&page=3", 0),
        ("start_date=2024-01-01T00:00:00Z&end_date=2024-03-01T00:00:00%2B07:00", 0),
        ("start_date=2200-01-01T00:00:00Z", 0),
    ] {
        let list = service.open311(&format!("requests.json?{query}")).await.expect(200).json();
        assert_eq!(list.as_array().unwrap().len(), count, "{query}");
    }
    // Ids go before everything else.
    let list =
        service.open311(&format!("requests.json?service_request_id={id},x&status=open")).await.expect(200).json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    let xml = service.open311(&format!("requests/{id}.xml")).await.expect(200);
    assert_eq!(xml.header("content-type"), "text/xml; charset=utf-8");
    assert!(xml.text().starts_with("<?xml version=\"1.0\" encoding=\"utf-8\"?><service_requests><request>"));
    assert!(xml.text().contains(&format!("<service_request_id>{id}</service_request_id><status>closed</status>")));
}

#[tokio::test]
async fn the_time_of_a_change_never_moves_back() {
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    let given = service.ask_for("public-lighting", &lighting()).await;
    let found = officer.find_request(&given).await;
    let updated = async || {
        let list = service.open311("requests.json").await.expect(200).json();
        list[0]["updated_datetime"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap()
    };
    let (noon, mut last) = (service.now(), updated().await);
    let steps = ["accept", "start", "complete", "reopen", "complete"];
    for (minutes, action) in (1..).zip(steps) {
        service.db().clock.set(noon + TimeDelta::minutes(minutes));
        officer.step_request(&found, json!({ "action": action, "text": "เปลี่ยนหลอดแล้ว" })).await.expect(200);
        let now = updated().await;
        assert!(now >= last + TimeDelta::seconds(59), "{action}: {last} and then {now}");
        last = now;
    }
    // What the applicant says later shows nothing of its time.
    service.db().clock.set(noon + TimeDelta::days(3));
    service.rate(&given["receipt"], 5).await.expect(200);
    assert_eq!(updated().await, midnight(bangkok_day(noon) + Days::new(1)) - TimeDelta::seconds(1));
}

#[tokio::test]
async fn a_request_is_taken_as_programs_write_it() {
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    let mut survey = e_service("survey");
    survey["form_schema"]["properties"]["kinds"] =
        json!({ "type": "array", "title": "ชนิด", "items": { "type": "string", "enum": ["a", "b", "c"] } });
    survey["form_schema"]["properties"]["from"] = json!({ "type": "string", "format": "date-time" });
    service.post("/v1/e-services").token(&service.token(Role::Editor)).json(&survey).send().await.expect(201);
    let start = [
        ("service_code", "survey"),
        ("attribute[what]", "ตู้เย็น"),
        ("address_string", "ซอย 3"),
        ("address_string", ""),
        // A client without a point.
        ("lat", "0.0"),
        ("long", "0"),
        ("x", "1"),
        ("x", "2"),
    ];
    let file = async |more: &[(&str, &str)]| {
        let made = service.submit(JSON, &[&start[..], more].concat()).await.expect(201).json();
        let found = officer.find_request(&json!({ "reference": made[0]["service_request_id"] })).await;
        let timeline = format!("/v1/service-requests/{}/timeline", found["id"].as_str().unwrap());
        let timeline = officer.get(&timeline).send().await.expect(200).json();
        (found, timeline["items"][1]["text"].clone())
    };
    for names in [["attribute[kinds]"; 2], ["attribute[kinds][]"; 2], ["attribute[kinds][0]", "attribute[kinds][1]"]] {
        let (found, _) = file(&[(names[0], "a"), (names[1], "c")]).await;
        assert_eq!(found["form"]["kinds"], json!(["a", "c"]), "{names:?}");
        assert_eq!((&found["location"]["latitude"], &found["location"]["address"]), (&Value::Null, &json!("ซอย 3")));
    }
    for (from, meant) in [
        ("2026-11-28T10:00", "2026-11-28T10:00:00+07:00"),
        ("2026-11-28T10:00 07:00", "2026-11-28T10:00:00+07:00"),
        ("2026-11-28T03:00Z", "2026-11-28T03:00:00Z"),
    ] {
        assert_eq!(file(&[("attribute[from]", from)]).await.0["form"]["from"], meant);
    }
    // What only the client knows is said beside the form.
    for names in [["media_url"; 2], ["media_url[]"; 2], ["media_url[0]", "media_url[1]"]] {
        let pictures = [(names[0], "http://x/1.jpg"), (names[1], "http://x/2.jpg")];
        let own = [("attribute[uprn]", "100"), ("description", "สองตู้"), ("attribute[fixmystreet_id]", "12")];
        let (found, message) = file(&[&own[..], &pictures].concat()).await;
        assert_eq!(found["form"], json!({ "what": "ตู้เย็น" }));
        assert_eq!(message, "สองตู้\nuprn: 100\nfixmystreet_id: 12\nhttp://x/1.jpg\nhttp://x/2.jpg");
    }
    let wrong = [&start[..], &[("attribute[kinds][]", "a"), ("attribute[kinds][]", "z")]].concat();
    let wrong = service.submit(JSON, &wrong).await.expect(400).json();
    assert!(wrong[0]["description"].as_str().unwrap().starts_with("ชนิด (attribute[kinds]): "), "{wrong}");
}

#[tokio::test]
async fn a_list_is_asked_for_as_programs_do() {
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    let old = service.ask_for("public-lighting", &lighting()).await;
    let (start, set) = (service.now(), |at: DateTime<Utc>| service.db().clock.set(at));
    set(start + TimeDelta::days(120));
    let new = service.ask_for("public-lighting", &lighting()).await;
    let (old_id, new_id) = (old["reference"].as_str().unwrap(), new["reference"].as_str().unwrap());
    let ids = async |query: &str| {
        let list = service.open311(&format!("requests.json?{query}")).await.expect(200).json();
        let ids = list.as_array().unwrap().iter().map(|one| one["service_request_id"].as_str().unwrap().to_owned());
        ids.collect::<Vec<_>>()
    };
    // Of many ids the first found are shown, whatever else is asked for.
    let many = vec!["ZZZZ-ZZZZ"; 1500].join(",");
    for others in [
        "",
        "&status=foo",
        "&start_date=2010-01-01",
        "&start_date=2010-01-01T00:00:00Z&end_date=2012-01-01T00:00:00Z",
        "&service_code=tree-cutting&service_code=x",
        "&page=0",
    ] {
        let query = format!("service_request_id={many},{old_id}&service_request_id={new_id},{new_id}{others}");
        assert_eq!(ids(&query).await, [new_id, old_id], "{others}");
    }
    let query = format!("service_request_id={old_id},{new_id}&page_size=1&page=2");
    assert_eq!(ids(&query).await, [old_id]);
    // Filters are joined, and what is not known is ignored.
    for query in [
        "status=open&status=closed",
        "status=OPEN",
        "status[]=open",
        "service_code=public-lighting&service_code=tree-cutting",
        "x=1&x=2&attribute=1",
        "extensions=1",
        "extensions=True",
    ] {
        assert_eq!(ids(query).await, [new_id], "{query}");
    }
    // Instants without seconds, and with a plus sign that is not escaped.
    let minute = |at: DateTime<Utc>| at.format("%Y-%m-%dT%H:%MZ").to_string();
    let there = |at: DateTime<Utc>| in_bangkok(at).to_rfc3339();
    assert_eq!(ids(&format!("start_date={}", minute(start))).await, [old_id]);
    assert_eq!(ids(&format!("start_date={}", there(start - TimeDelta::days(1)))).await, [old_id]);
    assert_eq!(ids(&format!("end_date={}", minute(start + TimeDelta::days(1)))).await, [old_id]);
    // What has changed, of requests of any age.
    let changed = async |from: i64, to: i64| {
        let at = |minutes: i64| minute(start + TimeDelta::days(120) + TimeDelta::minutes(minutes));
        ids(&format!("updated_after={}&updated_before={}", at(from), at(to))).await
    };
    assert_eq!(changed(-1, 5).await, [new_id]);
    set(start + TimeDelta::days(120) + TimeDelta::minutes(10));
    officer.complete(&officer.find_request(&old).await).await;
    assert_eq!((changed(-1, 5).await, changed(9, 20).await), (vec![new_id.to_owned()], vec![old_id.to_owned()]));
    assert_eq!(ids("updated_after=2030-01-01T00:00:00Z").await.len(), usize::from(service.now().year() >= 2030) * 2);
    // A closed one has changed on the day of its closing at the latest.
    set(start + TimeDelta::days(123));
    service.rate(&old["receipt"], 5).await.expect(200);
    let shown = service.open311(&format!("requests/{old_id}.json")).await.expect(200).json();
    let shown = shown[0]["updated_datetime"].as_str().unwrap();
    for (query, is_found) in [("updated_after", true), ("updated_before", true)] {
        assert_eq!(ids(&format!("{query}={shown}")).await.contains(&old_id.to_owned()), is_found, "{query}");
    }
    assert!(!ids(&format!("updated_after={}", there(start + TimeDelta::days(121)))).await.contains(&old_id.to_owned()));
}

#[tokio::test]
async fn services_are_offered_as_they_are_marked_and_complaints_never() {
    let service = open().await;
    service.report(&complaint()).await;
    let list = service.open311("services.json").await.expect(200).json();
    let codes: Vec<_> = list.as_array().unwrap().iter().map(|one| one["service_code"].as_str().unwrap()).collect();
    assert_eq!(codes.len(), 2);
    assert!(codes.contains(&"tree-cutting") && codes.contains(&"public-lighting"));
    assert!(list.as_array().unwrap().iter().all(|one| one["metadata"] == true && one["type"] == "realtime"));
    // What needs nothing but a place has no definition to read.
    let mut simple = e_service("simple");
    simple["form_schema"] = json!({ "type": "object", "properties": {}, "additionalProperties": false });
    let mut booked = e_service("booked");
    (booked["form_schema"], booked["capacity"]) = (simple["form_schema"].clone(), json!(2));
    for input in [&simple, &booked] {
        service.post("/v1/e-services").token(&service.token(Role::Editor)).json(input).send().await.expect(201);
    }
    let list = service.open311("services.json").await.expect(200).json();
    let metadata = |code: &str| {
        list.as_array().unwrap().iter().find(|one| one["service_code"] == code).unwrap()["metadata"].clone()
    };
    assert_eq!((metadata("simple"), metadata("booked")), (json!(false), json!(true)));
    let definition = service.open311("services/simple.json").await.expect(200).json();
    assert_eq!(definition, json!({ "service_code": "simple", "attributes": [] }));
    let xml = service.open311("services/simple.xml").await.expect(200).text();
    assert!(xml.contains("<service_code>simple</service_code><attributes></attributes>"), "{xml}");
    assert_eq!(service.open311("requests.json").await.expect(200).json(), json!([]));
    let definition = service.open311("services/tree-cutting.json").await.expect(200).json();
    let attributes = definition["attributes"].as_array().unwrap();
    let codes: Vec<_> = attributes.iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["reason", "tree_count", "near_power_line", "land", "booking-day"]);
    assert_eq!(
        attributes[3]["values"],
        json!([{ "key": "public", "name": "ที่สาธารณะ" }, { "key": "private", "name": "ที่ดินเอกชน" }])
    );
    let xml = service.open311("services/tree-cutting.xml").await.expect(200).text();
    assert!(xml.contains("<values><value><key>public</key><name>ที่สาธารณะ</name></value>"), "{xml}");
    // A fifth e-service is here as well, from one call.
    service
        .post("/v1/e-services")
        .token(&service.token(Role::Editor))
        .json(&e_service("rubbish"))
        .send()
        .await
        .expect(201);
    let fields = [("service_code", "rubbish"), ("attribute[what]", "ตู้เย็น"), ("address_string", "ซอย 3")];
    service.submit(JSON, &fields).await.expect(201);
    let discovery = service.open311("discovery.json").await.expect(200).json();
    assert_eq!(discovery["contact"], "เทศบาลเมืองชัยนาท");
    let kinds: Vec<_> = discovery["endpoints"].as_array().unwrap().iter().map(|one| &one["type"]).collect();
    assert_eq!(kinds, ["production", "test"]);
    for endpoint in discovery["endpoints"].as_array().unwrap() {
        service.get(&format!("{}/services.xml", endpoint["url"].as_str().unwrap())).send().await.expect(200);
    }
    assert!(
        service
            .get("/open311/discovery.xml")
            .send()
            .await
            .expect(200)
            .text()
            .contains("<formats><format>text/xml</format>")
    );
}

#[tokio::test]
async fn discovery_tells_of_changes_and_of_the_office() {
    let security_contact = Some("mailto:security@example.go.th".to_owned());
    let service = spawn_with(Settings { security_contact, ..Settings::default() }).await;
    demo::fill(service.db()).await.unwrap();
    let discovery = async |language: &str| {
        let request = service.get("/open311/discovery.json").header("Accept-Language", language);
        request.send().await.expect(200).json()
    };
    let changeset = async || discovery("th").await["changeset"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
    let editor = service.token(Role::Editor);
    let mut last = changeset().await;
    let mut changed = e_service("rubbish");
    for minute in 1..4 {
        service.db().clock.set(last + TimeDelta::minutes(minute));
        match minute {
            1 => drop(service.post("/v1/e-services").token(&editor).json(&changed).send().await.expect(201)),
            _ => {
                // Its form, and then that it is offered no longer.
                let path = "/v1/e-services/rubbish";
                let etag = service.get(path).send().await.expect(200).header("etag").to_owned();
                changed = if minute == 2 { json!({ "working_days": 9 }) } else { json!({ "open311": false }) };
                let request = service.patch(path).token(&editor).header("If-Match", &etag).json(&changed);
                request.send().await.expect(200);
            }
        }
        let now = changeset().await;
        assert!(now > last, "{minute}: {last} and then {now}");
        last = now;
    }
    let agency = json!({ "phone": "056-411-111", "email": "saraban@example.go.th" });
    let etag = service.get("/v1/agency").send().await.expect(200).header("etag").to_owned();
    let admin = service.token(Role::Admin);
    service.patch("/v1/agency").token(&admin).header("If-Match", &etag).json(&agency).send().await.expect(200);
    let (thai, english) = (discovery("th").await, discovery("en").await);
    assert_eq!(thai["contact"], "เทศบาลเมืองชัยนาท, 056-411-111, saraban@example.go.th");
    assert_eq!(english["contact"], "Chainat Town Municipality, 056-411-111, saraban@example.go.th");
    assert!(thai["key_service"].as_str().unwrap().starts_with("ไม่ต้องใช้รหัส API (api_key) เว้นแต่"));
    assert!(english["key_service"].as_str().unwrap().starts_with("No api_key is needed, but by "));
    assert_eq!(thai["endpoints"][0]["changeset"], thai["changeset"]);
}

#[tokio::test]
async fn each_reads_one_language() {
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    let get = async |path: &str, language: &str| {
        let request = service.get(&format!("/open311/v2/{path}")).header("Accept-Language", language);
        let answer = request.send().await.expect(200);
        assert!(answer.header("vary").contains("Accept-Language"));
        answer.json()
    };
    let find = |list: Value, code: &str| {
        list.as_array().unwrap().iter().find(|one| one["service_code"] == code).unwrap().clone()
    };
    for (language, name, day, hint, yes, land) in [
        (
            "th",
            "งานบริการตัดต้นไม้",
            "วันนัดหมายที่ต้องการ",
            "ปปปป-ดด-วว (ปี ค.ศ.) เช่น 2026-12-01",
            "ใช่",
            ["ต้นไม้อยู่ใน", "ที่ดินเอกชน"],
        ),
        (
            "en",
            "Tree cutting",
            "Wanted day",
            "YYYY-MM-DD, such as 2026-12-01",
            "Yes",
            ["The trees are on", "private land"],
        ),
    ] {
        let service = find(get("services.json", language).await, "tree-cutting");
        assert_eq!((&service["service_name"], &service["description"]), (&json!(name), &json!(name)));
        let definition = get("services/tree-cutting.json", language).await;
        let (near, booking) = (&definition["attributes"][2], &definition["attributes"][4]);
        assert_eq!(near["values"][0], json!({ "key": "true", "name": yes }));
        let field = &definition["attributes"][3];
        assert_eq!([&field["description"], &field["values"][1]["name"]], land);
        assert_eq!((&booking["description"], &booking["datatype_description"]), (&json!(day), &json!(hint)));
    }
    // No code stands where people read.
    let mut found = Vec::new();
    for steps in [&["accept", "start", "complete"][..], &["reject"], &[]] {
        let given = service.ask_for("public-lighting", &lighting()).await;
        let request = officer.find_request(&given).await;
        for action in steps {
            officer.step_request(&request, json!({ "action": action, "text": "นอกเขต" })).await.expect(200);
        }
        if steps.is_empty() {
            let body = json!({ "receipt": given["receipt"] });
            service.post("/v1/service-requests/lookup/cancellation").once().json(&body).send().await.expect(200);
        }
        found.push(given["reference"].as_str().unwrap().to_owned());
    }
    for (language, name, notes) in [
        ("th", "งานไฟฟ้าสาธารณะ", ["นอกเขต", "ไม่รับคำขอ", "ผู้ยื่นคำขอยกเลิก"]),
        (
            "en",
            "Public lighting",
            ["นอกเขต", "The office has not accepted the request.", "The applicant has cancelled the request."],
        ),
    ] {
        for (id, notes) in found.iter().zip(notes) {
            let shown = get(&format!("requests/{id}.json"), language).await;
            assert_eq!((&shown[0]["service_name"], &shown[0]["status_notes"]), (&json!(name), &json!(notes)));
        }
    }
    for (language, start, end) in [
        ("th", "รหัสติดตามคำขอของท่าน: ", " โปรดเก็บไว้เป็นความลับ ใช้ตรวจสอบผลคำขอ"),
        ("en", "Your tracking code: ", " – keep it secret. Your request is followed with it."),
    ] {
        let made = service.filled_in(JSON, &FIELDS).header("Accept-Language", language).send().await.expect(201).json();
        let notice = made[0]["service_notice"].as_str().unwrap();
        let receipt = notice.strip_prefix(start).and_then(|rest| rest.strip_suffix(end)).unwrap();
        let lookup = json!({ "receipt": receipt });
        service.post("/v1/service-requests/lookup").json(&lookup).send().await.expect(200);
    }
    let agency = json!({ "website": "https://www.example.go.th" });
    let etag = service.get("/v1/agency").send().await.expect(200).header("etag").to_owned();
    let admin = service.token(Role::Admin);
    service.patch("/v1/agency").token(&admin).header("If-Match", &etag).json(&agency).send().await.expect(200);
    let made = service.submit(JSON, &FIELDS).await.expect(201).json();
    assert!(made[0]["service_notice"].as_str().unwrap().ends_with(" ใช้ตรวจสอบผลได้ที่ https://www.example.go.th"));
}

#[tokio::test]
async fn a_site_such_as_fixmystreet_reads_each_public_step() {
    let service = open().await;
    service.report(&complaint()).await;
    let officer = service.service_officer("somchai", &[]).await;
    let start = service.now();
    let given = service.ask_for("public-lighting", &lighting()).await;
    let request = officer.find_request(&given).await;
    let step = async |minutes: i64, body: Value| {
        service.db().clock.set(start + TimeDelta::minutes(minutes));
        officer.step_request(&request, body).await.expect(200);
    };
    step(1, json!({ "action": "accept", "text": "SECRET" })).await;
    step(2, json!({ "action": "forward", "unit": "public-works", "text": "SECRET" })).await;
    step(3, json!({ "action": "start", "text": "SECRET" })).await;
    let messages = format!("/v1/service-requests/{}/messages", request["id"].as_str().unwrap());
    officer.post(&messages).json(&json!({ "text": "SECRET", "public": true })).send().await.expect(201);
    step(4, json!({ "action": "complete", "text": "SECRET ก่อนเปิดใหม่" })).await;
    step(5, json!({ "action": "reopen", "text": "SECRET" })).await;
    step(6, json!({ "action": "complete", "text": "เปลี่ยนหลอดแล้ว" })).await;
    service.rate(&given["receipt"], 5).await.expect(200);
    let updates = async |query: &str| {
        let path = format!("servicerequestupdates.json?{query}");
        service.open311(&path).await.expect(200).json().as_array().unwrap().clone()
    };
    let all = updates("").await;
    let told = |updates: &[Value]| {
        let told = updates.iter().map(|one| {
            let text = |name: &str| one[name].as_str().unwrap().to_owned();
            (text("status"), text("description"), text("external_status_code"))
        });
        told.collect::<Vec<_>>()
    };
    let expected = [
        ("OPEN", "รับคำขอไว้ดำเนินการ", "accepted"),
        ("IN_PROGRESS", "กำลังดำเนินการ", "in_progress"),
        ("FIXED", "ดำเนินการแล้วเสร็จ", "completed"),
        ("IN_PROGRESS", "กำลังดำเนินการ", "in_progress"),
        ("FIXED", "เปลี่ยนหลอดแล้ว", "completed"),
    ];
    let expected = expected.map(|(status, text, code)| (status.to_owned(), text.to_owned(), code.to_owned()));
    assert_eq!(told(&all), expected);
    assert!(all.iter().all(|one| one["service_request_id"] == given["reference"] && one["media_url"].is_null()));
    let ids: std::collections::HashSet<_> = all.iter().map(|one| one["update_id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 5);
    // As FixMyStreet asks.
    let at = |minutes: i64| (start + TimeDelta::minutes(minutes)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let between =
        async |from: i64, to: i64| updates(&format!("api_key=&start_date={}&end_date={}", at(from), at(to))).await;
    assert_eq!(between(-120, 0).await, [] as [Value; 0]);
    assert_eq!(told(&between(2, 5).await), expected[1..3]);
    assert_eq!(told(&updates("page_size=2&page=3").await), expected[4..]);
    let path = format!("servicerequestupdates.xml?start_date={}&end_date={}", at(0), at(2));
    let xml = service.get(&format!("/open311/v2/{path}")).header("Accept-Language", "en").send().await.expect(200);
    let (start, end) = ("?><service_request_updates><request_update><update_id>", "</service_request_updates>");
    assert!(xml.text().contains(start) && xml.text().ends_with(end), "{}", xml.text());
    assert!(xml.text().contains("<description>The office has accepted the request.</description>"), "{}", xml.text());
    // Rejected is not done.
    let other = service.ask_for("public-lighting", &lighting()).await;
    let rejection = json!({ "action": "reject", "text": "SECRET" });
    officer.step_request(&officer.find_request(&other).await, rejection).await.expect(200);
    let last = updates("").await.pop().unwrap();
    assert_eq!((&last["status"], &last["description"]), (&json!("NO_FURTHER_ACTION"), &json!("ไม่รับคำขอ")));
    for query in ["start_date=yesterday", "start_date=2024-01-01T00:00:00Z&end_date=2024-06-01T00:00:00Z", "page=0"] {
        service.open311(&format!("servicerequestupdates.json?{query}")).await.expect(400);
    }
}

const UPDATES: &str = "/open311/v2/servicerequestupdates.json";

impl Service {
    /// A client, and a secret of it, as the settings of a FixMyStreet installation have it.
    async fn site(&self, name: &str, scope: &str) -> (Value, String) {
        let admin = self.token(Role::Admin);
        let body = json!({ "display_name": name, "scopes": [scope] });
        let client = self.post("/v1/clients").token(&admin).json(&body).send().await.expect(201).json();
        let path = format!("/v1/clients/{}/secrets", client["id"].as_str().unwrap());
        let secret = self.post(&path).token(&admin).json(&json!({})).send().await.expect(200).json();
        (client, secret["secret"].as_str().unwrap().to_owned())
    }

    /// The texts on the timeline of a request, the first first.
    async fn said_about(&self, officer: &Officer<'_>, id: &str) -> Vec<Value> {
        let found = officer.find_request(&json!({ "reference": id })).await;
        let timeline = format!("/v1/service-requests/{}/timeline", found["id"].as_str().unwrap());
        officer.get(&timeline).send().await.expect(200).json()["items"].as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn a_site_adds_what_its_users_say_to_the_requests_that_it_has_sent_once() {
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    let (client, key) = service.site("FixMyStreet", "service-requests:submit").await;
    let made = service.submit(JSON, &[&FIELDS[..], &[("api_key", &*key)]].concat()).await.expect(201).json();
    let id = made[0]["service_request_id"].as_str().unwrap();
    // As FixMyStreet sends it.
    let fields = [
        ("jurisdiction_id", ""),
        ("api_key", &*key),
        ("service_request_id", id),
        ("update_id", "4711"),
        ("updated_datetime", "2026-11-28T10:00:00+07:00"),
        ("status", "FIXED"),
        ("description", "มืดทั้งซอยแล้ว"),
        ("first_name", "สมศรี"),
        ("last_name", "ใจดี"),
        ("email", "somsri@example.go.th"),
        ("phone", "081-000-0000"),
        ("media_url", "https://example.com/3.jpg"),
        ("media_url", "https://example.com/4.jpg"),
    ];
    let first = service.submit(UPDATES, &fields).await.expect(201).json();
    let update = first[0]["update_id"].as_str().unwrap().to_owned();
    let said = service.said_about(&officer, id).await;
    let last = said.last().unwrap();
    assert_eq!((&last["id"], &last["action"], &last["side"]), (&json!(update), &json!("message"), &json!("sender")));
    // The applicant reads who it was, and no address.
    let text = "สมศรี ใจดี (FixMyStreet):\nมืดทั้งซอยแล้ว\nhttps://example.com/3.jpg\nhttps://example.com/4.jpg";
    assert_eq!((&last["text"], &last["public"]), (&json!(text), &json!(true)));
    let found = officer.find_request(&json!({ "reference": id })).await;
    assert_eq!((&found["status"], said.len()), (&json!("received"), 3));
    // A retry says nothing more, whatever it says, in either format.
    let again = [&fields[..6], &[("description", "ข้อความอื่น")]].concat();
    assert_eq!(service.submit(UPDATES, &again).await.expect(201).json(), first);
    let xml = service.submit(&UPDATES.replace("json", "xml"), &fields).await.expect(201).text();
    let element = format!("<service_request_updates><request_update><update_id>{update}</update_id></request_update>");
    assert!(xml.contains(&element), "{xml}");
    assert_eq!(service.said_about(&officer, id).await.len(), 3);
    // Many at once are one as well.
    let other = [&fields[..3], &[("update_id", "4712"), ("description", "ด่วน"), ("public_anonymity_required", "TRUE")]]
        .concat();
    let named = [&other[..], &[("first_name", "สมศรี")]].concat();
    let (one, two) = tokio::join!(service.submit(UPDATES, &named), service.submit(UPDATES, &named));
    assert_eq!(one.expect(201).json(), two.expect(201).json());
    let said = service.said_about(&officer, id).await;
    assert_eq!((said.len(), &said[3]["text"]), (4, &json!("(FixMyStreet):\nด่วน")));
    // In parts; its file is not kept, and the message says so.
    let parts: Vec<(String, &[u8])> =
        [("api_key", &*key), ("service_request_id", id), ("update_id", "4713"), ("description", "ดูรูป")]
            .map(|(name, text)| (format!("name=\"{name}\""), text.as_bytes()))
            .into();
    let file = photo();
    let mut parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, text)| (&**name, *text)).collect();
    parts.push(("name=\"photo1\"; filename=\"ไฟ.jpg\"", &file));
    service.in_parts(UPDATES, "x", &parts).send().await.expect(201);
    let said = service.said_about(&officer, id).await;
    assert_eq!(said[4]["text"], "(FixMyStreet):\nดูรูป\n(ไฟ.jpg: ไม่ได้แนบ / not attached)");
    // Nothing of it is shown to others.
    for path in ["servicerequestupdates.json", "requests.json?extensions=true"] {
        let shown = service.open311(path).await.expect(200).text();
        assert!(!shown.contains("สมศรี") && !shown.contains("มืดทั้งซอย") && !shown.contains(&update), "{shown}");
    }
    // A test keeps nothing, and a closed request takes nothing new.
    let new = |id: &'static str| [&other[..3], &[("update_id", id), ("description", "อีกครั้ง")]].concat();
    service.submit("/open311/test/v2/servicerequestupdates.json", &new("4714")).await.expect(201);
    assert_eq!(service.said_about(&officer, id).await.len(), 5);
    officer.complete(&found).await;
    let closed = service.submit(UPDATES, &new("4715")).await.expect(409).json();
    assert_eq!(closed[0]["code"], 409);
    assert_eq!(service.submit(UPDATES, &fields).await.expect(201).json(), first);
    // The log names the program.
    let log =
        service.get("/v1/audit/events?resource=service-requests&action=message").token(&service.token(Role::Auditor));
    let log = log.send().await.expect(200).json();
    let logged: Vec<_> = log["items"].as_array().unwrap().iter().map(|event| &event["actor_id"]).collect();
    assert_eq!(logged, [&client["id"]; 3]);
}

#[tokio::test]
async fn what_a_site_has_sent_ends_with_the_request() {
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    let (_, key) = service.site("FixMyStreet", "service-requests:submit").await;
    let made = service.submit(JSON, &[&FIELDS[..], &[("api_key", &*key)]].concat()).await.expect(201).json();
    let id = made[0]["service_request_id"].as_str().unwrap();
    let fields = [("api_key", &*key), ("service_request_id", id), ("update_id", "1"), ("description", "x")];
    service.submit(UPDATES, &fields).await.expect(201);
    let left = async || {
        let db = service.db().reader();
        (case_sender::Entity::find().count(db).await.unwrap(), sent_message::Entity::find().count(db).await.unwrap())
    };
    assert_eq!(left().await, (1, 1));
    officer.complete(&officer.find_request(&json!({ "reference": id })).await).await;
    let closed = service.today() - Months::new(6 * 12);
    service.tamper(&[&format!("UPDATE service_request SET closed_on = '{closed}'")]).await;
    assert_eq!(service.retain(&Retention::default()).await, 1);
    assert_eq!(left().await, (0, 0));
    let told = service.submit(UPDATES, &fields).await.expect(403).json();
    assert!(told[0]["description"].as_str().unwrap().starts_with("service_request_id: "), "{told}");
}

#[tokio::test]
async fn nobody_else_adds_to_a_request() {
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    let (client, key) = service.site("FixMyStreet", "service-requests:submit").await;
    let (_, other) = service.site("อื่น", "service-requests:submit").await;
    let (_, reader) = service.site("อ่านอย่างเดียว", "measures:read").await;
    let send = async |key: &str| {
        let made = service.submit(JSON, &[&FIELDS[..], &[("api_key", key)]].concat()).await.expect(201).json();
        made[0]["service_request_id"].as_str().unwrap().to_owned()
    };
    // Keys of other services mean nothing, as ever.
    let (own, others, public) = (send(&key).await, send(&other).await, send("0123456789").await);
    let ours = service.ask_for("public-lighting", &lighting()).await["reference"].as_str().unwrap().to_owned();
    let update = async |key: &str, id: &str, status: u16| {
        let fields = [("api_key", key), ("service_request_id", id), ("update_id", "1"), ("description", "SECRET")];
        let told = service.submit(UPDATES, &fields).await.expect(status).json();
        told[0]["description"].as_str().unwrap_or_default().to_owned()
    };
    for (key, id, starts) in [
        ("", &own, "api_key: "),
        ("0123456789", &public, "api_key: "),
        ("prongsai_0123456789", &own, "api_key: "),
        (&reader, &own, "api_key: "),
        (&other, &own, "service_request_id: "),
        (&key, &others, "service_request_id: "),
        (&key, &public, "service_request_id: "),
        (&key, &ours, "service_request_id: "),
    ] {
        let told = update(key, id, 403).await;
        assert!(told.starts_with(starts), "{key} {id}: {told}");
    }
    assert!(update(&key, "ZZZZ-ZZZZ", 404).await.starts_with("ไม่มีคำขอ"));
    assert!(update(&key, "x", 404).await.starts_with("ไม่มีคำขอ"));
    // A key of ours that is wrong sends no request that nobody could add to.
    for wrong in ["prongsai_0123456789", &reader] {
        let told = service.submit(JSON, &[&FIELDS[..], &[("api_key", wrong)]].concat()).await.expect(403).json();
        assert!(told[0]["description"].as_str().unwrap().starts_with("api_key: "), "{told}");
    }
    // What is wrong is named.
    let valid = [("api_key", &*key), ("service_request_id", &*own), ("update_id", "2"), ("description", "x")];
    let long = "x".repeat(10_001);
    for (fields, named) in [
        (&valid[..1], &["service_request_id", "update_id", "description"][..]),
        (&[&valid[..3], &[("description", &*long)]].concat(), &["description"]),
        (&[&valid[..2], &[("update_id", "ก"), ("description", "x")]].concat(), &["update_id"]),
        (&[&valid[..], &[("update_id", "3")]].concat(), &["update_id"]),
    ] {
        let told = service.submit(UPDATES, fields).await.expect(400).json();
        let places = told.as_array().unwrap().iter().map(|one| one["description"].as_str().unwrap());
        let places: Vec<_> = places.map(|text| text.split(':').next().unwrap()).collect();
        assert_eq!(places, named, "{told}");
    }
    // Day by day a request takes half as much as by receipt.
    let mut sent = 0;
    let refused = loop {
        let (id, long) = (format!("many-{sent}"), "ก".repeat(9_900));
        let fields = [&valid[..2], &[("update_id", &*id), ("description", &*long)]].concat();
        let answer = service.submit(UPDATES, &fields).await;
        if answer.status != 201 {
            break answer;
        }
        sent += 1;
    };
    assert!((2..=5).contains(&sent), "{sent}");
    assert!(!refused.header("retry-after").is_empty());
    told_of(refused, UPDATES, 429);
    // Access ends with the client's.
    let path = format!("/v1/clients/{}", client["id"].as_str().unwrap());
    let admin = service.token(Role::Admin);
    let end = service.patch(&path).token(&admin).header("If-Match", "*").json(&json!({ "active": false }));
    end.send().await.expect(200);
    assert!(update(&key, &own, 403).await.starts_with("api_key: "));
    for id in [&others, &public, &ours] {
        assert!(!service.said_about(&officer, id).await.iter().any(|event| event["text"] == "SECRET"));
    }
}

#[tokio::test]
async fn a_day_is_booked_with_a_name_and_a_solved_challenge() {
    let mut settings = Settings::default();
    settings.cases.challenge_bits = 8;
    let service = spawn_with(settings).await;
    demo::fill(service.db()).await.unwrap();
    let definition = service.open311("services/tree-cutting.json").await.expect(200).json();
    let attributes = definition["attributes"].as_array().unwrap();
    let beside: Vec<_> = attributes[4..].iter().map(|one| (&one["code"], &one["required"])).collect();
    assert_eq!(beside, [(&json!("booking-day"), &json!(true)), (&json!("booking-proof"), &json!(true))]);
    let days = service.get("/v1/e-services/tree-cutting/days").send().await.expect(200).json();
    let day = days["items"][0]["date"].as_str().unwrap();
    let proof = service.proof().await;
    let proof = format!("{}:{}", proof["challenge"].as_str().unwrap(), proof["solution"].as_str().unwrap());
    let fields = [
        ("service_code", "tree-cutting"),
        ("attribute[reason]", "กิ่งพาดสายไฟ"),
        ("attribute[tree_count]", "1"),
        ("attribute[land]", "public"),
        ("address_string", "ซอย 3"),
        ("attribute[booking-day]", day),
        ("phone", "081-234-5678"),
        ("attribute[booking-proof]", &*proof),
    ];
    let wrong = async |fields: &[(&str, &str)]| service.submit(JSON, fields).await.expect(400).json().to_string();
    let anonymous = [&fields[..6], &fields[7..]].concat();
    assert!(wrong(&anonymous).await.contains("first_name, last_name, phone, email: "));
    assert!(wrong(&fields[..7]).await.contains("attribute[booking-proof]: "));
    let unreadable = [&fields[..7], &[("attribute[booking-proof]", "48213")]].concat();
    assert!(wrong(&unreadable).await.contains("attribute[booking-proof]: "));
    // A test uses no challenge up.
    service.submit("/open311/test/v2/requests.json", &fields).await.expect(201);
    service.submit(JSON, &fields).await.expect(201);
    assert!(wrong(&fields).await.contains("attribute[booking-proof]: "));
}

#[tokio::test]
async fn what_is_wrong_is_told_as_the_specification_says() {
    let service = open().await;
    let told =
        async |path: &str, fields: &[(&str, &str)], status: u16| service.submit(path, fields).await.expect(status);
    let missing = told(JSON, &[("lat", "15.18")], 400).await.json();
    assert_eq!(missing, json!([{ "code": 400, "description": "service_code: ต้องระบุ" }]));
    let fields = [
        ("service_code", "public-lighting"),
        ("attribute[fault]", "x"),
        ("lat", "north"),
        ("long", "NaN"),
        ("address_string", "ซอย 3"),
        ("phone", "call me"),
    ];
    let wrong = told(JSON, &fields, 400).await.json();
    let text = wrong.to_string();
    assert!(text.contains("lat:") && text.contains("long:") && text.contains("phone:"), "{text}");
    let fields = [("service_code", "public-lighting"), ("attribute[fault]", "x"), ("attribute[lamp_count]", "many")];
    let wrong = told(JSON, &fields, 400).await.json().to_string();
    // People read the title of a field first.
    for part in
        ["\"เรื่องที่แจ้ง (attribute[fault]): ", "\"จำนวนโคมไฟ (ดวง) (attribute[lamp_count]): ", "lat, long, address_string"]
    {
        assert!(wrong.contains(part), "{part} is not in {wrong}");
    }
    let fields = [&FIELDS[..], &[("lat", "15.19"), ("attribute[fault]", "other")]].concat();
    let twice = told(JSON, &fields, 400).await.json().to_string();
    assert!(twice.contains("lat: ") && !twice.contains("attribute"), "{twice}");
    let fields = [&FIELDS[..], &[("attribute[fault]", "other")]].concat();
    let twice = told(JSON, &fields, 400).await.json().to_string();
    assert!(twice.contains("(attribute[fault]): "), "{twice}");
    let fields = [("service_code", "public-lighting"), ("attribute[fault]", "out"), ("address_id", "7")];
    let unknown = told(JSON, &fields, 400).await.json();
    assert!(unknown[0]["description"].as_str().unwrap().starts_with("address_id: "), "{unknown}");
    // Nothing that was said is lost over how it was written.
    for name in ["attributes[lamp_count]", "attribute[lamp_count", "attribute[lamp_count]x", "attribute"] {
        let fields = [&FIELDS[..], &[(name, "3")]].concat();
        let told = told(JSON, &fields, 400).await.json();
        assert!(told[0]["description"].as_str().unwrap().starts_with(&format!("{name}: ")), "{told}");
    }
    // What was sent is named in XML only as far as XML can.
    let fields = [&FIELDS[..], &[("attribute\u{1}\u{FFFF}", "x")]].concat();
    let unprintable = told("/open311/v2/requests.xml", &fields, 400).await.text();
    assert!(unprintable.contains("attribute\u{FFFD}\u{FFFD}"), "{unprintable}");
    let nothing = told("/open311/v2/requests.xml", &[("service_code", "loudspeaker-announcement")], 404).await;
    assert_eq!(nothing.header("content-type"), "text/xml; charset=utf-8");
    assert!(nothing.text().contains("<errors><error><code>404</code><description>"), "{}", nothing.text());
    for path in [
        "services/nothing.json",
        "requests/nothing.json",
        "tokens/nothing.xml",
        "nothing.json",
        "services.csv",
        "services",
        "services/%00.json",
    ] {
        service.open311(path).await.expect(404);
    }
    told(JSON, &[("service_code", "a\0")], 404).await;
    // What is not there takes nothing, and what is there says what it takes.
    told("/open311/v2/requests.csv", &FIELDS, 404).await;
    let other = told("/open311/v2/services.json", &[], 405).await;
    assert_eq!((other.header("allow"), other.json()[0]["code"].clone()), ("GET, HEAD", json!(405)));
    let other = service.delete("/open311/v2/requests.xml").send().await.expect(405);
    assert_eq!((other.header("allow"), other.header("content-type")), ("GET, HEAD, POST", "text/xml; charset=utf-8"));
    for query in [
        "page_size=1001",
        "page=0",
        "page=x",
        "status=done",
        "start_date=yesterday",
        "start_date=2024-01-01T00:00:00Z&end_date=2024-06-01T00:00:00Z",
        "start_date=2024-01-02T00:00:00Z&end_date=2024-01-01T00:00:00Z",
        "start_date=2024-01-01T00:00:00",
        "updated_after=2024-01-01",
        "page=1&page=2",
        "extensions=yes",
    ] {
        let wrong = service.open311(&format!("requests.json?{query}")).await.expect(400).json();
        assert_eq!(wrong[0]["code"], 400, "{query}");
    }
    let body = json!({ "service_code": "public-lighting" });
    service.post(JSON).json(&body).send().await.expect(415);
    let list = service.open311("requests.json").await.expect(200).json();
    assert_eq!(list, json!([]));
}

/// An error as the specification has it, in the format of its address.
#[track_caller]
fn told_of(answer: Answer, path: &str, status: u16) -> String {
    let answer = answer.expect(status);
    if path.ends_with(".json") {
        assert_eq!(answer.header("content-type"), "application/json", "{path}");
        let list = answer.json();
        assert_eq!(list[0]["code"], status, "{path}");
        return list[0]["description"].as_str().unwrap().to_owned();
    }
    assert_eq!(answer.header("content-type"), "text/xml; charset=utf-8", "{path}");
    let start = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?><errors><error><code>{status}</code><description>");
    let text = answer.text();
    let told = text.strip_prefix(&start).and_then(|rest| rest.split_once("</description></error>"));
    told.unwrap_or_else(|| panic!("{path}: {text}")).0.to_owned()
}

#[tokio::test]
async fn an_error_of_any_part_of_the_service_is_one_of_the_specification() {
    let service = open().await;
    for format in ["json", "xml"] {
        let path = |name: &str| format!("/open311/v2/{name}.{format}");
        let requests = path("requests");
        let with = |method: &str, path: &str, headers: &[(&str, &str)]| {
            let request = service.request(method, path);
            headers.iter().fold(request, |request, (name, value)| request.header(name, value))
        };
        let form = ("Content-Type", "application/x-www-form-urlencoded");
        let visitor = ("Prongsai-Visitor", "1");
        let preflight = [("Origin", "https://evil.example"), ("Access-Control-Request-Method", "POST")];
        let large = "x".repeat((256 << 10) + 1);
        for (request, path, status) in [
            (with("GET", &path("nothing"), &[]), path("nothing"), 404),
            (with("DELETE", &requests, &[]), requests.clone(), 405),
            (with("POST", &requests, &[("Content-Type", "application/json")]).body("{}"), requests.clone(), 415),
            (with("POST", &requests, &[form]).body(large), requests.clone(), 413),
            (with("GET", &requests, &[visitor]), requests.clone(), 400),
            (with("GET", &format!("{requests}?page=0"), &[]), requests.clone(), 400),
            (with("OPTIONS", &requests, &preflight), requests.clone(), 403),
            (with("PATCH", &path("discovery"), &[]), path("discovery"), 405),
        ] {
            let text = told_of(request.send().await, &path, status);
            assert!(text.contains(|char| ('ก'..='๛').contains(&char)), "{path} {status}: {text}");
        }
        let english = with("GET", &path("nothing"), &[("Accept-Language", "en")]).send().await;
        assert!(told_of(english, &requests, 404).starts_with("It is not there"));
        // Elsewhere nothing changes, whatever a path ends with.
        service.get(&format!("/open3110/v2/requests.{format}")).send().await.problem(404, "not_found");
    }
    let (json, xml) = tokio::join!(
        trickle(&service.address, "/open311/v2/requests.json"),
        trickle(&service.address, "/open311/v2/requests.xml")
    );
    for (answer, start) in
        [(json, "[{\"code\":408,"), (xml, "<?xml version=\"1.0\" encoding=\"utf-8\"?><errors><error><code>408<")]
    {
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 408") && body.starts_with(start), "{answer}");
    }
    let limit = |text: &str| Some(text.parse().unwrap());
    let limits = LimitSettings { reads: limit("1/3600s"), requests: limit("2/3600s"), ..LimitSettings::default() };
    let service = spawn_with(Settings { limits, ..Settings::default() }).await;
    service.get("/open311/v2/services.xml").send().await.expect(200);
    for path in ["/open311/v2/services.xml", "/open311/v2/requests.json", "/open311/discovery.json"] {
        let answer = service.get(path).send().await;
        assert!(!answer.header("retry-after").is_empty() && answer.header("ratelimit-policy").starts_with("\"reads\""));
        assert!(told_of(answer, path, 429).contains(" วินาที"));
    }
    service.get("/v1/units").send().await.problem(429, "too_many_requests");
    // While the service stops, no body is waited for.
    service.app.http.shutdown.enter(Phase::Ending);
    let paths = ["/open311/v2/requests.json", "/open311/test/v2/requests.xml"];
    for (path, status) in paths.into_iter().cycle().zip([503, 503, 429, 429]) {
        told_of(service.submit(path, &FIELDS).await, path, status);
    }
}

/// What is answered to a form of which only the first byte arrives.
async fn trickle(address: &str, path: &str) -> String {
    use std::io::{Read, Write};
    let (address, path) = (address.trim_start_matches("http://").to_owned(), path.to_owned());
    let answered = tokio::task::spawn_blocking(move || {
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: 100\r\n\r\na"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8(answer).unwrap()
    });
    answered.await.unwrap()
}

#[tokio::test]
async fn a_request_sent_again_is_answered_as_the_first_was_and_is_one() {
    let service = open().await;
    let send = async |key: &str, fields: &[(&str, &str)]| {
        service.filled_in(JSON, fields).header("Idempotency-Key", key).send().await
    };
    // Anybody could have thought of it.
    let short = send("1", &FIELDS).await.expect(400).json().to_string();
    assert!(short.contains("Idempotency-Key: "), "{short}");
    let key = "9f1c2d3e4b5a69788796a5b4c3d2e1f0";
    let first = send(key, &FIELDS).await.expect(201).json();
    send(key, &FIELDS[..9]).await.expect(400);
    // Also when it could no longer be asked for.
    let withdrawal = json!({ "action": "unpublish", "reason": "งดให้บริการชั่วคราว" });
    let path = "/v1/e-services/public-lighting/transitions";
    service.post(path).token(&service.token(Role::Editor)).json(&withdrawal).send().await.expect(200);
    assert_eq!(send(key, &FIELDS).await.expect(201).json(), first);
    assert_eq!(service.open311("requests.json").await.expect(200).json().as_array().unwrap().len(), 1);
    service.submit(JSON, &FIELDS).await.expect(404);
}

#[tokio::test]
async fn what_is_not_done_at_a_place_is_asked_for_from_anywhere_and_forwarded_to_another_unit() {
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    let mut announcement = e_service("certificate");
    announcement["takes_location"] = json!(false);
    service.post("/v1/e-services").token(&service.token(Role::Editor)).json(&announcement).send().await.expect(201);
    let fields =
        [("service_code", "certificate"), ("attribute[what]", "ตู้เย็น"), ("lat", "15.18581"), ("long", "100.12512")];
    let made = service.submit(JSON, &fields).await.expect(201).json();
    let found = officer.find_request(&json!({ "reference": made[0]["service_request_id"] })).await;
    assert_eq!(found["location"], Value::Null);
    officer.step_request(&found, json!({ "action": "forward", "unit": "public-works" })).await.expect(200);
    let shown = service.open311("requests.json").await.expect(200).json();
    let units = service.all("/v1/units").await;
    let unit = units.iter().find(|unit| unit["code"] == "public-works").unwrap();
    assert_eq!(shown[0]["agency_responsible"], unit["name"]["th"]);
    assert_eq!(shown[0]["lat"], Value::Null);
}

#[tokio::test]
async fn a_form_in_parts_is_taken_with_its_files() {
    let mut settings = Settings::default();
    (settings.files.largest, settings.files.daily_bytes) = (1 << 20, Some(5000));
    let service = spawn_with(settings).await;
    demo::fill(service.db()).await.unwrap();
    let officer = service.service_officer("somchai", &[]).await;
    let names: Vec<String> = FIELDS.iter().map(|(name, _)| format!("name=\"{name}\"")).collect();
    let texts: Vec<(&str, &[u8])> =
        names.iter().map(|name| &**name).zip(FIELDS.map(|(_, text)| text.as_bytes())).collect();
    let send = async |path: &str, key: Option<&str>, boundary: &str, files: &[(&str, Vec<u8>)]| {
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, file)| (*name, &**file)).collect();
        // A file may come first.
        let request = service.in_parts(path, boundary, &[&files[..], &texts[..]].concat());
        key.into_iter().fold(request, |request, key| request.header("Idempotency-Key", key)).send().await
    };
    let attached = async |made: &Value| {
        let found = officer.find_request(&json!({ "reference": made[0]["service_request_id"] })).await;
        assert_eq!(found["applicant"]["full_name"], "สมหญิง รักไทย");
        assert_eq!(found["form"], json!({ "fault": "out", "lamp_count": 2 }));
        let path = format!("/v1/service-requests/{}/attachments", found["id"].as_str().unwrap());
        let files = officer.get(&path).send().await.expect(200).json()["items"].as_array().unwrap().clone();
        files.into_iter().map(|file| file["file_name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let notice = |made: &Value| made[0]["service_notice"].as_str().unwrap().to_owned();
    // Without a file, and as a browser sends none.
    for files in [&[][..], &[("name=\"media\"; filename=\"\"", Vec::new())]] {
        let made = send(JSON, None, "x", files).await.expect(201).json();
        assert_eq!(attached(&made).await, [] as [&str; 0]);
        assert!(notice(&made).ends_with("ใช้ตรวจสอบผลคำขอ"), "{made}");
    }
    let photos = [
        ("name=\"media\"; filename=\"ไฟ.jpg\"", photo()),
        ("name=\"photo1\"; filename=\"เสา.jpg\"", [photo(), b"x".to_vec()].concat()),
    ];
    let key = Some("9f1c2d3e4b5a69788796a5b4c3d2e1f0");
    let made = send(JSON, key, "x", &photos).await.expect(201).json();
    assert_eq!(attached(&made).await, ["ไฟ.jpg", "เสา.jpg"]);
    assert!(notice(&made).ends_with("ใช้ตรวจสอบผลคำขอ"), "{made}");
    // A retry has another boundary, and attaches nothing again.
    assert_eq!(send(JSON, key, "another", &photos).await.expect(201).json(), made);
    assert_eq!(attached(&made).await.len(), 2);
    assert_eq!(send(JSON, key, "x", &photos[..1]).await.expect(400).json()[0]["code"], 400);
    // What cannot be kept is left out, and the request is taken.
    let others = [
        ("name=\"file_1\"; filename=\"a.exe\"", b"MZ\0\x01\x02".to_vec()),
        ("name=\"file_2\"; filename=\"b.jpg\"", vec![0; (1 << 20) + 1]),
        ("name=\"file_3\"; filename=\"ใบ.txt\"", "ไฟดับ".into()),
        ("name=\"file_4\"; filename=\"ค.txt\"", "ก".repeat(2000).into()),
    ];
    let made = send(JSON, None, "x", &others).await.expect(201).json();
    assert_eq!(attached(&made).await, ["ใบ.txt"]);
    let notice_of_others = notice(&made);
    for part in [
        "ไฟล์ a.exe ไม่ได้แนบไปด้วย: ",
        "ไฟล์ b.jpg ไม่ได้แนบไปด้วย: ไฟล์ต้องมีขนาดไม่เกิน 1 เมกะไบต์ (MB)",
        "ไฟล์ ค.txt ไม่ได้แนบไปด้วย: วันนี้",
    ] {
        assert!(notice_of_others.contains(part), "{part} is not in {notice_of_others}");
    }
    let memory = service.app.cases.blobs.memory.unannounced.clone();
    let all = memory.acquire_many_owned(memory_of(&service)).await.unwrap();
    let made = send(JSON, None, "x", &photos[..1]).await.expect(201).json();
    assert!(notice(&made).contains("ไฟล์ ไฟ.jpg ไม่ได้แนบไปด้วย: "), "{made}");
    drop(all);
    assert_eq!(attached(&made).await, [] as [&str; 0]);
    // A test keeps nothing.
    let stored = || walk(&service.folder.path().join("attachments"));
    let before = stored();
    send("/open311/test/v2/requests.json", None, "x", &photos).await.expect(201);
    assert_eq!(stored(), before);
    assert_eq!(before, 3);
}

/// The permits of the memory for files whose sender has no receipt.
fn memory_of(service: &Service) -> u32 {
    service.app.cases.blobs.memory.unannounced.available_permits() as u32
}

/// How many files are in a folder.
fn walk(folder: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { walk(&path) } else { 1 }).sum()
}

#[tokio::test]
async fn a_form_in_parts_that_is_none_is_refused() {
    let mut settings = Settings::default();
    settings.files.largest = 1 << 20;
    let service = spawn_with(settings).await;
    demo::fill(service.db()).await.unwrap();
    let text = |bytes: usize| "x".repeat(bytes).into_bytes();
    for (parts, status) in [
        (vec![("name=\"description\"", text(300 << 10))], 413),
        (vec![("name=\"description\"", b"\xCA\xC1".to_vec())], 400),
        (vec![("name=\"a\"", text(1)); 201], 400),
        (vec![("name=\"media\"; filename=\"a.jpg\"", text(1 << 20)); 4], 413),
        (vec![("name=\"service_code\"", b"public-lighting".to_vec())], 400),
    ] {
        let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, part)| (*name, &**part)).collect();
        let told = service.in_parts(JSON, "x", &parts).send().await.expect(status).json();
        assert_eq!(told[0]["code"], status, "{told}");
    }
    let whole = parts_of("x", &[("name=\"service_code\"", b"public-lighting")]);
    let endless = [b"--x\r\nContent-Disposition: form-data; name=\"".to_vec(), text(1 << 20)].concat();
    for (kind, body) in [
        ("multipart/form-data", &whole),
        ("multipart/form-data; boundary=y", &whole),
        ("multipart/form-data; boundary=x", &whole),
        ("multipart/form-data; boundary=x", &endless),
        ("multipart/form-data; boundary=x", &Vec::new()),
    ] {
        let told = service.post(JSON).header("Content-Type", kind).body(body.clone()).send().await.expect(400).json();
        assert_eq!(told[0]["code"], 400, "{told}");
    }
    service.post(JSON).header("Content-Type", "multipart/mixed; boundary=x").body(whole).send().await.expect(415);
    assert_eq!(service.open311("requests.json").await.expect(200).json(), json!([]));
}

#[tokio::test]
async fn the_test_endpoint_checks_everything_and_writes_nothing() {
    let service = open().await;
    let path = "/open311/test/v2/requests.json";
    let made = service.submit(path, &FIELDS).await.expect(201).json();
    assert!(made[0]["service_request_id"].is_string());
    assert_eq!(made[0]["service_notice"], "ทดสอบเท่านั้น ไม่มีการบันทึกคำขอ");
    let id = made[0]["service_request_id"].as_str().unwrap();
    for kind in ["requests", "tokens"] {
        let path = |endpoint: &str| format!("/open311/{endpoint}/{kind}/{id}.json");
        let missing = service.get(&path("test/v2")).send().await.expect(404).json();
        assert!(missing[0]["description"].as_str().unwrap().contains("ทดสอบไม่เก็บคำขอ"), "{missing}");
        let missing = service.get(&path("v2")).send().await.expect(404).json();
        assert!(!missing[0]["description"].as_str().unwrap().contains("ทดสอบ"), "{missing}");
    }
    service.submit(path, &FIELDS[..1]).await.expect(400);
    assert_eq!(service.open311("requests.json").await.expect(200).json(), json!([]));
    let year = prongsai::domain::fiscal_year::FiscalYear::at(service.now()).unwrap();
    let figures = service.get(&format!("/v1/statistics/e-services?fiscal_year={year}")).send().await.expect(200).json();
    assert_eq!(figures["current"]["total"], 0);
}

#[tokio::test]
async fn everybody_sees_on_a_map_what_is_open_and_in_a_feed_what_was_done() {
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    let map = async || service.get("/v1/service-requests/public.geojson").send().await.expect(200);
    assert_eq!(map().await.json(), json!({ "type": "FeatureCollection", "features": [] }));
    let given = service.ask_for("public-lighting", &lighting()).await;
    let mut unlocated = lighting();
    unlocated["location"] = json!({ "address": "ซอย 3" });
    service.ask_for("public-lighting", &unlocated).await;
    let shown = map().await;
    assert_eq!(shown.header("content-type"), "application/geo+json");
    let features: Vec<Value> = shown.json()["features"].as_array().unwrap().clone();
    assert_eq!(features.len(), 1);
    assert_eq!(features[0]["geometry"], json!({ "type": "Point", "coordinates": [100.125, 15.186] }));
    assert_eq!(
        (&features[0]["properties"]["e_service"], &features[0]["properties"]["status"]),
        (&json!("public-lighting"), &json!("received"))
    );
    let feed = async || service.get("/v1/service-requests/completed.atom").send().await.expect(200);
    assert!(!feed().await.text().contains("<entry>"));
    let found = officer.find_request(&given).await;
    let steps = json!([
        { "id": found["id"], "action": "accept" },
        { "id": found["id"], "action": "start" },
        { "id": found["id"], "action": "complete", "text": "เปลี่ยนหลอด <LED> แล้ว" },
    ]);
    officer.post("/v1/service-requests/transitions/batch").json(&json!({ "items": steps })).send().await.expect(200);
    assert_eq!(map().await.json()["features"], json!([]));
    let told = feed().await;
    assert_eq!(told.header("content-type"), "application/atom+xml");
    assert!(
        told.text().contains("<title>งานไฟฟ้าสาธารณะ</title>") && told.text().contains("เปลี่ยนหลอด &lt;LED&gt; แล้ว"),
        "{}",
        told.text()
    );
    // What is done anew is no longer done.
    officer
        .post(&format!("/v1/service-requests/{}/transitions", found["id"].as_str().unwrap()))
        .json(&json!({ "action": "reopen", "text": "ดับอีก" }))
        .send()
        .await
        .expect(200);
    assert!(!feed().await.text().contains("<entry>"));
}
