//! From the draft of a report through the signatures of a chain of posts to its publication.

use entity::publication::Signer;
use entity::publication::Status::{self, Abandoned, Draft, InSigning, Published, Returned};
use entity::report::SigningStep;
use serde::{Deserialize, Serialize};

entity::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Action = "ReportPublicationAction" ("การดำเนินการกับฉบับเผยแพร่", "Step of a version of a report on its way to the public.") {
        Refresh = "refresh" (
            "จัดทำใหม่จากข้อมูลปัจจุบัน", "refresh",
            "แทนเนื้อหาฉบับร่างด้วยข้อมูลปัจจุบัน",
            "The content of the draft is replaced by the data of the present."
        ),
        Submit = "submit" (
            "เสนอลงนาม", "submit",
            "เริ่มลงนามตามลำดับ หากลำดับแรกเป็นผู้จัดทำ ผู้เสนอลงนามในลำดับนั้น",
            "Signing begins. Where the first step is that of who prepared it, this is that signature."
        ),
        Sign = "sign" (
            "ลงนาม", "sign",
            "ลงนามในลำดับถัดไป การลงนามลำดับสุดท้ายเผยแพร่รายงาน",
            "The next step is signed. The last signature publishes the report."
        ),
        Return = "return" (
            "ส่งกลับแก้ไข", "return",
            "ต้องระบุเหตุผล",
            "The next signer sends it back to who prepared it. A comment is required."
        ),
        Abandon = "abandon" (
            "ยกเลิก", "abandon",
            "ไม่เผยแพร่ฉบับนี้",
            "The version is given up."
        ),
    }
}

/// The status that a step leads to, or nothing where it is not allowed. `is_last` says whether it signs the last step of the chain.
pub fn after(action: Action, from: Status, is_last: bool) -> Option<Status> {
    match (action, from) {
        (Action::Refresh, Draft | Returned) => Some(Draft),
        (Action::Submit, Draft | Returned) => Some(InSigning),
        (Action::Sign, InSigning) if is_last => Some(Published),
        (Action::Sign, InSigning) => Some(InSigning),
        (Action::Return, InSigning) => Some(Returned),
        (Action::Abandon, Draft | InSigning | Returned) => Some(Abandoned),
        _ => None,
    }
}

/// Whether somebody else than who prepared the report signs it in the end.
pub fn ends_with_another(chain: &[Signer]) -> bool {
    chain.last().is_some_and(|last| last.step != SigningStep::Prepared)
}

#[cfg(test)]
mod tests {
    use entity::codes::Coded;

    use super::*;

    #[test]
    fn what_is_published_or_abandoned_stays() {
        let letter = |status: Option<Status>| match status {
            None => '.',
            Some(Draft) => 'D',
            Some(InSigning) => 'S',
            Some(Returned) => 'R',
            Some(Published) => 'P',
            Some(Abandoned) => 'A',
        };
        let row = |is_last, from: &Status| -> String {
            Action::ALL.iter().map(|action| letter(after(*action, *from, is_last))).collect()
        };
        let grid = |is_last| Status::ALL.iter().map(|from| row(is_last, from)).collect::<Vec<_>>();
        // Refresh, submit, sign, return, abandon.
        assert_eq!(grid(false), ["DS..A", "..SRA", "DS..A", ".....", "....."]);
        assert_eq!(grid(true), ["DS..A", "..PRA", "DS..A", ".....", "....."]);
    }
}
