//! E-services (ระบบบริการประชาชนออนไลน์): `/v1/e-services`, with the forms that are filled in for them, and the requests.

pub mod closed_days;
mod dto;
pub mod form;
mod json_ld;
pub mod open311;
pub mod requests;
pub mod store;

use actix_web::{HttpRequest, get, patch, post};
use entity::codes::Coded;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

pub use dto::{EService, EServiceInput};

use crate::audit_log::append::Event;
use crate::auth::Actor;
use crate::auth::scope::EServicesWrite;
use crate::domain::publication::Transition;
use crate::error::Result;
use crate::http::body::{Json, Patch};
use crate::http::etag::{IfMatch, OptionalIfMatch};
use crate::http::idempotency::write_once;
use crate::http::list::{Items, List, Paging};
use crate::http::negotiation::{self, Format, RecordFormat};
use crate::http::params::{Path, Query};
use crate::http::response::{ReadResponse, WriteResponse};
use crate::http::route::Kind;
use crate::revisions::Resource;
use crate::state::State;
use dto::{EServiceFilter, EServiceForm, EServiceFormFilter};
use json_ld::GovernmentService;

/// An e-service shows the code of its unit.
const DEPENDS_ON: &[Resource] = &[Resource::EServices, Resource::Units];

pub fn routes(config: &mut ServiceConfig) {
    closed_days::routes(config);
    requests::routes(config);
    config
        .service(list_e_services)
        .service(create_e_service)
        .service(get_e_service)
        .service(update_e_service)
        .service(transition_e_service)
        .service(list_e_service_forms);
}

/// List e-services
///
/// Lists the e-services that are offered, sorted by code.
#[utoipa::path(tag = "e-services", params(EServiceFilter, Paging), responses((status = 200, body = Items<EService>)))]
#[get("/v1/e-services")]
async fn list_e_services(app: State, list: List<EServiceFilter>) -> Result<ReadResponse> {
    let found = store::list(&app, &list).await?.try_map(EService::try_from)?;
    list.answer(found, "e-services", DEPENDS_ON).await
}

/// Create an e-service
///
/// The e-service is offered at once, and its form can be filled in.
#[utoipa::path(
    tag = "e-services",
    security(("bearer" = ["e-services:write"])),
    request_body = EServiceInput,
    responses((status = 201, body = EService), (status = 409, description = "The code is taken.")),
)]
#[post("/v1/e-services")]
async fn create_e_service(
    app: State,
    actor: Actor<EServicesWrite>,
    body: Json<EServiceInput>,
) -> Result<WriteResponse> {
    let Json { value: input, key, .. } = body;
    write_once(&app.db, &actor.author, key, |write| async move {
        let saved = store::insert(&write, input).await?;
        let (events, row) = (saved.events("create"), saved.row);
        let (etag, address) = (row.etag(write.at), format!("/v1/e-services/{}", row.service.code));
        write.commit(events, WriteResponse::created(&EService::try_from(row)?, address, etag)?)
    })
    .await
}

/// In which format to read an e-service.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Format of the response. Takes precedence over `Accept`.
    #[param(inline, example = "jsonld")]
    format: Option<RecordFormat>,
}

/// Get an e-service
///
/// An unpublished e-service is returned with the reason. As JSON-LD, the response is a `GovernmentService` of
/// schema.org, for search engines.
#[utoipa::path(
    tag = "e-services",
    params(Asked),
    responses(
        (status = 200, content((EService = "application/json"), (GovernmentService = "application/ld+json"))),
        (status = 404),
    ),
)]
#[get("/v1/e-services/{code}")]
async fn get_e_service(
    app: State,
    code: Path<String>,
    asked: Query<Asked>,
    request: HttpRequest,
) -> Result<ReadResponse> {
    let format = Format::wanted(asked.0.format.map(Format::from), &request, negotiation::RECORD)?;
    let at = app.db.revisions.snapshot();
    let row = store::find(app.db.reader(), &code.0).await?;
    if format == Format::JsonLd {
        const DEPENDS_ON: &[Resource] = &[Resource::EServices, Resource::Units, Resource::Agency];
        let described = json_ld::describe(&app, row).await?;
        return Ok(ReadResponse { format, ..ReadResponse::json(&described, DEPENDS_ON)? });
    }
    let etag = row.etag(at);
    ReadResponse::record(&EService::try_from(row)?, etag, DEPENDS_ON)
}

/// Update an e-service
///
/// A change of the form creates a new version. Requests keep the version that they were sent with. The patch is merged
/// into the schema of the form as well: `null` removes a field from it.
#[utoipa::path(
    tag = "e-services",
    security(("bearer" = ["e-services:write"])),
    request_body(content = Patch<EServiceInput>, content_type = "application/merge-patch+json"),
    responses((status = 200, body = EService), (status = 404)),
)]
#[patch("/v1/e-services/{code}")]
async fn update_e_service(
    app: State,
    actor: Actor<EServicesWrite>,
    code: Path<String>,
    if_match: IfMatch,
    patch: Patch<EServiceInput>,
) -> Result<WriteResponse> {
    app.db
        .write(&actor.author, move |write| async move {
            let row = store::lock(&write, &code.0).await?;
            if_match.check(row.version())?;
            let input = patch.onto(&EServiceInput::try_from(&row)?)?;
            let saved = store::update(&write, row, input).await?;
            let (events, row) = (saved.events("update"), saved.row);
            let etag = row.etag(write.at);
            write.commit(events, WriteResponse::changed(&EService::try_from(row)?, etag)?)
        })
        .await
}

/// Publish or unpublish an e-service
///
/// An unpublished e-service accepts no more requests; existing requests continue. Unpublishing requires a reason, which
/// is public.
#[utoipa::path(
    tag = "e-services",
    extensions(("x-kind" = json!([Kind::Transition]))),
    security(("bearer" = ["e-services:write"])),
    request_body = Transition,
    responses(
        (status = 200, body = EService),
        (status = 404),
        (status = 409, description = "It is offered already, or was unpublished already."),
    ),
)]
#[post("/v1/e-services/{code}/transitions")]
async fn transition_e_service(
    app: State,
    actor: Actor<EServicesWrite>,
    code: Path<String>,
    if_match: OptionalIfMatch,
    body: Json<Transition>,
) -> Result<WriteResponse> {
    let Json { value: transition, key, .. } = body;
    write_once(&app.db, &actor.author, key, move |write| async move {
        let row = store::lock(&write, &code.0).await?;
        if_match.check(row.version())?;
        let action = transition.action.code();
        let row = store::transition(&write, row, transition).await?;
        let (etag, event) = (row.etag(write.at), Event::about(action, &row));
        write.commit([event], WriteResponse::changed(&EService::try_from(row)?, etag)?)
    })
    .await
}

/// List the versions of a form
///
/// Lists the versions of the e-service's form, newest first. Older requests were filled in with an older version.
#[utoipa::path(
    tag = "e-services",
    params(EServiceFormFilter, Paging),
    responses((status = 200, body = Items<EServiceForm>), (status = 404)),
)]
#[get("/v1/e-services/{code}/forms")]
async fn list_e_service_forms(app: State, code: Path<String>, list: List<EServiceFormFilter>) -> Result<ReadResponse> {
    let row = store::find(app.db.reader(), &code.0).await?;
    let select = store::forms(row.service.id, list.filter.version);
    let found = list.find::<entity::e_service_form::Model>(&app.db, select).await?;
    list.answer(found.try_map(EServiceForm::try_from)?, "forms", &[Resource::EServiceForms]).await
}
