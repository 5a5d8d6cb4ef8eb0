use std::collections::BTreeSet;
use std::io::Read;

use chrono::DateTime;
use prongsai::auth::scope::Role;
use serde_json::{Value, json};

use crate::audit::verified;
use crate::support::samples::{measure, project, report_file};
use crate::support::{faults, spawn, spawn_filled};

const PLAN: &str = "/v1/reports/integrity-measures?fiscal_year=2567";
const MEASURES: &str = "/v1/reports/integrity-measures-report?fiscal_year=2567";
const PROJECTS: &str = "/v1/reports/anti-corruption-report?fiscal_year=2567";

const SUBJECTS: [&str; 7] = [
    "integrity-measures",
    "integrity-measures-report",
    "anti-corruption-report",
    "complaint-statistics",
    "service-statistics",
    "e-service",
    "service-manual",
];

/// Every text of the municipality's table.
pub fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(strings).collect(),
        Value::Object(fields) => fields.values().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

/// All parts of an Office file.
pub fn xml_of(file: &[u8]) -> String {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(file)).unwrap();
    let mut xml = String::new();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        if part.name().unwrap().ends_with(".xml") {
            part.read_to_string(&mut xml).unwrap();
        }
    }
    xml
}

/// The same without markup.
pub fn text_of(file: &[u8]) -> String {
    let xml = xml_of(file);
    let texts = xml.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, inner)| inner);
    texts.collect::<String>().replace("&amp;", "&")
}

#[tokio::test]
async fn every_string_of_the_table_is_in_every_format() {
    let service = spawn_filled().await;
    let file = Value::Array(report_file());
    for format in ["json", "csv", "xlsx", "docx", "html"] {
        let answer = service.get(&format!("{MEASURES}&format={format}")).send().await.expect(200);
        let text = if ["xlsx", "docx"].contains(&format) { text_of(&answer.body) } else { answer.text() };
        let missing: Vec<_> = strings(&file).into_iter().filter(|string| !text.contains(*string)).collect();
        assert!(missing.is_empty(), "{format} lacks {missing:?}");
        assert!(format != "docx" || answer.body.len() * 3 < xml_of(&answer.body).len(), "not compressed");
    }
}

#[tokio::test]
async fn the_report_has_the_six_heads_of_the_municipality_thai_numbers_and_hyphens() {
    let service = spawn_filled().await;
    let report = service.get(MEASURES).send().await.expect(200).json();
    let headings: Vec<_> = report["columns"].as_array().unwrap().iter().map(|it| it["label"]["th"].clone()).collect();
    let written: Value = serde_json::from_str(include_str!("../../data/memo-2567.json")).unwrap();
    assert_eq!(json!(headings), written["report"]["columns"]);
    assert_eq!((report["rows"].as_array().unwrap().len(), &report["agency"]), (6, &json!("เทศบาลเมืองชัยนาท")));
    let page = service.get(MEASURES).header("Accept", "text/html").send().await.expect(200);
    for text in [
        "พ.ศ. ๒๕๖๗",
        "<span>เทศบาลเมืองชัยนาท อำเภอเมืองชัยนาท จังหวัดชัยนาท</span>",
        "<p>๑. ให้ความรู้",
        "<p>- ประกาศส่งเสริม",
        "<p>- กองยุทธศาสตร์ฯ</p><p>- งานนิติการ</p>",
        "<td><p>ทุกส่วนราชการ</p></td>",
        "size: A4 landscape",
    ] {
        assert!(page.text().contains(text), "{text}");
    }
    let csv = service.get(&format!("{MEASURES}&format=csv")).send().await;
    let mut rows = csv::Reader::from_reader(&csv.body[3..]);
    assert_eq!(rows.headers().unwrap().iter().map(|it| json!(it)).collect::<Vec<_>>(), headings);
    // Below it are the projects that carry measures, as a table of their own.
    assert_eq!(rows.records().take_while(|row| !row.as_ref().unwrap()[1].is_empty()).count(), 6);
    // A text that begins with a hyphen would be a formula.
    assert!(!csv.text().contains("'-"), "{}", csv.text());
    let plan = service.get(&format!("{PLAN}&format=html")).send().await.expect(200).text();
    assert!(
        plan.contains("มาตรการส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน ประจำปีงบประมาณ พ.ศ. ๒๕๖๗")
            && !plan.contains("ผลลัพธ์")
    );
}

#[tokio::test]
async fn what_is_missing_is_told_to_staff_by_record_and_heading_and_to_nobody_else() {
    let service = spawn().await;
    let mut body = measure(2567, 4);
    body["outcomes"] = json!([]);
    let measure = service.publish("/v1/measures", &body).await;
    let mut body = project(2567, "โครงการอบรม <ก>");
    body["problems"] = json!(null);
    body["budget_spent_baht"] = json!(null);
    let project = service.publish("/v1/projects", &body).await;
    let outcomes = ("outcomes", "ผลลัพธ์หรือความสำเร็จของการดำเนินการ", "Outcomes");
    let spent = ("budget_spent_baht", "งบประมาณที่ใช้ (บาท)", "Budget spent (baht)");
    let problems = ("problems", "ปัญหา/อุปสรรค", "Problems and obstacles");
    let staff = service.token(Role::Editor);
    for (path, address, title, lacks) in [
        (MEASURES, measure, "๔. สร้างกระบวนการปฏิบัติงานที่โปร่งใสและมีประสิทธิภาพ", vec![outcomes]),
        (PROJECTS, project, "๑. โครงการอบรม <ก>", vec![spent, problems]),
    ] {
        let record = service.get(&address).send().await.expect(200).json();
        let field = |(field, th, en): &(_, _, _)| json!({ "field": field, "label": { "th": th, "en": en } });
        let fields: Vec<_> = lacks.iter().map(field).collect();
        let report = service.get(path).token(&staff).send().await.expect(200).json();
        assert_eq!(report["missing"], json!([{ "id": record["id"], "title": title, "fields": fields }]));
        let names: Vec<_> = lacks.iter().map(|(_, th, _)| *th).collect();
        let line =
            format!("<li>{}: ยังไม่ระบุ {}</li>", title.replace('<', "&lt;").replace('>', "&gt;"), names.join(", "));
        let html = format!("{path}&format=html");
        let page = service.get(&html).token(&staff).send().await.expect(200).text();
        assert!(page.contains(&line), "{page}");
        // The service officer's token gives no right here.
        for token in [None, Some(service.token(Role::ServiceOfficer))] {
            let ask = |path: &str| token.iter().fold(service.get(path), |ask, token| ask.token(token)).send();
            assert_eq!(ask(path).await.expect(200).json().get("missing"), None);
            let page = ask(&html).await.expect(200).text();
            assert!(!page.contains("ยังไม่ระบุ") && !page.contains("<aside>"), "{page}");
        }
    }
}

#[tokio::test]
async fn a_plan_tells_staff_which_topics_no_measure_is_about_and_which_measure_is_not_followed_up() {
    let service = spawn().await;
    let mut body = measure(2567, 1);
    body["topic"] = json!(3);
    let measure = service.publish("/v1/measures", &body).await;
    let staff = service.token(Role::Auditor);
    let lacks_follow_up = async || {
        let report = service.get(PLAN).token(&staff).send().await.expect(200).json();
        let of_measure = report["missing"].as_array().unwrap().iter().find(|it| !it["id"].is_null()).cloned();
        of_measure.map(|it| it["fields"][0]["label"]["th"].clone())
    };
    assert_eq!(lacks_follow_up().await, Some(json!("การกำกับติดตามและรายงานผล")));
    service.change(&measure, &json!({ "follow_up": "รายงานผลต่อปลัดเทศบาลทุกไตรมาส" })).await;
    assert_eq!(lacks_follow_up().await, None);
    let page = service.get(&format!("{PLAN}&format=html")).send().await.expect(200).text();
    assert!(page.contains("<td><p>รายงานผลต่อปลัดเทศบาลทุกไตรมาส</p></td>"), "{page}");
    let report = service.get(PLAN).token(&staff).send().await.expect(200).json();
    let titles: Vec<_> = report["missing"].as_array().unwrap().iter().map(|it| it["title"].as_str().unwrap()).collect();
    assert_eq!((titles.len(), titles[0]), (7, "ข้อความนำ"));
    assert!(titles.iter().all(|title| !title.starts_with("ประเด็นที่ ๓")) && titles[6].starts_with("ประเด็นที่ ๗ กลไก"));
}

#[tokio::test]
async fn evidence_is_printed_below_the_table() {
    let service = spawn().await;
    let mut body = measure(2567, 2);
    let address = "https://www.example.go.th/no-gift-policy.pdf";
    body["evidence"] = json!([{ "title": "ประกาศ No Gift Policy", "kind": "announcement", "url": address }]);
    service.publish("/v1/measures", &body).await;
    for format in ["html", "docx"] {
        let answer = service.get(&format!("{MEASURES}&format={format}")).send().await.expect(200);
        let text = if format == "docx" { text_of(&answer.body) } else { answer.text() };
        assert!(text.contains(&format!("มาตรการที่ ๒: ประกาศ No Gift Policy {address}")), "{text}");
    }
}

/// A row of a report has a field for every column, and each report says when what is in it last changed.
#[tokio::test]
async fn both_reports_have_one_shape() {
    let service = spawn_filled().await;
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let mut shapes = Vec::new();
    for path in [MEASURES, PROJECTS] {
        let report = service.get(path).send().await.expect(200).json();
        for column in report["columns"].as_array().unwrap() {
            let field = column["field"].as_str().unwrap();
            assert!(report["rows"].as_array().unwrap().iter().all(|row| row.get(field).is_some()), "{field}");
            assert!(
                column["label"]["en"].as_str().unwrap().is_ascii() && column["label"]["th"] != column["label"]["en"]
            );
        }
        let as_of = |report: &Value| DateTime::parse_from_rfc3339(report["as_of"].as_str().unwrap()).unwrap();
        let before = as_of(&report);
        let collection = if path == MEASURES { "/v1/measures" } else { "/v1/projects" };
        let body = if path == MEASURES { measure(2560, 1) } else { project(2560, "โครงการใหม่") };
        service.create(collection, &body).await;
        assert!(as_of(&service.get(path).send().await.json()) > before);
        shapes.push(names(&report));
    }
    let [measures, projects] = &shapes[..] else { unreachable!() };
    let more: Vec<_> = projects.difference(measures).collect();
    assert_eq!(more, ["budget_allocated_baht", "budget_spent_baht"]);
    assert!(measures.is_subset(projects));
}

#[tokio::test]
async fn the_anti_corruption_report_has_its_four_parts_and_the_totals() {
    let service = spawn_filled().await;
    let path = PROJECTS;
    let report = service.get(path).send().await.expect(200).json();
    assert_eq!(report["budget_allocated_baht"], "330000.00");
    assert_eq!(report["budget_spent_baht"], "201450.00");
    // There is no sum of what nobody states.
    let none = service.get("/v1/reports/anti-corruption-report?fiscal_year=2500").send().await.expect(200).json();
    assert_eq!((&none["budget_allocated_baht"], &none["budget_spent_baht"]), (&json!(null), &json!(null)));
    for format in ["csv", "xlsx", "docx", "html"] {
        let answer = service.get(&format!("{path}&format={format}")).send().await.expect(200);
        let text = if ["xlsx", "docx"].contains(&format) { text_of(&answer.body) } else { answer.text() };
        let spent = if ["csv", "xlsx"].contains(&format) { "76450" } else { "๗๖,๔๕๐.๐๐" };
        for part in ["ผลการดำเนินการ", "งบประมาณ", "ปัญหา/อุปสรรค", "ข้อเสนอแนะ", "ไม่ใช้งบประมาณ", spent]
        {
            assert!(text.contains(part), "{format} lacks {part}");
        }
    }
}

#[tokio::test]
async fn a_year_without_anything_is_an_empty_report() {
    let service = spawn_filled().await;
    for (year, coverage, why) in [(2500, "not_recorded", "(ไม่ได้บันทึกในระบบ)"), (2600, "to_come", "(ยังไม่ถึง)")]
    {
        for subject in ["integrity-measures", "integrity-measures-report", "anti-corruption-report"] {
            let path = format!("/v1/reports/{subject}?fiscal_year={year}");
            let report = service.get(&path).send().await.expect(200).json();
            assert_eq!((&report["coverage"], &report["opening"]), (&json!(coverage), &json!(null)), "{subject} {year}");
            for format in ["html", "docx", "xlsx"] {
                let answer = service.get(&format!("{path}&format={format}")).send().await.expect(200);
                let text = if format == "html" { answer.text() } else { text_of(&answer.body) };
                assert!(text.contains(why), "{subject} {year} as {format}: {text}");
            }
        }
    }
    for subject in SUBJECTS {
        for format in ["json", "csv", "xlsx", "docx", "html"] {
            service.get(&format!("/v1/reports/{subject}?fiscal_year=2500&format={format}")).send().await.expect(200);
        }
    }
}

#[tokio::test]
async fn drafts_are_shown_to_staff_who_ask() {
    let service = spawn().await;
    service.create("/v1/measures", &measure(2567, 1)).await;
    let path = format!("{MEASURES}&publication=draft,published");
    service.get(&path).send().await.problem(403, "insufficient_scope");
    service
        .get("/v1/reports/anti-corruption-report?fiscal_year=2567&publication=draft,published")
        .send()
        .await
        .problem(403, "insufficient_scope");
    let rows = |report: Value| report["rows"].as_array().unwrap().len();
    let staff = service.token(Role::Auditor);
    assert_eq!(rows(service.get(&path).token(&staff).send().await.expect(200).json()), 1);
    assert_eq!(rows(service.get(MEASURES).token(&staff).send().await.expect(200).json()), 0);
}

#[tokio::test]
async fn markup_in_a_text_stays_text() {
    let service = spawn().await;
    let mut body = measure(2567, 1);
    body["title"] = json!("<script>alert('x')</script> & \"y\"");
    service.publish("/v1/measures", &body).await;
    let page = service.get(MEASURES).header("Accept", "text/html").send().await.expect(200).text();
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script>"));
    for format in ["xlsx", "docx"] {
        let file = service.get(&format!("{MEASURES}&format={format}")).send().await.expect(200).body;
        assert!(text_of(&file).contains("&lt;script&gt;"));
    }
}

#[tokio::test]
async fn lines_are_kept_on_paper_and_the_head_of_a_table_stands_on_every_page() {
    let service = spawn().await;
    let mut body = measure(2567, 1);
    body["methods"] = json!(["ก\r\nข", "ค"]);
    body["results"] = json!(["ง\rจ"]);
    service.publish("/v1/measures", &body).await;
    let page = service.get(&format!("{MEASURES}&format=html")).send().await.expect(200).text();
    assert!(page.contains("<p>- ก</p><p>ข</p><p>- ค</p>") && page.contains("<p>- ง</p><p>จ</p>"), "{page}");
    let docx = xml_of(&service.get(&format!("{MEASURES}&format=docx")).send().await.expect(200).body);
    let lines = ["- ก", "ข", "- ค", "- ง", "จ"].map(|line| format!("<w:t xml:space=\"preserve\">{line}</w:t>"));
    assert!(lines.iter().all(|line| docx.contains(line)), "{docx}");
    assert_eq!(docx.matches("<w:tblHeader />").count(), 1);
    let xlsx = text_of(&service.get(&format!("{MEASURES}&format=xlsx")).send().await.expect(200).body);
    assert!(xlsx.contains("ก\nข") && !xlsx.contains("_x000D_"), "{xlsx}");
}

#[tokio::test]
async fn a_workbook_has_the_title_above_a_table_that_can_be_filtered_and_the_places_to_sign_below() {
    let service = spawn_filled().await;
    let file =
        service.get(&format!("{MEASURES}&format=xlsx")).token(&service.token(Role::Editor)).send().await.expect(200);
    let xml = xml_of(&file.body);
    for part in [
        // Two lines of the title, the opening, an empty row; then the head and six measures.
        "integrity_measures_report!$5:$5</definedName>",
        "<autoFilter ref=\"A5:F11\"/>",
        "<mergeCell ref=\"A1:F1\"/>",
        "ySplit=\"5\"",
        "orientation=\"landscape\"",
        "fitToHeight=\"0\"",
        "&amp;P",
    ] {
        assert!(xml.contains(part), "{part}: {xml}");
    }
    let text = text_of(&file.body);
    for part in ["รายงานผลการดำเนินการเพื่อส่งเสริมคุณธรรม", "จากการวิเคราะห์ผลการประเมิน", "ลงชื่อ", "ปลัดเทศบาลเมืองชัยนาท"]
    {
        assert!(text.contains(part), "{part}");
    }
    // Each table has a sheet of its own.
    let file = service.get("/v1/reports/service-statistics?fiscal_year=2567&format=xlsx").send().await.expect(200);
    assert!(xml_of(&file.body).contains("<sheet name=\"service_statistics 2\""));
}

#[tokio::test]
async fn a_measure_is_reported_with_the_services_and_projects_that_carry_it() {
    let service = spawn_filled().await;
    let path = "/v1/reports/integrity-measures-report?fiscal_year=2567";
    let report = service.get(path).send().await.expect(200).json();
    assert_eq!((&report["rows"][0]["e_services"], &report["rows"][0]["projects"]), (&json!([]), &json!([])));
    let id = report["rows"][0]["id"].as_str().unwrap();
    let address = format!("/v1/measures/{id}");
    let changed = service.change(&address, &json!({ "e_services": ["public-lighting", "tree-cutting"] })).await;
    assert_eq!(changed["e_services"], json!(["public-lighting", "tree-cutting"]));
    let mut body = project(2567, "โครงการซ่อมไฟฟ้าสาธารณะ");
    body["measure_id"] = json!(id);
    service.publish("/v1/projects", &body).await;
    for (codes, place, code) in [
        (json!(["public-light"]), "#/e_services/0", "unknown_e_service"),
        (json!(["tree-cutting", "tree-cutting"]), "#/e_services", "duplicate"),
    ] {
        let token = service.token(Role::Editor);
        let refused =
            service.patch(&address).token(&token).header("If-Match", "*").json(&json!({ "e_services": codes }));
        let problem = refused.send().await.problem(422, "validation_failed");
        assert_eq!(faults(&problem), [(place.to_owned(), code.to_owned())]);
    }
    let row = service.get(path).send().await.expect(200).json()["rows"][0].clone();
    let lighting = &row["e_services"][0];
    assert_eq!(
        (&lighting["code"], &lighting["total"], &lighting["coverage"]),
        (&json!("public-lighting"), &json!(0), &json!("recorded"))
    );
    assert_eq!(
        (row["projects"].as_array().unwrap().len(), &row["projects"][0]["budget_spent_baht"]),
        (1, &json!("999.50"))
    );
    for format in ["html", "docx", "xlsx"] {
        let answer = service.get(&format!("{path}&format={format}")).send().await.expect(200);
        let text = if format == "html" { answer.text() } else { text_of(&answer.body) };
        for part in ["คำขอรับบริการของบริการที่ดำเนินการตามมาตรการ", "โครงการซ่อมไฟฟ้าสาธารณะ"]
        {
            assert!(text.contains(part), "{format} lacks {part}");
        }
    }
    service.record_from(json!({ "service_requests": "2024-01-01" })).await;
    let page = service.get(&format!("{path}&format=html")).send().await.expect(200).text();
    assert!(page.contains("บันทึกเรื่องทั้งหมดในระบบตั้งแต่วันที่ ๑ มกราคม ๒๕๖๗"), "{page}");
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}
