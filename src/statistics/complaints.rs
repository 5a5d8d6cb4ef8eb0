//! Statistics of complaints. The three totals that the law requires are exact for everyone; details are protected
//! except for auditors. The public sees all of it as of the last midnight in Bangkok: figures that change with a complaint would
//! disclose when it was filed.

use chrono::{DateTime, NaiveDate, Utc};
use entity::complaint::{Channel, Kind, Outcome, Status};
use entity::{agency, complaint_category, unit};
use sea_orm::{ActiveEnum, DatabaseTransaction, EntityTrait, Iterable};
use serde::Serialize;
use utoipa::ToSchema;

use super::Figure;
use super::cases::{CaseCount, CaseDays, Detail, NONE, StatisticsView, instants, sum, sum_of_year, totals};
use crate::cases::tallies::{GENERAL, INTEGRITY, Months};
use crate::domain::count::Count;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::period::Period;
use crate::domain::tally::Tally;
use crate::error::{Code, Result};
use crate::http::spreadsheet::Cell;

/// Complaints of a fiscal year, by when they came.
#[derive(Serialize, ToSchema)]
pub struct ComplaintStatistics {
    #[schema(minimum = 2499, maximum = 2700, example = 2567)]
    fiscal_year: i32,
    period: Period,
    /// The instant that the figures are of: for the public the last midnight in Bangkok, unless an earlier one was asked for. Null for
    /// the present.
    #[schema(required, example = "2024-04-10T17:00:00Z")]
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
    starts_on: NaiveDate,
    #[schema(example = "2023-10-31")]
    ends_on: NaiveDate,
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
    /// Whether nothing is hidden. For the public, counts of 1 to 4 are, and what would tell them.
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
    by_category: Option<Vec<CaseCount>>,
    #[schema(required, max_items = 10)]
    by_channel: Option<Vec<CaseCount>>,
    /// By the unit that handles them; `none` has those that no unit has yet.
    #[schema(required, max_items = 1000)]
    by_unit: Option<Vec<CaseCount>>,
    /// Those that are finished.
    #[schema(required, max_items = 10)]
    by_outcome: Option<Vec<CaseCount>>,
    first_answer: CaseDays,
    conclusion: CaseDays,
    /// Those in progress whose first answer or conclusion was late on the day that the figures are of. Null where it is hidden.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 0)]
    overdue: Option<u64>,
    /// Null where it is hidden.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 0)]
    reopened: Option<u64>,
}

/// What a year's figures are shown with.
struct Frame {
    lens: StatisticsView,
    year: FiscalYear,
    agency: String,
    categories: Vec<complaint_category::Model>,
    units: Vec<String>,
}

pub async fn count(
    moment: &DatabaseTransaction,
    year: FiscalYear,
    lens: StatisticsView,
) -> Result<ComplaintStatistics> {
    let frame = Frame {
        year,
        agency: agency::Entity::find_by_id(1).one(moment).await?.ok_or(Code::Internal)?.name_th,
        categories: complaint_category::Entity::find().all(moment).await?,
        units: unit::Entity::find().all(moment).await?.into_iter().map(|unit| unit.code).collect(),
        lens,
    };
    let subjects = [INTEGRITY, GENERAL].map(str::to_owned);
    let months = match frame.lens.months_before(moment, &subjects, year).await? {
        Some(before) => before,
        None => frame.lens.months(moment, &subjects, year).await?,
    };
    let figures = |subject: &str, kinds: [Kind; 2], none: &str| {
        frame.figures(&months.get(subject).cloned().unwrap_or_default(), &kinds, none)
    };
    let none = "ไม่มีเรื่องร้องเรียนการทุจริตและประพฤติมิชอบ";
    let integrity = figures(INTEGRITY, [Kind::Corruption, Kind::Misconduct], none);
    let none = "ไม่มีเรื่องร้องเรียนทั่วไปและข้อเสนอแนะ";
    let general = figures(GENERAL, [Kind::Service, Kind::Feedback], none);
    let (period, as_of) = (frame.lens.period, frame.lens.as_of.or(frame.lens.detail_as_of()));
    Ok(ComplaintStatistics { fiscal_year: year.number(), period, as_of, integrity, general })
}

impl Frame {
    fn figures(&self, months: &Months, kinds: &[Kind], none: &str) -> ComplaintFigures {
        let (lens, all) = (&self.lens, sum_of_year(months));
        let none_received = all.total == 0;
        let statement = || format!("ปีงบประมาณ พ.ศ. {} {}{none}", self.year, self.agency);
        let periods = lens.period.parts(self.year).into_iter().map(|part| {
            let ((first, last), (starts_on, ends_on)) = (part.months, part.days);
            let tally = sum(months, first, last);
            ComplaintPeriod {
                starts_on,
                ends_on,
                total: tally.total,
                finished: tally.finished,
                in_progress: tally.in_progress(),
                detail: lens.is_exact().then(|| self.detail(&tally, kinds)),
            }
        });
        ComplaintFigures {
            total: all.total,
            finished: all.finished,
            in_progress: all.in_progress(),
            none_received,
            statement: none_received.then(statement),
            periods: periods.collect(),
            detail: (lens.detail != Detail::Nothing).then(|| self.detail(&all, kinds)),
        }
    }

    fn detail(&self, tally: &Tally, kinds: &[Kind]) -> ComplaintDetail {
        let lens = &self.lens;
        let categories = self.categories.iter().filter(|category| kinds.contains(&category.kind));
        let outcomes = Outcome::iter().map(|outcome| outcome.to_value());
        let closed_otherwise = [Status::Rejected, Status::Withdrawn].map(|status| status.to_value());
        ComplaintDetail {
            exact: lens.is_exact(),
            total: tally.total,
            finished: tally.finished,
            by_category: lens.table(tally, "category", categories.map(|category| category.code.clone()), tally.total),
            by_channel: lens.table(tally, "channel", Channel::iter().map(|channel| channel.to_value()), tally.total),
            by_unit: lens.table(tally, "unit", self.units.iter().cloned().chain([NONE.to_owned()]), tally.total),
            by_outcome: lens.table(tally, "outcome", outcomes.chain(closed_otherwise), tally.finished),
            first_answer: lens.days(tally, "first_answer", tally.total),
            conclusion: lens.days(tally, "conclusion", tally.finished),
            overdue: lens.some(tally.overdue(lens.day), tally.in_progress()),
            reopened: lens.some(tally.marks.get("reopened").copied().unwrap_or(0), tally.total),
        }
    }
}

impl ComplaintStatistics {
    pub fn rows(&self) -> Vec<Figure> {
        let of = |sort: &str, figures: &ComplaintFigures| figures.rows(self.fiscal_year, sort);
        let instants = instants(self.fiscal_year, self.as_of, None);
        instants.into_iter().chain(of("integrity", &self.integrity)).chain(of("general", &self.general)).collect()
    }
}

impl ComplaintFigures {
    fn rows(&self, year: i32, sort: &str) -> Vec<Figure> {
        let figure = |name: &str, value: Cell| Figure::new(year, format!("{sort}_{name}"), "", value);
        let before = format!("{sort}_");
        let mut rows = totals(year, &before, "", [self.total, self.finished, self.in_progress]);
        rows.push(figure("none_received", self.none_received.into()));
        rows.extend(self.statement.as_deref().map(|statement| figure("statement", statement.into())));
        for period in &self.periods {
            let of = format!("{}..{}", period.starts_on, period.ends_on);
            rows.extend(totals(year, &before, &of, [period.total, period.finished, period.in_progress]));
            rows.extend(period.detail.iter().flat_map(|detail| detail.rows(year, sort, &format!("{of} "))));
        }
        rows.extend(self.detail.iter().flat_map(|detail| detail.rows(year, sort, "")));
        rows
    }
}

impl ComplaintDetail {
    /// `of` stands before what each figure is of.
    fn rows(&self, year: i32, sort: &str, of: &str) -> Vec<Figure> {
        let mut rows = Vec::new();
        for (name, table) in [
            ("by_category", &self.by_category),
            ("by_channel", &self.by_channel),
            ("by_unit", &self.by_unit),
            ("by_outcome", &self.by_outcome),
        ] {
            rows.extend(CaseCount::rows(table, year, &format!("{sort}_{name}"), of));
        }
        let of = of.trim_end();
        for (name, days) in [("first_answer", &self.first_answer), ("conclusion", &self.conclusion)] {
            rows.extend(days.rows(year, &format!("{sort}_{name}"), of));
        }
        for (name, count) in [("overdue", self.overdue), ("reopened", self.reopened)] {
            rows.push(Figure::new(year, format!("{sort}_{name}"), of, count.map(Cell::whole)));
        }
        rows
    }
}
