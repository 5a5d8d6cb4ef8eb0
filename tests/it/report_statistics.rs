//! Reports that are statistics: the public's figures, printed.

use chrono::{DateTime, TimeDelta, Utc};
use prongsai::auth::scope::Role;
use prongsai::domain::working_days::midnight;
use serde_json::{Value, json};

use crate::reports::text_of;
use crate::support::samples::lighting;
use crate::support::{Service, spawn_filled, spawn_filled_at};

const COMPLAINTS: &str = "/v1/reports/complaint-statistics?fiscal_year=2567";
const SERVICES: &str = "/v1/reports/service-statistics?fiscal_year=2567";

fn at(time: &str) -> DateTime<Utc> {
    time.parse().unwrap()
}

impl Service {
    async fn report_of(&self, path: &str) -> Value {
        self.get(path).send().await.expect(200).json()
    }
}

#[tokio::test]
async fn no_complaints_in_a_year_that_was_recorded_are_zeros_and_a_sentence() {
    let service = spawn_filled().await;
    let report = service.report_of(COMPLAINTS).await;
    let yesterday = prongsai::domain::thai::date(service.today().pred_opt().unwrap());
    let sentence = format!(
        "ในปีงบประมาณ พ.ศ. 2567 (1 ตุลาคม 2566 ถึง 30 กันยายน 2567) \
         เทศบาลเมืองชัยนาทไม่มีเรื่องร้องเรียนการทุจริตและประพฤติมิชอบของเจ้าหน้าที่ (ข้อมูล ณ สิ้นวันที่ {yesterday})"
    );
    assert_eq!((&report["statement"], &report["total"]), (&json!(sentence), &json!(0)));
    let months = report["months"].as_array().unwrap();
    assert!(months.len() == 12 && months.iter().all(|month| month["total"] == 0), "{months:?}");
    for format in ["html", "docx"] {
        let answer = service.get(&format!("{COMPLAINTS}&format={format}")).send().await.expect(200);
        let text = if format == "docx" { text_of(&answer.body) } else { answer.text() };
        for part in ["ประจำเดือน", "ตุลาคม ๒๕๖๖", "กันยายน ๒๕๖๗", "รวม", "๐", "ในปีงบประมาณ พ.ศ. ๒๕๖๗ (๑ ตุลาคม ๒๕๖๖"]
        {
            assert!(text.contains(part), "{format} lacks {part}");
        }
    }
    let csv = service.get(&format!("{COMPLAINTS}&format=csv")).send().await.expect(200).text();
    assert!(csv.contains("ตุลาคม ๒๕๖๖,0,0,0\r\n") && csv.contains("รวม,0,0,0\r\n"), "{csv}");
}

#[tokio::test]
async fn what_was_not_recorded_or_is_to_come_is_null_and_nothing_is_said_of_it() {
    let service = spawn_filled_at(at("2024-04-24T03:00:00Z")).await;
    let report = service.report_of(COMPLAINTS).await;
    let totals = |report: &Value| -> Vec<Value> {
        report["months"].as_array().unwrap().iter().map(|month| month["total"].clone()).collect()
    };
    // October to April have begun; what was reported today is not in the figures yet.
    let until_april = [vec![json!(0); 7], vec![json!(null); 5]].concat();
    assert_eq!(totals(&report), until_april);
    let sentence = "ตั้งแต่วันที่ 1 ตุลาคม 2566 ถึงวันที่ 23 เมษายน 2567 \
                    เทศบาลเมืองชัยนาทไม่มีเรื่องร้องเรียนการทุจริตและประพฤติมิชอบของเจ้าหน้าที่ (ข้อมูล ณ สิ้นวันที่ 23 เมษายน 2567)";
    assert_eq!(report["statement"], sentence);
    for format in ["html", "docx", "csv"] {
        let answer = service.get(&format!("{COMPLAINTS}&format={format}")).send().await.expect(200);
        let text = if format == "docx" { text_of(&answer.body) } else { answer.text() };
        assert!(text.contains("เมษายน ๒๕๖๗ (ถึงวันที่ ๒๓ เมษายน ๒๕๖๗)"), "{format}: {text}");
        assert!(!text.contains("มีนาคม ๒๕๖๗ ("), "{format}: {text}");
    }
    for (since, recorded) in [(json!("2024-02-01"), 5..8), (json!(null), 0..0)] {
        service.record_from(json!({ "integrity": since })).await;
        let report = service.report_of(COMPLAINTS).await;
        // What nothing is known of has no total either.
        let total = if recorded.is_empty() { json!(null) } else { json!(0) };
        for name in ["total", "finished_count", "in_progress_count"] {
            assert_eq!(report[name], total, "{name}");
        }
        let csv = service.get(&format!("{COMPLAINTS}&format=csv")).send().await.expect(200).text();
        assert!(
            csv.contains(if recorded.is_empty() {
                "รวม,ไม่มีข้อมูล,ไม่มีข้อมูล,ไม่มีข้อมูล\r\n"
            } else {
                "รวม,0,0,0\r\n"
            }),
            "{csv}"
        );
        let expected: Vec<_> =
            (1..=12).map(|month| if recorded.contains(&month) { json!(0) } else { json!(null) }).collect();
        assert_eq!(totals(&report), expected);
        let said = report["statement"].as_str().map(|text| text.starts_with("ตั้งแต่วันที่ 1 กุมภาพันธ์ 2567 ถึง"));
        assert_eq!(said, (!recorded.is_empty()).then_some(true));
        let staff = service.get(COMPLAINTS).token(&service.token(Role::Approver)).send().await.expect(200).json();
        assert!(!staff["missing"].as_array().unwrap().is_empty());
    }
    service.record_from(json!({ "service_requests": null })).await;
    for subject in ["complaint-statistics", "service-statistics"] {
        let path = format!("/v1/reports/{subject}?fiscal_year=2567");
        let staff = service.get(&path).token(&service.token(Role::Approver)).send().await.expect(200).json();
        assert_eq!(staff["missing"][0]["fields"][0]["field"], "recorded_from", "{subject}");
    }
    let next_year = service.report_of("/v1/reports/complaint-statistics?fiscal_year=2568").await;
    assert_eq!((totals(&next_year), &next_year["statement"]), (vec![json!(null); 12], &json!(null)));
    let services = service.report_of(SERVICES).await;
    assert_eq!((&services["total"], &services["services"][0]["total"]), (&json!(null), &json!(null)));
    assert_eq!((totals(&services), &services["channels"]), (vec![json!(null); 12], &json!(null)));
    let page = service.get(&format!("{SERVICES}&format=html")).send().await.expect(200).text();
    assert!(page.contains("ไม่มีข้อมูล") && !page.contains("๐</p>"), "{page}");
}

/// The figures of the reports are those of the statistics, for whoever asks.
#[tokio::test]
async fn the_figures_are_the_publics_even_for_staff() {
    let service = spawn_filled().await;
    let year = service.get("/v1/fiscal-years/current").send().await.json()["fiscal_year"].clone();
    for token in [None, Some(service.token(Role::Auditor))] {
        let ask = |path: String| {
            let ask = service.get(&path);
            token.iter().fold(ask, |ask, token| ask.token(token)).send()
        };
        let public = service.report_of(&format!("/v1/statistics/complaints?fiscal_year={year}&period=month")).await;
        let figures = &public["current"]["by_group"][0];
        let report = ask(format!("/v1/reports/complaint-statistics?fiscal_year={year}")).await.expect(200).json();
        for name in ["total", "finished_count", "in_progress_count"] {
            assert_eq!(report[name], figures[name]);
        }
        let report = ask(format!("/v1/reports/service-statistics?fiscal_year={year}")).await.expect(200).json();
        let public = format!("/v1/statistics/e-services?fiscal_year={year}&period=month");
        let breakdown = service.report_of(&public).await["current"]["breakdown"].clone();
        assert_eq!(report["channels"], breakdown["by_channel"]);
        // Those of the months are of the last midnight as well.
        let public = service.report_of(&format!("{public}&as_of={}", report["as_of"].as_str().unwrap())).await;
        assert_eq!(report["total"], public["current"]["total"]);
        for (mine, theirs) in
            report["services"].as_array().unwrap().iter().zip(public["current"]["by_service"].as_array().unwrap())
        {
            assert_eq!((&mine["code"], &mine["total"]), (&theirs["value"], &theirs["total"]));
        }
    }
}

/// Requests of today, and what is done today, are in the report of tomorrow.
#[tokio::test]
async fn every_figure_of_the_services_is_of_the_last_midnight() {
    let service = spawn_filled().await;
    let year = service.get("/v1/fiscal-years/current").send().await.json()["fiscal_year"].clone();
    let path = format!("/v1/reports/service-statistics?fiscal_year={year}");
    let next_day = async || {
        service.db().clock.set(service.now() + TimeDelta::days(1));
        service.db().load_revisions().await.unwrap();
    };
    let figures = async || {
        let csv = service.get(&format!("{path}&format=csv")).send().await.expect(200).text();
        (service.report_of(&path).await, csv)
    };
    next_day().await;
    let (before, csv) = figures().await;
    assert_eq!(before["as_of"], json!(midnight(service.today())));
    let officer = service.person("officer", &[Role::ServiceOfficer], &[]).await;
    let mut addresses = Vec::new();
    for _ in 0..6 {
        let given = service.ask_for("public-lighting", &lighting()).await;
        let list = format!("/v1/service-requests?reference={}", given["reference"].as_str().unwrap());
        let list = officer.get(&list).send().await.expect(200).json();
        addresses.push(format!("/v1/service-requests/{}/transitions", list["items"][0]["id"].as_str().unwrap()));
    }
    assert_eq!(figures().await, (before.clone(), csv));
    next_day().await;
    let (then, csv) = figures().await;
    let more = |name: &str| then[name].as_u64().unwrap() - before[name].as_u64().unwrap();
    assert_eq!((more("total"), more("finished_count"), more("in_progress_count")), (6, 0, 6));
    let web = then["channels"].as_array().unwrap().iter().find(|channel| channel["value"] == "web").unwrap();
    assert!(web["total"].as_u64().unwrap() >= 6, "{then}");
    let rejection = json!({ "action": "reject", "text": "นอกเขตเทศบาล" });
    officer.post(&addresses[0]).json(&rejection).send().await.expect(200);
    assert_eq!(figures().await, (then.clone(), csv));
    next_day().await;
    let (last, _) = figures().await;
    assert_eq!(last["finished_count"].as_u64(), then["finished_count"].as_u64().map(|count| count + 1));
    assert_eq!(last["total"], then["total"]);
}

/// A write that began before midnight may end after one that began later.
#[tokio::test]
async fn what_began_before_midnight_and_is_counted_after_is_of_the_day_before() {
    let service = spawn_filled().await;
    let year = service.get("/v1/fiscal-years/current").send().await.json()["fiscal_year"].clone();
    let path = format!("/v1/reports/service-statistics?fiscal_year={year}");
    // Nothing that was kept for the public is answered with a token.
    let staff = service.token(Role::Auditor);
    let total = async || service.get(&path).token(&staff).send().await.expect(200).json()["total"].as_u64().unwrap();
    let evening = service.now();
    let next_day = evening + TimeDelta::days(1);
    service.db().clock.set(next_day);
    service.db().load_revisions().await.unwrap();
    let before = total().await;
    let ask = async |times: usize| {
        for _ in 0..times {
            service.ask_for("public-lighting", &lighting()).await;
        }
    };
    ask(1).await;
    service.db().clock.set(evening);
    ask(2).await;
    service.db().clock.set(next_day + TimeDelta::minutes(1));
    assert_eq!(total().await, before + 2);
    service.db().clock.set(next_day + TimeDelta::days(1));
    service.db().load_revisions().await.unwrap();
    assert_eq!(total().await, before + 3);
}

#[tokio::test]
async fn a_manual_tells_staff_that_documents_or_law_are_not_stated_in_years_whose_item_asks_for_them() {
    let service = spawn_filled().await;
    let staff = service.token(Role::Editor);
    let lack = async |year: i32, of: &str| {
        let report = service.get(&format!("/v1/reports/service-manual?fiscal_year={year}")).token(&staff);
        let report = report.send().await.expect(200).json();
        let fields = report["missing"].as_array().unwrap().iter().flat_map(|it| it["fields"].as_array().unwrap());
        fields.filter(|field| field["field"] == of).count()
    };
    assert_eq!(lack(2568, "papers").await, 0);
    for code in ["tree-cutting", "public-lighting", "loudspeaker-announcement", "permit-application"] {
        service.change(&format!("/v1/e-services/{code}"), &json!({ "papers": [], "legal_basis": null })).await;
    }
    assert_eq!((lack(2567, "papers").await, lack(2568, "papers").await), (0, 4));
    let of_law = (lack(2567, "legal_basis").await, lack(2568, "legal_basis").await, lack(2569, "legal_basis").await);
    assert_eq!(of_law, (4, 0, 4), "a year without the item asks for law");
    for code in ["tree-cutting", "public-lighting", "loudspeaker-announcement", "permit-application"] {
        service.change(&format!("/v1/e-services/{code}"), &json!({ "papers": ["ไม่ต้องใช้เอกสาร"] })).await;
    }
    assert_eq!(lack(2568, "papers").await, 0);
}

#[tokio::test]
async fn a_manual_has_its_parts_and_tells_staff_what_a_service_lacks() {
    let service = spawn_filled().await;
    let patch = json!({
        "steps": ["รับคำขอ (1 วัน)", "ซ่อมแซม"],
        "legal_basis": "พระราชบัญญัติเทศบาล พ.ศ. 2496",
        "channel_url": "https://www.example.go.th/lighting",
        "papers": ["สำเนาบัตรประจำตัวประชาชน"],
    });
    service.change("/v1/e-services/public-lighting", &patch).await;
    let (manual, catalogue) = ("/v1/reports/service-manual", "/v1/reports/e-service");
    let page = service.get(&format!("{manual}?format=html")).send().await.expect(200).text();
    for part in [
        "ชื่องาน",
        "- รับคำขอ (1 วัน)",
        "ภายใน ๕ วันทำการ",
        "ระบบออนไลน์ https://www.example.go.th/lighting",
        "เอกสารหรือหลักฐานที่ต้องใช้",
        "- สำเนาบัตรประจำตัวประชาชน",
        "ไม่มีค่าธรรมเนียม",
        "พระราชบัญญัติเทศบาล",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let staff = service.token(Role::Editor);
    let missing = |report: Value| {
        let lighting = report["missing"].as_array().unwrap().iter().find(|it| it["id"] == "public-lighting").cloned();
        lighting
            .map(|it| it["fields"].as_array().unwrap().iter().map(|it| it["label"]["en"].clone()).collect::<Vec<_>>())
    };
    let ask = |path| service.get(path).token(&staff).send();
    assert_eq!(missing(ask(manual).await.expect(200).json()), Some(vec![json!("time of each step")]));
    assert_eq!(missing(ask(catalogue).await.expect(200).json()), None);
}
