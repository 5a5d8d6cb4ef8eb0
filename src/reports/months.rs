//! Figures of the months of a year and their sums: what was not recorded, or is to come, is null and not 0.

use chrono::NaiveDate;
use entity::codes::Label;
use serde::Serialize;
use utoipa::ToSchema;

use super::document::{Cell, Column, Grid};
use super::envelope::Missing;
use super::report::Frame;
use crate::domain::coverage::{Coverage, Covered};
use crate::domain::thai;
use crate::domain::working_days::bangkok_day;
use crate::statistics::cases::{CasePeriod, Figures};
use crate::statistics::counts::Counts;
use crate::statistics::reported::ReportedCounts;

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
    #[serde(flatten)]
    pub covered: Covered,
    #[serde(flatten)]
    pub counts: Counts,
}

/// The sums of the months that have figures. All are null where none has.
#[derive(Serialize, ToSchema)]
pub struct ReportedTotals {
    #[serde(flatten)]
    pub covered: Covered,
    #[serde(flatten)]
    pub counts: Counts,
}

/// Months whose figures the ITA item asks for at least.
const NEEDED: usize = 6;

pub const NO_FIGURES: &str = "ไม่มีข้อมูล";

/// A count, or why there is none.
pub fn count_or(count: Option<u64>, why: &str) -> Cell {
    count.map_or_else(|| Cell::Absent(why.to_owned()), Cell::Number)
}

impl ReportedMonth {
    pub fn of<B>(period: CasePeriod<B>) -> Self {
        let CasePeriod { key, label, starts_on, ends_on, covered, counts, reported: _, breakdown: _ } = period;
        Self { key, label, starts_on, ends_on, covered, counts }
    }

    /// Its name in print, with the last day of the figures where it has not ended.
    pub fn name(&self) -> Cell {
        let until = self.covered.recorded_until.filter(|_| self.covered.coverage == Coverage::Until);
        let until = until.map(|day| format!(" (ถึงวันที่ {})", thai::date(day))).unwrap_or_default();
        Cell::Text(thai::digits(format!("{}{until}", self.label.th)))
    }

    pub fn cell(&self, count: Option<u64>) -> Cell {
        count_or(count, &self.covered.coverage_label.th)
    }

    /// The months that the ITA item needs and that have no figures.
    pub fn missing(months: &[Self]) -> impl Iterator<Item = Missing> {
        let without = months.iter().take(NEEDED).filter(|month| !month.covered.has_figures());
        without.map(|month| {
            Missing::whole(month.label.th.to_string(), "months", Label::new("จำนวนเรื่องของเดือน", "figures of the month"))
        })
    }
}

impl ReportedTotals {
    pub fn of<B>(figures: &Figures<B>) -> Self {
        Self { covered: figures.covered.clone(), counts: figures.counts }
    }

    pub fn cell(count: Option<u64>) -> Cell {
        count_or(count, NO_FIGURES)
    }
}

/// What was reported of the year before it was recorded here, apart from the figures: nothing where there is none.
pub struct Elsewhere<'a> {
    /// The heading of the first column.
    pub of: Column,
    pub figures: Vec<(&'a str, &'a ReportedCounts)>,
}

const REPORTED: [Column; 5] = [
    Column::new("period", "ช่วงเวลา", "Period", 18),
    Column::new("total", "เรื่องทั้งหมด", "Received", 10),
    Column::new("finished_count", "ดำเนินการแล้วเสร็จ", "Finished", 11),
    Column::new("in_progress_count", "อยู่ระหว่างดำเนินการ", "In progress", 11),
    Column::new("source_title", "แหล่งข้อมูล", "Source", 30),
];

impl Elsewhere<'_> {
    pub fn table(&self) -> Option<Grid> {
        let row = |(of, it): &(&str, &ReportedCounts)| {
            let count = |count: i64| Cell::Number(count.unsigned_abs());
            let source = format!("{}\n{}", it.source_title, it.source_url);
            let counts = [it.total, it.finished_count, it.in_progress_count].map(count);
            let period = Cell::Text(thai::digits(&it.period_label.th));
            [Cell::Text((*of).to_owned()), period].into_iter().chain(counts).chain([Cell::Text(source)]).collect()
        };
        (!self.figures.is_empty()).then(|| Grid {
            caption: Some("ตัวเลขที่รายงานไว้ก่อนบันทึกในระบบ (ไม่รวมในตารางข้างต้น)".to_owned()),
            columns: [self.of.clone()].into_iter().chain(REPORTED).collect(),
            rows: self.figures.iter().map(row).collect(),
            ..Grid::default()
        })
    }
}

/// From when the figures are, if that is not the first day of the year.
pub fn since_note(recorded_from: Option<NaiveDate>, frame: &Frame) -> Option<String> {
    let from = recorded_from.filter(|from| *from > frame.year.span().0)?;
    Some(format!("บันทึกเรื่องทั้งหมดในระบบตั้งแต่วันที่ {}", thai::digits(thai::date(from))))
}

/// What the agency has to state before there are figures, if it does not say since when they are recorded.
pub fn missing_day(recorded_from: Option<NaiveDate>) -> Option<Missing> {
    let since = Label::new("วันที่เริ่มบันทึกเรื่องทั้งหมดในระบบ", "day from which all cases are recorded");
    let missing = || Missing::whole("ข้อมูลเทศบาล".to_owned(), "recorded_from", since);
    recorded_from.is_none().then(missing)
}

/// Until when the figures are.
pub fn as_of_note(frame: &Frame) -> String {
    let last_day = bangkok_day(frame.now).pred_opt().unwrap_or_default();
    format!("ข้อมูลถึงวันที่ {}", thai::digits(thai::date(last_day)))
}
