//! What is done with a service request: steps of its life.

use chrono::NaiveDate;
use entity::case_event::{self, Side};
use entity::codes::Coded;
use entity::referral::Referral;
use entity::service_request::{Entity, Model, Status};
use sea_orm::{ActiveEnum, ActiveModelTrait, EntityTrait, IntoActiveModel};
use uuid::Uuid;

use super::store::{Row, written};
use super::{bookings, possible, promises, retention};
use crate::audit_log::append::Event;
use crate::auth::scope::ServiceRequestsHandle;
use crate::cases::clock::Clock;
use crate::cases::deadline;
use crate::cases::paper::PastStep;
use crate::cases::retention::unlist;
use crate::cases::timeline::{self, Entry};
use crate::cases::vault::CaseKey;
use crate::cases::{Case, Cases, assignment, guides, referral};
use crate::db::Write;
use crate::domain::service_request::Action;
use crate::domain::workflow::Action as _;
use crate::domain::working_days::{Calendar, bangkok_day};
use crate::error::{Code, Error, Result};
use crate::references;
use crate::state::App;

/// A step in a service request's life, and what goes with it.
#[derive(Clone)]
pub struct Step {
    pub action: Action,
    pub text: Option<String>,
    pub assignee_id: Option<Uuid>,
    pub unit: Option<String>,
    pub booked_on: Option<NaiveDate>,
    pub answer_due_on: Option<NaiveDate>,
    pub told_on: Option<NaiveDate>,
    pub referral: Option<Referral>,
    pub rating: Option<i32>,
}

impl Step {
    pub fn new(action: Action, text: Option<String>) -> Self {
        Self {
            action,
            text,
            assignee_id: None,
            unit: None,
            booked_on: None,
            answer_due_on: None,
            told_on: None,
            referral: None,
            rating: None,
        }
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
    if row.request.assignee_id != Some(from) || row.is_closed() {
        return Ok(None);
    }
    let step = Step { assignee_id: Some(to), ..Step::new(Action::Assign, Some(text)) };
    let (row, _) = take(&app.cases, write, row, step).await?;
    Ok(Some(Event::about(Action::Assign.code(), &row)))
}

/// Takes a step, by either side.
pub async fn take(cases: &Cases, write: &Write, row: Row, step: Step) -> Result<(Row, case_event::Model)> {
    let Step { action, text, assignee_id, unit, booked_on, answer_due_on, told_on, referral, rating } = step;
    let (from, before) = (row.request.status, row.request.status_before);
    let Some(to) = action.after(from, before) else { return Err(possible::illegal(cases, write, &row, action).await?) };
    let key = row.needed_key(&cases.vault)?;
    let today = bangkok_day(write.now);
    possible::refuse(cases, write, &row, action)?;
    let told = text.as_deref().filter(|_| action.side() == Side::Office && action.is_public());
    guides::refuse_unfilled(write, "/text", told).await?;
    let mut request = row.request;
    let (unit_id, case) = (Some(request.unit_id), (request.id, request.received_on));
    if let Some(day) = booked_on {
        bookings::rebook(write, &mut request, day).await?;
    }
    match action {
        Action::Take => {
            request.assignee_id =
                Some(assignment::taken::<ServiceRequestsHandle>(write, unit_id, &[], request.assignee_id).await?)
        }
        Action::Assign => {
            request.assignee_id =
                Some(assignment::handler::<ServiceRequestsHandle>(write, unit_id, &[], assignee_id).await?)
        }
        Action::Forward => {
            let mut errors = Vec::new();
            let unit = references::named(write, "/unit", unit.as_deref(), &mut errors).await?;
            request.unit_id = unit.ok_or_else(|| Error::in_body(errors))?.id;
            // Whoever had it may not be of that unit.
            request.assignee_id = None;
        }
        Action::Reopen => {
            unlist(write, request.id).await?;
            // What was refused or referred has given its day back. Another day was looked at already.
            if booked_on.is_none() && matches!(from, Status::Rejected | Status::Referred) {
                bookings::take_back(write, &mut request, today).await?;
            }
            (request.rating, request.public_note, request.referral) = (None, None, None);
            (request.delay_explained_on, request.result_due_on, request.result_told_on) = (None, None, None);
            request.reopen_count += 1;
        }
        Action::Ask => promises::ask(&mut request, answer_due_on, today)?,
        Action::ExplainDelay => request.delay_explained_on = Some(today),
        Action::TellResult => promises::tell(&mut request, told_on, today)?,
        Action::Complete => request.public_note = text.clone(),
        Action::Refer => request.referral = referral::told(write, &key, case, ("/referral", referral)).await?,
        Action::Rate => request.rating = rating,
        _ => {}
    }
    if from != to {
        advance(&mut request, action, to, &deadline::calendar(write).await?, today);
        if action.side() == Side::Office && Action::is_closed(to) && action != Action::Convert {
            request.result_due_on = promises::result_due_on(&request);
        }
    }
    let status = (from != to).then(|| to.to_value());
    let (side, public) = (action.side(), action.is_public());
    let entry = Entry { action: action.code(), side, public, status, text: text.as_deref() };
    let event = add(write, &key, request.id, entry, told_on).await?;
    Ok((save(write, request).await?, event))
}

/// Puts a step on the timeline, with the day on which it was taken if that is stated.
async fn add(
    write: &Write,
    key: &CaseKey,
    id: Uuid,
    entry: Entry<'_>,
    day: Option<NaiveDate>,
) -> Result<case_event::Model> {
    match day {
        Some(day) => timeline::enter(write, key, id, entry, day).await,
        None => timeline::add(write, key, id, entry).await,
    }
}

/// Makes a service request's new state last. It is one, too, where only something beside the row has changed.
pub async fn save(write: &Write, mut request: Model) -> Result<Row> {
    let id = request.id;
    request.version += 1;
    request.updated_at = write.now;
    Entity::update(request.into_active_model().reset_all()).exec(write).await?;
    written(write, id).await
}

/// Takes a step that was taken on paper, on its day.
pub fn catch_up(request: &mut Model, step: &PastStep<Action>, calendar: &Calendar) {
    request.referral = step.referral.clone();
    advance(request, step.action, step.to, calendar, step.on);
    request.version += 1;
}

/// Moves the status, and the clock with it. What is booked for a later day is done then.
fn advance(request: &mut Model, action: Action, to: Status, calendar: &Calendar, today: NaiveDate) {
    if request.closed_on.is_some() {
        request.formerly = retention::formerly(request);
    }
    request.status_before = matches!(to, Status::AwaitingApplicant | Status::Paused).then_some(request.status);
    request.status = to;
    request.closed_on = Action::is_closed(to).then_some(today);
    let closed_on = request.closed_on;
    let mut clock = clock(request);
    if action == Action::Reopen {
        clock.restart(today);
    }
    if to == Status::AwaitingApplicant {
        clock.stop(today);
    } else {
        clock.run(calendar, today);
    }
    request.took = closed_on.map(|day| clock.took(calendar, day));
    if to != Status::AwaitingApplicant {
        (request.answer_due_on, request.reminder_on) = (None, None);
    }
}

/// The clock of the completion.
pub fn clock(request: &mut Model) -> Clock<'_> {
    Clock {
        days: request.working_days,
        from: &mut request.clock_from,
        waiting_since: &mut request.waiting_since,
        waited_days: &mut request.waited_days,
        due_on: &mut request.due_on,
        due_before: &mut request.due_before,
        holidays: &mut request.holidays,
        booked_on: request.booked_on,
    }
}
