//! The permanent addresses: the versions of a report, their files, and what changed from one to the next.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, Responder, get};
use entity::codes::Coded;
use entity::publication::Model;
use entity::report::ReportSubject;
use entity::{audit_event, publication_file};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::dto::ReportPublication;
use super::shown::Shown;
use super::store::{self, Row, digest};
use super::{DEPENDS_ON, frozen};
use crate::audit_log::checkpoint::{self, Checkpoint};
use crate::auth::scope::{AuditRead, PublicationsRead};
use crate::auth::{Viewer, recusal};
use crate::domain::field_code::Violation;
use crate::domain::fiscal_year::FiscalYear;
use crate::error::{Code, Error, Result};
use crate::http::immutable::FOREVER;
use crate::http::negotiation::{Format, ReportFormat};
use crate::http::params::{Path, Segment, as_code};
use crate::http::response::ReadResponse;
use crate::http::route::Kind;
use crate::http::spool::Body;
use crate::revisions::Resource;
use crate::state::{App, State};

pub fn routes(config: &mut ServiceConfig) {
    config.service(get_publication_versions).service(get_publication_file).service(get_publication_diff);
}

/// A report, or the statements of a period, as addresses have them.
struct Series(String);

impl Segment for Series {
    const NAME: &str = "subject";

    fn read(text: &str) -> Result<Self, Violation> {
        Ok(Self(as_code(text).to_owned()))
    }
}

/// The number of a version: `v1`.
struct Version(Option<i32>);

impl Segment for Version {
    const NAME: &str = "version";

    fn read(text: &str) -> Result<Self, Violation> {
        Ok(Self(number(text)))
    }
}

fn number(text: &str) -> Option<i32> {
    let digits = text.strip_prefix('v')?;
    digits.parse().ok().filter(|number: &i32| *number > 0 && number.to_string() == digits)
}

/// The name of a file: `v1.docx`, or `latest.docx`.
struct FileName(Option<(Option<i32>, ReportFormat)>);

impl Segment for FileName {
    const NAME: &str = "file";

    fn read(text: &str) -> Result<Self, Violation> {
        Ok(Self(text.split_once('.').and_then(|(version, format)| {
            let version = if version == "latest" { None } else { Some(number(version)?) };
            Some((version, ReportFormat::of_code(format)?))
        })))
    }
}

/// The published versions of a report.
#[derive(Serialize, ToSchema)]
struct PublishedReport {
    /// Fiscal year of the report, Buddhist era.
    fiscal_year: FiscalYear,
    /// The report.
    subject: ReportSubject,
    /// The last public checkpoint of the audit log, a signed note (C2SP).
    #[schema(max_length = 2000, example = "prongsai.example\n120\nqqo3...=\n\n— prongsai.example Az3...\n")]
    checkpoint: String,
    /// The versions, the latest first.
    #[schema(max_items = 1000)]
    versions: Vec<PublishedVersion>,
}

/// A published version, and where the audit log commits to the hashes of its files.
#[derive(Serialize, ToSchema)]
struct PublishedVersion {
    #[serde(flatten)]
    publication: ReportPublication,
    /// Whether the public checkpoint covers the event of its publication. It does from the midnight after, or, of the last hour of a
    /// day, from the next.
    #[schema(example = true)]
    in_checkpoint: bool,
    /// Number of the event in the audit log that commits to the hashes. Only with `audit:read`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = i64, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 118)]
    event_seq: Option<i64>,
}

/// List the published versions of a report
///
/// Returns every version of a report or statement of one fiscal year, the latest first: its files with their permanent addresses and
/// hashes, the posts that signed it, and the reason of a correction. The audit log commits to the hashes, and the public checkpoint
/// covers that from the midnight after.
#[utoipa::path(
    tag = "publications",
    security((), ("bearer" = ["audit:read"])),
    params(
        ("year" = FiscalYear, Path),
        ("subject" = String, Path, description = "Subject of the report with hyphens, or the statement of a period.", max_length = 50, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", example = "integrity-measures-report"),
    ),
    responses((status = 200, body = PublishedReport), (status = 404)),
)]
#[get("/v1/publications/{year}/{subject}")]
async fn get_publication_versions(
    app: State,
    viewer: Viewer<AuditRead>,
    year: Path<FiscalYear>,
    series: Path<Series>,
) -> Result<ReadResponse> {
    const DEPENDS_ON: &[Resource] = &[Resource::Publications, Resource::Today];
    let db = app.db.reader();
    let published = store::published(db, year.0, &series.0.0).await?;
    let subject = published.first().ok_or(Code::NotFound)?.subject;
    let ids = published.iter().map(|publication| publication.id);
    let events: Vec<(Option<uuid::Uuid>, i64)> = audit_event::Entity::find()
        .select_only()
        .columns([audit_event::Column::RecordId, audit_event::Column::Seq])
        .filter(audit_event::Column::RecordId.is_in(ids))
        .filter(audit_event::Column::Action.eq("publish"))
        .into_tuple()
        .all(db)
        .await?;
    let checkpoint = checkpoint::for_everybody(db, &app.audit, app.db.now()).await?;
    let covered = Checkpoint::parse(&checkpoint).map_err(Error::internal)?.size;
    // The number of an event tells how much has happened before.
    let may_see_numbers = recusal::may_see_times(db, viewer.author.as_ref()).await?;
    let shown = Shown::to_everybody(&app);
    let version = |row: Row| {
        let event = events.iter().find(|(record, _)| *record == Some(row.publication.id)).map(|(_, seq)| *seq);
        let in_checkpoint = event.is_some_and(|seq| u64::try_from(seq).is_ok_and(|seq| seq < covered));
        let publication = shown.publication(row);
        PublishedVersion { publication, in_checkpoint, event_seq: event.filter(|_| may_see_numbers) }
    };
    let versions = store::with_steps(db, published).await?.into_iter().map(version).collect();
    ReadResponse::json(&PublishedReport { fiscal_year: year.0, subject, checkpoint, versions }, DEPENDS_ON)
        .map(ReadResponse::by_content)
}

/// Get a published file
///
/// Returns the bytes of a version as they were published. They never change; a file that is not what was published is refused. The
/// latest version has an address as well: `latest.docx`.
///
/// With `publications:read` a version that is drafted or in signing is shown as it is frozen, with the signatures up to now: those
/// who sign it read it here.
#[utoipa::path(
    tag = "publications",
    extensions(("x-kind" = json!([Kind::PublishedFile]))),
    security((), ("bearer" = ["publications:read"])),
    params(
        ("year" = FiscalYear, Path),
        ("subject" = String, Path, description = "Subject of the report with hyphens, or the statement of a period.", max_length = 50, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", example = "integrity-measures-report"),
        ("file" = String, Path, description = "Version and format.", max_length = 30, pattern = "^(v[1-9][0-9]*|latest)\\.(json|html|csv|xlsx|docx)$", example = "v1.json"),
    ),
    responses(
        (status = 200, body = Object),
        (status = 404),
        (status = 409, description = "The stored file is not what was published."),
    ),
)]
#[get("/v1/publications/{year}/{subject}/{file}")]
async fn get_publication_file(
    app: State,
    viewer: Viewer<PublicationsRead>,
    year: Path<FiscalYear>,
    series: Path<Series>,
    file: Path<FileName>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let (version, format) = file.0.0.ok_or(Code::NotFound)?;
    let (db, format, series) = (app.db.reader(), Format::from(format), &series.0.0);
    let draft = match version.filter(|_| viewer.author.is_some()) {
        Some(number) => store::draft(db, year.0, series, number).await?,
        None => None,
    };
    let respond = |publication: Model, body: Body, etag| {
        let file_name = Some(format!("{}-{}-v{}", publication.series, publication.fiscal_year, publication.number));
        ReadResponse { etag, file_name, ..ReadResponse::new(body, format, &[]) }.respond_to(&request)
    };
    if let Some(draft) = draft {
        let _permit = app.http.admission.report().await?;
        let body = frozen::draft(&app.db, &draft, format).await?;
        return Ok(respond(draft, body, None));
    }
    let published = store::version(db, year.0, series, version).await?;
    let (body, sha256) = intact(&app, &published, format).await?;
    let mut response = respond(published, body.into(), Some(format!("\"sha256-{sha256}\"")));
    if version.is_some() {
        response.headers_mut().insert(CACHE_CONTROL, FOREVER);
    }
    Ok(response)
}

/// The bytes of a file, if they are those that were published.
async fn intact(app: &App, publication: &Model, format: Format) -> Result<(Vec<u8>, String)> {
    let format = format.extension();
    let known = publication.files.0.iter().find(|file| file.format == format).ok_or(Code::NotFound)?;
    let file = publication_file::Entity::find()
        .filter(publication_file::Column::PublicationId.eq(publication.id))
        .filter(publication_file::Column::Format.eq(format))
        .one(app.db.reader())
        .await?;
    let bytes = file.map(|file| file.bytes).filter(|bytes| digest(bytes) == known.sha256).ok_or_else(|| {
        tracing::error!(publication = %publication.id, format, "a published file is not what was published");
        Code::Damaged
    })?;
    Ok((bytes, known.sha256.clone()))
}

/// What a correction changed.
#[derive(Serialize, ToSchema)]
struct PublicationDiff {
    /// Number of the version before.
    #[schema(minimum = 1, maximum = 100_000, example = 1)]
    from_version: i32,
    /// Number of the version.
    #[schema(minimum = 2, maximum = 100_000, example = 2)]
    to_version: i32,
    /// Why the version before was corrected.
    #[schema(required, max_length = 2000, example = "แก้ไขผลการดำเนินการของมาตรการที่ 2")]
    reason: Option<String>,
    /// A JSON Patch (RFC 6902): applied to the JSON file of the version before, it makes that of this one.
    #[schema(value_type = Vec<Object>, max_items = 100_000)]
    patch: json_patch::Patch,
}

/// Get what a version changed
///
/// Returns the reason of a correction and a JSON Patch (RFC 6902) from the JSON file of the version before to that of this one.
#[utoipa::path(
    tag = "publications",
    params(
        ("year" = FiscalYear, Path),
        ("subject" = String, Path, description = "Subject of the report with hyphens, or the statement of a period.", max_length = 50, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", example = "integrity-measures-report"),
        ("version" = String, Path, description = "The version, from the second on.", max_length = 10, pattern = "^v[1-9][0-9]*$", example = "v2"),
    ),
    responses(
        (status = 200, body = PublicationDiff),
        (status = 404),
        (status = 409, description = "The stored report is not what was published."),
    ),
)]
#[get("/v1/publications/{year}/{subject}/{version}/diff")]
async fn get_publication_diff(
    app: State,
    year: Path<FiscalYear>,
    series: Path<Series>,
    version: Path<Version>,
) -> Result<ReadResponse> {
    let (db, version) = (app.db.reader(), version.0.0.ok_or(Code::NotFound)?);
    let after = store::version(db, year.0, &series.0.0, Some(version)).await?;
    let before = store::version(db, year.0, &series.0.0, Some(version - 1)).await?;
    let mut data = Vec::new();
    for publication in [&before, &after] {
        data.push(frozen::data(&store::content(db, publication).await?)?);
    }
    let patch = json_patch::diff(&data[0], &data[1]);
    let (from_version, to_version, reason) = (before.number, after.number, after.reason.clone());
    ReadResponse::json(&PublicationDiff { from_version, to_version, reason, patch }, DEPENDS_ON)
        .map(ReadResponse::by_content)
}
