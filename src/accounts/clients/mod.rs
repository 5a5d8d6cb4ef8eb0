//! Programs with access: `/v1/clients`.

mod dto;
pub mod store;

use actix_web::{get, patch, post};
use chrono::TimeDelta;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub use dto::{Client, ClientInput};

use crate::audit_log::append::Event;
use crate::auth::Actor;
use crate::auth::scope::{self, ClientsRead, ClientsWrite};
use crate::domain::units::Units;
use crate::error::{Code, Result};
use crate::http::body::{Json, Patch};
use crate::http::etag::IfMatch;
use crate::http::idempotency::write_once;
use crate::http::list::{Items, List, Paging};
use crate::http::params::Path;
use crate::http::record::{self, Record};
use crate::http::response::{ReadResponse, WriteResponse};
use crate::http::route::Kind;
use crate::revisions::Resource;
use crate::state::State;
use dto::{ClientFilter, Secret, SecretInput};

const DEPENDS_ON: &[Resource] = &[Resource::Clients, Resource::Units];

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_clients)
        .service(create_client)
        .service(get_client)
        .service(update_client)
        .service(create_client_secret);
}

/// List clients
///
/// Lists all programs that have or had access, sorted by name.
#[utoipa::path(
    tag = "clients",
    security(("bearer" = ["clients:read"])),
    params(ClientFilter, Paging),
    responses((status = 200, body = Items<Client>)),
)]
#[get("/v1/clients")]
async fn list_clients(app: State, _: Actor<ClientsRead>, list: List<ClientFilter>) -> Result<ReadResponse> {
    let found = store::list(&app, &list).await?.map(Client::from);
    list.answer(found, "clients", DEPENDS_ON).await
}

/// Create a client
///
/// Registers a program. Create a secret with `POST /v1/clients/{id}/secrets`, so that the program can get tokens. Only
/// an operator on the command line can grant the scopes `complaints:handle`, `complaints:count`,
/// `service-requests:handle`, `service-requests:count`, `identities:approve`, `audit:read` and `users:write`.
#[utoipa::path(
    tag = "clients",
    security(("bearer" = ["clients:write"])),
    request_body = ClientInput,
    responses((status = 201, body = Client)),
)]
#[post("/v1/clients")]
async fn create_client(app: State, actor: Actor<ClientsWrite>, body: Json<ClientInput>) -> Result<WriteResponse> {
    let Json { value: input, key, .. } = body;
    store::check_given(&input, &[], &Units::default())?;
    write_once(&app.db, &actor.author, key, |write| async move {
        let row = store::insert(&write, input).await?;
        let (id, etag, event) = (row.id(), row.etag(write.at), Event::about("create", &row));
        let written = WriteResponse::created(&Client::from(row), format!("/v1/clients/{id}"), etag)?;
        write.commit([event], written)
    })
    .await
}

/// Get a client
///
/// Secrets are not returned, because only their hashes are stored.
#[utoipa::path(
    tag = "clients",
    security(("bearer" = ["clients:read"])),
    responses((status = 200, body = Client), (status = 404)),
)]
#[get("/v1/clients/{id}")]
async fn get_client(app: State, _: Actor<ClientsRead>, id: Path<Uuid>) -> Result<ReadResponse> {
    let at = app.db.revisions.snapshot();
    let row = store::find(app.db.reader(), id.0).await?;
    let etag = row.etag(at);
    ReadResponse::record(&Client::from(row), etag, DEPENDS_ON)
}

/// Update or revoke a client
///
/// Existing tokens are revoked within seconds, on all processes. The scopes that only an operator can grant can be
/// removed here. They cannot be added or extended to further units.
#[utoipa::path(
    tag = "clients",
    security(("bearer" = ["clients:write"])),
    request_body(content = Patch<ClientInput>, content_type = "application/merge-patch+json"),
    responses((status = 200, body = Client), (status = 404)),
)]
#[patch("/v1/clients/{id}")]
async fn update_client(
    app: State,
    actor: Actor<ClientsWrite>,
    id: Path<Uuid>,
    if_match: IfMatch,
    patch: Patch<ClientInput>,
) -> Result<WriteResponse> {
    record::update::<store::Row>(&app.db, &actor.author, id.0, if_match, patch).await
}

/// Create a client secret
///
/// Creates the first secret, or a secret that replaces the existing ones. Existing secrets remain valid during the
/// overlap, so that a program can switch without interruption. If the client has a scope that only an operator can
/// grant, only an operator can create its secrets.
#[utoipa::path(
    tag = "clients",
    extensions(("x-kind" = json!([Kind::Secret]))),
    security(("bearer" = ["clients:write"])),
    request_body = SecretInput,
    responses((status = 200, body = Secret), (status = 404)),
)]
#[post("/v1/clients/{id}/secrets")]
async fn create_client_secret(
    app: State,
    actor: Actor<ClientsWrite>,
    id: Path<Uuid>,
    body: Json<SecretInput>,
) -> Result<WriteResponse> {
    let overlap = TimeDelta::hours(body.value.overlap_hours.into());
    app.db
        .write(&actor.author, move |write| async move {
            let row = store::Row::lock(&write, id.0).await?;
            if row.client.scopes.0.iter().any(|scope| scope::is_guarded(scope)) {
                return Err(Code::OperatorOnly.because(
                    "โปรดให้ผู้ดูแลเครื่องแม่ข่ายใช้คำสั่ง prongsai client new-secret",
                    "an operator makes it with prongsai client new-secret",
                ));
            }
            let (row, secret) = store::renew_secret(&write, row, overlap).await?;
            write.commit([Event::about("create_secret", &row)], WriteResponse::done(&secret)?)
        })
        .await
}
