//! Tables for people: headings and names with `labels`, names of fields and codes without it.

use std::collections::BTreeSet;

use prongsai::auth::scope::{self, Role};
use serde_json::{Value, json};

use crate::complaints::open;
use crate::support::ask::Operation;
use crate::support::samples::{complaint, lighting};
use crate::support::{Service, spawn_filled};

/// The head and the rows of a table.
type Sheet = (Vec<String>, Vec<Vec<String>>);

impl Service {
    async fn sheet(&self, path: &str, token: &str) -> Sheet {
        let text = self.get(path).token(token).send().await.expect(200).text();
        let mut table = csv::Reader::from_reader(text.trim_start_matches('\u{FEFF}').as_bytes());
        let cells = |row: &csv::StringRecord| row.iter().map(str::to_owned).collect::<Vec<_>>();
        let head = cells(table.headers().unwrap());
        (head, table.records().map(|row| cells(&row.unwrap())).collect())
    }
}

/// The cells of a column.
fn column<'a>((head, rows): &'a Sheet, name: &str) -> Vec<&'a str> {
    let at = head.iter().position(|head| head == name).unwrap_or_else(|| panic!("{name} is not in {head:?}"));
    rows.iter().map(|row| &*row[at]).collect()
}

fn is_thai(text: &str) -> bool {
    text.chars().any(|c| ('\u{E00}'..='\u{E7F}').contains(&c))
}

/// Lists and statistics, which have tables, and need nothing but a token.
fn tables() -> Vec<&'static str> {
    let has_labels = |operation: &&Operation| {
        let parameters = operation.document()["parameters"].as_array().into_iter().flatten();
        parameters.into_iter().any(|parameter| parameter["name"] == "labels")
    };
    let operations: &'static [Operation] = Operation::all().leak();
    let has_table = operations.iter().filter(|operation| {
        let content = &operation.document()["responses"]["200"]["content"];
        // What is printed has its headings in Thai.
        let is_document = content.get("text/html").is_some();
        content.get("text/csv").is_some() && !is_document
    });
    let found: Vec<_> = has_table.inspect(|operation| assert!(has_labels(operation), "{}", operation.place)).collect();
    found.iter().map(|operation| &*operation.template).filter(|path| !path.contains('{')).collect()
}

#[tokio::test]
async fn no_code_of_a_list_stands_in_a_table_for_people() {
    let service = spawn_filled().await;
    let token = service.token_with(&scope::names().collect::<Vec<_>>());
    let lists = service.get("/v1/code-lists").send().await.expect(200).json();
    let values = lists["items"].as_array().unwrap().iter().flat_map(|list| list["values"].as_array().unwrap());
    let codes = values.map(|value| value["value"].as_str().unwrap());
    // Ratings are numbers, and others are that as well.
    let codes: BTreeSet<&str> = codes.filter(|code| code.parse::<u8>().is_err()).collect();
    let (mut named, paths) = (0, tables());
    assert!(paths.len() > 15, "{paths:?}");
    for path in paths {
        let ask = async |query: &str| service.sheet(&format!("{path}?format=csv{query}"), &token).await;
        let (plain, th, en) = (ask("").await, ask("&labels=th").await, ask("&labels=en").await);
        assert!(plain.0.iter().all(|head| !is_thai(head)), "{path}: {:?}", plain.0);
        assert!(th.0.iter().all(|head| is_thai(head)), "{path}: {:?}", th.0);
        assert!(en.0.iter().all(|head| !is_thai(head) && !head.contains('_')), "{path}: {:?}", en.0);
        if path.starts_with("/v1/statistics") {
            continue;
        }
        for ((name, heading), at) in plain.0.iter().zip(&th.0).zip(0..) {
            let is_code = |row: &Vec<String>| row[at].lines().any(|line| codes.contains(line));
            let [with_code, left] = [&plain, &th].map(|(_, rows)| rows.iter().filter(|row| is_code(row)).count());
            named += with_code;
            // Our own programs are named after what they do.
            assert!(left == 0 || name == "actor_id", "{path}: {left} codes under {heading}");
        }
    }
    assert!(named > 100, "{named}");
}

#[tokio::test]
async fn figures_of_all_four_statistics_have_names() {
    let service = spawn_filled().await;
    let auditor = service.token(Role::Auditor);
    for about in ["measures", "projects", "complaints", "e-services"] {
        let path = format!("/v1/statistics/{about}?fiscal_year=2567&period=quarter&format=csv");
        let path = if ["measures", "projects"].contains(&about) { path.replace("&period=quarter", "") } else { path };
        let (plain, th) =
            (service.sheet(&path, &auditor).await, service.sheet(&format!("{path}&labels=th"), &auditor).await);
        for (name, heading) in [("figure", "ข้อมูลสถิติ"), ("dimension", "จำแนกตาม"), ("interval", "ช่วงเวลา")]
        {
            for (code, label) in column(&plain, name).into_iter().zip(column(&th, heading)) {
                assert!(is_thai(label) || code.is_empty(), "{about}: {name} {code} is {label}");
            }
        }
        assert_eq!(column(&plain, "value_label"), column(&th, "ค่า"));
        assert_eq!(column(&plain, "number"), column(&th, "จำนวน"));
    }
}

#[tokio::test]
async fn an_officer_reads_names_of_codes_units_and_categories() {
    let service = open().await;
    let (officer, handler) =
        (service.complaint_officer("somchai", &[]).await, service.service_officer("somsri", &[]).await);
    let given = service.report(&complaint()).await;
    let found = officer.find(&given).await;
    officer.step(&found, json!({ "action": "forward", "unit": "legal" })).await.expect(200);
    let officers = officer.token.clone();
    let (plain, th) = (
        service.sheet("/v1/complaints?format=csv", &officers).await,
        service.sheet("/v1/complaints?format=csv&labels=th", &officers).await,
    );
    for (name, heading, code, label) in [
        ("kind", "ประเภทเรื่อง", "corruption", "การทุจริต"),
        ("category", "ประเภทย่อย", "bribery", "เรียกหรือรับสินบน"),
        ("status", "สถานะ", "received", "ลงทะเบียนรับเรื่อง"),
        ("channel", "ช่องทางรับเรื่อง", "web", "เว็บไซต์"),
        ("unit", "ส่วนราชการ", "legal", "งานนิติการ"),
        ("anonymous", "ไม่ระบุตัวตน", "true", "ใช่"),
        ("outcome", "ผลการพิจารณา", "", ""),
    ] {
        assert_eq!((column(&plain, name), column(&th, heading)), (vec![code], vec![label]), "{name}");
    }
    let en = service.sheet("/v1/complaints?format=csv&labels=en", &officers).await;
    assert_eq!((column(&en, "unit"), column(&en, "anonymous")), (vec!["Legal Affairs Section"], vec!["yes"]));
    service.ask_for("public-lighting", &lighting()).await;
    let th = service.sheet("/v1/service-requests?format=csv&labels=th", &handler.token).await;
    assert_eq!((column(&th, "บริการ"), column(&th, "ส่วนราชการ")), (vec!["งานไฟฟ้าสาธารณะ"], vec!["กองช่าง"]));
    let xlsx = service.get("/v1/complaints?format=xlsx&labels=th").token(&officers).send().await.expect(200);
    assert!(crate::reports::text_of(&xlsx.body).contains("เรียกหรือรับสินบน"));
}

#[tokio::test]
async fn labels_are_of_tables_alone_and_of_no_other_language() {
    let service = spawn_filled().await;
    let json = async |path: &str| service.get(path).send().await.expect(200).json();
    assert_eq!(json("/v1/projects?labels=th").await, json("/v1/projects").await);
    service.get("/v1/projects?format=csv&labels=fr").send().await.problem(400, "invalid_parameter");
    // The next page has them as well.
    let page = service.get("/v1/projects?format=csv&labels=th&limit=1").send().await.expect(200);
    assert!(page.header("link").contains("labels=th"), "{}", page.header("link"));
}

#[tokio::test]
async fn events_of_timelines_and_of_the_log_have_the_name_that_their_case_gives_them() {
    let service = open().await;
    let (officer, handler) =
        (service.complaint_officer("somchai", &[]).await, service.service_officer("somsri", &[]).await);
    let given = service.report(&complaint()).await;
    let found = officer.find(&given).await;
    officer.steps(&found, &["accept"]).await;
    let asked = service.ask_for("public-lighting", &lighting()).await;
    let request = handler.find_request(&asked).await;
    handler.step_request(&request, json!({ "action": "accept" })).await.expect(200);
    for (collection, id, token, label, status) in [
        ("complaints", &found["id"], &officer.token, "รับไว้พิจารณา", "รับไว้พิจารณา"),
        ("service-requests", &request["id"], &handler.token, "รับคำขอ", "รับคำขอแล้ว"),
    ] {
        let path = format!("/v1/{collection}/{}/timeline", id.as_str().unwrap());
        let list = service.get(&path).token(token).send().await.expect(200).json();
        let [first, last] = [&list["items"][0], &list["items"][1]];
        assert_eq!((&first["action"], &first["action_label"]["th"]), (&json!("receive"), &json!("รับเรื่อง")));
        assert_eq!(
            (&last["action_label"]["th"], &last["status_label"]["th"], &last["action_label"]["en"]),
            (&json!(label), &json!(status), &json!("accept"))
        );
        let table = service.sheet(&format!("{path}?format=csv&labels=th"), token).await;
        assert_eq!((column(&table, "การดำเนินการ")[1], column(&table, "สถานะ")[1]), (label, status));
        let events = format!("/v1/audit/events?action=accept&resource={collection}");
        let events = service.get(&events).token(&service.token(Role::Auditor)).send().await.expect(200).json();
        assert_eq!(events["items"][0]["action_label"]["th"], label);
    }
    let own = service.look_up(&given["receipt"]).await.expect(200).json();
    assert_eq!(own["timeline"][0]["action_label"]["th"], "รับไว้พิจารณา");
    let events =
        service.get("/v1/audit/events?limit=100").token(&service.token(Role::Auditor)).send().await.expect(200).json();
    for event in events["items"].as_array().unwrap() {
        let is_named = |label: &Value| is_thai(label["th"].as_str().unwrap());
        assert!(is_named(&event["action_label"]) && is_named(&event["resource_label"]), "{event}");
    }
}
