//! Recusal: who must not see a complaint, and which unit must not handle it. One person proposes it and another confirms it: alone,
//! an officer could keep all others from a complaint, or hand it to the unit that it is about.

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
use crate::audit_log::author::{Author, UnitScope};
use crate::auth::scope::{AuditRead, ComplaintsHandle};
use crate::auth::{Actor, Bearer, Viewer, people, recusal};
use crate::cases::{Case, assignment};
use crate::db::Write;
use crate::domain::text::Line;
use crate::domain::working_days::bangkok_day;
use crate::error::{Code, Error, Result};
use crate::http::body::Json;
use crate::http::etag::OptionalIfMatch;
use crate::http::idempotency::write_once_about;
use crate::http::list::{Filter, Items, List, Paging, Tabular};
use crate::http::params::Path;
use crate::http::response::{ReadResponse, WriteResponse};
use crate::http::route::Kind;
use crate::http::spreadsheet::{Cell, TableColumn};
use crate::references;
use crate::state::State;

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_recusal_proposals).service(create_recusal_proposal).service(transition_recusal_proposal);
}

/// Who must not see a complaint: people whom it is about, or who lead the unit that it is about, and that unit.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "recused": ["01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11"], "accused_unit": "public-works" }))]
struct RecusalInput {
    /// All of them, also those who are recused already. Ids of accounts or clients, or `oidc:` and the subject of a person of the
    /// identity provider.
    #[schema(max_items = 100)]
    recused: Vec<Line<170>>,
    /// Code of the unit that is complained of, or null. Neither it nor a unit above or below it handles the complaint.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required)]
    accused_unit: Option<Line<50>>,
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
    /// Code of the unit that would be the one that is complained of.
    #[schema(required, max_length = 50, example = "public-works")]
    pub accused_unit: Option<String>,
    /// Id of the account or client that proposes it.
    #[schema(max_length = 170, example = "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c12")]
    pub proposed_by: String,
    pub proposed_at: DateTime<Utc>,
}

impl RecusalProposal {
    pub fn of(complaint: &Model) -> Option<Self> {
        let Stored { recused, accused_unit, proposed_by, proposed_at } = complaint.recusal_proposal.clone()?;
        let (complaint_id, reference) = (complaint.id, complaint.reference.clone());
        Some(Self { complaint_id, reference, recused, accused_unit, proposed_by, proposed_at })
    }
}

impl Tabular for RecusalProposal {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("complaint_id", |proposal| proposal.complaint_id.to_string().into()),
        ("reference", |proposal| proposal.reference.as_str().into()),
        ("recused", |proposal| proposal.recused.join(" ").into()),
        ("accused_unit", |proposal| proposal.accused_unit.as_deref().into()),
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
    let open = Entity::find().filter(Column::RecusalProposal.is_not_null()).filter(recusal::not_recused(&actor.author));
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
/// auditor and one custodian, where there are any. A complaint that the accused unit handles, or one above or below it, then has no
/// unit: officers of all units see it.
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
        let row = Row::lock(&write, id.0).await?;
        if_match.check(row.version())?;
        let row = propose(&write, row, input).await?;
        let (etag, today) = (row.etag(write.at), bangkok_day(write.now));
        let event = Event::about("propose_recusal", &row);
        let written = WriteResponse::changed(&Complaint::open(&row, &state.cases.vault, today)?, etag)?;
        write.commit([event], (row.id(), written))
    };
    write_once_about(&app.db, &actor.author, key, work, |id| read_again(&app, id, &actor.author)).await
}

/// Confirm or reject a proposed recusal
///
/// By another officer who sees the complaint, or by an auditor: neither who proposed it nor who would not see the complaint any more.
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
        let mut row = if is_auditor { Row::lock_any(&write, id.0).await? } else { Row::lock(&write, id.0).await? };
        let (me, proposal) = (&write.author, RecusalProposal::of(&row.complaint));
        // An auditor learns of the proposals that they may decide about, and of nothing else.
        let is_hidden = proposal.as_ref().is_none_or(|proposal| names(me, &proposal.recused));
        if names(me, &row.complaint.recused.0) || (is_auditor && is_hidden) {
            return Err(Code::NotFound.into());
        }
        if_match.check(row.version())?;
        let proposal = proposal
            .ok_or_else(|| Code::IllegalTransition.because("ไม่มีข้อเสนอให้งดเว้นที่รอการยืนยัน", "no recusal is proposed"))?;
        row.complaint.recusal_proposal = None;
        let accused_unit_id = accused_by(&write, &proposal).await?;
        let loses_its_unit = steps::is_accused(&write, row.complaint.unit_id, accused_unit_id).await?;
        let is_of_its_unit = me.units != UnitScope::Everything && !is_auditor;
        if me.is(&proposal.proposed_by) || names(me, &proposal.recused) || (loses_its_unit && is_of_its_unit) {
            return Err(Code::WrongPerson.because(
                "ผู้เสนอและผู้ที่จะไม่เห็นเรื่องนี้อีกยืนยันหรือปฏิเสธเองไม่ได้",
                "neither who proposed it nor who would not see the complaint any more decides about it",
            ));
        }
        if proposal.proposed_at != proposed_at {
            return Err(Code::PreconditionFailed.into());
        }
        let (action, complaint) = match decision {
            RecusalDecision::Confirm => {
                ("recuse", with(&write, row.complaint, proposal.recused.clone(), accused_unit_id).await?)
            }
            RecusalDecision::Reject => ("reject_recusal", row.complaint),
        };
        let row = steps::save(&write, complaint).await?;
        let (etag, event) = (row.etag(write.at), Event::about(action, &row));
        write.commit([event], WriteResponse::changed(&proposal, etag)?)
    });
    written.await
}

async fn propose(write: &Write, row: Row, input: RecusalInput) -> Result<Row> {
    if row.complaint.destroyed_on.is_some() {
        return Err(Code::Destroyed.into());
    }
    let mut errors = Vec::new();
    let accused_unit = references::named(write, "/accused_unit", input.accused_unit.as_deref(), &mut errors).await?;
    let recused = store::known_subjects(write, input.recused, &mut errors).await?;
    if !errors.is_empty() {
        return Err(Error::in_body(errors));
    }
    let (complaint, me) = (row.complaint, write.author.name.clone());
    let accused_unit_id = accused_unit.as_ref().map(|unit| unit.id);
    let proposed = with(write, complaint.clone(), recused, accused_unit_id).await?;
    let mut now = complaint.recused.0.clone();
    let leaves = proposed.recused.0.contains(&me) && !now.contains(&me);
    if leaves {
        now.push(me.clone());
    }
    let is_all = same(&now, &proposed.recused.0) && accused_unit_id == complaint.accused_unit_id;
    let recusal_proposal = match complaint.recusal_proposal.clone() {
        Some(mut other) if other.proposed_by != me => {
            if !(leaves && is_all) {
                return Err(Code::IllegalTransition.because(
                    "มีข้อเสนอของผู้อื่นที่รอการยืนยันอยู่",
                    "a proposal of somebody else waits: a second person confirms or rejects it first",
                ));
            }
            // Who leaves stays away also when it is confirmed.
            other.recused.push(me);
            Some(other)
        }
        _ if is_all => None,
        _ => {
            let (recused, accused_unit) = (proposed.recused.0.clone(), accused_unit.map(|unit| unit.code));
            Some(Stored { recused, accused_unit, proposed_by: me, proposed_at: write.now })
        }
    };
    let unit = complaint.accused_unit_id;
    let complaint = if is_all { proposed } else { with(write, complaint, now, unit).await? };
    steps::save(write, Model { recusal_proposal, ..complaint }).await
}

/// The unit that a proposal calls the one that is complained of.
async fn accused_by(write: &Write, proposal: &RecusalProposal) -> Result<Option<Uuid>> {
    let Some(code) = &proposal.accused_unit else { return Ok(None) };
    let mut errors = Vec::new();
    let unit = references::named(write, "/proposed_at", Some(code), &mut errors).await?;
    if errors.is_empty() { Ok(unit.map(|unit| unit.id)) } else { Err(Error::in_body(errors)) }
}

/// A complaint about a unit and without those who are recused; refused where nobody would be left.
async fn with(write: &Write, complaint: Model, recused: Vec<String>, accused_unit_id: Option<Uuid>) -> Result<Model> {
    // As at intake, neither the accused unit handles it, nor one above or below it.
    let is_accused = steps::is_accused(write, complaint.unit_id, accused_unit_id).await?;
    let unit_id = complaint.unit_id.filter(|_| !is_accused);
    let place = if is_accused { "/accused_unit" } else { "/recused" };
    assignment::refuse_nobody_left::<ComplaintsHandle>(write, place, unit_id, &recused).await?;
    let assignee_id = match complaint.assignee_id {
        Some(id) if is_accused || people::is_in(write, &id.to_string(), &recused).await? => None,
        stays => stays,
    };
    Ok(Model { recused: Texts(recused), accused_unit_id, unit_id, assignee_id, ..complaint })
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
