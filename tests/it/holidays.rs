use chrono::NaiveDate;
use prongsai::app::import;
use prongsai::auth::scope::Role;
use prongsai::cases::deadline::calendar;
use prongsai::db::Db;
use serde_json::{Value, json};

use crate::support::samples::holiday;
use crate::support::{faults, on_postgres, spawn, spawn_filled};

const FILE: &str = include_str!("../../data/holidays.json");

fn days(holidays: &[Value]) -> Vec<&str> {
    holidays.iter().map(|holiday| holiday["date"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_holidays_of_a_year_come_in_its_order() {
    let service = spawn_filled().await;
    let holidays = service.all("/v1/holidays?fiscal_year=2567").await;
    let written: Vec<Value> = serde_json::from_str(FILE).unwrap();
    assert_eq!(days(&holidays), days(&written[..14]));
    assert!(holidays.iter().zip(&written).all(|(holiday, written)| holiday["name"] == written["name"]));
    let mut down = service.all("/v1/holidays?fiscal_year=2567&sort=-date&limit=5").await;
    down.reverse();
    assert_eq!(down, holidays);
}

#[tokio::test]
async fn filters_find_what_they_say() {
    let service = spawn_filled().await;
    for (query, found) in [
        ("include_total=true", 56),
        ("fiscal_year=2566", 0),
        ("fiscal_year=2570", 14),
        ("date_from=2024-04-13&date_to=2024-04-15", 3),
        ("date_from=2024-04-16&date_to=2024-05-03", 0),
        ("fiscal_year=2567&date_from=2024-07-28", 2),
        ("date_to=2023-10-13", 1),
        ("q=%E0%B8%AA%E0%B8%87%E0%B8%81%E0%B8%A3%E0%B8%B2%E0%B8%99%E0%B8%95%E0%B9%8C", 12),
        ("q=SONGKRAN", 12),
        ("q=%25", 0),
        ("sort=date", 56),
    ] {
        assert_eq!(service.all(&format!("/v1/holidays?{query}")).await.len(), found, "{query}");
    }
    service.get("/v1/holidays?date_from=2023-02-29").send().await.problem(400, "invalid_parameter");
    let csv = service.get("/v1/holidays?fiscal_year=2567&q=chakri&format=csv").send().await.expect(200).text();
    let mut rows = csv.lines();
    assert_eq!(rows.next().unwrap(), "\u{FEFF}id,date,name_th,name_en,created_at,updated_at");
    assert!(rows.next().unwrap().contains(",2024-04-06,วันจักรี,Chakri Memorial Day,"), "{csv}");
}

#[tokio::test]
async fn what_was_created_can_be_read() {
    let service = spawn().await;
    let body = json!({ "date": "2024-02-26", "name": { "th": "วันหยุดชดเชยวันมาฆบูชา" } });
    let created = service.post("/v1/holidays").token(&service.token(Role::Admin)).json(&body).send().await.expect(201);
    let read = service.get(created.header("location")).send().await.expect(200);
    assert_eq!((read.json(), read.header("etag")), (created.json(), created.header("etag")));
    assert_eq!(read.json()["date"], "2024-02-26");
    assert_eq!(read.json()["name"], json!({ "th": "วันหยุดชดเชยวันมาฆบูชา", "en": null }));
}

#[tokio::test]
async fn a_day_is_entered_once() {
    let service = spawn().await;
    let admin = service.token(Role::Admin);
    let taken = [("#/date".to_owned(), "already_exists".to_owned())];
    service.create("/v1/holidays", &holiday("2024-05-22", "วันวิสาขบูชา")).await;
    let again = service.post("/v1/holidays").token(&admin).json(&holiday("2024-05-22", "อื่น")).send().await;
    assert_eq!(faults(&again.problem(409, "already_exists")), taken);
    let other = service.create("/v1/holidays", &holiday("2024-05-10", "วันพืชมงคล")).await;
    let address = format!("/v1/holidays/{}", other["id"].as_str().unwrap());
    let patch = |body: Value| service.patch(&address).token(&admin).header("If-Match", "*").json(&body).send();
    assert_eq!(faults(&patch(json!({ "date": "2024-05-22" })).await.problem(409, "already_exists")), taken);
    patch(json!({ "date": "2024-05-10" })).await.expect(200);
}

#[tokio::test]
async fn a_holiday_is_moved_renamed_and_taken_back() {
    let service = spawn().await;
    let admin = service.token(Role::Admin);
    let created = service.create("/v1/holidays", &holiday("2024-05-10", "วันพืชมงคล")).await;
    let address = format!("/v1/holidays/{}", created["id"].as_str().unwrap());
    let read = service.get(&address).send().await.expect(200);
    let change = json!({ "date": "2024-05-13", "name": { "en": "Royal Ploughing Ceremony" } });
    let patch = || service.patch(&address).token(&admin).header("If-Match", read.header("etag")).json(&change).send();
    let changed = patch().await.expect(200).json();
    assert_eq!(changed["date"], "2024-05-13");
    assert_eq!(changed["name"], json!({ "th": "วันพืชมงคล", "en": "Royal Ploughing Ceremony" }));
    patch().await.problem(412, "precondition_failed");
    service.delete(&address).token(&admin).header("If-Match", "\"2\"").send().await.expect(204);
    service.get(&address).send().await.problem(404, "not_found");
    assert_eq!(service.all("/v1/holidays").await.len(), 0);
    service.create("/v1/holidays", &holiday("2024-05-13", "วันพืชมงคล")).await;
}

#[tokio::test]
async fn a_day_of_the_buddhist_era_is_refused() {
    let service = spawn().await;
    for (day, code) in
        [("2567-04-13", "not_plausible"), ("0567-04-13", "not_plausible"), ("2024-02-30", "not_plausible")]
    {
        let request = service.post("/v1/holidays").token(&service.token(Role::Admin));
        let problem = request.json(&holiday(day, "วันสงกรานต์")).send().await.problem(422, "validation_failed");
        assert_eq!(faults(&problem), [("#/date".to_owned(), code.to_owned())]);
    }
}

#[tokio::test]
async fn a_file_adds_only_the_days_that_are_not_there() {
    let service = spawn().await;
    service.create("/v1/holidays", &holiday("2024-04-13", "มหาสงกรานต์")).await;
    assert_eq!(import::holidays(service.db(), FILE).await, Ok(55));
    assert_eq!(import::holidays(service.db(), FILE).await, Ok(0));
    let kept = service.all("/v1/holidays?date_from=2024-04-13&date_to=2024-04-13").await;
    assert_eq!(kept[0]["name"]["th"], "มหาสงกรานต์");
    let fault =
        import::holidays(service.db(), r#"[{ "date": "2567-04-13", "name": { "th": "x" } }]"#).await.unwrap_err();
    assert!(fault.contains("2567-04-13") && fault.contains("/date") && fault.contains("2024-04-13"), "{fault}");
}

#[tokio::test]
async fn what_is_entered_moves_deadlines_at_once() {
    let service = spawn_filled().await;
    let friday = "2024-04-12".parse().unwrap();
    let next = async || calendar(service.db().reader()).await.unwrap().after(friday, 1).to_string();
    assert_eq!(next().await, "2024-04-16");
    service.create("/v1/holidays", &holiday("2024-04-16", "วันหยุดชดเชยวันสงกรานต์")).await;
    assert_eq!(next().await, "2024-04-17");
}

#[tokio::test]
async fn a_file_of_any_size_is_loaded_and_every_faulty_row_is_told() {
    let service = spawn().await;
    let first: NaiveDate = "2000-01-01".parse().unwrap();
    let rows: Vec<_> = first.iter_days().take(10_001).map(|day| holiday(&day.to_string(), "วันหยุด")).collect();
    // As the command does, which waits for as long as it takes.
    let db = Db::connect(&service.database_url).await.unwrap();
    // On PostgreSQL a transaction of many seconds would keep what other tests destroy readable in their databases.
    let at_once = if on_postgres() { 1000 } else { rows.len() };
    for rows in rows.chunks(at_once) {
        assert_eq!(import::holidays(&db, &format!("\u{FEFF}{}", json!(rows))).await, Ok(rows.len()));
    }
    // Somebody who opens the file sees that it is not all, and a program that there is more.
    let cut = service.get("/v1/holidays?format=csv").send().await.expect(200);
    assert!(cut.header("content-disposition").contains("holidays-cut-at-10000.csv"));
    let text = cut.text();
    assert!(text.lines().count() == 10_002 && text.lines().last().unwrap().contains("more follow"));
    let link = cut.header("link").split(['<', '>']).nth(1).unwrap().to_owned();
    let rest = service.get(&link).send().await.expect(200);
    assert!(rest.header("content-disposition").contains("holidays.csv") && rest.text().lines().count() == 2);
    let faulty = json!([holiday("2567-05-01", "ก"), holiday("2040-05-01", "ข"), holiday("2040-05-02", " ")]);
    let faults = import::holidays(service.db(), &faulty.to_string()).await.unwrap_err();
    let lines: Vec<_> = faults.lines().filter(|line| line.starts_with("row ")).collect();
    assert!(lines.len() == 2 && lines[0].starts_with("row 1: 2567-05-01") && lines[1].starts_with("row 3"), "{faults}");
    assert!(service.all("/v1/holidays?date_from=2028-01-01").await.is_empty());
    let twice = json!([holiday("2040-05-01", "ก"), holiday("2040-05-01", "ข")]);
    let fault = import::holidays(service.db(), &twice.to_string()).await.unwrap_err();
    assert!(fault.starts_with("row 2: "), "{fault}");
}
