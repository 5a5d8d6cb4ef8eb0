//! The agency's answers: `/v1/ita/{year}/disclosures`, and each beside its item.

mod dto;
pub mod store;

use actix_web::{get, patch, post};
use entity::codes::Coded;
use utoipa_actix_web::service_config::ServiceConfig;

use super::years;
use crate::audit_log::append::Event;
use crate::auth::Actor;
use crate::auth::scope::{ItaRead, ItaWrite};
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::ita::ItemCode;
use crate::error::Result;
use crate::http::body::{Json, Patch};
use crate::http::etag::{IfMatch, OptionalIfMatch};
use crate::http::idempotency::write_once;
use crate::http::list::{Items, List, Paging};
use crate::http::params::Path;
use crate::http::response::{ReadResponse, WriteResponse};
use crate::http::route::Kind;
use crate::revisions::Resource;
use crate::state::State;
use dto::{ItaDisclosure, ItaDisclosureFilter, ItaDisclosureInput, ItaDisclosureTransition};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_ita_disclosures)
        .service(get_ita_disclosure)
        .service(update_ita_disclosure)
        .service(transition_ita_disclosure);
}

const DEPENDS_ON: &[Resource] = &[Resource::ItaDisclosures, Resource::ItaItems, Resource::ItaYears, Resource::Units];

/// List the answers to the items of the ITA
///
/// Lists the disclosures of a fiscal year, one for each item, in the order of their codes.
#[utoipa::path(
    tag = "ita",
    security(("bearer" = ["ita:read"])),
    params(("year" = FiscalYear, Path), ItaDisclosureFilter, Paging),
    responses((status = 200, body = Items<ItaDisclosure>), (status = 404)),
)]
#[get("/v1/ita/{year}/disclosures")]
async fn list_ita_disclosures(
    app: State,
    _: Actor<ItaRead>,
    year: Path<FiscalYear>,
    list: List<ItaDisclosureFilter>,
) -> Result<ReadResponse> {
    years::find(app.db.reader(), year.0).await?;
    let found = store::list(&app, year.0, &list).await?.map(ItaDisclosure::from);
    list.answer(found, "ita-disclosures", DEPENDS_ON).await
}

/// Get the answer to an item of the ITA
///
/// Every item has a disclosure, which is `open` until something is written.
#[utoipa::path(
    tag = "ita",
    security(("bearer" = ["ita:read"])),
    params(("year" = FiscalYear, Path), ("item" = ItemCode, Path, description = "Code of the item in this year.", example = "O35")),
    responses((status = 200, body = ItaDisclosure), (status = 404)),
)]
#[get("/v1/ita/{year}/items/{item}/disclosure")]
async fn get_ita_disclosure(
    app: State,
    _: Actor<ItaRead>,
    place: Path<(FiscalYear, ItemCode)>,
) -> Result<ReadResponse> {
    let at = app.db.revisions.snapshot();
    let row = store::find(app.db.reader(), place.0).await?;
    let etag = row.etag(at);
    ReadResponse::record(&ItaDisclosure::from(row), etag, DEPENDS_ON)
}

/// Update the answer to an item of the ITA
///
/// An answer that changes becomes a draft again and must be reviewed again. The unit and the notes are no part of the answer. A
/// submitted answer must be reopened first.
#[utoipa::path(
    tag = "ita",
    security(("bearer" = ["ita:write"])),
    params(("year" = FiscalYear, Path), ("item" = ItemCode, Path, description = "Code of the item in this year.", example = "O35")),
    request_body(content = Patch<ItaDisclosureInput>, content_type = "application/merge-patch+json"),
    responses(
        (status = 200, body = ItaDisclosure),
        (status = 404),
        (status = 409, description = "The answer was submitted."),
    ),
)]
#[patch("/v1/ita/{year}/items/{item}/disclosure")]
async fn update_ita_disclosure(
    app: State,
    actor: Actor<ItaWrite>,
    place: Path<(FiscalYear, ItemCode)>,
    if_match: IfMatch,
    patch: Patch<ItaDisclosureInput>,
) -> Result<WriteResponse> {
    app.db
        .write(&actor.author, move |write| async move {
            let row = store::lock(&write, place.0).await?;
            if_match.check(row.version())?;
            let input = patch.onto(&ItaDisclosureInput::from(&row))?;
            let row = store::update(&write, row, input).await?;
            let (etag, event) = (row.etag(write.at), Event::about("update", &row));
            let written = WriteResponse::changed(&ItaDisclosure::from(row), etag)?;
            write.commit([event], written)
        })
        .await
}

/// Change the state of an answer to an item of the ITA
///
/// The states follow each other: `drafted` or `carried`, `reviewed`, `ready`, `submitted`. `complete` is refused with the list of what is missing.
#[utoipa::path(
    tag = "ita",
    extensions(("x-kind" = json!([Kind::Transition]))),
    security(("bearer" = ["ita:write"])),
    params(("year" = FiscalYear, Path), ("item" = ItemCode, Path, description = "Code of the item in this year.", example = "O35")),
    request_body = ItaDisclosureTransition,
    responses(
        (status = 200, body = ItaDisclosure),
        (status = 404),
        (status = 409, description = "The state does not allow the step, or something is missing."),
    ),
)]
#[post("/v1/ita/{year}/items/{item}/disclosure/transitions")]
async fn transition_ita_disclosure(
    app: State,
    actor: Actor<ItaWrite>,
    place: Path<(FiscalYear, ItemCode)>,
    if_match: OptionalIfMatch,
    body: Json<ItaDisclosureTransition>,
) -> Result<WriteResponse> {
    let Json { value: ItaDisclosureTransition { action }, key, .. } = body;
    let public_url = app.site.public_url.clone();
    write_once(&app.db, &actor.author, key, move |write| async move {
        let row = store::lock(&write, place.0).await?;
        if_match.check(row.version())?;
        let row = store::transition(&write, row, action, &public_url).await?;
        let (etag, event) = (row.etag(write.at), Event::about(action.code(), &row));
        let written = WriteResponse::changed(&ItaDisclosure::from(row), etag)?;
        write.commit([event], written)
    })
    .await
}
