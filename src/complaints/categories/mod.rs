//! What complaints are about: `/v1/complaint-categories`.

mod dto;
pub mod store;

use actix_web::{delete, get, patch, post};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub use dto::{ComplaintCategory, ComplaintCategoryFilter, ComplaintCategoryInput};

use crate::answer::{Read, Written};
use crate::app::State;
use crate::auth::Actor;
use crate::auth::scope::ComplaintCategoriesWrite;
use crate::body::{Json, Patch};
use crate::error::Result;
use crate::etag::IfMatch;
use crate::extract::Path;
use crate::ledger::Event;
use crate::list::{Items, List, Paging};
use crate::revisions::Resource;

const MADE_OF: &[Resource] = &[Resource::ComplaintCategories];

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_complaint_categories)
        .service(create_complaint_category)
        .service(get_complaint_category)
        .service(update_complaint_category)
        .service(delete_complaint_category);
}

/// List complaint categories
///
/// By code. A form offers those that are active.
#[utoipa::path(tag = "complaint-categories", params(ComplaintCategoryFilter, Paging), responses((status = 200, body = Items<ComplaintCategory>)))]
#[get("/v1/complaint-categories")]
async fn list_complaint_categories(app: State, list: List<ComplaintCategoryFilter>) -> Result<Read> {
    let found = store::list(&app, &list).await?.map(ComplaintCategory::from);
    list.answer(found, "complaint-categories", MADE_OF).await
}

/// Create a complaint category
///
/// Complaints name it by its code.
#[utoipa::path(
    tag = "complaint-categories",
    security(("bearer" = ["complaint-categories:write"])),
    request_body = ComplaintCategoryInput,
    responses((status = 201, body = ComplaintCategory), (status = 409, description = "The code is taken.")),
)]
#[post("/v1/complaint-categories")]
async fn create_complaint_category(
    app: State,
    actor: Actor<ComplaintCategoriesWrite>,
    body: Json<ComplaintCategoryInput>,
) -> Result<Written> {
    let Json { value: input, key, .. } = body;
    app.db
        .write(&actor.author, key, |write| async move {
            let row = store::insert(&write, input).await?;
            let (id, etag, event) = (row.id, store::etag(&row), Event::about("create", &row));
            let written =
                Written::created(&ComplaintCategory::from(row), format!("/v1/complaint-categories/{id}"), etag)?;
            write.commit([event], written).await
        })
        .await
}

/// Read a complaint category
///
/// By its id.
#[utoipa::path(tag = "complaint-categories", responses((status = 200, body = ComplaintCategory), (status = 404)))]
#[get("/v1/complaint-categories/{id}")]
async fn get_complaint_category(app: State, id: Path<Uuid>) -> Result<Read> {
    let row = store::find(app.db.reader(), id.0).await?;
    let etag = store::etag(&row);
    Read::record(&ComplaintCategory::from(row), etag, MADE_OF)
}

/// Change a complaint category
///
/// Its names, and whether it is in use. Code and kind stay: complaints were counted under them.
#[utoipa::path(
    tag = "complaint-categories",
    security(("bearer" = ["complaint-categories:write"])),
    request_body(content = Patch<ComplaintCategoryInput>, content_type = "application/merge-patch+json"),
    responses((status = 200, body = ComplaintCategory), (status = 404)),
)]
#[patch("/v1/complaint-categories/{id}")]
async fn update_complaint_category(
    app: State,
    actor: Actor<ComplaintCategoriesWrite>,
    id: Path<Uuid>,
    if_match: IfMatch,
    patch: Patch<ComplaintCategoryInput>,
) -> Result<Written> {
    app.db
        .write(&actor.author, None, move |write| async move {
            let row = store::lock(&write, id.0).await?;
            if_match.check(row.version)?;
            let input = patch.onto(&ComplaintCategoryInput::from(&row))?;
            let row = store::update(&write, row, input).await?;
            let (etag, event) = (store::etag(&row), Event::about("update", &row));
            let written = Written::changed(&ComplaintCategory::from(row), etag)?;
            write.commit([event], written).await
        })
        .await
}

/// Delete a complaint category
///
/// Only one that no complaint was ever filed under; another can be made inactive.
#[utoipa::path(
    tag = "complaint-categories",
    security(("bearer" = ["complaint-categories:write"])),
    responses((status = 204), (status = 404), (status = 409, description = "A complaint is filed under it.")),
)]
#[delete("/v1/complaint-categories/{id}")]
async fn delete_complaint_category(
    app: State,
    actor: Actor<ComplaintCategoriesWrite>,
    id: Path<Uuid>,
    if_match: IfMatch,
) -> Result<Written> {
    app.db
        .write(&actor.author, None, move |write| async move {
            if_match.check(store::lock(&write, id.0).await?.version)?;
            store::delete(&write, id.0).await?;
            write.commit([Event::deleted(Resource::ComplaintCategories, id.0)], Written::deleted()).await
        })
        .await
}
