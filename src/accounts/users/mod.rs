//! People with an account: `/v1/users`.

mod dto;
pub mod store;

use actix_web::{delete, get, patch, post};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub use dto::{User, UserInput, check_password};
use entity::user_approval::Operation;

use super::approvals::guard as approvals;
use crate::audit_log::append::Event;
use crate::auth::Actor;
use crate::auth::scope::{UsersRead, UsersWrite};
use crate::domain::field_code::FieldCode;
use crate::error::{FieldError, Result};
use crate::http::body::{Json, Patch};
use crate::http::etag::IfMatch;
use crate::http::idempotency::write_once;
use crate::http::list::{Items, List, Paging};
use crate::http::params::Path;
use crate::http::record::Record;
use crate::http::response::{ReadResponse, WriteResponse};
use crate::http::route::Kind;
use crate::revisions::Resource;
use crate::state::State;
use dto::{PasswordInput, UserFilter};
use store::Rights;

const DEPENDS_ON: &[Resource] = &[Resource::Users, Resource::Units];

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
/// Lists everyone who has or had an account, sorted by login.
#[utoipa::path(
    tag = "users",
    security(("bearer" = ["users:read"])),
    params(UserFilter, Paging),
    responses((status = 200, body = Items<User>)),
)]
#[get("/v1/users")]
async fn list_users(app: State, _: Actor<UsersRead>, list: List<UserFilter>) -> Result<ReadResponse> {
    let found = store::list(&app, &list).await?.map(User::from);
    list.answer(found, "users", DEPENDS_ON).await
}

/// Create a user
///
/// The user can log in after a password is set with `POST /v1/users/{id}/password`. The roles complaint_officer,
/// service_officer, custodian, approver, auditor and admin require the approval of a second admin: create the user without them,
/// then ask for approval with `POST /v1/users/{id}/approvals`.
#[utoipa::path(
    tag = "users",
    security(("bearer" = ["users:write"])),
    request_body = UserInput,
    responses((status = 201, body = User), (status = 409, description = "The login is taken.")),
)]
#[post("/v1/users")]
async fn create_user(app: State, actor: Actor<UsersWrite>, body: Json<UserInput>) -> Result<WriteResponse> {
    let Json { value: input, key, .. } = body;
    write_once(&app.db, &actor.author, key, |write| async move {
        let row = store::insert(&write, input).await?;
        approvals::for_rights(&write, row.id(), &Rights::default(), &row.rights()).await?;
        let (id, etag, event) = (row.id(), row.etag(write.at), Event::about("create", &row));
        let written = WriteResponse::created(&User::from(row), format!("/v1/users/{id}"), etag)?;
        write.commit([event], written)
    })
    .await
}

/// Get a user
///
/// Returns the user with this id. Use the list to find a user by login.
#[utoipa::path(
    tag = "users",
    security(("bearer" = ["users:read"])),
    responses((status = 200, body = User), (status = 404)),
)]
#[get("/v1/users/{id}")]
async fn get_user(app: State, _: Actor<UsersRead>, id: Path<Uuid>) -> Result<ReadResponse> {
    let at = app.db.revisions.snapshot();
    let row = store::find(app.db.reader(), id.0).await?;
    let etag = row.etag(at);
    ReadResponse::record(&User::from(row), etag, DEPENDS_ON)
}

/// Update or disable a user
///
/// Existing tokens are revoked within seconds, on all processes. A refresh returns a token with the new rights, unless
/// the user is no longer active. Admins cannot change their own roles and units.
///
/// Adding the roles complaint_officer, service_officer, custodian, approver, auditor or admin, or further units to them, requires
/// the approval of a second admin (`POST /v1/users/{id}/approvals`) and otherwise returns 403 `approval_required`. So
/// does removing one of these roles, or disabling the user, if no other active user would have the role, or have it for
/// a unit of this user.
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
) -> Result<WriteResponse> {
    app.db
        .write(&actor.author, move |write| async move {
            let row = store::Row::lock(&write, id.0).await?;
            if_match.check(row.version())?;
            let (input, before) = (patch.onto(&UserInput::from(&row))?, row.rights());
            let named = (row.account.login.clone(), row.account.name.clone());
            let row = row.update(&write, input).await?;
            let used = approvals::for_rights(&write, row.id(), &before, &row.rights()).await?;
            if !used.is_empty() && named != (row.account.login.clone(), row.account.name.clone()) {
                // The other admin has approved it for the user of this name.
                let together = FieldCode::NotTogether
                    .because("เปลี่ยนพร้อมกับสิ่งที่ได้รับอนุมัติไม่ได้", "does not change together with what was approved");
                return Err(FieldError::at("/login", together).into());
            }
            let (etag, event) = (row.etag(write.at), Event::about("update", &row));
            let written = WriteResponse::changed(&User::from(row), etag)?;
            write.commit([event].into_iter().chain(used), written)
        })
        .await
}

/// Set a user's password
///
/// Ends all sessions of the user. If the user has or ever had a role that no admin gives alone, the approval of a
/// second admin is required (`POST /v1/users/{id}/approvals`).
#[utoipa::path(
    tag = "users",
    extensions(("x-kind" = json!([Kind::Secret]))),
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
) -> Result<WriteResponse> {
    let hash = app.auth.passwords.hash(body.value.password).await?;
    app.db
        .write(&actor.author, move |write| async move {
            let row = store::Row::lock(&write, id.0).await?;
            let used = approvals::for_credentials(&write, &row, Operation::SetPassword).await?;
            let row = store::set_password(&write, row, hash).await?;
            let events = [Event::about("set_password", &row)].into_iter().chain(used);
            write.commit(events, WriteResponse::no_content())
        })
        .await
}

/// Reset a user's second factor
///
/// For a user who has lost their phone and their recovery codes. Roles that need a second factor give no scopes until
/// another app is enrolled. If the user has or ever had a role that no admin gives alone, the approval of a second
/// admin is required (`POST /v1/users/{id}/approvals`).
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
) -> Result<WriteResponse> {
    app.db
        .write(&actor.author, move |write| async move {
            let row = store::Row::lock(&write, id.0).await?;
            if_match.check(row.version())?;
            let used = approvals::for_credentials(&write, &row, Operation::ResetSecondFactor).await?;
            let row = store::reset_second_factor(&write, row).await?;
            let events = [Event::about("reset_second_factor", &row)].into_iter().chain(used);
            write.commit(events, WriteResponse::no_content())
        })
        .await
}
