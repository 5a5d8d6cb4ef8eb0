//! Queries of identity requests, and their transitions.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::identity_request::{ActiveModel, Column, Entity, Model, Status};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::{steps, store};
use super::dto::{IdentityRequest, IdentityRequestFilter};
use crate::audit_log::append::Logged;
use crate::audit_log::author::Author;
use crate::auth::{people, recusal};
use crate::cases::vault::Vault;
use crate::cases::{Case, assignment, custodians, identity};
use crate::db::Write;
use crate::domain::identity::{APPROVAL, Action, REQUEST, after, by_now, is_open};
use crate::error::{Code, Result};
use crate::http::list::{Found, List};
use crate::references::{self, Names};
use crate::revisions::Resource;
use crate::state::App;

const REASON: &str = "identity_request.reason";
const ANSWER: &str = "identity_request.answer";

impl Logged for Model {
    const RESOURCE: Resource = Resource::IdentityRequests;

    fn id(&self) -> Option<Uuid> {
        Some(self.id)
    }

    fn document(&self) -> Value {
        json!(self)
    }
}

/// A page of the requests of one complaint, or of all those from which a custodian is not recused.
pub async fn list(
    app: &App,
    list: &List<IdentityRequestFilter>,
    of: impl Into<Condition>,
    now: DateTime<Utc>,
) -> Result<Found<IdentityRequest>> {
    let has = |status: &Status| {
        let is_over = Column::ExpiresAt.lte(now);
        match status {
            Status::Expired => Column::Status.eq(Status::Approved).and(is_over),
            Status::Approved => Column::Status.eq(Status::Approved).and(is_over.not()),
            status => Column::Status.eq(*status),
        }
    };
    let statuses =
        list.filter.status.iter().map(|statuses| statuses.iter().map(has).fold(Condition::any(), Condition::add));
    let condition = statuses.fold(of.into(), Condition::add);
    let mut found = list.find::<Model>(&app.db, Entity::find().filter(condition)).await?;
    let shown = shown(app.db.reader(), &app.cases.vault, std::mem::take(&mut found.rows), now).await?;
    Ok(found.with(shown))
}

/// The requests that a custodian may see.
pub fn seen_by(author: &Author) -> Condition {
    Condition::all().add(Column::CaseId.in_subquery(recusal::open_to(author)))
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid, author: &Author) -> Result<Model> {
    let request = Entity::find_by_id(id).filter(seen_by(author)).one(db).await?;
    request.ok_or_else(|| Code::NotFound.into())
}

/// A request of this complaint.
pub async fn of_complaint(db: &impl ConnectionTrait, complaint: Uuid, id: Uuid) -> Result<Model> {
    let request = Entity::find_by_id(id).filter(Column::CaseId.eq(complaint)).one(db).await?;
    request.ok_or_else(|| Code::NotFound.into())
}

/// The request and its complaint, not to be changed by anybody else until this write ends.
pub async fn lock(write: &Write, id: Uuid) -> Result<(store::Row, Model)> {
    let open = || Entity::find_by_id(id).filter(seen_by(&write.author));
    let request = open().one(write).await?.ok_or(Code::NotFound)?;
    // Lock the complaint first, as all writers of both do, against deadlocks.
    let row = store::Row::lock_any(write, request.case_id).await?;
    Ok((row, open().lock_exclusive().one(write).await?.ok_or(Code::NotFound)?))
}

/// Asks for the identity of a complaint that is locked.
pub async fn insert(app: &App, write: &Write, row: store::Row, reason: &str) -> Result<(store::Row, Model)> {
    if row.complaint.anonymous {
        return Err(Code::Anonymous.into());
    }
    row.refuse_named(write).await?;
    let key = row.needed_key(&app.cases.vault)?;
    let earlier = Entity::find().filter(Column::CaseId.eq(row.id())).all(write).await?;
    if earlier.iter().any(|request| is_open(by_now(request.status, request.expires_at, write.now))) {
        return Err(Code::AlreadyExists.because(
            "มีคำขอเปิดเผยตัวตนของเรื่องนี้ที่ยังอยู่ระหว่างดำเนินการ",
            "Another request for the identity is still open: wait until it is decided.",
        ));
    }
    let id = Uuid::now_v7();
    let request = Model {
        id,
        case_id: row.id(),
        requested_by: write.author.name.clone(),
        requested_at: write.now,
        reason: key.seal(REASON, id, reason)?,
        status: Status::Pending,
        decided_by: None,
        decided_at: None,
        answer: None,
        expires_at: None,
        handed_over_at: None,
        version: 1,
    };
    Entity::insert(ActiveModel::from(request.clone())).exec_without_returning(write).await?;
    Ok((steps::show(app, write, row, REQUEST).await?, request))
}

/// Takes a step with a request that is locked. Handing over gives the box as well.
pub async fn take(
    app: &App,
    write: &Write,
    row: store::Row,
    mut request: Model,
    action: Action,
    text: Option<&str>,
) -> Result<(store::Row, Model, Option<String>)> {
    row.refuse_named(write).await?;
    let from = by_now(request.status, request.expires_at, write.now);
    let to = after(action, from).ok_or_else(|| assignment::illegal(action, from, |it| after(it, from).is_some()))?;
    let me = &write.author;
    let decides = action != Action::HandOver;
    let decided = request.decided_by.as_ref().is_some_and(|name| me.is(name));
    if (decides && people::is_in(write, &me.name, std::slice::from_ref(&request.requested_by)).await?)
        || (!decides && !decided)
    {
        return Err(Code::WrongPerson.into());
    }
    if action != Action::Deny && people::is_in(write, &request.requested_by, &row.complaint.recused.0).await? {
        return Err(Code::IllegalTransition.because(
            "ผู้ขอถูกกันออกจากเรื่องนี้เพื่อความเป็นกลาง จึงดำเนินการต่อไม่ได้",
            "Whoever asked has been kept out of the complaint since. Another officer asks again.",
        ));
    }
    let key = row.needed_key(&app.cases.vault)?;
    request.status = to;
    request.version += 1;
    let mut sealed = None;
    if decides {
        request.decided_by = Some(me.name.clone());
        request.decided_at = Some(write.now);
        request.answer = text.map(|text| key.seal(ANSWER, request.id, text)).transpose()?;
        request.expires_at = (action == Action::Approve).then(|| write.now + APPROVAL);
    } else {
        request.handed_over_at = Some(write.now);
        sealed = Some(custodians::armored(&identity::of_case(write, request.case_id).await?.sealed)?);
    }
    request.clone().into_active_model().reset_all().update(write).await?;
    Ok((steps::show(app, write, row, action.name()).await?, request, sealed))
}

/// Requests with what they show of their complaints and of who asked.
pub async fn shown(
    db: &impl ConnectionTrait,
    vault: &Vault,
    requests: Vec<Model>,
    now: DateTime<Utc>,
) -> Result<Vec<IdentityRequest>> {
    let complaints = store::those(db, requests.iter().map(|request| request.case_id).collect()).await?;
    let complaints: HashMap<Uuid, store::Row> = complaints.into_iter().map(|row| (row.id(), row)).collect();
    let requesters = requests.iter().map(|request| &*request.requested_by);
    let deciders = requests.iter().filter_map(|request| request.decided_by.as_deref());
    let names = references::names_of(db, &requesters.chain(deciders).collect::<Vec<_>>()).await?;
    requests
        .into_iter()
        .map(|request| {
            let row = complaints.get(&request.case_id).ok_or(Code::Internal)?;
            open(request, row, &names, vault, now)
        })
        .collect()
}

fn open(request: Model, row: &store::Row, names: &Names, vault: &Vault, now: DateTime<Utc>) -> Result<IdentityRequest> {
    let Model {
        id,
        case_id,
        requested_by,
        requested_at,
        reason,
        status,
        decided_by,
        decided_at,
        answer,
        expires_at,
        handed_over_at,
        version: _,
    } = request;
    let key = row.key(vault)?;
    let opened = |column, sealed: &[u8]| key.as_ref().map(|key| key.open(column, id, sealed)).transpose();
    Ok(IdentityRequest {
        id,
        complaint_id: case_id,
        reference: row.complaint.reference.clone(),
        kind: row.complaint.kind,
        category: row.category.code.clone(),
        category_name: row.category.name(),
        reason: opened(REASON, &reason)?,
        requested_by_name: names.get(&requested_by).cloned(),
        requested_by_id: requested_by,
        requested_at,
        status: by_now(status, expires_at, now),
        decided_by_name: decided_by.as_ref().and_then(|id| names.get(id)).cloned(),
        decided_by_id: decided_by,
        decided_at,
        answer: answer.map(|answer| opened(ANSWER, &answer)).transpose()?.flatten(),
        expires_at,
        handed_over_at,
        sealed_identity: None,
    })
}
