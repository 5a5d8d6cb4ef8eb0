//! Recusal: who must not see a complaint. One person proposes it and another confirms it, since whoever recuses all others would be
//! alone with a complaint about themselves.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use entity::complaint::{Column, Entity, Model, RecusalProposal as Stored};
use entity::texts::Texts;
use sea_orm::{ColumnTrait, EntityTrait, Order, QueryFilter};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use validator::Validate;

use super::dto::Complaint;
use super::store::{self, Row};
use super::{read_again, steps};
use crate::audit_log::append::Event;
use crate::audit_log::author::Author;
use crate::auth::scope::{AuditRead, ComplaintsHandle};
use crate::auth::{Actor, Bearer, Viewer, people};
use crate::cases::{Case, assignment};
use crate::db::Write;
use crate::domain::text::Line;
use crate::domain::working_days::bangkok_day;
use crate::error::{Code, Result};
use crate::http::body::Json;
use crate::http::etag::OptionalIfMatch;
use crate::http::idempotency::write_once_about;
use crate::http::list::{Filter, Items, List, Paging, Tabular};
use crate::http::params::Path;
use crate::http::response::{ReadResponse, WriteResponse};
use crate::http::route::Kind;
use crate::http::spreadsheet::{Cell, TableColumn};
use crate::state::State;

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_recusal_proposals).service(create_recusal_proposal).service(transition_recusal_proposal);
}

/// Who must not see a complaint: people whom it is about, or who lead the unit that it is about.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "recused": ["01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11"] }))]
struct RecusalInput {
    /// All of them, also those who are recused already. Ids of accounts or clients, or `oidc:` and the subject of a person of the
    /// identity provider.
    #[schema(max_items = 100)]
    recused: Vec<Line<170>>,
}

/// A recusal that a second person has yet to confirm.
#[derive(Serialize, ToSchema)]
pub struct RecusalProposal {
    pub complaint_id: Uuid,
    /// Number of the complaint.
    #[schema(max_length = 20, example = "7K3M-9Q2X")]
    pub reference: String,
    /// Who would not see it any more, as the audit log names them.
    #[schema(value_type = Vec<Line<170>>, max_items = 100, example = json!(["01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11"]))]
    pub recused: Vec<String>,
    /// Id of the account or client that proposes it.
    #[schema(max_length = 170, example = "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c12")]
    pub proposed_by: String,
    pub proposed_at: DateTime<Utc>,
}

impl RecusalProposal {
    pub fn of(complaint: &Model) -> Option<Self> {
        let Stored { recused, proposed_by, proposed_at } = complaint.recusal_proposal.clone()?;
        let (complaint_id, reference) = (complaint.id, complaint.reference.clone());
        Some(Self { complaint_id, reference, recused, proposed_by, proposed_at })
    }
}

impl Tabular for RecusalProposal {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("complaint_id", |proposal| proposal.complaint_id.to_string().into()),
        ("reference", |proposal| proposal.reference.as_str().into()),
        ("recused", |proposal| proposal.recused.join(" ").into()),
        ("proposed_by", |proposal| proposal.proposed_by.as_str().into()),
        ("proposed_at", |proposal| Cell::time(proposal.proposed_at)),
    ];
}

/// What a second person says to a proposed recusal.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum RecusalDecision {
    Confirm,
    Reject,
}

#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "action": "confirm", "proposed_at": "2024-04-11T03:15:00.000Z" }))]
struct RecusalTransition {
    action: RecusalDecision,
    /// As the proposal has it: the decision is about the one that was read, not about one that has taken its place.
    proposed_at: DateTime<Utc>,
}

/// Which proposals to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RecusalFilter {}

impl Filter for RecusalFilter {
    type Entity = Entity;

    /// By id, which is by time.
    fn order(&self) -> Vec<(Column, Order)> {
        Vec::new()
    }
}

/// List proposed recusals
///
/// Those that a second person has yet to confirm, for auditors.
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
    let open = Entity::find().filter(Column::RecusalProposal.is_not_null()).filter(store::not_recused(&actor.author));
    let mut found = list.find::<Model>(&app.db, open).await?;
    let rows = std::mem::take(&mut found.rows);
    let proposals = rows.iter().filter_map(RecusalProposal::of);
    let proposals = proposals.filter(|proposal| !names(&actor.author, &proposal.recused)).collect();
    list.answer(found.with(proposals), "recusals", &[]).await
}

/// Propose who must not see a complaint
///
/// Takes effect once a second person confirms it at `.../recusals/transitions`; that one recuses oneself takes effect at once. While a
/// proposal waits, only who made it can replace it. At least one active officer of ours who may see the complaint must remain, and one
/// auditor and one custodian, where there are any.
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
    let Json { value: RecusalInput { recused }, key, .. } = body;
    let state = app.clone();
    let work = move |write: Write| async move {
        let row = Row::lock(&write, id.0).await?;
        if_match.check(row.version())?;
        let row = propose(&write, row, recused).await?;
        let (etag, today) = (row.etag(write.at), bangkok_day(write.now));
        let event = Event::about("propose_recusal", &row);
        let written = WriteResponse::changed(&Complaint::open(&row, &state.cases.vault, today)?, etag)?;
        write.commit([event], (row.id(), written))
    };
    write_once_about(&app.db, &actor.author, key, work, |id| read_again(&app, id, &actor.author)).await
}

/// Confirm or reject a proposed recusal
///
/// By another officer who sees the complaint, or by an auditor: neither who proposed it nor who is named in it.
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
    let RecusalTransition { action: decision, proposed_at } = body.value;
    let written = app.db.write(&author, move |write| async move {
        let row = if is_auditor { Row::lock_any(&write, id.0).await? } else { Row::lock(&write, id.0).await? };
        if_match.check(row.version())?;
        let proposal = RecusalProposal::of(&row.complaint)
            .ok_or_else(|| Code::IllegalTransition.because("ไม่มีข้อเสนอให้งดเว้นที่รอการยืนยัน", "no recusal is proposed"))?;
        let me = &write.author;
        if names(me, &row.complaint.recused.0) {
            return Err(Code::NotFound.into());
        }
        if names(me, std::slice::from_ref(&proposal.proposed_by)) || names(me, &proposal.recused) {
            return Err(Code::WrongPerson.because(
                "ผู้เสนอและผู้ที่มีชื่อในข้อเสนอยืนยันเองไม่ได้",
                "neither who proposed it nor who is named in it decides about it",
            ));
        }
        if proposal.proposed_at != proposed_at {
            return Err(Code::PreconditionFailed.into());
        }
        let (action, row) = match decision {
            RecusalDecision::Confirm => ("recuse", recuse(&write, row, proposal.recused.clone()).await?),
            RecusalDecision::Reject => {
                let complaint = Model { recusal_proposal: None, ..row.complaint };
                ("reject_recusal", steps::save(&write, complaint).await?)
            }
        };
        let (etag, event) = (row.etag(write.at), Event::about(action, &row));
        write.commit([event], WriteResponse::changed(&proposal, etag)?)
    });
    written.await
}

async fn propose(write: &Write, row: Row, recused: Vec<Line<170>>) -> Result<Row> {
    if row.complaint.destroyed_on.is_some() {
        return Err(Code::Destroyed.into());
    }
    let recused = store::known_subjects(write, recused).await?;
    assignment::refuse_nobody_left::<ComplaintsHandle>(write, "/recused", row.complaint.unit_id, &recused).await?;
    let me = write.author.name.clone();
    let mut now = row.complaint.recused.0.clone();
    let recuses_me = recused.contains(&me) && !now.contains(&me);
    if recuses_me {
        now.push(me.clone());
    }
    let waiting = row.complaint.recusal_proposal.clone().filter(|waiting| waiting.proposed_by != me);
    if recuses_me && same(&now, &recused) {
        let complaint = Model { recusal_proposal: waiting, ..without(write, row.complaint, &recused).await? };
        return steps::save(write, Model { recused: Texts(recused), ..complaint }).await;
    }
    if waiting.is_some() {
        return Err(Code::IllegalTransition.because(
            "มีข้อเสนอของผู้อื่นที่รอการยืนยันอยู่",
            "a proposal of somebody else waits: a second person confirms or rejects it first",
        ));
    }
    if same(&now, &recused) {
        return recuse(write, row, recused).await;
    }
    let proposal = Stored { recused, proposed_by: me, proposed_at: write.now };
    let complaint = Model { recusal_proposal: Some(proposal), ..without(write, row.complaint, &now).await? };
    steps::save(write, Model { recused: Texts(now), ..complaint }).await
}

/// Puts a recusal into effect.
async fn recuse(write: &Write, row: Row, recused: Vec<String>) -> Result<Row> {
    assignment::refuse_nobody_left::<ComplaintsHandle>(write, "/recused", row.complaint.unit_id, &recused).await?;
    let complaint = Model { recusal_proposal: None, ..without(write, row.complaint, &recused).await? };
    steps::save(write, Model { recused: Texts(recused), ..complaint }).await
}

/// Takes the complaint from an officer who must not see it.
async fn without(write: &Write, complaint: Model, recused: &[String]) -> Result<Model> {
    let assignee_id = match complaint.assignee_id {
        Some(id) if people::is_in(write, &id.to_string(), recused).await? => None,
        stays => stays,
    };
    Ok(Model { assignee_id, ..complaint })
}

/// Whether a list names somebody, by any of the names that they have.
fn names(author: &Author, recused: &[String]) -> bool {
    author.names().any(|name| recused.iter().any(|other| other == name))
}

fn same(one: &[String], other: &[String]) -> bool {
    let sorted = |names: &[String]| {
        let mut names = names.to_vec();
        names.sort();
        names.dedup();
        names
    };
    sorted(one) == sorted(other)
}
