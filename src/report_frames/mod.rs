//! What editors write around the table of a report, and its covering memo: `/v1/report-frames`.

mod dto;
pub mod store;

use actix_web::{get, patch};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::audit_log::append::Event;
use crate::auth::Actor;
use crate::auth::scope::{ReportFramesRead, ReportFramesWrite};
use crate::domain::fiscal_year::FiscalYear;
use crate::error::Result;
use crate::http::body::Patch;
use crate::http::etag::IfMatch;
use crate::http::list::{Items, List, Paging};
use crate::http::params::{Path, ReportSlug};
use crate::http::response::{ReadResponse, WriteResponse};
use crate::revisions::Resource;
use crate::state::State;

pub use dto::{ReportFrame, ReportFrameFilter, ReportFrameInput, memo_of};

const DEPENDS_ON: &[Resource] = &[Resource::ReportFrames];

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_report_frames).service(get_report_frame).service(update_report_frame);
}

/// List frames of reports
///
/// Lists the frames of which something was set, latest year first.
#[utoipa::path(
    tag = "reports",
    security(("bearer" = ["report-frames:read"])),
    params(ReportFrameFilter, Paging),
    responses((status = 200, body = Items<ReportFrame>)),
)]
#[get("/v1/report-frames")]
async fn list_report_frames(
    app: State,
    _: Actor<ReportFramesRead>,
    list: List<ReportFrameFilter>,
) -> Result<ReadResponse> {
    let found = store::list(&app, &list).await?.try_map(ReportFrame::try_from)?;
    list.answer(found, "report-frames", DEPENDS_ON).await
}

/// Get the frame of a report
///
/// Returns what editors set of a report of this fiscal year: title, opening, closing and memo. Where nothing was set,
/// nothing is in it. The memo names posts, no persons; its signers are the signing chain of the report.
#[utoipa::path(
    tag = "reports",
    security(("bearer" = ["report-frames:read"])),
    params(("year" = FiscalYear, Path), ("subject" = inline(ReportSlug), Path, description = "The report: its subject with hyphens.", example = "integrity-measures-report")),
    responses((status = 200, body = ReportFrame), (status = 404)),
)]
#[get("/v1/report-frames/{year}/{subject}")]
async fn get_report_frame(
    app: State,
    _: Actor<ReportFramesRead>,
    year: Path<FiscalYear>,
    subject: Path<ReportSlug>,
) -> Result<ReadResponse> {
    let row = store::find(app.db.reader(), year.0, subject.0.subject()?).await?;
    let etag = format!("\"{}\"", row.version);
    ReadResponse::record(&ReportFrame::try_from(row)?, etag, DEPENDS_ON)
}

/// Update the frame of a report
///
/// Fields that are absent keep their value; `null` gives the report its own text back, and removes the memo.
#[utoipa::path(
    tag = "reports",
    security(("bearer" = ["report-frames:write"])),
    params(("year" = FiscalYear, Path), ("subject" = inline(ReportSlug), Path, description = "The report: its subject with hyphens.", example = "integrity-measures-report")),
    request_body(content = Patch<ReportFrameInput>, content_type = "application/merge-patch+json"),
    responses((status = 200, body = ReportFrame), (status = 404)),
)]
#[patch("/v1/report-frames/{year}/{subject}")]
async fn update_report_frame(
    app: State,
    actor: Actor<ReportFramesWrite>,
    year: Path<FiscalYear>,
    subject: Path<ReportSlug>,
    if_match: IfMatch,
    patch: Patch<ReportFrameInput>,
) -> Result<WriteResponse> {
    let subject = subject.0.subject()?;
    app.db
        .write(&actor.author, move |write| async move {
            let row = store::lock(&write, year.0, subject).await?;
            if_match.check(row.version)?;
            let input = patch.onto(&ReportFrameInput::try_from(&row)?)?;
            let row = store::update(&write, row, input).await?;
            let (etag, event) = (format!("\"{}\"", row.version), Event::about("update", &row));
            let written = WriteResponse::changed(&ReportFrame::try_from(row)?, etag)?;
            write.commit([event], written)
        })
        .await
}
