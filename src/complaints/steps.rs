//! What is done with a complaint: steps of its life, and what is said on the way.

use chrono::{Days, NaiveDate};
use entity::case_event::{self, Side};
use entity::complaint::{Entity, Model, Outcome, Status};
use entity::{account, subject_unit};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::store::{Row, name_of, written};
use crate::app::App;
use crate::auth::scope::Role;
use crate::cases::deadline::{self, reckon};
use crate::cases::timeline::{self, Entry};
use crate::db::Write;
use crate::domain::complaint::{Action, after, is_closed};
use crate::domain::working_days::{Calendar, bangkok_day};
use crate::error::{Code, Error, Fault, Result, Said};
use crate::units;

/// What the timeline calls something that was only said.
pub const MESSAGE: &str = "message";

/// A step in a complaint's life, and what goes with it.
pub struct Step {
    pub action: Action,
    pub text: Option<String>,
    pub assignee_id: Option<Uuid>,
    pub unit: Option<String>,
    pub outcome: Option<Outcome>,
}

impl Step {
    pub fn new(action: Action, text: Option<String>) -> Self {
        Self { action, text, assignee_id: None, unit: None, outcome: None }
    }
}

/// Takes a step, by either side.
pub async fn take(app: &App, write: &Write, row: Row, step: Step) -> Result<(Row, case_event::Model)> {
    let Step { action, text, assignee_id, unit, outcome } = step;
    let id = row.id();
    let from = row.complaint.status;
    let to = after(action, from).ok_or_else(|| {
        let (from, action) = (name_of(from), action.name());
        Code::IllegalTransition
            .because(format!("ทำรายการ {action} จากสถานะ {from} ไม่ได้"), format!("cannot {action} what is {from}"))
    })?;
    let key = row.key(&app.vault)?.ok_or(Code::Destroyed)?;
    let today = bangkok_day(write.now);
    let mut complaint = row.complaint;
    match action {
        Action::Take => {
            let me = handler(write, &complaint, None).await?;
            if complaint.assignee_id.is_some_and(|other| other != me) {
                return Err(Code::IllegalTransition
                    .because("มีเจ้าหน้าที่รับเรื่องนี้แล้ว", "has been taken by another officer: assign it"));
            }
            complaint.assignee_id = Some(me);
        }
        Action::Assign => complaint.assignee_id = Some(handler(write, &complaint, assignee_id).await?),
        Action::Forward => {
            let mut faults = Vec::new();
            let unit = units::store::named(write, "/unit", unit.as_deref(), &mut faults).await?;
            complaint.unit_id = unit.map(|unit| unit.id);
            if complaint.unit_id.is_some() && complaint.unit_id == complaint.accused_unit_id {
                let said = Said::new("เป็นหน่วยที่ถูกร้องเรียน", "is the unit that is complained of");
                faults.push(Fault::at("/unit", "accused_unit", said));
            }
            if !faults.is_empty() {
                return Err(Error::in_body(faults));
            }
            // Whoever had it may not be of that unit.
            complaint.assignee_id = None;
        }
        Action::Reopen => {
            let last =
                complaint.closed_on.and_then(|day| day.checked_add_days(Days::new(app.cases.reopen_days.into())));
            if last.is_none_or(|last| today > last) {
                let days = app.cases.reopen_days;
                return Err(Code::IllegalTransition.because(
                    format!("ปิดเรื่องเกิน {days} วันแล้ว เปิดใหม่ไม่ได้"),
                    format!("was closed more than {days} days ago and can no longer be reopened"),
                ));
            }
        }
        Action::Conclude => complaint.outcome = outcome,
        _ => {}
    }
    let calendar = deadline::calendar(&**write).await?;
    advance(&mut complaint, action, to, &calendar, today);
    let status = (from != to).then(|| name_of(to));
    let (side, public) = (action.side(), action.is_public());
    let entry = Entry { action: action.name(), side, public, status, text: text.as_deref() };
    let event = timeline::add(write, &key, id, entry).await?;
    Ok((save(write, complaint).await?, event))
}

/// Says something that is no step. What the office tells the reporter counts as its first answer.
pub async fn say(
    app: &App,
    write: &Write,
    row: Row,
    side: Side,
    public: bool,
    text: &str,
) -> Result<(Row, case_event::Model)> {
    let key = row.key(&app.vault)?.ok_or(Code::Destroyed)?;
    let id = row.id();
    let answers = public && side == Side::Office;
    let entry = Entry { action: MESSAGE, side, public, status: None, text: Some(text) };
    let event = timeline::add(write, &key, id, entry).await?;
    let mut complaint = row.complaint;
    if answers {
        answered(&mut complaint, &deadline::calendar(&**write).await?, bangkok_day(write.now));
    }
    Ok((save(write, complaint).await?, event))
}

/// Puts on the timeline what was done about the reporter's identity, for the reporter to see. It tells them nothing about their
/// complaint, so that it is no first answer.
pub async fn show(app: &App, write: &Write, row: Row, action: &str) -> Result<Row> {
    let key = row.key(&app.vault)?.ok_or(Code::Destroyed)?;
    let entry = Entry { action, side: Side::Office, public: true, status: None, text: None };
    timeline::add(write, &key, row.id(), entry).await?;
    save(write, row.complaint).await
}

/// Makes a complaint's new state last. It is one, too, where only something beside the row has changed.
pub async fn save(write: &Write, mut complaint: Model) -> Result<Row> {
    let id = complaint.id;
    complaint.version += 1;
    complaint.updated_at = write.now;
    Entity::update(complaint.into_active_model().reset_all()).exec(&**write).await?;
    written(write, id).await
}

/// Moves the status, and the clock with it.
fn advance(complaint: &mut Model, action: Action, to: Status, calendar: &Calendar, today: NaiveDate) {
    complaint.status = to;
    if action.answers() {
        answered(complaint, calendar, today);
    }
    if let Some(since) = complaint.waiting_since.filter(|_| to != Status::AwaitingReporter) {
        complaint.waited_days += calendar.between(since, today).cast_signed();
        complaint.waiting_since = None;
    }
    if action == Action::Reopen {
        complaint.outcome = None;
        complaint.clock_from = today;
        complaint.waited_days = 0;
        complaint.reopened += 1;
    }
    if action == Action::Ask {
        complaint.waiting_since = Some(today);
        complaint.conclusion_due_on = None;
    } else if complaint.waiting_since.is_none() && (complaint.conclusion_due_on.is_none() || action == Action::Reopen) {
        // A date that was promised stays as long as the clock runs on.
        let days = u32::try_from(complaint.conclusion_days + complaint.waited_days).unwrap_or_default();
        let (due_on, holidays) = reckon(calendar, complaint.clock_from, days);
        (complaint.conclusion_due_on, complaint.conclusion_holidays) = (Some(due_on), holidays);
    }
    complaint.closed_on = is_closed(to).then_some(today);
    let waited = complaint.waited_days.cast_unsigned();
    complaint.conclusion_took =
        complaint.closed_on.map(|day| calendar.between(complaint.clock_from, day).saturating_sub(waited).cast_signed());
}

fn answered(complaint: &mut Model, calendar: &Calendar, today: NaiveDate) {
    if complaint.first_answered_on.is_none() {
        complaint.first_answered_on = Some(today);
        complaint.first_answer_took = Some(calendar.between(complaint.received_on, today).cast_signed());
    }
}

/// An officer who can be given a complaint: the one named, or whoever asks.
async fn handler(write: &Write, complaint: &Model, named: Option<Uuid>) -> Result<Uuid> {
    let Some(id) = named.or_else(|| write.author.name.parse().ok()) else { return Err(Code::NoAccount.into()) };
    let account = account::Entity::find_by_id(id).one(&**write).await?;
    let is_officer = account.is_some_and(|row| row.active && row.roles.0.contains(&Role::Officer.name()));
    let is_kept_out = complaint.recused.0.contains(&id.to_string());
    let units = subject_unit::Entity::find().filter(subject_unit::Column::SubjectId.eq(id)).all(&**write).await?;
    let is_of_the_unit = units.is_empty() || units.iter().any(|link| Some(link.unit_id) == complaint.unit_id);
    match (is_officer && !is_kept_out && is_of_the_unit, named) {
        (true, _) => Ok(id),
        (false, None) => Err(Code::NoAccount.into()),
        (false, Some(_)) => {
            let said =
                Said::new("ต้องเป็นเจ้าหน้าที่ของหน่วยที่รับเรื่องนี้", "must be an officer of its unit who is not kept out of it");
            Err(Error::in_body(vec![Fault::at("/assignee_id", "not_an_officer", said)]))
        }
    }
}
