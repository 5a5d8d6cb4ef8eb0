//! Publication: who sees a measure or project (published ones everyone, others staff), and which transitions its state
//! allows.

use entity::codes::Coded;
use entity::state::{Publication, Status};
use sea_orm::{ActiveEnum, ColumnTrait, Condition};

use crate::domain::publication::{self, Action};
use crate::domain::status;
use crate::error::{Code, Result};

/// The rows of a list that a viewer may see, of those in the states asked for: what is published, and what they reach.
pub fn filter(column: impl ColumnTrait, reached: Condition, wanted: Option<&[Publication]>) -> Condition {
    let mut condition = Condition::all();
    if !reached.is_empty() {
        condition = condition.add(Condition::any().add(column.eq(Publication::Published)).add(reached));
    }
    if let Some(wanted) = wanted {
        condition = condition.add(column.is_in(wanted.iter().copied()));
    }
    condition
}

/// Whether a single record is shown. That something was withdrawn is public, with its reason.
pub fn check(publication: Publication, unpublished_reason: Option<&str>, is_reached: bool) -> Result<()> {
    match publication {
        _ if is_reached => Ok(()),
        Publication::Published => Ok(()),
        Publication::Draft => Err(Code::NotFound.into()),
        Publication::Unpublished => {
            let reason = unpublished_reason.unwrap_or_default();
            Err(Code::Unpublished.because(format!("ถอนการเผยแพร่: {reason}"), format!("unpublished: {reason}")))
        }
    }
}

/// The state after a step, where the step is allowed.
pub fn after(action: Action, from: Publication) -> Result<Publication> {
    publication::after(action, from).ok_or_else(|| {
        Code::IllegalTransition.because(
            format!("ทำรายการ {} จากสถานะ {} ไม่ได้", action.code(), from.to_value()),
            format!("cannot {} what is {}", action.code(), from.to_value()),
        )
    })
}

/// Rejects a change of status that the state machine does not allow.
pub fn check_progress(from: Status, to: Status) -> Result<()> {
    if status::allowed(from, to) {
        return Ok(());
    }
    let next: Vec<_> = status::next(from).iter().map(ActiveEnum::to_value).collect();
    let (from, to) = (from.to_value(), to.to_value());
    let next = if next.is_empty() { "-".to_owned() } else { next.join(", ") };
    Err(Code::IllegalTransition.because(
        format!("เปลี่ยนสถานะจาก {from} เป็น {to} ไม่ได้ เปลี่ยนได้เป็น {next}"),
        format!("the status cannot go from {from} to {to}, only to: {next}"),
    ))
}

/// Rejects the deletion of a record that was ever published.
pub fn check_deletable(publication: Publication) -> Result<()> {
    if publication == Publication::Draft { Ok(()) } else { Err(Code::NotADraft.into()) }
}
