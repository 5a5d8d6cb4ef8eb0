//! Which steps are possible for a complaint as it is. Its status alone allows more.

use entity::case_event::Side;
use entity::codes::Coded;
use entity::complaint::{Model, Outcome};

use super::store::Row;
use super::{conversion, feedback, steps};
use crate::cases::{Cases, assignment, duplicates, messages, ratings};
use crate::db::Write;
use crate::domain::complaint::Action;
use crate::domain::workflow::Action as _;
use crate::domain::working_days::bangkok_day;
use crate::error::{Code, Error, Result};

/// Rejects a step that the status allows, and the complaint as it is does not.
pub fn refuse(cases: &Cases, write: &Write, row: &Row, action: Action) -> Result<()> {
    let (complaint, today) = (&row.complaint, bangkok_day(write.now));
    if matches!(action, Action::Forward | Action::Convert) {
        duplicates::refuse_linked(row)?;
    }
    match action {
        // Who asks in time does not lose by the office's delay.
        Action::Reopen if complaint.reopening_requested_on.is_some() => {}
        Action::Reopen | Action::RequestReopening => assignment::refuse_late(cases, complaint.closed_on, today)?,
        Action::Note => feedback::refuse_noted(complaint, action, Some(Outcome::Noted))?,
        Action::Convert => conversion::refuse_unsuitable(row)?,
        _ => {}
    }
    refuse_by_wish(complaint, action)
}

/// What a reporter wishes is decided first, and only what they wish: the office closes a complaint that they withdraw, or says that
/// it goes on, before it ends it otherwise.
fn refuse_by_wish(complaint: &Model, action: Action) -> Result<()> {
    let withdrawal = complaint.withdrawal_requested_on.is_some();
    let reopening = complaint.reopening_requested_on.is_some();
    let illegal = |th: &'static str, en: &'static str| Err(Code::IllegalTransition.because(th, en));
    match action {
        Action::RequestWithdrawal if withdrawal => illegal(
            "ขอถอนเรื่องไว้แล้ว โปรดรอเจ้าหน้าที่ตอบ",
            "The withdrawal has been asked for already: the office answers it.",
        ),
        Action::AcceptWithdrawal | Action::DeclineWithdrawal if !withdrawal => {
            illegal("ผู้ร้องเรียนไม่ได้ขอถอนเรื่อง", "The reporter has not asked to withdraw the complaint.")
        }
        Action::Reject | Action::Conclude | Action::Note if withdrawal => illegal(
            "ผู้ร้องเรียนขอถอนเรื่อง ต้องตอบก่อนว่ายุติเรื่องหรือดำเนินการต่อ (accept_withdrawal หรือ decline_withdrawal)",
            "The reporter has asked to withdraw the complaint: accept_withdrawal or decline_withdrawal first.",
        ),
        Action::RequestReopening if reopening => illegal(
            "ขอให้นำเรื่องกลับมาพิจารณาใหม่ไว้แล้ว โปรดรอเจ้าหน้าที่ตอบ",
            "The reopening has been asked for already: the office answers it.",
        ),
        Action::DeclineReopening if !reopening => {
            illegal("ผู้ร้องเรียนไม่ได้ขอให้นำเรื่องกลับมาพิจารณาใหม่", "The reporter has not asked to reopen the complaint.")
        }
        _ => Ok(()),
    }
}

/// Rejects a step that the status does not allow, with those that are possible. Who has the receipt is told of the case that goes on.
pub async fn illegal(cases: &Cases, write: &Write, row: &Row, action: Action) -> Result<Error> {
    if action.side() == Side::Sender {
        messages::refuse_converted(row, &action.label())?;
    }
    let (complaint, from) = (&row.complaint, row.complaint.status);
    let (is_final, can_rate) = (!steps::is_of_integrity(complaint), ratings::left(write, row.id()).await? > 0);
    let is_meant = |step: Action| match step {
        Action::Take => assignment::can_be_taken(write, complaint.assignee_id),
        Action::Withdraw => is_final,
        Action::RequestWithdrawal => !is_final,
        Action::Rate => can_rate,
        _ => true,
    };
    let is_possible = |step: Action| step.side() == action.side() && step.after(from, None).is_some();
    let is_possible = |step| is_possible(step) && is_meant(step) && refuse(cases, write, row, step).is_ok();
    Ok(assignment::illegal(action, from, is_possible))
}
