//! Frames of reports, and the memo that is printed as the first page.

use prongsai::app::import;
use prongsai::auth::scope::Role;
use prongsai::domain::fiscal_year::FiscalYear;
use prongsai::reports::{self, Report};
use serde_json::{Value, json};

use crate::reports::{strings, text_of};
use crate::support::{Service, faults, spawn, spawn_filled};
use entity::report::ReportSubject;
use entity::state::Publication;

const FILE: &str = include_str!("../../data/memo-2567.json");
const FRAME: &str = "/v1/report-frames/2567/integrity-measures-report";
const REPORT: &str = "/v1/reports/integrity-measures-report?fiscal_year=2567";

fn memo() -> Value {
    json!({
        "from": "งานวิเคราะห์นโยบายและแผน",
        "number": null,
        "date": "2024-04-24",
        "subject": "รายงาน",
        "to": ["นายกเทศมนตรีเมืองชัยนาท"],
        "signers": [{ "step": "approved", "post": "นายกเทศมนตรีเมืองชัยนาท" }],
    })
}

impl Service {
    /// What people read of a report, without markup.
    async fn printed(&self, format: &str, token: Option<&str>) -> String {
        let ask = self.get(&format!("{REPORT}&format={format}"));
        let answer = token.into_iter().fold(ask, |ask, token| ask.token(token)).send().await.expect(200);
        if format == "html" { answer.text() } else { text_of(&answer.body) }
    }

    async fn patch_frame(&self, patch: &Value, tag: &str) -> crate::support::Answer {
        let token = self.token(Role::Editor);
        self.patch(FRAME).token(&token).header("If-Match", tag).json(patch).send().await
    }
}

#[tokio::test]
async fn every_string_of_memo_and_measures_is_in_the_staffs_report() {
    let service = spawn_filled().await;
    let mut file: Value = serde_json::from_str(FILE).unwrap();
    // Codes and notes about the file are not printed.
    file["memo"].as_object_mut().unwrap().shift_remove("date");
    for signer in file["memo"]["signers"].as_array_mut().unwrap() {
        signer.as_object_mut().unwrap().shift_remove("step");
    }
    file["report"].as_object_mut().unwrap().shift_remove("_items");
    let table: Value = serde_json::from_str(include_str!("../../data/measures-2567.json")).unwrap();
    let token = service.token(Role::Approver);
    for format in ["html", "docx"] {
        let text = service.printed(format, Some(&token)).await;
        let wanted = [strings(&file["memo"]), strings(&file["report"]), strings(&table)].concat();
        assert!(wanted.len() > 70);
        let missing: Vec<_> = wanted.into_iter().filter(|string| !text.contains(*string)).collect();
        assert!(missing.is_empty(), "{format} lacks {missing:?}");
        for part in ["บันทึกข้อความ", "ส่วนราชการ", "วันที่", "เรื่อง", "เรียน", "(๔) ", "รักษาราชการแทน", "ผู้เห็นชอบ", "ผู้รับทราบ"]
        {
            assert!(text.contains(part), "{format} lacks {part}");
        }
    }
}

#[tokio::test]
async fn the_publics_live_report_has_the_frame_and_no_memo() {
    let service = spawn_filled().await;
    for format in ["html", "docx"] {
        let text = service.printed(format, None).await;
        assert!(text.contains("โดยมีการดำเนินการตามมาตรการส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน"));
        assert!(!text.contains("บันทึกข้อความ") && !text.contains("ลงชื่อ"), "{text}");
    }
}

#[tokio::test]
async fn a_stored_report_is_rendered_as_it_was() {
    let service = spawn_filled().await;
    let (year, subject) = (FiscalYear::stored(2567), ReportSubject::IntegrityMeasuresReport);
    let report = reports::assemble(&service.app.db, subject, year, &[Publication::Published]).await.unwrap();
    let stored: Report = serde_json::from_str(&serde_json::to_string(&report).unwrap()).unwrap();
    assert_eq!(stored, report);
    assert_eq!(stored.document.signatures.len(), 3);
    assert!(stored.data.get("missing").is_none());
}

#[tokio::test]
async fn a_frame_is_set_by_editors_and_falls_back_to_the_reports_own_text() {
    let service = spawn().await;
    let editor = service.token(Role::Editor);
    let empty = service.get(FRAME).token(&editor).send().await.expect(200);
    assert_eq!(
        (empty.header("etag"), &empty.json()["memo"], &empty.json()["created_at"]),
        ("\"0\"", &json!(null), &json!(null))
    );
    assert!(
        service.get("/v1/report-frames").token(&editor).send().await.expect(200).json()["items"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    let patch = json!({ "title": ["รายงานของเรา"], "opening": "ดังนี้", "closing": "จบ", "memo": memo() });
    let set = service.patch_frame(&patch, "\"0\"").await.expect(200);
    assert_eq!((set.json()["memo"]["sections"].clone(), set.header("etag")), (json!([]), "\"1\""));
    service.patch_frame(&patch, "\"0\"").await.problem(412, "precondition_failed");
    let text = service.printed("html", Some(&editor)).await;
    for part in ["<span>รายงานของเรา</span>", "ดังนี้", "จบ", "๒๔ เมษายน ๒๕๖๗", "ผู้อนุมัติ"]
    {
        assert!(text.contains(part), "{text}");
    }
    let listed = service.get("/v1/report-frames?fiscal_year=2567&subject=integrity_measures_report").token(&editor);
    assert_eq!(listed.send().await.expect(200).json()["items"], json!([set.json()]));
    let cleared = json!({ "title": null, "opening": null, "closing": null, "memo": null });
    service.patch_frame(&cleared, "\"1\"").await.expect(200);
    let text = service.printed("html", Some(&editor)).await;
    assert!(
        text.contains("ประจำปีงบประมาณ พ.ศ. ๒๕๖๗</span>")
            && !text.contains("รายงานของเรา")
            && !text.contains("บันทึกข้อความ")
    );
}

#[tokio::test]
async fn faults_of_a_frame_name_their_fields() {
    let service = spawn().await;
    let mut wrong = memo();
    wrong["to"] = json!([""]);
    wrong["date"] = json!("2567-04-24");
    wrong["signers"] = json!([{ "step": "signed", "post": " " }]);
    wrong["sections"] = json!([{ "heading": "ข้อเท็จจริง", "text": "ก", "items": ["ข", ""] }]);
    let problem = service.patch_frame(&json!({ "memo": wrong }), "*").await.problem(422, "validation_failed");
    let mut places: Vec<_> = faults(&problem).into_iter().map(|(place, _)| place).collect();
    places.sort();
    let expected =
        ["#/memo/date", "#/memo/sections/0/items/1", "#/memo/signers/0/post", "#/memo/signers/0/step", "#/memo/to/0"];
    assert_eq!(places, expected, "{problem}");
    service.patch_frame(&json!({ "memo": { "name": "สมชาย" } }), "*").await.problem(400, "unknown_field");
    let editor = service.token(Role::Editor);
    for path in ["/v1/report-frames/2567/integrity_measures_report", "/v1/report-frames/2567/o35"] {
        service.get(path).token(&editor).send().await.problem(404, "not_found");
    }
    service.get("/v1/report-frames/2024/e-service").token(&editor).send().await.problem(400, "invalid_parameter");
}

#[tokio::test]
async fn a_frame_is_imported_once_and_a_bad_file_says_what_is_wrong() {
    let service = spawn().await;
    let (db, year, subject) = (&service.app.db, FiscalYear::stored(2567), ReportSubject::IntegrityMeasuresReport);
    let bad = FILE.replace("\"acknowledged\"", "\"seen\"");
    let error = import::report_frame(db, &bad, year, subject).await.unwrap_err();
    assert!(error.contains("memo/signers/2/step"), "{error}");
    assert_eq!(import::report_frame(db, FILE, year, subject).await, Ok(1));
    service.change(FRAME, &json!({ "closing": "จบ" })).await;
    assert_eq!(import::report_frame(db, FILE, year, subject).await, Ok(0));
    let frame = service.get(FRAME).token(&service.token(Role::Auditor)).send().await.expect(200).json();
    assert_eq!((&frame["closing"], &frame["memo"]["signers"][2]["step"]), (&json!("จบ"), &json!("acknowledged")));
}
