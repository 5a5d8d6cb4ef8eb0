//! Public holidays (วันหยุดราชการ), which working days leave out: `/v1/holidays`.

mod dto;
pub mod store;

use actix_web::{delete, get, patch, post};
use entity::holiday::Model;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::audit_log::append::Event;
use crate::auth::Actor;
use crate::auth::scope::HolidaysWrite;
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

pub use dto::{Holiday, HolidayFilter, HolidayInput};

const DEPENDS_ON: &[Resource] = &[Resource::Holidays];

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_holidays)
        .service(create_holiday)
        .service(get_holiday)
        .service(update_holiday)
        .service(delete_holiday);
}

/// List holidays
///
/// Lists the holidays, earliest first. A substitute for a holiday on a weekend is a holiday of its own.
#[utoipa::path(tag = "holidays", params(HolidayFilter, Paging), responses((status = 200, body = Items<Holiday>)))]
#[get("/v1/holidays")]
async fn list_holidays(app: State, list: List<HolidayFilter>) -> Result<ReadResponse> {
    let found = store::list(&app, &list).await?.map(Holiday::from);
    list.answer(found, "holidays", DEPENDS_ON).await
}

/// Create a holiday
///
/// Each day can be entered once.
#[utoipa::path(
    tag = "holidays",
    security(("bearer" = ["holidays:write"])),
    request_body = HolidayInput,
    responses((status = 201, body = Holiday), (status = 409, description = "The day has a holiday.")),
)]
#[post("/v1/holidays")]
async fn create_holiday(app: State, actor: Actor<HolidaysWrite>, body: Json<HolidayInput>) -> Result<WriteResponse> {
    let Json { value: input, key, .. } = body;
    write_once(&app.db, &actor.author, key, |write| async move {
        let row = store::insert(&write, input).await?;
        let (id, etag, event) = (row.id, row.etag(write.at), Event::about("create", &row));
        let written = WriteResponse::created(&Holiday::from(row), format!("/v1/holidays/{id}"), etag)?;
        write.commit([event], written)
    })
    .await
}

/// Get a holiday
///
/// Returns the holiday with this id. Use the list to find a holiday by its date.
#[utoipa::path(tag = "holidays", responses((status = 200, body = Holiday), (status = 404)))]
#[get("/v1/holidays/{id}")]
async fn get_holiday(app: State, id: Path<Uuid>) -> Result<ReadResponse> {
    let (at, row) = (app.db.revisions.snapshot(), store::find(app.db.reader(), id.0).await?);
    let etag = row.etag(at);
    ReadResponse::record(&Holiday::from(row), etag, DEPENDS_ON)
}

/// Update a holiday
///
/// Changes the date or the name.
#[utoipa::path(
    tag = "holidays",
    security(("bearer" = ["holidays:write"])),
    request_body(content = Patch<HolidayInput>, content_type = "application/merge-patch+json"),
    responses((status = 200, body = Holiday), (status = 404), (status = 409, description = "The day has a holiday.")),
)]
#[patch("/v1/holidays/{id}")]
async fn update_holiday(
    app: State,
    actor: Actor<HolidaysWrite>,
    id: Path<Uuid>,
    if_match: IfMatch,
    patch: Patch<HolidayInput>,
) -> Result<WriteResponse> {
    record::update::<Model>(&app.db, &actor.author, id.0, if_match, patch).await
}

/// Delete a holiday
///
/// The day becomes a working day, unless it is on a weekend.
#[utoipa::path(
    tag = "holidays",
    security(("bearer" = ["holidays:write"])),
    responses((status = 204), (status = 404)),
)]
#[delete("/v1/holidays/{id}")]
async fn delete_holiday(
    app: State,
    actor: Actor<HolidaysWrite>,
    id: Path<Uuid>,
    if_match: IfMatch,
) -> Result<WriteResponse> {
    record::delete::<Model>(&app.db, &actor.author, id.0, if_match).await
}
