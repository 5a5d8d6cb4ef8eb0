//! Posts (ตำแหน่ง) of the municipality and who holds them: `/v1/posts`.

mod dto;
pub mod store;

use actix_web::{delete, get, patch, post};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::audit_log::append::Event;
use crate::auth::Actor;
use crate::auth::scope::{PostsRead, PostsWrite};
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
use store::Row;

pub use dto::{Post, PostFilter, PostInput};

const DEPENDS_ON: &[Resource] = &[Resource::Posts, Resource::Users];

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_posts).service(create_post).service(get_post).service(update_post).service(delete_post);
}

/// List posts
///
/// Returns the posts with their holders, by name. Who holds the post of a step signs a report.
#[utoipa::path(
    tag = "posts",
    security(("bearer" = ["posts:read"])),
    params(PostFilter, Paging),
    responses((status = 200, body = Items<Post>)),
)]
#[get("/v1/posts")]
async fn list_posts(app: State, _: Actor<PostsRead>, list: List<PostFilter>) -> Result<ReadResponse> {
    let found = store::list(&app, &list).await?.map(Post::from);
    list.answer(found, "posts", DEPENDS_ON).await
}

/// Create a post
///
/// Creates a post under the name that memos print.
#[utoipa::path(
    tag = "posts",
    security(("bearer" = ["posts:write"])),
    request_body = PostInput,
    responses((status = 201, body = Post), (status = 409, description = "There is a post with this name.")),
)]
#[post("/v1/posts")]
async fn create_post(app: State, actor: Actor<PostsWrite>, body: Json<PostInput>) -> Result<WriteResponse> {
    let Json { value: input, key, .. } = body;
    write_once(&app.db, &actor.author, key, |write| async move {
        let row = store::insert(&write, input).await?;
        let (id, etag, event) = (row.post.id, row.etag(write.at), Event::about("create", &row));
        let written = WriteResponse::created(&Post::from(row), format!("/v1/posts/{id}"), etag)?;
        write.commit([event], written)
    })
    .await
}

/// Get a post
///
/// Returns the post with this id, and its holders.
#[utoipa::path(
    tag = "posts",
    security(("bearer" = ["posts:read"])),
    responses((status = 200, body = Post), (status = 404)),
)]
#[get("/v1/posts/{id}")]
async fn get_post(app: State, _: Actor<PostsRead>, id: Path<Uuid>) -> Result<ReadResponse> {
    let (at, row) = (app.db.revisions.snapshot(), store::find(app.db.reader(), id.0).await?);
    let etag = row.etag(at);
    ReadResponse::record(&Post::from(row), etag, DEPENDS_ON)
}

/// Update a post
///
/// Changes the name or the holders. Signatures that were given keep the name that the post had.
#[utoipa::path(
    tag = "posts",
    security(("bearer" = ["posts:write"])),
    request_body(content = Patch<PostInput>, content_type = "application/merge-patch+json"),
    responses((status = 200, body = Post), (status = 404), (status = 409, description = "There is a post with this name.")),
)]
#[patch("/v1/posts/{id}")]
async fn update_post(
    app: State,
    actor: Actor<PostsWrite>,
    id: Path<Uuid>,
    if_match: IfMatch,
    patch: Patch<PostInput>,
) -> Result<WriteResponse> {
    record::update::<Row>(&app.db, &actor.author, id.0, if_match, patch).await
}

/// Delete a post
///
/// Deletes the post. The steps of a report that name it cannot be signed until there is one with this name again.
#[utoipa::path(tag = "posts", security(("bearer" = ["posts:write"])), responses((status = 204), (status = 404)))]
#[delete("/v1/posts/{id}")]
async fn delete_post(app: State, actor: Actor<PostsWrite>, id: Path<Uuid>, if_match: IfMatch) -> Result<WriteResponse> {
    record::delete::<Row>(&app.db, &actor.author, id.0, if_match).await
}
