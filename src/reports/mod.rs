//! Documents made of the data for one subject and year: `/v1/reports`.

mod anti_corruption;
mod document;
mod docx;
mod envelope;
mod html;
mod integrity_measures;

use actix_web::{HttpRequest, get};
use entity::agency;
use entity::state::Publication;
use sea_orm::{ConnectionTrait, EntityTrait};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::audit_log::author::UnitScope;
use crate::auth::Viewer;
use crate::auth::scope::{MeasuresRead, ProjectsRead};
use crate::db::{Db, last_change};
use crate::domain::fiscal_year::FiscalYear;
use crate::error::{Code, Result};
use crate::http::negotiation::{self, Format, ReportFormat};
use crate::http::params::Query;
use crate::http::response::ReadResponse;
use crate::http::route::Kind;
use crate::revisions::Resource;
use crate::state::State;
use anti_corruption::AntiCorruptionReport;
use document::Document;
use envelope::About;
use integrity_measures::IntegrityMeasuresReport;

pub fn routes(config: &mut ServiceConfig) {
    config.service(get_integrity_measures_report).service(get_anti_corruption_report);
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

impl Asked {
    fn year(&self, db: &Db) -> FiscalYear {
        self.fiscal_year.unwrap_or_else(|| FiscalYear::current(db.now()))
    }

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

/// What stands where something was not filled in: not a dash, which reads as none.
const NOT_STATED: &str = "ยังไม่ระบุ";

/// Get the report on integrity measures
///
/// Returns the six columns of the municipality's report (ITA item "integrity measures report": O35 of fiscal year
/// 2567), and a list of missing data.
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
    const DEPENDS_ON: &[Resource] = &[Resource::Agency, Resource::Measures, Resource::Units, Resource::Today];
    let states = asked.0.states(&viewer.units)?;
    let (db, year) = (app.db.reader(), asked.0.year(&app.db));
    let about = about(db, year, DEPENDS_ON).await?;
    let report =
        IntegrityMeasuresReport::of(about, crate::measures::store::published(db, year.number(), states).await?);
    answer(&asked.0, &request, &report, |report| report.document(), ("integrity-measures", year), DEPENDS_ON).await
}

/// Get the annual anti-corruption report
///
/// Returns the result, budget, problems and recommendations of each project (ITA item "anti-corruption report": O33 of
/// fiscal year 2567), totals of the budget, and a list of missing data.
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
    const DEPENDS_ON: &[Resource] = &[Resource::Agency, Resource::Projects, Resource::Units, Resource::Today];
    let states = asked.0.states(&viewer.units)?;
    let (db, year) = (app.db.reader(), asked.0.year(&app.db));
    let about = about(db, year, DEPENDS_ON).await?;
    let report = AntiCorruptionReport::of(about, crate::projects::store::published(db, year.number(), states).await?);
    answer(&asked.0, &request, &report, |report| report.document(), ("anti-corruption", year), DEPENDS_ON).await
}

async fn about(db: &impl ConnectionTrait, year: FiscalYear, depends_on: &[Resource]) -> Result<About> {
    let agency = agency::Entity::find().one(db).await?.ok_or(Code::NotFound)?.name_th;
    Ok(About { agency, year, as_of: last_change(db, depends_on).await? })
}

/// A report in the format that was asked for.
async fn answer<R: Serialize>(
    asked: &Asked,
    request: &HttpRequest,
    report: &R,
    document: fn(&R) -> Document,
    (name, year): (&str, FiscalYear),
    depends_on: &'static [Resource],
) -> Result<ReadResponse> {
    let format = Format::wanted(asked.format.map(Format::from), request, negotiation::REPORT)?;
    let body = match format {
        Format::Json => return ReadResponse::json(report, depends_on),
        Format::Html => html::render(&document(report)).into_bytes(),
        Format::Docx => docx::render(document(report)).await?,
        _ => document(report).table().render_as(name, format).await?,
    };
    let file_name = Some(format!("{name}-{year}"));
    Ok(ReadResponse { body, format, depends_on, etag: None, link: None, file_name })
}
