//! Feedback: suggestions and compliments are taken note of, which is no verdict.

use entity::complaint::{Model, Outcome};

use super::steps;
use crate::domain::complaint::{Action, can_end};
use crate::domain::field_code::{FieldCode, Violation};
use crate::error::{Code, FieldError, Result};

/// Rejects to take note of what is to be looked into, also if its kind was changed: else a report would end without a verdict.
pub fn refuse_noted(complaint: &Model, action: Action, outcome: Option<Outcome>) -> Result<()> {
    let is_noted = outcome == Some(Outcome::Noted);
    let violation = match is_noted {
        true if !can_end(complaint.kind, outcome) => noted(),
        true if steps::is_of_integrity(complaint) => FieldCode::NotForThis.because(
            "เรื่องนี้เคยจัดเป็นเรื่องทุจริตหรือประพฤติมิชอบ จึงต้องสรุปผลการตรวจสอบ (conclude)",
            "is not for what was ever filed as corruption or misconduct: conclude it with what was found",
        ),
        _ => return Ok(()),
    };
    if action == Action::Conclude {
        return Err(FieldError::at("/outcome", violation).into());
    }
    let Violation { code: _, message } = violation;
    Err(Code::IllegalTransition.explained(message))
}

/// That only feedback is taken note of.
pub fn noted() -> Violation {
    FieldCode::NotForThis.because(
        "การรับทราบใช้กับข้อเสนอแนะและคำชมเชยเท่านั้น หากจัดประเภทเรื่องไว้ไม่ถูกต้อง ให้แก้ไขประเภทก่อน",
        "is only for suggestions and compliments: correct the kind first where it is wrong",
    )
}
