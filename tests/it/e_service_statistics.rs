//! Figures of service requests: held against a recount of the rows, against what they were, and against whoever wants to find
//! people in them.

use std::collections::BTreeMap;
use std::ops::{Range, RangeInclusive};

use chrono::Days;
use entity::e_service;
use entity::service_request::{Channel, Column, Entity, Model, Status};
use entity::texts::Texts;
use prongsai::audit_log::author::Author;
use prongsai::auth::scope::Role;
use prongsai::domain::fiscal_year::FiscalYear;
use prongsai::domain::working_days::bangkok_day;
use prongsai::e_services::requests::store;
use sea_orm::{ActiveEnum, ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, Iterable, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::complaint_statistics::{Numbers, unnamed};
use crate::complaints::open;
use crate::support::samples::lighting;
use crate::support::{Service, now};

impl Service {
    async fn e_service_figures(&self, query: &str, token: Option<&str>) -> Value {
        let request = self.get(&format!("/v1/statistics/e-services?{query}"));
        let figures = token.into_iter().fold(request, |request, token| request.token(token));
        unnamed(&figures.send().await.expect(200).json())
    }
}

/// A request of a fiscal year in some state or other.
fn some_request(numbers: &mut Numbers, year: i32, services: &[e_service::Model], id: Uuid) -> Model {
    let received_on = FiscalYear::stored(year).span().0 + Days::new(numbers.below(365));
    let status = numbers.of(&Status::iter().collect::<Vec<_>>());
    let closed = !matches!(
        status,
        Status::Received | Status::Accepted | Status::InProgress | Status::AwaitingApplicant | Status::Paused
    );
    let took = numbers.below(20);
    let service = numbers.of(services);
    Model {
        id,
        reference: id.to_string(),
        e_service_id: service.id,
        form_version: 1,
        channel: numbers.of(&Channel::iter().collect::<Vec<_>>()),
        status,
        status_before: None,
        fiscal_year: year,
        received_on,
        received_at: received_on.and_hms_opt(5, 0, 0).unwrap().and_utc(),
        entered_at: None,
        entered_by: None,
        register_no: None,
        unit_id: service.unit_id,
        assignee_id: None,
        working_days: service.working_days,
        clock_from: received_on,
        waiting_since: None,
        waited_days: 0,
        answer_due_on: None,
        reminder_on: None,
        due_before: None,
        due_on: (status != Status::AwaitingApplicant).then(|| received_on + Days::new(10)),
        holidays: Texts::default(),
        delay_explained_on: None,
        closed_on: closed.then(|| received_on + Days::new(took)),
        result_due_on: None,
        result_told_on: None,
        took: closed.then_some(took as i32),
        reopen_count: i32::from(numbers.below(9) == 0),
        rating: (status == Status::Completed && numbers.below(3) > 0).then(|| numbers.below(5) as i32 + 1),
        latitude: None,
        longitude: None,
        booked_on: None,
        public_note: None,
        formerly: Texts::default(),
        notices: Texts::default(),
        duplicate_of: None,
        continues: None,
        referral: None,
        on_hold: false,
        destroyed_on: None,
        content: Vec::new(),
        version: 1,
        updated_at: now(),
    }
}

/// Puts some requests into each of some years; each time most of those that are there move on.
async fn live(
    service: &Service,
    numbers: &mut Numbers,
    services: &[e_service::Model],
    years: RangeInclusive<i32>,
    there: &mut BTreeMap<i32, Vec<Model>>,
) {
    for year in years {
        let here = there.entry(year).or_default();
        let mut changed = Vec::new();
        for old in here.iter_mut() {
            if numbers.below(3) == 0 {
                continue;
            }
            let new = some_request(numbers, year, services, old.id);
            // It came when it came, for what it was for.
            let (received_on, e_service_id, unit_id) = (old.received_on, old.e_service_id, old.unit_id);
            *old = Model { received_on, e_service_id, unit_id, ..new };
            changed.push(old.clone());
        }
        let count = if numbers.below(4) == 0 { 0 } else { numbers.below(12) };
        let added: Vec<_> = (0..count).map(|_| some_request(numbers, year, services, Uuid::now_v7())).collect();
        here.extend(added.iter().cloned());
        let work = service.db().write(&Author::program("test"), |write| async move {
            for request in changed {
                let id = request.id;
                Entity::update(request.into_active_model().reset_all()).exec(&write).await?;
                store::written(&write, id).await?;
            }
            for request in added {
                let id = request.id;
                Entity::insert(request.into_active_model().reset_all()).exec_without_returning(&write).await?;
                store::written(&write, id).await?;
            }
            write.commit([], ())
        });
        work.await.unwrap();
    }
}

/// The figures of some rows, counted in the simplest way.
fn recounted(rows: &[&Model]) -> Value {
    let table = |names: &[&str], of: &dyn Fn(&Model) -> String, rows: &[&Model]| {
        let mut counts: BTreeMap<String, u64> = names.iter().map(|name| ((*name).to_owned(), 0)).collect();
        rows.iter().for_each(|row| *counts.entry(of(row)).or_default() += 1);
        counts.into_iter().map(|(value, total)| json!({ "value": value, "total": total })).collect::<Vec<_>>()
    };
    let finished: Vec<&Model> = rows.iter().copied().filter(|row| row.closed_on.is_some()).collect();
    let completed = rows.iter().filter(|row| row.status == Status::Completed);
    let mut done: Vec<(i32, bool)> = completed.map(|row| (row.took.unwrap(), row.closed_on <= row.due_on)).collect();
    done.sort_unstable();
    let rank = |percent: usize| done.get((done.len() * percent).div_ceil(100).max(1) - 1).map(|(days, _)| *days);
    let yes = done.iter().filter(|(_, in_time)| *in_time).count();
    let share = (!done.is_empty()).then(|| (yes as f64 * 10_000.0 / done.len() as f64).round() / 100.0);
    let ratings: Vec<i32> = rows.iter().filter_map(|row| row.rating).collect();
    let mean = f64::from(ratings.iter().sum::<i32>()) / ratings.len() as f64;
    let mean = (!ratings.is_empty()).then(|| (mean * 100.0).round() / 100.0);
    let late = |row: &&&Model| row.closed_on.is_none() && row.due_on.is_some_and(|day| day < bangkok_day(now()));
    let rating = |row: &Model| row.rating.map_or("none".to_owned(), |rating| rating.to_string());
    json!({
        "total": rows.len(),
        "finished_count": finished.len(),
        "in_progress_count": rows.len() - finished.len(),
        "breakdown": {
            "total": rows.len(),
            "finished_count": finished.len(),
            "by_channel": table(&["web", "phone", "walk_in", "letter", "other"], &|row| row.channel.to_value(), rows),
            "by_result": table(&["cancelled", "completed", "converted", "referred", "rejected"], &|row| row.status.to_value(), &finished),
            "by_rating": table(&["1", "2", "3", "4", "5"], &rating, &finished),
            "completion": { "median_days": rank(50), "percentile_90_days": rank(90), "in_time_percent": share },
            "satisfaction": { "mean": mean, "rating_count": ratings.len() },
            "overdue_count": rows.iter().filter(late).count(),
            "reopened_count": rows.iter().filter(|row| row.reopen_count > 0).count(),
        },
    })
}

/// What figures say that a recount says, too.
fn told(figures: &Value) -> Value {
    let names = ["total", "finished_count", "in_progress_count", "breakdown"];
    names.map(|name| (name.to_owned(), figures[name].clone())).into_iter().collect()
}

/// Rows of some months and of an e-service, or of all.
fn some_of(rows: &[Model], year: i32, months: Range<u32>, service: Option<Uuid>) -> Vec<&Model> {
    let first = FiscalYear::stored(year).months(months.start, 1).0;
    let last = FiscalYear::stored(year).months(months.end - 1, 1).1;
    let is_in = |row: &&Model| first <= row.received_on && row.received_on <= last;
    rows.iter().filter(is_in).filter(|row| service.is_none_or(|id| row.e_service_id == id)).collect()
}

#[tokio::test]
async fn figures_are_what_a_recount_gives_and_stay_what_they_were_and_nobody_is_found_in_them() {
    compare_with_a_recount(0..1, 2550..=2569).await;
}

#[tokio::test]
#[ignore = "takes minutes; `make judge` runs it"]
async fn the_same_is_true_of_a_thousand_years_and_five() {
    compare_with_a_recount(0..15, 2500..=2566).await;
}

/// Each round is a database of its own, in which each year has requests of its own.
async fn compare_with_a_recount(rounds: Range<u64>, years: RangeInclusive<i32>) {
    for round in rounds {
        let service = open().await;
        service.record_from(json!({ "service_requests": "1956-10-01" })).await;
        let auditor = service.token(Role::Auditor);
        let mut services = e_service::Entity::find().all(service.db().reader()).await.unwrap();
        services.sort_by(|a, b| a.code.cmp(&b.code));
        let (mut numbers, mut there) = (Numbers(round), BTreeMap::new());
        live(&service, &mut numbers, &services, years.clone(), &mut there).await;
        let (at, mut then) = (service.now(), BTreeMap::new());
        for year in years.clone() {
            let figures = service.e_service_figures(&format!("fiscal_year={year}"), Some(&auditor)).await;
            then.insert(year, figures["current"].clone());
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        live(&service, &mut numbers, &services, years.clone(), &mut there).await;
        // To the public, tables are of when the day began.
        service.tamper(&["UPDATE case_tally SET day = '2000-01-01'"]).await;
        let mut hidden = 0;
        for year in years.clone() {
            let asked = format!("fiscal_year={year}&period=month");
            let now = service.e_service_figures(&asked, Some(&auditor)).await;
            let rows = Entity::find().filter(Column::FiscalYear.eq(year)).all(service.db().reader()).await.unwrap();
            let of_each = services.iter().map(|service| (Some(service.id), &now["current"]["by_service"]));
            let of_each = of_each.enumerate().map(|(index, (id, all))| (id, &all[index]));
            for (id, figures) in [(None, &now["current"])].into_iter().chain(of_each) {
                assert_eq!(told(figures), recounted(&some_of(&rows, year, 0..12, id)), "{year}");
                for month in 0..12 {
                    let counted = recounted(&some_of(&rows, year, month..month + 1, id));
                    assert_eq!(told(&figures["periods"][month as usize]), counted, "{year} month {month}");
                }
            }
            if let Some(before) = there.get(&(year - 1)) {
                let before: Vec<&Model> = before.iter().collect();
                assert_eq!(told(&now["previous"]), recounted(&before), "before {year}");
            }
            let asked = format!("fiscal_year={year}&as_of={}", at.to_rfc3339().replace("+00:00", "Z"));
            assert_eq!(
                service.e_service_figures(&asked, Some(&auditor)).await["current"],
                then[&year],
                "{year} as it was"
            );
            let public = service.e_service_figures(&format!("fiscal_year={year}"), None).await;
            let all = &public["current"];
            assert_eq!(all["total"], now["current"]["total"]);
            assert!(public["current"]["by_service"].as_array().unwrap().iter().all(|one| one["breakdown"].is_null()));
            for table in ["by_channel", "by_result", "by_rating"] {
                let cells: Vec<_> =
                    all["breakdown"][table].as_array().into_iter().flatten().map(|cell| &cell["total"]).collect();
                hidden += cells.iter().filter(|total| total.is_null()).count() + usize::from(cells.is_empty());
                assert!(cells.iter().all(|total| total.as_u64().is_none_or(|total| total == 0 || total > 4)), "{all}");
            }
            // The mean and the number of ratings are two equations more for what is hidden.
            let ratings = all["breakdown"]["by_rating"].as_array();
            let is_shown = ratings.is_some_and(|cells| cells.iter().all(|cell| !cell["total"].is_null()));
            let satisfaction = &all["breakdown"]["satisfaction"];
            assert!(is_shown || (satisfaction["mean"].is_null() && satisfaction["rating_count"].is_null()), "{all}");
        }
        assert!(hidden > years.clone().count() / 2, "only {hidden} cells were hidden: the test tests nothing");
    }
}

#[tokio::test]
async fn the_figures_move_with_a_request_and_its_rating() {
    let service = open().await;
    let (auditor, officer) = (service.token(Role::Auditor), service.service_officer("somchai", &[]).await);
    let year = FiscalYear::at(service.now()).unwrap();
    let figures = async || service.e_service_figures(&format!("fiscal_year={year}"), None).await["current"].clone();
    let three =
        |figures: &Value| ["total", "finished_count", "in_progress_count"].map(|name| figures[name].as_u64().unwrap());
    let given = service.ask_for("public-lighting", &lighting()).await;
    assert_eq!((three(&figures().await), three(&figures().await["by_service"][2])), ([1, 0, 1], [1, 0, 1]));
    assert_eq!(
        (figures().await["by_service"][2]["value"].clone(), three(&figures().await["by_service"][0])),
        (json!("public-lighting"), [0, 0, 0])
    );
    officer.complete(&officer.find_request(&given).await).await;
    assert_eq!(three(&figures().await), [1, 1, 0]);
    service.rate(&given["receipt"], 4).await.expect(200);
    let exact = service.e_service_figures(&format!("fiscal_year={year}"), Some(&auditor)).await;
    let lighting = &exact["current"]["by_service"][2]["breakdown"];
    assert_eq!(lighting["satisfaction"], json!({ "mean": 4.0, "rating_count": 1 }));
    assert_eq!(lighting["completion"], json!({ "median_days": 0, "percentile_90_days": 0, "in_time_percent": 100.0 }));
    assert_eq!(lighting["by_channel"][4], json!({ "value": "web", "total": 1 }));
    let table = service.get(&format!("/v1/statistics/e-services?fiscal_year={year}&period=half&format=csv"));
    let table = table.token(&auditor).send().await.expect(200).text();
    for line in [
        ",public-lighting,".to_owned(),
        ",satisfaction_mean,,,,4,".to_owned(),
        format!("{0},,,year,{0},", year.before()),
    ] {
        assert!(table.contains(&line), "{line} is not in {table}");
    }
    // The public is told of when the tables are.
    let path = format!("/v1/statistics/e-services?fiscal_year={year}");
    let midnight = format!("{}T17:00:00Z", service.today().pred_opt().unwrap());
    let public = service.get(&path).send().await.expect(200).json();
    assert_eq!((&public["current"]["breakdown"]["as_of"], &public["as_of"]), (&json!(midnight), &json!(null)));
    let table = service.get(&format!("{path}&format=csv")).send().await.expect(200).text();
    // Tables have the clock of Bangkok.
    assert!(table.contains(&format!(",breakdown_as_of,,,,,{}T00:00:00+07:00", service.today())), "{table}");
}
