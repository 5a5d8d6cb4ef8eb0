//! Days that are closed for bookings, and where the bookings go.

use prongsai::auth::scope::Role;
use serde_json::{Value, json};

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
        assert_eq!(last["action"], "reschedule");
        assert!(last["text"].as_str().unwrap().contains("งดให้บริการทั้งวัน: ฝนตกหนัก"), "{last}");
    }
    // It is not offered, and nobody gets it.
    assert!(service.days("tree-cutting").await.iter().all(|day| day["date"] != *first));
    let path = "/v1/e-services/tree-cutting/requests";
    let refused = service.post(path).once().json(&cutting(first)).send().await.problem(422, "validation_failed");
    assert_eq!(faults(&refused), [("#/booked_on".to_owned(), "fully_booked".to_owned())]);
    let again = officer.close_day(rain(first, "whole_day")).await.problem(409, "already_exists");
    assert_eq!(faults(&again)[0].0, "#/date");
    let reschedules =
        service.get("/v1/audit/events?action=reschedule").token(&service.token(Role::Auditor)).send().await;
    assert_eq!(reschedules.expect(200).json()["items"].as_array().unwrap().len(), 3);
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
    for (who, body, fault) in [
        (&officer, at("date", json!("2099-01-01")), ("#/date", "out_of_reach")),
        (&officer, at("date", json!("2569-01-01")), ("#/date", "not_plausible")),
        (&officer, at("move_to", days[5]["date"].clone()), ("#/move_to", "out_of_reach")),
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
