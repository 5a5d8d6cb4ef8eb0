//! Publication: who sees a measure or project (published ones everyone, others staff), and which transitions its state
//! allows.

use entity::codes::Coded;
use entity::state::{Publication, Status};
use sea_orm::{ColumnTrait, Condition};

use crate::auth::Viewer;
use crate::auth::scope::Scope;
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

/// The rows that a viewer may know of, though they were unpublished meanwhile.
pub fn not_draft(column: impl ColumnTrait, reached: Condition) -> Condition {
    if reached.is_empty() { reached } else { Condition::any().add(column.ne(Publication::Draft)).add(reached) }
}

/// Rejects a filter for states of which the caller sees nothing: an empty list would say that there are none.
pub fn check_wanted<S: Scope>(viewer: &Viewer<S>, wanted: Option<&[Publication]>) -> Result<()> {
    let is_public = wanted.is_none_or(|wanted| wanted.iter().all(|state| *state == Publication::Published));
    if is_public || viewer.author.is_some() {
        return Ok(());
    }
    let scope = S::NAME;
    Err(Code::InsufficientScope.because(
        format!("ต้องใช้โทเคนที่มีสิทธิ์ดูฉบับร่าง ({scope}) ผู้อื่นดูได้เฉพาะรายการที่เผยแพร่"),
        format!("Only a token with {scope} lists records that are not published. Others can ask for published ones."),
    ))
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

/// Rejects a change of the status of a published record that the state machine does not allow. What nobody sees is corrected freely.
pub fn check_progress(publication: Publication, from: Status, to: Status) -> Result<()> {
    if publication != Publication::Published || status::allowed(from, to) {
        return Ok(());
    }
    let next = status::next(from).iter().map(|to| to.label());
    let (next_th, next_en): (Vec<_>, Vec<_>) =
        next.map(|to| (format!("\"{}\"", to.th), format!("\"{}\"", to.en))).unzip();
    let (from, to) = (from.label(), to.label());
    if next_th.is_empty() {
        return Err(Code::IllegalTransition.because(
            format!(
                "\"{}\" เป็นสถานะสุดท้าย จึงเปลี่ยนเป็น \"{}\" ไม่ได้ขณะที่เผยแพร่อยู่ หากข้อมูลผิดโปรดถอนการเผยแพร่ก่อนแก้ไข",
                from.th, to.th
            ),
            format!(
                "The status \"{}\" is final: it cannot become \"{}\" while the record is published. If it is wrong, \
                 unpublish the record and correct it.",
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
