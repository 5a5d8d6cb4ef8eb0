//! Projects and their budgets, counted.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::codes::{Coded, Label};
use entity::state::Status;
use entity::unit;
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::history::{Counted, History, PastPeriod, Rows};
use super::percent;
use super::shape::{Envelope, PeriodHead, Sheet, Slice, Year};
use crate::domain::baht::{Baht, Total};
use crate::domain::count::Count;
use crate::domain::coverage::Known;
use crate::domain::fiscal_year::FiscalYear;
use crate::http::spreadsheet::Cell;
use crate::revisions::Resource;

/// Published projects of one fiscal year.
#[derive(Serialize, ToSchema)]
pub struct ProjectFigures {
    #[serde(flatten)]
    year: Year,
    #[serde(flatten)]
    known: Known,
    /// How many projects there are; null where nothing is known.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 3)]
    total: Option<u64>,
    /// Projects by progress.
    #[schema(max_items = 10)]
    by_status: Vec<Slice>,
    /// Completed projects in per cent of all; null where there are none.
    #[schema(required, minimum = 0, maximum = 100, example = 66.67)]
    implementation_rate_percent: Option<f64>,
    /// How many projects state that no budget was used; null where nothing is known.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 1)]
    no_budget_used_count: Option<u64>,
    /// Sum of the allocated budgets; null where nothing is known.
    #[schema(required)]
    budget_allocated_baht: Option<Total>,
    /// Sum of the spent budgets; null where nothing is known.
    #[schema(required)]
    budget_spent_baht: Option<Total>,
    /// Budget spent in per cent of budget allocated; null where nothing was allocated.
    #[schema(required, minimum = 0, example = 92.5)]
    budget_used_percent: Option<f64>,
    /// How many projects state no result; null where nothing is known.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 1)]
    without_result_count: Option<u64>,
    /// How many projects state no problems; null where nothing is known.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 1)]
    without_problems_count: Option<u64>,
    /// How many projects state no recommendations; null where nothing is known.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 1)]
    without_recommendations_count: Option<u64>,
    /// Projects by the unit that carries them out. Units without projects are left out, and projects without a unit are
    /// not counted here.
    #[schema(max_items = 1000)]
    by_unit: Vec<ProjectsOfUnit>,
    /// The periods of the year, none left out; empty unless `period` is sent.
    #[schema(max_items = 12)]
    periods: Vec<ProjectPeriod>,
}

/// Projects of the year as they were published at the end of a period.
#[derive(Serialize, ToSchema)]
struct ProjectPeriod {
    #[serde(flatten)]
    head: PeriodHead,
    /// How many projects there were; null where there are no figures.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 3)]
    total: Option<u64>,
    /// How many of them were completed; null where there are no figures.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 1)]
    completed_count: Option<u64>,
    /// Sum of the allocated budgets; null where there are no figures.
    #[schema(required)]
    budget_allocated_baht: Option<Total>,
    /// Sum of the spent budgets; null where there are no figures.
    #[schema(required)]
    budget_spent_baht: Option<Total>,
}

/// Projects of one unit.
#[derive(Serialize, ToSchema)]
struct ProjectsOfUnit {
    /// The code of the unit.
    #[schema(max_length = 50, example = "personnel")]
    value: String,
    /// The name of the unit.
    label: Label,
    /// How many projects it carries out.
    #[schema(value_type = Count)]
    total: u64,
    /// Sum of their allocated budgets.
    budget_allocated_baht: Total,
    /// Sum of their spent budgets.
    budget_spent_baht: Total,
}

#[derive(FromQueryResult)]
pub struct StatusRow {
    fiscal_year: i32,
    status: String,
    total: i64,
    no_budget_used: i64,
    allocated: i64,
    spent: i64,
    without_result: i64,
    without_problems: i64,
    without_recommendations: i64,
}

#[derive(FromQueryResult)]
pub struct UnitRow {
    fiscal_year: i32,
    unit: String,
    name_th: String,
    name_en: Option<String>,
    total: i64,
    allocated: i64,
    spent: i64,
}

const BY_STATUS: &str = "\
    SELECT fiscal_year, status, COUNT(*) AS total, \
           SUM(CASE WHEN no_budget_used THEN 1 ELSE 0 END) AS no_budget_used, \
           CAST(COALESCE(SUM(budget_allocated), 0) AS BIGINT) AS allocated, \
           CAST(COALESCE(SUM(budget_spent), 0) AS BIGINT) AS spent, \
           SUM(CASE WHEN result IS NULL THEN 1 ELSE 0 END) AS without_result, \
           SUM(CASE WHEN problems IS NULL THEN 1 ELSE 0 END) AS without_problems, \
           SUM(CASE WHEN recommendations IS NULL THEN 1 ELSE 0 END) AS without_recommendations \
    FROM project WHERE publication = 'published' AND fiscal_year IN ($1, $2) \
    GROUP BY fiscal_year, status";

const BY_UNIT: &str = "\
    SELECT project.fiscal_year, unit.code AS unit, unit.name_th, unit.name_en, COUNT(*) AS total, \
           CAST(COALESCE(SUM(budget_allocated), 0) AS BIGINT) AS allocated, \
           CAST(COALESCE(SUM(budget_spent), 0) AS BIGINT) AS spent \
    FROM project JOIN unit ON unit.id = project.unit_id \
    WHERE publication = 'published' AND project.fiscal_year IN ($1, $2) \
    GROUP BY project.fiscal_year, unit.code, unit.name_th, unit.name_en ORDER BY unit.code";

/// What the log has of a project.
#[derive(Deserialize)]
pub struct Past {
    status: Status,
    unit_id: Option<Uuid>,
    no_budget_used: bool,
    budget_allocated: Option<i64>,
    budget_spent: Option<i64>,
    result: Option<String>,
    problems: Option<String>,
    recommendations: Option<String>,
}

impl ProjectPeriod {
    fn of(period: PastPeriod<'_, Past>) -> Self {
        let PastPeriod { part, as_of, known, records } = period;
        let is_completed = |record: &&&Past| record.status == Status::Completed;
        let sum = |satang: fn(&Past) -> Option<i64>| {
            let records = records.as_ref()?;
            Some(Total::from_satang(records.iter().filter_map(|record| satang(record)).sum()))
        };
        Self {
            head: PeriodHead::of(part, as_of, known),
            total: records.as_ref().map(|records| records.len() as u64),
            completed_count: records.as_ref().map(|records| records.iter().filter(is_completed).count() as u64),
            budget_allocated_baht: sum(|record| record.budget_allocated),
            budget_spent_baht: sum(|record| record.budget_spent),
        }
    }
}

impl Counted for ProjectFigures {
    const RESOURCE: Resource = Resource::Projects;
    const BY_STATUS: &str = BY_STATUS;
    const BY_UNIT: &str = BY_UNIT;
    type Past = Past;
    type StatusRow = StatusRow;
    type UnitRow = UnitRow;

    /// The projects as they were: a row for each, and one for each unit.
    fn past(history: &History<Past>, years: [FiscalYear; 2], at: DateTime<Utc>, units: &[unit::Model]) -> Rows<Self> {
        let (mut statuses, mut of_units) = (Vec::new(), BTreeMap::<_, UnitRow>::new());
        for year in years {
            let fiscal_year = year.number();
            for record in history.at(year, at) {
                let (allocated, spent) = (record.budget_allocated.unwrap_or(0), record.budget_spent.unwrap_or(0));
                statuses.push(StatusRow {
                    fiscal_year,
                    status: record.status.code().to_owned(),
                    total: 1,
                    no_budget_used: i64::from(record.no_budget_used),
                    allocated,
                    spent,
                    without_result: i64::from(record.result.is_none()),
                    without_problems: i64::from(record.problems.is_none()),
                    without_recommendations: i64::from(record.recommendations.is_none()),
                });
                let Some(unit) = units.iter().find(|unit| Some(unit.id) == record.unit_id) else { continue };
                let (unit, name_th, name_en) = (unit.code.clone(), unit.name_th.clone(), unit.name_en.clone());
                let none = UnitRow { fiscal_year, unit, name_th, name_en, total: 0, allocated: 0, spent: 0 };
                let row = of_units.entry((none.unit.clone(), fiscal_year)).or_insert(none);
                row.total += 1;
                row.allocated += allocated;
                row.spent += spent;
            }
        }
        (statuses, of_units.into_values().collect())
    }

    fn of(
        year: FiscalYear,
        at: DateTime<Utc>,
        (statuses, units): &Rows<Self>,
        periods: Vec<PastPeriod<'_, Past>>,
    ) -> Self {
        let statuses: Vec<_> = statuses.iter().filter(|row| row.fiscal_year == year.number()).collect();
        let sum = |figure: fn(&StatusRow) -> i64| statuses.iter().map(|row| figure(row)).sum::<i64>();
        let of_status = |status: Status| {
            let of_it = statuses.iter().filter(|row| row.status == status.code());
            of_it.map(|row| row.total.unsigned_abs()).sum()
        };
        let (allocated, spent) = (sum(|row| row.allocated), sum(|row| row.spent));
        let total = sum(|row| row.total).unsigned_abs();
        let known = Known::of(year.span(), at, total > 0);
        let count = |figure: fn(&StatusRow) -> i64| known.figure(sum(figure).unsigned_abs());
        let units = units.iter().filter(|row| row.fiscal_year == year.number());
        Self {
            year: Year::of(year),
            total: known.figure(total),
            by_status: Slice::of_codes(|status| known.figure(of_status(status))),
            implementation_rate_percent: percent(of_status(Status::Completed), total),
            no_budget_used_count: count(|row| row.no_budget_used),
            budget_allocated_baht: known.figure(Total::from_satang(allocated)),
            budget_spent_baht: known.figure(Total::from_satang(spent)),
            budget_used_percent: percent(spent.unsigned_abs(), allocated.unsigned_abs()),
            without_result_count: count(|row| row.without_result),
            without_problems_count: count(|row| row.without_problems),
            without_recommendations_count: count(|row| row.without_recommendations),
            by_unit: units
                .map(|row| ProjectsOfUnit {
                    value: row.unit.clone(),
                    label: Label::named(row.name_th.clone(), row.name_en.clone()),
                    total: row.total.unsigned_abs(),
                    budget_allocated_baht: Total::from_satang(row.allocated),
                    budget_spent_baht: Total::from_satang(row.spent),
                })
                .collect(),
            periods: periods.into_iter().map(ProjectPeriod::of).collect(),
            known,
        }
    }
}

pub fn rows(statistics: &Envelope<ProjectFigures>, sheet: &mut Sheet) {
    for figures in [&statistics.current, &statistics.previous] {
        let mut rows = sheet.of_year(figures.year.fiscal_year);
        rows.number("total", figures.total.map(Cell::whole));
        rows.text("coverage", Cell::code(figures.known.coverage));
        rows.slices("status", &figures.by_status);
        rows.number("implementation_rate_percent", figures.implementation_rate_percent);
        rows.number("no_budget_used_count", figures.no_budget_used_count.map(Cell::whole));
        rows.number("budget_allocated_baht", figures.budget_allocated_baht.map(Baht::from));
        rows.number("budget_spent_baht", figures.budget_spent_baht.map(Baht::from));
        rows.number("budget_used_percent", figures.budget_used_percent);
        rows.number("without_result_count", figures.without_result_count.map(Cell::whole));
        rows.number("without_problems_count", figures.without_problems_count.map(Cell::whole));
        rows.number("without_recommendations_count", figures.without_recommendations_count.map(Cell::whole));
        for ProjectsOfUnit { value, label, total, budget_allocated_baht, budget_spent_baht } in &figures.by_unit {
            rows.slice("unit", (value, label), "total", Cell::whole(*total));
            rows.slice("unit", (value, label), "budget_allocated_baht", Baht::from(*budget_allocated_baht));
            rows.slice("unit", (value, label), "budget_spent_baht", Baht::from(*budget_spent_baht));
        }
        for period in &figures.periods {
            let ProjectPeriod { head, total, completed_count, budget_allocated_baht, budget_spent_baht } = period;
            let mut rows = sheet.of_period(figures.year.fiscal_year, &head.key);
            rows.number("total_then", total.map(Cell::whole));
            rows.number("completed_then_count", completed_count.map(Cell::whole));
            rows.number("budget_allocated_then_baht", budget_allocated_baht.map(Baht::from));
            rows.number("budget_spent_then_baht", budget_spent_baht.map(Baht::from));
            rows.text("as_of_then", head.as_of);
            rows.text("coverage_then", Cell::code(head.known.coverage));
        }
    }
    sheet.of_year(statistics.fiscal_year).text("as_of", statistics.as_of);
}
