//! Requests for e-services, counted: what the ITA's items on service statistics and e-services publish.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::e_service::{Column, Entity};
use entity::service_request::{Channel, Status};
use sea_orm::{ActiveEnum, DatabaseTransaction, EntityTrait, Iterable, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;

use super::Figure;
use super::cases::{CaseCount, CaseDays, Detail, StatisticsView, instants, sum, sum_of_year, totals};
use crate::cases::tallies::{Months, SERVICE_REQUESTS};
use crate::domain::count::Count;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::period::Period;
use crate::domain::tally::Tally;
use crate::error::Result;
use crate::http::spreadsheet::Cell;

/// Requests for e-services of a fiscal year and of the year before, by when they came.
#[derive(Serialize, ToSchema)]
pub struct EServiceStatistics {
    period: Period,
    /// The instant that the figures are of, where one was asked for.
    #[schema(required, example = json!(null))]
    as_of: Option<DateTime<Utc>>,
    /// The instant that every `detail` is of, where it is another: what the public sees is of when the day began.
    #[schema(required, example = "2024-04-10T17:00:00Z")]
    detail_as_of: Option<DateTime<Utc>>,
    year: EServicesOfYear,
    year_before: EServicesOfYear,
}

/// Requests for e-services of one fiscal year.
#[derive(Serialize, ToSchema)]
struct EServicesOfYear {
    #[schema(minimum = 2499, maximum = 2700, example = 2567)]
    fiscal_year: i32,
    all: EServiceFigures,
    /// Those for each e-service, by its code.
    #[schema(max_items = 1000)]
    services: Vec<EServiceFigures>,
}

/// Requests for an e-service, or for all of them.
#[derive(Serialize, ToSchema)]
struct EServiceFigures {
    /// Code of the e-service; null for all of them.
    #[schema(required, max_length = 50, example = "public-lighting")]
    service: Option<String>,
    #[schema(value_type = Count)]
    total: u64,
    #[schema(value_type = Count)]
    finished: u64,
    #[schema(value_type = Count)]
    in_progress: u64,
    /// The year's periods, none left out.
    #[schema(max_items = 12)]
    periods: Vec<EServicePeriod>,
    /// The same in more detail. For the public null where `as_of` is asked for, since two instants would tell what came between, and for
    /// single e-services, which would tell what is hidden of all.
    #[schema(required)]
    detail: Option<EServiceDetail>,
}

/// Requests that came in one period.
#[derive(Serialize, ToSchema)]
struct EServicePeriod {
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
    detail: Option<EServiceDetail>,
}

/// Requests by how they came and how they went.
#[derive(Serialize, ToSchema)]
struct EServiceDetail {
    /// Whether nothing is hidden. For the public, counts of 1 to 4 are, and what would tell them, and all is as it was when the
    /// day began: what one request more would tell, the next day does.
    #[schema(example = false)]
    exact: bool,
    /// Requests in the tables.
    #[schema(value_type = Count)]
    total: u64,
    /// Those in `by_outcome`.
    #[schema(value_type = Count)]
    finished: u64,
    /// Null where the table as a whole is hidden.
    #[schema(required, max_items = 10)]
    by_channel: Option<Vec<CaseCount>>,
    /// Those that are finished.
    #[schema(required, max_items = 10)]
    by_outcome: Option<Vec<CaseCount>>,
    /// Those that are finished, by how content whoever asked is; `none` has those that nobody has rated.
    #[schema(required, max_items = 10)]
    by_rating: Option<Vec<CaseCount>>,
    completion: CaseDays,
    satisfaction: Satisfaction,
    /// Those in progress that were late on the day that the figures are of. Null where it is hidden.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 0)]
    overdue: Option<u64>,
    /// Null where it is hidden.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 0)]
    reopened: Option<u64>,
}

/// How content those are who said so.
#[derive(Serialize, ToSchema)]
struct Satisfaction {
    /// 1 to 5, with two decimals; null where nobody said, or where ratings are hidden.
    #[schema(required, minimum = 1, maximum = 5, example = 4.65)]
    mean: Option<f64>,
    /// How many said so. Null where it is hidden.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 20)]
    ratings: Option<u64>,
}

pub async fn count(
    moment: &DatabaseTransaction,
    year: FiscalYear,
    lens: &StatisticsView,
) -> Result<EServiceStatistics> {
    let mut codes: Vec<String> = Entity::find().select_only().column(Column::Code).into_tuple().all(moment).await?;
    codes.sort();
    let subjects: Vec<String> = codes.iter().map(|code| format!("{SERVICE_REQUESTS}{code}")).collect();
    let of_year = async |year: FiscalYear| -> Result<EServicesOfYear> {
        let months = lens.months(moment, &subjects, year).await?;
        let before = lens.months_before(moment, &subjects, year).await?;
        let before = before.map(|before| sum_of_year(&together(before.values())));
        let all = figures(lens, year, None, &together(months.values()), |of_year| match lens.detail {
            Detail::Nothing => None,
            _ => Some(detail(lens, before.as_ref().unwrap_or(of_year))),
        });
        let none = Months::default();
        let services = codes.iter().zip(&subjects).map(|(code, subject)| {
            let exact = |of_year: &Tally| lens.is_exact().then(|| detail(lens, of_year));
            figures(lens, year, Some(code.clone()), months.get(subject).unwrap_or(&none), exact)
        });
        Ok(EServicesOfYear { fiscal_year: year.number(), all, services: services.collect() })
    };
    Ok(EServiceStatistics {
        period: lens.period,
        as_of: lens.as_of,
        detail_as_of: lens.detail_as_of(),
        year: of_year(year).await?,
        year_before: of_year(year.before()).await?,
    })
}

/// The months of several subjects as those of one.
fn together<'a>(subjects: impl Iterator<Item = &'a Months>) -> Months {
    let mut all: Months = BTreeMap::new();
    for (month, tally) in subjects.flatten() {
        all.entry(*month).or_default().merge(tally);
    }
    all
}

fn figures(
    lens: &StatisticsView,
    year: FiscalYear,
    service: Option<String>,
    months: &Months,
    detail_of: impl Fn(&Tally) -> Option<EServiceDetail>,
) -> EServiceFigures {
    let of_year = sum_of_year(months);
    let periods = lens.period.parts(year).into_iter().map(|part| {
        let ((first, last), (starts_on, ends_on)) = (part.months, part.days);
        let tally = sum(months, first, last);
        let detail = lens.is_exact().then(|| detail(lens, &tally));
        let (total, finished, in_progress) = (tally.total, tally.finished, tally.in_progress());
        EServicePeriod { starts_on, ends_on, total, finished, in_progress, detail }
    });
    EServiceFigures {
        service,
        total: of_year.total,
        finished: of_year.finished,
        in_progress: of_year.in_progress(),
        periods: periods.collect(),
        detail: detail_of(&of_year),
    }
}

fn detail(lens: &StatisticsView, tally: &Tally) -> EServiceDetail {
    let channels = Channel::iter().map(|channel| channel.to_value());
    let outcomes = [Status::Completed, Status::Rejected, Status::Cancelled].map(|status| status.to_value());
    let by_rating = lens.table(tally, "rating", (1..=5).map(|rating| rating.to_string()), tally.finished);
    // Their mean would tell the ratings that are hidden.
    let is_shown = by_rating.as_ref().is_some_and(|cells| cells.iter().all(CaseCount::is_shown));
    EServiceDetail {
        exact: lens.is_exact(),
        total: tally.total,
        finished: tally.finished,
        by_channel: lens.table(tally, "channel", channels, tally.total),
        by_outcome: lens.table(tally, "outcome", outcomes.into_iter(), tally.finished),
        by_rating,
        completion: lens.days(tally, "completion", tally.finished),
        satisfaction: Satisfaction::of(tally, is_shown),
        overdue: lens.some(tally.overdue(lens.day), tally.in_progress()),
        reopened: lens.some(tally.marks.get("reopened").copied().unwrap_or(0), tally.total),
    }
}

impl Satisfaction {
    fn of(tally: &Tally, is_shown: bool) -> Self {
        let ratings = tally.facets.get("rating").into_iter().flatten();
        let (count, sum) = ratings.fold((0, 0), |(all, sum), (rating, count)| {
            (all + count, sum + count * rating.parse::<u64>().unwrap_or_default())
        });
        let mean = (count > 0).then(|| (sum as f64 * 100.0 / count as f64).round() / 100.0);
        Self { mean: mean.filter(|_| is_shown), ratings: Some(count).filter(|_| is_shown) }
    }
}

impl EServiceStatistics {
    pub fn rows(&self) -> Vec<Figure> {
        let year = self.year.fiscal_year;
        let instants = instants(year, self.as_of, self.detail_as_of);
        instants.into_iter().chain(self.year.rows()).chain(self.year_before.rows()).collect()
    }
}

impl EServicesOfYear {
    fn rows(&self) -> Vec<Figure> {
        [&self.all].into_iter().chain(&self.services).flat_map(|figures| figures.rows(self.fiscal_year)).collect()
    }
}

impl EServiceFigures {
    fn rows(&self, year: i32) -> Vec<Figure> {
        let service = self.service.as_deref().unwrap_or_default();
        let mut rows = totals(year, "", service, [self.total, self.finished, self.in_progress]);
        for period in &self.periods {
            let of = format!("{service} {}..{}", period.starts_on, period.ends_on);
            rows.extend(totals(year, "", of.trim(), [period.total, period.finished, period.in_progress]));
            rows.extend(period.detail.iter().flat_map(|detail| detail.rows(year, of.trim())));
        }
        rows.extend(self.detail.iter().flat_map(|detail| detail.rows(year, service)));
        rows
    }
}

impl EServiceDetail {
    fn rows(&self, year: i32, of: &str) -> Vec<Figure> {
        let before = format!("{of} ");
        let mut rows = Vec::new();
        for (name, table) in
            [("by_channel", &self.by_channel), ("by_outcome", &self.by_outcome), ("by_rating", &self.by_rating)]
        {
            rows.extend(CaseCount::rows(table, year, name, before.trim_start()));
        }
        rows.extend(self.completion.rows(year, "completion", of));
        rows.push(Figure::new(year, "satisfaction_mean", of, self.satisfaction.mean));
        let counts = [("ratings", self.satisfaction.ratings), ("overdue", self.overdue), ("reopened", self.reopened)];
        rows.extend(counts.map(|(name, count)| Figure::new(year, name, of, count.map(Cell::whole))));
        rows
    }
}
