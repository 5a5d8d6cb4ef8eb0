//! What takes a second admin's approval, and the use of one.

use entity::account;
use entity::user_approval::{Column, Entity, Model, Operation, Status};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::super::units;
use super::super::users::store::{self as users, Rights, Row as User};
use crate::audit_log::append::Event;
use crate::auth::people;
use crate::auth::scope::Role;
use crate::db::Write;
use crate::domain::units::{UnitCodes, Units};
use crate::error::{Code, Error, Result};
use crate::http::record::Record;

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
    let mut others = users::list_able(write).await?;
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
    // What it has may be guarded since it was written.
    if !user.account.guarded && !user.roles().into_iter().any(Role::is_guarded) {
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
            "The account, or one of the two admins, has changed since it was approved: ask again.",
        )),
        None => Err(needed(write, account).await?),
    }
}

/// The error for what needs an approval: it says how to come by one.
pub async fn needed(write: &Write, account: Uuid) -> Result<Error> {
    Ok(if has_second_admin(write, account).await? {
        Code::ApprovalRequired.because(
            "ต้องให้ผู้ดูแลระบบอีกคนหนึ่งอนุมัติก่อน โปรดขออนุมัติที่ /v1/users/{id}/approvals หากเป็นผู้ใช้ใหม่ให้สร้างโดยไม่มีบทบาทนี้ก่อน",
            "Another admin has to approve it first: ask at /v1/users/{id}/approvals, about a new user once it is created without the role.",
        )
    } else {
        Code::ApprovalRequired.because(
            "ไม่มีผู้ดูแลระบบอีกคนหนึ่งที่จะอนุมัติได้ โปรดให้ผู้ดูแลเครื่องแม่ข่ายใช้คำสั่ง prongsai user",
            "there is no second admin who could approve it: an operator does it with prongsai user on the command line",
        )
    })
}

pub fn own_account() -> Error {
    Code::WrongPerson.because(
        "ทำกับบัญชีของตนเองไม่ได้ ต้องให้ผู้ดูแลระบบคนอื่นทำ",
        "cannot be done to one's own account: another admin does it",
    )
}

/// Whether there is an active admin beside the author and the holder of an account.
pub async fn has_second_admin(write: &Write, account: Uuid) -> Result<bool> {
    let is_second = |id: &Uuid| *id != account && id.to_string() != write.author.name;
    Ok(active_admins(write).await?.iter().any(is_second))
}

pub async fn active_admins(write: &Write) -> Result<Vec<Uuid>> {
    let able = people::who_can_log_in().all(write).await?;
    let is_admin = |row: &account::Model| row.roles.0.contains(&Role::Admin.name());
    Ok(able.into_iter().filter(is_admin).map(|row| row.id).collect())
}
