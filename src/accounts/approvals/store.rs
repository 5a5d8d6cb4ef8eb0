//! Queries of approvals, their transitions, and their use.

use chrono::{DateTime, Utc};
use entity::account;
use entity::texts::Texts;
use entity::user_approval::{ActiveModel, Column, Entity, Model, Operation, Status};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::provider_subjects::store as provider_subjects;
use super::super::units;
use super::super::users::store::{self as users, Rights, Row as User};
use super::dto::{UserApproval, UserApprovalFilter, UserApprovalInput};
use crate::audit_log::append::{Event, Logged, without_defaults};
use crate::auth::scope::Role;
use crate::db::Write;
use crate::domain::approval::{APPROVAL, Action, REQUEST, after, by_now, is_open};
use crate::domain::field_code::FieldCode;
use crate::domain::text::Line;
use crate::domain::units::{UnitCodes, Units};
use crate::error::{Code, Error, FieldError, Result};
use crate::http::list::{Found, List};
use crate::http::record::Record;
use crate::references;
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
    Ok(found.map(|approval| UserApproval::at(now, approval)))
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
            "another admin approves or rejects it, and who asked withdraws it",
        ));
    }
    let from = by_now(approval.status, approval.expires_at, write.now);
    let to = after(action, from).ok_or_else(|| {
        let (action, from) = (action.name(), from.to_value());
        Code::IllegalTransition
            .because(format!("ทำรายการ {action} จากสถานะ {from} ไม่ได้"), format!("cannot {action} what is {from}"))
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

/// Uses the approvals that a change of rights needs, and gives the events about that; refuses a change without them, and of one's own
/// rights. It compares the account before and after the change.
pub async fn for_rights(write: &Write, account: Uuid, before: &Rights, after: &Rights) -> Result<Vec<Event>> {
    let is_changed = !same(&before.roles, &after.roles) || !same_units(&before.units, &after.units);
    if is_changed && is_own(write, account) {
        return Err(own_account());
    }
    let given = |role: &&Role| role.is_guarded() && !before.roles.contains(role);
    let widened = |role: &&Role| role.is_guarded() && role.is_of_units() && !before.units.includes(&after.units);
    let gives = after.roles.iter().any(|role| given(&role) || widened(&role));
    let ends = leaves_nobody(write, account, before, after).await?;
    let mut events = Vec::new();
    if gives || (ends && after.active) {
        let is_it = |approval: &Model| {
            let roles: Vec<_> = approval.roles.0.iter().filter_map(|name| Role::named(name)).collect();
            same(&roles, &after.roles) && same_units(&units::shown(approval.all_units, &approval.units), &after.units)
        };
        events.push(used(write, account, before.version, Operation::SetRights, is_it).await?);
    }
    if ends && !after.active {
        events.push(used(write, account, before.version, Operation::Disable, |_| true).await?);
    }
    Ok(events)
}

/// Whether a change takes a role that no admin gives alone from the last active account that has it, or that has it for a unit.
async fn leaves_nobody(write: &Write, account: Uuid, before: &Rights, after: &Rights) -> Result<bool> {
    let keeps = |role: &Role| after.active && after.roles.contains(role);
    let is_lost = |role: &Role| !keeps(role) || (role.is_of_units() && !after.units.includes(&before.units));
    let guarded = before.roles.iter().copied().filter(|role| before.active && role.is_guarded());
    let lost: Vec<Role> = guarded.filter(is_lost).collect();
    if lost.is_empty() {
        return Ok(false);
    }
    let mut others = users::list_active(write).await?;
    others.retain(|row| row.id() != account);
    Ok(lost.iter().any(|role| {
        let have_it = others.iter().filter(|row| row.roles().contains(role)).map(User::units);
        let have_it: Vec<UnitCodes> = have_it.collect();
        match &before.units {
            _ if !role.is_of_units() => have_it.is_empty(),
            Units::All => !have_it.contains(&Units::All),
            Units::Some(codes) => codes.iter().any(|code| {
                let stays = keeps(role) && after.units.reach(code);
                !stays && !have_it.iter().any(|units| units.reach(code))
            }),
        }
    }))
}

/// The same for an operation on the credentials of an account.
pub async fn for_credentials(write: &Write, user: &User, operation: Operation) -> Result<Option<Event>> {
    if !user.account.guarded {
        return Ok(None);
    }
    if is_own(write, user.id()) {
        return Err(own_account());
    }
    used(write, user.id(), user.version(), operation, |_| true).await.map(Some)
}

/// The same for the end of the link between a person of the identity provider and an account.
pub async fn for_unlinking(write: &Write, account: Uuid, subject: &str) -> Result<Event> {
    if is_own(write, account) || write.author.is(subject) {
        return Err(own_account());
    }
    let (user, is_it) = (User::lock(write, account).await?, |it: &Model| it.subject.as_deref() == Some(subject));
    used(write, account, user.version(), Operation::UnlinkSubject, is_it).await
}

fn is_own(write: &Write, account: Uuid) -> bool {
    write.author.is(&account.to_string())
}

fn same(roles: &[Role], others: &[Role]) -> bool {
    roles.iter().all(|role| others.contains(role)) && others.iter().all(|role| roles.contains(role))
}

fn same_units(units: &UnitCodes, others: &UnitCodes) -> bool {
    units.includes(others) && others.includes(units)
}

/// Uses an approval of an operation on an account of this version; who asked and who approved are both still admins.
async fn used(
    write: &Write,
    account: Uuid,
    version: i32,
    operation: Operation,
    is_it: impl Fn(&Model) -> bool,
) -> Result<Event> {
    let Ok(admin) = write.author.name.parse::<Uuid>() else { return Err(needed(write, account).await?) };
    let approved = Entity::find()
        .filter(Column::AccountId.eq(account))
        .filter(Column::Operation.eq(operation))
        .filter(Column::RequestedBy.eq(admin))
        .filter(Column::Status.eq(Status::Approved))
        .filter(Column::ExpiresAt.gt(write.now))
        .order_by_asc(Column::Id)
        .lock_exclusive();
    let mut approved = approved.all(write).await?;
    approved.retain(is_it);
    let (admins, was_approved) = (active_admins(write).await?, !approved.is_empty());
    let stands = |approval: &Model| {
        let people = [Some(approval.requested_by), approval.decided_by];
        approval.account_version == Some(version) && people.into_iter().flatten().all(|id| admins.contains(&id))
    };
    match approved.into_iter().find(stands) {
        Some(approval) => {
            let version = approval.version;
            let mut row = approval.into_active_model();
            row.status = Set(Status::Used);
            row.used_at = Set(Some(write.now));
            row.version = Set(version + 1);
            Ok(Event::about("use", &row.update(write).await?))
        }
        None if was_approved => Err(Code::ApprovalRequired.because(
            "บัญชีนี้หรือผู้ดูแลระบบที่เกี่ยวข้องเปลี่ยนไปหลังจากอนุมัติ โปรดขออนุมัติใหม่",
            "the account, or one of the two admins, has changed since it was approved: ask again",
        )),
        None => Err(needed(write, account).await?),
    }
}

/// The error for what needs an approval: it says how to come by one.
pub async fn needed(write: &Write, account: Uuid) -> Result<Error> {
    Ok(if has_second_admin(write, account).await? {
        Code::ApprovalRequired.because(
            "ต้องให้ผู้ดูแลระบบอีกคนหนึ่งอนุมัติก่อน โปรดขออนุมัติที่ /v1/users/{id}/approvals หากเป็นผู้ใช้ใหม่ให้สร้างโดยไม่มีบทบาทนี้ก่อน",
            "another admin has to approve it first: ask at /v1/users/{id}/approvals, about a new user once it is created without the role",
        )
    } else {
        Code::ApprovalRequired.because(
            "ไม่มีผู้ดูแลระบบอีกคนหนึ่งที่จะอนุมัติได้ โปรดให้ผู้ดูแลเครื่องแม่ข่ายใช้คำสั่ง prongsai user",
            "there is no second admin who could approve it: an operator does it with prongsai user on the command line",
        )
    })
}

fn own_account() -> Error {
    Code::WrongPerson.because(
        "ทำกับบัญชีของตนเองไม่ได้ ต้องให้ผู้ดูแลระบบคนอื่นทำ",
        "cannot be done to one's own account: another admin does it",
    )
}

/// Whether there is an active admin beside the author and the holder of an account.
async fn has_second_admin(write: &Write, account: Uuid) -> Result<bool> {
    let is_second = |id: &Uuid| *id != account && id.to_string() != write.author.name;
    Ok(active_admins(write).await?.iter().any(is_second))
}

async fn active_admins(write: &Write) -> Result<Vec<Uuid>> {
    let active = account::Entity::find().filter(account::Column::Active.eq(true)).all(write).await?;
    let is_admin = |row: &account::Model| row.roles.0.contains(&Role::Admin.name());
    Ok(active.into_iter().filter(is_admin).map(|row| row.id).collect())
}
