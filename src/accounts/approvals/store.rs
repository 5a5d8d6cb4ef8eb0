//! Queries of approvals, and their transitions.

use chrono::{DateTime, Utc};
use entity::codes::Coded;
use entity::texts::Texts;
use entity::user_approval::{ActiveModel, Column, Entity, Model, Status};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter, QuerySelect,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::provider_subjects::store as provider_subjects;
use super::super::users::store::Row as User;
use super::dto::{UserApproval, UserApprovalFilter, UserApprovalInput};
use super::guard::{active_admins, has_second_admin, needed, own_account};
use crate::audit_log::append::{Logged, without_defaults};
use crate::auth::scope::Role;
use crate::db::Write;
use crate::domain::approval::{APPROVAL, Action, REQUEST, after, by_now, is_open};
use crate::domain::field_code::FieldCode;
use crate::domain::text::Line;
use crate::domain::units::{UnitCodes, Units};
use crate::error::{Code, Error, FieldError, Result};
use crate::http::list::{Found, List};
use crate::http::record::Record;
use crate::references::{self, Names};
use crate::revisions::Resource;
use crate::state::App;

impl Logged for Model {
    const RESOURCE: Resource = Resource::UserApprovals;

    fn id(&self) -> Option<Uuid> {
        Some(self.id)
    }

    /// Columns that were added later are left out while they are empty: older events still match.
    fn document(&self) -> Value {
        let mut document = json!(self);
        let added = [("subject", self.subject.is_none()), ("account_version", self.account_version.is_none())];
        without_defaults(&mut document, &added);
        document
    }
}

pub async fn list(app: &App, list: &List<UserApprovalFilter>, now: DateTime<Utc>) -> Result<Found<UserApproval>> {
    let has = |status: &Status| {
        let (is_over, is_it) = (Column::ExpiresAt.lte(now), Column::Status.eq(*status));
        match status {
            Status::Expired => Column::Status.is_in([Status::Pending, Status::Approved]).and(is_over),
            status if is_open(*status) => is_it.and(is_over.not()),
            _ => is_it,
        }
    };
    let statuses =
        list.filter.status.iter().map(|statuses| statuses.iter().map(has).fold(Condition::any(), Condition::add));
    let condition = statuses.fold(Condition::all(), Condition::add);
    let found = list.find::<Model>(&app.db, Entity::find().filter(condition)).await?;
    let names = names(app.db.reader(), &found.rows).await?;
    Ok(found.map(|approval| UserApproval::at(now, approval, &names)))
}

/// An approval as clients see it.
pub async fn shown(db: &impl ConnectionTrait, now: DateTime<Utc>, approval: Model) -> Result<UserApproval> {
    let names = names(db, std::slice::from_ref(&approval)).await?;
    Ok(UserApproval::at(now, approval, &names))
}

/// The names of everybody who has to do with approvals.
async fn names(db: &impl ConnectionTrait, approvals: &[Model]) -> Result<Names> {
    let concerned = |it: &Model| [Some(it.account_id), Some(it.requested_by), it.decided_by];
    let ids: Vec<String> = approvals.iter().flat_map(concerned).flatten().map(|id| id.to_string()).collect();
    references::names_of(db, &ids.iter().map(String::as_str).collect::<Vec<_>>()).await
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Model> {
    Entity::find_by_id(id).one(db).await?.ok_or_else(|| Code::NotFound.into())
}

/// The account and its approval, in the order in which an approval is used.
pub async fn lock(write: &Write, id: Uuid) -> Result<(User, Model)> {
    let user = User::lock(write, find(write, id).await?.account_id).await?;
    let approval = Entity::find_by_id(id).lock_exclusive().one(write).await?;
    Ok((user, approval.ok_or(Code::NotFound)?))
}

/// A request of an admin about somebody else's account, if there is another admin who can decide about it.
pub async fn insert(write: &Write, account: Uuid, admin: Uuid, input: UserApprovalInput) -> Result<Model> {
    let UserApprovalInput { operation, roles, units, subject } = input;
    if account == admin {
        return Err(own_account());
    }
    if !has_second_admin(write, account).await? {
        return Err(needed(write, account).await?);
    }
    let (all_units, codes) = (units == Units::All, listed(&units));
    let mut errors = Vec::new();
    references::all_named(write, "/units", codes, &mut errors).await?;
    if let Some(subject) = &subject
        && !provider_subjects::is_linked(write, subject, account).await?
    {
        let not_linked = FieldCode::UnknownAccount.because("ไม่ได้ผูกกับบัญชีนี้", "is not linked to this account");
        errors.push(FieldError::at("/subject", not_linked));
    }
    if !errors.is_empty() {
        return Err(Error::in_body(errors));
    }
    let row = ActiveModel {
        id: Set(Uuid::now_v7()),
        account_id: Set(account),
        operation: Set(operation),
        roles: Set(Texts(roles.into_iter().flatten().map(Role::name).collect())),
        all_units: Set(all_units),
        units: Set(Texts(codes.iter().map(ToString::to_string).collect())),
        subject: Set(subject),
        requested_by: Set(admin),
        requested_at: Set(write.now),
        status: Set(Status::Pending),
        decided_by: Set(None),
        decided_at: Set(None),
        account_version: Set(None),
        expires_at: Set(write.now + REQUEST),
        used_at: Set(None),
        version: Set(1),
    };
    Ok(row.insert(write).await?)
}

fn listed(units: &UnitCodes) -> &[Line<50>] {
    if let Units::Some(codes) = units { codes } else { &[] }
}

/// Takes a step: who asked withdraws; another active admin, whose account it is not, approves or rejects. What is approved is an
/// operation on the account as it is now.
pub async fn take(write: &Write, user: &User, approval: Model, action: Action, admin: Uuid) -> Result<Model> {
    let is_theirs = approval.requested_by == admin;
    let may = match action {
        Action::Withdraw => is_theirs,
        Action::Approve | Action::Reject => {
            !is_theirs && approval.account_id != admin && active_admins(write).await?.contains(&admin)
        }
    };
    if !may {
        return Err(Code::WrongPerson.because(
            "ผู้ดูแลระบบอีกคนหนึ่งเป็นผู้อนุมัติหรือไม่อนุมัติ และผู้ขอเป็นผู้ถอนคำขอ",
            "Another admin approves or rejects it, and only who asked withdraws it.",
        ));
    }
    let from = by_now(approval.status, approval.expires_at, write.now);
    let to = after(action, from).ok_or_else(|| {
        let (action, from) = (action.label(), from.label());
        Code::IllegalTransition.because(
            format!("คำขออนุมัตินี้อยู่ในสถานะ \"{}\" จึงดำเนินการ \"{}\" ไม่ได้", from.th, action.th),
            format!("The request for approval is \"{}\": \"{}\" is not possible in this state.", from.en, action.en),
        )
    })?;
    let (version, until) = (approval.version, approval.expires_at);
    let mut row = approval.into_active_model();
    row.account_version = Set((to == Status::Approved).then_some(user.version()));
    row.status = Set(to);
    row.decided_by = Set(Some(admin));
    row.decided_at = Set(Some(write.now));
    row.expires_at = Set(if to == Status::Approved { write.now + APPROVAL } else { until });
    row.version = Set(version + 1);
    Ok(row.update(write).await?)
}
