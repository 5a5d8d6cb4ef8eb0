//! Recusal: who must not see a complaint, and which unit must not handle it. One person proposes it and another confirms it: alone,
//! an officer could keep all others from a complaint, or hand it to the unit that it is about.

mod dto;
mod store;
mod subjects;

use actix_web::{get, post};
use entity::complaint::{Column, Entity, Model};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::dto::Complaint;
use super::read_again;
use super::store::Row;
use crate::audit_log::append::Event;
use crate::auth::scope::{AuditRead, ComplaintsHandle};
use crate::auth::{Actor, Bearer, Viewer, recusal};
use crate::cases::deadline::Today;
use crate::cases::{Case, parting};
use crate::db::{Write, sql};
use crate::error::{Code, Result};
use crate::http::body::Json;
use crate::http::etag::OptionalIfMatch;
use crate::http::idempotency::write_once_about;
use crate::http::list::{Items, List, Paging};
use crate::http::params::Path;
use crate::http::response::{ReadResponse, WriteResponse};
use crate::http::route::Kind;
use crate::state::State;

use dto::{RecusalFilter, RecusalInput, RecusalTransition};
pub use dto::{RecusalProposal, RecusedPerson};
pub use store::{names, refuse_named};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_recusal_proposals).service(create_recusal_proposal).service(transition_recusal_proposal);
}

/// List proposed recusals
///
/// Lists the proposals that a second person has not yet confirmed. For auditors.
#[utoipa::path(
    tag = "complaints",
    security(("bearer" = ["audit:read"])),
    params(RecusalFilter, Paging),
    responses((status = 200, body = Items<RecusalProposal>)),
)]
#[get("/v1/recusals")]
async fn list_recusal_proposals(
    app: State,
    actor: Actor<AuditRead>,
    list: List<RecusalFilter>,
) -> Result<ReadResponse> {
    let rejected = sql::with(Expr::col(Column::RecusalProposal).cast_as("text"), "\"rejected_at\"");
    let open = Entity::find().filter(Column::RecusalProposal.is_not_null()).filter(rejected.not());
    let open = open.filter(recusal::not_recused(&actor.author));
    let mut found = list.find::<Model>(&app.db, open).await?;
    let rows = std::mem::take(&mut found.rows);
    let names = store::names(app.db.reader(), &rows).await?;
    let proposals = rows.iter().filter_map(|complaint| RecusalProposal::of(complaint, &names));
    let proposals = proposals.filter(|proposal| !actor.author.is_in(&proposal.recused)).collect();
    list.answer(found.with(proposals), "recusals", &[]).await
}

/// Propose recusals for a complaint
///
/// Proposes who must not see the complaint. The proposal takes effect when a second person confirms it with `POST
/// /v1/complaints/{id}/recusals/transitions`. Recusing oneself takes effect at once.
///
/// While a proposal is pending, only the person who made it can replace it. A person whose proposal was rejected can
/// make another after 24 hours, or after another officer has made one. At least one active officer with an account of
/// this service who may see the complaint must remain, and one auditor and one custodian if there are any. If the
/// complaint is handled by the accused unit, or by a unit above or below it, the complaint is removed from that unit,
/// and officers of all units see it.
#[utoipa::path(
    tag = "complaints",
    extensions(("x-kind" = json!([Kind::Transition]))),
    security(("bearer" = ["complaints:handle"])),
    request_body = RecusalInput,
    responses(
        (status = 200, body = Complaint),
        (status = 404),
        (status = 409, description = "It was destroyed, or a proposal of somebody else waits."),
    ),
)]
#[post("/v1/complaints/{id}/recusals")]
async fn create_recusal_proposal(
    app: State,
    actor: Actor<ComplaintsHandle>,
    id: Path<Uuid>,
    if_match: OptionalIfMatch,
    body: Json<RecusalInput>,
) -> Result<WriteResponse> {
    let Json { value: input, key, .. } = body;
    let state = app.clone();
    let work = move |write: Write| async move {
        let linked = parting::lock_linked::<Row>(&write, id.0).await?;
        let row = Row::lock(&write, id.0).await?;
        if_match.check(row.version())?;
        let row = store::propose(&write, row, input).await?;
        let mut events = vec![Event::about("propose_recusal", &row)];
        let (row, parted) = parting::part(&state.cases, &write, row, linked).await?;
        events.extend(parted);
        let (etag, today) = (row.etag(write.at), Today::read(&write, write.now).await?);
        let written = WriteResponse::changed(&Complaint::open(&write, &row, &state.cases.vault, &today).await?, etag)?;
        write.commit(events, (row.id(), written))
    };
    write_once_about(&app.db, &actor.author, key, work, |id| read_again(&app, id, &actor.author)).await
}

/// Confirm or reject a proposed recusal
///
/// For another officer who sees the complaint, or for an auditor. The person who made the proposal cannot decide, and
/// neither can a person who would no longer see the complaint.
#[utoipa::path(
    tag = "complaints",
    extensions(("x-kind" = json!([Kind::Transition, Kind::Secret]))),
    security(("bearer" = ["complaints:handle"]), ("bearer" = ["audit:read"])),
    request_body = RecusalTransition,
    responses(
        (status = 200, body = RecusalProposal),
        (status = 404),
        (status = 409, description = "Nothing is proposed, or nobody could see the complaint any more."),
    ),
)]
#[post("/v1/complaints/{id}/recusals/transitions")]
async fn transition_recusal_proposal(
    app: State,
    _: Bearer,
    officer: Viewer<ComplaintsHandle>,
    auditor: Viewer<AuditRead>,
    id: Path<Uuid>,
    if_match: OptionalIfMatch,
    body: Json<RecusalTransition>,
) -> Result<WriteResponse> {
    let is_auditor = auditor.author.is_some();
    let author = officer.author.or(auditor.author).ok_or(Code::InsufficientScope)?;
    let state = app.clone();
    let written = app.db.write(&author, move |write| async move {
        let linked = parting::lock_linked::<Row>(&write, id.0).await?;
        let row = if is_auditor { Row::lock_any(&write, id.0).await? } else { Row::lock(&write, id.0).await? };
        store::refuse_hidden(&write, &row, is_auditor).await?;
        if_match.check(row.version())?;
        let (action, row, proposal) = store::decide(&write, row, is_auditor, body.value).await?;
        let mut events = vec![Event::about(action, &row)];
        let (row, parted) = parting::part(&state.cases, &write, row, linked).await?;
        events.extend(parted);
        let etag = row.etag(write.at);
        write.commit(events, WriteResponse::changed(&proposal, etag)?)
    });
    written.await
}
