//! The units of the municipality (ส่วนราชการ): `/v1/units`.

mod dto;
pub mod store;

use actix_web::{get, patch, post};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::audit_log::append::Event;
use crate::auth::Actor;
use crate::auth::scope::UnitsWrite;
use crate::error::Result;
use crate::http::body::{Json, Patch};
use crate::http::etag::IfMatch;
use crate::http::idempotency::write_once;
use crate::http::list::{Items, List, Paging};
use crate::http::params::{IdOrCode, Path};
use crate::http::record::{self, Record};
use crate::http::response::{ReadResponse, WriteResponse};
use crate::revisions::Resource;
use crate::state::State;

pub use dto::{Unit, UnitFilter, UnitInput};

const DEPENDS_ON: &[Resource] = &[Resource::Units];

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_units).service(create_unit).service(get_unit).service(update_unit);
}

/// List units
///
/// Lists divisions and sections, sorted by code. Offer only active units in forms.
#[utoipa::path(tag = "units", params(UnitFilter, Paging), responses((status = 200, body = Items<Unit>)))]
#[get("/v1/units")]
async fn list_units(app: State, list: List<UnitFilter>) -> Result<ReadResponse> {
    let found = store::list(&app, &list).await?.map(Unit::from);
    list.answer(found, "units", DEPENDS_ON).await
}

/// Create a unit
///
/// Measures and projects refer to a unit by its `code`.
#[utoipa::path(
    tag = "units",
    security(("bearer" = ["units:write"])),
    request_body = UnitInput,
    responses((status = 201, body = Unit), (status = 409, description = "The code is taken.")),
)]
#[post("/v1/units")]
async fn create_unit(app: State, actor: Actor<UnitsWrite>, body: Json<UnitInput>) -> Result<WriteResponse> {
    let Json { value: input, key, .. } = body;
    write_once(&app.db, &actor.author, key, |write| async move {
        let row = store::insert(&write, input).await?;
        let (id, etag, event) = (row.id(), row.etag(write.at), Event::about("create", &row));
        let written = WriteResponse::created(&Unit::from(row), format!("/v1/units/{id}"), etag)?;
        write.commit([event], written)
    })
    .await
}

/// Get a unit
///
/// Returns the unit with this id or code.
#[utoipa::path(
    tag = "units",
    params(("id" = inline(IdOrCode), Path, description = "Id or code of the unit.", example = "legal")),
    responses((status = 200, body = Unit), (status = 404)),
)]
#[get("/v1/units/{id}")]
async fn get_unit(app: State, id: Path<IdOrCode>) -> Result<ReadResponse> {
    let at = app.db.revisions.snapshot();
    let row = store::find_named(app.db.reader(), &id.0).await?;
    let etag = row.etag(at);
    ReadResponse::record(&Unit::from(row), etag, DEPENDS_ON)
}

/// Update a unit
///
/// Records that refer to the unit show its new name at once. A unit cannot be deleted; set `active` to `false` if it no
/// longer exists. A unit that complaints come to (`intake_units` of the agency) exists.
#[utoipa::path(
    tag = "units",
    security(("bearer" = ["units:write"])),
    params(("id" = inline(IdOrCode), Path, description = "Id or code of the unit.", example = "legal")),
    request_body(content = Patch<UnitInput>, content_type = "application/merge-patch+json"),
    responses(
        (status = 200, body = Unit),
        (status = 404),
        (status = 409, description = "The code is taken, or complaints come to a unit that is to end."),
    ),
)]
#[patch("/v1/units/{id}")]
async fn update_unit(
    app: State,
    actor: Actor<UnitsWrite>,
    id: Path<IdOrCode>,
    if_match: IfMatch,
    patch: Patch<UnitInput>,
) -> Result<WriteResponse> {
    let id = store::find_named(app.db.reader(), &id.0).await?.id();
    record::update::<store::Row>(&app.db, &actor.author, id, if_match, patch).await
}
