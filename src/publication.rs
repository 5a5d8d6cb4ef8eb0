//! Publication: who sees a measure or project (published ones everyone, others staff), and which transitions its state
//! allows.

use entity::codes::Coded;
use entity::state::{Publication, Status};
use sea_orm::{ColumnTrait, Condition};

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
            Err(Code::Unpublished
                .because(format!("ถอนการเผยแพร่แล้ว เนื่องจาก{reason}"), format!("It was unpublished: {reason}")))
        }
    }
}

/// The state after a step, where the step is allowed.
pub fn after(action: Action, from: Publication) -> Result<Publication> {
    publication::after(action, from).ok_or_else(|| {
        let (action, from) = (action.label(), from.label());
        Code::IllegalTransition.because(
            format!("รายการนี้อยู่ในสถานะ \"{}\" จึงดำเนินการ \"{}\" ไม่ได้", from.th, action.th),
            format!("The record is \"{}\": \"{}\" is not possible in this state.", from.en, action.en),
        )
    })
}

/// Rejects a change of status that the state machine does not allow.
pub fn check_progress(from: Status, to: Status) -> Result<()> {
    if status::allowed(from, to) {
        return Ok(());
    }
    let next = status::next(from).iter().map(|to| to.label());
    let (next_th, next_en): (Vec<_>, Vec<_>) =
        next.map(|to| (format!("\"{}\"", to.th), format!("\"{}\"", to.en))).unzip();
    let (from, to) = (from.label(), to.label());
    if next_th.is_empty() {
        return Err(Code::IllegalTransition.because(
            format!("รายการนี้อยู่ในสถานะ \"{}\" ซึ่งเป็นสถานะสุดท้าย จึงเปลี่ยนสถานะไม่ได้อีก", from.th),
            format!(
                "The status \"{}\" is final: it cannot become \"{}\". Unpublish the record if it is wrong.",
                from.en, to.en
            ),
        ));
    }
    let (or_th, or_en) = (next_th.join(" หรือ "), next_en.join(" or "));
    Err(Code::IllegalTransition.because(
        format!("เปลี่ยนสถานะจาก \"{}\" เป็น \"{}\" ไม่ได้ เปลี่ยนได้เป็น {or_th}", from.th, to.th),
        format!("The status cannot go from \"{}\" to \"{}\", only to {or_en}.", from.en, to.en),
    ))
}

/// Rejects the deletion of a record that was ever published.
pub fn check_deletable(publication: Publication) -> Result<()> {
    if publication == Publication::Draft { Ok(()) } else { Err(Code::NotADraft.into()) }
}
