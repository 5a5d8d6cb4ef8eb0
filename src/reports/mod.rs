//! Documents made of the data for one subject and year: `/v1/reports`.

mod anti_corruption;
mod carried;
mod complaint_statistics;
mod destruction_list;
pub mod document;
mod docx;
pub mod envelope;
mod html;
mod integrity_measures;
mod months;
mod report;
mod service_statistics;
mod services;

use actix_web::{HttpRequest, get};
use entity::report::ReportSubject;
use entity::state::Publication;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::audit_log::author::UnitScope;
use crate::auth::Viewer;
use crate::auth::scope::{MeasuresRead, ProjectsRead, ReportFramesRead};
use crate::domain::fiscal_year::FiscalYear;
use crate::error::{Code, Result};
use crate::http::negotiation::{self, Format, ReportFormat};
use crate::http::params::Query;
use crate::http::response::ReadResponse;
use crate::http::route::Kind;
use crate::state::{App, State};
use anti_corruption::AntiCorruptionReport;
use complaint_statistics::ComplaintStatisticsReport;
use envelope::{Answered, Missing};
use integrity_measures::{IntegrityMeasuresPlan, IntegrityMeasuresReport};
pub use report::{Report, assemble};
use service_statistics::ServiceStatisticsReport;
use services::ServicesReport;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(get_integrity_measures_plan)
        .service(get_integrity_measures_report)
        .service(get_anti_corruption_report)
        .service(get_complaint_statistics_report)
        .service(get_service_statistics_report)
        .service(get_e_service_report)
        .service(get_service_manual_report)
        .service(destruction_list::get_destruction_list);
}

/// Which report.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Fiscal year of the report, Buddhist era; by default the current one.
    #[param(inline, example = 2567)]
    fiscal_year: Option<FiscalYear>,
    /// Records with one of these publication states; by default `published`. Other states require a token that can see
    /// drafts. `draft,published` is a preview of the report.
    #[param(inline, explode = false, min_items = 1, max_items = 3, example = json!(["published"]))]
    publication: Option<Vec<Publication>>,
    /// Format of the response. Takes precedence over `Accept`.
    #[param(inline, example = "html")]
    format: Option<ReportFormat>,
}

/// Which report, of those that are made of no drafts.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AskedOfYear {
    /// Fiscal year of the report, Buddhist era; by default the current one.
    #[param(inline, example = 2567)]
    fiscal_year: Option<FiscalYear>,
    /// Format of the response. Takes precedence over `Accept`.
    #[param(inline, example = "html")]
    format: Option<ReportFormat>,
}

impl AskedOfYear {
    async fn answer(
        &self,
        app: &App,
        subject: ReportSubject,
        staff: &Viewer<ReportFramesRead>,
        request: &HttpRequest,
    ) -> Result<ReadResponse> {
        let asked = Asked { fiscal_year: self.fiscal_year, publication: None, format: self.format };
        answer(app, subject, &asked, &[Publication::Published], staff, request).await
    }
}

impl Asked {
    /// The states of the records that are reported, where the caller sees them.
    fn states(&self, reach: &UnitScope) -> Result<Vec<Publication>> {
        let states = self.publication.as_deref().unwrap_or(&[Publication::Published]);
        if states != [Publication::Published] && *reach != UnitScope::Everything {
            return Err(Code::InsufficientScope
                .because("ต้องมีสิทธิ์ดูฉบับร่าง (measures:read หรือ projects:read) โปรดติดต่อผู้ดูแลระบบเพื่อขอสิทธิ์", "Drafts are shown to a token with the scope to read them for all units: measures:read or projects:read."));
        }
        Ok(states.to_vec())
    }
}

/// Get the plan of integrity measures
///
/// Returns the measures of the year with methods, responsible units and periods (ITA item "integrity measures": O34 of
/// fiscal year 2567). With `report-frames:read` the response has the covering memo and what the report lacks.
#[utoipa::path(
    tag = "reports",
    extensions(("x-kind" = json!([Kind::Report]))),
    security((), ("bearer" = ["measures:read"]), ("bearer" = ["report-frames:read"])),
    params(Asked),
    responses((status = 200, body = Answered<IntegrityMeasuresPlan>), (status = 403)),
)]
#[get("/v1/reports/integrity-measures")]
async fn get_integrity_measures_plan(
    app: State,
    drafts: Viewer<MeasuresRead>,
    staff: Viewer<ReportFramesRead>,
    asked: Query<Asked>,
    request: HttpRequest,
) -> Result<ReadResponse> {
    let states = asked.0.states(&drafts.units)?;
    answer(&app, ReportSubject::IntegrityMeasures, &asked.0, &states, &staff, &request).await
}

/// Get the report on integrity measures
///
/// Returns the six columns of the municipality's report (ITA item "integrity measures report": O35 of fiscal year
/// 2567), and of each measure the e-services that carry it with their requests, and the projects with their budgets. With `report-frames:read` the response has the covering memo and what the report lacks.
#[utoipa::path(
    tag = "reports",
    extensions(("x-kind" = json!([Kind::Report]))),
    security((), ("bearer" = ["measures:read"]), ("bearer" = ["report-frames:read"])),
    params(Asked),
    responses((status = 200, body = Answered<IntegrityMeasuresReport>), (status = 403)),
)]
#[get("/v1/reports/integrity-measures-report")]
async fn get_integrity_measures_report(
    app: State,
    drafts: Viewer<MeasuresRead>,
    staff: Viewer<ReportFramesRead>,
    asked: Query<Asked>,
    request: HttpRequest,
) -> Result<ReadResponse> {
    let states = asked.0.states(&drafts.units)?;
    answer(&app, ReportSubject::IntegrityMeasuresReport, &asked.0, &states, &staff, &request).await
}

/// Get the annual anti-corruption report
///
/// Returns the result, budget, problems and recommendations of each project (ITA item "anti-corruption report": O33 of
/// fiscal year 2567), and totals of the budget. With `report-frames:read` the response has the covering memo and what the
/// report lacks.
#[utoipa::path(
    tag = "reports",
    extensions(("x-kind" = json!([Kind::Report]))),
    security((), ("bearer" = ["projects:read"]), ("bearer" = ["report-frames:read"])),
    params(Asked),
    responses((status = 200, body = Answered<AntiCorruptionReport>), (status = 403)),
)]
#[get("/v1/reports/anti-corruption-report")]
async fn get_anti_corruption_report(
    app: State,
    drafts: Viewer<ProjectsRead>,
    staff: Viewer<ReportFramesRead>,
    asked: Query<Asked>,
    request: HttpRequest,
) -> Result<ReadResponse> {
    let states = asked.0.states(&drafts.units)?;
    answer(&app, ReportSubject::AntiCorruptionReport, &asked.0, &states, &staff, &request).await
}

/// Get the report on complaints
///
/// Returns the complaints of corruption and misconduct by month (ITA item "complaint statistics": O24 of fiscal year 2567):
/// the figures that everyone sees in the statistics, as of the last midnight. Months that were not recorded, or are to come,
/// are null. With `report-frames:read` the response has the covering memo and what the report lacks.
#[utoipa::path(
    tag = "reports",
    extensions(("x-kind" = json!([Kind::Report]))),
    security((), ("bearer" = ["report-frames:read"])),
    params(AskedOfYear),
    responses((status = 200, body = Answered<ComplaintStatisticsReport>)),
)]
#[get("/v1/reports/complaint-statistics")]
async fn get_complaint_statistics_report(
    app: State,
    staff: Viewer<ReportFramesRead>,
    asked: Query<AskedOfYear>,
    request: HttpRequest,
) -> Result<ReadResponse> {
    asked.0.answer(&app, ReportSubject::ComplaintStatistics, &staff, &request).await
}

/// Get the report on services
///
/// Returns the service requests by month and service, and of the year by channel (ITA item "service statistics": O12 of
/// fiscal year 2567): all of them as of the last midnight. Months that were not recorded, or are to come, are null. With
/// `report-frames:read` the response has the covering memo and what the report lacks.
#[utoipa::path(
    tag = "reports",
    extensions(("x-kind" = json!([Kind::Report]))),
    security((), ("bearer" = ["report-frames:read"])),
    params(AskedOfYear),
    responses((status = 200, body = Answered<ServiceStatisticsReport>)),
)]
#[get("/v1/reports/service-statistics")]
async fn get_service_statistics_report(
    app: State,
    staff: Viewer<ReportFramesRead>,
    asked: Query<AskedOfYear>,
    request: HttpRequest,
) -> Result<ReadResponse> {
    asked.0.answer(&app, ReportSubject::ServiceStatistics, &staff, &request).await
}

/// Get the catalogue of e-services as a report
///
/// Returns the services that are offered now, and where each is requested online (ITA item "e-service": O13 of fiscal year
/// 2567). With `report-frames:read` the response has the covering memo and what the report lacks.
#[utoipa::path(
    tag = "reports",
    extensions(("x-kind" = json!([Kind::Report]))),
    security((), ("bearer" = ["report-frames:read"])),
    params(AskedOfYear),
    responses((status = 200, body = Answered<ServicesReport>)),
)]
#[get("/v1/reports/e-service")]
async fn get_e_service_report(
    app: State,
    staff: Viewer<ReportFramesRead>,
    asked: Query<AskedOfYear>,
    request: HttpRequest,
) -> Result<ReadResponse> {
    asked.0.answer(&app, ReportSubject::EService, &staff, &request).await
}

/// Get the citizens' manual
///
/// Returns steps, time, channel, documents, fee and law of each service that is offered now (ITA item "service manual": O11
/// of fiscal year 2567). With `report-frames:read` the response has the covering memo and what the report lacks.
#[utoipa::path(
    tag = "reports",
    extensions(("x-kind" = json!([Kind::Report]))),
    security((), ("bearer" = ["report-frames:read"])),
    params(AskedOfYear),
    responses((status = 200, body = Answered<ServicesReport>)),
)]
#[get("/v1/reports/service-manual")]
async fn get_service_manual_report(
    app: State,
    staff: Viewer<ReportFramesRead>,
    asked: Query<AskedOfYear>,
    request: HttpRequest,
) -> Result<ReadResponse> {
    asked.0.answer(&app, ReportSubject::ServiceManual, &staff, &request).await
}

/// A report in the format that was asked for. The public sees neither memo and signers nor what is missing: a report is
/// theirs with a memo once it is published.
async fn answer(
    app: &App,
    subject: ReportSubject,
    asked: &Asked,
    states: &[Publication],
    staff: &Viewer<ReportFramesRead>,
    request: &HttpRequest,
) -> Result<ReadResponse> {
    let depends_on = report::depends_on(subject);
    let format = Format::wanted(asked.format.map(Format::from), request, negotiation::REPORT)?;
    let _permit = app.http.admission.report().await?;
    let year = asked.fiscal_year.unwrap_or_else(|| FiscalYear::current(app.db.now()));
    let mut report = assemble(&app.db, subject, year, states).await?;
    let missing = staff.author.is_some().then(|| std::mem::take(&mut report.missing));
    if missing.is_none() {
        report.document.memo = None;
        report.document.signatures.clear();
    }
    let body = match (format, missing) {
        (Format::Json, missing) => {
            return ReadResponse::json(&Answered { report: &report.data, missing }, depends_on);
        }
        (Format::Html, Some(missing)) => {
            let lines: Vec<String> = missing.iter().map(Missing::line).collect();
            html::render(&report.document, &lines).into_bytes().into()
        }
        _ => report.body(format).await?,
    };
    let file_name = Some(format!("{}-{year}", subject.slug()));
    Ok(ReadResponse { file_name, ..ReadResponse::new(body, format, depends_on) })
}
