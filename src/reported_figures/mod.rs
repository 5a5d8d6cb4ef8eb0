//! Figures of periods whose cases are not recorded here, as they were reported: `/v1/reported-figures`.

mod dto;
pub mod store;

use actix_web::{delete, get, patch, post};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::audit_log::append::Event;
use crate::auth::Actor;
use crate::auth::scope::StatisticsWrite;
use crate::error::Result;
use crate::http::body::{Json, Patch};
use crate::http::etag::IfMatch;
use crate::http::idempotency::write_once;
use crate::http::list::{Items, List, Paging};
use crate::http::params::Path;
use crate::http::record::{self, Record};
use crate::http::response::{ReadResponse, WriteResponse};
use crate::revisions::Resource;
use crate::state::State;
use store::Row;

pub use dto::{ReportedFigure, ReportedFigureFilter, ReportedFigureInput};

const DEPENDS_ON: &[Resource] = &[Resource::ReportedFigures, Resource::EServices];

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_reported_figures)
        .service(create_reported_figure)
        .service(get_reported_figure)
        .service(update_reported_figure)
        .service(delete_reported_figure);
}

/// List reported figures
///
/// Lists the totals of periods whose cases are not recorded here, as they were reported, each with its source. Statistics show them
/// beside the figures that are recorded, and never add the two.
#[utoipa::path(tag = "statistics", params(ReportedFigureFilter, Paging), responses((status = 200, body = Items<ReportedFigure>)))]
#[get("/v1/reported-figures")]
async fn list_reported_figures(app: State, list: List<ReportedFigureFilter>) -> Result<ReadResponse> {
    let found = store::list(&app, &list).await?.map(ReportedFigure::from);
    list.answer(found, "reported-figures", DEPENDS_ON).await
}

/// Create a reported figure
///
/// Enters the totals of a period that is over, as they were reported elsewhere. The figures of a kind, or of an e-service, can be
/// entered once for each period. They are public immediately.
#[utoipa::path(
    tag = "statistics",
    security(("bearer" = ["statistics:write"])),
    request_body = ReportedFigureInput,
    responses((status = 201, body = ReportedFigure), (status = 409, description = "The figures of the period are entered already.")),
)]
#[post("/v1/reported-figures")]
async fn create_reported_figure(
    app: State,
    actor: Actor<StatisticsWrite>,
    body: Json<ReportedFigureInput>,
) -> Result<WriteResponse> {
    let Json { value: input, key, .. } = body;
    write_once(&app.db, &actor.author, key, |write| async move {
        let row = store::insert(&write, input).await?;
        let (id, etag, event) = (row.figure.id, row.etag(write.at), Event::about("create", &row));
        let written = WriteResponse::created(&ReportedFigure::from(row), format!("/v1/reported-figures/{id}"), etag)?;
        write.commit([event], written)
    })
    .await
}

/// Get a reported figure
///
/// Returns the reported figure with this id.
#[utoipa::path(tag = "statistics", responses((status = 200, body = ReportedFigure), (status = 404)))]
#[get("/v1/reported-figures/{id}")]
async fn get_reported_figure(app: State, id: Path<Uuid>) -> Result<ReadResponse> {
    let (at, row) = (app.db.revisions.snapshot(), store::find(app.db.reader(), id.0).await?);
    let etag = row.etag(at);
    ReadResponse::record(&ReportedFigure::from(row), etag, DEPENDS_ON)
}

/// Update a reported figure
///
/// Changes the fields that are sent. The audit log keeps what they were.
#[utoipa::path(
    tag = "statistics",
    security(("bearer" = ["statistics:write"])),
    request_body(content = Patch<ReportedFigureInput>, content_type = "application/merge-patch+json"),
    responses((status = 200, body = ReportedFigure), (status = 404), (status = 409, description = "The figures of the period are entered already.")),
)]
#[patch("/v1/reported-figures/{id}")]
async fn update_reported_figure(
    app: State,
    actor: Actor<StatisticsWrite>,
    id: Path<Uuid>,
    if_match: IfMatch,
    patch: Patch<ReportedFigureInput>,
) -> Result<WriteResponse> {
    record::update::<Row>(&app.db, &actor.author, id.0, if_match, patch).await
}

/// Delete a reported figure
///
/// Removes the figure from the statistics. The audit log keeps it.
#[utoipa::path(
    tag = "statistics",
    security(("bearer" = ["statistics:write"])),
    responses((status = 204), (status = 404)),
)]
#[delete("/v1/reported-figures/{id}")]
async fn delete_reported_figure(
    app: State,
    actor: Actor<StatisticsWrite>,
    id: Path<Uuid>,
    if_match: IfMatch,
) -> Result<WriteResponse> {
    record::delete::<Row>(&app.db, &actor.author, id.0, if_match).await
}
