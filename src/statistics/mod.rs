//! Statistics: `/v1/statistics`. All aggregation is here. Of measures and projects only published ones count.

pub mod cases;
pub mod complaints;
pub mod counts;
pub mod e_services;
mod history;
mod measures;
mod names;
mod projects;
pub mod reported;
pub mod shape;

use actix_web::{HttpRequest, get};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, Statement};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::auth::scope::{ComplaintsCount, ServiceRequestsCount};
use crate::auth::{Viewer, recusal};
use crate::domain::field_code::FieldCode;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::message::Language;
use crate::domain::period::Period;
use crate::error::{Code, FieldError, Result};
use crate::http::negotiation::{self, Format, TableFormat};
use crate::http::params::Query;
use crate::http::response::ReadResponse;
use crate::http::spool::Keep;
use crate::http::spreadsheet::RecordNames;
use crate::http::turns::Turn;
use crate::revisions::Resource;
use crate::state::{App, State};
use cases::CasesAsked;
pub use complaints::{ComplaintBreakdown, ComplaintFigures};
pub use e_services::{EServiceBreakdown, EServiceFigures};
pub use measures::MeasureFigures;
pub use projects::ProjectFigures;
use shape::{Envelope, Sheet};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(get_complaint_statistics)
        .service(get_e_service_statistics)
        .service(get_measure_statistics)
        .service(get_project_statistics);
}

/// Which year of records to count, and how.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RecordsAsked {
    /// The fiscal year; by default the current one. The year before comes with it.
    #[param(inline, example = 2567)]
    fiscal_year: Option<FiscalYear>,
    /// How each year is divided; by default it is not.
    #[param(inline, example = "month")]
    period: Option<Period>,
    /// Returns the figures as of this time, of the records as they were published then.
    #[param(example = "2024-03-31T17:00:00Z")]
    as_of: Option<DateTime<Utc>>,
    /// Format of the response. Takes precedence over `Accept`.
    #[param(inline, example = "csv")]
    format: Option<TableFormat>,
    /// Language of headings and names in CSV and XLSX. Without it, headings and codes are those of the JSON, and the columns of names
    /// are in Thai.
    #[param(inline, example = "en")]
    labels: Option<Language>,
}

/// Of when records are counted, and how their years are divided.
#[derive(Clone, Copy)]
pub struct RecordsView {
    pub year: FiscalYear,
    pub now: DateTime<Utc>,
    pub as_of: Option<DateTime<Utc>>,
    /// None where years are not divided.
    pub period: Option<Period>,
}

impl RecordsAsked {
    fn view(&self, app: &App) -> Result<RecordsView> {
        let (year, now) = (year_of(app, self.fiscal_year)?, app.db.now());
        if self.as_of.is_some_and(|at| at > now) {
            return Err(FieldError::parameter("as_of", FieldCode::InTheFuture).into());
        }
        Ok(RecordsView { year, now, as_of: self.as_of, period: self.period })
    }
}

impl RecordsView {
    /// Whether the log is read for it.
    pub fn is_of_the_past(&self) -> bool {
        self.as_of.is_some() || self.period.is_some()
    }

    /// What is read from the log is read one after the other.
    async fn turn<'a>(&self, app: &'a App, request: &HttpRequest) -> Result<Option<Turn<'a>>> {
        if !self.is_of_the_past() {
            return Ok(None);
        }
        let caller = app.http.callers.of(request)?;
        app.statistics.public_recounts.take(caller.key()).await.map(Some)
    }
}

/// The year that is asked for, or the current one.
fn year_of(app: &App, asked: Option<FiscalYear>) -> Result<FiscalYear> {
    let current = || FiscalYear::at(app.db.now()).ok_or_else(|| Code::Internal.into());
    asked.map_or_else(current, Ok)
}

/// Get statistics of measures
///
/// Returns the published measures of a fiscal year and of the year before by status and by unit, their implementation rate, and how
/// many lack results. With `period` also as they were at the end of each period, and with `as_of` as they were then: the audit log has
/// every state.
#[utoipa::path(tag = "statistics", params(RecordsAsked), responses((status = 200, body = Envelope<MeasureFigures>)))]
#[get("/v1/statistics/measures")]
async fn get_measure_statistics(app: State, asked: Query<RecordsAsked>, request: HttpRequest) -> Result<ReadResponse> {
    const COUNTED: &[Resource] = &[Resource::Measures, Resource::Units];
    const DEPENDS_ON: &[Resource] = &[Resource::Measures, Resource::Units, Resource::Today];
    let view = asked.0.view(&app)?;
    let _alone = view.turn(&app, &request).await?;
    let moment = app.db.snapshot().await?;
    let statistics = history::count(&moment, &view, COUNTED).await?;
    moment.rollback().await?;
    answer(asked.0.format, asked.0.labels, &request, &statistics, measures::rows, "measure-statistics", DEPENDS_ON)
        .await
}

/// Get statistics of projects
///
/// Returns the published projects of a fiscal year and of the year before by status and by unit, their budgets, and how many lack a
/// part of the annual report. With `period` also as they were at the end of each period, and with `as_of` as they were then: the audit
/// log has every state.
#[utoipa::path(tag = "statistics", params(RecordsAsked), responses((status = 200, body = Envelope<ProjectFigures>)))]
#[get("/v1/statistics/projects")]
async fn get_project_statistics(app: State, asked: Query<RecordsAsked>, request: HttpRequest) -> Result<ReadResponse> {
    const COUNTED: &[Resource] = &[Resource::Projects, Resource::Units];
    const DEPENDS_ON: &[Resource] = &[Resource::Projects, Resource::Units, Resource::Today];
    let view = asked.0.view(&app)?;
    let _alone = view.turn(&app, &request).await?;
    let moment = app.db.snapshot().await?;
    let statistics = history::count(&moment, &view, COUNTED).await?;
    moment.rollback().await?;
    answer(asked.0.format, asked.0.labels, &request, &statistics, projects::rows, "project-statistics", DEPENDS_ON)
        .await
}

/// Get statistics of complaints
///
/// Returns the complaints of a fiscal year and of the year before by when they were received. Totals are exact for everyone. A
/// breakdown by category, channel, unit and result is of the whole year. Counts of 1 to 4 are suppressed (null), as is any other value
/// from which they could be calculated. The public sees all figures as of the last midnight in Bangkok, because figures that change
/// during the day could reveal when a complaint was received. With `complaints:count` they are of the present, and breakdowns are exact
/// and of each period, unless the caller is recused from a complaint.
#[utoipa::path(
    tag = "statistics",
    security((), ("bearer" = ["complaints:count"])),
    params(CasesAsked),
    responses((status = 200, body = Envelope<ComplaintFigures>)),
)]
#[get("/v1/statistics/complaints")]
async fn get_complaint_statistics(
    app: State,
    viewer: Viewer<ComplaintsCount>,
    asked: Query<CasesAsked>,
    request: HttpRequest,
) -> Result<ReadResponse> {
    // Not on complaints: a cached response that ends with each of them would tell when one is filed.
    const DEPENDS_ON: &[Resource] =
        &[Resource::Agency, Resource::Units, Resource::ComplaintCategories, Resource::ReportedFigures, Resource::Today];
    // Figures of the present would tell who is recused when a complaint comes.
    let sees_the_present = recusal::may_see_times(app.db.reader(), viewer.author.as_ref()).await?;
    let (year, view) = (year_of(&app, asked.0.fiscal_year)?, asked.0.view(sees_the_present, app.db.now())?);
    let _alone = view.turn(&app, &request).await?;
    // The tallies of all months as they are at one moment.
    let moment = app.db.snapshot().await?;
    let statistics = complaints::count(&moment, year, view, app.db.now()).await?;
    moment.rollback().await?;
    asked.0.answer(&request, &statistics, complaints::rows, "complaint-statistics", DEPENDS_ON).await
}

/// Get statistics of e-services
///
/// Returns the requests for e-services of a fiscal year and of the year before by when they were received, in all and for each
/// e-service. Totals are exact for everyone. The breakdown by channel, result and rating is of the whole year and of all e-services.
/// Counts of 1 to 4 are suppressed (null), as is any other value from which they could be calculated. With `service-requests:count`
/// breakdowns are exact, of each e-service and period.
#[utoipa::path(
    tag = "statistics",
    security((), ("bearer" = ["service-requests:count"])),
    params(CasesAsked),
    responses((status = 200, body = Envelope<EServiceFigures>)),
)]
#[get("/v1/statistics/e-services")]
async fn get_e_service_statistics(
    app: State,
    viewer: Viewer<ServiceRequestsCount>,
    asked: Query<CasesAsked>,
    request: HttpRequest,
) -> Result<ReadResponse> {
    const DEPENDS_ON: &[Resource] =
        &[Resource::Agency, Resource::EServices, Resource::ServiceRequests, Resource::ReportedFigures, Resource::Today];
    let (year, view) = (year_of(&app, asked.0.fiscal_year)?, asked.0.view(viewer.author.is_some(), app.db.now())?);
    let _alone = view.turn(&app, &request).await?;
    let moment = app.db.snapshot().await?;
    let statistics = e_services::count(&moment, year, &view, app.db.now()).await?;
    moment.rollback().await?;
    asked.0.answer(&request, &statistics, e_services::rows, "e-service-statistics", DEPENDS_ON).await
}

/// Statistics as JSON, or as one long table: a figure per row.
async fn answer<F: Serialize>(
    format: Option<TableFormat>,
    labels: Option<Language>,
    request: &HttpRequest,
    statistics: &Envelope<F>,
    rows: impl FnOnce(&Envelope<F>, &mut Sheet),
    name: &str,
    depends_on: &'static [Resource],
) -> Result<ReadResponse> {
    let format = Format::wanted(format.map(Format::from), request, negotiation::TABLE)?;
    if format == Format::Json {
        return ReadResponse::json(statistics, depends_on);
    }
    let mut sheet = Sheet::new(labels.unwrap_or(Language::Thai));
    rows(statistics, &mut sheet);
    let table = match labels {
        Some(language) => sheet.table().labelled(language, &RecordNames::new()),
        None => sheet.table(),
    };
    let file_name = Some(format!("{name}-{}", statistics.fiscal_year));
    let body = table.render(Keep::by(depends_on), "data", format).await?;
    Ok(ReadResponse { file_name, ..ReadResponse::new(body, format, depends_on) })
}

/// `part` of `whole` in per cent with two decimals, if there is a whole.
fn percent(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| (part as f64 * 10_000.0 / whole as f64).round() / 100.0)
}

/// A query of a year and the year before, as its two parameters.
fn of_two_years(db: &impl ConnectionTrait, sql: &str, year: FiscalYear) -> Statement {
    let years = [year.number().into(), year.before().number().into()];
    Statement::from_sql_and_values(db.get_database_backend(), sql, years)
}
