//! Projects and their budgets, counted.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::Serialize;
use utoipa::ToSchema;

use super::{ByStatus, Figure, as_of, of_two_years, percent};
use crate::domain::baht::{Baht, Total};
use crate::domain::count::Count;
use crate::domain::fiscal_year::FiscalYear;
use crate::error::Result;
use crate::http::spreadsheet::Cell;
use crate::revisions::Resource;

/// Published projects of a fiscal year and of the year before.
#[derive(Serialize, ToSchema)]
pub struct ProjectStatistics {
    /// When what is counted last changed; null before anything was written.
    #[schema(required)]
    as_of: Option<DateTime<Utc>>,
    figures: ProjectFigures,
    /// The same for the year before.
    year_before: ProjectFigures,
}

/// Published projects of one fiscal year, counted.
#[derive(Serialize, ToSchema)]
struct ProjectFigures {
    #[schema(minimum = 2499, maximum = 2700, example = 2567)]
    fiscal_year: i32,
    #[schema(value_type = Count)]
    total: i64,
    by_status: ByStatus,
    /// Completed projects in per cent of all; null where there are none.
    #[schema(required, minimum = 0, maximum = 100, example = 66.67)]
    implementation_rate_percent: Option<f64>,
    /// Projects that say that no budget was used.
    #[schema(value_type = Count)]
    no_budget_used: i64,
    budget_allocated_baht: Total,
    budget_spent_baht: Total,
    /// Budget spent in per cent of budget allocated; null where nothing was allocated.
    #[schema(required, minimum = 0, example = 92.5)]
    budget_used_percent: Option<f64>,
    #[schema(value_type = Count)]
    without_result: i64,
    #[schema(value_type = Count)]
    without_problems: i64,
    #[schema(value_type = Count)]
    without_recommendations: i64,
    /// Projects by the unit that does them; those without a unit are in none.
    #[schema(max_items = 1000)]
    by_unit: Vec<ProjectsOfUnit>,
}

/// What one unit does.
#[derive(Serialize, ToSchema)]
struct ProjectsOfUnit {
    #[schema(max_length = 50, example = "personnel")]
    unit: String,
    #[schema(value_type = Count)]
    total: i64,
    budget_allocated_baht: Total,
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
    SELECT project.fiscal_year, unit.code AS unit, COUNT(*) AS total, \
           CAST(COALESCE(SUM(budget_allocated), 0) AS BIGINT) AS allocated, \
           CAST(COALESCE(SUM(budget_spent), 0) AS BIGINT) AS spent \
    FROM project JOIN unit ON unit.id = project.unit_id \
    WHERE publication = 'published' AND project.fiscal_year IN ($1, $2) \
    GROUP BY project.fiscal_year, unit.code ORDER BY unit.code";

pub async fn count(db: &impl ConnectionTrait, year: FiscalYear, depends_on: &[Resource]) -> Result<ProjectStatistics> {
    let as_of = as_of(db, depends_on).await?;
    let statuses = StatusRow::find_by_statement(of_two_years(db, BY_STATUS, year)).all(db).await?;
    let units = UnitRow::find_by_statement(of_two_years(db, BY_UNIT, year)).all(db).await?;
    let figures = |year| ProjectFigures::of(year, &statuses, &units);
    Ok(ProjectStatistics { as_of, figures: figures(year), year_before: figures(year.before()) })
}

impl ProjectFigures {
    fn of(year: FiscalYear, statuses: &[StatusRow], units: &[UnitRow]) -> Self {
        let statuses: Vec<_> = statuses.iter().filter(|row| row.fiscal_year == year.number()).collect();
        let sum = |figure: fn(&StatusRow) -> i64| statuses.iter().map(|row| figure(row)).sum::<i64>();
        let counts: BTreeMap<_, _> = statuses.iter().map(|row| (row.status.clone(), row.total)).collect();
        let by_status = ByStatus::of(&counts);
        let (allocated, spent) = (sum(|row| row.allocated), sum(|row| row.spent));
        let units = units.iter().filter(|row| row.fiscal_year == year.number());
        Self {
            fiscal_year: year.number(),
            total: by_status.total(),
            implementation_rate_percent: percent(by_status.completed, by_status.total()),
            by_status,
            no_budget_used: sum(|row| row.no_budget_used),
            budget_allocated_baht: Total::from_satang(allocated),
            budget_spent_baht: Total::from_satang(spent),
            budget_used_percent: percent(spent, allocated),
            without_result: sum(|row| row.without_result),
            without_problems: sum(|row| row.without_problems),
            without_recommendations: sum(|row| row.without_recommendations),
            by_unit: units
                .map(|row| ProjectsOfUnit {
                    unit: row.unit.clone(),
                    total: row.total,
                    budget_allocated_baht: Total::from_satang(row.allocated),
                    budget_spent_baht: Total::from_satang(row.spent),
                })
                .collect(),
        }
    }

    fn rows(&self) -> Vec<Figure> {
        let year = self.fiscal_year;
        let mut rows = vec![Figure::new(year, "total", "", Cell::count(self.total))];
        rows.extend(self.by_status.figures(year));
        rows.extend([
            Figure::new(year, "implementation_rate_percent", "", self.implementation_rate_percent),
            Figure::new(year, "no_budget_used", "", Cell::count(self.no_budget_used)),
            Figure::new(year, "budget_allocated_baht", "", Baht::from(self.budget_allocated_baht)),
            Figure::new(year, "budget_spent_baht", "", Baht::from(self.budget_spent_baht)),
            Figure::new(year, "budget_used_percent", "", self.budget_used_percent),
            Figure::new(year, "without_result", "", Cell::count(self.without_result)),
            Figure::new(year, "without_problems", "", Cell::count(self.without_problems)),
            Figure::new(year, "without_recommendations", "", Cell::count(self.without_recommendations)),
        ]);
        for unit in &self.by_unit {
            let of = &unit.unit;
            rows.push(Figure::new(year, "by_unit", of, Cell::count(unit.total)));
            rows.push(Figure::new(year, "by_unit_allocated_baht", of, Baht::from(unit.budget_allocated_baht)));
            rows.push(Figure::new(year, "by_unit_spent_baht", of, Baht::from(unit.budget_spent_baht)));
        }
        rows
    }
}

impl ProjectStatistics {
    pub fn rows(&self) -> Vec<Figure> {
        self.figures.rows().into_iter().chain(self.year_before.rows()).collect()
    }
}
