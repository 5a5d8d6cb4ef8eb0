//! People of the identity provider who have been here: `/v1/provider-subjects`.

mod dto;
pub mod store;

use std::sync::Arc;

use actix_web::{get, patch};
use entity::provider_subject::Model;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::approvals::guard as approvals;
use crate::audit_log::append::Event;
use crate::audit_log::author::Author;
use crate::auth::Actor;
use crate::auth::scope::{UsersRead, UsersWrite};
use crate::db::Db;
use crate::domain::working_days::bangkok_day;
use crate::error::Result;
use crate::http::body::Patch;
use crate::http::etag::IfMatch;
use crate::http::list::{Items, List, Paging};
use crate::http::params::Path;
use crate::http::record::Record;
use crate::http::response::{ReadResponse, WriteResponse};
use crate::revisions::Resource;
use crate::state::{App, State};
use dto::{ProviderSubject, ProviderSubjectFilter, ProviderSubjectInput};

const DEPENDS_ON: &[Resource] = &[Resource::ProviderSubjects];

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_provider_subjects).service(get_provider_subject).service(update_provider_subject);
}

/// List people of the identity provider
///
/// Lists everyone who has used a token of the identity provider here, sorted by subject.
#[utoipa::path(
    tag = "users",
    security(("bearer" = ["users:read"])),
    params(ProviderSubjectFilter, Paging),
    responses((status = 200, body = Items<ProviderSubject>)),
)]
#[get("/v1/provider-subjects")]
async fn list_provider_subjects(
    app: State,
    _: Actor<UsersRead>,
    list: List<ProviderSubjectFilter>,
) -> Result<ReadResponse> {
    let found = store::list(&app, &list).await?.map(ProviderSubject::from);
    list.answer(found, "provider-subjects", DEPENDS_ON).await
}

/// Get a person of the identity provider
///
/// Returns the person with this id. Use the list to find a person by subject.
#[utoipa::path(
    tag = "users",
    security(("bearer" = ["users:read"])),
    responses((status = 200, body = ProviderSubject), (status = 404)),
)]
#[get("/v1/provider-subjects/{id}")]
async fn get_provider_subject(app: State, _: Actor<UsersRead>, id: Path<Uuid>) -> Result<ReadResponse> {
    let at = app.db.revisions.snapshot();
    let row = store::find(app.db.reader(), id.0).await?;
    let etag = row.etag(at);
    ReadResponse::record(&ProviderSubject::from(row), etag, DEPENDS_ON)
}

/// Update a person of the identity provider
///
/// Disables the person, or links the person to an account. Tokens of a disabled person are refused within seconds, on
/// all processes. Roles and units remain those of the provider's groups.
///
/// Removing a link requires the approval of a second admin (`unlink_subject` at `POST /v1/users/{id}/approvals`) and
/// otherwise returns 403 `approval_required`, because recusals of the account then no longer bind the person.
#[utoipa::path(
    tag = "users",
    security(("bearer" = ["users:write"])),
    request_body(content = Patch<ProviderSubjectInput>, content_type = "application/merge-patch+json"),
    responses((status = 200, body = ProviderSubject), (status = 404)),
)]
#[patch("/v1/provider-subjects/{id}")]
async fn update_provider_subject(
    app: State,
    actor: Actor<UsersWrite>,
    id: Path<Uuid>,
    if_match: IfMatch,
    patch: Patch<ProviderSubjectInput>,
) -> Result<WriteResponse> {
    app.db
        .write(&actor.author, move |write| async move {
            let row = Model::lock(&write, id.0).await?;
            if_match.check(row.version)?;
            let (input, linked) = (patch.onto(&ProviderSubjectInput::from(&row))?, row.account_id);
            let row = row.update(&write, input).await?;
            let used = match linked.filter(|_| row.account_id != linked) {
                Some(account) => Some(approvals::for_unlinking(&write, account, &row.subject).await?),
                None => None,
            };
            let (etag, event) = (row.etag(write.at), Event::about("update", &row));
            let written = WriteResponse::changed(&ProviderSubject::from(row), etag)?;
            write.commit([event].into_iter().chain(used), written)
        })
        .await
}

/// Records who has been here since the last call: one write for each person and day.
pub async fn record_seen(app: &App) -> Result<()> {
    let seen = app.auth.people.take_seen(bangkok_day(app.db.now()));
    let done = add_seen(&app.db, seen.clone()).await;
    if done.is_err() {
        for subject in &seen {
            app.auth.people.see(subject);
        }
    }
    done
}

/// Records that these were here today.
pub async fn add_seen(db: &Arc<Db>, mut subjects: Vec<String>) -> Result<()> {
    if subjects.is_empty() {
        return Ok(());
    }
    // All processes lock them in this order.
    subjects.sort_unstable();
    db.write(&Author::program("identity_provider"), |write| async move {
        let today = bangkok_day(write.now);
        let mut events = Vec::new();
        for subject in subjects {
            events.extend(store::seen(&write, subject, today).await?);
        }
        write.commit(events, ())
    })
    .await
}
