//! Projects and activities (โครงการ/กิจกรรม): `/v1/projects`.

mod dto;
pub mod store;

use actix_web::{delete, get, patch, post};
use entity::codes::Coded;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub use dto::{Project, ProjectInput};

use crate::audit_log::append::Event;
use crate::auth::scope::{ProjectsRead, ProjectsWrite};
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
use dto::ProjectFilter;

/// A project shows its unit and the title of its measure.
const DEPENDS_ON: &[Resource] = &[Resource::Projects, Resource::Units, Resource::Measures];

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_projects)
        .service(create_project)
        .service(create_project_batch)
        .service(get_project)
        .service(update_project)
        .service(delete_project)
        .service(transition_project);
}

/// List projects
///
/// Lists published projects. A token with `projects:read` lists drafts and unpublished projects as well.
#[utoipa::path(
    tag = "projects",
    security((), ("bearer" = ["projects:read"])),
    params(ProjectFilter, Paging),
    responses((status = 200, body = Items<Project>), (status = 403)),
)]
#[get("/v1/projects")]
async fn list_projects(app: State, viewer: Viewer<ProjectsRead>, list: List<ProjectFilter>) -> Result<ReadResponse> {
    publication::check_wanted(&viewer, list.filter.publication.as_deref())?;
    let found = store::list(&app, &list, &viewer.units).await?.map(Project::from);
    list.answer(found, "projects", DEPENDS_ON).await
}

/// Create a project
///
/// Creates a draft. Publish it with `POST /v1/projects/{id}/transitions`.
#[utoipa::path(
    tag = "projects",
    security(("bearer" = ["projects:write"])),
    request_body = ProjectInput,
    responses((status = 201, body = Project)),
)]
#[post("/v1/projects")]
async fn create_project(app: State, actor: Actor<ProjectsWrite>, body: Json<ProjectInput>) -> Result<WriteResponse> {
    let Json { value: input, key, .. } = body;
    write_once(&app.db, &actor.author, key, |write| async move {
        let row = store::insert(&write, input).await?;
        let (id, etag, event) = (row.id(), row.etag(write.at), Event::about("create", &row));
        let written = WriteResponse::created(&Project::from(row), format!("/v1/projects/{id}"), etag)?;
        write.commit([event], written)
    })
    .await
}

/// Create up to 100 projects at once
///
/// Creates all or none. Every fault of every item is listed with its index. With `dry_run=true` everything is checked
/// and nothing is written.
#[utoipa::path(
    tag = "projects",
    extensions(("x-kind" = json!([Kind::Batch]))),
    security(("bearer" = ["projects:write"])),
    params(BatchOptions),
    request_body = Batch<ProjectInput>,
    responses(
        (status = 201, body = Records<Project>),
        (status = 200, body = Records<Project>, description = "What would be created, with dry_run."),
    ),
)]
#[post("/v1/projects/batch")]
async fn create_project_batch(
    app: State,
    actor: Actor<ProjectsWrite>,
    options: Query<BatchOptions>,
    body: Json<Batch<ProjectInput>, 2048>,
) -> Result<WriteResponse> {
    let Json { value: Batch { items }, key, .. } = body;
    write_once(&app.db, &actor.author, key.filter(|_| !options.0.dry_run), move |write| async move {
        let mut created = Created::default();
        for input in items {
            created.add(store::insert(&write, input).await)?;
        }
        let rows = created.finish()?;
        let events: Vec<_> = rows.iter().map(|row| Event::about("create", row)).collect();
        let records = Records { items: rows.into_iter().map(Project::from).collect() };
        if options.0.dry_run {
            return WriteResponse::done(&records);
        }
        write.commit(events, WriteResponse::all_created(&records)?)
    })
    .await
}

/// Get a project
///
/// Returns 404 for a draft without a token that can see drafts, and 410 with the reason for an unpublished project.
#[utoipa::path(
    tag = "projects",
    security((), ("bearer" = ["projects:read"])),
    responses((status = 200, body = Project), (status = 404), (status = 410)),
)]
#[get("/v1/projects/{id}")]
async fn get_project(app: State, viewer: Viewer<ProjectsRead>, id: Path<Uuid>) -> Result<ReadResponse> {
    let at = app.db.revisions.snapshot();
    let row = store::find(app.db.reader(), id.0).await?;
    let is_reached = store::is_reached(app.db.reader(), id.0, &viewer.units).await?;
    publication::check(row.project.publication, row.project.unpublished_reason.as_deref(), is_reached)?;
    let etag = row.etag(at);
    ReadResponse::record(&Project::from(row), etag, DEPENDS_ON)
}

/// Update a project
///
/// The status moves forward only: `planned`, `in_progress`, `completed`, or to `cancelled`. Steps can be skipped.
/// `completed` and `cancelled` are final.
#[utoipa::path(
    tag = "projects",
    security(("bearer" = ["projects:write"])),
    request_body(content = Patch<ProjectInput>, content_type = "application/merge-patch+json"),
    responses((status = 200, body = Project), (status = 404), (status = 409, description = "The status cannot go there.")),
)]
#[patch("/v1/projects/{id}")]
async fn update_project(
    app: State,
    actor: Actor<ProjectsWrite>,
    id: Path<Uuid>,
    if_match: IfMatch,
    patch: Patch<ProjectInput>,
) -> Result<WriteResponse> {
    record::update::<store::Row>(&app.db, &actor.author, id.0, if_match, patch).await
}

/// Publish or unpublish a project
///
/// A published project is public and counted in the statistics. Unpublishing requires a reason, which is public.
#[utoipa::path(
    tag = "projects",
    extensions(("x-kind" = json!([Kind::Transition]))),
    security(("bearer" = ["projects:write"])),
    request_body = Transition,
    responses(
        (status = 200, body = Project),
        (status = 404),
        (status = 409, description = "It is published already, or was never published."),
    ),
)]
#[post("/v1/projects/{id}/transitions")]
async fn transition_project(
    app: State,
    actor: Actor<ProjectsWrite>,
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
        let written = WriteResponse::changed(&Project::from(row), etag)?;
        write.commit([event], written)
    })
    .await
}

/// Delete a draft project
///
/// A project that was published cannot be deleted, only unpublished.
#[utoipa::path(
    tag = "projects",
    security(("bearer" = ["projects:write"])),
    responses((status = 204), (status = 404), (status = 409, description = "It is no draft.")),
)]
#[delete("/v1/projects/{id}")]
async fn delete_project(
    app: State,
    actor: Actor<ProjectsWrite>,
    id: Path<Uuid>,
    if_match: IfMatch,
) -> Result<WriteResponse> {
    record::delete::<store::Row>(&app.db, &actor.author, id.0, if_match).await
}
