//! The yearly submission to the ITA.

use std::collections::BTreeMap;

use prongsai::app::import;
use prongsai::auth::scope::Role;
use serde_json::{Value, json};

use crate::support::{Service, faults, spawn, spawn_filled};

const CATALOGUES: [(i32, &str, usize); 3] = [
    (2566, include_str!("../../data/oit-2566.json"), 43),
    (2567, include_str!("../../data/oit-2567.json"), 35),
    (2568, include_str!("../../data/oit-2568.json"), 28),
];

fn items(file: &str) -> Vec<Value> {
    serde_json::from_str::<Value>(file).unwrap()["items"].as_array().unwrap().clone()
}

/// Fields of an item that a file has.
const TEXTS: [&str; 8] =
    ["code", "subject", "indicator", "sub_indicator", "title", "conditions", "required_parts", "confidence"];

fn texts(item: &Value) -> Vec<Value> {
    TEXTS.map(|field| item[field].clone()).to_vec()
}

impl Service {
    async fn patch_ita(&self, path: &str, body: Value) -> crate::support::Answer {
        let editor = self.token(Role::Editor);
        self.patch(path).token(&editor).header("If-Match", "*").json(&body).send().await
    }

    async fn take(&self, path: &str, action: &str) -> crate::support::Answer {
        let editor = self.token(Role::Editor);
        self.post(&format!("{path}/transitions")).token(&editor).json(&json!({ "action": action })).send().await
    }

    async fn readiness(&self, year: i32) -> Value {
        let auditor = self.token(Role::Auditor);
        self.get(&format!("/v1/ita/{year}/readiness")).token(&auditor).send().await.expect(200).json()
    }
}

impl Service {
    /// The line of an item.
    async fn line(&self, year: i32, code: &str) -> Value {
        let items = self.readiness(year).await["items"].clone();
        items.as_array().unwrap().iter().find(|item| item["code"] == code).unwrap().clone()
    }
}

fn answer(of: i32, code: &str) -> String {
    format!("/v1/ita/{of}/items/{code}/disclosure")
}

#[tokio::test]
async fn every_item_of_the_files_is_there_as_it_is_written() {
    let service = spawn_filled().await;
    for (year, file, count) in CATALOGUES {
        let found = service.all(&format!("/v1/ita/{year}/items")).await;
        assert_eq!(found.len(), count);
        assert_eq!(found.iter().map(texts).collect::<Vec<_>>(), items(file).iter().map(texts).collect::<Vec<_>>());
    }
    let years = service.get("/v1/ita").send().await.expect(200).json();
    let years: Vec<_> =
        years["items"].as_array().unwrap().iter().map(|year| (&year["fiscal_year"], &year["due_on"])).collect();
    assert_eq!(json!(years), json!([[2568, "2025-04-30"], [2567, "2024-04-30"], [2566, "2023-04-30"]]));
}

#[tokio::test]
async fn the_code_of_a_subject_is_looked_up_by_year() {
    let service = spawn_filled().await;
    for (subject, codes) in [
        ("integrity_measures", ["O42", "O34", "O27"]),
        ("integrity_measures_report", ["O43", "O35", "O28"]),
        ("anti_corruption_report", ["O38", "O33", "O26"]),
        ("complaint_statistics", ["O29", "O24", "O19"]),
        ("service_statistics", ["O16", "O12", "O11"]),
        ("e_service", ["O18", "O13", "O10"]),
        ("complaint_channel", ["O28", "O23", "O18"]),
    ] {
        for (year, code) in (2566..).zip(codes) {
            let found = service.all(&format!("/v1/ita/{year}/items?subject={subject}")).await;
            assert_eq!(found.iter().map(|item| &item["code"]).collect::<Vec<_>>(), [code], "{subject} {year}");
        }
    }
    assert_eq!(service.get("/v1/ita/2566/items/O35").send().await.expect(200).json()["subject"], "risk_report");
    assert_eq!(service.all("/v1/ita/2567/items?q=E-Service").await.len(), 1, "the manual writes a dash");
    assert_eq!(service.all("/v1/ita/2567/items?q=%E0%B8%AA%E0%B8%96%E0%B8%B4%E0%B8%95%E0%B8%B4").await.len(), 2);
}

#[tokio::test]
async fn an_unknown_year_or_code_is_told_with_those_there_are() {
    let service = spawn_filled().await;
    for path in ["/v1/ita/2570", "/v1/ita/2570/items", "/v1/ita/2570/items/O1"] {
        let problem = service.get(path).send().await.problem(404, "not_found");
        assert!(problem["detail"].as_str().unwrap().contains("2566, 2567, 2568"), "{problem}");
    }
    service.patch_ita("/v1/ita/2570", json!({ "result": "ผ่าน" })).await.problem(404, "not_found");
    let item = json!({ "code": "O1", "indicator": "1", "sub_indicator": "1.1", "title": "ก", "confidence": "sourced" });
    let create = service.post("/v1/ita/2570/items").token(&service.token(Role::Editor)).json(&item);
    create.send().await.problem(404, "not_found");
    let auditor = service.token(Role::Auditor);
    for path in ["/v1/ita/2570/readiness", "/v1/ita/2570/disclosures", &answer(2570, "O1")] {
        service.get(path).token(&auditor).send().await.problem(404, "not_found");
    }
    let problem =
        service.get("/v1/ita/2567/items/O36").header("Accept-Language", "en").send().await.problem(404, "not_found");
    assert!(problem["detail"].as_str().unwrap().contains("Fiscal year 2567 has no item O36"), "{problem}");
    for code in ["35", "o35", "O035", "O%E0%B9%93%E0%B9%95", "O4294967331"] {
        let problem = service.get(&format!("/v1/ita/2567/items/{code}")).send().await.problem(404, "not_found");
        assert!(problem["detail"].as_str().unwrap().contains("O1 ถึง O35"), "{problem}");
    }
    let problem = service.get("/v1/ita/2024/items/O1").send().await.problem(400, "invalid_parameter");
    assert_eq!(faults(&problem), [("year".to_owned(), "fiscal_year_out_of_range".to_owned())]);
}

#[tokio::test]
async fn an_item_is_added_corrected_and_deleted() {
    let service = spawn_filled().await;
    let editor = service.token(Role::Editor);
    let item = json!({
        "code": "O36", "indicator": "10 ก", "sub_indicator": "10.3 ข", "title": "ค", "conditions": ["ง"],
        "required_parts": ["จ"], "confidence": "recalled",
    });
    let create = |body: Value| service.post("/v1/ita/2567/items").token(&editor).json(&body).send();
    let created = create(item.clone()).await.expect(201);
    assert_eq!(created.header("location"), "/v1/ita/2567/items/O36");
    let taken = create(item.clone()).await.problem(409, "already_exists");
    assert_eq!(faults(&taken), [("#/code".to_owned(), "already_exists".to_owned())]);
    let mut other = item.clone();
    (other["code"], other["subject"]) = (json!("O37"), json!("integrity_measures_report"));
    let taken = create(other).await.problem(409, "already_exists");
    assert_eq!(faults(&taken), [("#/subject".to_owned(), "already_exists".to_owned())]);
    let moved = service.patch_ita("/v1/ita/2567/items/O36", json!({ "code": "O99", "confidence": "sourced" })).await;
    assert_eq!(moved.expect(200).json()["code"], "O99");
    service.get("/v1/ita/2567/items/O36").send().await.problem(404, "not_found");
    let delete = |path: &'static str| service.delete(path).token(&editor).header("If-Match", "*").send();
    delete("/v1/ita/2567/items/O99").await.expect(204);
    service.patch_ita(&answer(2567, "O1"), json!({ "disclosed": true })).await.expect(200);
    delete("/v1/ita/2567/items/O1").await.problem(409, "in_use");
}

#[tokio::test]
async fn a_year_begins_with_the_items_of_another() {
    let service = spawn_filled().await;
    let editor = service.token(Role::Editor);
    let create = |body: Value| service.post("/v1/ita").token(&editor).json(&body).send();
    let created = create(json!({ "fiscal_year": 2569, "items_of": 2568 })).await.expect(201);
    assert_eq!((created.header("location"), &created.json()["due_on"]), ("/v1/ita/2569", &json!("2026-04-30")));
    let [before, after] = [2568, 2569].map(|year| format!("/v1/ita/{year}/items"));
    let [before, after] = [service.all(&before).await, service.all(&after).await];
    assert_eq!(after.iter().map(texts).collect::<Vec<_>>(), before.iter().map(texts).collect::<Vec<_>>());
    create(json!({ "fiscal_year": 2569 })).await.problem(409, "already_exists");
    let unknown = create(json!({ "fiscal_year": 2570, "items_of": 2571 })).await.problem(422, "validation_failed");
    assert_eq!(faults(&unknown), [("#/items_of".to_owned(), "unknown_ita_year".to_owned())]);
    let year = service.patch_ita("/v1/ita/2567", json!({ "result": "ผ่านดี", "score": 89.47 })).await.expect(200).json();
    assert_eq!((&year["result"], &year["score"]), (&json!("ผ่านดี"), &json!(89.47)));
    for (score, code) in [(100.01, "too_large"), (-1.0, "too_small"), (89.475, "too_precise")] {
        let problem =
            service.patch_ita("/v1/ita/2567", json!({ "score": score })).await.problem(422, "validation_failed");
        assert_eq!(faults(&problem), [("#/score".to_owned(), code.to_owned())]);
    }
    assert_eq!(service.patch_ita("/v1/ita/2567", json!({ "score": 100 })).await.expect(200).json()["score"], 100.0);
}

#[tokio::test]
async fn completing_one_part_changes_exactly_its_line() {
    let service = spawn_filled().await;
    let path = answer(2567, "O35");
    let part = |part: &str| json!({ "part": part, "link": 1 });
    let (results, outcomes) = ("ผลการดำเนินการตามมาตรการ", "ผลลัพธ์หรือความสำเร็จของการดำเนินการ");
    let body = json!({
        "disclosed": true,
        "links": [{ "title": "รายงาน", "url": "https://www.example.go.th/o35", "steps": "หน้าแรก > ITA" }],
        "explanation": "แสดงครบทั้งหกมาตรการ",
        "parts": [part(results)],
        "unit": "policy-planning",
    });
    let drafted = service.patch_ita(&path, body).await.expect(200).json();
    assert_eq!(
        (&drafted["state"], &drafted["unit_name"]["en"]),
        (&json!("drafted"), &json!("Policy and Plan Analysis Section"))
    );
    let before = service.readiness(2567).await;
    let lines = |readiness: &Value| -> BTreeMap<String, Value> {
        let items = readiness["items"].as_array().unwrap();
        items.iter().map(|item| (item["code"].as_str().unwrap().to_owned(), item.clone())).collect()
    };
    assert_eq!(lines(&before).len(), 35);
    let gap = &lines(&before)["O35"]["missing"];
    assert_eq!((gap.as_array().unwrap().len(), &gap[0]["part"]), (1, &json!(outcomes)), "{gap}");
    // It is reviewed, and cannot be completed while a part is missing.
    service.take(&path, "complete").await.problem(409, "illegal_transition");
    service.take(&path, "review").await.expect(200);
    let problem = service.take(&path, "complete").await.problem(409, "incomplete");
    assert_eq!(faults(&problem), [("#/action".to_owned(), "missing_part".to_owned())]);
    let detail = problem["errors"][0]["detail"].as_str().unwrap();
    assert!(["O35", "2567", outcomes].iter().all(|text| detail.contains(text)), "{detail}");
    let body = json!({ "parts": [part(results), { "part": outcomes, "link": 1, "place": "หน้า 3" }] });
    let changed = service.patch_ita(&path, body).await.expect(200).json();
    assert_eq!(changed["state"], "drafted", "what was reviewed has changed");
    let after = service.readiness(2567).await;
    let (before_lines, after_lines) = (lines(&before), lines(&after));
    let changed: Vec<_> =
        after_lines.iter().filter(|(code, line)| before_lines[*code] != **line).map(|(code, _)| code).collect();
    assert_eq!(changed, ["O35"]);
    let line = &after_lines["O35"];
    assert_eq!((&line["missing"], &line["expected_score"]), (&json!([]), &json!(100.0)));
    assert_eq!(
        line["paste"],
        json!({
            "answer": "มี",
            "addresses": "https://www.example.go.th/o35",
            "explanation": format!("แสดงครบทั้งหกมาตรการ\nหน้าแรก > ITA\n1. {results}\n2. {outcomes}: หน้า 3"),
        })
    );
    // Half of 10.2, so a quarter of indicator 10, so an eighth of the whole.
    assert_eq!((&before["expected_score"], &after["expected_score"]), (&json!(0.0), &json!(12.5)));
    let ten = &after["indicators"][1];
    assert_eq!(
        (&ten["expected_score"], &ten["complete_count"], &ten["item_count"]),
        (&json!(25.0), &json!(1), &json!(10))
    );
    for action in ["review", "complete", "submit"] {
        service.take(&path, action).await.expect(200);
    }
    service.patch_ita(&path, json!({ "notes": "x" })).await.problem(409, "illegal_transition");
    service.take(&path, "reopen").await.expect(200);
    assert_eq!(service.patch_ita(&path, json!({ "notes": "x" })).await.expect(200).json()["state"], "drafted");
}

/// The memo of 2567 names O35 and quotes the four parts of another item.
#[tokio::test]
async fn parts_of_another_item_are_told_with_the_item_that_asks_for_them() {
    let service = spawn_filled().await;
    let memo: Value = serde_json::from_str(include_str!("../../data/memo-2567.json")).unwrap();
    let parts = memo["memo"]["sections"][1]["items"].as_array().unwrap();
    let parts: Vec<Value> = parts.iter().map(|part| json!({ "part": part, "link": 1 })).collect();
    assert_eq!(parts.len(), 4);
    let links = json!([{ "title": "รายงาน", "url": "https://www.example.go.th/o35" }]);
    let body = json!({ "disclosed": true, "links": links, "parts": parts });
    for (code, owner) in [("O35", json!("O33")), ("O33", json!(null))] {
        service.patch_ita(&answer(2567, code), body.clone()).await.expect(200);
        let items = service.readiness(2567).await["items"].clone();
        let line = items.as_array().unwrap().iter().find(|item| item["code"] == code).unwrap().clone();
        assert_eq!(line["misplaced"]["belongs_to"], owner, "{line}");
        let missing = if code == "O35" { 2 } else { 0 };
        assert_eq!(line["missing"].as_array().unwrap().len(), missing, "{line}");
    }
    // The memo of the report itself is told as well, by whichever way the answer is.
    let told = async |code: &str| {
        let items = service.readiness(2567).await["items"].clone();
        items.as_array().unwrap().iter().find(|item| item["code"] == code).unwrap()["misplaced_in_memo"].clone()
    };
    let in_memo = told("O35").await;
    assert_eq!((in_memo["parts"].as_array().unwrap().len(), &in_memo["belongs_to"]), (4, &json!("O33")));
    assert_eq!(told("O33").await, json!(null));
    let page = service.get("/v1/ita/2567/readiness?format=html").token(&service.token(Role::Editor));
    let page = page.send().await.expect(200).text();
    assert!(page.contains("บันทึกข้อความของรายงานข้อ O35 ระบุ"), "{page}");
    // What is told of a long memo is bounded.
    let mut section = memo["memo"]["sections"][1].clone();
    let part = parts[0]["part"].as_str().unwrap();
    section["items"] = json!([vec!["ก".repeat(900)], vec![format!("{part}\n(ต่อ)"); 49]].concat());
    let frame = "/v1/report-frames/2567/integrity-measures-report";
    service.patch_ita(frame, json!({ "memo": { "sections": [section, section] } })).await.expect(200);
    let in_memo = told("O35").await;
    assert_eq!(in_memo["parts"], json!(vec![format!("{part} (ต่อ)"); 50]));
    assert!(in_memo["message"]["th"].as_str().unwrap().chars().count() <= 1000, "{in_memo}");
    let unasked = json!({ "parts": [{ "part": "แผนที่ดาว", "link": 1 }] });
    service.patch_ita(&answer(2567, "O35"), unasked).await.expect(200);
    let line = service.readiness(2567).await["items"][34].clone();
    assert_eq!(line["misplaced"]["parts"], json!(["แผนที่ดาว"]));
    assert_eq!(line["misplaced"]["belongs_to"], json!(null));
}

#[tokio::test]
async fn the_documents_of_the_manual_are_asked_for_in_the_year_whose_item_does() {
    let service = spawn_filled().await;
    let told = async |year: i32| {
        let items = service.readiness(year).await["items"].clone();
        let manual = items.as_array().unwrap().iter().find(|item| item["subject"] == "service_manual").unwrap().clone();
        let is_told = |gap: &&Value| {
            let [part, message] = [&gap["part"], &gap["message"]["th"]].map(|text| text.as_str().unwrap_or_default());
            part.starts_with("เอกสาร") && message.contains("เอกสารหรือหลักฐานที่ต้องใช้")
        };
        manual["missing"].as_array().unwrap().iter().filter(is_told).count()
    };
    assert_eq!((told(2567).await, told(2568).await), (0, 0));
    service.change("/v1/e-services/tree-cutting", &json!({ "papers": [] })).await;
    assert_eq!((told(2567).await, told(2568).await), (0, 1));
}

#[tokio::test]
async fn what_is_wrong_with_an_answer_is_told_at_its_field() {
    let service = spawn_filled().await;
    let link = json!({ "title": "ก", "url": "https://www.example.go.th/" });
    for (body, place, code) in [
        (json!({ "parts": [{ "part": "ก", "link": 1 }] }), "#/parts/0/link", "unknown_link"),
        (json!({ "links": [link], "parts": [{ "part": "ก", "link": 2 }] }), "#/parts/0/link", "unknown_link"),
        (json!({ "links": [{ "title": "ก", "url": "ftp://www.example.go.th/" }] }), "#/links/0/url", "bad_format"),
        (json!({ "unit": "policy-planing" }), "#/unit", "unknown_unit"),
        (json!({ "disclosed": "yes" }), "#/disclosed", "wrong_type"),
    ] {
        let problem = service.patch_ita(&answer(2567, "O35"), body).await.problem(422, "validation_failed");
        assert_eq!(faults(&problem), [(place.to_owned(), code.to_owned())], "{problem}");
    }
    let auditor = service.token(Role::Auditor);
    let read = service.get(&answer(2567, "O35")).token(&auditor).send().await.expect(200).json();
    assert_eq!((&read["state"], &read["links"]), (&json!("open"), &json!([])));
    service.get(&answer(2567, "O35")).send().await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn answers_are_carried_forward_once_and_only_into_what_is_open() {
    let service = spawn_filled().await;
    let editor = service.token(Role::Editor);
    let links = json!([{ "title": "รายงาน", "url": "https://www.example.go.th/x" }]);
    for code in ["O35", "O1", "O9"] {
        let body = json!({ "disclosed": true, "links": links, "explanation": code, "unit": "legal" });
        service.patch_ita(&answer(2567, code), body).await.expect(200);
    }
    // O28 of 2568 has the subject of O35 of 2567; its O1 has the title of the O1 before, and was begun.
    service.patch_ita(&answer(2568, "O1"), json!({ "explanation": "เขียนใหม่" })).await.expect(200);
    let carry = |year: i32| service.post(&format!("/v1/ita/{year}/carry-forward")).token(&editor).send();
    let carried = carry(2568).await.expect(200).json();
    assert_eq!(carried["carried_count"].as_u64().unwrap() + carried["left_count"].as_u64().unwrap(), 3, "{carried}");
    let auditor = service.token(Role::Auditor);
    let read = async |code: &str| service.get(&answer(2568, code)).token(&auditor).send().await.expect(200).json();
    let new = read("O28").await;
    assert_eq!((&new["state"], &new["explanation"], &new["unit"]), (&json!("carried"), &json!("O35"), &json!("legal")));
    assert_eq!(
        (&new["carried_forward"], &new["links"][0]["url"]),
        (&json!(true), &json!("https://www.example.go.th/x"))
    );
    assert_eq!(read("O1").await["explanation"], "เขียนใหม่");
    service.patch_ita(&answer(2568, "O28"), json!({ "explanation": "ปี 2568" })).await.expect(200);
    assert_eq!(carry(2568).await.expect(200).json()["carried_count"], 0);
    assert_eq!(read("O28").await["explanation"], "ปี 2568");
    carry(2566).await.problem(404, "not_found");
}

#[tokio::test]
async fn an_answer_of_the_year_before_is_complete_when_somebody_has_reviewed_or_changed_it() {
    let service = spawn_filled().await;
    let editor = service.token(Role::Editor);
    let body = json!({ "disclosed": true, "links": [{ "title": "ก", "url": "https://www.example.go.th/" }] });
    for code in ["O2", "O35"] {
        service.patch_ita(&answer(2567, code), body.clone()).await.expect(200);
    }
    service.post("/v1/ita/2568/carry-forward").token(&editor).send().await.expect(200);
    let carried = service.get("/v1/ita/2568/disclosures?state=carried").token(&editor).send().await.expect(200).json();
    let codes: Vec<&str> =
        carried["items"].as_array().unwrap().iter().map(|answer| answer["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["O2", "O28"]);
    for code in &codes {
        let line = service.line(2568, code).await;
        assert_eq!((&line["missing"][0]["kind"], &line["expected_score"]), (&json!("review"), &json!(0.0)), "{line}");
    }
    service.patch_ita(&answer(2568, "O2"), json!({ "notes": "โทรถาม" })).await.expect(200);
    assert_eq!(service.line(2568, "O2").await["state"], "carried");
    service.take(&answer(2568, "O2"), "review").await.expect(200);
    let change = json!({ "explanation": "ของปี 2568" });
    assert_eq!(service.patch_ita(&answer(2568, "O28"), change).await.expect(200).json()["state"], "drafted");
    for code in codes {
        assert_eq!(service.line(2568, code).await["missing"], json!([]), "{code}");
    }
}

#[tokio::test]
async fn the_year_that_an_item_asks_about_is_that_of_its_conditions() {
    let service = spawn_filled().await;
    let mut before = Vec::new();
    for (year, ..) in CATALOGUES {
        let items = service.all(&format!("/v1/ita/{year}/items")).await;
        before.extend(items.into_iter().filter(|item| item["years_before"] != 0).map(|item| {
            assert_eq!(item["years_before"], 1);
            format!("{year} {}", item["code"].as_str().unwrap())
        }));
    }
    assert_eq!(before, ["2566 O38", "2567 O9", "2567 O17", "2567 O19", "2567 O28", "2567 O29", "2567 O31", "2567 O33"]);
    assert_eq!(service.line(2567, "O33").await["about_year"], 2566);
    // Measures have the fiscal year of the assessment, and their results are of the year before.
    assert_eq!(service.line(2567, "O35").await["about_year"], 2567);
    let correct = async |years: Value| {
        let item = service.patch_ita("/v1/ita/2567/items/O33", json!({ "years_before": years })).await;
        item.expect(200).json()["years_before"].clone()
    };
    assert_eq!((correct(json!(0)).await, correct(json!(null)).await), (json!(0), json!(1)));
    // It follows the texts, unless it was set to something else.
    let ask = async |body: Value| {
        let item = service.patch_ita("/v1/ita/2567/items/O33", body).await;
        item.expect(200).json()["years_before"].clone()
    };
    let of = |year: i32| json!({ "conditions": [format!("เป็นรายงานผลของปี พ.ศ. {year}")] });
    assert_eq!((ask(of(2565)).await, ask(of(2566)).await), (json!(2), json!(1)));
    assert_eq!((correct(json!(3)).await, ask(of(2567)).await), (json!(3), json!(3)));
    for wrong in [-1, 6] {
        let body = json!({ "years_before": wrong });
        service.patch_ita("/v1/ita/2567/items/O33", body).await.problem(422, "validation_failed");
    }
}

#[tokio::test]
async fn a_report_of_another_year_than_the_item_asks_about_is_no_answer_and_is_told() {
    let service = spawn_filled().await;
    service.published_report().await;
    service.patch_ita("/v1/ita/2567/items/O35", json!({ "years_before": 1 })).await.expect(200);
    let line = service.line(2567, "O35").await;
    let gap = line["missing"].as_array().unwrap().iter().find(|gap| gap["kind"] == "publication").unwrap();
    let message = gap["message"]["en"].as_str().unwrap();
    assert!(message.contains("fiscal year 2566 is not published") && message.contains("that of 2567"), "{message}");
    assert_eq!(line["paste"]["addresses"], "");
    service.patch_ita("/v1/ita/2567/items/O35", json!({ "years_before": null })).await.expect(200);
    let line = service.line(2567, "O35").await;
    assert_eq!((&line["missing"], &line["about_year"]), (&json!([]), &json!(2567)));
    assert!(line["paste"]["addresses"].as_str().unwrap().contains("/v1/publications/2567/"), "{line}");
}

#[tokio::test]
async fn an_answer_is_a_draft_again_when_its_item_asks_for_more() {
    let service = spawn_filled().await;
    let (path, item) = (answer(2567, "O34"), "/v1/ita/2567/items/O34");
    let body = json!({ "disclosed": true, "links": [{ "title": "ก", "url": "https://www.example.go.th/" }] });
    service.patch_ita(&path, body).await.expect(200);
    for action in ["review", "complete"] {
        service.take(&path, action).await.expect(200);
    }
    let state = async || service.line(2567, "O34").await["state"].clone();
    service.patch_ita(item, json!({ "title": "มาตรการ" })).await.expect(200);
    assert_eq!(state().await, "ready", "it asks for no more than before");
    service.patch_ita(item, json!({ "required_parts": ["ผู้รับผิดชอบ"] })).await.expect(200);
    assert_eq!(state().await, "drafted");
    let log = service.get("/v1/audit/events?resource=ita-disclosures&limit=1");
    let log = log.token(&service.token(Role::Auditor)).send().await.expect(200).json();
    assert_eq!(log["items"][0]["action"], "reopen", "{log}");
    // What was submitted is what was entered.
    service.patch_ita(&path, json!({ "parts": [{ "part": "ผู้รับผิดชอบ", "link": 1 }] })).await.expect(200);
    for action in ["review", "complete", "submit"] {
        service.take(&path, action).await.expect(200);
    }
    service.patch_ita(item, json!({ "required_parts": ["ผู้รับผิดชอบ", "ระยะเวลา"] })).await.expect(200);
    let line = service.line(2567, "O34").await;
    assert_eq!((&line["state"], &line["missing"][0]["part"]), (&json!("submitted"), &json!("ระยะเวลา")));
}

#[tokio::test]
async fn the_complaint_channel_is_a_page_of_its_own_and_how_it_is_found() {
    let service = spawn_filled().await;
    let website = json!({ "website": "https://www.example.go.th" });
    let admin = service.token(Role::Admin);
    service.patch("/v1/agency").token(&admin).header("If-Match", "*").json(&website).send().await.expect(200);
    let kinds = async || -> Vec<Value> {
        let line = service.line(2567, "O23").await;
        line["missing"].as_array().unwrap().iter().map(|gap| gap["kind"].clone()).collect()
    };
    assert_eq!(kinds().await, ["answer", "link"], "a website is no channel");
    for (url, steps, expected) in [
        ("https://www.example.go.th/", json!("หน้าแรก"), json!(["link"])),
        ("https://www.example.go.th/corruption", json!(null), json!(["steps"])),
        ("https://www.example.go.th/corruption", json!("หน้าแรก > แจ้งเรื่องทุจริต"), json!([])),
    ] {
        let links = json!([{ "title": "แจ้งเรื่องทุจริต", "url": url, "steps": steps }]);
        service.patch_ita(&answer(2567, "O23"), json!({ "disclosed": true, "links": links })).await.expect(200);
        assert_eq!(json!(kinds().await), expected, "{url} {steps}");
    }
    let paste = service.line(2567, "O23").await["paste"].clone();
    assert_eq!(paste["addresses"], "https://www.example.go.th/corruption");
    let explanation = paste["explanation"].as_str().unwrap();
    assert!(
        explanation.contains("แยกประเภทจากเรื่องร้องเรียนทั่วไป") && explanation.contains("หน้าแรก > แจ้ง"),
        "{explanation}"
    );
    assert!(!explanation.contains("ไม่ต้องระบุตัวตน"), "the service does not know it: {explanation}");
    // Who takes in which is entered where these are two.
    for (general, is_apart) in [("legal", false), ("clerk-office", true)] {
        service
            .patch_agency(&json!({ "intake_units": { "integrity": "legal", "general": general } }))
            .await
            .expect(200);
        let paste = service.line(2567, "O23").await["paste"]["explanation"].clone();
        let units = "โดยงานนิติการเป็นผู้รับเรื่อง ส่วนเรื่องร้องเรียนทั่วไปสำนักปลัดเทศบาลเป็นผู้รับเรื่อง";
        assert_eq!(paste.as_str().unwrap().contains(units), is_apart, "{paste}");
    }
    // Where the agency says that it discloses nothing, what the service knows is not entered.
    service.published_report().await;
    for code in ["O23", "O35"] {
        let no = json!({ "disclosed": false, "links": [], "parts": [] });
        service.patch_ita(&answer(2567, code), no).await.expect(200);
        let paste = service.line(2567, code).await["paste"].clone();
        assert_eq!(paste, json!({ "answer": "ไม่มี", "addresses": "", "explanation": "" }), "{code}");
    }
}

#[tokio::test]
async fn a_file_of_items_is_loaded_whole_or_not_at_all() {
    let service = spawn().await;
    let db = service.db();
    let (_, file, count) = CATALOGUES[1];
    assert_eq!(import::ita_items(db, file, true).await, Ok(count));
    service.get("/v1/ita/2567").send().await.problem(404, "not_found");
    let mut broken: Value = serde_json::from_str(file).unwrap();
    broken["items"][1]["confidence"] = json!("sure");
    broken["items"][2]["title"] = json!("");
    let fault = import::ita_items(db, &broken.to_string(), false).await.unwrap_err();
    assert!(["row 2: O2", "confidence", "row 3: O3", "title"].iter().all(|text| fault.contains(text)), "{fault}");
    let mut twice: Value = serde_json::from_str(file).unwrap();
    twice["items"][1]["code"] = json!("O1");
    twice["items"][34]["subject"] = json!("integrity_measures");
    let fault = import::ita_items(db, &twice.to_string(), false).await.unwrap_err();
    assert!(fault.contains("row 2: O1") && fault.contains("row 35: O35"), "{fault}");
    service.get("/v1/ita/2567").send().await.problem(404, "not_found");
    assert_eq!(import::ita_items(db, file, false).await, Ok(count));
    assert_eq!(import::ita_items(db, file, false).await, Ok(0));
    assert_eq!(
        import::ita_items(db, r#"{ "fiscal_year": 2024, "items": [] }"#, false).await.unwrap_err().split(':').next(),
        Some("fiscal_year")
    );
}
