//! What the statistics of complaints and service requests share: periods, disclosure control, flattening to rows.

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::DatabaseTransaction;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Asked, Figure, answer};
use crate::cases::tallies::{self, Months};
use crate::domain::disclosure::{self, Cell as Protected, Published};
use crate::domain::field_code::FieldCode;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::period::Period;
use crate::domain::tally::{InTime, Tally};
use crate::domain::working_days::{bangkok_day, midnight};
use crate::error::{FieldError, Result};
use crate::http::negotiation::TableFormat;
use crate::http::response::ReadResponse;
use crate::http::spreadsheet::Cell;
use crate::http::turns::Turn;
use crate::revisions::Resource;
use crate::state::App;

/// Which cases to count, and how.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CasesAsked {
    /// The fiscal year in which they came.
    #[param(inline, example = 2567)]
    pub fiscal_year: FiscalYear,
    /// How the year is divided; by default it is not.
    #[param(inline, example = "month")]
    period: Option<Period>,
    /// Shows the figures as they were at this instant, with all that was begun until then; for the public, a midnight in Bangkok:
    /// others would tell when somebody came.
    #[param(example = "2024-03-31T17:00:00Z")]
    pub as_of: Option<DateTime<Utc>>,
    /// Format of the answer; goes before `Accept`.
    #[param(inline, example = "csv")]
    format: Option<TableFormat>,
}

/// How much detail is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// To auditors.
    Exact,
    /// To everybody, of the year as it was when the day began.
    Protected,
    /// For everyone, as of an instant: totals only, since two instants would disclose what came between.
    Nothing,
}

/// Which figures a viewer sees, and how they are divided.
pub struct StatisticsView {
    pub period: Period,
    pub detail: Detail,
    pub as_of: Option<DateTime<Utc>>,
    /// The day on which cases are late or not.
    pub day: NaiveDate,
}

/// One cell of a table.
#[derive(Serialize, ToSchema)]
pub struct CaseCount {
    #[schema(max_length = 50, example = "bribery")]
    value: String,
    /// Null where it is hidden.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 12)]
    total: Option<u64>,
}

/// How long something took, of those cases in which it was done.
#[derive(Serialize, ToSchema)]
pub struct CaseDays {
    /// Working days; null where there are too few cases.
    #[schema(required, minimum = 0, maximum = 100000, example = 7)]
    median: Option<u32>,
    /// Working days that nine of ten did not exceed (nearest rank).
    #[schema(required, minimum = 0, maximum = 100000, example = 14)]
    percentile_90: Option<u32>,
    /// In per cent.
    #[schema(required, minimum = 0, maximum = 100, example = 95.24)]
    in_time_percent: Option<f64>,
}

impl CasesAsked {
    /// What an auditor or the public sees, or what is wrong with the query.
    pub fn lens(&self, is_auditor: bool, now: DateTime<Utc>) -> Result<StatisticsView> {
        let Self { fiscal_year: _, period, as_of, format: _ } = *self;
        let detail = match (is_auditor, as_of) {
            (true, _) => Detail::Exact,
            (false, None) => Detail::Protected,
            (false, Some(_)) => Detail::Nothing,
        };
        if as_of.is_some_and(|at| at > now) {
            return Err(FieldError::parameter("as_of", FieldCode::InTheFuture).into());
        }
        let is_midnight = |at: DateTime<Utc>| at == midnight(bangkok_day(at));
        if !is_auditor && as_of.is_some_and(|at| !is_midnight(at)) {
            return Err(FieldError::parameter("as_of", FieldCode::NotMidnight).into());
        }
        let day = bangkok_day(as_of.unwrap_or(now));
        Ok(StatisticsView { period: period.unwrap_or(Period::Year), detail, as_of, day })
    }

    pub async fn answer(
        &self,
        request: &HttpRequest,
        statistics: &impl Serialize,
        rows: Vec<Figure>,
        name: &str,
        depends_on: &'static [Resource],
    ) -> Result<ReadResponse> {
        let asked = Asked { fiscal_year: self.fiscal_year, format: self.format };
        answer(&asked, request, statistics, rows, name, depends_on).await.map(ReadResponse::by_content)
    }
}

impl StatisticsView {
    /// Figures of another time are counted anew, one after the other; the public does not keep auditors waiting.
    pub async fn turn<'a>(&self, app: &'a App, request: &HttpRequest) -> Result<Option<Turn<'a>>> {
        if self.as_of.is_none() {
            return Ok(None);
        }
        let recounts =
            if self.detail == Detail::Exact { &app.statistics.recounts } else { &app.statistics.public_recounts };
        let caller = app.http.callers.of(request)?;
        recounts.take(caller.key()).await.map(Some)
    }

    /// The tallies of a year, by subject and month, at one moment.
    pub async fn months(
        &self,
        moment: &DatabaseTransaction,
        subjects: &[String],
        year: FiscalYear,
    ) -> Result<BTreeMap<String, Months>> {
        match self.as_of {
            None => tallies::of_year(moment, subjects, year).await,
            Some(at) => tallies::of_year_at(moment, subjects, year, at).await,
        }
    }

    /// Those that the public's tables are made of, where these are others.
    pub async fn months_before(
        &self,
        moment: &DatabaseTransaction,
        subjects: &[String],
        year: FiscalYear,
    ) -> Result<Option<BTreeMap<String, Months>>> {
        match self.detail {
            Detail::Protected => tallies::of_year_before(moment, subjects, year, self.day).await.map(Some),
            Detail::Exact | Detail::Nothing => Ok(None),
        }
    }

    /// The instant that the public's tables are of, which is not that of the totals.
    pub fn detail_as_of(&self) -> Option<DateTime<Utc>> {
        (self.detail == Detail::Protected).then(|| midnight(self.day))
    }

    pub fn is_exact(&self) -> bool {
        self.detail == Detail::Exact
    }

    /// A count of `whole`, unless it discloses few cases.
    pub fn some(&self, count: u64, whole: u64) -> Option<u64> {
        Some(count).filter(|_| self.may_show(count, whole.saturating_sub(count)))
    }

    /// A row for every value that there can be, and for those without one.
    pub fn table(
        &self,
        tally: &Tally,
        dimension: &str,
        values: impl Iterator<Item = String>,
        total: u64,
    ) -> Option<Vec<CaseCount>> {
        let mut cells: BTreeMap<String, u64> = values.map(|value| (value, 0)).collect();
        cells.extend(tally.facets.get(dimension).cloned().unwrap_or_default());
        let without = total.saturating_sub(cells.values().sum());
        if without > 0 {
            *cells.entry(NONE.to_owned()).or_default() += without;
        }
        let row = |(value, total)| CaseCount { value, total };
        if self.is_exact() {
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

    /// A share of `whole` cases. It discloses both parts, so neither may be few.
    pub fn days(&self, tally: &Tally, figure: &str, whole: u64) -> CaseDays {
        let cases = tally.days.get(figure).map_or(0, |days| days.values().sum());
        let InTime { yes, no } = tally.in_time.get(figure).copied().unwrap_or_default();
        let is_shown = self.may_show(cases, whole.saturating_sub(cases));
        CaseDays {
            median: tally.percentile(figure, 50).filter(|_| is_shown),
            // Of fewer than ten it is the longest of them.
            percentile_90: tally.percentile(figure, 90).filter(|_| is_shown && (self.is_exact() || cases >= 10)),
            in_time_percent: tally.share_in_time(figure).filter(|_| is_shown && self.may_show(yes, no)),
        }
    }

    pub fn may_show(&self, yes: u64, no: u64) -> bool {
        self.is_exact() || disclosure::pair(yes, no)
    }
}

/// The row of those without a value.
pub const NONE: &str = "none";

pub fn sum(months: &Months, first: i32, last: i32) -> Tally {
    let mut sum = Tally::default();
    months.range(first..=last).for_each(|(_, tally)| sum.merge(tally));
    sum
}

pub fn sum_of_year(months: &Months) -> Tally {
    sum(months, 1, 12)
}

// The same as rows of a long table.

/// The instants that figures are of.
pub fn instants(year: i32, as_of: Option<DateTime<Utc>>, detail_as_of: Option<DateTime<Utc>>) -> Vec<Figure> {
    let row = |(name, at): (&str, Option<DateTime<Utc>>)| Some(Figure::new(year, name, "", Cell::from(at?)));
    [("as_of", as_of), ("detail_as_of", detail_as_of)].into_iter().filter_map(row).collect()
}

/// All, finished and in progress.
pub fn totals(year: i32, before: &str, of: &str, counts: [u64; 3]) -> Vec<Figure> {
    let names = ["total", "finished", "in_progress"].into_iter().zip(counts);
    names.map(|(name, count)| Figure::new(year, format!("{before}{name}"), of, Cell::whole(count))).collect()
}

impl CaseDays {
    pub fn rows(&self, year: i32, name: &str, of: &str) -> [Figure; 3] {
        let whole = |days: Option<u32>| Cell::from(days.map(|days| Cell::whole(days.into())));
        [
            Figure::new(year, format!("{name}_median_days"), of, whole(self.median)),
            Figure::new(year, format!("{name}_percentile_90_days"), of, whole(self.percentile_90)),
            Figure::new(year, format!("{name}_in_time_percent"), of, self.in_time_percent),
        ]
    }
}

impl CaseCount {
    pub fn is_shown(&self) -> bool {
        self.total.is_some()
    }

    /// A row for each value of a table, with what stands before it.
    pub fn rows(table: &Option<Vec<Self>>, year: i32, name: &str, of: &str) -> Vec<Figure> {
        let row =
            |Self { value, total }: &Self| Figure::new(year, name, format!("{of}{value}"), total.map(Cell::whole));
        table.iter().flatten().map(row).collect()
    }
}
