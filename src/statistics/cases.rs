//! What the statistics of complaints and service requests share: periods, disclosure control, rows.

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use chrono::{DateTime, NaiveDate, Utc};
use entity::codes::Label;
use sea_orm::DatabaseTransaction;
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{Object, OneOfBuilder, Type};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{IntoParams, ToSchema};

use super::answer;
use super::counts::{Counts, Recorded};
use super::reported::ReportedCounts;
use super::shape::{Envelope, NONE, Names, Rows, Sheet, Slice};
use crate::cases::tallies::{self, Months};
use crate::domain::coverage::Covered;
use crate::domain::disclosure::{self, Cell as Protected, Disclosure, Published};
use crate::domain::field_code::FieldCode;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::message::Language;
use crate::domain::period::{self, Part, Period};
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
    /// The fiscal year in which the cases were received; by default the current one. The year before comes with it.
    #[param(inline, example = 2567)]
    pub fiscal_year: Option<FiscalYear>,
    /// How each year is divided; by default it is not.
    #[param(inline, example = "month")]
    period: Option<Period>,
    /// Returns the figures as of this time. Without a token that sees exact figures only midnight in Bangkok is accepted, because other
    /// times could reveal when a case was received.
    #[param(example = "2024-03-31T17:00:00Z")]
    pub as_of: Option<DateTime<Utc>>,
    /// Format of the response. Takes precedence over `Accept`.
    #[param(inline, example = "csv")]
    format: Option<TableFormat>,
    /// Language of headings and names in CSV and XLSX. Without it, headings and codes are those of the JSON, and the columns of names
    /// are in Thai.
    #[param(inline, example = "en")]
    labels: Option<Language>,
}

/// Which figures a viewer sees, and how they are divided.
pub struct StatisticsView {
    pub period: Period,
    pub disclosure: Disclosure,
    moment: Moment,
    /// The day on which cases are late or not.
    pub day: NaiveDate,
}

/// Of when the figures are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Moment {
    Present,
    /// The midnight at which the day of the view began: the tallies have it.
    LastMidnight,
    /// Another instant, of which the figures are counted anew.
    At(DateTime<Utc>),
}

/// Cases of one section of the figures: a group of complaints, or an e-service.
#[derive(Serialize, ToSchema)]
#[schema(as = Section)]
pub struct Section<B> {
    /// The code of the section: `integrity` or `general`, or the code of an e-service.
    #[schema(max_length = 50, example = "integrity")]
    pub value: String,
    /// The name of the section.
    pub label: Label,
    /// The cases.
    #[serde(flatten)]
    pub figures: Figures<B>,
}

/// Cases of a year.
#[derive(Serialize, ToSchema)]
#[schema(as = Totals)]
pub struct Figures<B> {
    #[serde(flatten)]
    pub covered: Covered,
    #[serde(flatten)]
    pub counts: Counts,
    /// What was reported of the period in another way, each with its source. It is not in the figures.
    #[schema(max_items = 19)]
    pub reported: Vec<ReportedCounts>,
    /// How much of the breakdown is shown.
    pub disclosure: Disclosure,
    /// The periods of the year, none left out.
    #[schema(max_items = 12)]
    pub periods: Vec<CasePeriod<B>>,
    #[schema(required, schema_with = breakdown::<B>)]
    pub breakdown: Option<B>,
}

/// Cases that were received in one period.
#[derive(Serialize, ToSchema)]
#[schema(as = Period)]
pub struct CasePeriod<B> {
    /// The key of the period, unique and in order: `2567-M01`, `2567-Q1`, `2567-H1` or `2567`.
    #[schema(max_length = 10, example = "2567-M01")]
    pub key: String,
    /// The name of the period.
    pub label: Label,
    /// The first day.
    #[schema(example = "2023-10-01")]
    pub starts_on: NaiveDate,
    /// The last day.
    #[schema(example = "2023-10-31")]
    pub ends_on: NaiveDate,
    #[serde(flatten)]
    pub covered: Covered,
    #[serde(flatten)]
    pub counts: Counts,
    /// What was reported of the period in another way, each with its source. It is not in the figures.
    #[schema(max_items = 19)]
    pub reported: Vec<ReportedCounts>,
    #[schema(required, schema_with = breakdown::<B>)]
    pub breakdown: Option<B>,
}

/// How long it took, of those cases in which it was done.
#[derive(Serialize, ToSchema)]
pub struct ProcessingTime {
    /// Median of the working days; null where there are too few cases.
    #[schema(required, minimum = 0, maximum = 100000, example = 7)]
    median_days: Option<u32>,
    /// Working days that nine of ten cases did not exceed (nearest rank); null where there are too few cases.
    #[schema(required, minimum = 0, maximum = 100000, example = 14)]
    percentile_90_days: Option<u32>,
    /// Share of the cases that were done in time, in per cent; null where it is suppressed.
    #[schema(required, minimum = 0, maximum = 100, example = 95.24)]
    in_time_percent: Option<f64>,
}

/// The schema of a breakdown, which may be null: the derive macro takes it for the type argument alone.
fn breakdown<B: ToSchema>() -> RefOr<Schema> {
    let text = "The cases by several dimensions; null where `disclosure` is `totals_only`, where nothing was recorded, and in periods \
                without a token that sees exact figures.";
    OneOfBuilder::new()
        .description(Some(text))
        .item(Object::with_type(Type::Null))
        .item(Ref::from_schema_name(B::name()))
        .into()
}

/// What a breakdown has as rows.
pub trait Tabular {
    fn rows(&self, rows: &mut Rows<'_>);
}

impl CasesAsked {
    /// What an auditor or the public sees, or what is wrong with the query.
    pub fn view(&self, is_auditor: bool, now: DateTime<Utc>) -> Result<StatisticsView> {
        let Self { fiscal_year: _, period, as_of, format: _, labels: _ } = *self;
        let disclosure = match (is_auditor, as_of) {
            (true, _) => Disclosure::Exact,
            (false, None) => Disclosure::SmallCountsSuppressed,
            // Two instants would disclose what came between.
            (false, Some(_)) => Disclosure::TotalsOnly,
        };
        if as_of.is_some_and(|at| at > now) {
            return Err(FieldError::parameter("as_of", FieldCode::InTheFuture).into());
        }
        let is_midnight = |at: DateTime<Utc>| at == midnight(bangkok_day(at));
        if !is_auditor && as_of.is_some_and(|at| !is_midnight(at)) {
            return Err(FieldError::parameter("as_of", FieldCode::NotMidnight).into());
        }
        let day = bangkok_day(as_of.unwrap_or(now));
        let moment = as_of.map_or(Moment::Present, Moment::At);
        Ok(StatisticsView { period: period.unwrap_or(Period::Year), disclosure, moment, day })
    }

    pub async fn answer<F: Serialize>(
        &self,
        request: &HttpRequest,
        statistics: &Envelope<F>,
        rows: impl FnOnce(&Envelope<F>, &mut Sheet),
        name: &str,
        depends_on: &'static [Resource],
    ) -> Result<ReadResponse> {
        answer(self.format, self.labels, request, statistics, rows, name, depends_on)
            .await
            .map(ReadResponse::by_content)
    }
}

impl StatisticsView {
    /// What the public sees of a year in reports: all as of the last midnight.
    pub fn of_reports(period: Period, now: DateTime<Utc>) -> Self {
        let (disclosure, moment) = (Disclosure::SmallCountsSuppressed, Moment::LastMidnight);
        Self { period, disclosure, moment, day: bangkok_day(now) }
    }

    /// The instant of the figures; none of those of the present.
    pub fn as_of(&self) -> Option<DateTime<Utc>> {
        match self.moment {
            Moment::Present => None,
            Moment::LastMidnight => Some(midnight(self.day)),
            Moment::At(at) => Some(at),
        }
    }

    pub fn is_of_another_time(&self) -> bool {
        matches!(self.moment, Moment::At(_))
    }

    /// Figures of another time are counted anew, one after the other; the public does not keep auditors waiting.
    pub async fn turn<'a>(&self, app: &'a App, request: &HttpRequest) -> Result<Option<Turn<'a>>> {
        if !self.is_of_another_time() {
            return Ok(None);
        }
        let recounts = if self.is_exact() { &app.statistics.recounts } else { &app.statistics.public_recounts };
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
        match self.moment {
            Moment::Present => tallies::of_year(moment, subjects, year).await,
            Moment::LastMidnight => tallies::of_year_before(moment, subjects, year, self.day).await,
            Moment::At(at) => tallies::of_year_at(moment, subjects, year, at).await,
        }
    }

    /// Those that the public's tables are made of, where these are others.
    pub async fn months_before(
        &self,
        moment: &DatabaseTransaction,
        subjects: &[String],
        year: FiscalYear,
    ) -> Result<Option<BTreeMap<String, Months>>> {
        match (self.disclosure, self.moment) {
            (Disclosure::SmallCountsSuppressed, Moment::Present) => {
                tallies::of_year_before(moment, subjects, year, self.day).await.map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The instant of the breakdowns: those of the public are of when the day began.
    pub fn breakdown_as_of(&self) -> Option<DateTime<Utc>> {
        self.as_of().or((self.disclosure == Disclosure::SmallCountsSuppressed).then(|| midnight(self.day)))
    }

    pub fn is_exact(&self) -> bool {
        self.disclosure == Disclosure::Exact
    }

    /// The figures of a year, with the breakdown that `of_year` gives where one is shown.
    pub fn figures<B>(
        &self,
        year: FiscalYear,
        months: &Recorded<'_>,
        of_year: impl FnOnce(&Tally) -> Option<B>,
        breakdown: impl Fn(&Tally) -> B,
    ) -> Figures<B> {
        let period = |part: Part| {
            let (covered, tally) = months.of(&part);
            CasePeriod {
                reported: months.reported.within(&part),
                key: part.key,
                label: part.label,
                starts_on: part.days.0,
                ends_on: part.days.1,
                counts: Counts::of(&covered, &tally),
                breakdown: (self.is_exact() && covered.has_figures()).then(|| breakdown(&tally)),
                covered,
            }
        };
        let whole = period::whole(year);
        let (covered, all) = months.of(&whole);
        let shown = of_year(&all);
        Figures {
            counts: Counts::of(&covered, &all),
            reported: months.reported.within(&whole),
            disclosure: if shown.is_some() { self.disclosure } else { Disclosure::TotalsOnly },
            periods: self.period.parts(year).into_iter().map(period).collect(),
            breakdown: shown.filter(|_| covered.has_figures()),
            covered,
        }
    }

    /// A count of `whole`, unless it discloses few cases.
    pub fn some(&self, count: u64, whole: u64) -> Option<u64> {
        Some(count).filter(|_| self.may_show(count, whole.saturating_sub(count)))
    }

    /// A slice for every value that there can be, and for the cases without one.
    pub fn slices(&self, tally: &Tally, dimension: &str, values: &Names, total: u64) -> Option<Vec<Slice>> {
        let mut cells: BTreeMap<String, u64> = values.values().map(|value| (value.clone(), 0)).collect();
        cells.extend(tally.facets.get(dimension).cloned().unwrap_or_default());
        let without = total.saturating_sub(cells.values().sum());
        if without > 0 {
            *cells.entry(NONE.to_owned()).or_default() += without;
        }
        let slice = |value: String, total| Slice { label: values.of(&value), value, total };
        if self.is_exact() {
            return Some(cells.into_iter().map(|(value, count)| slice(value, Some(count))).collect());
        }
        match disclosure::protect(&cells) {
            Published::Withheld => None,
            Published::Cells(cells) => {
                let shown = |cell| if let Protected::Shown(count) = cell { Some(count) } else { None };
                Some(cells.into_iter().map(|(value, cell)| slice(value, shown(cell))).collect())
            }
        }
    }

    /// A share of `whole` cases. It discloses both parts, so neither may be few.
    pub fn days(&self, tally: &Tally, figure: &str, whole: u64) -> ProcessingTime {
        let cases = tally.days.get(figure).map_or(0, |days| days.values().sum());
        let InTime { yes, no } = tally.in_time.get(figure).copied().unwrap_or_default();
        let is_shown = self.may_show(cases, whole.saturating_sub(cases));
        ProcessingTime {
            median_days: tally.percentile(figure, 50).filter(|_| is_shown),
            // Of fewer than ten it is the longest of them.
            percentile_90_days: tally.percentile(figure, 90).filter(|_| is_shown && (self.is_exact() || cases >= 10)),
            in_time_percent: tally.share_in_time(figure).filter(|_| is_shown && self.may_show(yes, no)),
        }
    }

    pub fn may_show(&self, yes: u64, no: u64) -> bool {
        self.is_exact() || disclosure::pair(yes, no)
    }
}

impl<B: Tabular> Figures<B> {
    /// Rows of the year, and of its periods.
    pub fn rows(&self, sheet: &mut Sheet, year: FiscalYear, interval: Period, section: Option<(&str, &Label)>) {
        fn scoped<'a>(rows: Rows<'a>, section: Option<(&str, &Label)>) -> Rows<'a> {
            match section {
                Some((value, label)) => rows.section(value, label),
                None => rows,
            }
        }
        for reported in &self.reported {
            reported.rows(&mut scoped(sheet.of_period(year.number(), &reported.period), section));
        }
        let mut rows = scoped(sheet.of_year(year.number()), section);
        self.counts.rows(&mut rows, &self.covered);
        rows.text("disclosure", Cell::code(self.disclosure));
        self.breakdown.iter().for_each(|breakdown| breakdown.rows(&mut rows));
        if interval == Period::Year {
            return;
        }
        for (period, part) in self.periods.iter().zip(interval.parts(year)) {
            let mut rows = scoped(sheet.of(year.number(), interval, &part), section);
            period.counts.rows(&mut rows, &period.covered);
            period.breakdown.iter().for_each(|breakdown| breakdown.rows(&mut rows));
        }
    }
}

impl ProcessingTime {
    pub fn rows(&self, rows: &mut Rows<'_>, name: &str) {
        let whole = |days: Option<u32>| Cell::from(days.map(|days| Cell::whole(days.into())));
        rows.number(&format!("{name}_median_days"), whole(self.median_days));
        rows.number(&format!("{name}_percentile_90_days"), whole(self.percentile_90_days));
        rows.number(&format!("{name}_in_time_percent"), self.in_time_percent);
    }
}
