use std::collections::HashSet;

use prongsai::domain::fiscal_year::FiscalYear;
use serde_json::{Value, json};

use crate::support::samples::{measure, project};
use crate::support::{spawn, spawn_filled};

#[tokio::test]
async fn measures_are_counted_and_an_empty_year_is_zero() {
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
    assert_eq!((&before["fiscal_year"], &before["total"]), (&json!(2566), &json!(0)));
    assert_eq!(before["implementation_rate_percent"], json!(null));
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
fn bars(slices: &Value) -> Vec<(String, u64)> {
    let bar = |slice: &Value| {
        let keys = (slice["value"].as_str().or(slice["key"].as_str()).is_some(), slice["label"]["th"].as_str());
        assert!(keys.0, "{slice}");
        (keys.1.unwrap().to_owned(), slice["total"].as_u64().unwrap())
    };
    slices.as_array().unwrap().iter().map(bar).collect()
}

#[tokio::test]
async fn one_function_draws_all_four() {
    let service = spawn_filled().await;
    for (about, breakdown) in [
        ("measures?", "/current/by_status"),
        ("measures?", "/current/by_unit"),
        ("projects?", "/previous/by_status"),
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
