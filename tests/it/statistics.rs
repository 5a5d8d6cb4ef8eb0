use serde_json::json;

use crate::support::samples::{measure, project};
use crate::support::{spawn, spawn_filled};

#[tokio::test]
async fn measures_are_counted_and_an_empty_year_is_zero() {
    let service = spawn_filled().await;
    let statistics = service.get("/v1/statistics/measures?fiscal_year=2567").send().await.expect(200).json();
    let figures = &statistics["figures"];
    assert_eq!((&figures["total"], &figures["all_units"]), (&json!(6), &json!(4)));
    assert_eq!(figures["by_status"], json!({ "planned": 0, "in_progress": 0, "completed": 6, "cancelled": 0 }));
    assert_eq!(figures["implementation_rate_percent"], 100.0);
    assert_eq!(figures["by_unit"][0], json!({ "unit": "legal", "total": 1, "completed": 1 }));
    let before = &statistics["year_before"];
    assert_eq!((&before["fiscal_year"], &before["total"]), (&json!(2566), &json!(0)));
    assert_eq!(before["implementation_rate_percent"], json!(null));
}

#[tokio::test]
async fn projects_and_their_budgets_are_counted() {
    let service = spawn_filled().await;
    let figures = service.get("/v1/statistics/projects?fiscal_year=2567").send().await.expect(200).json();
    let figures = &figures["figures"];
    assert_eq!((&figures["total"], &figures["no_budget_used"]), (&json!(3), &json!(1)));
    assert_eq!(figures["budget_allocated_baht"], "330000.00");
    assert_eq!(figures["budget_used_percent"], 61.05);
    assert_eq!((&figures["without_problems"], &figures["without_result"]), (&json!(1), &json!(0)));
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
    let figures = service.get("/v1/statistics/measures?fiscal_year=2567").send().await.json()["figures"].clone();
    for status in ["planned", "in_progress", "completed", "cancelled"] {
        let rows = service.all(&format!("/v1/measures?fiscal_year=2567&status={status}")).await.len();
        assert_eq!(figures["by_status"][status], rows, "{status}");
    }
    assert_eq!((&figures["total"], &figures["without_results"]), (&json!(7), &json!(3)));
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
    assert!(csv.contains("2567,budget_allocated_baht,,1000.00\r\n"), "{csv}");
    assert_eq!(&service.get(&format!("{path}&format=xlsx")).send().await.expect(200).body[..2], b"PK");
}

#[tokio::test]
async fn statistics_need_a_year() {
    let service = spawn().await;
    let problem = service.get("/v1/statistics/measures").send().await.problem(400, "invalid_parameter");
    assert_eq!(problem["errors"][0], json!({ "parameter": "fiscal_year", "code": "required", "detail": "ต้องระบุ" }));
}
