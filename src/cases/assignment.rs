//! Assignment of cases to officers, and the period in which a case can be reopened.

use chrono::{Days, NaiveDate};
use entity::codes::Coded;
use entity::{account, subject_unit};
use sea_orm::sea_query::{Condition, Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};
use serde_json::json;
use uuid::Uuid;

use super::Cases;
use crate::audit_log::author::UnitScope;
use crate::auth::people;
use crate::auth::scope::{AuditRead, IdentitiesApprove, Role, Scope};
use crate::db::{Write, sql};
use crate::domain::field_code::FieldCode;
use crate::error::{Code, Error, FieldError, Result};

/// The calling officer, unless the case is already assigned to someone else. `S` is the scope to handle cases of its kind.
pub async fn taken<S: Scope>(
    write: &Write,
    unit: Option<Uuid>,
    recused: &[String],
    has_it: Option<Uuid>,
) -> Result<Uuid> {
    let me = handler::<S>(write, unit, recused, None).await?;
    if !can_be_taken(write, has_it) {
        return Err(Code::IllegalTransition.because(
            "เรื่องนี้มีเจ้าหน้าที่รับผิดชอบแล้ว หากต้องการเปลี่ยนให้ใช้การมอบหมาย",
            "Another officer has taken the case: assign it to change that.",
        ));
    }
    Ok(me)
}

/// Whether nobody else has the case already.
pub fn can_be_taken(write: &Write, has_it: Option<Uuid>) -> bool {
    has_it.is_none_or(|other| write.author.name == other.to_string())
}

/// The officer to assign a unit's case to: the one named, or the caller. Their roles give the scope `S`.
pub async fn handler<S: Scope>(
    write: &Write,
    unit: Option<Uuid>,
    recused: &[String],
    named: Option<Uuid>,
) -> Result<Uuid> {
    let Some(id) = named.or_else(|| write.author.name.parse().ok()) else { return Err(Code::NoAccount.into()) };
    match (may_hold::<S>(write, id, unit, recused).await?, named) {
        (true, _) => Ok(id),
        (false, None) => Err(Code::NoAccount.into()),
        (false, Some(_)) => Err(FieldError::at("/assignee_id", FieldCode::NotAnOfficer).into()),
    }
}

/// Whether a case of a unit can be assigned to an account.
async fn may_hold<S: Scope>(
    db: &impl ConnectionTrait,
    account: Uuid,
    unit: Option<Uuid>,
    recused: &[String],
) -> Result<bool> {
    let is_able = !able::<S>(db, &[account], unit).await?.is_empty();
    Ok(is_able && !people::is_in(db, &account.to_string(), recused).await?)
}

/// Those of some accounts to which a case of a unit can be assigned, unless they are recused from it.
pub async fn able<S: Scope>(db: &impl ConnectionTrait, accounts: &[Uuid], unit: Option<Uuid>) -> Result<Vec<Uuid>> {
    let these = account::Entity::find().filter(account::Column::Id.is_in(accounts.iter().copied()));
    let able = these.filter(can_hold::<S>(&of_unit(unit))).select_only().column(account::Column::Id);
    Ok(able.into_tuple().all(db).await?)
}

/// The accounts that can hold a case of some of these units: active ones whose roles give the scope `S` there.
pub fn can_hold<S: Scope>(units: &UnitScope) -> Condition {
    use account::Column::{Active, AllUnits, Id, Roles};
    let has = |role: &Role| sql::with(Expr::col((account::Entity, Roles)).cast_as("text"), &json!(role).to_string());
    let roles = Role::ALL.iter().filter(|role| role.scopes().contains(&S::NAME));
    let links = subject_unit::Entity::find().select_only().column(subject_unit::Column::SubjectId);
    let links = links.filter(units.condition(|units| subject_unit::Column::UnitId.is_in(units))).into_query();
    Condition::all()
        .add(Active.eq(true))
        .add(roles.map(has).fold(Condition::any(), Condition::add))
        .add(Condition::any().add(AllUnits.eq(true)).add(Id.in_subquery(links)))
}

/// The unit of a case. One that has none is for those who work for all units.
pub fn of_unit(unit: Option<Uuid>) -> UnitScope {
    UnitScope::Units(unit.into_iter().collect())
}

/// Everybody of ours who can log in, and the units that they work for.
pub struct Staff {
    people: Vec<account::Model>,
    links: Vec<subject_unit::Model>,
}

impl Staff {
    pub async fn of(write: &Write) -> Result<Self> {
        let people = people::who_can_log_in().all(write).await?;
        Ok(Self { people, links: subject_unit::Entity::find().all(write).await? })
    }

    /// Rejects what would leave no active officer of ours with the scope `S` who reaches the case of a unit and is not recused, or no
    /// auditor or custodian where there are any. Where all officers are of the identity provider, none of ours is needed.
    pub async fn refuse_nobody_left<S: Scope>(
        &self,
        write: &Write,
        place: &str,
        unit: Option<Uuid>,
        recused: &[String],
    ) -> Result<()> {
        let are_ours = self.with::<S>().next().is_some();
        let officers: Vec<_> = self.with::<S>().filter(|row| self.reaches(row, unit)).collect();
        let auditors: Vec<_> = self.with::<AuditRead>().collect();
        let custodians: Vec<_> = self.with::<IdentitiesApprove>().collect();
        for (people, are_needed) in [(officers, are_ours), (auditors, false), (custodians, false)] {
            if (are_needed || !people.is_empty()) && !is_one_left(write, people, recused).await? {
                return Err(FieldError::at(place, FieldCode::NobodyLeft).into());
            }
        }
        Ok(())
    }

    /// Rejects a forwarding after which only the caller would see the case, where others did before.
    pub async fn refuse_alone<S: Scope>(
        &self,
        write: &Write,
        place: &str,
        (from, to): (Option<Uuid>, Option<Uuid>),
        recused: &[String],
    ) -> Result<()> {
        let others = || self.with::<S>().filter(|row| !write.author.is(&row.id.to_string()));
        let before: Vec<_> = others().filter(|row| self.reaches(row, from)).collect();
        let after: Vec<_> = others().filter(|row| self.reaches(row, to)).collect();
        if is_one_left(write, before, recused).await? && !is_one_left(write, after, recused).await? {
            return Err(FieldError::at(place, FieldCode::NobodyLeft).into());
        }
        Ok(())
    }

    fn with<S: Scope>(&self) -> impl Iterator<Item = &account::Model> {
        self.people.iter().filter(|row| gives::<S>(&row.roles.0))
    }

    fn reaches(&self, row: &account::Model, unit: Option<Uuid>) -> bool {
        row.all_units || self.links.iter().any(|link| link.subject_id == row.id && Some(link.unit_id) == unit)
    }
}

async fn is_one_left(write: &Write, people: Vec<&account::Model>, recused: &[String]) -> Result<bool> {
    for row in people {
        if !people::is_in(write, &row.id.to_string(), recused).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn gives<S: Scope>(roles: &[String]) -> bool {
    roles.iter().filter_map(|name| Role::named(name)).any(|role| role.scopes().contains(&S::NAME))
}

/// The last day on which a case that is closed can be reopened, if that is not past.
pub fn reopens_until(cases: &Cases, closed_on: Option<NaiveDate>, today: NaiveDate) -> Option<NaiveDate> {
    let last = closed_on?.checked_add_days(Days::new(cases.settings.reopen_days.into()))?;
    Some(last).filter(|last| today <= *last)
}

/// Rejects reopening a case that was closed too long ago.
pub fn refuse_late(cases: &Cases, closed_on: Option<NaiveDate>, today: NaiveDate) -> Result<()> {
    if reopens_until(cases, closed_on, today).is_some() {
        return Ok(());
    }
    let days = cases.settings.reopen_days;
    Err(Code::IllegalTransition.because(
        format!("เรื่องนี้สิ้นสุดเกิน {days} วันแล้ว จึงนำกลับมาดำเนินการใหม่ไม่ได้ หากมีข้อมูลใหม่โปรดยื่นเรื่องใหม่"),
        format!("The case was closed more than {days} days ago and can no longer be reopened. Send a new one."),
    ))
}

/// Rejects a transition that the workflow does not have, with those that it has.
pub fn illegal<A: Coded>(action: A, from: impl Coded, is_possible: impl Fn(A) -> bool) -> Error {
    let possible = A::ALL.iter().copied().filter(|other| is_possible(*other)).map(Coded::label);
    let (th, en): (Vec<_>, Vec<_>) =
        possible.map(|step| (format!("\"{}\"", step.th), format!("\"{}\"", step.en))).unzip();
    let (instead_th, instead_en) = match th.is_empty() {
        true => ("ไม่มีขั้นตอนที่ทำได้ในสถานะนี้".to_owned(), "No step is possible in this state".to_owned()),
        false => (format!("ขั้นตอนที่ทำได้คือ {}", th.join(" ")), format!("Possible steps: {}", en.join(", "))),
    };
    let (action, from) = (action.label(), from.label());
    Code::IllegalTransition.because(
        format!("เรื่องนี้อยู่ในสถานะ \"{}\" จึงทำขั้นตอน \"{}\" ไม่ได้ {instead_th}", from.th, action.th),
        format!("The case is \"{}\": \"{}\" is not possible. {instead_en}.", from.en, action.en),
    )
}
