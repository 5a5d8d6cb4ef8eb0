//! Requests for a reporter's identity: officers submit them at `/v1/complaints/{id}/identity-requests`, custodians
//! decide at `/v1/identity-requests`. The hand-over returns a ciphertext that only a custodian's key decrypts, outside
//! of the service.

mod dto;
mod store;

use actix_web::{get, post};
use entity::identity_request::{Column, Model};
use sea_orm::ColumnTrait;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::store::Row;
use crate::audit_log::append::Event;
use crate::auth::Actor;
use crate::auth::scope::{ComplaintsHandle, IdentitiesApprove};
use crate::cases::{Case, readings};
use crate::db::Write;
use crate::domain::identity::REQUEST;
use crate::domain::text::Lines;
use crate::error::{Code, Result};
use crate::http::body::Json;
use crate::http::etag::{OptionalIfMatch, record_tag};
use crate::http::idempotency::write_once_about;
use crate::http::list::{Items, List, Paging};
use crate::http::params::Path;
use crate::http::response::{ReadResponse, WriteResponse};
use crate::http::route::Kind;
use crate::revisions::Resource;
use crate::state::{App, State};
use dto::{IdentityRequest, IdentityRequestFilter, IdentityRequestInput, IdentityRequestTransition};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_complaint_identity_requests)
        .service(create_identity_request)
        .service(list_identity_requests)
        .service(get_identity_request)
        .service(transition_identity_request);
}

/// List the identity requests of a complaint
///
/// Lists who requested the identity of the reporter, and the outcome of each request, oldest first.
#[utoipa::path(
    tag = "identity-requests",
    security(("bearer" = ["complaints:handle"])),
    params(IdentityRequestFilter, Paging),
    responses((status = 200, body = Items<IdentityRequest>), (status = 404)),
)]
#[get("/v1/complaints/{id}/identity-requests")]
async fn list_complaint_identity_requests(
    app: State,
    actor: Actor<ComplaintsHandle>,
    id: Path<Uuid>,
    list: List<IdentityRequestFilter>,
) -> Result<ReadResponse> {
    let row = app.cases.read::<Row>(id.0, &actor.author).await?;
    let found = store::list(&app, &list, Column::CaseId.eq(row.id()), app.db.now()).await?;
    list.answer(found, "identity-requests", &[]).await
}

/// Request the identity of a reporter
///
/// Custodians decide about the request and read its reason. The reporter sees that the identity was requested. A
/// complaint has at most one open request.
#[utoipa::path(
    tag = "identity-requests",
    security(("bearer" = ["complaints:handle"])),
    request_body = IdentityRequestInput,
    responses(
        (status = 201, body = IdentityRequest),
        (status = 404),
        (status = 409, description = "It is anonymous, or a request is still open."),
    ),
)]
#[post("/v1/complaints/{id}/identity-requests")]
async fn create_identity_request(
    app: State,
    actor: Actor<ComplaintsHandle>,
    id: Path<Uuid>,
    body: Json<IdentityRequestInput>,
) -> Result<WriteResponse> {
    let Json { value: IdentityRequestInput { reason }, key, .. } = body;
    let state = app.clone();
    let work = move |write: Write| async move {
        let row = Row::lock(&write, id.0).await?;
        let (row, request) = store::insert(&state, &write, row, &reason).await?;
        let events = [Event::about(REQUEST, &row), Event::about(REQUEST, &request)];
        let (version, mut shown) =
            (request.version, store::shown(&write, &state.cases.vault, vec![request], write.now).await?);
        let shown = shown.pop().ok_or(Code::Internal)?;
        let etag = record_tag(version, &shown)?;
        let written = WriteResponse::created(&shown, format!("/v1/complaints/{}/identity-requests", id.0), etag)?;
        write.commit(events, (shown.id, written))
    };
    let again = async |request| {
        let db = app.db.reader();
        let row = Row::find(db, id.0, &actor.author).await?;
        let (version, shown) = read(&app, store::of_complaint(db, row.id(), request).await?).await?;
        WriteResponse::changed(&shown, record_tag(version, &shown)?)
    };
    write_once_about(&app.db, &actor.author, key, work, again).await
}

/// List identity requests
///
/// Lists who requests which identity and why, but not the texts of the complaint. The request that has waited longest
/// comes first. For custodians.
#[utoipa::path(
    tag = "identity-requests",
    security(("bearer" = ["identities:approve"])),
    params(IdentityRequestFilter, Paging),
    responses((status = 200, body = Items<IdentityRequest>)),
)]
#[get("/v1/identity-requests")]
async fn list_identity_requests(
    app: State,
    actor: Actor<IdentitiesApprove>,
    list: List<IdentityRequestFilter>,
) -> Result<ReadResponse> {
    app.cases.read_many(readings::LIST, Resource::IdentityRequests, &actor.author).await?;
    let found = store::list(&app, &list, store::seen_by(&actor.author), app.db.now()).await?;
    list.answer(found, "identity-requests", &[]).await
}

/// Get an identity request
///
/// The response never contains the sealed identity, which is handed over once. For custodians.
#[utoipa::path(
    tag = "identity-requests",
    security(("bearer" = ["identities:approve"])),
    responses((status = 200, body = IdentityRequest), (status = 404)),
)]
#[get("/v1/identity-requests/{id}")]
async fn get_identity_request(app: State, actor: Actor<IdentitiesApprove>, id: Path<Uuid>) -> Result<ReadResponse> {
    app.cases.read_many(readings::LIST, Resource::IdentityRequests, &actor.author).await?;
    let request = store::find(app.db.reader(), id.0, &actor.author).await?;
    let (version, shown) = read(&app, request).await?;
    ReadResponse::record(&shown, record_tag(version, &shown)?, &[])
}

/// A request with its version.
async fn read(app: &App, request: Model) -> Result<(i32, IdentityRequest)> {
    let (db, version) = (app.db.reader(), request.version);
    let mut shown = store::shown(db, &app.cases.vault, vec![request], app.db.now()).await?;
    Ok((version, shown.pop().ok_or(Code::Internal)?))
}

/// Decide about an identity request
///
/// `approve` and `deny` are for a custodian who did not make the request. `hand_over` then returns the sealed identity
/// to the custodian who approved, once and within seven days. The reporter sees each step. The sealed identity is not
/// given to the officer: only the key of a custodian opens it, and in other hands it would become readable if such a
/// key leaked.
///
/// The response to `hand_over` is not stored, so `Idempotency-Key` has no effect. If the response is lost, a new
/// request is needed.
#[utoipa::path(
    tag = "identity-requests",
    extensions(("x-kind" = json!([Kind::Transition, Kind::Secret]))),
    security(("bearer" = ["identities:approve"])),
    request_body = IdentityRequestTransition,
    responses(
        (status = 200, body = IdentityRequest),
        (status = 404),
        (status = 409, description = "Not from this status, or who asked has been kept out of the complaint since."),
    ),
)]
#[post("/v1/identity-requests/{id}/transitions")]
async fn transition_identity_request(
    app: State,
    actor: Actor<IdentitiesApprove>,
    id: Path<Uuid>,
    if_match: OptionalIfMatch,
    body: Json<IdentityRequestTransition>,
) -> Result<WriteResponse> {
    let IdentityRequestTransition { action, text } = body.value;
    let state = app.clone();
    let written = app.db.write(&actor.author, move |write| async move {
        let (row, request) = store::lock(&write, id.0).await?;
        if_match.check(request.version)?;
        let text = text.map(Lines::into_inner);
        let (row, request, sealed) = store::take(&state, &write, row, request, action, text.as_deref()).await?;
        let events = [Event::about(action.name(), &row), Event::about(action.name(), &request)];
        let (version, mut shown) =
            (request.version, store::shown(&write, &state.cases.vault, vec![request], write.now).await?);
        let shown = shown.pop().ok_or(Code::Internal)?;
        let etag = record_tag(version, &shown)?;
        write.commit(events, WriteResponse::changed(&IdentityRequest { sealed_identity: sealed, ..shown }, etag)?)
    });
    written.await
}
