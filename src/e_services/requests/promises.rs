//! What an applicant is told, and until when: what is missing, why it is late, how it ended.

use chrono::NaiveDate;
use entity::service_request::{Channel, Model};

use crate::domain::facilitation;
use crate::domain::field_code::FieldCode;
use crate::domain::name::Name;
use crate::domain::thai;
use crate::domain::working_days::Calendar;
use crate::error::{Code, FieldError, Result};

/// Calendar days for an appeal against an administrative order (Administrative Procedure Act of 2539, section 44).
const APPEAL_DAYS: u32 = 15;

/// Rejects a day until which nobody can answer.
fn refuse_past(answer_due_on: Option<NaiveDate>, today: NaiveDate) -> Result<()> {
    if answer_due_on.is_some_and(|day| day < today) {
        let past = FieldCode::BeforeStart.because("ต้องไม่ก่อนวันนี้", "must not be before today");
        return Err(FieldError::at("/answer_due_on", past).into());
    }
    Ok(())
}

/// Keeps until when the applicant is asked to answer, and when they are reminded. A day that they were told before is not brought forward.
pub fn ask(request: &mut Model, answer_due_on: Option<NaiveDate>, today: NaiveDate) -> Result<()> {
    refuse_past(answer_due_on, today)?;
    let told = request.answer_due_on.filter(|told| *told >= today);
    if let (Some(day), Some(told)) = (answer_due_on, told.filter(|told| answer_due_on < Some(*told))) {
        let earlier = FieldCode::BeforeStart.because(
            format!("{} มาก่อนวันที่แจ้งผู้ยื่นคำขอไว้แล้ว คือ {}", thai::date(day), thai::date(told)),
            format!("must not be before {told}, which the applicant was told"),
        );
        return Err(FieldError::at("/answer_due_on", earlier).into());
    }
    let answer_due_on = answer_due_on.or(told);
    request.answer_due_on = answer_due_on;
    request.reminder_on = Some(answer_due_on.unwrap_or_else(|| facilitation::reminder_on(today)));
    Ok(())
}

/// Until when the applicant has to be told why it is late; none while it is not.
pub fn delay_notice_due_on(request: &Model, today: NaiveDate) -> Option<NaiveDate> {
    let due_on = request.due_on.filter(|_| request.closed_on.is_none());
    facilitation::delay_notice_due_on(due_on, request.delay_explained_on, today)
}

/// Until when the applicant has to be told how it ended. Who applied online reads it at once, with the receipt.
pub fn result_due_on(request: &Model) -> Option<NaiveDate> {
    request.closed_on.filter(|_| request.channel != Channel::Web).map(facilitation::result_due_on)
}

/// Until when an applicant whose request was rejected can appeal: the days begin when they were told. None before that is recorded.
pub fn appeal_until(request: &Model, calendar: &Calendar) -> Option<NaiveDate> {
    let read_on = request.closed_on.filter(|_| request.channel == Channel::Web);
    request.result_told_on.or(read_on).map(|told_on| calendar.end(told_on, APPEAL_DAYS))
}

/// Rejects to record that an applicant was told who reads it with the receipt, or was told before.
pub fn refuse_told(request: &Model) -> Result<()> {
    if request.channel != Channel::Web && request.result_told_on.is_none() {
        return Ok(());
    }
    Err(Code::IllegalTransition.because(
        "ไม่มีการแจ้งผลที่ต้องบันทึก ผู้ยื่นทางระบบออนไลน์เห็นผลด้วยรหัสติดตามคำขอ หรือบันทึกการแจ้งผลไว้แล้ว",
        "No result has to be told: the applicant reads it with the receipt, or was told before.",
    ))
}

/// Keeps on which day the applicant was told how it ended.
pub fn tell(request: &mut Model, told_on: Option<NaiveDate>, today: NaiveDate) -> Result<()> {
    let early = || FieldCode::BeforeStart.because("ต้องไม่ก่อนวันที่คำขอสิ้นสุด", "must not be before the request was closed");
    let fault = match told_on {
        Some(day) if day > today => Some(FieldCode::InTheFuture.into()),
        Some(day) if Some(day) < request.closed_on => Some(early()),
        _ => None,
    };
    if let Some(fault) = fault {
        return Err(FieldError::at("/told_on", fault).into());
    }
    (request.result_due_on, request.result_told_on) = (None, told_on);
    Ok(())
}

/// What the applicant reads while they are waited for.
pub fn awaited(request: &Model) -> Option<Name> {
    let since = request.waiting_since?;
    let until = request.answer_due_on;
    let (until_th, until_en) = (
        until.map(|day| format!(" ภายในวันที่ {}", thai::date(day))).unwrap_or_default(),
        until.map(|day| format!(" until {day}")).unwrap_or_default(),
    );
    Some(Name {
        th: format!(
            "เทศบาลขอข้อมูลหรือเอกสารเพิ่มเติมจากท่านเมื่อวันที่ {} ตามข้อความล่าสุดของเจ้าหน้าที่ โปรดตอบหรือส่งไฟล์ด้วยรหัสติดตามคำขอ หรือนำมาที่สำนักงานเทศบาล{until_th} \
             ระหว่างนี้หยุดนับกำหนดแล้วเสร็จ",
            thai::date(since),
        ),
        en: Some(format!(
            "On {since} the office asked you for what its last message names. Please answer or send files with your receipt, or bring \
             them to the office{until_en}. The deadline stands still meanwhile."
        )),
    })
}
