use std::collections::HashSet;

use prongsai::domain::fiscal_year::FiscalYear;
use serde_json::{Value, json};

use crate::support::samples::{measure, project};
use crate::support::{faults, spawn, spawn_filled};

#[tokio::test]
async fn measures_are_counted_and_of_a_year_without_any_nothing_is_known() {
    let service = spawn_filled().await;
    let statistics = service.get("/v1/statistics/measures?fiscal_year=2567").send().await.expect(200).json();
    let figures = &statistics["current"];
    assert_eq!((&figures["total"], &figures["shared_by_all_units_count"]), (&json!(6), &json!(4)));
    let completed = json!({
        "value": "completed", "label": { "th": "ดำเนินการแล้วเสร็จ", "en": "completed" }, "total": 6
    });
    assert_eq!(figures["by_status"][2], completed);
    assert_eq!(figures["implementation_rate_percent"], 100.0);
    assert_eq!(
        figures["by_unit"][0],
        json!({
            "value": "legal", "label": { "th": "งานนิติการ", "en": "Legal Affairs Section" }, "total": 1, "completed_count": 1
        })
    );
    let before = &statistics["previous"];
    assert_eq!((&before["fiscal_year"], &before["total"]), (&json!(2566), &json!(null)));
    assert_eq!(before["implementation_rate_percent"], json!(null));
}

#[tokio::test]
async fn a_year_without_measures_or_projects_is_not_recorded_or_to_come_and_has_no_zeros() {
    let service = spawn_filled().await;
    for about in ["measures", "projects"] {
        for (year, coverage) in [(2565, "not_recorded"), (2567, "recorded"), (2600, "to_come")] {
            let path = format!("/v1/statistics/{about}?fiscal_year={year}&period=quarter");
            let figures = service.get(&path).send().await.expect(200).json()["current"].clone();
            assert_eq!(figures["coverage"], coverage, "{about} {year}");
            let is_known = coverage == "recorded";
            assert_eq!(figures["total"].is_u64(), is_known, "{figures}");
            let csv = service.get(&format!("{path}&format=csv")).send().await.expect(200).text();
            let of_year = csv.lines().filter(|line| line.starts_with(&format!("{year},,,year,"))).collect::<Vec<_>>();
            assert!(of_year.iter().any(|line| line.ends_with(&format!(",coverage,,,,,{coverage}"))), "{csv}");
            if is_known {
                continue;
            }
            let numbers = figures.as_object().unwrap().iter().filter(|(name, _)| *name != "fiscal_year");
            assert_eq!(numbers.filter(|(_, figure)| figure.is_number()).count(), 0, "{figures}");
            let slices = figures["by_status"].as_array().unwrap();
            assert!(slices.iter().all(|slice| slice["total"].is_null()), "{figures}");
            assert!(of_year.iter().all(|line| line.split(',').nth(12) == Some("")), "{csv}");
            for period in figures["periods"].as_array().unwrap() {
                assert_eq!((&period["coverage"], &period["total"]), (&json!(coverage), &json!(null)), "{about} {year}");
            }
        }
    }
    // What is planned for the next year is counted.
    let next = FiscalYear::at(service.now()).unwrap().number() + 1;
    service.publish("/v1/measures", &measure(next, 1)).await;
    let figures = service.get(&format!("/v1/statistics/measures?fiscal_year={next}")).send().await.expect(200).json();
    assert_eq!((&figures["current"]["coverage"], &figures["current"]["total"]), (&json!("until"), &json!(1)));
}

#[tokio::test]
async fn projects_and_their_budgets_are_counted() {
    let service = spawn_filled().await;
    let figures = service.get("/v1/statistics/projects?fiscal_year=2567").send().await.expect(200).json();
    let figures = &figures["current"];
    assert_eq!((&figures["total"], &figures["no_budget_used_count"]), (&json!(3), &json!(1)));
    assert_eq!(figures["budget_allocated_baht"], "330000.00");
    assert_eq!(figures["budget_used_percent"], 61.05);
    assert_eq!((&figures["without_problems_count"], &figures["without_result_count"]), (&json!(1), &json!(0)));
}

#[tokio::test]
async fn a_count_equals_its_rows() {
    let service = spawn().await;
    for no in 1..=7 {
        let mut body = measure(2567, no);
        body["status"] = json!(["planned", "in_progress", "completed", "cancelled"][no as usize % 4]);
        body["results"] = if no % 2 == 0 { json!([]) } else { json!(["ทำแล้ว"]) };
        service.publish("/v1/measures", &body).await;
    }
    service.create("/v1/measures", &measure(2567, 8)).await;
    let figures = service.get("/v1/statistics/measures?fiscal_year=2567").send().await.json()["current"].clone();
    for status in ["planned", "in_progress", "completed", "cancelled"] {
        let rows = service.all(&format!("/v1/measures?fiscal_year=2567&status={status}")).await.len();
        let slices = figures["by_status"].as_array().unwrap();
        let slice = slices.iter().find(|slice| slice["value"] == status).unwrap();
        assert_eq!(slice["total"], rows, "{status}");
    }
    assert_eq!((&figures["total"], &figures["without_results_count"]), (&json!(7), &json!(3)));
}

#[tokio::test]
async fn statistics_say_as_of_when_and_are_a_spreadsheet_as_well() {
    let service = spawn().await;
    let path = "/v1/statistics/projects?fiscal_year=2567";
    assert_eq!(service.get(path).send().await.json()["as_of"], json!(null));
    let address = service.publish("/v1/projects", &project(2567, "โครงการ")).await;
    let record = service.get(&address).send().await.json();
    assert_eq!(service.get(path).send().await.json()["as_of"], record["updated_at"]);
    let csv = service.get(&format!("{path}&format=csv")).send().await.expect(200).text();
    assert!(
        csv.contains(
            "2567,,,year,2567,ปีงบประมาณ พ.ศ. 2567,2023-10-01,2024-09-30,budget_allocated_baht,,,,1000.00,\r\n"
        ),
        "{csv}"
    );
    assert_eq!(&service.get(&format!("{path}&format=xlsx")).send().await.expect(200).body[..2], b"PK");
}

#[tokio::test]
async fn the_current_year_is_the_default() {
    let service = spawn().await;
    let year = FiscalYear::at(service.now()).unwrap();
    for about in ["measures", "projects", "complaints", "e-services"] {
        let path = format!("/v1/statistics/{about}");
        let answer = service.get(&path).send().await.expect(200).json();
        assert_eq!(answer["fiscal_year"], year.number());
        assert_eq!(answer, service.get(&format!("{path}?fiscal_year={year}")).send().await.expect(200).json());
    }
}

/// A chart of any of the four: the bars of a breakdown, whatever it is of.
fn bars(slices: &Value) -> Vec<(String, Option<u64>)> {
    let bar = |slice: &Value| {
        let keys = (slice["value"].as_str().or(slice["key"].as_str()).is_some(), slice["label"]["th"].as_str());
        assert!(keys.0, "{slice}");
        // What was not recorded has no bar.
        let total = &slice["total"];
        assert!(total.is_u64() || (total.is_null() && slice["coverage"] == "not_recorded"), "{slice}");
        (keys.1.unwrap().to_owned(), total.as_u64())
    };
    slices.as_array().unwrap().iter().map(bar).collect()
}

#[tokio::test]
async fn one_function_draws_all_four() {
    let service = spawn_filled().await;
    for (about, breakdown) in [
        ("measures?", "/current/by_status"),
        ("measures?", "/current/by_unit"),
        ("projects?", "/current/by_status"),
        ("projects?", "/current/by_unit"),
        ("complaints?period=month&", "/current/by_group/0/periods"),
        ("complaints?", "/current/by_group"),
        ("e-services?period=quarter&", "/current/periods"),
        ("e-services?", "/previous/by_service"),
    ] {
        let path = format!("/v1/statistics/{about}fiscal_year=2567");
        let statistics = service.get(&path).send().await.expect(200).json();
        assert!(!bars(statistics.pointer(breakdown).unwrap()).is_empty(), "{about} {breakdown}");
    }
}

#[tokio::test]
async fn tables_of_all_four_have_one_meaning_for_each_column() {
    let service = spawn_filled().await;
    for about in ["measures", "projects", "complaints", "e-services"] {
        let path = format!("/v1/statistics/{about}?fiscal_year=2567&format=csv");
        let text = service.get(&path).send().await.expect(200).text();
        let mut table = csv::Reader::from_reader(text.trim_start_matches('\u{FEFF}').as_bytes());
        let heads = table.headers().unwrap().clone();
        let at = |name: &str| heads.iter().position(|head| head == name).unwrap();
        let mut keys = HashSet::new();
        for row in table.records() {
            let row = row.unwrap();
            let number = &row[at("number")];
            assert!(number.is_empty() || number.parse::<f64>().is_ok(), "{row:?}");
            assert!(number.is_empty() || row[at("text")].is_empty(), "{row:?}");
            assert_eq!(row[at("value")].is_empty(), row[at("dimension")].is_empty(), "{row:?}");
            assert_eq!(row[at("section")].is_empty(), row[at("section_label")].is_empty(), "{row:?}");
            let key = ["fiscal_year", "section", "period", "figure", "dimension", "value"]
                .map(|name| row[at(name)].to_owned());
            assert!(keys.insert(key), "twice: {row:?}");
        }
    }
}

#[tokio::test]
async fn measures_and_projects_are_counted_as_they_were() {
    let service = spawn().await;
    let at = |time: &str| service.db().clock.set(time.parse().unwrap());
    // The log began before.
    at("2023-09-01T05:00:00Z");
    service.create("/v1/units", &json!({ "code": "legal", "name": { "th": "งานนิติการ" } })).await;
    at("2023-11-01T05:00:00Z");
    let mut plan = measure(2567, 1);
    plan["status"] = json!("planned");
    let first = service.publish("/v1/measures", &plan).await;
    let lent = service.publish("/v1/projects", &project(2567, "โครงการ")).await;
    at("2024-02-01T05:00:00Z");
    service.publish("/v1/measures", &measure(2567, 2)).await;
    service.create("/v1/measures", &measure(2567, 3)).await;
    service
        .change(&first, &json!({ "status": "completed", "responsible": { "units": ["legal"], "all_units": false } }))
        .await;
    service.change(&lent, &json!({ "unit": "legal", "status": "completed", "budget_spent_baht": "500.00" })).await;
    at("2024-05-01T05:00:00Z");
    service.transition(&first, &json!({ "action": "unpublish", "reason": "ผิด" })).await;
    let get = async |query: &str| service.get(&format!("/v1/statistics/{query}")).send().await.expect(200).json();
    let quarters = get("measures?fiscal_year=2567&period=quarter").await["current"]["periods"].clone();
    let column = |periods: &Value, name: &str| -> Vec<Value> {
        periods.as_array().unwrap().iter().map(|period| period[name].clone()).collect()
    };
    assert_eq!(column(&quarters, "total"), [json!(1), json!(2), json!(1), json!(null)]);
    assert_eq!(column(&quarters, "completed_count"), [json!(0), json!(1), json!(0), json!(null)]);
    assert_eq!(quarters[0]["as_of"], "2023-12-31T17:00:00Z");
    assert_eq!(quarters[2]["as_of"], json!(null));
    let before = get("measures?fiscal_year=2567&period=year").await["previous"]["periods"].clone();
    assert_eq!([&before[0]["total"], &before[0]["as_of"]], [&json!(null); 2]);
    // No figures of years before the log.
    assert_eq!(get("measures?fiscal_year=2566&period=year").await["previous"]["periods"][0]["total"], json!(null));
    assert_eq!(get("measures?fiscal_year=2567").await["current"]["periods"], json!([]));
    let then = get("measures?fiscal_year=2567&as_of=2024-03-01T00:00:00Z").await;
    let now = get("measures?fiscal_year=2567").await;
    assert_eq!((&then["as_of"], &then["current"]["total"]), (&json!("2024-03-01T00:00:00Z"), &json!(2)));
    assert_eq!(
        (&then["current"]["by_unit"][0]["completed_count"], &now["current"]["by_unit"]),
        (&json!(1), &json!([]))
    );
    let projects = get("projects?fiscal_year=2567&period=half&as_of=2024-01-15T00:00:00Z").await["current"].clone();
    assert_eq!((&projects["budget_spent_baht"], &projects["by_unit"]), (&json!("999.50"), &json!([])));
    assert_eq!(column(&projects["periods"], "budget_spent_baht"), [json!("999.50"), json!(null)]);
    // As of now the log says what the tables say.
    for about in ["measures", "projects"] {
        let instant = service.now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        let mut then = get(&format!("{about}?fiscal_year=2567&as_of={instant}")).await;
        let mut now = get(&format!("{about}?fiscal_year=2567")).await;
        (then["as_of"], now["as_of"]) = (json!(null), json!(null));
        assert_eq!(then, now, "{about}");
    }
    let csv =
        service.get("/v1/statistics/projects?fiscal_year=2567&period=half&format=csv").send().await.expect(200).text();
    assert!(csv.contains("half,2567-H1,ครึ่งปีที่ 1,2023-10-01,2024-03-31,budget_spent_then_baht,,,,500.00,"), "{csv}");
    // Its year was changed since.
    service.change(&lent, &json!({ "fiscal_year": 2560 })).await;
    let then = get("projects?fiscal_year=2567&as_of=2024-03-01T00:00:00Z").await;
    assert_eq!(then["current"]["total"], 1);
    let before = service.get("/v1/statistics/measures?as_of=2023-08-01T00:00:00Z").send().await;
    assert_eq!(faults(&before.problem(400, "invalid_parameter")), [("as_of".into(), "before_the_log".into())]);
    let future = service.get("/v1/statistics/measures?as_of=2299-01-01T00:00:00Z").send().await;
    assert_eq!(faults(&future.problem(400, "invalid_parameter")), [("as_of".into(), "in_the_future".into())]);
}
