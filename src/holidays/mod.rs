//! Public holidays (วันหยุดราชการ), which working days leave out: `/v1/holidays`.

mod dto;
pub mod due_days;
pub mod store;
pub mod years;

use actix_web::{delete, get, patch, post};
use entity::holiday::Model;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::audit_log::append::Event;
use crate::auth::Actor;
use crate::auth::scope::HolidaysWrite;
use crate::error::Result;
use crate::http::batch::{Batch, BatchOptions, Created, Records};
use crate::http::body::{Json, Patch};
use crate::http::etag::IfMatch;
use crate::http::idempotency::write_once;
use crate::http::list::{Items, List, Paging};
use crate::http::params::{Path, Query};
use crate::http::record::{self, Record};
use crate::http::response::{ReadResponse, WriteResponse};
use crate::http::route::Kind;
use crate::revisions::Resource;
use crate::state::State;

pub use dto::{Holiday, HolidayFilter, HolidayInput};
use due_days::move_from_holidays;

const DEPENDS_ON: &[Resource] = &[Resource::Holidays];

pub fn routes(config: &mut ServiceConfig) {
    // Before what has an id.
    years::routes(config);
    config
        .service(list_holidays)
        .service(create_holiday)
        .service(create_holiday_batch)
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
/// Each day can be entered once. What is due on the day in an open case moves to the next working day, which both sides
/// see on the timeline; nothing else that was promised moves.
#[utoipa::path(
    tag = "holidays",
    security(("bearer" = ["holidays:write"])),
    request_body = HolidayInput,
    responses((status = 201, body = Holiday), (status = 409, description = "The day has a holiday.")),
)]
#[post("/v1/holidays")]
async fn create_holiday(app: State, actor: Actor<HolidaysWrite>, body: Json<HolidayInput>) -> Result<WriteResponse> {
    let Json { value: input, key, .. } = body;
    let vault = app.cases.vault.clone();
    write_once(&app.db, &actor.author, key, |write| async move {
        let row = store::insert(&write, input).await?;
        let (id, etag, event) = (row.id, row.etag(write.at), Event::about("create", &row));
        let moved = move_from_holidays(&write, &vault).await?;
        let written = WriteResponse::created(&Holiday::from(row), format!("/v1/holidays/{id}"), etag)?;
        write.commit([event].into_iter().chain(moved), written)
    })
    .await
}

/// Create up to 100 holidays at once
///
/// Creates all holidays or none, such as those that the cabinet has set for a year. The errors of all items are listed,
/// each with the index of its item. With `dry_run=true`, everything is checked and nothing is written. Due days move as
/// for a single holiday.
#[utoipa::path(
    tag = "holidays",
    extensions(("x-kind" = json!([Kind::Batch]))),
    security(("bearer" = ["holidays:write"])),
    params(BatchOptions),
    request_body = Batch<HolidayInput>,
    responses(
        (status = 201, body = Records<Holiday>),
        (status = 200, body = Records<Holiday>, description = "What would be created, with dry_run."),
        (status = 409, description = "One of the days has a holiday."),
    ),
)]
#[post("/v1/holidays/batch")]
async fn create_holiday_batch(
    app: State,
    actor: Actor<HolidaysWrite>,
    options: Query<BatchOptions>,
    body: Json<Batch<HolidayInput>>,
) -> Result<WriteResponse> {
    let Json { value: Batch { items }, key, .. } = body;
    let vault = app.cases.vault.clone();
    write_once(&app.db, &actor.author, key.filter(|_| !options.0.dry_run), move |write| async move {
        let mut created = Created::default();
        for input in items {
            created.add(store::insert(&write, input).await)?;
        }
        let rows = created.finish()?;
        let mut events: Vec<_> = rows.iter().map(|row| Event::about("create", row)).collect();
        let records = Records { items: rows.into_iter().map(Holiday::from).collect() };
        if options.0.dry_run {
            return WriteResponse::done(&records);
        }
        events.extend(move_from_holidays(&write, &vault).await?);
        write.commit(events, WriteResponse::all_created(&records)?)
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
/// Changes the date or the name. What is due on the new date moves as for a new holiday; what moved from the old one stays
/// where it is.
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
    let vault = app.cases.vault.clone();
    let updating = app.db.write(&actor.author, move |write| async move {
        let row = Model::lock(&write, id.0).await?;
        if_match.check(row.version)?;
        let input = patch.onto(&HolidayInput::from(&row))?;
        let row = row.update(&write, input).await?;
        let (etag, event) = (row.etag(write.at), Event::about("update", &row));
        let moved = move_from_holidays(&write, &vault).await?;
        let written = WriteResponse::changed(&Holiday::from(row), etag)?;
        write.commit([event].into_iter().chain(moved), written)
    });
    updating.await
}

/// Delete a holiday
///
/// The day becomes a working day, unless it is on a weekend. Due days that have moved stay where they are.
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
