//! Measures, counted.

use entity::codes::{Coded, Label};
use entity::state::Status;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::Serialize;
use utoipa::ToSchema;

use super::shape::{Envelope, Sheet, Slice, Year};
use super::{of_two_years, percent};
use crate::db::last_change;
use crate::domain::count::Count;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::period::Period;
use crate::error::Result;
use crate::http::spreadsheet::Cell;
use crate::revisions::Resource;

/// Published measures of one fiscal year.
#[derive(Serialize, ToSchema)]
pub struct MeasureFigures {
    #[serde(flatten)]
    year: Year,
    /// How many measures there are.
    #[schema(value_type = Count)]
    total: u64,
    /// Measures by progress.
    #[schema(max_items = 10)]
    by_status: Vec<Slice>,
    /// Completed measures in per cent of all; null where there are none.
    #[schema(required, minimum = 0, maximum = 100, example = 100.0)]
    implementation_rate_percent: Option<f64>,
    /// How many measures have no result.
    #[schema(value_type = Count)]
    without_results_count: u64,
    /// How many measures have no outcome.
    #[schema(value_type = Count)]
    without_outcomes_count: u64,
    /// How many measures every unit is responsible for.
    #[schema(value_type = Count)]
    shared_by_all_units_count: u64,
    /// Measures of single units. A measure that several units share counts for each.
    #[schema(max_items = 1000)]
    by_unit: Vec<MeasuresOfUnit>,
}

/// Measures that one unit is responsible for.
#[derive(Serialize, ToSchema)]
struct MeasuresOfUnit {
    /// The code of the unit.
    #[schema(max_length = 50, example = "legal")]
    value: String,
    /// The name of the unit.
    label: Label,
    /// How many measures it is responsible for.
    #[schema(value_type = Count)]
    total: u64,
    /// How many of them are completed.
    #[schema(value_type = Count)]
    completed_count: u64,
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
    name_th: String,
    name_en: Option<String>,
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
    SELECT measure.fiscal_year, unit.code AS unit, unit.name_th, unit.name_en, COUNT(*) AS total, \
           SUM(CASE WHEN measure.status = 'completed' THEN 1 ELSE 0 END) AS completed \
    FROM measure \
    JOIN measure_unit ON measure_unit.measure_id = measure.id \
    JOIN unit ON unit.id = measure_unit.unit_id \
    WHERE measure.publication = 'published' AND measure.fiscal_year IN ($1, $2) \
    GROUP BY measure.fiscal_year, unit.code, unit.name_th, unit.name_en ORDER BY unit.code";

pub async fn count(
    db: &impl ConnectionTrait,
    year: FiscalYear,
    depends_on: &[Resource],
) -> Result<Envelope<MeasureFigures>> {
    let as_of = last_change(db, depends_on).await?;
    let statuses = StatusRow::find_by_statement(of_two_years(db, BY_STATUS, year)).all(db).await?;
    let units = UnitRow::find_by_statement(of_two_years(db, BY_UNIT, year)).all(db).await?;
    let [current, previous] = [year, year.before()].map(|year| MeasureFigures::of(year, &statuses, &units));
    Ok(Envelope { fiscal_year: year.number(), period: Period::Year, as_of, current, previous })
}

impl MeasureFigures {
    fn of(year: FiscalYear, statuses: &[StatusRow], units: &[UnitRow]) -> Self {
        let statuses: Vec<_> = statuses.iter().filter(|row| row.fiscal_year == year.number()).collect();
        let sum = |figure: fn(&StatusRow) -> i64| statuses.iter().map(|row| figure(row).unsigned_abs()).sum::<u64>();
        let of_status = |status: Status| {
            let of_it = statuses.iter().filter(|row| row.status == status.code());
            of_it.map(|row| row.total.unsigned_abs()).sum()
        };
        let total = sum(|row| row.total);
        let units = units.iter().filter(|row| row.fiscal_year == year.number());
        Self {
            year: Year::of(year),
            total,
            by_status: Slice::of_codes(of_status),
            implementation_rate_percent: percent(of_status(Status::Completed), total),
            without_results_count: sum(|row| row.without_results),
            without_outcomes_count: sum(|row| row.without_outcomes),
            shared_by_all_units_count: sum(|row| row.all_units),
            by_unit: units
                .map(|row| MeasuresOfUnit {
                    value: row.unit.clone(),
                    label: Label::named(row.name_th.clone(), row.name_en.clone()),
                    total: row.total.unsigned_abs(),
                    completed_count: row.completed.unsigned_abs(),
                })
                .collect(),
        }
    }
}

pub fn rows(statistics: &Envelope<MeasureFigures>, sheet: &mut Sheet) {
    for figures in [&statistics.current, &statistics.previous] {
        let mut rows = sheet.of_year(figures.year.fiscal_year);
        rows.number("total", Cell::whole(figures.total));
        rows.slices("status", &figures.by_status);
        rows.number("implementation_rate_percent", figures.implementation_rate_percent);
        rows.number("without_results_count", Cell::whole(figures.without_results_count));
        rows.number("without_outcomes_count", Cell::whole(figures.without_outcomes_count));
        rows.number("shared_by_all_units_count", Cell::whole(figures.shared_by_all_units_count));
        for MeasuresOfUnit { value, label, total, completed_count } in &figures.by_unit {
            rows.slice("unit", (value, label), "total", Cell::whole(*total));
            rows.slice("unit", (value, label), "completed_count", Cell::whole(*completed_count));
        }
    }
    sheet.of_year(statistics.fiscal_year).text("as_of", statistics.as_of);
}
