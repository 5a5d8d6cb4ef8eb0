//! Integrity measures (มาตรการส่งเสริมคุณธรรมและความโปร่งใส): `/v1/measures`, and a year's plan carried into the next.

mod carry_forward;
mod dto;
mod history;
pub mod store;

use actix_web::{delete, get, patch, post};
use entity::codes::Coded;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub use dto::{ALL_UNITS, Measure, MeasureInput, ResponsibleInput};

use crate::audit_log::append::Event;
use crate::auth::scope::{MeasuresRead, MeasuresWrite};
use crate::auth::{Actor, Viewer};
use crate::domain::publication::Transition;
use crate::error::Result;
use crate::http::batch::{Batch, BatchOptions, Created, Records};
use crate::http::body::{Json, Patch};
use crate::http::etag::{IfMatch, OptionalIfMatch};
use crate::http::idempotency::write_once;
use crate::http::list::{Items, List, Paging};
use crate::http::params::{Path, Query};
use crate::http::record::{self, Record};
use crate::http::response::{ReadResponse, WriteResponse};
use crate::http::route::Kind;
use crate::publication;
use crate::revisions::Resource;
use crate::state::State;
use dto::MeasureFilter;

/// A measure shows the names of its units.
const DEPENDS_ON: &[Resource] = &[Resource::Measures, Resource::Units, Resource::EServices];

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_measures)
        .service(create_measure)
        .service(create_measure_batch)
        .service(get_measure)
        .service(update_measure)
        .service(delete_measure)
        .service(history::list_measure_history)
        .service(transition_measure)
        .service(carry_forward::carry_forward_measures);
}

/// List measures
///
/// Lists published measures. A token with `measures:read` lists drafts and unpublished measures as well.
#[utoipa::path(
    tag = "measures",
    security((), ("bearer" = ["measures:read"])),
    params(MeasureFilter, Paging),
    responses((status = 200, body = Items<Measure>), (status = 403)),
)]
#[get("/v1/measures")]
async fn list_measures(app: State, viewer: Viewer<MeasuresRead>, list: List<MeasureFilter>) -> Result<ReadResponse> {
    publication::check_wanted(&viewer, list.filter.publication.as_deref())?;
    let found = store::list(&app, &list, &viewer.units).await?.map(Measure::from);
    list.answer(found, "measures", DEPENDS_ON).await
}

/// Create a measure
///
/// Creates a draft. Publish it with `POST /v1/measures/{id}/transitions`.
#[utoipa::path(
    tag = "measures",
    security(("bearer" = ["measures:write"])),
    request_body = MeasureInput,
    responses((status = 201, body = Measure), (status = 409, description = "The year already has a measure of this number.")),
)]
#[post("/v1/measures")]
async fn create_measure(app: State, actor: Actor<MeasuresWrite>, body: Json<MeasureInput>) -> Result<WriteResponse> {
    let Json { value: input, key, .. } = body;
    write_once(&app.db, &actor.author, key, |write| async move {
        let row = store::insert(&write, input).await?;
        let (id, etag, event) = (row.id(), row.etag(write.at), Event::about("create", &row));
        let written = WriteResponse::created(&Measure::from(row), format!("/v1/measures/{id}"), etag)?;
        write.commit([event], written)
    })
    .await
}

/// Create up to 100 measures at once
///
/// Creates all measures or none. The errors of all items are listed, each with the index of its item. With
/// `dry_run=true`, everything is checked and nothing is written.
#[utoipa::path(
    tag = "measures",
    extensions(("x-kind" = json!([Kind::Batch]))),
    security(("bearer" = ["measures:write"])),
    params(BatchOptions),
    request_body = Batch<MeasureInput>,
    responses(
        (status = 201, body = Records<Measure>),
        (status = 200, body = Records<Measure>, description = "What would be created, with dry_run."),
        (status = 409, description = "A year already has a measure of one of the numbers."),
    ),
)]
#[post("/v1/measures/batch")]
async fn create_measure_batch(
    app: State,
    actor: Actor<MeasuresWrite>,
    options: Query<BatchOptions>,
    body: Json<Batch<MeasureInput>, 2048>,
) -> Result<WriteResponse> {
    let Json { value: Batch { items }, key, .. } = body;
    write_once(&app.db, &actor.author, key.filter(|_| !options.0.dry_run), move |write| async move {
        let mut created = Created::default();
        for input in items {
            created.add(store::insert(&write, input).await)?;
        }
        let rows = created.finish()?;
        let events: Vec<_> = rows.iter().map(|row| Event::about("create", row)).collect();
        let records = Records { items: rows.into_iter().map(Measure::from).collect() };
        if options.0.dry_run {
            return WriteResponse::done(&records);
        }
        write.commit(events, WriteResponse::all_created(&records)?)
    })
    .await
}

/// Get a measure
///
/// Returns 404 for a draft without a token that can see drafts, and 410 with the reason for an unpublished measure.
#[utoipa::path(
    tag = "measures",
    security((), ("bearer" = ["measures:read"])),
    responses((status = 200, body = Measure), (status = 404), (status = 410)),
)]
#[get("/v1/measures/{id}")]
async fn get_measure(app: State, viewer: Viewer<MeasuresRead>, id: Path<Uuid>) -> Result<ReadResponse> {
    let at = app.db.revisions.snapshot();
    let row = store::find(app.db.reader(), id.0).await?;
    let is_reached = store::is_reached(app.db.reader(), id.0, &viewer.units).await?;
    publication::check(row.measure.publication, row.measure.unpublished_reason.as_deref(), is_reached)?;
    let etag = row.etag(at);
    ReadResponse::record(&Measure::from(row), etag, DEPENDS_ON)
}

/// Update a measure
///
/// The status moves forward only: `planned`, `in_progress`, `completed`, or to `cancelled`. Steps can be skipped.
/// `completed` and `cancelled` are final.
#[utoipa::path(
    tag = "measures",
    security(("bearer" = ["measures:write"])),
    request_body(content = Patch<MeasureInput>, content_type = "application/merge-patch+json"),
    responses(
        (status = 200, body = Measure),
        (status = 404),
        (status = 409, description = "The status cannot go there, or the year already has a measure of this number."),
    ),
)]
#[patch("/v1/measures/{id}")]
async fn update_measure(
    app: State,
    actor: Actor<MeasuresWrite>,
    id: Path<Uuid>,
    if_match: IfMatch,
    patch: Patch<MeasureInput>,
) -> Result<WriteResponse> {
    record::update::<store::Row>(&app.db, &actor.author, id.0, if_match, patch).await
}

/// Publish or unpublish a measure
///
/// A published measure is public and counted in the statistics. Unpublishing requires a reason, which is public.
#[utoipa::path(
    tag = "measures",
    extensions(("x-kind" = json!([Kind::Transition]))),
    security(("bearer" = ["measures:write"])),
    request_body = Transition,
    responses(
        (status = 200, body = Measure),
        (status = 404),
        (status = 409, description = "It is published already, or was never published."),
    ),
)]
#[post("/v1/measures/{id}/transitions")]
async fn transition_measure(
    app: State,
    actor: Actor<MeasuresWrite>,
    id: Path<Uuid>,
    if_match: OptionalIfMatch,
    body: Json<Transition>,
) -> Result<WriteResponse> {
    let Json { value: transition, key, .. } = body;
    write_once(&app.db, &actor.author, key, move |write| async move {
        let row = store::Row::lock(&write, id.0).await?;
        if_match.check(row.version())?;
        let action = transition.action.code();
        let row = store::transition(&write, row, transition).await?;
        let (etag, event) = (row.etag(write.at), Event::about(action, &row));
        let written = WriteResponse::changed(&Measure::from(row), etag)?;
        write.commit([event], written)
    })
    .await
}

/// Delete a draft measure
///
/// A measure that was published cannot be deleted, only unpublished.
#[utoipa::path(
    tag = "measures",
    security(("bearer" = ["measures:write"])),
    responses((status = 204), (status = 404), (status = 409, description = "It is no draft, or a project or successor refers to it.")),
)]
#[delete("/v1/measures/{id}")]
async fn delete_measure(
    app: State,
    actor: Actor<MeasuresWrite>,
    id: Path<Uuid>,
    if_match: IfMatch,
) -> Result<WriteResponse> {
    record::delete::<store::Row>(&app.db, &actor.author, id.0, if_match).await
}
