use serde_json::json;

use crate::support::samples::{measure, project};
use crate::support::{spawn, spawn_filled};

#[tokio::test]
async fn a_year_has_its_days_quarters_and_halves() {
    let service = spawn().await;
    let year = service.get("/v1/fiscal-years/2567").send().await.expect(200).json();
    assert_eq!((&year["starts_on"], &year["ends_on"]), (&json!("2023-10-01"), &json!("2024-09-30")));
    let part = |key: &str, th: &str, en: &str, number: u8, starts_on: &str, ends_on: &str| {
        let label = json!({ "th": th, "en": en });
        json!({ "key": key, "label": label, "number": number, "starts_on": starts_on, "ends_on": ends_on })
    };
    assert_eq!(year["quarters"][3], part("2567-Q4", "ไตรมาสที่ 4", "Q4", 4, "2024-07-01", "2024-09-30"));
    assert_eq!(year["halves"][0], part("2567-H1", "ครึ่งปีที่ 1", "H1", 1, "2023-10-01", "2024-03-31"));
}

#[tokio::test]
async fn the_years_that_have_published_data_are_listed_and_the_current_one() {
    let service = spawn().await;
    service.publish("/v1/measures", &measure(2567, 1)).await;
    service.publish("/v1/projects", &project(2565, "โครงการ")).await;
    // A draft shows in no list.
    service.create("/v1/measures", &measure(2560, 1)).await;
    let list = service.get("/v1/fiscal-years").send().await.expect(200).json();
    let current = service.get("/v1/fiscal-years/current").send().await.expect(200).json();
    let years: Vec<_> = list["items"].as_array().unwrap().iter().map(|year| year["fiscal_year"].clone()).collect();
    assert_eq!(years, [current["fiscal_year"].clone(), json!(2567), json!(2565)]);
    assert_eq!(list["items"][0]["is_current"], true);
    let of_2567 = json!({
        "fiscal_year": 2567, "starts_on": "2023-10-01", "ends_on": "2024-09-30", "is_current": false
    });
    assert_eq!(list["items"][1], of_2567);
    let same = service.get(&format!("/v1/fiscal-years/{}", current["fiscal_year"])).send().await.expect(200).json();
    assert_eq!(current, same);
}

#[tokio::test]
async fn a_report_without_a_year_is_of_the_current_one() {
    let service = spawn_filled().await;
    let current = service.get("/v1/fiscal-years/current").send().await.expect(200).json();
    for report in ["integrity-measures-report", "anti-corruption-report", "complaint-statistics", "service-manual"] {
        let answer = service.get(&format!("/v1/reports/{report}")).send().await.expect(200).json();
        assert_eq!(answer["fiscal_year"], current["fiscal_year"]);
        let csv = service.get(&format!("/v1/reports/{report}?format=csv")).send().await.expect(200);
        assert!(csv.header("content-disposition").contains(&format!("{report}-{}", current["fiscal_year"])));
    }
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
