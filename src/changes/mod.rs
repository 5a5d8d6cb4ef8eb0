//! What has changed, for programs that keep a copy: `/v1/changes`.

mod dto;
mod reader;
mod store;

use actix_web::{HttpRequest, get};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::auth::authenticate;
use crate::error::Result;
use crate::http::params::Query;
use crate::http::response::ReadResponse;
use crate::state::State;
use dto::{Changes, ChangesFilter};
use reader::Reader;

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_changes);
}

/// List changes
///
/// Lists the records that were created, changed, unpublished or deleted after a place in the order of changes, the oldest change
/// first, with their addresses and without their content. Without `since` it lists every record once. To keep a copy, read until
/// `has_more` is false, read each record at its `url`, and ask later with the `cursor` of the last response as `since`. A record
/// can be listed again although nothing of it has changed. Deleted drafts are not listed, because nobody else has seen them.
///
/// Everyone sees the changes of published records. A token adds what its scopes let its holder read: drafts, reports that are being
/// signed, answers to the ITA, and cases, the latter without the complaints from which the holder is recused.
#[utoipa::path(
    tag = "changes",
    security(
        (),
        ("bearer" = ["measures:read"]),
        ("bearer" = ["projects:read"]),
        ("bearer" = ["publications:read"]),
        ("bearer" = ["e-services:write"]),
        ("bearer" = ["ita:read"]),
        ("bearer" = ["complaints:handle"]),
        ("bearer" = ["service-requests:handle"]),
    ),
    params(ChangesFilter),
    responses((status = 200, body = Changes)),
)]
#[get("/v1/changes")]
async fn list_changes(app: State, request: HttpRequest, filter: Query<ChangesFilter>) -> Result<ReadResponse> {
    let reader = Reader { db: app.db.reader(), claims: authenticate(&request)? };
    let pages = &app.http.pages;
    let since = filter.0.since(&pages.cursor_key)?;
    let limit = filter.0.limit.unwrap_or(100);
    let found = store::find(&reader, since, limit).await?;
    ReadResponse::json(&Changes::of(found, pages, limit)?, reader.depends_on())
}
