//! Which steps are possible for a service request as it is. Its status alone allows more.

use entity::case_event::Side;
use entity::codes::Coded;
use entity::e_service;
use sea_orm::EntityTrait;

use super::store::Row;
use super::{conversion, promises};
use crate::cases::{Cases, assignment, duplicates, messages, ratings};
use crate::db::Write;
use crate::domain::service_request::Action;
use crate::domain::workflow::Action as _;
use crate::domain::working_days::bangkok_day;
use crate::error::{Error, Result};

/// Rejects a step that the status allows, and the request as it is does not.
pub fn refuse(cases: &Cases, write: &Write, row: &Row, action: Action) -> Result<()> {
    if matches!(action, Action::Forward | Action::Convert) {
        duplicates::refuse_linked(row)?;
    }
    match action {
        Action::Reopen => assignment::refuse_late(cases, row.request.closed_on, bangkok_day(write.now)),
        Action::TellResult => promises::refuse_told(&row.request),
        Action::Convert => conversion::refuse_returned(row),
        _ => Ok(()),
    }
}

/// Rejects a step that the status does not allow, with those that are possible. Who has the receipt is told of the case that goes on.
pub async fn illegal(cases: &Cases, write: &Write, row: &Row, action: Action) -> Result<Error> {
    if action.side() == Side::Sender {
        messages::refuse_converted(row, &action.label())?;
    }
    let (from, before) = (row.request.status, row.request.status_before);
    let can_rate = ratings::left(write, row.id()).await? > 0;
    let service = e_service::Entity::find_by_id(row.request.e_service_id).one(write).await?;
    let books_days = service.is_some_and(|service| service.capacity.is_some());
    let is_meant = |step: Action| match step {
        Action::Take => assignment::can_be_taken(write, row.request.assignee_id),
        Action::Reschedule => books_days,
        Action::Rate => can_rate,
        _ => true,
    };
    let is_possible = |step: Action| step.side() == action.side() && step.after(from, before).is_some();
    let is_possible = |step| is_possible(step) && is_meant(step) && refuse(cases, write, row, step).is_ok();
    Ok(assignment::illegal(action, from, is_possible))
}
