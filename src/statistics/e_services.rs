//! Requests for e-services, counted: what the ITA's items on service statistics and e-services publish.

use chrono::{DateTime, Utc};
use entity::codes::{Coded, Label};
use entity::e_service::Entity;
use entity::reported_figure;
use entity::service_request::{Channel, Status};
use sea_orm::{DatabaseTransaction, EntityTrait};
use serde::Serialize;
use utoipa::ToSchema;

use super::cases::{Figures, ProcessingTime, Section, StatisticsView, Tabular};
use super::counts::Recorded;
use super::reported::Reported;
use super::shape::{Envelope, Names, Rows, Sheet, Slice, Year};
use crate::agency;
use crate::cases::tallies::{Months, SERVICE_REQUESTS};
use crate::domain::count::Count;
use crate::domain::coverage::Recording;
use crate::domain::disclosure::Disclosure;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::period;
use crate::domain::service_request::{Action, Rating};
use crate::domain::tally::Tally;
use crate::domain::workflow::Action as _;
use crate::error::Result;
use crate::http::spreadsheet::Cell;
use crate::reported_figures;

/// Requests for e-services of a fiscal year, by when they were received.
#[derive(Serialize, ToSchema)]
pub struct EServiceFigures {
    #[serde(flatten)]
    year: Year,
    /// Requests for all e-services.
    #[serde(flatten)]
    pub all: Figures<EServiceBreakdown>,
    /// Requests for each e-service.
    #[schema(max_items = 1000)]
    pub by_service: Vec<Section<EServiceBreakdown>>,
}

/// Requests by several dimensions.
#[derive(Serialize, ToSchema)]
pub struct EServiceBreakdown {
    /// The instant of the breakdown; null for the present. That of the public is the last midnight in Bangkok.
    #[schema(required, example = "2024-04-10T17:00:00Z")]
    as_of: Option<DateTime<Utc>>,
    /// How many requests the breakdown is of.
    #[schema(value_type = Count)]
    total: u64,
    /// How many of them are closed, which is the sum of `by_result`.
    #[schema(value_type = Count)]
    finished_count: u64,
    /// By channel; null where the table as a whole is suppressed.
    #[schema(required, max_items = 10)]
    pub by_channel: Option<Vec<Slice>>,
    /// Closed requests by the status in which they were closed; null where the table as a whole is suppressed.
    #[schema(required, max_items = 10)]
    by_result: Option<Vec<Slice>>,
    /// Closed requests by rating; `none` are not rated. Null where the table as a whole is suppressed.
    #[schema(required, max_items = 10)]
    by_rating: Option<Vec<Slice>>,
    /// The time until the completion.
    completion: ProcessingTime,
    /// The ratings of the applicants.
    satisfaction: Satisfaction,
    /// How many open requests were late; null where it is suppressed.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 0)]
    overdue_count: Option<u64>,
    /// How many were reopened; null where it is suppressed.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 0)]
    reopened_count: Option<u64>,
}

/// Ratings from 1 to 5.
#[derive(Serialize, ToSchema)]
struct Satisfaction {
    /// Mean with two decimals; null without a rating, or where ratings are suppressed.
    #[schema(required, minimum = 1, maximum = 5, example = 4.65)]
    mean: Option<f64>,
    /// How many ratings there are; null where it is suppressed.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 20)]
    rating_count: Option<u64>,
}

/// An e-service that is counted.
struct Counted {
    code: String,
    label: Label,
    subject: String,
}

/// What the figures are made with.
struct Frame<'a> {
    view: &'a StatisticsView,
    services: Vec<Counted>,
    recording: Recording,
    /// For the breakdown, which the public sees as of an earlier instant.
    recording_before: Recording,
    reported: Vec<reported_figure::Model>,
}

pub async fn count(
    moment: &DatabaseTransaction,
    year: FiscalYear,
    view: &StatisticsView,
    now: DateTime<Utc>,
) -> Result<Envelope<EServiceFigures>> {
    let services = Entity::find().all(moment).await?.into_iter().map(|service| Counted {
        subject: format!("{SERVICE_REQUESTS}{}", service.code),
        code: service.code,
        label: Label::named(service.name_th, service.name_en),
    });
    let mut services: Vec<Counted> = services.collect();
    services.sort_by(|a, b| a.code.cmp(&b.code));
    let agency = agency::store::find(moment).await?.agency;
    let recording = async |at: Option<DateTime<Utc>>| -> Result<Recording> {
        let at = at.unwrap_or(now);
        Ok(Recording::new(agency::store::recorded_from(moment, &agency, at).await?.service_requests, at))
    };
    let frame = Frame {
        view,
        services,
        recording: recording(view.as_of()).await?,
        recording_before: recording(view.breakdown_as_of()).await?,
        reported: reported_figures::store::of_years(moment, [year.before(), year]).await?,
    };
    Ok(Envelope {
        fiscal_year: year.number(),
        period: view.period,
        as_of: view.as_of(),
        current: frame.figures(moment, year).await?,
        previous: frame.figures(moment, year.before()).await?,
    })
}

impl Frame<'_> {
    async fn figures(&self, moment: &DatabaseTransaction, year: FiscalYear) -> Result<EServiceFigures> {
        let view = self.view;
        let subjects: Vec<String> = self.services.iter().map(|service| service.subject.clone()).collect();
        let months = view.months(moment, &subjects, year).await?;
        let before = view.months_before(moment, &subjects, year).await?;
        let before = before.map(|before| {
            let before = together(before.values());
            let recorded = self.recorded(year, &before, SERVICE_REQUESTS);
            let (covered, tally) = Recorded { recording: self.recording_before, ..recorded }.of(&period::whole(year));
            // The day may be stated since: then there are totals, and no breakdown.
            let has_totals_alone = !covered.has_figures() && self.recording.of(year.span()).has_figures();
            Some(tally).filter(|_| !has_totals_alone)
        });
        let of_year = |tally: &Tally| match (view.disclosure, &before) {
            (Disclosure::TotalsOnly, _) => None,
            (_, Some(before)) => before.as_ref().map(|tally| breakdown(view, tally)),
            (_, None) => Some(breakdown(view, tally)),
        };
        let all = together(months.values());
        let all = self.recorded(year, &all, SERVICE_REQUESTS);
        let all = view.figures(year, &all, of_year, |tally| breakdown(view, tally));
        let none = Months::default();
        let by_service = self.services.iter().map(|service| {
            let months = months.get(&service.subject).unwrap_or(&none);
            // Of single e-services the public sees totals: more would tell what is suppressed of all.
            let of_year = |tally: &Tally| view.is_exact().then(|| breakdown(view, tally));
            let months = self.recorded(year, months, &service.subject);
            let figures = view.figures(year, &months, of_year, |tally| breakdown(view, tally));
            Section { value: service.code.clone(), label: service.label.clone(), figures }
        });
        Ok(EServiceFigures { year: Year::of(year), all, by_service: by_service.collect() })
    }

    fn recorded<'a>(&'a self, year: FiscalYear, months: &'a Months, subject: &'a str) -> Recorded<'a> {
        Recorded { year, months, recording: self.recording, reported: Reported::of(&self.reported, subject) }
    }
}

/// The months of several subjects as those of one.
fn together<'a>(subjects: impl Iterator<Item = &'a Months>) -> Months {
    let mut all = Months::new();
    for (month, tally) in subjects.flatten() {
        all.entry(*month).or_default().merge(tally);
    }
    all
}

fn breakdown(view: &StatisticsView, tally: &Tally) -> EServiceBreakdown {
    let channels = Names::of_codes(Channel::ALL.iter().copied());
    let results = Names::of_codes(Status::ALL.iter().copied().filter(|status| Action::is_closed(*status)));
    let ratings = Names::of_codes(Rating::ALL.iter().copied());
    let by_rating = view.slices(tally, "rating", &ratings, tally.finished);
    // Their mean would tell the ratings that are suppressed.
    let is_shown = by_rating.as_ref().is_some_and(|slices| slices.iter().all(|slice| slice.total.is_some()));
    EServiceBreakdown {
        as_of: view.breakdown_as_of(),
        total: tally.total,
        finished_count: tally.finished,
        by_channel: view.slices(tally, "channel", &channels, tally.total),
        by_result: view.slices(tally, "outcome", &results, tally.finished),
        by_rating,
        completion: view.days(tally, "completion", tally.finished),
        satisfaction: Satisfaction::of(tally, is_shown),
        overdue_count: view.some(tally.overdue(view.day), tally.in_progress()),
        reopened_count: view.some(tally.marks.get("reopened").copied().unwrap_or(0), tally.total),
    }
}

impl Satisfaction {
    fn of(tally: &Tally, is_shown: bool) -> Self {
        let ratings = tally.facets.get("rating").into_iter().flatten();
        let (count, sum) = ratings.fold((0, 0), |(all, sum), (rating, count)| {
            (all + count, sum + count * rating.parse::<u64>().unwrap_or_default())
        });
        let mean = (count > 0).then(|| (sum as f64 * 100.0 / count as f64).round() / 100.0);
        Self { mean: mean.filter(|_| is_shown), rating_count: Some(count).filter(|_| is_shown) }
    }
}

pub fn rows(statistics: &Envelope<EServiceFigures>, sheet: &mut Sheet) {
    for figures in [&statistics.current, &statistics.previous] {
        let year = FiscalYear::stored(figures.year.fiscal_year);
        figures.all.rows(sheet, year, statistics.period, None);
        for Section { value, label, figures } in &figures.by_service {
            figures.rows(sheet, year, statistics.period, Some((value, label)));
        }
    }
    let mut rows = sheet.of_year(statistics.fiscal_year);
    rows.text("as_of", statistics.as_of);
    rows.text("breakdown_as_of", statistics.current.all.breakdown.as_ref().and_then(|breakdown| breakdown.as_of));
}

impl Tabular for EServiceBreakdown {
    fn rows(&self, rows: &mut Rows<'_>) {
        for (dimension, slices) in
            [("channel", &self.by_channel), ("result", &self.by_result), ("rating", &self.by_rating)]
        {
            rows.slices(dimension, slices.as_deref().unwrap_or_default());
        }
        self.completion.rows(rows, "completion");
        rows.number("satisfaction_mean", self.satisfaction.mean);
        rows.number("rating_count", self.satisfaction.rating_count.map(Cell::whole));
        rows.number("overdue_count", self.overdue_count.map(Cell::whole));
        rows.number("reopened_count", self.reopened_count.map(Cell::whole));
    }
}
