//! People with an account: `/v1/users`.

mod dto;
pub mod store;

use actix_web::{delete, get, patch, post};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub use dto::{User, UserInput, check_password};

use crate::answer::{Read, Written};
use crate::app::State;
use crate::auth::Actor;
use crate::auth::scope::{UsersRead, UsersWrite};
use crate::body::{Json, Patch};
use crate::error::Result;
use crate::etag::IfMatch;
use crate::extract::Path;
use crate::ledger::Event;
use crate::list::{Items, List, Paging};
use crate::revisions::Resource;
use dto::{PasswordInput, UserFilter};

const MADE_OF: &[Resource] = &[Resource::Users, Resource::Units];

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_users)
        .service(create_user)
        .service(get_user)
        .service(update_user)
        .service(set_user_password)
        .service(reset_user_second_factor);
}

/// List users
///
/// Everybody who has an account or had one, by login.
#[utoipa::path(
    tag = "users",
    security(("bearer" = ["users:read"])),
    params(UserFilter, Paging),
    responses((status = 200, body = Items<User>)),
)]
#[get("/v1/users")]
async fn list_users(app: State, _: Actor<UsersRead>, list: List<UserFilter>) -> Result<Read> {
    let found = store::list(&app, &list).await?.map(User::from);
    list.answer(found, "users", MADE_OF).await
}

/// Create a user
///
/// They can log in once they have a password.
#[utoipa::path(
    tag = "users",
    security(("bearer" = ["users:write"])),
    request_body = UserInput,
    responses((status = 201, body = User), (status = 409, description = "The login is taken.")),
)]
#[post("/v1/users")]
async fn create_user(app: State, actor: Actor<UsersWrite>, body: Json<UserInput>) -> Result<Written> {
    let Json { value: input, key, .. } = body;
    app.db
        .write(&actor.author, key, |write| async move {
            let row = store::insert(&write, input).await?;
            let (id, etag, event) = (row.id(), row.etag(write.at), Event::about("create", &row));
            let written = Written::created(&User::from(row), format!("/v1/users/{id}"), etag)?;
            write.commit([event], written).await
        })
        .await
}

/// Read a user
///
/// By the id; the list finds one by the login.
#[utoipa::path(
    tag = "users",
    security(("bearer" = ["users:read"])),
    responses((status = 200, body = User), (status = 404)),
)]
#[get("/v1/users/{id}")]
async fn get_user(app: State, _: Actor<UsersRead>, id: Path<Uuid>) -> Result<Read> {
    let at = app.db.revisions.snapshot();
    let row = store::find(app.db.reader(), id.0).await?;
    let etag = row.etag(at);
    Read::record(&User::from(row), etag, MADE_OF)
}

/// Change or disable a user
///
/// Tokens of before the change end within seconds, on every process: a refresh gives one with the new rights, unless the
/// user is no longer active.
#[utoipa::path(
    tag = "users",
    security(("bearer" = ["users:write"])),
    request_body(content = Patch<UserInput>, content_type = "application/merge-patch+json"),
    responses((status = 200, body = User), (status = 404), (status = 409, description = "The login is taken.")),
)]
#[patch("/v1/users/{id}")]
async fn update_user(
    app: State,
    actor: Actor<UsersWrite>,
    id: Path<Uuid>,
    if_match: IfMatch,
    patch: Patch<UserInput>,
) -> Result<Written> {
    app.db
        .write(&actor.author, None, move |write| async move {
            let row = store::lock(&write, id.0).await?;
            if_match.check(row.version())?;
            let input = patch.onto(&UserInput::from(&row))?;
            let row = store::update(&write, row, input).await?;
            let (etag, event) = (row.etag(write.at), Event::about("update", &row));
            let written = Written::changed(&User::from(row), etag)?;
            write.commit([event], written).await
        })
        .await
}

/// Set a user's password
///
/// Whoever was logged in as this user is no longer.
#[utoipa::path(
    tag = "users",
    security(("bearer" = ["users:write"])),
    request_body = PasswordInput,
    responses((status = 204), (status = 404)),
)]
#[post("/v1/users/{id}/password")]
async fn set_user_password(
    app: State,
    actor: Actor<UsersWrite>,
    id: Path<Uuid>,
    body: Json<PasswordInput>,
) -> Result<Written> {
    let hash = app.passwords.hash(body.value.password).await?;
    app.db
        .write(&actor.author, None, move |write| async move {
            let row = store::lock(&write, id.0).await?;
            let row = store::set_password(&write, row, hash).await?;
            write.commit([Event::about("set_password", &row)], Written::deleted()).await
        })
        .await
}

/// Reset a user's second factor
///
/// For somebody who has lost their phone and their recovery codes. Roles that need a second factor give nothing until
/// another is enrolled.
#[utoipa::path(
    tag = "users",
    security(("bearer" = ["users:write"])),
    responses((status = 204), (status = 404)),
)]
#[delete("/v1/users/{id}/second-factor")]
async fn reset_user_second_factor(
    app: State,
    actor: Actor<UsersWrite>,
    id: Path<Uuid>,
    if_match: IfMatch,
) -> Result<Written> {
    app.db
        .write(&actor.author, None, move |write| async move {
            let row = store::lock(&write, id.0).await?;
            if_match.check(row.version())?;
            let row = store::reset_second_factor(&write, row).await?;
            write.commit([Event::about("reset_second_factor", &row)], Written::deleted()).await
        })
        .await
}
