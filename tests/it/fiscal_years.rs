use serde_json::json;

use crate::support::spawn;

#[tokio::test]
async fn a_year_has_its_days_quarters_and_halves() {
    let service = spawn().await;
    let year = service.get("/v1/fiscal-years/2567").send().await.expect(200).json();
    assert_eq!((&year["starts_on"], &year["ends_on"]), (&json!("2023-10-01"), &json!("2024-09-30")));
    assert_eq!(year["quarters"][3], json!({ "number": 4, "starts_on": "2024-07-01", "ends_on": "2024-09-30" }));
    assert_eq!(year["halves"][0], json!({ "number": 1, "starts_on": "2023-10-01", "ends_on": "2024-03-31" }));
}

#[tokio::test]
async fn a_gregorian_year_is_refused_with_the_year_that_was_meant() {
    let service = spawn().await;
    for path in ["/v1/fiscal-years/2024", "/v1/measures?fiscal_year=2024", "/v1/statistics/projects?fiscal_year=2024"] {
        let answer = service.get(path).header("Accept-Language", "en").send().await;
        let problem = answer.problem(400, "invalid_parameter");
        assert!(problem["errors"][0]["detail"].as_str().unwrap().contains("2567"), "{path}: {problem}");
    }
}

#[tokio::test]
async fn what_is_no_year_is_refused() {
    let service = spawn().await;
    for year in ["2499", "2701", "99999999999999999999", "x", "-1", "๒๕๖๗", "+2567", "02567"] {
        let problem = service.get(&format!("/v1/fiscal-years/{year}")).send().await.problem(400, "invalid_parameter");
        assert_eq!(problem["errors"][0]["parameter"], "year");
    }
}
