//! Measures, counted.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::codes::{Coded, Label};
use entity::state::Status;
use entity::texts::Texts;
use entity::unit;
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::history::{Counted, History, PastPeriod, Rows};
use super::percent;
use super::shape::{Envelope, PeriodHead, Sheet, Slice, Year};
use crate::domain::count::Count;
use crate::domain::coverage::Known;
use crate::domain::fiscal_year::FiscalYear;
use crate::http::spreadsheet::Cell;
use crate::revisions::Resource;

/// Published measures of one fiscal year.
#[derive(Serialize, ToSchema)]
pub struct MeasureFigures {
    #[serde(flatten)]
    year: Year,
    #[serde(flatten)]
    known: Known,
    /// How many measures there are; null where nothing is known.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 6)]
    total: Option<u64>,
    /// Measures by progress.
    #[schema(max_items = 10)]
    by_status: Vec<Slice>,
    /// Completed measures in per cent of all; null where there are none.
    #[schema(required, minimum = 0, maximum = 100, example = 100.0)]
    implementation_rate_percent: Option<f64>,
    /// How many measures have no result; null where nothing is known.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 6)]
    without_results_count: Option<u64>,
    /// How many measures have no outcome; null where nothing is known.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 6)]
    without_outcomes_count: Option<u64>,
    /// How many measures every unit is responsible for; null where nothing is known.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 6)]
    shared_by_all_units_count: Option<u64>,
    /// Measures of single units. A measure that several units share counts for each.
    #[schema(max_items = 1000)]
    by_unit: Vec<MeasuresOfUnit>,
    /// The periods of the year, none left out; empty unless `period` is sent.
    #[schema(max_items = 12)]
    periods: Vec<MeasurePeriod>,
}

/// Measures of the year as they were published at the end of a period.
#[derive(Serialize, ToSchema)]
struct MeasurePeriod {
    #[serde(flatten)]
    head: PeriodHead,
    /// How many measures there were; null where there are no figures.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 6)]
    total: Option<u64>,
    /// How many of them were completed; null where there are no figures.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 2)]
    completed_count: Option<u64>,
    /// Completed measures in per cent of all; null where there are none.
    #[schema(required, minimum = 0, maximum = 100, example = 33.33)]
    implementation_rate_percent: Option<f64>,
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
pub struct StatusRow {
    fiscal_year: i32,
    status: String,
    total: i64,
    without_results: i64,
    without_outcomes: i64,
    all_units: i64,
}

#[derive(FromQueryResult)]
pub struct UnitRow {
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

/// What the log has of a measure.
#[derive(Deserialize)]
pub struct Past {
    status: Status,
    all_units: bool,
    results: Texts,
    outcomes: Texts,
    units: Texts,
}

impl MeasurePeriod {
    fn of(period: PastPeriod<'_, Past>) -> Self {
        let PastPeriod { part, as_of, known, records } = period;
        let count = |records: &Vec<&Past>| records.len() as u64;
        let total = records.as_ref().map(count);
        let is_completed = |record: &&&Past| record.status == Status::Completed;
        let completed_count = records.map(|records| records.iter().filter(is_completed).count() as u64);
        let rate = completed_count.zip(total).and_then(|(completed, total)| percent(completed, total));
        let head = PeriodHead::of(part, as_of, known);
        Self { head, total, completed_count, implementation_rate_percent: rate }
    }
}

impl Counted for MeasureFigures {
    const RESOURCE: Resource = Resource::Measures;
    const BY_STATUS: &str = BY_STATUS;
    const BY_UNIT: &str = BY_UNIT;
    type Past = Past;
    type StatusRow = StatusRow;
    type UnitRow = UnitRow;

    /// The measures as they were: a row for each, and one for each unit.
    fn past(history: &History<Past>, years: [FiscalYear; 2], at: DateTime<Utc>, units: &[unit::Model]) -> Rows<Self> {
        let (mut statuses, mut of_units) = (Vec::new(), BTreeMap::<_, (i64, i64)>::new());
        for year in years {
            let fiscal_year = year.number();
            for Past { status, all_units, results, outcomes, units } in history.at(year, at) {
                statuses.push(StatusRow {
                    fiscal_year,
                    status: status.code().to_owned(),
                    total: 1,
                    without_results: i64::from(results.0.is_empty()),
                    without_outcomes: i64::from(outcomes.0.is_empty()),
                    all_units: i64::from(*all_units),
                });
                for unit in &units.0 {
                    let (total, completed) = of_units.entry((unit.clone(), fiscal_year)).or_default();
                    *total += 1;
                    *completed += i64::from(*status == Status::Completed);
                }
            }
        }
        let row = |((code, fiscal_year), (total, completed)): ((String, i32), _)| {
            let unit = units.iter().find(|unit| unit.code == code)?;
            let (name_th, name_en) = (unit.name_th.clone(), unit.name_en.clone());
            Some(UnitRow { fiscal_year, unit: code, name_th, name_en, total, completed })
        };
        (statuses, of_units.into_iter().filter_map(row).collect())
    }

    fn of(
        year: FiscalYear,
        at: DateTime<Utc>,
        (statuses, units): &Rows<Self>,
        periods: Vec<PastPeriod<'_, Past>>,
    ) -> Self {
        let statuses: Vec<_> = statuses.iter().filter(|row| row.fiscal_year == year.number()).collect();
        let sum = |figure: fn(&StatusRow) -> i64| statuses.iter().map(|row| figure(row).unsigned_abs()).sum::<u64>();
        let of_status = |status: Status| {
            let of_it = statuses.iter().filter(|row| row.status == status.code());
            of_it.map(|row| row.total.unsigned_abs()).sum()
        };
        let total = sum(|row| row.total);
        let known = Known::of(year.span(), at, total > 0);
        let count = |figure: fn(&StatusRow) -> i64| known.figure(sum(figure));
        let units = units.iter().filter(|row| row.fiscal_year == year.number());
        Self {
            year: Year::of(year),
            total: known.figure(total),
            by_status: Slice::of_codes(|status| known.figure(of_status(status))),
            implementation_rate_percent: percent(of_status(Status::Completed), total),
            without_results_count: count(|row| row.without_results),
            without_outcomes_count: count(|row| row.without_outcomes),
            shared_by_all_units_count: count(|row| row.all_units),
            by_unit: units
                .map(|row| MeasuresOfUnit {
                    value: row.unit.clone(),
                    label: Label::named(row.name_th.clone(), row.name_en.clone()),
                    total: row.total.unsigned_abs(),
                    completed_count: row.completed.unsigned_abs(),
                })
                .collect(),
            periods: periods.into_iter().map(MeasurePeriod::of).collect(),
            known,
        }
    }
}

pub fn rows(statistics: &Envelope<MeasureFigures>, sheet: &mut Sheet) {
    for figures in [&statistics.current, &statistics.previous] {
        let mut rows = sheet.of_year(figures.year.fiscal_year);
        rows.number("total", figures.total.map(Cell::whole));
        rows.text("coverage", Cell::code(figures.known.coverage));
        rows.slices("status", &figures.by_status);
        rows.number("implementation_rate_percent", figures.implementation_rate_percent);
        rows.number("without_results_count", figures.without_results_count.map(Cell::whole));
        rows.number("without_outcomes_count", figures.without_outcomes_count.map(Cell::whole));
        rows.number("shared_by_all_units_count", figures.shared_by_all_units_count.map(Cell::whole));
        for MeasuresOfUnit { value, label, total, completed_count } in &figures.by_unit {
            rows.slice("unit", (value, label), "total", Cell::whole(*total));
            rows.slice("unit", (value, label), "completed_count", Cell::whole(*completed_count));
        }
        for MeasurePeriod { head, total, completed_count, implementation_rate_percent } in &figures.periods {
            let mut rows = sheet.of_period(figures.year.fiscal_year, &head.key);
            rows.number("total_then", total.map(Cell::whole));
            rows.number("completed_then_count", completed_count.map(Cell::whole));
            rows.number("implementation_rate_then_percent", *implementation_rate_percent);
            rows.text("as_of_then", head.as_of);
            rows.text("coverage_then", Cell::code(head.known.coverage));
        }
    }
    sheet.of_year(statistics.fiscal_year).text("as_of", statistics.as_of);
}
