//! Approving that listed cases are destroyed: Regulation of the Office of the Prime Minister on Correspondence B.E. 2526, sections 66
//! to 70.

use std::collections::{BTreeSet, HashMap, HashSet};

use actix_web::post;
use chrono::{DateTime, Utc};
use entity::retention_listing::{ActiveModel, Column, Entity, Kind, Model};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use validator::{Validate, ValidationErrors};

use super::store::is_held;
use crate::audit_log::append::Event;
use crate::auth::scope::RetentionApprove;
use crate::auth::{Actor, recusal};
use crate::cases::retention::APPROVE_DESTRUCTION;
use crate::db::Write;
use crate::domain::field_code::FieldCode;
use crate::domain::rule::Rules;
use crate::domain::text::Line;
use crate::error::{Error, FieldError, Result};
use crate::http::body::Json;
use crate::http::idempotency::write_once;
use crate::http::response::WriteResponse;
use crate::revisions::Resource;
use crate::state::State;

pub fn routes(config: &mut ServiceConfig) {
    config.service(create_destruction_approval);
}

/// Which of the listed cases may be destroyed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "case_ids": ["018e3fb8-9a00-7cc1-9c53-0c5a2f0a7c11"], "document_number": "ชน 52001/118" }))]
pub struct DestructionApprovalInput {
    /// Ids of the cases, each once, from `GET /v1/retention/due`.
    #[schema(min_items = 1, max_items = 500)]
    pub case_ids: Vec<Uuid>,
    /// Number of the letter with which the list was approved. The list and the audit log keep it.
    #[schema(example = "ชน 52001/118")]
    pub document_number: Option<Line<100>>,
}

impl Validate for DestructionApprovalInput {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let ids = &self.case_ids;
        let is_each_once = ids.iter().collect::<HashSet<_>>().len() == ids.len();
        Rules::default().require(is_each_once, "case_ids", FieldCode::Duplicate).end()
    }
}

/// What was approved.
#[derive(Serialize, ToSchema)]
pub struct DestructionApproval {
    /// Number of cases that are approved now and were not before.
    #[schema(value_type = i32, minimum = 0, maximum = 500, example = 12)]
    pub approved_count: usize,
    /// Instant of the approval.
    #[schema(example = "2024-03-15T03:00:00Z")]
    pub approved_at: DateTime<Utc>,
}

/// Approve the destruction of listed cases
///
/// Approves, as a person with an account, that cases on the list are destroyed: all or none. A case is destroyed when its
/// retention has ended, it has been listed for 30 days, and its destruction is approved; without an approval it is kept.
/// The approval is of the case as it is listed. It ends when the case is reopened, closed otherwise or put on hold. A case
/// that is approved already stays approved by whoever approved it first, with the `document_number` of that approval.
#[utoipa::path(
    tag = "retention",
    security(("bearer" = ["retention:approve"])),
    request_body = DestructionApprovalInput,
    responses((status = 200, body = DestructionApproval)),
)]
#[post("/v1/retention/approvals")]
async fn create_destruction_approval(
    app: State,
    actor: Actor<RetentionApprove>,
    body: Json<DestructionApprovalInput>,
) -> Result<WriteResponse> {
    actor.account()?;
    let Json { value: input, key, .. } = body;
    let work = |write: Write| async move {
        let listings = listings(&write, &input.case_ids).await?;
        let new: Vec<Model> = listings.into_iter().filter(|listing| listing.approved_at.is_none()).collect();
        let document_number = input.document_number.map(Line::into_inner);
        let approved = ActiveModel {
            approved_at: Set(Some(write.now)),
            approved_by: Set(Some(write.author.name.clone())),
            document_number: Set(document_number.clone()),
            ..Default::default()
        };
        let ids = new.iter().map(|listing| listing.case_id);
        Entity::update_many().set(approved).filter(Column::CaseId.is_in(ids)).exec(&write).await?;
        let note = json!({ "document_number": document_number });
        let event = |listing: &Model| {
            let is_request = listing.kind == Kind::Request;
            let resource = if is_request { Resource::ServiceRequests } else { Resource::Complaints };
            Event::happened(APPROVE_DESTRUCTION, resource.name(), Some(listing.case_id)).with(note.clone())
        };
        let events: Vec<Event> = new.iter().map(event).collect();
        let done = DestructionApproval { approved_count: new.len(), approved_at: write.now };
        write.commit(events, WriteResponse::done(&done)?)
    };
    write_once(&app.db, &actor.author, key, work).await
}

/// The listings of cases, locked in the order of their ids. Those from which the caller is recused are not there.
async fn listings(write: &Write, ids: &[Uuid]) -> Result<Vec<Model>> {
    let hidden = recusal::recused_from(write, &write.author).await?;
    let wanted: BTreeSet<Uuid> = ids.iter().copied().filter(|id| !hidden.contains(id)).collect();
    let found = Entity::find().filter(Column::CaseId.is_in(wanted.iter().copied())).order_by_asc(Column::CaseId);
    let found = found.lock_exclusive().all(write).await?;
    let held =
        Entity::find().select_only().column(Column::CaseId).filter(Column::CaseId.is_in(wanted)).filter(is_held());
    let held: HashSet<Uuid> = held.into_tuple::<Uuid>().all(write).await?.into_iter().collect();
    let listed: HashMap<Uuid, &Model> = found.iter().map(|listing| (listing.case_id, listing)).collect();
    let fault = |id: &Uuid| match listed.get(id) {
        None => Some(
            FieldCode::NotFound
                .because("ไม่อยู่ในบัญชีเรื่องที่ครบกำหนดทำลาย", "is not on the list of cases due for destruction"),
        ),
        Some(_) if held.contains(id) => Some(FieldCode::IllegalTransition.because("เรื่องนี้ระงับการทำลายอยู่", "is on hold")),
        Some(_) => None,
    };
    let faults = ids
        .iter()
        .enumerate()
        .filter_map(|(index, id)| fault(id).map(|violation| FieldError::at(&format!("/case_ids/{index}"), violation)));
    let faults: Vec<_> = faults.collect();
    if faults.is_empty() { Ok(found) } else { Err(Error::in_body(faults)) }
}
