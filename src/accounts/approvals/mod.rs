//! Approvals of what no admin does alone: `/v1/user-approvals`. An admin asks for one at `/v1/users/{id}/approvals`, another one
//! decides, and the first then does once, within a day, what was approved.

mod dto;
pub mod guard;
mod store;

use actix_web::{get, post};
use entity::codes::Coded;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::users;
use crate::audit_log::append::Event;
use crate::auth::Actor;
use crate::auth::scope::{UsersRead, UsersWrite};
use crate::error::Result;
use crate::http::body::Json;
use crate::http::etag::OptionalIfMatch;
use crate::http::idempotency::write_once;
use crate::http::list::{Items, List, Paging};
use crate::http::params::Path;
use crate::http::record::Record;
use crate::http::response::{ReadResponse, WriteResponse, record_tag};
use crate::http::route::Kind;
use crate::state::State;
use dto::{UserApproval, UserApprovalFilter, UserApprovalInput, UserApprovalTransition};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(create_user_approval)
        .service(list_user_approvals)
        .service(get_user_approval)
        .service(transition_user_approval);
}

/// Ask for a second admin's approval
///
/// Of `set_rights` that give the user the role complaint_officer, service_officer, custodian, auditor or admin, or further units with
/// it; of `set_password` or `reset_second_factor` of a user who has such a role or ever had one; of `set_rights` or `disable` that leave no active user
/// with such a role, or none with it for a unit; of `unlink_subject`, after which recusals of the user no longer bind that person of
/// the identity provider. Once it is approved, the admin who asked does it as
/// ever, once and within a day. Programs cannot ask.
#[utoipa::path(
    tag = "user-approvals",
    security(("bearer" = ["users:write"])),
    request_body = UserApprovalInput,
    responses((status = 201, body = UserApproval), (status = 404)),
)]
#[post("/v1/users/{id}/approvals")]
async fn create_user_approval(
    app: State,
    actor: Actor<UsersWrite>,
    id: Path<Uuid>,
    body: Json<UserApprovalInput>,
) -> Result<WriteResponse> {
    let Json { value: input, key, .. } = body;
    let admin = actor.account();
    write_once(&app.db, &actor.author, key, move |write| async move {
        let user = users::store::Row::lock(&write, id.0).await?;
        let approval = store::insert(&write, user.id(), admin?, input).await?;
        let (version, event) = (approval.version, Event::about("create", &approval));
        let shown = UserApproval::at(write.now, approval);
        let (address, etag) = (format!("/v1/user-approvals/{}", shown.id), record_tag(version, &shown)?);
        write.commit([event], WriteResponse::created(&shown, address, etag)?)
    })
    .await
}

/// List user approvals
///
/// What admins have asked to do to users, and what became of it. Whoever has waited longest comes first.
#[utoipa::path(
    tag = "user-approvals",
    security(("bearer" = ["users:read"])),
    params(UserApprovalFilter, Paging),
    responses((status = 200, body = Items<UserApproval>)),
)]
#[get("/v1/user-approvals")]
async fn list_user_approvals(app: State, _: Actor<UsersRead>, list: List<UserApprovalFilter>) -> Result<ReadResponse> {
    let found = store::list(&app, &list, app.db.now()).await?;
    list.answer(found, "user-approvals", &[]).await
}

/// Read a user approval
///
/// A request becomes `expired` after seven days, an approval after one.
#[utoipa::path(
    tag = "user-approvals",
    security(("bearer" = ["users:read"])),
    responses((status = 200, body = UserApproval), (status = 404)),
)]
#[get("/v1/user-approvals/{id}")]
async fn get_user_approval(app: State, _: Actor<UsersRead>, id: Path<Uuid>) -> Result<ReadResponse> {
    let approval = store::find(app.db.reader(), id.0).await?;
    let (version, shown) = (approval.version, UserApproval::at(app.db.now(), approval));
    ReadResponse::record(&shown, record_tag(version, &shown)?, &[])
}

/// Decide about a user approval
///
/// `approve` or `reject`, by an admin who has not asked and whose account it is not about; `withdraw`, by who asked. What is approved
/// can still be rejected until it is used. It is void once the account has changed, or one of the two is no admin any more.
#[utoipa::path(
    tag = "user-approvals",
    extensions(("x-kind" = json!([Kind::Transition]))),
    security(("bearer" = ["users:write"])),
    request_body = UserApprovalTransition,
    responses((status = 200, body = UserApproval), (status = 404), (status = 409, description = "Not from this status.")),
)]
#[post("/v1/user-approvals/{id}/transitions")]
async fn transition_user_approval(
    app: State,
    actor: Actor<UsersWrite>,
    id: Path<Uuid>,
    if_match: OptionalIfMatch,
    body: Json<UserApprovalTransition>,
) -> Result<WriteResponse> {
    let Json { value: UserApprovalTransition { action }, key, .. } = body;
    let admin = actor.account();
    write_once(&app.db, &actor.author, key, move |write| async move {
        let (user, approval) = store::lock(&write, id.0).await?;
        if_match.check(approval.version)?;
        let approval = store::take(&write, &user, approval, action, admin?).await?;
        let (version, event) = (approval.version, Event::about(action.code(), &approval));
        let shown = UserApproval::at(write.now, approval);
        let etag = record_tag(version, &shown)?;
        write.commit([event], WriteResponse::changed(&shown, etag)?)
    })
    .await
}
