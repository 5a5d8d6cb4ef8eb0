//! Due days that become holidays, and years that lack their usual ones.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{case_state, complaint as complaints};
use prongsai::app::import;
use prongsai::auth::scope::Role;
use prongsai::cases::vault::NewKey;
use prongsai::domain::working_days::midnight;
use prongsai::holidays::due_days;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::audit::verified;
use crate::support::samples::{complaint, holiday, lighting};
use crate::support::{Service, faults, spawn_filled_at};

impl Service {
    /// Goes on to noon in Bangkok of a day.
    fn go_on_to(&self, day: &str) {
        self.db().clock.set(noon(day));
    }

    /// Takes back the holiday of a day.
    async fn take_back(&self, day: &str) {
        let found = self.all(&format!("/v1/holidays?date_from={day}&date_to={day}")).await;
        let path = format!("/v1/holidays/{}", found[0]["id"].as_str().unwrap());
        self.delete(&path).token(&self.token(Role::Admin)).header("If-Match", "*").send().await.expect(204);
    }

    /// What both verifiers find in the log.
    async fn faults_of_log(&self) -> Vec<String> {
        verified(&self.export().await, None)
    }
}

fn noon(day: &str) -> DateTime<Utc> {
    midnight(day.parse().unwrap()) + TimeDelta::hours(12)
}

/// By hand: fifteen working days after Wednesday 9 December 2026 are 11, 14-18, 21-25 and 28-31 December, the tenth being
/// Constitution Day; five after Thursday 24 December are 25 and 28-31 December. New Year's Eve is declared off on the 28th. 1 January
/// is New Year's Day, a Friday; the next working day is Monday the fourth.
#[tokio::test]
async fn a_holiday_that_is_declared_late_moves_what_is_due_on_it_and_both_sides_see_it() {
    let service = spawn_filled_at(noon("2026-12-09")).await;
    service.count_first_answers_in("working_days").await;
    service.take_back("2026-12-31").await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let given = service.report(&complaint()).await;
    assert_eq!(given["first_answer"]["due_on"], "2026-12-31");
    service.go_on_to("2026-12-24");
    let asked = service.ask_for("public-lighting", &lighting()).await;
    assert_eq!(asked["completion"]["due_on"], "2026-12-31");
    service.go_on_to("2026-12-28");
    let before = officer.find(&given).await;
    service.create("/v1/holidays", &holiday("2026-12-31", "วันสิ้นปี")).await;

    let after = officer.find(&given).await;
    let answer = &after["first_answer"];
    assert_eq!((&answer["due_on"], &answer["working_days"]), (&json!("2027-01-04"), &json!(15)));
    assert_eq!(answer["holidays"], json!(["2026-12-10", "2026-12-31", "2027-01-01"]));
    assert_eq!(after["conclusion"]["due_on"], before["conclusion"]["due_on"]);
    for (kind, receipt, what) in
        [("complaints", &given["receipt"], "กำหนดแจ้งผลครั้งแรก"), ("service-requests", &asked["receipt"], "กำหนดแล้วเสร็จ")]
    {
        let lookup = service.post(&format!("/v1/{kind}/lookup")).json(&json!({ "receipt": receipt }));
        let seen = lookup.send().await.expect(200).json();
        let last = &seen["timeline"][0];
        assert_eq!((&last["action"], &last["side"]), (&json!("move_due_day"), &json!("office")));
        let text = last["text"].as_str().unwrap();
        assert!(text.starts_with(&format!("{what}เลื่อนจากวันที่ 31 ธันวาคม 2569 เป็นวันที่ 4 มกราคม 2570")), "{text}");
        assert!(text.contains("(วันสิ้นปี)"), "{text}");
        let due = if kind == "complaints" { &seen["first_answer"] } else { &seen["completion"] };
        assert_eq!(due["due_on"], "2027-01-04");
    }
    // Nothing moves back.
    service.take_back("2026-12-31").await;
    assert_eq!(officer.find(&given).await["first_answer"]["due_on"], "2027-01-04");
    // What is answered on the new day is in time.
    service.go_on_to("2027-01-04");
    officer.steps(&after, &["take", "accept"]).await;
    let counted: Vec<Value> = case_state::Entity::find()
        .filter(case_state::Column::CaseId.eq(after["id"].as_str().unwrap().parse::<Uuid>().unwrap()))
        .filter(case_state::Column::UntilAt.is_null())
        .all(service.db().reader())
        .await
        .unwrap()
        .iter()
        .map(|state| serde_json::from_str(&state.counted).unwrap())
        .collect();
    assert_eq!(counted[0]["in_time"]["first_answer"], true, "{counted:?}");
    let table = service.get("/v1/audit/events?action=move_due_day").token(&service.token(Role::Auditor)).send().await;
    assert_eq!(table.expect(200).json()["items"].as_array().unwrap().len(), 2);
    assert_eq!(service.faults_of_log().await, Vec::<String>::new());
}

/// What of a year is off, apart from fixed dates: by the moon, announced, and substitutes (made up for the test).
fn rest_of_2027() -> Value {
    json!([
        holiday("2027-02-21", "วันมาฆบูชา"),
        holiday("2027-02-22", "วันหยุดชดเชยวันมาฆบูชา"),
        holiday("2027-05-13", "วันพืชมงคล"),
        holiday("2027-05-20", "วันวิสาขบูชา"),
        holiday("2027-07-18", "วันอาสาฬหบูชา"),
        holiday("2027-07-19", "วันเข้าพรรษา"),
        holiday("2027-07-20", "วันหยุดชดเชยวันอาสาฬหบูชา"),
        holiday("2027-10-25", "วันหยุดชดเชยวันปิยมหาราช"),
        holiday("2027-12-06", "วันหยุดชดเชยวันพ่อแห่งชาติ"),
    ])
}

#[tokio::test]
async fn a_year_that_lacks_usual_holidays_is_told_and_so_are_due_dates_in_it() {
    let service = spawn_filled_at(noon("2027-01-11")).await;
    let year = async || service.get("/v1/holidays/years/2027").send().await.expect(200).json();
    let given = service.report(&complaint()).await;
    assert_eq!(given["first_answer"]["holidays_complete"], false);
    let before = year().await;
    let missing = before["missing"].as_array().unwrap();
    let kinds = |kind: &str| missing.iter().filter(|one| one["kind"] == kind).count();
    // Fixed dates are entered up to the end of the fiscal year 2570, in September.
    assert_eq!((&before["complete"], kinds("fixed"), kinds("announced")), (&json!(false), 5, 5), "{before}");
    let fixed: Vec<Value> = missing.iter().filter(|one| one["kind"] == "fixed").cloned().collect();
    let admin = service.token(Role::Admin);
    let batch = |query: &str, items: &Value| {
        let path = format!("/v1/holidays/batch{query}");
        service.post(&path).token(&admin).json(&json!({ "items": items })).send()
    };
    let mut items = rest_of_2027();
    for one in fixed {
        items.as_array_mut().unwrap().push(holiday(one["date"].as_str().unwrap(), one["name"]["th"].as_str().unwrap()));
    }
    let mut twice = items.clone();
    twice.as_array_mut().unwrap().push(items[0].clone());
    let count = items.as_array().unwrap().len();
    let problem = batch("", &twice).await.problem(409, "already_exists");
    assert_eq!(faults(&problem), [(format!("#/items/{count}/date"), "already_exists".to_owned())]);
    batch("?dry_run=true", &items).await.expect(200);
    assert_eq!(year().await, before);
    assert_eq!(batch("", &items).await.expect(201).json()["items"].as_array().unwrap().len(), count);
    let after = year().await;
    assert_eq!((&after["complete"], &after["missing"]), (&json!(true), &json!([])), "{after}");
    let seen = service.look_up(&given["receipt"]).await.expect(200).json();
    assert_eq!(seen["first_answer"]["holidays_complete"], true);
    for (year, hint) in [("2570", "2027"), ("1900", "1957"), ("x", "1957")] {
        let problem = service.get(&format!("/v1/holidays/years/{year}")).send().await.problem(400, "invalid_parameter");
        assert!(problem["errors"][0]["detail"].as_str().unwrap().contains(hint), "{problem}");
    }
}

#[tokio::test]
async fn holidays_of_a_table_are_imported_and_the_service_moves_what_is_due_on_them() {
    let service = spawn_filled_at(noon("2026-12-09")).await;
    service.count_first_answers_in("working_days").await;
    service.take_back("2026-12-31").await;
    let given = service.report(&complaint()).await;
    let table = "\u{FEFF}date,name_th,name_en\r\n2026-12-31,วันสิ้นปี,New Year's Eve\r\n2027-01-04,วันหยุดพิเศษ,\r\n";
    assert_eq!(import::holidays(service.db(), table).await, Ok(2));
    assert_eq!(import::holidays(service.db(), table).await, Ok(0));
    due_days::run(&service.app).await.unwrap();
    let seen = service.look_up(&given["receipt"]).await.expect(200).json();
    assert_eq!(seen["first_answer"]["due_on"], "2027-01-05");
    let faulty = "date,name_th\n2569-12-31,วันสิ้นปี\n2026-11-30,วันหยุด\n";
    let fault = import::holidays(service.db(), faulty).await.unwrap_err();
    assert!(fault.starts_with("row 2: 2569-12-31") && !fault.contains("row 3"), "{fault}");
    let fault = import::holidays(service.db(), "day,name\n2026-11-30,วันหยุด\n").await.unwrap_err();
    assert!(fault.contains("date"), "{fault}");
    assert_eq!(service.faults_of_log().await, Vec::<String>::new());
}

/// All are due on the same day, as after a storm.
#[tokio::test]
async fn a_holiday_moves_what_is_due_in_thousands_of_cases() {
    const CASES: usize = 2_000;
    let service = spawn_filled_at(noon("2026-12-09")).await;
    service.count_first_answers_in("working_days").await;
    service.take_back("2026-12-31").await;
    service.report(&complaint()).await;
    let open = complaints::Entity::find().filter(complaints::Column::ClosedOn.is_null());
    let one = open.clone().filter(complaints::Column::FirstAnswerDueOn.eq(noon("2026-12-31").date_naive()));
    // What was due on the day before it was taken back, and what is due on it now.
    let next = open.clone().filter(complaints::Column::FirstAnswerDueOn.eq(noon("2027-01-04").date_naive()));
    let there = (next.clone().count(service.db().reader()).await.unwrap()
        + one.clone().count(service.db().reader()).await.unwrap()) as usize;
    let one = one.one(service.db().reader()).await.unwrap().unwrap();
    let vault = service.app.cases.vault.clone();
    let adding = service.db().write(&prongsai::audit_log::author::Author::program("test"), move |write| async move {
        let mut rows = Vec::new();
        for number in 0..CASES {
            let id = Uuid::now_v7();
            vault.begin(&write, &NewKey::of(id)?).await?;
            let reference = format!("T-{number}");
            rows.push(complaints::ActiveModel::from(complaints::Model { id, reference, ..one.clone() }));
        }
        for rows in rows.chunks(500) {
            complaints::Entity::insert_many(rows.to_vec()).exec_without_returning(&write).await?;
        }
        write.commit([], ())
    });
    adding.await.unwrap();
    service.create("/v1/holidays", &holiday("2026-12-31", "วันสิ้นปี")).await;
    assert_eq!(next.count(service.db().reader()).await.unwrap() as usize, CASES + there);
}

/// By hand: fifteen days after Wednesday 9 December 2026 is Thursday the 24th. After Friday the 11th it is a Saturday, so Monday the 28th is the last day.
/// After Wednesday the 16th it is New Year's Eve, then come New Year's Day and a weekend: 4 January. Fifteen working days after the 16th are 17 and 18,
/// 21 to 25 and 28 to 30 December and 4 to 8 January.
#[tokio::test]
async fn the_first_answer_is_due_in_the_days_of_the_law_unless_the_agency_promises_working_days() {
    let service = spawn_filled_at(noon("2026-12-09")).await;
    let mut given = serde_json::Value::Null;
    for (day, due_on, holidays) in [
        ("2026-12-09", "2026-12-24", json!([])),
        ("2026-12-11", "2026-12-28", json!([])),
        ("2026-12-16", "2027-01-04", json!(["2026-12-31", "2027-01-01"])),
    ] {
        service.go_on_to(day);
        given = service.report(&complaint()).await;
        let answer = &given["first_answer"];
        assert_eq!((&answer["due_on"], &answer["holidays"]), (&json!(due_on), &holidays));
        assert_eq!((&answer["calendar_days"], &answer["working_days"]), (&json!(15), &json!(null)));
        assert!(answer["legal_basis"].as_str().unwrap().contains("มาตรา 38"), "{answer}");
    }
    service.count_first_answers_in("working_days").await;
    let seen = service.look_up(&given["receipt"]).await.expect(200).json();
    assert_eq!((&seen["first_answer"], &seen["conclusion"]["legal_basis"]), (&given["first_answer"], &json!(null)));
    let promised = service.report(&complaint()).await["first_answer"].clone();
    assert_eq!((&promised["due_on"], &promised["legal_basis"]), (&json!("2027-01-08"), &json!(null)));
    assert_eq!((&promised["calendar_days"], &promised["working_days"]), (&json!(null), &json!(15)));
    assert_eq!(service.faults_of_log().await, Vec::<String>::new());
}
