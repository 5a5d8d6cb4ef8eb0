//! Days that are closed for bookings, and where the bookings go.

use chrono::{TimeDelta, Weekday};
use entity::service_request::{ActiveModel, Column, Entity, Model};
use prongsai::audit_log::author::Author;
use prongsai::auth::scope::Role;
use prongsai::cases::{deadline, timeline};
use prongsai::domain::working_days::midnight;
use prongsai::e_services::requests::unconfirmed;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::audit::verified;
use crate::complaints::{Officer, open};
use crate::service_requests::cutting;
use crate::support::samples::holiday;
use crate::support::{Answer, faults};

impl Officer<'_> {
    async fn close_day(&self, body: Value) -> Answer {
        self.post("/v1/closed-days").json(&body).send().await
    }
}

/// Closes a day of tree cutting.
fn rain(day: &Value, part: &str) -> Value {
    json!({ "date": day, "part": part, "reason": "ฝนตกหนัก", "e_service": "tree-cutting" })
}

#[tokio::test]
async fn a_day_of_rain_moves_its_bookings_to_the_next_days_and_their_applicants_read_why() {
    let service = open().await;
    let officer = service.service_officer("somchai", &["public-works"]).await;
    let days = service.days("tree-cutting").await;
    let (first, second, third) = (&days[0]["date"], &days[1]["date"], &days[2]["date"]);
    let mut given = Vec::new();
    for day in [first, first, first, second, second] {
        given.push(service.ask_for("tree-cutting", &cutting(day)).await);
    }
    let due = given[0]["completion"]["due_on"].clone();
    let closed = officer.close_day(rain(first, "whole_day")).await.expect(201).json();
    assert_eq!(closed["e_service"], "tree-cutting");
    let moved: Vec<_> = closed["moved"].as_array().unwrap().iter().map(|one| &one["booked_on"]).collect();
    assert_eq!(moved, [second, third, third]);
    for (one, day) in given.iter().zip([second, third, third]) {
        let seen = service.look_up_request(&one["receipt"]).await.expect(200).json();
        assert_eq!((&seen["booked_on"], &seen["completion"]["due_on"]), (day, &due));
        let last = &seen["timeline"][0];
        assert_eq!(last["action"], "move_booking");
        assert!(last["text"].as_str().unwrap().contains("งดให้บริการทั้งวัน: ฝนตกหนัก"), "{last}");
    }
    // It is not offered, and nobody gets it.
    assert!(service.days("tree-cutting").await.iter().all(|day| day["date"] != *first));
    let path = "/v1/e-services/tree-cutting/requests";
    let refused = service.post(path).once().json(&cutting(first)).send().await.problem(422, "validation_failed");
    assert_eq!(faults(&refused), [("#/booked_on".to_owned(), "closed_day".to_owned())]);
    let closed_text = "งดให้บริการในวันที่เลือก (ฝนตกหนัก) โปรดเลือกวันอื่น";
    assert_eq!(refused["errors"][0]["detail"], closed_text);
    let found = officer.find_request(&given[0]).await;
    let back = json!({ "action": "reschedule", "booked_on": first, "text": "ขอวันเดิม" });
    let refused = officer.step_request(&found, back).await.problem(422, "validation_failed");
    assert_eq!(
        (&refused["errors"][0]["code"], &refused["errors"][0]["detail"]),
        (&json!("closed_day"), &json!(closed_text))
    );
    let again = officer.close_day(rain(first, "whole_day")).await.problem(409, "already_exists");
    assert_eq!(faults(&again)[0].0, "#/date");
    let moves = service.get("/v1/audit/events?action=move_booking").token(&service.token(Role::Auditor)).send().await;
    assert_eq!(moves.expect(200).json()["items"].as_array().unwrap().len(), 3);
    // Taken back, the day is offered again; what moved stays.
    let address = format!("/v1/closed-days/{}", closed["id"].as_str().unwrap());
    let read = service.get(&address).send().await.expect(200);
    assert!(read.json().as_object().unwrap().iter().all(|(name, value)| closed[name] == *value), "{closed}");
    let other = service.service_officer("other", &["clerk-office"]).await;
    let delete = |token: &str| service.delete(&address).token(token).header("If-Match", read.header("etag")).send();
    delete(&other.token).await.problem(404, "not_found");
    delete(&officer.token).await.expect(204);
    assert_eq!(service.days("tree-cutting").await[0], json!({ "date": first, "free_count": 3 }));
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

#[tokio::test]
async fn half_a_day_closes_half_of_the_places_and_moves_those_that_came_last() {
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    let days = service.days("tree-cutting").await;
    let (first, second) = (&days[0]["date"], &days[1]["date"]);
    let mut given = Vec::new();
    for _ in 0..3 {
        given.push(service.ask_for("tree-cutting", &cutting(first)).await);
    }
    // Two of three places in the morning; the last who asked goes first.
    let closed = officer.close_day(rain(first, "morning")).await.expect(201).json();
    let references: Vec<_> = closed["moved"].as_array().unwrap().iter().map(|one| &one["reference"]).collect();
    assert_eq!(references, [&given[1]["reference"], &given[2]["reference"]]);
    assert_eq!(service.free("tree-cutting", first).await, 0);
    let path = "/v1/e-services/tree-cutting/requests";
    let full = service.post(path).once().json(&cutting(first)).send().await.problem(422, "validation_failed");
    assert_eq!(faults(&full), [("#/booked_on".to_owned(), "fully_booked".to_owned())]);
    assert!(full["errors"][0]["detail"].as_str().unwrap().starts_with("งดให้บริการช่วงเช้าของวันที่เลือก (ฝนตกหนัก)"), "{full}");
    let closed = officer.close_day(rain(first, "afternoon")).await.expect(201).json();
    assert_eq!(closed["moved"][0]["booked_on"], *second);
    let list = service.all("/v1/closed-days?e_service=tree-cutting").await;
    assert_eq!(list.iter().map(|day| &day["part"]).collect::<Vec<_>>(), ["morning", "afternoon"]);
    let table = service.get("/v1/closed-days?format=csv").send().await.expect(200).text();
    assert!(table.contains("tree-cutting") && table.contains("ฝนตกหนัก"), "{table}");
}

#[tokio::test]
async fn what_does_not_fit_changes_nothing_and_says_how_many() {
    let service = open().await;
    let officer = service.service_officer("somchai", &["public-works"]).await;
    let days = service.days("tree-cutting").await;
    let (first, second) = (&days[0]["date"], &days[1]["date"]);
    for day in [first, first, second, second] {
        service.ask_for("tree-cutting", &cutting(day)).await;
    }
    let mut body = rain(first, "whole_day");
    body["move_to"] = second.clone();
    let problem = officer.close_day(body.clone()).await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/move_to".to_owned(), "fully_booked".to_owned())]);
    assert!(problem["errors"][0]["detail"].as_str().unwrap().contains("1 รายการ"), "{problem}");
    assert_eq!(service.free("tree-cutting", first).await, 1);
    assert!(service.all("/v1/closed-days").await.is_empty());
    // Two days at once: nothing goes from the one to the other.
    let batch = |query: &str, items: Value| {
        let path = format!("/v1/closed-days/batch{query}");
        officer.post(&path).json(&json!({ "items": items })).send()
    };
    let both = json!([rain(first, "whole_day"), rain(second, "whole_day")]);
    let planned = batch("?dry_run=true", both.clone()).await.expect(200).json();
    assert!(service.all("/v1/closed-days").await.is_empty());
    let closed = batch("", both.clone()).await.expect(201).json();
    for (index, day) in [(0, &days[2]["date"]), (1, &days[3]["date"])] {
        let moved = closed["items"][index]["moved"].as_array().unwrap();
        assert!(moved.len() == 2 && [day, &days[2]["date"]].contains(&&moved[0]["booked_on"]), "{closed}");
        assert_eq!(planned["items"][index]["moved"], closed["items"][index]["moved"]);
    }
    let problem = batch("", both).await.problem(409, "already_exists");
    assert_eq!(faults(&problem)[1], ("#/items/1/date".to_owned(), "already_exists".to_owned()));
    let at = |field: &str, value: Value| {
        let mut body = rain(&days[5]["date"], "whole_day");
        body[field] = value;
        body
    };
    let clerk = service.service_officer("clerk", &["clerk-office"]).await;
    let saturday = service.today().week(Weekday::Sat).first_day() + TimeDelta::days(7);
    for (who, body, fault) in [
        (&officer, at("date", json!("2099-01-01")), ("#/date", "out_of_reach")),
        (&officer, at("date", json!("2569-01-02")), ("#/date", "not_plausible")),
        (&officer, at("date", json!(saturday)), ("#/date", "not_a_working_day")),
        (&officer, at("move_to", days[5]["date"].clone()), ("#/move_to", "out_of_reach")),
        (&officer, at("reason", json!("เนื่องจาก [เหตุผล ข้อเท็จจริง และข้อกฎหมาย]")), ("#/reason", "missing_part")),
        (&officer, at("e_service", json!("tree-cuttin")), ("#/e_service", "unknown_e_service")),
        (&officer, at("e_service", json!("public-lighting")), ("#/e_service", "not_for_this")),
        (&clerk, at("part", json!("morning")), ("#/e_service", "not_your_unit")),
    ] {
        let problem = who.close_day(body.clone()).await.problem(422, "validation_failed");
        assert_eq!(faults(&problem), [(fault.0.to_owned(), fault.1.to_owned())], "{body}");
    }
}

#[tokio::test]
async fn bookings_on_a_day_that_became_a_holiday_are_listed_and_moved_by_closing_it() {
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    let days = service.days("tree-cutting").await;
    let (first, second) = (&days[0]["date"], &days[1]["date"]);
    let given = service.ask_for("tree-cutting", &cutting(first)).await;
    service.ask_for("tree-cutting", &cutting(second)).await;
    service.create("/v1/holidays", &holiday(first.as_str().unwrap(), "วันหยุดพิเศษ")).await;
    let listed = async |off: bool| {
        let list = officer.get(&format!("/v1/service-requests?booked_on_holiday={off}")).send().await;
        list.expect(200).json()["items"].as_array().unwrap().clone()
    };
    assert_eq!((listed(true).await.len(), listed(false).await.len()), (1, 1));
    assert_eq!(listed(true).await[0]["reference"], given["reference"]);
    let closed = officer.close_day(rain(first, "whole_day")).await.expect(201).json();
    assert_eq!(closed["moved"][0]["booked_on"], *second);
    assert!(listed(true).await.is_empty());
}

#[tokio::test]
async fn a_booking_that_is_moved_is_neither_confirmed_nor_handled_nor_answered() {
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    let days = service.days("tree-cutting").await;
    let given = service.ask_for("tree-cutting", &cutting(&days[8]["date"])).await;
    let id = officer.find_request(&given).await["id"].as_str().unwrap().parse().unwrap();
    service.say("service-requests", &given["receipt"]).await;
    let moved = officer.close_day(rain(&days[8]["date"], "whole_day")).await.expect(201).json();
    assert_eq!(moved["moved"][0]["booked_on"], days[9]["date"]);
    assert!(!timeline::is_handled(service.db().reader(), id).await.unwrap());
    assert_eq!(officer.work("?awaiting_office=true").await["counts"]["awaiting_office"], 1);
    // Nobody has accepted it within a working day.
    let calendar = deadline::calendar(service.db().reader()).await.unwrap();
    service.db().clock.set(midnight(calendar.after(service.today(), 2)) + TimeDelta::hours(12));
    unconfirmed::release(&service.app.cases).await.unwrap();
    let seen = service.look_up_request(&given["receipt"]).await.expect(200).json();
    assert_eq!((&seen["booked_on"], &seen["timeline"][0]["action"]), (&json!(null), &json!("release")));
    assert_eq!(officer.work("?awaiting_office=true").await["counts"]["awaiting_office"], 1);
}

#[tokio::test]
async fn bookings_are_moved_only_to_a_day_that_can_be_booked_also_where_there_are_none() {
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    let days = service.days("tree-cutting").await;
    let (first, off, closed) = (&days[0]["date"], &days[3]["date"], &days[4]["date"]);
    service.create("/v1/holidays", &holiday(off.as_str().unwrap(), "วันหยุดพิเศษ")).await;
    officer.close_day(rain(closed, "whole_day")).await.expect(201);
    let to = |day: &Value| {
        let mut body = rain(first, "whole_day");
        body["move_to"] = day.clone();
        body
    };
    let mut sunday: chrono::NaiveDate = first.as_str().unwrap().parse().unwrap();
    while chrono::Datelike::weekday(&sunday) != chrono::Weekday::Sun {
        sunday = sunday.succ_opt().unwrap();
    }
    for (day, code) in [
        (&json!(sunday), "not_a_working_day"),
        (off, "not_a_working_day"),
        (closed, "closed_day"),
        (&json!("2099-01-01"), "out_of_reach"),
    ] {
        let problem = officer.close_day(to(day)).await.problem(422, "validation_failed");
        assert_eq!(faults(&problem), [("#/move_to".to_owned(), code.to_owned())], "{day}");
    }
    let mut past = to(&json!(service.today()));
    past["date"] = json!(service.today().pred_opt());
    let problem = officer.close_day(past).await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/move_to".to_owned(), "out_of_reach".to_owned())]);
    // What the same batch closes is closed, too.
    let both = json!({ "items": [to(&days[1]["date"]), rain(&days[1]["date"], "whole_day")] });
    let problem = officer.post("/v1/closed-days/batch").json(&both).send().await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/items/0/move_to".to_owned(), "closed_day".to_owned())]);
}

#[tokio::test]
async fn bookings_of_other_units_are_moved_and_only_counted() {
    let service = open().await;
    let (officer, all) = (service.service_officer("somchai", &["public-works"]), service.service_officer("all", &[]));
    let (officer, all) = (officer.await, all.await);
    let days = service.days("tree-cutting").await;
    let first = &days[0]["date"];
    let forwarded = service.ask_for("tree-cutting", &cutting(first)).await;
    let own = service.ask_for("tree-cutting", &cutting(first)).await;
    let forward = json!({ "action": "forward", "unit": "clerk-office" });
    all.step_request(&all.find_request(&forwarded).await, forward).await.expect(200);
    let closed = officer.close_day(rain(first, "whole_day")).await.expect(201).json();
    let moved: Vec<_> = closed["moved"].as_array().unwrap().iter().map(|one| &one["reference"]).collect();
    assert_eq!((moved, &closed["moved_of_other_units_count"]), (vec![&own["reference"]], &json!(1)));
    let seen = service.look_up_request(&forwarded["receipt"]).await.expect(200).json();
    assert_eq!(seen["booked_on"], days[1]["date"]);
}

#[tokio::test]
async fn a_day_that_has_become_a_holiday_is_not_taken_back_by_reopening() {
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    let day = &service.days("tree-cutting").await[5]["date"];
    let given = service.ask_for("tree-cutting", &cutting(day)).await;
    let found = officer.find_request(&given).await;
    officer.step_request(&found, json!({ "action": "reject", "text": "ซ้ำ" })).await.expect(200);
    service.create("/v1/holidays", &holiday(day.as_str().unwrap(), "วันหยุดพิเศษ")).await;
    let again = officer.step_request(&found, json!({ "action": "reopen", "text": "ไม่ซ้ำ" })).await.expect(200).json();
    assert_eq!(again["booked_on"], json!(null));
}

#[tokio::test]
async fn who_is_booked_and_due_on_a_new_holiday_reads_that_the_day_will_be_told_anew() {
    let service = open().await;
    // A day so far ahead is also the due day.
    let day = &service.days("tree-cutting").await[40]["date"];
    let given = service.ask_for("tree-cutting", &cutting(day)).await;
    assert_eq!(given["completion"]["due_on"], *day);
    service.create("/v1/holidays", &holiday(day.as_str().unwrap(), "วันหยุดพิเศษ")).await;
    let seen = service.look_up_request(&given["receipt"]).await.expect(200).json();
    let text = seen["timeline"][0]["text"].as_str().unwrap();
    assert!(text.contains("วันนัดหมายเดิมเป็นวันหยุด เจ้าหน้าที่จะแจ้งวันนัดหมายใหม่"), "{text}");
}

#[tokio::test]
async fn at_most_500_bookings_are_moved_in_one_act() {
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    let first = service.days("tree-cutting").await[0]["date"].clone();
    service.ask_for("tree-cutting", &cutting(&first)).await;
    service.tamper(&["UPDATE e_service SET capacity = 1000 WHERE code = 'tree-cutting'"]).await;
    let booked =
        Entity::find().filter(Column::BookedOn.is_not_null()).one(service.db().reader()).await.unwrap().unwrap();
    let copy = move |number| Model { id: Uuid::now_v7(), reference: format!("T-{number}"), ..booked.clone() };
    let rows: Vec<_> = (0..500).map(|number| ActiveModel::from(copy(number))).collect();
    let adding = service.db().write(&Author::program("test"), move |write| async move {
        Entity::insert_many(rows).exec_without_returning(&write).await?;
        write.commit([], ())
    });
    adding.await.unwrap();
    let problem = officer.close_day(rain(&first, "whole_day")).await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/date".to_owned(), "too_many_at_once".to_owned())]);
    assert!(service.all("/v1/closed-days").await.is_empty());
}
