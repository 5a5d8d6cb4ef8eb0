//! Statistics: `/v1/statistics`. All aggregation is here. Of measures and projects only published ones count.

mod cases;
mod complaints;
mod e_services;
mod measures;
mod projects;

use std::collections::BTreeMap;

use actix_web::{HttpRequest, get};
use chrono::{DateTime, Utc};
use entity::revision;
use entity::state::Status;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::auth::scope::{ComplaintsCount, ServiceRequestsCount};
use crate::auth::{Viewer, recusal};
use crate::domain::count::Count;
use crate::domain::fiscal_year::FiscalYear;
use crate::error::Result;
use crate::http::negotiation::{self, Format, TableFormat};
use crate::http::params::Query;
use crate::http::response::ReadResponse;
use crate::http::spreadsheet::{Cell, Table};
use crate::revisions::Resource;
use crate::state::State;
use cases::CasesAsked;
use complaints::ComplaintStatistics;
use e_services::EServiceStatistics;
use measures::MeasureStatistics;
use projects::ProjectStatistics;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(get_complaint_statistics)
        .service(get_e_service_statistics)
        .service(get_measure_statistics)
        .service(get_project_statistics);
}

/// Which year to count.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// The fiscal year; the year before comes with it.
    #[param(inline, example = 2567)]
    fiscal_year: FiscalYear,
    /// Format of the answer; goes before `Accept`.
    #[param(inline, example = "csv")]
    format: Option<TableFormat>,
}

/// Statistics of measures
///
/// Measures of a fiscal year by status and unit, their implementation rate, and how many lack results, beside the year before.
#[utoipa::path(tag = "statistics", params(Asked), responses((status = 200, body = MeasureStatistics)))]
#[get("/v1/statistics/measures")]
async fn get_measure_statistics(app: State, asked: Query<Asked>, request: HttpRequest) -> Result<ReadResponse> {
    const DEPENDS_ON: &[Resource] = &[Resource::Measures, Resource::Units];
    let statistics = measures::count(app.db.reader(), asked.0.fiscal_year, DEPENDS_ON).await?;
    answer(&asked.0, &request, &statistics, statistics.rows(), "measure-statistics", DEPENDS_ON).await
}

/// Statistics of projects
///
/// Projects of a fiscal year by status and unit, their budgets and what they lack, beside the year before.
#[utoipa::path(tag = "statistics", params(Asked), responses((status = 200, body = ProjectStatistics)))]
#[get("/v1/statistics/projects")]
async fn get_project_statistics(app: State, asked: Query<Asked>, request: HttpRequest) -> Result<ReadResponse> {
    const DEPENDS_ON: &[Resource] = &[Resource::Projects, Resource::Units];
    let statistics = projects::count(app.db.reader(), asked.0.fiscal_year, DEPENDS_ON).await?;
    answer(&asked.0, &request, &statistics, statistics.rows(), "project-statistics", DEPENDS_ON).await
}

/// Statistics of complaints
///
/// All, finished and in progress, by when they came: exact for everybody. Tables by category, channel, unit and outcome, days and
/// shares within the deadline are of the whole year, with counts of 1 to 4 hidden and whatever would tell them. The public sees all
/// figures as of the last midnight in Bangkok, since figures that change during the day would tell when somebody complained. With
/// `complaints:count` they are of the present, and the tables exact, for each period, unless the caller is recused from a complaint.
#[utoipa::path(
    tag = "statistics",
    security((), ("bearer" = ["complaints:count"])),
    params(CasesAsked),
    responses((status = 200, body = ComplaintStatistics)),
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
        &[Resource::Agency, Resource::Units, Resource::ComplaintCategories, Resource::Today];
    // Figures of the present would tell who is recused when a complaint comes.
    let sees_the_present = recusal::may_see_times(app.db.reader(), viewer.author.as_ref()).await?;
    let lens = asked.0.lens(sees_the_present, app.db.now())?;
    let _alone = lens.turn(&app, &request).await?;
    // The tallies of all months as they are at one moment.
    let moment = app.db.snapshot().await?;
    let statistics = complaints::count(&moment, asked.0.fiscal_year, lens).await?;
    moment.rollback().await?;
    asked.0.answer(&request, &statistics, statistics.rows(), "complaint-statistics", DEPENDS_ON).await
}

/// Statistics of e-services
///
/// Requests of a fiscal year and of the year before, by when they came: all, finished and in progress, in all and for each e-service,
/// exact for everybody. Tables by channel, outcome and rating, days, the share within the promised days and the mean of ratings are of
/// the whole year and all e-services, with counts of 1 to 4 hidden and whatever would tell them; with `service-requests:count` they
/// are exact, for each e-service and period.
#[utoipa::path(
    tag = "statistics",
    security((), ("bearer" = ["service-requests:count"])),
    params(CasesAsked),
    responses((status = 200, body = EServiceStatistics)),
)]
#[get("/v1/statistics/e-services")]
async fn get_e_service_statistics(
    app: State,
    viewer: Viewer<ServiceRequestsCount>,
    asked: Query<CasesAsked>,
    request: HttpRequest,
) -> Result<ReadResponse> {
    const DEPENDS_ON: &[Resource] = &[Resource::EServices, Resource::ServiceRequests, Resource::Today];
    let lens = asked.0.lens(viewer.author.is_some(), app.db.now())?;
    let _alone = lens.turn(&app, &request).await?;
    let moment = app.db.snapshot().await?;
    let statistics = e_services::count(&moment, asked.0.fiscal_year, &lens).await?;
    moment.rollback().await?;
    asked.0.answer(&request, &statistics, statistics.rows(), "e-service-statistics", DEPENDS_ON).await
}

/// Statistics as JSON, or as one long table: a figure per row.
async fn answer(
    asked: &Asked,
    request: &HttpRequest,
    statistics: &impl Serialize,
    rows: Vec<Figure>,
    name: &str,
    depends_on: &'static [Resource],
) -> Result<ReadResponse> {
    let format = Format::wanted(asked.format.map(Format::from), request, negotiation::TABLE)?;
    if format == Format::Json {
        return ReadResponse::json(statistics, depends_on);
    }
    let table = Table {
        columns: ["fiscal_year", "figure", "of", "value"].map(str::to_owned).to_vec(),
        rows: rows.into_iter().map(Figure::cells).collect(),
    };
    let file_name = Some(format!("{name}-{}", asked.fiscal_year));
    Ok(ReadResponse { body: table.render(format).await?, format, depends_on, etag: None, link: None, file_name })
}

/// One figure of the long table.
struct Figure {
    fiscal_year: i32,
    name: String,
    of: String,
    value: Cell,
}

impl Figure {
    fn new(fiscal_year: i32, name: impl Into<String>, of: impl Into<String>, value: impl Into<Cell>) -> Self {
        Self { fiscal_year, name: name.into(), of: of.into(), value: value.into() }
    }

    fn cells(self) -> Vec<Cell> {
        vec![self.fiscal_year.into(), self.name.into(), self.of.into(), self.value]
    }
}

/// How many are in each status; none is left out.
#[derive(Clone, Default, Serialize, ToSchema)]
struct ByStatus {
    #[schema(value_type = Count)]
    planned: i64,
    #[schema(value_type = Count)]
    in_progress: i64,
    #[schema(value_type = Count)]
    completed: i64,
    #[schema(value_type = Count)]
    cancelled: i64,
}

impl ByStatus {
    fn of(counts: &BTreeMap<String, i64>) -> Self {
        let count = |status: Status| {
            use sea_orm::ActiveEnum;
            counts.get(&status.to_value()).copied().unwrap_or(0)
        };
        Self {
            planned: count(Status::Planned),
            in_progress: count(Status::InProgress),
            completed: count(Status::Completed),
            cancelled: count(Status::Cancelled),
        }
    }

    fn total(&self) -> i64 {
        self.planned + self.in_progress + self.completed + self.cancelled
    }

    fn figures(&self, year: i32) -> impl Iterator<Item = Figure> {
        [
            ("planned", self.planned),
            ("in_progress", self.in_progress),
            ("completed", self.completed),
            ("cancelled", self.cancelled),
        ]
        .into_iter()
        .map(move |(status, count)| Figure::new(year, "by_status", status, Cell::count(count)))
    }
}

/// `part` of `whole` in per cent with two decimals, if there is a whole.
fn percent(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| (part as f64 * 10_000.0 / whole as f64).round() / 100.0)
}

/// A query of a year and the year before, as its two parameters.
fn of_two_years(db: &impl ConnectionTrait, sql: &str, year: FiscalYear) -> Statement {
    let years = [year.number().into(), year.before().number().into()];
    Statement::from_sql_and_values(db.get_database_backend(), sql, years)
}

/// When what the figures are made of last changed.
async fn as_of(db: &impl ConnectionTrait, depends_on: &[Resource]) -> Result<Option<DateTime<Utc>>> {
    let names = depends_on.iter().map(|resource| resource.name());
    let rows = revision::Entity::find().filter(revision::Column::Resource.is_in(names)).all(db).await?;
    Ok(rows.into_iter().map(|row| row.changed_at).max())
}
