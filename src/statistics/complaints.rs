//! Complaints, counted. The three figures that the law wants are exact for everybody; what is finer is protected, but for those
//! who audit it.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::complaint::{Channel, Kind, Outcome, Status};
use entity::{agency, complaint_category, unit};
use sea_orm::{ActiveEnum, ConnectionTrait, EntityTrait, Iterable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Figure;
use crate::cases::counts::{self, GENERAL, INTEGRITY};
use crate::db;
use crate::domain::count::Count;
use crate::domain::disclosure::{self, Cell as Protected, Published};
use crate::domain::fiscal_year::{FiscalYear, Span};
use crate::domain::tally::{InTime, Tally};
use crate::domain::working_days::bangkok_day;
use crate::error::{Code, Result};
use crate::table::Cell;

/// How a year is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    Month,
    Quarter,
    Half,
    Year,
}

/// Complaints of a fiscal year, by when they came.
#[derive(Serialize, ToSchema)]
pub struct ComplaintStatistics {
    #[schema(minimum = 2499, maximum = 2700, example = 2567)]
    fiscal_year: i32,
    period: Period,
    /// The instant that the figures are of, where one was asked for.
    #[schema(required, example = json!(null))]
    as_of: Option<DateTime<Utc>>,
    /// Corruption and misconduct, which the ITA submission asks for.
    integrity: ComplaintFigures,
    /// Complaints about services, and feedback.
    general: ComplaintFigures,
}

/// Complaints of one sort.
#[derive(Serialize, ToSchema)]
struct ComplaintFigures {
    #[schema(value_type = Count)]
    total: u64,
    #[schema(value_type = Count)]
    finished: u64,
    #[schema(value_type = Count)]
    in_progress: u64,
    /// That there were none is a result, too.
    #[schema(example = false)]
    none_received: bool,
    /// The sentence to publish where there were none.
    #[schema(required, max_length = 1000, example = json!(null))]
    statement: Option<String>,
    /// The year's periods, none left out.
    #[schema(max_items = 12)]
    periods: Vec<ComplaintPeriod>,
    /// The same in more detail; null for the public where `as_of` is asked for, since two instants would tell what came between.
    #[schema(required)]
    detail: Option<ComplaintDetail>,
}

/// Complaints that came in one period.
#[derive(Serialize, ToSchema)]
struct ComplaintPeriod {
    #[schema(example = "2023-10-01")]
    first_day: NaiveDate,
    #[schema(example = "2023-10-31")]
    last_day: NaiveDate,
    #[schema(value_type = Count)]
    total: u64,
    #[schema(value_type = Count)]
    finished: u64,
    #[schema(value_type = Count)]
    in_progress: u64,
    /// For auditors: the public sees the details of the whole year.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    detail: Option<ComplaintDetail>,
}

/// Complaints by what they are and how they went.
#[derive(Serialize, ToSchema)]
struct ComplaintDetail {
    /// Whether nothing is hidden. For the public, counts of 1 to 4 are, and what would tell them, and all is as it was when the
    /// day began: what one request more would tell, the next day does.
    #[schema(example = false)]
    exact: bool,
    /// Complaints in the tables.
    #[schema(value_type = Count)]
    total: u64,
    /// Those in `by_outcome`.
    #[schema(value_type = Count)]
    finished: u64,
    /// Null where the table as a whole is hidden.
    #[schema(required, max_items = 1000)]
    by_category: Option<Vec<ComplaintCount>>,
    #[schema(required, max_items = 10)]
    by_channel: Option<Vec<ComplaintCount>>,
    /// By the unit that handles them; `none` has those that no unit has yet.
    #[schema(required, max_items = 1000)]
    by_unit: Option<Vec<ComplaintCount>>,
    /// Those that are finished.
    #[schema(required, max_items = 10)]
    by_outcome: Option<Vec<ComplaintCount>>,
    first_answer: ComplaintDays,
    conclusion: ComplaintDays,
    /// Those in progress whose first answer or conclusion was late on the day that the figures are of. Null where it is hidden.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 0)]
    overdue: Option<u64>,
    /// Null where it is hidden.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 0)]
    reopened: Option<u64>,
}

/// One cell of a table.
#[derive(Serialize, ToSchema)]
struct ComplaintCount {
    #[schema(max_length = 50, example = "bribery")]
    value: String,
    /// Null where it is hidden.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 12)]
    total: Option<u64>,
}

/// How long something took, of those complaints in which it was done.
#[derive(Serialize, ToSchema)]
struct ComplaintDays {
    /// Working days; null where there are too few complaints.
    #[schema(required, minimum = 0, maximum = 100000, example = 7)]
    median: Option<u32>,
    /// Working days that nine of ten did not exceed (nearest rank).
    #[schema(required, minimum = 0, maximum = 100000, example = 14)]
    percentile_90: Option<u32>,
    /// In per cent.
    #[schema(required, minimum = 0, maximum = 100, example = 95.24)]
    in_time_percent: Option<f64>,
}

/// How much detail is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// To auditors.
    Exact,
    /// To everybody, of the year as it was when the day began.
    Protected,
    /// To everybody, of an instant: two of them would tell what came between.
    Nothing,
}

/// What a year's figures are shown with.
struct Frame {
    year: FiscalYear,
    period: Period,
    detail: Detail,
    /// The day on which they are late or not.
    day: NaiveDate,
    agency: String,
    categories: Vec<complaint_category::Model>,
    units: Vec<String>,
}

pub async fn count(
    db: &impl ConnectionTrait,
    year: FiscalYear,
    period: Period,
    as_of: Option<DateTime<Utc>>,
    detail: Detail,
) -> Result<ComplaintStatistics> {
    let today = bangkok_day(db::now());
    let frame = Frame {
        year,
        period,
        detail,
        day: as_of.map_or(today, bangkok_day),
        agency: agency::Entity::find_by_id(1).one(db).await?.ok_or(Code::Internal)?.name_th,
        categories: complaint_category::Entity::find().all(db).await?,
        units: unit::Entity::find().all(db).await?.into_iter().map(|unit| unit.code).collect(),
    };
    let months = async |subject| match as_of {
        None => counts::of_year(db, subject, year).await,
        Some(at) => counts::of_year_at(db, subject, year, at).await,
    };
    let figures = async |subject, kinds: [Kind; 2], none: &str| -> Result<ComplaintFigures> {
        let months = months(subject).await?;
        let before = match detail {
            Detail::Protected => Some(sum(&counts::of_year_before(db, subject, year, today).await?, 1, 12)),
            Detail::Exact | Detail::Nothing => None,
        };
        Ok(frame.figures(&months, before, &kinds, none))
    };
    let none = "ไม่มีเรื่องร้องเรียนการทุจริตและประพฤติมิชอบ";
    let integrity = figures(INTEGRITY, [Kind::Corruption, Kind::Misconduct], none).await?;
    let none = "ไม่มีเรื่องร้องเรียนทั่วไปและข้อเสนอแนะ";
    let general = figures(GENERAL, [Kind::Service, Kind::Feedback], none).await?;
    Ok(ComplaintStatistics { fiscal_year: year.number(), period, as_of, integrity, general })
}

impl Frame {
    /// With the details of `before`, where it is not those of the months.
    fn figures(&self, months: &Months, before: Option<Tally>, kinds: &[Kind], none: &str) -> ComplaintFigures {
        let all = sum(months, 1, 12);
        let none_received = all.total == 0;
        let statement = || format!("ปีงบประมาณ พ.ศ. {} {}{none}", self.year, self.agency);
        let periods = self.period.parts(self.year).into_iter().map(|(first, last, (first_day, last_day))| {
            let tally = sum(months, first, last);
            ComplaintPeriod {
                first_day,
                last_day,
                total: tally.total,
                finished: tally.finished,
                in_progress: tally.in_progress(),
                detail: (self.detail == Detail::Exact).then(|| self.detail(&tally, kinds)),
            }
        });
        ComplaintFigures {
            total: all.total,
            finished: all.finished,
            in_progress: all.in_progress(),
            none_received,
            statement: none_received.then(statement),
            periods: periods.collect(),
            detail: (self.detail != Detail::Nothing).then(|| self.detail(before.as_ref().unwrap_or(&all), kinds)),
        }
    }

    fn detail(&self, tally: &Tally, kinds: &[Kind]) -> ComplaintDetail {
        let categories = self.categories.iter().filter(|category| kinds.contains(&category.kind));
        let outcomes = Outcome::iter().map(|outcome| outcome.to_value());
        let closed_otherwise = [Status::Rejected, Status::Withdrawn].map(|status| status.to_value());
        ComplaintDetail {
            exact: self.detail == Detail::Exact,
            total: tally.total,
            finished: tally.finished,
            by_category: self.table(tally, "category", categories.map(|category| category.code.clone()), tally.total),
            by_channel: self.table(tally, "channel", Channel::iter().map(|channel| channel.to_value()), tally.total),
            by_unit: self.table(tally, "unit", self.units.iter().cloned().chain([NONE.to_owned()]), tally.total),
            by_outcome: self.table(tally, "outcome", outcomes.chain(closed_otherwise), tally.finished),
            first_answer: self.days(tally, "first_answer", tally.total),
            conclusion: self.days(tally, "conclusion", tally.finished),
            overdue: self.some(tally.overdue(self.day), tally.in_progress()),
            reopened: self.some(tally.marks.get("reopened").copied().unwrap_or(0), tally.total),
        }
    }

    /// So many of `whole`, unless that tells of few.
    fn some(&self, count: u64, whole: u64) -> Option<u64> {
        Some(count).filter(|_| self.may_show(count, whole.saturating_sub(count)))
    }

    /// A row for every value that there can be, and for those without one.
    fn table(
        &self,
        tally: &Tally,
        dimension: &str,
        values: impl Iterator<Item = String>,
        total: u64,
    ) -> Option<Vec<ComplaintCount>> {
        let mut cells: BTreeMap<String, u64> = values.map(|value| (value, 0)).collect();
        cells.extend(tally.facets.get(dimension).cloned().unwrap_or_default());
        let without = total.saturating_sub(cells.values().sum());
        if without > 0 {
            *cells.entry(NONE.to_owned()).or_default() += without;
        }
        let row = |(value, total)| ComplaintCount { value, total };
        if self.detail == Detail::Exact {
            return Some(cells.into_iter().map(|(value, count)| row((value, Some(count)))).collect());
        }
        match disclosure::protect(&cells) {
            Published::Withheld => None,
            Published::Cells(cells) => {
                let shown = |cell| if let Protected::Shown(count) = cell { Some(count) } else { None };
                Some(cells.into_iter().map(|(value, cell)| row((value, shown(cell)))).collect())
            }
        }
    }

    /// Of `whole` cases. A share tells of how many it is, so that the others must not be few either.
    fn days(&self, tally: &Tally, figure: &str, whole: u64) -> ComplaintDays {
        let cases = tally.days.get(figure).map_or(0, |days| days.values().sum());
        let InTime { yes, no } = tally.in_time.get(figure).copied().unwrap_or_default();
        let is_shown = self.may_show(cases, whole.saturating_sub(cases));
        let exact = self.detail == Detail::Exact;
        ComplaintDays {
            median: tally.percentile(figure, 50).filter(|_| is_shown),
            // Of fewer than ten it is the longest of them.
            percentile_90: tally.percentile(figure, 90).filter(|_| is_shown && (exact || cases >= 10)),
            in_time_percent: tally.share_in_time(figure).filter(|_| is_shown && self.may_show(yes, no)),
        }
    }

    fn may_show(&self, yes: u64, no: u64) -> bool {
        self.detail == Detail::Exact || disclosure::pair(yes, no)
    }
}

/// Tallies by month; October is 1.
type Months = BTreeMap<i32, Tally>;

fn sum(months: &Months, first: i32, last: i32) -> Tally {
    let mut sum = Tally::default();
    months.range(first..=last).for_each(|(_, tally)| sum.merge(tally));
    sum
}

/// The row of those without a value.
const NONE: &str = "none";

impl Period {
    /// First and last month, and the days.
    fn parts(self, year: FiscalYear) -> Vec<(i32, i32, Span)> {
        let length: u32 = match self {
            Period::Month => 1,
            Period::Quarter => 3,
            Period::Half => 6,
            Period::Year => 12,
        };
        let part = |first: u32| {
            let number = first.cast_signed();
            (number + 1, number + length.cast_signed(), year.months(first, length))
        };
        (0..12).step_by(length as usize).map(part).collect()
    }
}

impl ComplaintStatistics {
    pub fn rows(&self) -> Vec<Figure> {
        let of = |sort: &str, figures: &ComplaintFigures| figures.rows(self.fiscal_year, sort);
        let as_of = self.as_of.map(|at| Figure::new(self.fiscal_year, "as_of", "", Cell::time(at)));
        as_of.into_iter().chain(of("integrity", &self.integrity)).chain(of("general", &self.general)).collect()
    }
}

impl ComplaintFigures {
    fn rows(&self, year: i32, sort: &str) -> Vec<Figure> {
        let figure = |name: &str, of: &str, value: Cell| Figure::new(year, format!("{sort}_{name}"), of, value);
        let three = |of: &str, total, finished, in_progress| {
            [("total", total), ("finished", finished), ("in_progress", in_progress)]
                .map(|(name, count)| figure(name, of, Cell::whole(count)))
        };
        let mut rows = Vec::from(three("", self.total, self.finished, self.in_progress));
        rows.push(figure("none_received", "", self.none_received.into()));
        rows.extend(self.statement.as_deref().map(|statement| figure("statement", "", statement.into())));
        for period in &self.periods {
            let of = format!("{}..{}", period.first_day, period.last_day);
            rows.extend(three(&of, period.total, period.finished, period.in_progress));
            rows.extend(period.detail.iter().flat_map(|detail| detail.rows(year, sort, &format!("{of} "))));
        }
        rows.extend(self.detail.iter().flat_map(|detail| detail.rows(year, sort, "")));
        rows
    }
}

impl ComplaintDetail {
    /// `of` stands before what each figure is of.
    fn rows(&self, year: i32, sort: &str, of: &str) -> Vec<Figure> {
        let figure = |name: &str, of: String, value: Cell| {
            Figure::new(year, format!("{sort}_{name}"), of.trim_end().to_owned(), value)
        };
        let tables = [
            ("by_category", &self.by_category),
            ("by_channel", &self.by_channel),
            ("by_unit", &self.by_unit),
            ("by_outcome", &self.by_outcome),
        ];
        let mut rows = Vec::new();
        for (name, table) in tables {
            for ComplaintCount { value, total } in table.iter().flatten() {
                rows.push(figure(name, format!("{of}{value}"), total.map(Cell::whole).into()));
            }
        }
        for (name, days) in [("first_answer", &self.first_answer), ("conclusion", &self.conclusion)] {
            let whole = |days: Option<u32>| days.map(|days| Cell::whole(days.into())).into();
            rows.extend([
                figure(&format!("{name}_median_days"), of.to_owned(), whole(days.median)),
                figure(&format!("{name}_percentile_90_days"), of.to_owned(), whole(days.percentile_90)),
                figure(&format!("{name}_in_time_percent"), of.to_owned(), days.in_time_percent.into()),
            ]);
        }
        for (name, count) in [("overdue", self.overdue), ("reopened", self.reopened)] {
            rows.push(figure(name, of.to_owned(), count.map(Cell::whole).into()));
        }
        rows
    }
}
