//! Days that are closed for bookings, such as for rain: `/v1/closed-days`. What was booked for one is moved with it, in one act.

mod dto;
mod moves;
pub mod store;

use actix_web::{delete, get, post};
use sea_orm::EntityTrait;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::audit_log::append::Event;
use crate::auth::Actor;
use crate::auth::scope::ServiceRequestsHandle;
use crate::error::Result;
use crate::http::batch::{Batch, BatchOptions, Created, Records};
use crate::http::body::Json;
use crate::http::etag::IfMatch;
use crate::http::idempotency::write_once;
use crate::http::list::{Items, List, Paging};
use crate::http::params::{Path, Query};
use crate::http::response::{ReadResponse, WriteResponse};
use crate::http::route::Kind;
use crate::revisions::Resource;
use crate::state::State;
use dto::{ClosedDay, ClosedDayFilter, ClosedDayInput};
use moves::Closing;

/// A closed day shows the code and the name of its e-service.
const DEPENDS_ON: &[Resource] = &[Resource::ClosedDays, Resource::EServices];

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_closed_days)
        .service(create_closed_day)
        .service(create_closed_day_batch)
        .service(get_closed_day)
        .service(delete_closed_day);
}

/// List closed days
///
/// Lists the days that are closed for bookings, earliest first.
#[utoipa::path(tag = "closed-days", params(ClosedDayFilter, Paging), responses((status = 200, body = Items<ClosedDay>)))]
#[get("/v1/closed-days")]
async fn list_closed_days(app: State, list: List<ClosedDayFilter>) -> Result<ReadResponse> {
    let found = store::list(&app, &list).await?.map(ClosedDay::from);
    list.answer(found, "closed-days", DEPENDS_ON).await
}

/// Close a day for bookings
///
/// Closes a day, or half of it, for an e-service that books days. What is booked for it already is moved, in the order in
/// which it was received, to the next working days with free places, or to `move_to`. Each applicant sees the new day and
/// the reason. Due dates do not move. If the bookings do not all fit into the next 90 days, nothing is changed. At most
/// 500 bookings are moved at once. A half day closes half of the places, since bookings have no time of day: in the
/// morning the half is rounded up, in the afternoon down.
#[utoipa::path(
    tag = "closed-days",
    security(("bearer" = ["service-requests:handle"])),
    request_body = ClosedDayInput,
    responses(
        (status = 201, body = ClosedDay),
        (status = 409, description = "This part of the day is closed already."),
    ),
)]
#[post("/v1/closed-days")]
async fn create_closed_day(
    app: State,
    actor: Actor<ServiceRequestsHandle>,
    body: Json<ClosedDayInput>,
) -> Result<WriteResponse> {
    let Json { value: input, key, .. } = body;
    let vault = app.cases.vault.clone();
    write_once(&app.db, &actor.author, key, |write| async move {
        moves::hold(&write, std::slice::from_ref(&input)).await?;
        let closing = Closing::begin(&write, input).await?;
        let (row, moved, events) = closing.finish(&write, &vault, &mut 0).await?;
        let (id, etag) = (row.day.id, row.etag(write.at));
        let created = ClosedDay::with(row, moved);
        write.commit(events, WriteResponse::created(&created, format!("/v1/closed-days/{id}"), etag)?)
    })
    .await
}

/// Close up to 100 days for bookings at once
///
/// Closes all days or none, such as a day of rain for all e-services of a unit. No booking is moved to a day that is
/// closed in the same batch. The errors of all items are listed, each with the index of its item. With `dry_run=true`,
/// everything is checked and nothing is written: `moved` tells where the bookings would go.
#[utoipa::path(
    tag = "closed-days",
    extensions(("x-kind" = json!([Kind::Batch]))),
    security(("bearer" = ["service-requests:handle"])),
    params(BatchOptions),
    request_body = Batch<ClosedDayInput>,
    responses(
        (status = 201, body = Records<ClosedDay>),
        (status = 200, body = Records<ClosedDay>, description = "What would be created, with dry_run."),
        (status = 409, description = "A part of a day is closed already."),
    ),
)]
#[post("/v1/closed-days/batch")]
async fn create_closed_day_batch(
    app: State,
    actor: Actor<ServiceRequestsHandle>,
    options: Query<BatchOptions>,
    body: Json<Batch<ClosedDayInput>>,
) -> Result<WriteResponse> {
    let Json { value: Batch { items }, key, .. } = body;
    let vault = app.cases.vault.clone();
    write_once(&app.db, &actor.author, key.filter(|_| !options.0.dry_run), move |write| async move {
        moves::hold(&write, &items).await?;
        let (mut begun, mut count) = (Created::default(), 0);
        for input in items {
            begun.add(Closing::begin(&write, input).await)?;
        }
        let mut finished = Created::default();
        for closing in begun.finish()? {
            finished.add(closing.finish(&write, &vault, &mut count).await)?;
        }
        let (mut items, mut events) = (Vec::new(), Vec::new());
        for (row, moved, of_day) in finished.finish()? {
            items.push(ClosedDay::with(row, moved));
            events.extend(of_day);
        }
        let records = Records { items };
        if options.0.dry_run {
            return WriteResponse::done(&records);
        }
        write.commit(events, WriteResponse::all_created(&records)?)
    })
    .await
}

/// Get a closed day
///
/// Returns the closed day with this id.
#[utoipa::path(tag = "closed-days", responses((status = 200, body = ClosedDay), (status = 404)))]
#[get("/v1/closed-days/{id}")]
async fn get_closed_day(app: State, id: Path<Uuid>) -> Result<ReadResponse> {
    let at = app.db.revisions.snapshot();
    let row = store::find(app.db.reader(), id.0).await?;
    let etag = row.etag(at);
    ReadResponse::record(&ClosedDay::from(row), etag, DEPENDS_ON)
}

/// Open a closed day again
///
/// The day can be booked again. Bookings that were moved stay where they are.
#[utoipa::path(
    tag = "closed-days",
    security(("bearer" = ["service-requests:handle"])),
    responses((status = 204), (status = 404)),
)]
#[delete("/v1/closed-days/{id}")]
async fn delete_closed_day(
    app: State,
    actor: Actor<ServiceRequestsHandle>,
    id: Path<Uuid>,
    if_match: IfMatch,
) -> Result<WriteResponse> {
    let deleting = app.db.write(&actor.author, move |write| async move {
        store::lock(&write, id.0).await?;
        if_match.check(store::VERSION)?;
        entity::closed_day::Entity::delete_by_id(id.0).exec(&write).await?;
        write.commit([Event::deleted(Resource::ClosedDays, id.0)], WriteResponse::no_content())
    });
    deleting.await
}
