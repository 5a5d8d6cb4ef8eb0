//! Links: the web addresses that published records and answers to the ITA refer to, and whether they work: `/v1/links`. What is
//! fetched is fetched by a job, never within a request.

mod dto;
pub mod job;
pub mod sources;
pub mod store;
mod synchronise;

use std::collections::HashMap;

use actix_web::{get, post};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::auth::Actor;
use crate::auth::scope::{LinksRead, LinksWrite};
use crate::error::Result;
use crate::http::body::Json;
use crate::http::etag::OptionalIfMatch;
use crate::http::idempotency::write_once;
use crate::http::list::{Items, List, Paging};
use crate::http::params::Path;
use crate::http::response::{ReadResponse, WriteResponse};
use crate::http::route::Kind;
use crate::state::State;
use dto::{Link, LinkFilter, LinkTransition};

pub use store::{Known, is_broken, of};
pub use synchronise::synchronise;

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_links).service(get_link).service(transition_link);
}

/// List links
///
/// Lists the web addresses that published records and answers to the ITA refer to, with what the last check found. Each is fetched at most
/// once a day, or after an editor has asked for it.
#[utoipa::path(
    tag = "links",
    security(("bearer" = ["links:read"])),
    params(LinkFilter, Paging),
    responses((status = 200, body = Items<Link>)),
)]
#[get("/v1/links")]
async fn list_links(app: State, _: Actor<LinksRead>, list: List<LinkFilter>) -> Result<ReadResponse> {
    let found = store::list(&app, &list).await?;
    let mut uses: HashMap<Uuid, Vec<_>> = HashMap::new();
    for of_link in store::uses(app.db.reader(), found.rows.iter().map(|row| row.id)).await? {
        uses.entry(of_link.link_id).or_default().push(of_link);
    }
    let found = found.map(|row| {
        let uses = uses.remove(&row.id).unwrap_or_default();
        Link::of(row, uses, app.fetcher.as_ref())
    });
    list.answer(found, "links", &[]).await
}

/// Get a link
///
/// Returns the link with what the last check found, and the records that refer to it.
#[utoipa::path(
    tag = "links",
    security(("bearer" = ["links:read"])),
    responses((status = 200, body = Link), (status = 404)),
)]
#[get("/v1/links/{id}")]
async fn get_link(app: State, _: Actor<LinksRead>, id: Path<Uuid>) -> Result<ReadResponse> {
    let row = store::find(app.db.reader(), id.0).await?;
    let (etag, uses) = (store::etag(&row), store::uses(app.db.reader(), [id.0]).await?);
    ReadResponse::record(&Link::of(row, uses, app.fetcher.as_ref()), etag, &[])
}

/// Check a link, or accept its changed file
///
/// `accept` is for a link that is `changed`: the file with this `sha256` is the evidence from then on. `check` puts the
/// link first in the next run of the job, which begins within five minutes. A link is not fetched twice within ten minutes.
#[utoipa::path(
    tag = "links",
    extensions(("x-kind" = json!([Kind::Transition]))),
    security(("bearer" = ["links:write"])),
    request_body = LinkTransition,
    responses(
        (status = 200, body = Link),
        (status = 404),
        (status = 409, description = "The link is not `changed`, so there is nothing to accept; or its file has changed again."),
    ),
)]
#[post("/v1/links/{id}/transitions")]
async fn transition_link(
    app: State,
    actor: Actor<LinksWrite>,
    id: Path<Uuid>,
    if_match: OptionalIfMatch,
    body: Json<LinkTransition>,
) -> Result<WriteResponse> {
    let Json { value: LinkTransition { action, sha256 }, key, .. } = body;
    let state = app.clone();
    write_once(&app.db, &actor.author, key, move |write| async move {
        let row = store::lock(&write, id.0).await?;
        if_match.check(row.version)?;
        let (row, event) = store::step(&write, row, action, sha256).await?;
        let uses = store::uses(&write, [id.0]).await?;
        let etag = store::etag(&row);
        write.commit([event], WriteResponse::changed(&Link::of(row, uses, state.fetcher.as_ref()), etag)?)
    })
    .await
}
