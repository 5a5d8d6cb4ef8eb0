//! Figures that were reported before cases were recorded here.

use prongsai::auth::scope::Role;
use serde_json::{Value, json};

use crate::audit::verified;
use crate::reports::text_of;
use crate::support::{Service, faults, spawn_filled};

fn figure(kind: &str, period: &str, total: u32) -> Value {
    json!({
        "kind": kind,
        "period": period,
        "total": total,
        "finished_count": total - 1,
        "source_title": "รายงานสถิติ ประจำปีงบประมาณ พ.ศ. 2566",
        "source_url": "https://www.example.go.th/o24-2566.pdf",
    })
}

fn of_service(code: &str, period: &str, total: u32) -> Value {
    let mut figure = figure("service_requests", period, total);
    figure["e_service"] = json!(code);
    figure
}

impl Service {
    async fn refused_figure(&self, body: &Value) -> Vec<(String, String)> {
        let answer = self.post("/v1/reported-figures").token(&self.token(Role::Editor)).json(body).send().await;
        assert!([409, 422].contains(&answer.status), "{}", answer.text());
        let code = if answer.status == 409 { "already_exists" } else { "validation_failed" };
        let status = answer.status;
        faults(&answer.problem(status, code))
    }
}

fn fault(place: &str, code: &str) -> Vec<(String, String)> {
    vec![(place.to_owned(), code.to_owned())]
}

#[tokio::test]
async fn a_figure_is_entered_changed_and_deleted() {
    let service = spawn_filled().await;
    let editor = service.token(Role::Editor);
    let created = service.create("/v1/reported-figures", &figure("integrity", "2566-M01", 12)).await;
    assert_eq!((&created["fiscal_year"], &created["in_progress_count"]), (&json!(2566), &json!(1)));
    assert_eq!((&created["starts_on"], &created["period_label"]["th"]), (&json!("2022-10-01"), &json!("ตุลาคม 2565")));
    let address = format!("/v1/reported-figures/{}", created["id"].as_str().unwrap());
    assert_eq!(service.get(&address).send().await.expect(200).json(), created);
    let changed = service.change(&address, &json!({ "total": 20, "period": "2566-Q1" })).await;
    assert_eq!((&changed["total"], &changed["ends_on"]), (&json!(20), &json!("2022-12-31")));
    service.create("/v1/reported-figures", &of_service("public-lighting", "2566", 5)).await;
    for (query, found) in [
        ("fiscal_year=2566", 2),
        ("fiscal_year=2565", 0),
        ("kind=integrity,general", 1),
        ("e_service=public-lighting", 1),
    ] {
        assert_eq!(service.all(&format!("/v1/reported-figures?{query}")).await.len(), found, "{query}");
    }
    service.get("/v1/reported-figures?e_service=lamps").send().await.problem(400, "invalid_parameter");
    let csv = service.get("/v1/reported-figures?sort=period&format=csv&labels=th").send().await.expect(200).text();
    assert!(csv.contains("งานไฟฟ้า") || csv.contains("ไฟ"), "{csv}");
    service.delete(&address).token(&editor).header("If-Match", "*").send().await.expect(204);
    service.get(&address).send().await.problem(404, "not_found");
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

#[tokio::test]
async fn what_cannot_have_been_reported_is_refused() {
    let service = spawn_filled().await;
    let this_year = service.get("/v1/fiscal-years/current").send().await.json()["fiscal_year"].to_string();
    let with = |field: &str, value: Value| {
        let mut body = figure("integrity", "2566", 12);
        body[field] = value;
        body
    };
    for (body, place, code) in [
        (with("period", json!(this_year)), "#/period", "not_ended"),
        (with("period", json!("2567-M01")), "#/period", "already_exists"),
        (with("period", json!("2399-Q1")), "#/period", "not_plausible"),
        (with("period", json!("2566-M13")), "#/period", "bad_format"),
        (with("finished_count", json!(13)), "#/finished_count", "more_than_total"),
        (with("total", json!(-1)), "#/total", "too_small"),
        (with("e_service", json!("public-lighting")), "#/e_service", "not_for_this"),
        (of_service("public-light", "2566", 12), "#/e_service", "unknown_e_service"),
        (with("source_url", json!("ftp://example.go.th")), "#/source_url", "bad_format"),
    ] {
        assert_eq!(service.refused_figure(&body).await, fault(place, code), "{body}");
    }
    let wrong = service.post("/v1/reported-figures").token(&service.token(Role::Editor));
    let told = wrong.json(&with("period", json!("2022-01"))).send().await.problem(422, "validation_failed");
    assert!(told["errors"][0]["detail"].as_str().unwrap().contains("2567-M01"), "{told}");
    service.create("/v1/reported-figures", &figure("integrity", "2566", 12)).await;
    assert_eq!(service.refused_figure(&figure("integrity", "2566", 13)).await, fault("#/period", "already_exists"));
    // Of another period or kind, or of all services and of one, they are others.
    service.create("/v1/reported-figures", &figure("integrity", "2566-M12", 1)).await;
    service.create("/v1/reported-figures", &figure("general", "2566", 1)).await;
    service.create("/v1/reported-figures", &figure("service_requests", "2566", 1)).await;
    service.create("/v1/reported-figures", &of_service("public-lighting", "2566", 1)).await;
}

#[tokio::test]
async fn nothing_is_recorded_from_a_day_after_which_figures_are_reported() {
    let service = spawn_filled().await;
    service.record_from(json!({ "integrity": null, "general": null, "service_requests": null })).await;
    let body = [figure("integrity", "2565", 5), figure("general", "2565-Q2", 5), of_service("tree-cutting", "2565", 5)];
    for body in body {
        service.create("/v1/reported-figures", &body).await;
    }
    service.create("/v1/reported-figures", &of_service("public-lighting", "2565", 5)).await;
    let days = json!({ "integrity": "2021-10-01", "general": "2022-01-01", "service_requests": "2021-09-01" });
    let problem = service.patch_agency(&json!({ "recorded_from": days })).await.problem(409, "already_exists");
    let places = ["general", "integrity", "service_requests"].map(|kind| format!("#/recorded_from/{kind}"));
    assert_eq!(faults(&problem), places.map(|place| (place, "already_exists".to_owned())));
    for (place, named) in [("general", "2565-Q2"), ("integrity", "2565"), ("service_requests", "2565")] {
        let told =
            problem["errors"].as_array().unwrap().iter().find(|it| it["pointer"].as_str().unwrap().ends_with(place));
        let told = told.unwrap()["detail"].as_str().unwrap();
        assert!(told.contains(&format!(" {named} ")) && told.contains(&format!("kind={place}")), "{told}");
    }
    let figures = service.get("/v1/statistics/complaints?fiscal_year=2565").send().await.expect(200).json();
    let figures = &figures["current"]["by_group"][0];
    assert_eq!([&figures["total"], &figures["statement"]], [&json!(null); 2]);
    // Days after their first one are recorded, and what is stated already stays so.
    service.record_from(json!({ "integrity": "2021-11-01", "general": "2022-02-01" })).await;
    service.record_from(json!({ "integrity": "2021-11-01", "service_requests": "2022-10-01" })).await;
}

#[tokio::test]
async fn a_day_and_a_figure_that_exclude_each_other_are_not_stated_at_once() {
    let service = spawn_filled().await;
    let editor = service.token(Role::Editor);
    for month in 1..=9 {
        service.record_from(json!({ "integrity": null })).await;
        let figure = figure("integrity", &format!("2565-M{:02}", month + 3), 1);
        let days = json!({ "recorded_from": { "integrity": format!("2022-0{month}-01") } });
        let entered = service.post("/v1/reported-figures").token(&editor).json(&figure).send();
        let (entered, stated) = tokio::join!(entered, service.patch_agency(&days));
        let mut statuses = [entered.status, stated.status];
        statuses.sort_unstable();
        assert!([[200, 409], [201, 409]].contains(&statuses), "month {month}: {statuses:?}");
        if entered.status == 201 {
            let address = format!("/v1/reported-figures/{}", entered.json()["id"].as_str().unwrap());
            service.delete(&address).token(&editor).header("If-Match", "*").send().await.expect(204);
        }
    }
}

#[tokio::test]
async fn statistics_show_them_with_their_source_beside_the_figures_and_never_in_them() {
    let service = spawn_filled().await;
    service.create("/v1/reported-figures", &figure("integrity", "2566", 12)).await;
    service.create("/v1/reported-figures", &figure("integrity", "2566-M02", 3)).await;
    // Only a part of the year is recorded here.
    service.record_from(json!({ "service_requests": "2023-11-01" })).await;
    service.create("/v1/reported-figures", &of_service("public-lighting", "2567", 5)).await;
    let path = "/v1/statistics/complaints?fiscal_year=2567&period=quarter";
    let statistics = service.get(path).send().await.expect(200).json();
    let [integrity, general] = [0, 1].map(|group| &statistics["previous"]["by_group"][group]);
    let totals = |figures: &Value| -> Vec<(String, u64)> {
        let reported = figures["reported"].as_array().unwrap().iter();
        let one = |it: &Value| (it["period"].as_str().unwrap().to_owned(), it["total"].as_u64().unwrap());
        reported.map(one).collect()
    };
    assert_eq!(totals(integrity), [("2566".to_owned(), 12), ("2566-M02".to_owned(), 3)]);
    assert_eq!(
        (totals(&integrity["periods"][0]), totals(&integrity["periods"][1]), totals(general)),
        (vec![("2566-M02".to_owned(), 3)], vec![], vec![])
    );
    assert_eq!(
        (&integrity["total"], &integrity["reported"][0]["source_url"]),
        (&json!(null), &json!("https://www.example.go.th/o24-2566.pdf"))
    );
    let csv = service.get(&format!("{path}&format=csv")).send().await.expect(200).text();
    for line in [
        "2566,integrity,การทุจริตและประพฤติมิชอบ,year,2566,ปีงบประมาณ พ.ศ. 2566,2022-10-01,2023-09-30,reported_total,,,,12,",
        "month,2566-M02,พฤศจิกายน 2565,2022-11-01,2022-11-30,reported_finished_count,,,,2,",
        ",source_url,,,,,https://www.example.go.th/o24-2566.pdf",
    ] {
        assert!(csv.contains(line), "{line} is not in {csv}");
    }
    let services = service.get("/v1/statistics/e-services?fiscal_year=2567").send().await.expect(200).json();
    let lighting = &services["current"]["by_service"][2];
    assert_eq!((totals(&services["current"]), totals(lighting)), (vec![], vec![("2567".to_owned(), 5)]));
    assert_eq!((&lighting["total"], &services["current"]["total"]), (&json!(0), &json!(0)));
}

#[tokio::test]
async fn reports_print_them_apart_where_the_year_was_not_recorded() {
    let service = spawn_filled().await;
    service.create("/v1/reported-figures", &figure("integrity", "2566", 12)).await;
    service.create("/v1/reported-figures", &of_service("public-lighting", "2566", 1250)).await;
    let caption = "ตัวเลขที่รายงานไว้ก่อนบันทึกในระบบ";
    for (subject, year, number) in [
        ("complaint-statistics", 2566, Some("๑๒")),
        ("complaint-statistics", 2567, None),
        ("service-statistics", 2566, Some("๑,๒๕๐")),
    ] {
        let path = format!("/v1/reports/{subject}?fiscal_year={year}");
        let report = service.get(&path).send().await.expect(200).json();
        for format in ["html", "docx", "xlsx"] {
            let answer = service.get(&format!("{path}&format={format}")).send().await.expect(200);
            let text = if format == "html" { answer.text() } else { text_of(&answer.body) };
            assert_eq!(text.contains(caption), number.is_some(), "{subject} {year} as {format}: {text}");
            let is_printed = number.is_none_or(|number| format == "xlsx" || text.contains(number));
            assert!(is_printed, "{subject} {year} as {format}: {text}");
        }
        let total = if number.is_some() { json!(null) } else { json!(0) };
        assert_eq!(report["total"], total);
    }
}
