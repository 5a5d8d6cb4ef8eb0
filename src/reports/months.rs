//! Figures of the months of a year and their sums: what was not recorded, or is to come, is null and not 0.

use chrono::NaiveDate;
use entity::codes::Label;
use serde::Serialize;
use utoipa::ToSchema;

use super::document::Cell;
use super::envelope::Missing;
use super::report::Frame;
use crate::domain::thai;
use crate::domain::working_days::bangkok_day;
use crate::statistics::cases::CasePeriod;

/// Cases that were received in one month. All figures are null where the month was not recorded, or is to come.
#[derive(Serialize, ToSchema)]
pub struct ReportedMonth {
    /// Key of the month, unique and in order.
    #[schema(max_length = 10, example = "2567-M01")]
    pub key: String,
    /// Name of the month.
    pub label: Label,
    /// First day.
    #[schema(example = "2023-10-01")]
    pub starts_on: NaiveDate,
    /// Last day.
    #[schema(example = "2023-10-31")]
    pub ends_on: NaiveDate,
    /// How many cases were received.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 0)]
    pub total: Option<u64>,
    /// How many of them are closed.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 0)]
    pub finished_count: Option<u64>,
    /// How many of them are open.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 0)]
    pub in_progress_count: Option<u64>,
    /// Why there are no figures.
    #[serde(skip)]
    absence: &'static str,
}

/// The sums of the months that have figures. All are null where none has.
#[derive(Serialize, ToSchema)]
pub struct ReportedTotals {
    /// How many cases were received.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 12)]
    pub total: Option<u64>,
    /// How many of them are closed.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 10)]
    pub finished_count: Option<u64>,
    /// How many of them are open.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 2)]
    pub in_progress_count: Option<u64>,
}

/// Months whose figures the ITA item asks for at least.
const NEEDED: usize = 6;

const TO_COME: &str = "ยังไม่ถึง";
const NOT_RECORDED: &str = "ไม่ได้บันทึก";
pub const NO_FIGURES: &str = "ไม่มีข้อมูล";

impl ReportedMonth {
    pub fn of<B>(period: CasePeriod<B>, frame: &Frame) -> Self {
        let CasePeriod { key, label, starts_on, ends_on, total, finished_count, in_progress_count, breakdown: _ } =
            period;
        let is_recorded = frame.agency.recording_began_on.is_some_and(|since| since <= starts_on);
        // Figures are of the last midnight.
        let is_to_come = starts_on >= bangkok_day(frame.now);
        let known = |count: u64| Some(count).filter(|_| total > 0 || (is_recorded && !is_to_come));
        Self {
            key,
            label,
            starts_on,
            ends_on,
            total: known(total),
            finished_count: known(finished_count),
            in_progress_count: known(in_progress_count),
            absence: if is_to_come { TO_COME } else { NOT_RECORDED },
        }
    }

    pub fn cell(&self, count: Option<u64>) -> Cell {
        count.map_or_else(|| Cell::Absent(self.absence.to_owned()), Cell::Number)
    }

    /// The last day of the months, from the first on, in which there was nothing: they are over and were recorded.
    pub fn none_until(months: &[Self], frame: &Frame) -> Option<NaiveDate> {
        let today = bangkok_day(frame.now);
        let over = months.iter().take_while(|month| month.ends_on < today);
        let totals: Option<Vec<u64>> = over.clone().map(|month| month.total).collect();
        over.last().filter(|_| totals.is_some_and(|totals| totals.iter().all(|total| *total == 0))).map(|it| it.ends_on)
    }

    /// The months that the ITA item needs and that have no figures.
    pub fn missing(months: &[Self]) -> impl Iterator<Item = Missing> {
        let without = months.iter().take(NEEDED).filter(|month| month.total.is_none());
        without.map(|month| {
            Missing::whole(month.label.th.to_string(), "months", Label::new("จำนวนเรื่องของเดือน", "figures of the month"))
        })
    }
}

impl ReportedTotals {
    pub fn of(months: &[ReportedMonth]) -> Self {
        let sum = |count: fn(&ReportedMonth) -> Option<u64>| {
            months.iter().filter_map(count).fold(None, |sum, count| Some(sum.unwrap_or(0) + count))
        };
        Self {
            total: sum(|month| month.total),
            finished_count: sum(|month| month.finished_count),
            in_progress_count: sum(|month| month.in_progress_count),
        }
    }

    pub fn cell(count: Option<u64>) -> Cell {
        count.map_or_else(|| Cell::Absent(NO_FIGURES.to_owned()), Cell::Number)
    }
}

/// Until when the figures are.
pub fn as_of_note(frame: &Frame) -> String {
    let last_day = bangkok_day(frame.now).pred_opt().unwrap_or_default();
    format!("ข้อมูลถึงวันที่ {}", thai::digits(thai::date(last_day)))
}
