//! Measures, counted.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::Serialize;
use utoipa::ToSchema;

use super::{ByStatus, Figure, as_of, of_two_years, percent};
use crate::domain::count::Count;
use crate::domain::fiscal_year::FiscalYear;
use crate::error::Result;
use crate::http::spreadsheet::Cell;
use crate::revisions::Resource;

/// Published measures of a fiscal year and of the year before.
#[derive(Serialize, ToSchema)]
pub struct MeasureStatistics {
    /// When what is counted last changed; null before anything was written.
    #[schema(required)]
    as_of: Option<DateTime<Utc>>,
    figures: MeasureFigures,
    /// The same for the year before.
    year_before: MeasureFigures,
}

/// Published measures of one fiscal year, counted.
#[derive(Serialize, ToSchema)]
struct MeasureFigures {
    #[schema(minimum = 2499, maximum = 2700, example = 2567)]
    fiscal_year: i32,
    #[schema(value_type = Count)]
    total: i64,
    by_status: ByStatus,
    /// Completed measures in per cent of all; null where there are none.
    #[schema(required, minimum = 0, maximum = 100, example = 100.0)]
    implementation_rate_percent: Option<f64>,
    #[schema(value_type = Count)]
    without_results: i64,
    #[schema(value_type = Count)]
    without_outcomes: i64,
    /// Measures that are every unit's.
    #[schema(value_type = Count)]
    all_units: i64,
    /// Measures of single units. One that several units share counts for each.
    #[schema(max_items = 1000)]
    by_unit: Vec<MeasuresOfUnit>,
}

/// What one unit is responsible for.
#[derive(Clone, Serialize, ToSchema)]
struct MeasuresOfUnit {
    #[schema(max_length = 50, example = "legal")]
    unit: String,
    #[schema(value_type = Count)]
    total: i64,
    #[schema(value_type = Count)]
    completed: i64,
}

#[derive(FromQueryResult)]
struct StatusRow {
    fiscal_year: i32,
    status: String,
    total: i64,
    without_results: i64,
    without_outcomes: i64,
    all_units: i64,
}

#[derive(FromQueryResult)]
struct UnitRow {
    fiscal_year: i32,
    unit: String,
    total: i64,
    completed: i64,
}

const BY_STATUS: &str = "\
    SELECT fiscal_year, status, COUNT(*) AS total, \
           SUM(CASE WHEN CAST(results AS TEXT) = '[]' THEN 1 ELSE 0 END) AS without_results, \
           SUM(CASE WHEN CAST(outcomes AS TEXT) = '[]' THEN 1 ELSE 0 END) AS without_outcomes, \
           SUM(CASE WHEN all_units THEN 1 ELSE 0 END) AS all_units \
    FROM measure WHERE publication = 'published' AND fiscal_year IN ($1, $2) \
    GROUP BY fiscal_year, status";

const BY_UNIT: &str = "\
    SELECT measure.fiscal_year, unit.code AS unit, COUNT(*) AS total, \
           SUM(CASE WHEN measure.status = 'completed' THEN 1 ELSE 0 END) AS completed \
    FROM measure \
    JOIN measure_unit ON measure_unit.measure_id = measure.id \
    JOIN unit ON unit.id = measure_unit.unit_id \
    WHERE measure.publication = 'published' AND measure.fiscal_year IN ($1, $2) \
    GROUP BY measure.fiscal_year, unit.code ORDER BY unit.code";

pub async fn count(db: &impl ConnectionTrait, year: FiscalYear, depends_on: &[Resource]) -> Result<MeasureStatistics> {
    let as_of = as_of(db, depends_on).await?;
    let statuses = StatusRow::find_by_statement(of_two_years(db, BY_STATUS, year)).all(db).await?;
    let units = UnitRow::find_by_statement(of_two_years(db, BY_UNIT, year)).all(db).await?;
    let figures = |year| MeasureFigures::of(year, &statuses, &units);
    Ok(MeasureStatistics { as_of, figures: figures(year), year_before: figures(year.before()) })
}

impl MeasureFigures {
    fn of(year: FiscalYear, statuses: &[StatusRow], units: &[UnitRow]) -> Self {
        let statuses: Vec<_> = statuses.iter().filter(|row| row.fiscal_year == year.number()).collect();
        let counts: BTreeMap<_, _> = statuses.iter().map(|row| (row.status.clone(), row.total)).collect();
        let by_status = ByStatus::of(&counts);
        let units = units.iter().filter(|row| row.fiscal_year == year.number());
        Self {
            fiscal_year: year.number(),
            total: by_status.total(),
            implementation_rate_percent: percent(by_status.completed, by_status.total()),
            by_status,
            without_results: statuses.iter().map(|row| row.without_results).sum(),
            without_outcomes: statuses.iter().map(|row| row.without_outcomes).sum(),
            all_units: statuses.iter().map(|row| row.all_units).sum(),
            by_unit: units
                .map(|row| MeasuresOfUnit { unit: row.unit.clone(), total: row.total, completed: row.completed })
                .collect(),
        }
    }

    fn rows(&self) -> Vec<Figure> {
        let year = self.fiscal_year;
        let mut rows = vec![Figure::new(year, "total", "", Cell::count(self.total))];
        rows.extend(self.by_status.figures(year));
        rows.push(Figure::new(year, "implementation_rate_percent", "", self.implementation_rate_percent));
        rows.push(Figure::new(year, "without_results", "", Cell::count(self.without_results)));
        rows.push(Figure::new(year, "without_outcomes", "", Cell::count(self.without_outcomes)));
        rows.push(Figure::new(year, "all_units", "", Cell::count(self.all_units)));
        for unit in &self.by_unit {
            rows.push(Figure::new(year, "by_unit", &unit.unit, Cell::count(unit.total)));
            rows.push(Figure::new(year, "by_unit_completed", &unit.unit, Cell::count(unit.completed)));
        }
        rows
    }
}

impl MeasureStatistics {
    pub fn rows(&self) -> Vec<Figure> {
        self.figures.rows().into_iter().chain(self.year_before.rows()).collect()
    }
}
