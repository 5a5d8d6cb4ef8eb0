//! Figures of complaints: held against a recount of the rows, against what they were, and against whoever wants to find people
//! in them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Range, RangeInclusive};

use chrono::{Days, NaiveDate, TimeDelta};
use entity::agency::DayCount;
use entity::complaint::{Channel, Entity, Kind, Model, Outcome, Status};
use entity::texts::Texts;
use entity::{complaint_category, unit};
use prongsai::audit_log::author::Author;
use prongsai::auth::scope::Role;
use prongsai::complaints::store;
use prongsai::db::Write;
use prongsai::domain::fiscal_year::FiscalYear;
use prongsai::domain::working_days::bangkok_day;
use sea_orm::{ActiveEnum, ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, Iterable, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::complaints::open;
use crate::support::samples::complaint;
use crate::support::{Service, faults, now, spawn_unused_at};

/// Numbers that look random and are the same every time (Knuth's MMIX).
pub struct Numbers(pub u64);

impl Numbers {
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    pub fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize].clone()
    }
}

impl Service {
    async fn figures(&self, query: &str, token: Option<&str>) -> Value {
        let request = self.get(&format!("/v1/statistics/complaints?{query}"));
        let figures = token.into_iter().fold(request, |request, token| request.token(token));
        groups(&figures.send().await.expect(200).json())
    }

    /// All complaints of corruption and misconduct of this month, those finished and those in progress.
    pub async fn figures_of_the_month(&self) -> [u64; 3] {
        let today = self.today();
        let year = FiscalYear::of(today).unwrap();
        let auditor = self.token(Role::Auditor);
        let figures =
            self.figures(&format!("fiscal_year={year}&period=month"), Some(&auditor)).await["integrity"].clone();
        let is_now = |period: &&Value| {
            let day = |name: &str| period[name].as_str().unwrap().parse::<NaiveDate>().unwrap();
            day("starts_on") <= today && today <= day("ends_on")
        };
        let period = figures["periods"].as_array().unwrap().iter().find(is_now).unwrap();
        ["total", "finished_count", "in_progress_count"].map(|name| period[name].as_u64().unwrap())
    }
}

/// The groups of complaints of a year by their codes, without the names of values.
pub fn groups(statistics: &Value) -> Value {
    let current = unnamed(&statistics["current"]);
    let groups = current["by_group"].as_array().unwrap().iter();
    let mut groups: Value = groups.map(|group| (group["value"].as_str().unwrap().to_owned(), group.clone())).collect();
    groups["as_of"] = statistics["as_of"].clone();
    groups
}

/// Figures without the names of values and the instants of breakdowns, which a recount does not know.
pub fn unnamed(figures: &Value) -> Value {
    match figures {
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(name, _)| !["label", "as_of"].contains(&&***name));
            fields.map(|(name, value)| (name.clone(), unnamed(value))).collect()
        }
        Value::Array(items) => items.iter().map(unnamed).collect(),
        other => other.clone(),
    }
}

/// What complaints can be filed under.
struct Files {
    categories: Vec<complaint_category::Model>,
    units: Vec<unit::Model>,
}

/// A complaint of a fiscal year in some state or other.
fn some_complaint(numbers: &mut Numbers, year: i32, files: &Files, id: Uuid) -> Model {
    let (first, _) = FiscalYear::stored(year).span();
    let received_on = first + Days::new(numbers.below(365));
    let status = numbers.of(&Status::iter().collect::<Vec<_>>());
    let closed = matches!(status, Status::Concluded | Status::Rejected | Status::Withdrawn | Status::Converted);
    let took = numbers.below(90);
    // Few categories and units are common, as in life.
    let most = |count: usize, numbers: &mut Numbers| (numbers.below(count as u64) * numbers.below(2)) as usize;
    let category = &files.categories[most(files.categories.len(), numbers)];
    let answered = status != Status::Received;
    let closed_on = closed.then(|| received_on + Days::new(took));
    Model {
        id,
        reference: id.to_string(),
        kind: category.kind,
        category_id: category.id,
        channel: numbers.of(&[Channel::Web, Channel::Web, Channel::Web, Channel::Phone, Channel::Letter]),
        status,
        outcome: (status == Status::Concluded).then(|| numbers.of(&Outcome::iter().collect::<Vec<_>>())),
        fiscal_year: year,
        received_on,
        received_at: received_on.and_hms_opt(5, 0, 0).unwrap().and_utc(),
        entered_at: None,
        entered_by: None,
        register_no: None,
        unit_id: (numbers.below(3) > 0).then(|| files.units[most(files.units.len(), numbers)].id),
        assignee_id: None,
        accused_unit_id: None,
        recused: Texts::default(),
        recusal_proposal: None,
        withdrawal_requested_on: None,
        first_answer_days: 15,
        first_answer_counted: DayCount::CalendarDays,
        first_answer_due_on: received_on + Days::new(20),
        first_answer_holidays: Texts::default(),
        first_answered_on: answered.then(|| received_on + Days::new(took / 2)),
        first_answer_took: answered.then_some((took / 2) as i32),
        conclusion_days: 60,
        clock_from: received_on,
        waiting_since: None,
        conclusion_due_before: None,
        waited_days: 0,
        conclusion_due_on: (status != Status::AwaitingReporter).then(|| received_on + Days::new(80)),
        conclusion_holidays: Texts::default(),
        closed_on,
        conclusion_took: closed.then_some(took as i32),
        reopen_count: i32::from(numbers.below(9) == 0),
        anonymous: true,
        formerly: Texts::default(),
        notices: Texts::default(),
        duplicate_of: None,
        continues: None,
        referral: None,
        reopening_requested_on: None,
        rating: None,
        on_hold: false,
        destroyed_on: None,
        subject: Vec::new(),
        report: Vec::new(),
        version: 1,
        updated_at: now(),
    }
}

async fn add(write: &Write, complaint: Model) {
    let id = complaint.id;
    Entity::insert(complaint.into_active_model().reset_all()).exec_without_returning(write).await.unwrap();
    store::written(write, id).await.unwrap();
}

async fn change(write: &Write, complaint: Model) {
    let id = complaint.id;
    Entity::update(complaint.into_active_model().reset_all()).exec(write).await.unwrap();
    store::written(write, id).await.unwrap();
}

/// Puts some complaints into each of some years; each time most of those that are there move on.
async fn live(
    service: &Service,
    numbers: &mut Numbers,
    files: &Files,
    years: RangeInclusive<i32>,
    ids: &mut BTreeMap<i32, Vec<Uuid>>,
) {
    for year in years {
        let here = ids.entry(year).or_default();
        let mut changed: Vec<Model> = Vec::new();
        for id in here.iter() {
            if numbers.below(3) > 0 {
                changed.push(some_complaint(numbers, year, files, *id));
            }
        }
        // Some years are empty, some are full.
        let count = if numbers.below(4) == 0 { 0 } else { numbers.below(12) };
        let added: Vec<_> = (0..count).map(|_| some_complaint(numbers, year, files, Uuid::now_v7())).collect();
        here.extend(added.iter().map(|complaint| complaint.id));
        let work = service.db().write(&Author::program("test"), |write| async move {
            for mut complaint in changed {
                // It came when it came.
                let there = Entity::find_by_id(complaint.id).one(&write).await.unwrap().unwrap();
                complaint.received_on = there.received_on;
                change(&write, complaint).await;
            }
            for complaint in added {
                add(&write, complaint).await;
            }
            write.commit([], ())
        });
        work.await.unwrap();
    }
}

/// Whether the first answer or the conclusion of an open complaint is late today.
fn is_late(row: &Model) -> bool {
    let is_over = |day: NaiveDate| day < bangkok_day(now());
    let answer = row.first_answered_on.is_none() && is_over(row.first_answer_due_on);
    row.closed_on.is_none() && (answer || row.conclusion_due_on.is_some_and(is_over))
}

/// The figures of one sort, counted from the rows, in the simplest way.
fn recounted(rows: &[Model], files: &Files, kinds: [Kind; 2], months: Range<u32>, year: i32) -> Value {
    let ours: Vec<&Model> = rows
        .iter()
        .filter(|row| kinds.contains(&row.kind))
        .filter(|row| {
            let first = FiscalYear::stored(year).months(months.start, 1).0;
            let last = FiscalYear::stored(year).months(months.end - 1, 1).1;
            first <= row.received_on && row.received_on <= last
        })
        .collect();
    let table = |names: Vec<String>, of: &dyn Fn(&Model) -> String, rows: &[&Model]| {
        let mut counts: BTreeMap<String, u64> = names.into_iter().map(|name| (name, 0)).collect();
        rows.iter().for_each(|row| *counts.entry(of(row)).or_default() += 1);
        counts.into_iter().map(|(value, total)| json!({ "value": value, "total": total })).collect::<Vec<_>>()
    };
    let category = |row: &Model| files.categories.iter().find(|it| it.id == row.category_id).unwrap().code.clone();
    let unit = |row: &Model| match row.unit_id {
        Some(id) => files.units.iter().find(|it| it.id == id).unwrap().code.clone(),
        None => "none".to_owned(),
    };
    let outcome = |row: &Model| row.outcome.map_or(row.status.to_value(), |outcome| outcome.to_value());
    let finished: Vec<&Model> = ours.iter().copied().filter(|row| row.closed_on.is_some()).collect();
    let days = |took: &dyn Fn(&Model) -> Option<(i32, bool)>| {
        let mut done: Vec<(i32, bool)> = ours.iter().filter_map(|row| took(row)).collect();
        done.sort_unstable();
        let rank = |percent: usize| done.get((done.len() * percent).div_ceil(100).max(1) - 1).map(|(days, _)| *days);
        let yes = done.iter().filter(|(_, in_time)| *in_time).count();
        let share = (!done.is_empty()).then(|| (yes as f64 * 10_000.0 / done.len() as f64).round() / 100.0);
        json!({ "median_days": rank(50), "percentile_90_days": rank(90), "in_time_percent": share })
    };
    let codes = files.categories.iter().filter(|category| kinds.contains(&category.kind));
    let units = files.units.iter().map(|unit| unit.code.clone()).chain(["none".to_owned()]).collect();
    let ends = ["substantiated", "unsubstantiated", "referred", "noted", "rejected", "withdrawn", "converted"]
        .map(str::to_owned)
        .to_vec();
    json!({
        "total": ours.len(),
        "finished_count": finished.len(),
        "in_progress_count": ours.len() - finished.len(),
        "breakdown": {
            "total": ours.len(),
            "finished_count": finished.len(),
            "by_category": table(codes.map(|category| category.code.clone()).collect(), &category, &ours),
            "by_channel": table(Channel::iter().map(|it| it.to_value()).collect(), &|row| row.channel.to_value(), &ours),
            "by_unit": table(units, &unit, &ours),
            "by_result": table(ends, &outcome, &finished),
            "first_answer": days(&|row| {
                let day = row.first_answered_on?;
                Some((row.first_answer_took?, day <= row.first_answer_due_on))
            }),
            "conclusion": days(&|row| {
                let concluded = matches!(row.status, Status::Concluded | Status::Rejected);
                let day = row.closed_on.filter(|_| concluded)?;
                Some((row.conclusion_took?, day <= row.conclusion_due_on?))
            }),
            "overdue_count": ours.iter().filter(|row| is_late(row)).count(),
            "reopened_count": ours.iter().filter(|row| row.reopen_count > 0).count(),
        },
    })
}

/// The counts that are hidden, and the equations that all public tables of a year give for them.
fn equations(public: &Value, exact: &Value) -> (Vec<String>, Vec<(BTreeSet<usize>, i64)>) {
    let (mut hidden, mut equations) = (Vec::new(), Vec::new());
    for sort in ["integrity", "general"] {
        for (table, whole) in
            [("by_category", "total"), ("by_channel", "total"), ("by_unit", "total"), ("by_result", "finished_count")]
        {
            // Of a table that is withheld the sum is known as well.
            let shown = public[sort]["breakdown"][table].as_array();
            let cells = shown.or(exact[sort]["breakdown"][table].as_array()).unwrap();
            let (mut unknown, mut rest) = (BTreeSet::new(), public[sort]["breakdown"][whole].as_i64().unwrap());
            for cell in cells {
                match cell["total"].as_i64().filter(|_| shown.is_some()) {
                    Some(count) => rest -= count,
                    None => {
                        unknown.insert(hidden.len());
                        hidden.push(format!("{sort} {table} {}", cell["value"]));
                    }
                }
            }
            equations.push((unknown, rest));
        }
    }
    (hidden, equations)
}

/// How many complaints have a figure of days.
fn cases_of(rows: &[Model], sort: &str, figure: &str) -> i64 {
    let is_of = |row: &&Model| matches!(row.kind, Kind::Corruption | Kind::Misconduct) == (sort == "integrity");
    let concluded = |row: &&Model| matches!(row.status, Status::Concluded | Status::Rejected);
    let has = |row: &&Model| if figure == "conclusion" { concluded(row) } else { row.first_answered_on.is_some() };
    rows.iter().filter(is_of).filter(has).count() as i64
}

/// The unknowns that have one solution only. Every unknown is in one equation, of all its table, and none is negative.
fn solved(equations: &[(BTreeSet<usize>, i64)]) -> Vec<usize> {
    let tells = |(unknown, rest): &&(BTreeSet<usize>, i64)| unknown.len() == 1 || *rest == 0;
    equations.iter().filter(tells).flat_map(|(unknown, _)| unknown.iter().copied()).collect()
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

/// Each round is a database of its own, in which each year has complaints of its own.
async fn compare_with_a_recount(rounds: Range<u64>, years: RangeInclusive<i32>) {
    for round in rounds {
        let service = open().await;
        let now = service.now();
        // The public's figures are of the last midnight.
        service.db().clock.set(now - TimeDelta::days(1));
        service.record_from(json!({ "integrity": "1956-10-01", "general": "1956-10-01" })).await;
        service.db().clock.set(now);
        let auditor = service.token(Role::Auditor);
        let reader = service.db().reader();
        let files = Files {
            categories: complaint_category::Entity::find().all(reader).await.unwrap(),
            units: unit::Entity::find().all(reader).await.unwrap(),
        };
        let (mut numbers, mut ids) = (Numbers(round), BTreeMap::new());
        live(&service, &mut numbers, &files, years.clone(), &mut ids).await;
        let year_of = |year: i32| format!("fiscal_year={year}");
        let (at, mut then) = (service.now(), BTreeMap::new());
        for year in years.clone() {
            then.insert(year, service.figures(&year_of(year), Some(&auditor)).await);
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        live(&service, &mut numbers, &files, years.clone(), &mut ids).await;
        let mut hidden_cells = 0;
        // To the public, tables are of when the day began.
        service.tamper(&["UPDATE case_tally SET day = '2000-01-01'"]).await;
        for year in years.clone() {
            let now = service.figures(&format!("{}&period=month", year_of(year)), Some(&auditor)).await;
            let rows = Entity::find().filter(entity::complaint::Column::FiscalYear.eq(year));
            let rows = rows.all(reader).await.unwrap();
            for (sort, kinds) in
                [("integrity", [Kind::Corruption, Kind::Misconduct]), ("general", [Kind::Service, Kind::Feedback])]
            {
                let told = |figures: &Value| {
                    let names = ["total", "finished_count", "in_progress_count", "breakdown"];
                    names.map(|name| (name.to_owned(), figures[name].clone())).into_iter().collect::<Value>()
                };
                assert_eq!(told(&now[sort]), recounted(&rows, &files, kinds, 0..12, year), "{year} {sort}");
                for month in 0..12 {
                    let period = &now[sort]["periods"][month as usize];
                    let counted = recounted(&rows, &files, kinds, month..month + 1, year);
                    assert_eq!(told(period), counted, "{year} {sort} month {month}");
                }
            }
            let asked = format!("{}&as_of={}", year_of(year), at.to_rfc3339().replace("+00:00", "Z"));
            let mut was = service.figures(&asked, Some(&auditor)).await;
            was["as_of"] = json!(null);
            // What is entered later is not known of then, so nothing is said of an earlier instant.
            let figures = |mut of: Value| {
                for group in ["integrity", "general"] {
                    let group = of[group].as_object_mut().unwrap();
                    group.retain(|name, _| !["none_received", "statement"].contains(&&**name));
                }
                of
            };
            assert_eq!(figures(was), figures(then[&year].clone()), "{year} as it was");
            let public = service.figures(&year_of(year), None).await;
            for figure in ["first_answer", "conclusion"] {
                // A share tells of how many it is: of the others there are none, or enough.
                for sort in ["integrity", "general"] {
                    let (detail, whole) =
                        (&public[sort]["breakdown"], if figure == "conclusion" { "finished_count" } else { "total" });
                    let others = now[sort][whole].as_i64().unwrap() - cases_of(&rows, sort, figure);
                    let shown =
                        !detail[figure]["in_time_percent"].is_null() || !detail[figure]["median_days"].is_null();
                    assert!(!shown || others == 0 || others >= 5, "{year}: {figure} in {detail}");
                }
            }
            let (hidden, equations) = equations(&public, &now);
            hidden_cells += hidden.len();
            let solved: Vec<_> = solved(&equations).into_iter().map(|cell| &hidden[cell]).collect();
            assert!(solved.is_empty(), "{year}: {solved:?} in {public}");
            for sort in ["integrity", "general"] {
                let detail = &public[sort]["breakdown"];
                let Some(overdue) = detail["overdue_count"].as_u64() else { continue };
                let open = detail["total"].as_u64().unwrap() - detail["finished_count"].as_u64().unwrap();
                assert!(![overdue, open - overdue].iter().any(|count| (1..5).contains(count)), "{year}: {detail}");
            }
            let small = |cell: &Value| cell["total"].as_i64().is_some_and(|count| (1..5).contains(&count));
            let tables = ["by_category", "by_channel", "by_unit", "by_result"];
            let cells = ["integrity", "general"].map(|sort| tables.map(|table| &public[sort]["breakdown"][table]));
            let cells = cells.iter().flatten().flat_map(|table| table.as_array().into_iter().flatten());
            assert!(!cells.into_iter().any(small), "{public}");
        }
        assert!(
            hidden_cells > years.clone().count() * 5,
            "only {hidden_cells} cells were hidden: the test tests nothing"
        );
    }
}

#[tokio::test]
async fn the_figures_of_the_month_move_with_a_complaint() {
    let service = open().await;
    let auditor = service.token(Role::Auditor);
    let year = FiscalYear::at(service.now()).unwrap();
    assert_eq!(service.figures_of_the_month().await, [0, 0, 0]);
    let given = service.report(&complaint()).await;
    assert_eq!(service.figures_of_the_month().await, [1, 0, 1]);
    service.withdraw(&given).await;
    assert_eq!(service.figures_of_the_month().await, [1, 1, 0]);
    let detail =
        service.figures(&format!("fiscal_year={year}"), Some(&auditor)).await["integrity"]["breakdown"].clone();
    assert_eq!(detail["by_result"][6], json!({ "value": "withdrawn", "total": 1 }));
    // The public sees the figures of the last midnight, and one is too few to see more of it.
    let detail = async || service.figures(&format!("fiscal_year={year}"), None).await["integrity"]["breakdown"].clone();
    assert_eq!(detail().await["total"], 0);
    service.db().clock.set(service.now() + TimeDelta::days(1));
    service.db().load_revisions().await.unwrap();
    let detail = detail().await;
    assert_eq!(detail["total"], 1);
    assert_eq!((&detail["by_result"], &detail["by_category"]), (&json!(null), &json!(null)));
}

#[tokio::test]
async fn a_year_without_complaints_says_so() {
    let service = open().await;
    let figures = service.figures("fiscal_year=2567", None).await;
    assert_eq!((&figures["integrity"]["none_received"], &figures["integrity"]["total"]), (&json!(true), &json!(0)));
    assert_eq!(figures["integrity"]["coverage"], "recorded");
    let statement = figures["integrity"]["statement"].as_str().unwrap();
    let said = "ในปีงบประมาณ พ.ศ. 2567 (1 ตุลาคม 2566 ถึง 30 กันยายน 2567) \
                เทศบาลเมืองชัยนาทไม่มีเรื่องร้องเรียนการทุจริตและประพฤติมิชอบของเจ้าหน้าที่";
    let yesterday = prongsai::domain::thai::date(service.today().pred_opt().unwrap());
    assert_eq!(statement, format!("{said} (ข้อมูล ณ สิ้นวันที่ {yesterday})"));
    let table = service.get("/v1/statistics/complaints?fiscal_year=2567&period=quarter&format=csv").send().await;
    let table = table.expect(200).text();
    for line in [
        "2567,integrity,การทุจริตและประพฤติมิชอบ,quarter,2567-Q1,ไตรมาสที่ 1,2023-10-01,2023-12-31,total,,,,0,",
        ",none_received,,,,,true",
        statement,
    ] {
        assert!(table.contains(line), "{line} is not in {table}");
    }
    service.get("/v1/statistics/complaints?fiscal_year=2567&format=xlsx").send().await.expect(200);
}

#[tokio::test]
async fn nothing_is_said_of_what_was_not_recorded_or_is_to_come() {
    let service = open().await;
    // Whatever the log has of it.
    service.report(&complaint()).await;
    service.run("UPDATE case_tally SET fiscal_year = 2566, month = 3, day = '2000-01-01'").await;
    for (year, coverage) in [(2566, "not_recorded"), (2600, "to_come")] {
        let path = format!("/v1/statistics/complaints?fiscal_year={year}&period=month");
        let statistics = service.get(&path).send().await.expect(200).json();
        assert_eq!(statistics["current"]["total"], json!(null));
        for group in statistics["current"]["by_group"].as_array().unwrap() {
            for figures in [group].into_iter().chain(group["periods"].as_array().unwrap()) {
                assert_eq!(figures["coverage"], coverage);
                for name in ["total", "finished_count", "in_progress_count", "breakdown", "recorded_from"] {
                    assert_eq!(figures[name], json!(null), "{year}: {name}");
                }
            }
            assert_eq!((&group["none_received"], &group["statement"]), (&json!(null), &json!(null)));
        }
        let csv = service.get(&format!("{path}&format=csv")).send().await.expect(200).text();
        let of_year = csv.lines().filter(|line| line.starts_with(&format!("{year},integrity,"))).collect::<Vec<_>>();
        let blank = of_year.iter().filter(|line| line.ends_with(",total,,,,,")).count();
        assert_eq!((blank, of_year.iter().any(|line| line.ends_with(&format!(",{coverage}")))), (13, true), "{csv}");
    }
}

#[tokio::test]
async fn the_year_that_runs_says_until_which_day() {
    let service = spawn_unused_at("2024-04-24T03:00:00Z".parse().unwrap()).await;
    service.record_from(json!({ "general": "2024-01-01" })).await;
    let figures = service.figures("fiscal_year=2567&period=month", None).await;
    let said = "ตั้งแต่วันที่ 1 ตุลาคม 2566 ถึงวันที่ 23 เมษายน 2567 \
                เทศบาลเมืองชัยนาทไม่มีเรื่องร้องเรียนการทุจริตและประพฤติมิชอบของเจ้าหน้าที่ (ข้อมูล ณ สิ้นวันที่ 23 เมษายน 2567)";
    let [integrity, general] = ["integrity", "general"].map(|group| &figures[group]);
    assert_eq!((&integrity["coverage"], &integrity["statement"]), (&json!("until"), &json!(said)));
    assert_eq!((&general["recorded_from"], &general["recorded_until"]), (&json!("2024-01-01"), &json!("2024-04-23")));
    let periods = general["periods"].as_array().unwrap();
    let coverage: Vec<_> = periods.iter().map(|period| period["coverage"].as_str().unwrap()).collect();
    let (before, after) = (["not_recorded"; 3], ["to_come"; 5]);
    assert_eq!(coverage, [&before[..], &["recorded", "recorded", "recorded", "until"][..], &after[..]].concat()[..12]);
    // An auditor sees today as well, and what was on the last day of another time.
    let auditor = service.token(Role::Auditor);
    let until = async |query: &str| {
        service.figures(query, Some(&auditor)).await["integrity"]["recorded_until"].as_str().unwrap().to_owned()
    };
    assert_eq!(until("fiscal_year=2567").await, "2024-04-24");
    // None is said until the last day that is over, and not of another time: a case of it can be entered later.
    let now = service.figures("fiscal_year=2567", Some(&auditor)).await;
    assert_eq!(now["integrity"]["statement"], said);
    service.db().clock.set("2024-04-26T03:00:00Z".parse().unwrap());
    assert_eq!(until("fiscal_year=2567&as_of=2024-04-24T17:00:00Z").await, "2024-04-24");
    let then = service.figures("fiscal_year=2567&as_of=2024-04-24T17:00:00Z", None).await;
    assert_eq!([&then["integrity"]["none_received"], &then["integrity"]["statement"]], [&json!(null); 2]);
}

#[tokio::test]
async fn the_public_gets_no_details_of_another_time_and_nobody_figures_of_the_future() {
    let service = open().await;
    let figures = service.figures("fiscal_year=2567&as_of=2024-01-01T17:00:00Z", None).await;
    assert_eq!(figures["integrity"]["breakdown"], json!(null));
    let noon = service.get("/v1/statistics/complaints?fiscal_year=2567&as_of=2024-01-01T05:00:00Z").send().await;
    assert_eq!(faults(&noon.problem(400, "invalid_parameter")), [("as_of".into(), "not_midnight".into())]);
    let future = service.get("/v1/statistics/complaints?fiscal_year=2567&as_of=2200-01-01T00:00:00Z").send().await;
    assert_eq!(faults(&future.problem(400, "invalid_parameter")), [("as_of".into(), "in_the_future".into())]);
}

#[tokio::test]
async fn figures_of_another_time_wait_for_their_turn() {
    let service = open().await;
    let auditor = service.token(Role::Auditor);
    let turns = &service.app.statistics;
    let running = (turns.public_recounts.take(&[0; 16]).await.unwrap(), turns.recounts.take(&[0; 16]).await.unwrap());
    let ask = async |path: &str, token: Option<&str>| {
        let request = service.get(&format!("{path}?fiscal_year=2567&as_of=2024-01-01T17:00:00Z"));
        token.into_iter().fold(request, |request, token| request.token(token)).send().await
    };
    let (complaints, e_services) = ("/v1/statistics/complaints", "/v1/statistics/e-services");
    let end = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        drop(running);
    };
    let (one, two, three, four, ()) = tokio::join!(
        ask(complaints, None),
        ask(complaints, None),
        ask(e_services, None),
        ask(complaints, Some(&auditor)),
        end
    );
    for answer in [one, two, three, four] {
        answer.expect(200);
    }
}

#[tokio::test]
async fn public_figures_do_not_tell_that_something_was_written() {
    let service = open().await;
    let given = service.report(&complaint()).await;
    let year = FiscalYear::at(service.now()).unwrap();
    let etags = async || {
        let formats = ["json", "csv", "xlsx"];
        let asked = formats.map(|format| format!("/v1/statistics/complaints?fiscal_year={year}&format={format}"));
        let mut etags = Vec::new();
        for path in asked {
            etags.push(service.get(&path).send().await.expect(200).header("etag").to_owned());
        }
        etags
    };
    let before = etags().await;
    let said = json!({ "receipt": given["receipt"], "text": "มีพยาน" });
    service.post("/v1/complaints/lookup/messages").once().json(&said).send().await.expect(201);
    // A file that says when it was made would be another one by now.
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    assert_eq!(etags().await, before);
}
