//! Reports on their way to the public, and what is published of them: `/v1/publications`.

mod chain;
mod dto;
mod feed;
mod frozen;
mod page;
mod public;
mod shown;
mod signing;
mod statement;
pub mod store;

use actix_web::{get, post};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::audit_log::append::Event;
use crate::auth::scope::{PublicationsApprove, PublicationsRead, PublicationsSign, PublicationsWrite};
use crate::auth::{Actor, Viewer};
use crate::error::{FieldError, Result};
use crate::http::body::Json;
use crate::http::etag::{IfMatch, record_tag};
use crate::http::idempotency::write_once_prepared;
use crate::http::list::{Items, List, Paging};
use crate::http::params::Path;
use crate::http::response::{ReadResponse, WriteResponse};
use crate::http::route::Kind;
use crate::revisions::Resource;
use crate::state::State;
use dto::{ReportPublication, ReportPublicationFilter, ReportPublicationInput, ReportPublicationTransition};
use shown::Shown;

pub use chain::publish;
use signing::Rights;

const DEPENDS_ON: &[Resource] = &[Resource::Publications, Resource::Users];

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_publications)
        .service(create_publication)
        .service(feed::get_publication_feed)
        .service(get_publication)
        .service(transition_publication)
        .configure(public::routes)
        .service(page::get_publication_page);
}

/// List publications
///
/// Lists the versions of reports, the latest first: published ones, and with a token of the staff those on their way. What a report
/// lacks is in the single record; a list has the count.
#[utoipa::path(
    tag = "publications",
    security((), ("bearer" = ["publications:read"])),
    params(ReportPublicationFilter, Paging),
    responses((status = 200, body = Items<ReportPublication>)),
)]
#[get("/v1/publications")]
async fn list_publications(
    app: State,
    viewer: Viewer<PublicationsRead>,
    list: List<ReportPublicationFilter>,
) -> Result<ReadResponse> {
    let shown = Shown::to(&app, &viewer);
    let mut found = store::list(&app, &list, shown.to_staff).await?;
    let rows = store::with_steps(app.db.reader(), std::mem::take(&mut found.rows)).await?;
    let found = found.with(rows.into_iter().map(|row| shown.publication(row)).collect());
    list.answer(found, "publications", DEPENDS_ON).await
}

/// Create a draft of a publication
///
/// Freezes a report of what is published now as the draft of the next version. There is one version on its way at a time.
///
/// With `no_complaints_in` it is a statement that there were no complaints of corruption and misconduct in a part of the year. Those who
/// sign the complaint statistics sign it; their memo is not part of it, since it speaks of the statistics. The statement is refused
/// when there were some, when the period has not ended, and when the agency does not say that it recorded all complaints from its
/// first day on (`recorded_from` of the agency).
#[utoipa::path(
    tag = "publications",
    security(("bearer" = ["publications:write"])),
    request_body = ReportPublicationInput,
    responses(
        (status = 201, body = ReportPublication),
        (status = 409, description = "There is a version that is not published yet."),
    ),
)]
#[post("/v1/publications")]
async fn create_publication(
    app: State,
    actor: Actor<PublicationsWrite>,
    body: Json<ReportPublicationInput>,
) -> Result<WriteResponse> {
    let Json { value: input, key, .. } = body;
    let shown = Shown::to_the_staff(&app);
    let ReportPublicationInput { fiscal_year, subject, reason, no_complaints_in } = input;
    let frozen = async {
        let _permit = app.http.admission.report().await?;
        let none_in = no_complaints_in.map(|part| statement::part(fiscal_year, &part)).transpose()?;
        let frozen = frozen::freeze(&app.db, fiscal_year, subject, none_in).await?;
        frozen.map_err(|violation| FieldError::at("/no_complaints_in", violation).into())
    };
    write_once_prepared(&app.db, &actor.author, key, frozen, move |write, frozen| async move {
        let reason = reason.map(|reason| reason.into_inner());
        let publication = store::insert(&write, (fiscal_year, subject), reason, frozen).await?;
        let (id, version, event) = (publication.id, publication.version, Event::about("create", &publication));
        let shown = shown.written(&write, publication).await?;
        let etag = record_tag(version, &shown)?;
        write.commit([event], WriteResponse::created(&shown, format!("/v1/publications/{id}"), etag)?)
    })
    .await
}

/// Get a publication
///
/// Returns a version of a report by its id. The staff see the names of signers, their comments and what the report lacks.
#[utoipa::path(
    tag = "publications",
    security((), ("bearer" = ["publications:read"])),
    responses((status = 200, body = ReportPublication), (status = 404)),
)]
#[get("/v1/publications/{id}")]
async fn get_publication(app: State, viewer: Viewer<PublicationsRead>, id: Path<Uuid>) -> Result<ReadResponse> {
    let shown = Shown::to(&app, &viewer);
    let publication = store::find(app.db.reader(), id.0, shown.to_staff).await?;
    let version = publication.version;
    let shown = shown.written(app.db.reader(), publication).await?;
    ReadResponse::record(&shown, record_tag(version, &shown)?, DEPENDS_ON)
}

/// Submit, sign, return or abandon a publication
///
/// `refresh`, `submit` and `abandon` are for editors (`publications:write`); `sign` and `return` are for who holds the post of the next
/// step. Nobody signs two steps. Who drafted, refreshed or submitted the version, or signed as who prepared it, in this round or an
/// earlier one, signs as who prepared it alone, and neither endorses nor approves it. The last signature needs `publications:approve`:
/// it publishes the version in all formats, and the audit log commits to their hashes.
///
/// `submit` is refused with the list of what is missing, unless `override_reason` says why the report is published without.
#[utoipa::path(
    tag = "publications",
    extensions(("x-kind" = json!([Kind::Transition, Kind::Conditional]))),
    security(("bearer" = ["publications:sign"]), ("bearer" = ["publications:sign", "publications:approve"])),
    request_body = ReportPublicationTransition,
    responses(
        (status = 200, body = ReportPublication),
        (status = 404),
        (status = 409, description = "Not from this status, or something is missing."),
    ),
)]
#[post("/v1/publications/{id}/transitions")]
async fn transition_publication(
    app: State,
    actor: Actor<PublicationsSign>,
    (editor, approver): (Viewer<PublicationsWrite>, Viewer<PublicationsApprove>),
    id: Path<Uuid>,
    if_match: IfMatch,
    body: Json<ReportPublicationTransition>,
) -> Result<WriteResponse> {
    let Json { value: input, key, .. } = body;
    let rights = Rights { writes: editor.author.is_some(), approves: approver.author.is_some() };
    let action = input.action;
    let prepared = async {
        let _permit = app.http.admission.report().await?;
        signing::prepare(&app.db, id.0, action, rights).await
    };
    let shown = Shown::to_the_staff(&app);
    write_once_prepared(&app.db, &actor.author, key, prepared, move |write, prepared| async move {
        let publication = store::lock(&write, id.0).await?;
        if_match.check(publication.version)?;
        let (publication, events) = signing::take(&write, publication, input, rights, prepared).await?;
        let version = publication.version;
        let shown = shown.written(&write, publication).await?;
        let etag = record_tag(version, &shown)?;
        write.commit(events, WriteResponse::changed(&shown, etag)?)
    })
    .await
}
