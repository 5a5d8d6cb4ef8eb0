//! What is done with a complaint: steps of its life, and what is said on the way.

use chrono::NaiveDate;
use entity::case_event::{self, Side};
use entity::codes::Coded;
use entity::complaint::{Entity, Kind, Model, Outcome, Status};
use entity::referral::Referral;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use uuid::Uuid;

use super::store::{Row, name_of, written};
use super::{feedback, possible, retention};
use crate::audit_log::append::Event;
use crate::auth::scope::ComplaintsHandle;
use crate::cases::assignment::{self, Staff};
use crate::cases::clock::Clock;
use crate::cases::deadline;
use crate::cases::paper::PastStep;
use crate::cases::retention::unlist;
use crate::cases::timeline::{self, Entry};
use crate::cases::{Case, Cases, guides, messages, referral};
use crate::db::Write;
use crate::domain::complaint::Action;
use crate::domain::field_code::FieldCode;
use crate::domain::workflow::Action as _;
use crate::domain::working_days::{Calendar, bangkok_day};
use crate::error::{Code, Error, FieldError, Result};
use crate::references;
use crate::state::App;

/// A step in a complaint's life, and what goes with it.
#[derive(Clone)]
pub struct Step {
    pub action: Action,
    pub text: Option<String>,
    pub assignee_id: Option<Uuid>,
    pub unit: Option<String>,
    pub outcome: Option<Outcome>,
    pub referral: Option<Referral>,
    pub rating: Option<i32>,
}

impl Step {
    pub fn new(action: Action, text: Option<String>) -> Self {
        Self { action, text, assignee_id: None, unit: None, outcome: None, referral: None, rating: None }
    }
}

impl From<Action> for Step {
    fn from(action: Action) -> Self {
        Self::new(action, None)
    }
}

/// Assigns a case of somebody's desk to somebody else, if it is still there.
pub async fn hand_over(
    app: &App,
    write: &Write,
    id: Uuid,
    (from, to): (Uuid, Uuid),
    text: String,
) -> Result<Option<Event>> {
    let row = match Row::lock(write, id).await {
        Err(error) if error.code() == Code::NotFound => return Ok(None),
        row => row?,
    };
    if row.complaint.assignee_id != Some(from) || row.is_closed() {
        return Ok(None);
    }
    let step = Step { assignee_id: Some(to), ..Step::new(Action::Assign, Some(text)) };
    let (row, _) = take(&app.cases, write, row, step).await?;
    Ok(Some(Event::about(Action::Assign.code(), &row)))
}

/// Takes a step, by either side.
pub async fn take(cases: &Cases, write: &Write, row: Row, step: Step) -> Result<(Row, case_event::Model)> {
    let Step { action, text, assignee_id, unit, outcome, referral, rating } = step;
    let id = row.id();
    let from = row.complaint.status;
    let Some(to) = action.after(from, None) else { return Err(possible::illegal(cases, write, &row, action).await?) };
    let key = row.needed_key(&cases.vault)?;
    let today = bangkok_day(write.now);
    row.refuse_named(write).await?;
    possible::refuse(cases, write, &row, action)?;
    let told = text.as_deref().filter(|_| action.side() == Side::Office && action.is_public());
    guides::refuse_unfilled(write, "/text", told).await?;
    let mut complaint = row.complaint;
    match action {
        Action::Take => {
            let (unit, recused) = (complaint.unit_id, &complaint.recused.0);
            complaint.assignee_id =
                Some(assignment::taken::<ComplaintsHandle>(write, unit, recused, complaint.assignee_id).await?);
        }
        Action::Assign => {
            let (unit, recused) = (complaint.unit_id, &complaint.recused.0);
            complaint.assignee_id =
                Some(assignment::handler::<ComplaintsHandle>(write, unit, recused, assignee_id).await?);
        }
        Action::Forward => forward(write, &mut complaint, unit.as_deref()).await?,
        Action::Reopen => {
            complaint.reopening_requested_on = None;
            unlist(write, id).await?;
        }
        Action::RequestReopening => complaint.reopening_requested_on = Some(today),
        Action::DeclineReopening => complaint.reopening_requested_on = None,
        Action::RequestWithdrawal => complaint.withdrawal_requested_on = Some(today),
        Action::AcceptWithdrawal | Action::DeclineWithdrawal => complaint.withdrawal_requested_on = None,
        Action::Rate => complaint.rating = rating,
        Action::Conclude => {
            feedback::refuse_noted(&complaint, action, outcome)?;
            complaint.outcome = outcome;
            let case = (id, complaint.received_on);
            complaint.referral = referral::told(write, &key, case, ("/referral", referral)).await?;
        }
        Action::Note => complaint.outcome = Some(Outcome::Noted),
        _ => {}
    }
    // What is said about a closed complaint moves no clock.
    if from != to || !Action::is_closed(from) {
        let calendar = deadline::calendar(write).await?;
        if action.answers() {
            answered(&mut complaint, &calendar, today);
        }
        advance(&mut complaint, action, to, &calendar, today);
    }
    let status = (from != to).then(|| name_of(to));
    let (side, public) = (action.side(), action.is_public());
    let entry = Entry { action: action.code(), side, public, status, text: text.as_deref() };
    let event = timeline::add(write, &key, id, entry).await?;
    Ok((save(write, complaint).await?, event))
}

/// Whether it is about corruption or misconduct, or was ever filed so.
pub fn is_of_integrity(complaint: &Model) -> bool {
    let formerly = complaint.formerly.0.iter().filter_map(|label| Kind::of_code(label.split('.').next()?));
    formerly.chain([complaint.kind]).any(Kind::is_of_integrity)
}

/// Passes a complaint to another unit: neither the accused one, nor one above or below it, and one where somebody can handle it.
async fn forward(write: &Write, complaint: &mut Model, unit: Option<&str>) -> Result<()> {
    let mut errors = Vec::new();
    let unit = references::named(write, "/unit", unit, &mut errors).await?.map(|unit| unit.id);
    if is_accused(write, unit, complaint.accused_unit_id).await? {
        errors.push(FieldError::at("/unit", FieldCode::AccusedUnit));
    }
    if !errors.is_empty() {
        return Err(Error::in_body(errors));
    }
    pass(write, complaint, "/unit", unit).await
}

/// Puts a complaint in the hands of a unit, or of none; refused at a place of the body where nobody would be left.
pub async fn pass(write: &Write, complaint: &mut Model, place: &str, unit: Option<Uuid>) -> Result<()> {
    let (staff, recused) = (Staff::of(write).await?, &complaint.recused.0);
    staff.refuse_nobody_left::<ComplaintsHandle>(write, place, unit, recused).await?;
    staff.refuse_alone::<ComplaintsHandle>(write, place, (complaint.unit_id, unit), recused).await?;
    complaint.unit_id = unit;
    // The previous officer may not belong to that unit.
    complaint.assignee_id = None;
    Ok(())
}

/// Whether a unit is the one that is complained of, or stands above or below it.
pub async fn is_accused(write: &Write, unit: Option<Uuid>, accused: Option<Uuid>) -> Result<bool> {
    let Some((unit, accused)) = unit.zip(accused) else { return Ok(false) };
    Ok(references::branch(write, accused).await?.contains(&unit))
}

/// Says something that is no step. What the office tells the reporter counts as its first answer.
pub async fn say(cases: &Cases, write: &Write, row: Row, public: bool, text: &str) -> Result<(Row, case_event::Model)> {
    let event = messages::say(cases, write, &row, Side::Office, public, text).await?;
    let mut complaint = row.complaint;
    if public {
        answered(&mut complaint, &deadline::calendar(write).await?, bangkok_day(write.now));
    }
    Ok((save(write, complaint).await?, event))
}

/// Adds an event about the reporter's identity, visible to the reporter. It is not a first answer, since it says
/// nothing about the complaint.
pub async fn show(app: &App, write: &Write, row: Row, action: &str) -> Result<Row> {
    let key = row.needed_key(&app.cases.vault)?;
    let entry = Entry { action, side: Side::Office, public: true, status: None, text: None };
    timeline::add(write, &key, row.id(), entry).await?;
    save(write, row.complaint).await
}

/// Saves the new state of a complaint, also if only a related row has changed.
pub async fn save(write: &Write, mut complaint: Model) -> Result<Row> {
    let id = complaint.id;
    complaint.version += 1;
    complaint.updated_at = write.now;
    Entity::update(complaint.into_active_model().reset_all()).exec(write).await?;
    written(write, id).await
}

/// Takes a step that was taken on paper, on its day. It says nothing of the first answer, whose day may not be known.
pub fn catch_up(complaint: &mut Model, step: &PastStep<Action>, outcome: Option<Outcome>, calendar: &Calendar) {
    complaint.outcome = outcome.filter(|_| step.action == Action::Conclude);
    complaint.referral = step.referral.clone();
    advance(complaint, step.action, step.to, calendar, step.on);
    complaint.version += 1;
}

/// Changes the status, and starts or stops the clock.
fn advance(complaint: &mut Model, action: Action, to: Status, calendar: &Calendar, today: NaiveDate) {
    if complaint.closed_on.is_some() {
        complaint.formerly = retention::formerly(complaint);
    }
    complaint.status = to;
    if action == Action::Reopen {
        (complaint.outcome, complaint.referral, complaint.rating) = (None, None, None);
        complaint.reopen_count += 1;
    }
    complaint.closed_on = Action::is_closed(to).then_some(today);
    let closed_on = complaint.closed_on;
    let mut clock = clock(complaint);
    if action == Action::Reopen {
        clock.restart(today);
    }
    if to == Status::AwaitingReporter {
        clock.stop(today);
    } else {
        clock.run(calendar, today);
    }
    complaint.conclusion_took = closed_on.map(|day| clock.took(calendar, day));
}

/// The clock of the conclusion.
pub fn clock(complaint: &mut Model) -> Clock<'_> {
    Clock {
        days: complaint.conclusion_days,
        from: &mut complaint.clock_from,
        waiting_since: &mut complaint.waiting_since,
        due_before: &mut complaint.conclusion_due_before,
        waited_days: &mut complaint.waited_days,
        due_on: &mut complaint.conclusion_due_on,
        holidays: &mut complaint.conclusion_holidays,
        booked_on: None,
    }
}

/// Keeps the day of the first answer. Of what was closed without one it is not known how long that took.
pub fn answered(complaint: &mut Model, calendar: &Calendar, today: NaiveDate) {
    if complaint.first_answered_on.is_none() && complaint.closed_on.is_none() {
        let took = calendar.between(complaint.received_on, today).cast_signed();
        complaint.first_answered_on = Some(today);
        complaint.first_answer_took = (complaint.reopen_count == 0).then_some(took);
    }
}
