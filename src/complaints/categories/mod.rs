//! What complaints are about: `/v1/complaint-categories`.

mod dto;
pub mod store;

use actix_web::{get, patch, post};
use entity::complaint_category::Model;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::audit_log::append::Event;
use crate::auth::Actor;
use crate::auth::scope::ComplaintCategoriesWrite;
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

pub use dto::{ComplaintCategory, ComplaintCategoryFilter, ComplaintCategoryInput};

const DEPENDS_ON: &[Resource] = &[Resource::ComplaintCategories];

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_complaint_categories)
        .service(create_complaint_category)
        .service(get_complaint_category)
        .service(update_complaint_category);
}

/// List complaint categories
///
/// Lists the categories sorted by code. Offer only active categories in forms.
#[utoipa::path(tag = "complaint-categories", params(ComplaintCategoryFilter, Paging), responses((status = 200, body = Items<ComplaintCategory>)))]
#[get("/v1/complaint-categories")]
async fn list_complaint_categories(app: State, list: List<ComplaintCategoryFilter>) -> Result<ReadResponse> {
    let found = store::list(&app, &list).await?.map(ComplaintCategory::from);
    list.answer(found, "complaint-categories", DEPENDS_ON).await
}

/// Create a complaint category
///
/// Complaints refer to a category by its `code`.
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
) -> Result<WriteResponse> {
    let Json { value: input, key, .. } = body;
    write_once(&app.db, &actor.author, key, |write| async move {
        let row = store::insert(&write, input).await?;
        let (id, etag, event) = (row.id, row.etag(write.at), Event::about("create", &row));
        let written =
            WriteResponse::created(&ComplaintCategory::from(row), format!("/v1/complaint-categories/{id}"), etag)?;
        write.commit([event], written)
    })
    .await
}

/// Get a complaint category
///
/// Returns the category with this id or code.
#[utoipa::path(
    tag = "complaint-categories",
    params(("id" = inline(IdOrCode), Path, description = "Id or code of the category.", example = "bribery")),
    responses((status = 200, body = ComplaintCategory), (status = 404)),
)]
#[get("/v1/complaint-categories/{id}")]
async fn get_complaint_category(app: State, id: Path<IdOrCode>) -> Result<ReadResponse> {
    let (at, row) = (app.db.revisions.snapshot(), store::find(app.db.reader(), &id.0).await?);
    let etag = row.etag(at);
    ReadResponse::record(&ComplaintCategory::from(row), etag, DEPENDS_ON)
}

/// Update a complaint category
///
/// Changes the names, and whether the category is in use. `code` and `kind` cannot be changed, because complaints were
/// counted under them. A category cannot be deleted, because that would reveal whether a complaint is filed under it.
#[utoipa::path(
    tag = "complaint-categories",
    security(("bearer" = ["complaint-categories:write"])),
    params(("id" = inline(IdOrCode), Path, description = "Id or code of the category.", example = "bribery")),
    request_body(content = Patch<ComplaintCategoryInput>, content_type = "application/merge-patch+json"),
    responses((status = 200, body = ComplaintCategory), (status = 404)),
)]
#[patch("/v1/complaint-categories/{id}")]
async fn update_complaint_category(
    app: State,
    actor: Actor<ComplaintCategoriesWrite>,
    id: Path<IdOrCode>,
    if_match: IfMatch,
    patch: Patch<ComplaintCategoryInput>,
) -> Result<WriteResponse> {
    let id = store::find(app.db.reader(), &id.0).await?.id;
    record::update::<Model>(&app.db, &actor.author, id, if_match, patch).await
}
