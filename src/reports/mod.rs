//! Documents made of the data for one subject and year: `/v1/reports`.

mod anti_corruption;
mod document;
mod docx;
mod html;
mod integrity_measures;

use actix_web::{HttpRequest, get};
use entity::agency;
use entity::state::Publication;
use sea_orm::{ConnectionTrait, EntityTrait};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::audit_log::author::UnitScope;
use crate::auth::Viewer;
use crate::auth::scope::{MeasuresRead, ProjectsRead};
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::text::Line;
use crate::error::{Code, Result};
use crate::http::negotiation::{self, Format, ReportFormat};
use crate::http::params::Query;
use crate::http::response::ReadResponse;
use crate::http::route::Kind;
use crate::revisions::Resource;
use crate::state::State;
use anti_corruption::AntiCorruptionReport;
use document::Document;
use integrity_measures::IntegrityMeasuresReport;

pub fn routes(config: &mut ServiceConfig) {
    config.service(get_integrity_measures_report).service(get_anti_corruption_report);
}

/// Which report.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// The fiscal year that is reported on.
    #[param(inline, example = 2567)]
    fiscal_year: FiscalYear,
    /// Records in one of these states; by default `published`. Others need a token that sees drafts: `draft,published` is the report before
    /// it is published.
    #[param(inline, explode = false, min_items = 1, max_items = 3, example = json!(["published"]))]
    publication: Option<Vec<Publication>>,
    /// Format of the answer; goes before `Accept`.
    #[param(inline, example = "html")]
    format: Option<ReportFormat>,
}

impl Asked {
    /// The states of the records that are reported, where the caller sees them.
    fn states(&self, reach: &UnitScope) -> Result<&[Publication]> {
        let states = self.publication.as_deref().unwrap_or(&[Publication::Published]);
        if states != [Publication::Published] && *reach != UnitScope::Everything {
            return Err(Code::InsufficientScope
                .because("ต้องมีสิทธิ์ดูฉบับร่าง (measures:read หรือ projects:read) โปรดติดต่อผู้ดูแลระบบเพื่อขอสิทธิ์", "Drafts are shown to a token with the scope to read them for all units: measures:read or projects:read."));
        }
        Ok(states)
    }
}

/// Something that a record lacks for the report to be complete.
#[derive(Serialize, ToSchema)]
#[schema(as = MissingFields)]
struct Missing {
    /// The measure's number or the project's name.
    #[schema(max_length = 1000, example = "2")]
    record: String,
    /// Names of the fields that say nothing.
    #[schema(value_type = Vec<Line<50>>, max_items = 10, example = json!(["outcomes"]))]
    fields: Vec<&'static str>,
}

/// The report on integrity measures
///
/// The six columns of the municipality's report (ITA item "integrity measures report": O35 of fiscal year 2567), and what
/// is missing from it.
#[utoipa::path(
    tag = "reports",
    extensions(("x-kind" = json!([Kind::Report]))),
    security((), ("bearer" = ["measures:read"])),
    params(Asked),
    responses((status = 200, body = IntegrityMeasuresReport), (status = 403)),
)]
#[get("/v1/reports/integrity-measures")]
async fn get_integrity_measures_report(
    app: State,
    viewer: Viewer<MeasuresRead>,
    asked: Query<Asked>,
    request: HttpRequest,
) -> Result<ReadResponse> {
    const DEPENDS_ON: &[Resource] = &[Resource::Agency, Resource::Measures, Resource::Units];
    let states = asked.0.states(&viewer.units)?;
    let (db, year) = (app.db.reader(), asked.0.fiscal_year);
    let measures = crate::measures::store::published(db, year.number(), states).await?;
    let report = IntegrityMeasuresReport::of(agency_name(db).await?, year, measures);
    answer(&asked.0, &request, &report, |report| report.document(), "integrity-measures", DEPENDS_ON).await
}

/// The annual anti-corruption report
///
/// Per project its result, its budget, its problems and its recommendations (ITA item "anti-corruption report": O33 of
/// fiscal year 2567), totals of budget, and what is missing.
#[utoipa::path(
    tag = "reports",
    extensions(("x-kind" = json!([Kind::Report]))),
    security((), ("bearer" = ["projects:read"])),
    params(Asked),
    responses((status = 200, body = AntiCorruptionReport), (status = 403)),
)]
#[get("/v1/reports/anti-corruption")]
async fn get_anti_corruption_report(
    app: State,
    viewer: Viewer<ProjectsRead>,
    asked: Query<Asked>,
    request: HttpRequest,
) -> Result<ReadResponse> {
    const DEPENDS_ON: &[Resource] = &[Resource::Agency, Resource::Projects, Resource::Units];
    let states = asked.0.states(&viewer.units)?;
    let (db, year) = (app.db.reader(), asked.0.fiscal_year);
    let projects = crate::projects::store::published(db, year.number(), states).await?;
    let report = AntiCorruptionReport::of(agency_name(db).await?, year, projects);
    answer(&asked.0, &request, &report, |report| report.document(), "anti-corruption", DEPENDS_ON).await
}

async fn agency_name(db: &impl ConnectionTrait) -> Result<String> {
    Ok(agency::Entity::find().one(db).await?.ok_or(Code::NotFound)?.name_th)
}

/// A report in the format that was asked for.
async fn answer<R: Serialize>(
    asked: &Asked,
    request: &HttpRequest,
    report: &R,
    document: fn(&R) -> Document,
    name: &str,
    depends_on: &'static [Resource],
) -> Result<ReadResponse> {
    let format = Format::wanted(asked.format.map(Format::from), request, negotiation::REPORT)?;
    let body = match format {
        Format::Json => return ReadResponse::json(report, depends_on),
        Format::Html => html::render(&document(report)).into_bytes(),
        Format::Docx => docx::render(document(report)).await?,
        _ => document(report).table().render(format).await?,
    };
    let file_name = Some(format!("{name}-{}", asked.fiscal_year));
    Ok(ReadResponse { body, format, depends_on, etag: None, link: None, file_name })
}
