//! Projects and their budgets, counted.

use entity::codes::{Coded, Label};
use entity::state::Status;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::Serialize;
use utoipa::ToSchema;

use super::shape::{Envelope, Sheet, Slice, Year};
use super::{of_two_years, percent};
use crate::db::last_change;
use crate::domain::baht::{Baht, Total};
use crate::domain::count::Count;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::period::Period;
use crate::error::Result;
use crate::http::spreadsheet::Cell;
use crate::revisions::Resource;

/// Published projects of one fiscal year.
#[derive(Serialize, ToSchema)]
pub struct ProjectFigures {
    #[serde(flatten)]
    year: Year,
    /// How many projects there are.
    #[schema(value_type = Count)]
    total: u64,
    /// Projects by progress.
    #[schema(max_items = 10)]
    by_status: Vec<Slice>,
    /// Completed projects in per cent of all; null where there are none.
    #[schema(required, minimum = 0, maximum = 100, example = 66.67)]
    implementation_rate_percent: Option<f64>,
    /// How many projects state that no budget was used.
    #[schema(value_type = Count)]
    no_budget_used_count: u64,
    /// Sum of the allocated budgets.
    budget_allocated_baht: Total,
    /// Sum of the spent budgets.
    budget_spent_baht: Total,
    /// Budget spent in per cent of budget allocated; null where nothing was allocated.
    #[schema(required, minimum = 0, example = 92.5)]
    budget_used_percent: Option<f64>,
    /// How many projects state no result.
    #[schema(value_type = Count)]
    without_result_count: u64,
    /// How many projects state no problems.
    #[schema(value_type = Count)]
    without_problems_count: u64,
    /// How many projects state no recommendations.
    #[schema(value_type = Count)]
    without_recommendations_count: u64,
    /// Projects by the unit that carries them out. Units without projects are left out, and projects without a unit are
    /// not counted here.
    #[schema(max_items = 1000)]
    by_unit: Vec<ProjectsOfUnit>,
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
struct StatusRow {
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
struct UnitRow {
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

pub async fn count(
    db: &impl ConnectionTrait,
    year: FiscalYear,
    depends_on: &[Resource],
) -> Result<Envelope<ProjectFigures>> {
    let as_of = last_change(db, depends_on).await?;
    let statuses = StatusRow::find_by_statement(of_two_years(db, BY_STATUS, year)).all(db).await?;
    let units = UnitRow::find_by_statement(of_two_years(db, BY_UNIT, year)).all(db).await?;
    let [current, previous] = [year, year.before()].map(|year| ProjectFigures::of(year, &statuses, &units));
    Ok(Envelope { fiscal_year: year.number(), period: Period::Year, as_of, current, previous })
}

impl ProjectFigures {
    fn of(year: FiscalYear, statuses: &[StatusRow], units: &[UnitRow]) -> Self {
        let statuses: Vec<_> = statuses.iter().filter(|row| row.fiscal_year == year.number()).collect();
        let sum = |figure: fn(&StatusRow) -> i64| statuses.iter().map(|row| figure(row)).sum::<i64>();
        let count = |figure: fn(&StatusRow) -> i64| sum(figure).unsigned_abs();
        let of_status = |status: Status| {
            let of_it = statuses.iter().filter(|row| row.status == status.code());
            of_it.map(|row| row.total.unsigned_abs()).sum()
        };
        let (allocated, spent) = (sum(|row| row.allocated), sum(|row| row.spent));
        let total = count(|row| row.total);
        let units = units.iter().filter(|row| row.fiscal_year == year.number());
        Self {
            year: Year::of(year),
            total,
            by_status: Slice::of_codes(of_status),
            implementation_rate_percent: percent(of_status(Status::Completed), total),
            no_budget_used_count: count(|row| row.no_budget_used),
            budget_allocated_baht: Total::from_satang(allocated),
            budget_spent_baht: Total::from_satang(spent),
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
        }
    }
}

pub fn rows(statistics: &Envelope<ProjectFigures>, sheet: &mut Sheet) {
    for figures in [&statistics.current, &statistics.previous] {
        let mut rows = sheet.of_year(figures.year.fiscal_year);
        rows.number("total", Cell::whole(figures.total));
        rows.slices("status", &figures.by_status);
        rows.number("implementation_rate_percent", figures.implementation_rate_percent);
        rows.number("no_budget_used_count", Cell::whole(figures.no_budget_used_count));
        rows.number("budget_allocated_baht", Baht::from(figures.budget_allocated_baht));
        rows.number("budget_spent_baht", Baht::from(figures.budget_spent_baht));
        rows.number("budget_used_percent", figures.budget_used_percent);
        rows.number("without_result_count", Cell::whole(figures.without_result_count));
        rows.number("without_problems_count", Cell::whole(figures.without_problems_count));
        rows.number("without_recommendations_count", Cell::whole(figures.without_recommendations_count));
        for ProjectsOfUnit { value, label, total, budget_allocated_baht, budget_spent_baht } in &figures.by_unit {
            rows.slice("unit", (value, label), "total", Cell::whole(*total));
            rows.slice("unit", (value, label), "budget_allocated_baht", Baht::from(*budget_allocated_baht));
            rows.slice("unit", (value, label), "budget_spent_baht", Baht::from(*budget_spent_baht));
        }
    }
    sheet.of_year(statistics.fiscal_year).text("as_of", statistics.as_of);
}
