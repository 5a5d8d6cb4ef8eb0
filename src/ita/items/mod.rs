//! What the assessment asks for in a fiscal year: `/v1/ita/{year}/items`.

mod dto;
pub mod store;

use actix_web::{delete, get, patch, post};
use entity::codes::Coded;
use utoipa_actix_web::service_config::ServiceConfig;

pub use dto::{ItaItem, ItaItemInput, ItaItemSort};

use super::{disclosures, years};
use crate::audit_log::append::Event;
use crate::auth::Actor;
use crate::auth::scope::ItaWrite;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::ita::{Action, ItemCode};
use crate::error::Result;
use crate::http::body::{Json, Patch};
use crate::http::etag::IfMatch;
use crate::http::idempotency::write_once;
use crate::http::list::{Items, List, Paging};
use crate::http::params::Path;
use crate::http::response::{ReadResponse, WriteResponse};
use crate::revisions::Resource;
use crate::state::State;
use dto::ItaItemFilter;

const DEPENDS_ON: &[Resource] = &[Resource::ItaItems, Resource::ItaYears];

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_ita_items)
        .service(create_ita_item)
        .service(get_ita_item)
        .service(update_ita_item)
        .service(delete_ita_item);
}

/// List the items of the ITA
///
/// Lists the items of the open data assessment (OIT) of a fiscal year, in the order of their codes. The code of a subject differs from
/// year to year: filter by `subject` to find it.
#[utoipa::path(
    tag = "ita",
    params(("year" = FiscalYear, Path), ItaItemFilter, Paging),
    responses((status = 200, body = Items<ItaItem>), (status = 404)),
)]
#[get("/v1/ita/{year}/items")]
async fn list_ita_items(app: State, year: Path<FiscalYear>, list: List<ItaItemFilter>) -> Result<ReadResponse> {
    years::find(app.db.reader(), year.0).await?;
    let found = store::list(&app, year.0, &list).await?.map(ItaItem::from);
    list.answer(found, "ita-items", DEPENDS_ON).await
}

/// Add an item of the ITA
///
/// The item has a disclosure at once, which is open.
#[utoipa::path(
    tag = "ita",
    security(("bearer" = ["ita:write"])),
    params(("year" = FiscalYear, Path)),
    request_body = ItaItemInput,
    responses((status = 201, body = ItaItem), (status = 404), (status = 409, description = "The year has an item of this code or subject.")),
)]
#[post("/v1/ita/{year}/items")]
async fn create_ita_item(
    app: State,
    actor: Actor<ItaWrite>,
    year: Path<FiscalYear>,
    body: Json<ItaItemInput>,
) -> Result<WriteResponse> {
    let Json { value: input, key, .. } = body;
    write_once(&app.db, &actor.author, key, move |write| async move {
        years::lock(&write, year.0).await?;
        let written = store::insert(&write, year.0, input).await?;
        let (events, row) = (written.events("create"), written.item);
        let (address, etag) = (store::address(&row), store::etag(&row));
        write.commit(events, WriteResponse::created(&ItaItem::from(row), address, etag)?)
    })
    .await
}

/// Get an item of the ITA
///
/// Returns what the item asks for, and how sure its text is.
#[utoipa::path(
    tag = "ita",
    params(("year" = FiscalYear, Path), ("item" = ItemCode, Path, description = "Code of the item in this year.", example = "O35")),
    responses((status = 200, body = ItaItem), (status = 404)),
)]
#[get("/v1/ita/{year}/items/{item}")]
async fn get_ita_item(app: State, place: Path<(FiscalYear, ItemCode)>) -> Result<ReadResponse> {
    let row = store::find(app.db.reader(), place.0).await?;
    let etag = store::etag(&row);
    ReadResponse::record(&ItaItem::from(row), etag, DEPENDS_ON)
}

/// Update an item of the ITA
///
/// If the code changes, so does the address of the item. An answer that was reviewed or is ready becomes a draft again if it lacks
/// what the item now asks for.
#[utoipa::path(
    tag = "ita",
    security(("bearer" = ["ita:write"])),
    params(("year" = FiscalYear, Path), ("item" = ItemCode, Path, description = "Code of the item in this year.", example = "O35")),
    request_body(content = Patch<ItaItemInput>, content_type = "application/merge-patch+json"),
    responses((status = 200, body = ItaItem), (status = 404), (status = 409, description = "The year has an item of this code or subject.")),
)]
#[patch("/v1/ita/{year}/items/{item}")]
async fn update_ita_item(
    app: State,
    actor: Actor<ItaWrite>,
    place: Path<(FiscalYear, ItemCode)>,
    if_match: IfMatch,
    patch: Patch<ItaItemInput>,
) -> Result<WriteResponse> {
    let public_url = app.site.public_url.clone();
    app.db
        .write(&actor.author, move |write| async move {
            // Codes and subjects are unique within the year.
            years::lock(&write, place.0.0).await?;
            let row = store::lock(&write, place.0).await?;
            if_match.check(row.version)?;
            let input = patch.onto(&store::as_sent(&row))?;
            let (before, row) = (row.clone(), store::update(&write, row, input).await?);
            let reopened = disclosures::store::recheck(&write, before, &public_url).await?;
            let (etag, mut events) = (store::etag(&row), vec![Event::about("update", &row)]);
            events.extend(reopened.map(|answer| Event::about(Action::Reopen.code(), &answer)));
            let written = WriteResponse::changed(&ItaItem::from(row), etag)?;
            write.commit(events, written)
        })
        .await
}

/// Delete an item of the ITA
///
/// An item whose disclosure was begun cannot be deleted.
#[utoipa::path(
    tag = "ita",
    security(("bearer" = ["ita:write"])),
    params(("year" = FiscalYear, Path), ("item" = ItemCode, Path, description = "Code of the item in this year.", example = "O35")),
    responses((status = 204), (status = 404), (status = 409, description = "Its disclosure was begun, or carried forward.")),
)]
#[delete("/v1/ita/{year}/items/{item}")]
async fn delete_ita_item(
    app: State,
    actor: Actor<ItaWrite>,
    place: Path<(FiscalYear, ItemCode)>,
    if_match: IfMatch,
) -> Result<WriteResponse> {
    app.db
        .write(&actor.author, move |write| async move {
            let row = store::lock(&write, place.0).await?;
            if_match.check(row.version)?;
            let events = store::delete(&write, row).await?;
            write.commit(events, WriteResponse::no_content())
        })
        .await
}
