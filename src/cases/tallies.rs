//! Tallies of cases. Every write that changes a counted property of a case updates the tally of its month in the same
//! transaction, so figures are read from a few rows at any number of cases. Earlier states are stored, so that figures
//! as of any instant can be computed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use entity::{case_state, case_tally};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, SimpleExpr};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, Select,
};
use uuid::Uuid;

use crate::db::Write;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::tally::{Counted, NotCounted, Tally};
use crate::domain::working_days::bangkok_day;
use crate::error::{Code, Error, Result};

/// Complaints of corruption and misconduct, which the ITA submission asks for.
pub const INTEGRITY: &str = "complaints-integrity";

/// Complaints about services, and feedback.
pub const GENERAL: &str = "complaints-general";

/// Requests for e-services; the code of the e-service stands behind it.
pub const SERVICE_REQUESTS: &str = "service-requests/";

/// Where a case is counted: with which others, and by the month in which it came.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TallyKey {
    pub subject: String,
    pub fiscal_year: i32,
    /// October is 1.
    pub month: i32,
}

impl TallyKey {
    pub fn new(subject: &str, received_on: NaiveDate) -> Result<Self> {
        let fiscal_year = FiscalYear::of(received_on).ok_or(Code::Internal)?.number();
        let month = ((received_on.month0() + 3) % 12 + 1).cast_signed();
        Ok(Self { subject: subject.to_owned(), fiscal_year, month })
    }
}

/// A case, where it is counted from now on, and as what.
pub struct State {
    pub case: Uuid,
    pub place: TallyKey,
    pub counted: Counted,
}

/// A case whose state changes.
struct Change {
    was: Option<case_state::Model>,
    next: State,
    /// The next state, as it is stored.
    text: String,
}

/// Rows that a statement names or inserts.
const AT_ONCE: usize = 500;

/// Counts cases in their new states. Writes nothing about those of which nothing changes.
pub async fn count(write: &Write, cases: Vec<State>) -> Result<()> {
    let mut before = states_of(write, &cases).await?;
    // A transaction that began later may have been counted first.
    let now = before.values().map(|state| state.from_at).fold(write.now, Ord::max);
    let mut changes = Vec::new();
    for next in cases {
        let text = serde_json::to_string(&next.counted).map_err(Error::internal)?;
        let was = before.remove(&next.case);
        if was.as_ref().is_none_or(|was| place_of(was) != next.place || was.counted != text) {
            changes.push(Change { was, next, text });
        }
    }
    // In a fixed order, against deadlocks.
    let places = changes.iter().flat_map(|change| change.was.iter().map(place_of).chain([change.next.place.clone()]));
    let places: BTreeSet<TallyKey> = places.collect();
    let today = bangkok_day(now);
    let mut locked = BTreeMap::new();
    for place in places {
        let row = lock(write, &place, today).await?;
        locked.insert(place, Tallies::of(row, today)?);
    }
    let mut drifted = BTreeSet::new();
    for Change { was, next, .. } in &changes {
        if let Some(was) = was {
            let (at, counted) = (place_of(was), serde_json::from_str(&was.counted).map_err(Error::internal)?);
            let tallies = locked.get_mut(&at).ok_or(Code::Internal)?;
            let removed: Vec<_> = tallies.each().map(|tally| tally.remove(&counted)).collect();
            if removed.contains(&Err(NotCounted)) {
                drifted.insert(at);
            }
        }
        locked.get_mut(&next.place).ok_or(Code::Internal)?.each().for_each(|tally| tally.add(&next.counted));
    }
    change_states(write, changes, now).await?;
    for place in drifted {
        // Only a manual write to the database leads here.
        tracing::error!(?place, "a tally does not have what was counted; it is counted anew");
        locked.get_mut(&place).ok_or(Code::Internal)?.now = recount(write, &place).await?;
    }
    for tallies in locked.into_values() {
        save(write, tallies, today).await?;
    }
    Ok(())
}

/// How cases are counted now.
async fn states_of(write: &Write, cases: &[State]) -> Result<HashMap<Uuid, case_state::Model>> {
    let mut states = HashMap::new();
    for cases in cases.chunks(AT_ONCE) {
        let current = case_state::Entity::find()
            .filter(case_state::Column::CaseId.is_in(cases.iter().map(|state| state.case)))
            .filter(case_state::Column::UntilAt.is_null());
        states.extend(current.all(write).await?.into_iter().map(|state| (state.case_id, state)));
    }
    Ok(states)
}

/// The tallies of a place that a change is made to.
struct Tallies {
    row: case_tally::Model,
    now: Tally,
    /// That of when the row's day began, if the change is of a day before: a write that began before midnight may be counted after
    /// one that began later.
    before: Option<Tally>,
}

impl Tallies {
    fn of(row: case_tally::Model, today: NaiveDate) -> Result<Self> {
        let before = if row.day > today { Some(read(&row.before)?) } else { None };
        Ok(Self { now: read(&row.tally)?, before, row })
    }

    fn each(&mut self) -> impl Iterator<Item = &mut Tally> {
        [&mut self.now].into_iter().chain(&mut self.before)
    }
}

/// Ends the last states of cases, and inserts the next.
async fn change_states(write: &Write, changes: Vec<Change>, now: DateTime<Utc>) -> Result<()> {
    for changes in changes.chunks(AT_ONCE) {
        let ended: Vec<Uuid> = changes.iter().filter_map(|change| Some(change.was.as_ref()?.id)).collect();
        if !ended.is_empty() {
            let until_at = case_state::ActiveModel { until_at: Set(Some(now)), ..Default::default() };
            let ended = case_state::Column::Id.is_in(ended);
            case_state::Entity::update_many().set(until_at).filter(ended).exec(write).await?;
        }
        let next = changes.iter().map(|Change { next: State { case, place, .. }, text, .. }| {
            case_state::ActiveModel::from(case_state::Model {
                id: Uuid::now_v7(),
                case_id: *case,
                subject: place.subject.clone(),
                fiscal_year: place.fiscal_year,
                month: place.month,
                counted: text.clone(),
                from_at: now,
                until_at: None,
            })
        });
        case_state::Entity::insert_many(next).exec_without_returning(write).await?;
    }
    Ok(())
}

/// Updates a tally, and keeps the one of the end of the day before.
async fn save(write: &Write, tallies: Tallies, today: NaiveDate) -> Result<()> {
    let Tallies { mut row, now, before } = tallies;
    let text = |tally| serde_json::to_string(tally).map_err(Error::internal);
    let is = std::mem::replace(&mut row.tally, text(&now)?);
    if row.day < today {
        (row.day, row.before) = (today, is);
    } else if let Some(before) = before {
        row.before = text(&before)?;
    }
    case_tally::Entity::update(row.into_active_model().reset_all()).exec(write).await?;
    Ok(())
}

/// Locks several tallies until this write ends: a write that changes more than one locks all of them first, in a fixed
/// order.
pub async fn hold(write: &Write, places: BTreeSet<TallyKey>) -> Result<()> {
    for place in places {
        lock(write, &place, bangkok_day(write.now)).await?;
    }
    Ok(())
}

/// The tally of a place, which nobody else changes until this write ends.
async fn lock(write: &Write, place: &TallyKey, today: NaiveDate) -> Result<case_tally::Model> {
    let TallyKey { subject, fiscal_year, month } = place.clone();
    let (tally, before) = (EMPTY.to_owned(), EMPTY.to_owned());
    let none = case_tally::Model { subject: subject.clone(), fiscal_year, month, tally, day: today, before };
    let none = case_tally::ActiveModel::from(none);
    let there_is_one =
        OnConflict::columns([case_tally::Column::Subject, case_tally::Column::FiscalYear, case_tally::Column::Month])
            .do_nothing()
            .to_owned();
    case_tally::Entity::insert(none).on_conflict(there_is_one).exec_without_returning(write).await?;
    let row = case_tally::Entity::find_by_id((subject, fiscal_year, month)).lock_exclusive().one(write).await?;
    row.ok_or_else(|| Code::Internal.into())
}

/// A tally of nothing.
const EMPTY: &str = "{}";

/// Tallies by month; October is 1.
pub type Months = BTreeMap<i32, Tally>;

/// The tallies of a year, by subject and month.
pub async fn of_year(
    db: &impl ConnectionTrait,
    subjects: &[String],
    year: FiscalYear,
) -> Result<BTreeMap<String, Months>> {
    tallies(db, subjects, year, Expr::col(case_tally::Column::Tally)).await
}

/// The same as it was when this day began.
pub async fn of_year_before(
    db: &impl ConnectionTrait,
    subjects: &[String],
    year: FiscalYear,
    today: NaiveDate,
) -> Result<BTreeMap<String, Months>> {
    let has_changed = case_tally::Column::Day.gte(today);
    let then =
        Expr::case(has_changed, Expr::col(case_tally::Column::Before)).finally(Expr::col(case_tally::Column::Tally));
    tallies(db, subjects, year, then).await
}

async fn tallies(
    db: &impl ConnectionTrait,
    subjects: &[String],
    year: FiscalYear,
    tally: impl Into<SimpleExpr>,
) -> Result<BTreeMap<String, Months>> {
    let rows = case_tally::Entity::find()
        .select_only()
        .columns([case_tally::Column::Subject, case_tally::Column::Month])
        .expr_as(tally, "tally")
        .filter(case_tally::Column::Subject.is_in(subjects))
        .filter(case_tally::Column::FiscalYear.eq(year.number()))
        .into_tuple::<(String, i32, String)>();
    let mut tallies: BTreeMap<String, Months> = BTreeMap::new();
    for (subject, month, tally) in rows.all(db).await? {
        tallies.entry(subject).or_default().insert(month, read(&tally)?);
    }
    Ok(tallies)
}

/// The same as it was at an instant, from everything that was counted then.
pub async fn of_year_at(
    db: &impl ConnectionTrait,
    subjects: &[String],
    year: FiscalYear,
    at: DateTime<Utc>,
) -> Result<BTreeMap<String, Months>> {
    let ends_later =
        Condition::any().add(case_state::Column::UntilAt.is_null()).add(case_state::Column::UntilAt.gt(at));
    let states = case_state::Entity::find().filter(case_state::Column::FromAt.lte(at)).filter(ends_later);
    let mut tallies = BTreeMap::new();
    for subject in subjects {
        let months = fold(db, &states, subject, year.number(), PAGE).await?;
        if !months.is_empty() {
            tallies.insert(subject.clone(), months);
        }
    }
    Ok(tallies)
}

/// The tally of a place, counted anew.
pub async fn recount(db: &impl ConnectionTrait, place: &TallyKey) -> Result<Tally> {
    let states = case_state::Entity::find()
        .filter(case_state::Column::Month.eq(place.month))
        .filter(case_state::Column::UntilAt.is_null());
    let mut months = fold(db, &states, &place.subject, place.fiscal_year, PAGE).await?;
    Ok(months.remove(&place.month).unwrap_or_default())
}

/// States that are read at once.
const PAGE: u64 = 10_000;

/// The tallies of those of `states` that are of one subject and year.
async fn fold(
    db: &impl ConnectionTrait,
    states: &Select<case_state::Entity>,
    subject: &str,
    year: i32,
    size: u64,
) -> Result<Months> {
    let mut months = Months::new();
    let mut last = None;
    loop {
        let page: Vec<(DateTime<Utc>, Uuid, i32, String)> =
            page(states, subject, year, last).limit(size).into_tuple().all(db).await?;
        let is_last = (page.len() as u64) < size;
        for (from_at, id, month, counted) in page {
            last = Some((from_at, id));
            let counted = serde_json::from_str(&counted).map_err(Error::internal)?;
            months.entry(month).or_default().add(&counted);
        }
        if is_last {
            return Ok(months);
        }
    }
}

/// What of the states comes after `last`, in the order of their index: in any other order each page would sort all that is left.
fn page(
    states: &Select<case_state::Entity>,
    subject: &str,
    year: i32,
    last: Option<(DateTime<Utc>, Uuid)>,
) -> Select<case_state::Entity> {
    use case_state::Column::{Counted, FiscalYear, FromAt, Id, Month, Subject};
    let rest = last.map(|(from_at, id)| {
        Expr::tuple([Expr::col(FromAt), Expr::col(Id)]).gt(Expr::tuple([Expr::value(from_at), Expr::value(id)]))
    });
    states
        .clone()
        .select_only()
        .columns([FromAt, Id, Month, Counted])
        .filter(Subject.eq(subject))
        .filter(FiscalYear.eq(year))
        .filter(Condition::all().add_option(rest))
        .order_by_asc(FromAt)
        .order_by_asc(Id)
}

fn place_of(state: &case_state::Model) -> TallyKey {
    TallyKey { subject: state.subject.clone(), fiscal_year: state.fiscal_year, month: state.month }
}

fn read(tally: &str) -> Result<Tally> {
    serde_json::from_str(tally).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use sea_orm::{Database, DbBackend, QueryTrait, Statement};

    use super::*;
    use crate::db::Db;

    #[tokio::test]
    async fn a_recount_reads_each_state_once_and_sorts_none() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}/db", folder.path().display());
        let db = Db::connect(&url).await.unwrap();
        db.migrate(|_, _| Box::pin(async { Ok(Vec::new()) })).await.unwrap();
        let writer = Database::connect(&url).await.unwrap();
        let now = db.now();
        let counted = r#"{"finished":false,"facets":{},"days":{},"in_time":{},"marks":[]}"#;
        for number in 0..25 {
            let state = case_state::ActiveModel {
                id: Set(Uuid::now_v7()),
                case_id: Set(Uuid::now_v7()),
                subject: Set(INTEGRITY.to_owned()),
                fiscal_year: Set(2567),
                month: Set(1 + number % 2),
                counted: Set(counted.to_owned()),
                // Many at the same time.
                from_at: Set(now + chrono::TimeDelta::seconds(i64::from(number / 7))),
                until_at: Set(None),
            };
            case_state::Entity::insert(state).exec_without_returning(&writer).await.unwrap();
        }
        let states = case_state::Entity::find();
        for size in [1, 5, 7, 25, 26] {
            let months = fold(db.reader(), &states, INTEGRITY, 2567, size).await.unwrap();
            let totals: Vec<_> = months.values().map(|tally| tally.total).collect();
            assert_eq!(totals, [13, 12], "{size} at once");
        }
        let page = page(&states, INTEGRITY, 2567, Some((now, Uuid::nil()))).limit(5).build(DbBackend::Sqlite);
        let plan = Statement { sql: format!("EXPLAIN QUERY PLAN {}", page.sql), ..page };
        let plan: Vec<String> = db
            .reader()
            .query_all_raw(plan)
            .await
            .unwrap()
            .iter()
            .map(|row| row.try_get("", "detail").unwrap())
            .collect();
        let used =
            "SEARCH case_state USING INDEX case_state_order (subject=? AND fiscal_year=? AND (from_at,id)>(?,?))";
        assert_eq!(plan, [used]);
    }
}
