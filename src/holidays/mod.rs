//! Public holidays (วันหยุดราชการ), which working days leave out: `/v1/holidays`.

mod dto;
pub mod store;

use actix_web::{delete, get, patch, post};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub use dto::{Holiday, HolidayFilter, HolidayInput};

use crate::answer::{Read, Written};
use crate::app::State;
use crate::auth::Actor;
use crate::auth::scope::HolidaysWrite;
use crate::body::{Json, Patch};
use crate::error::Result;
use crate::etag::IfMatch;
use crate::extract::Path;
use crate::ledger::Event;
use crate::list::{Items, List, Paging};
use crate::revisions::Resource;

const MADE_OF: &[Resource] = &[Resource::Holidays];

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
/// The earliest first. A day off in place of one on a weekend is a holiday of its own.
#[utoipa::path(tag = "holidays", params(HolidayFilter, Paging), responses((status = 200, body = Items<Holiday>)))]
#[get("/v1/holidays")]
async fn list_holidays(app: State, list: List<HolidayFilter>) -> Result<Read> {
    let found = store::list(&app, &list).await?.map(Holiday::from);
    list.answer(found, "holidays", MADE_OF).await
}

/// Create a holiday
///
/// A day is entered once.
#[utoipa::path(
    tag = "holidays",
    security(("bearer" = ["holidays:write"])),
    request_body = HolidayInput,
    responses((status = 201, body = Holiday), (status = 409, description = "The day has a holiday.")),
)]
#[post("/v1/holidays")]
async fn create_holiday(app: State, actor: Actor<HolidaysWrite>, body: Json<HolidayInput>) -> Result<Written> {
    let Json { value: input, key, .. } = body;
    app.db
        .write(&actor.author, key, |write| async move {
            let row = store::insert(&write, input).await?;
            let (id, etag, event) = (row.id, store::etag(&row), Event::about("create", &row));
            let written = Written::created(&Holiday::from(row), format!("/v1/holidays/{id}"), etag)?;
            write.commit([event], written).await
        })
        .await
}

/// Read a holiday
///
/// By its id; the list finds one by its day.
#[utoipa::path(tag = "holidays", responses((status = 200, body = Holiday), (status = 404)))]
#[get("/v1/holidays/{id}")]
async fn get_holiday(app: State, id: Path<Uuid>) -> Result<Read> {
    let row = store::find(app.db.reader(), id.0).await?;
    let etag = store::etag(&row);
    Read::record(&Holiday::from(row), etag, MADE_OF)
}

/// Change a holiday
///
/// Its day or its name.
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
) -> Result<Written> {
    app.db
        .write(&actor.author, None, move |write| async move {
            let row = store::lock(&write, id.0).await?;
            if_match.check(row.version)?;
            let input = patch.onto(&HolidayInput::from(&row))?;
            let row = store::update(&write, row, input).await?;
            let (etag, event) = (store::etag(&row), Event::about("update", &row));
            let written = Written::changed(&Holiday::from(row), etag)?;
            write.commit([event], written).await
        })
        .await
}

/// Delete a holiday
///
/// From then on the day is a working day, unless it is on a weekend.
#[utoipa::path(
    tag = "holidays",
    security(("bearer" = ["holidays:write"])),
    responses((status = 204), (status = 404)),
)]
#[delete("/v1/holidays/{id}")]
async fn delete_holiday(app: State, actor: Actor<HolidaysWrite>, id: Path<Uuid>, if_match: IfMatch) -> Result<Written> {
    app.db
        .write(&actor.author, None, move |write| async move {
            if_match.check(store::lock(&write, id.0).await?.version)?;
            store::delete(&write, id.0).await?;
            write.commit([Event::deleted(Resource::Holidays, id.0)], Written::deleted()).await
        })
        .await
}
