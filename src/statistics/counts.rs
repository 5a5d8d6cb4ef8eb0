//! How many cases there are of what was recorded: of nothing else there are figures.

use serde::Serialize;
use utoipa::ToSchema;

use super::reported::Reported;
use super::shape::Rows;
use crate::cases::tallies::Months;
use crate::domain::coverage::{Covered, Recording};
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::period::Part;
use crate::domain::tally::Tally;
use crate::http::spreadsheet::Cell;

/// How many cases there are, as everybody sees it. All are null where nothing was recorded: there may have been some.
#[derive(Clone, Copy, Serialize, ToSchema)]
pub struct Counts {
    /// How many cases were received; null where nothing was recorded.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 12)]
    pub total: Option<u64>,
    /// How many of them are closed; null where nothing was recorded.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 10)]
    pub finished_count: Option<u64>,
    /// How many of them are open; null where nothing was recorded.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 2)]
    pub in_progress_count: Option<u64>,
}

/// The tallies of the months of a year, as far as they were recorded, and what was reported of it.
pub struct Recorded<'a> {
    pub year: FiscalYear,
    pub months: &'a Months,
    pub recording: Recording,
    pub reported: Reported<'a>,
}

impl Recorded<'_> {
    /// What of a part of the year was recorded, and the sum of it.
    pub fn of(&self, part: &Part) -> (Covered, Tally) {
        let mut sum = Tally::default();
        for (month, tally) in self.months.range(part.months.0..=part.months.1) {
            if self.recording.of(self.year.months(month.unsigned_abs() - 1, 1)).has_figures() {
                sum.merge(tally);
            }
        }
        (self.recording.of(part.days), sum)
    }
}

impl Counts {
    pub fn of(covered: &Covered, tally: &Tally) -> Self {
        let known = |count: u64| Some(count).filter(|_| covered.has_figures());
        Self {
            total: known(tally.total),
            finished_count: known(tally.finished),
            in_progress_count: known(tally.in_progress()),
        }
    }

    /// All, those closed and those open.
    pub fn each(self) -> [Option<u64>; 3] {
        let Self { total, finished_count, in_progress_count } = self;
        [total, finished_count, in_progress_count]
    }

    pub fn rows(self, rows: &mut Rows<'_>, covered: &Covered) {
        for (figure, count) in ["total", "finished_count", "in_progress_count"].into_iter().zip(self.each()) {
            rows.number(figure, count.map(Cell::whole));
        }
        rows.text("coverage", Cell::code(covered.coverage));
        rows.text("recorded_from", covered.recorded_from);
        rows.text("recorded_until", covered.recorded_until);
    }
}
