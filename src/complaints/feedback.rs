//! Feedback: suggestions and compliments are taken note of, which is no verdict.

use entity::complaint::Model;

use crate::domain::complaint::{Action, can_end};
use crate::domain::field_code::{FieldCode, Violation};
use crate::error::{Code, FieldError, Result};

/// Rejects to take note of what is to be looked into.
pub fn refuse_noted(complaint: &Model, action: Action) -> Result<()> {
    if can_end(complaint.kind, complaint.outcome) {
        return Ok(());
    }
    if action == Action::Conclude {
        return Err(FieldError::at("/outcome", noted()).into());
    }
    let Violation { code: _, message } = noted();
    Err(Code::IllegalTransition.explained(message))
}

/// That only feedback is taken note of.
pub fn noted() -> Violation {
    FieldCode::NotForThis.because(
        "การรับทราบใช้กับข้อเสนอแนะและคำชมเชยเท่านั้น หากจัดประเภทเรื่องไว้ไม่ถูกต้อง ให้แก้ไขประเภทก่อน",
        "is only for suggestions and compliments: correct the kind first where it is wrong",
    )
}
