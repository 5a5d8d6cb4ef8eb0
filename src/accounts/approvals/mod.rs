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
use crate::http::etag::{OptionalIfMatch, record_tag};
use crate::http::idempotency::write_once;
use crate::http::list::{Items, List, Paging};
use crate::http::params::Path;
use crate::http::record::Record;
use crate::http::response::{ReadResponse, WriteResponse};
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

/// Request the approval of a second admin
///
/// Required for: `set_rights` that gives the user the role complaint_officer, service_officer, custodian, approver,
/// auditor or admin, or further units with it; `set_password` and `reset_second_factor` of a user who has or ever had such a role;
/// `set_rights` and `disable` that leave no active user with such a role, or none with it for a unit; `unlink_subject`,
/// after which recusals of the user no longer bind that person of the identity provider.
///
/// After approval, the admin who asked performs the operation with its own endpoint, once and within one day. Programs
/// cannot ask.
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
        let shown = store::shown(&write, write.now, approval).await?;
        let (address, etag) = (format!("/v1/user-approvals/{}", shown.id), record_tag(version, &shown)?);
        write.commit([event], WriteResponse::created(&shown, address, etag)?)
    })
    .await
}

/// List user approvals
///
/// Lists the operations on users for which admins asked approval, and the outcome. The request that has waited longest
/// comes first.
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

/// Get a user approval
///
/// A request becomes `expired` after seven days, an approval after one day.
#[utoipa::path(
    tag = "user-approvals",
    security(("bearer" = ["users:read"])),
    responses((status = 200, body = UserApproval), (status = 404)),
)]
#[get("/v1/user-approvals/{id}")]
async fn get_user_approval(app: State, _: Actor<UsersRead>, id: Path<Uuid>) -> Result<ReadResponse> {
    let approval = store::find(app.db.reader(), id.0).await?;
    let (version, shown) = (approval.version, store::shown(app.db.reader(), app.db.now(), approval).await?);
    ReadResponse::record(&shown, record_tag(version, &shown)?, &[])
}

/// Decide about a user approval
///
/// `approve` and `reject` are for an admin who did not ask and whose account is not concerned. `withdraw` is for the
/// admin who asked. An approval can still be rejected until it is used. It becomes void when the account changes, or
/// when one of the two is no longer an admin.
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
        let shown = store::shown(&write, write.now, approval).await?;
        let etag = record_tag(version, &shown)?;
        write.commit([event], WriteResponse::changed(&shown, etag)?)
    })
    .await
}
