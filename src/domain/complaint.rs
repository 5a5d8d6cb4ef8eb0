//! The life of a complaint: which step leads where, and who takes it. `/v1/workflows/complaints` publishes the same.

use entity::case_event::Side::{self, Office, Sender};
use entity::complaint::Status::{
    self, Accepted, AwaitingReporter, Concluded, Converted, Investigating, Received, Rejected, Withdrawn,
};
use entity::complaint::{Kind, Outcome};
use serde::{Deserialize, Serialize};

use super::workflow;

entity::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Action = "ComplaintAction" ("การดำเนินการกับเรื่องร้องเรียน", "Step of a complaint.") {
        Take = "take" (
            "รับเป็นผู้รับผิดชอบ", "take",
            "เจ้าหน้าที่รับเรื่องเป็นของตน",
            "An officer takes over the complaint."
        ),
        Assign = "assign" (
            "มอบหมายเจ้าหน้าที่", "assign",
            "กำหนดผู้รับผิดชอบเรื่อง",
            "Make an officer responsible."
        ),
        Forward = "forward" (
            "ส่งต่อส่วนราชการ", "forward",
            "ส่งให้ส่วนราชการอื่นในเทศบาลดำเนินการ",
            "Pass it to the unit that is to handle it."
        ),
        Accept = "accept" (
            "รับไว้พิจารณา", "accept",
            "แจ้งผู้ร้องเรียนว่ารับเรื่องแล้ว",
            "Accept it and inform the reporter."
        ),
        Reject = "reject" (
            "ไม่รับไว้พิจารณา", "reject",
            "ต้องแจ้งเหตุผล",
            "Close it without consideration. A reason is required."
        ),
        Investigate = "investigate" (
            "เริ่มตรวจสอบข้อเท็จจริง", "investigate",
            "เข้าสู่ขั้นตรวจสอบ",
            "Begin the investigation."
        ),
        Ask = "ask" (
            "ขอข้อมูลเพิ่มเติม", "ask",
            "ถามผู้ร้องเรียนและหยุดนับเวลา",
            "Ask the reporter a question. The clock stands still until the answer."
        ),
        Resume = "resume" (
            "ดำเนินการต่อ", "resume",
            "ไม่รอคำตอบจากผู้ร้องเรียน",
            "Go on without the answer."
        ),
        Conclude = "conclude" (
            "สรุปผลและยุติเรื่อง", "conclude",
            "ระบุผลและคำชี้แจง",
            "Close it with an outcome and an explanation."
        ),
        Note = "note" (
            "รับทราบ", "take note",
            "รับข้อเสนอแนะหรือคำชมเชยไว้และยุติเรื่อง โดยไม่ต้องวินิจฉัย ต้องมีข้อความถึงผู้ส่ง",
            "Close feedback without a verdict, with a text. Only for suggestions and compliments."
        ),
        Convert = "convert" (
            "เปลี่ยนเป็นคำขอรับบริการ", "convert",
            "สิ่งที่แจ้งเป็นการขอรับบริการ เช่น ไฟดับ ดำเนินการต่อเป็นคำขอ ต้องแจ้งเหตุผล",
            "Go on with it as a service request, such as for a broken lamp. A reason is required."
        ),
        Reopen = "reopen" (
            "นำกลับมาดำเนินการใหม่", "reopen",
            "ต้องแจ้งเหตุผล และอยู่ภายในกำหนด",
            "Open it again within the permitted days. A reason is required."
        ),
        Answer = "answer" (
            "ตอบข้อมูลเพิ่มเติม", "answer",
            "ผู้ร้องเรียนตอบคำถาม",
            "The reporter answers a question."
        ),
        Withdraw = "withdraw" (
            "ถอนเรื่อง", "withdraw",
            "ผู้ร้องเรียนขอถอนเรื่อง",
            "The reporter withdraws the complaint, which ends it."
        ),
        RequestWithdrawal = "request_withdrawal" (
            "ขอถอนเรื่อง", "request withdrawal",
            "ผู้ร้องเรียนขอถอนเรื่องที่เทศบาลอาจดำเนินการต่อเอง",
            "The reporter asks to withdraw a complaint that the office may go on with of its own motion."
        ),
        AcceptWithdrawal = "accept_withdrawal" (
            "อนุญาตให้ถอนเรื่อง", "accept withdrawal",
            "ยุติเรื่องตามคำขอของผู้ร้องเรียน",
            "The office ends it as the reporter asked."
        ),
        DeclineWithdrawal = "decline_withdrawal" (
            "ไม่อนุญาตให้ถอนเรื่อง", "decline withdrawal",
            "เทศบาลดำเนินการต่อเองและแจ้งเหตุผล",
            "The office goes on of its own motion and gives the reason."
        ),
        RequestReopening = "request_reopening" (
            "ขอให้นำเรื่องกลับมาพิจารณาใหม่", "request reopening",
            "ผู้ร้องเรียนขอให้พิจารณาเรื่องที่สิ้นสุดแล้วอีกครั้ง",
            "The reporter asks to reopen a closed complaint."
        ),
        DeclineReopening = "decline_reopening" (
            "ไม่นำเรื่องกลับมาพิจารณาใหม่", "decline reopening",
            "เทศบาลไม่นำเรื่องกลับมาพิจารณาและแจ้งเหตุผล",
            "The office leaves it closed and gives the reason."
        ),
        Rate = "rate" (
            "ประเมินความพึงพอใจ", "rate",
            "1 ถึง 5 คะแนน",
            "The reporter says how they were treated, from 1 to 5."
        ),
    }
}

entity::codes! {
    #[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum RecusalDecision = "RecusalDecision" ("การพิจารณาข้อเสนอกันออกจากเรื่อง", "Decision about a proposed recusal.") {
        Confirm = "confirm" (
            "ยืนยัน", "confirm",
            "ให้กันออกจากเรื่องตามที่เสนอ",
            "The proposal takes effect."
        ),
        Reject = "reject" (
            "ไม่เห็นชอบ", "reject",
            "ไม่กันออกจากเรื่องตามที่เสนอ",
            "The proposal is dropped."
        ),
    }
}

impl workflow::Action for Action {
    type Status = Status;

    fn side(self) -> Side {
        match self {
            Action::Answer | Action::Withdraw | Action::RequestWithdrawal | Action::RequestReopening | Action::Rate => {
                Sender
            }
            _ => Office,
        }
    }

    /// Who handles a complaint is the office's affair.
    fn is_public(self) -> bool {
        !matches!(self, Action::Take | Action::Assign | Action::Forward)
    }

    fn needs(self) -> &'static [&'static str] {
        match self {
            Action::Assign => &["assignee_id"],
            Action::Forward => &["unit"],
            Action::Reject
            | Action::Ask
            | Action::Note
            | Action::Convert
            | Action::Reopen
            | Action::DeclineWithdrawal
            | Action::RequestReopening
            | Action::DeclineReopening => &["text"],
            Action::Rate => &["rating"],
            Action::Conclude => &["outcome", "text"],
            _ => &[],
        }
    }

    fn may_have(self) -> &'static [&'static str] {
        match self {
            Action::Forward
            | Action::Assign
            | Action::Accept
            | Action::Investigate
            | Action::Resume
            | Action::AcceptWithdrawal
            | Action::Rate => &["text"],
            Action::Conclude => &["referral"],
            _ => &[],
        }
    }

    fn is_conversion(self) -> bool {
        self == Action::Convert
    }

    fn after(self, from: Status, _: Option<Status>) -> Option<Status> {
        match (self, from) {
            (Action::Take | Action::Assign | Action::Forward, from) if !Self::is_closed(from) => Some(from),
            (Action::Accept, Received) => Some(Accepted),
            (Action::Reject, Received | Accepted) => Some(Rejected),
            (Action::Investigate, Accepted) => Some(Investigating),
            (Action::Ask, Accepted | Investigating) => Some(AwaitingReporter),
            (Action::Resume | Action::Answer, AwaitingReporter) => Some(Investigating),
            (Action::Conclude, Investigating) => Some(Concluded),
            (Action::Note, from) if !Self::is_closed(from) => Some(Concluded),
            (Action::Convert, from) if !Self::is_closed(from) => Some(Converted),
            (Action::Reopen, from) if Self::is_closed(from) => Some(Investigating),
            (Action::Withdraw | Action::AcceptWithdrawal, from) if !Self::is_closed(from) => Some(Withdrawn),
            (Action::RequestWithdrawal | Action::DeclineWithdrawal, from) if !Self::is_closed(from) => Some(from),
            (Action::RequestReopening | Action::DeclineReopening, from) if Self::is_closed(from) => Some(from),
            (Action::Rate, Concluded | Rejected | Withdrawn) => Some(from),
            _ => None,
        }
    }

    fn closing(status: Status) -> Option<Self> {
        match status {
            Concluded => Some(Action::Conclude),
            Rejected => Some(Action::Reject),
            Withdrawn => Some(Action::Withdraw),
            Converted => Some(Action::Convert),
            Received | Accepted | Investigating | AwaitingReporter => None,
        }
    }
}

impl Action {
    /// Whether it tells the reporter something: the first such step is the first answer.
    pub fn answers(self) -> bool {
        matches!(
            self,
            Action::Accept
                | Action::Reject
                | Action::Ask
                | Action::Conclude
                | Action::Note
                | Action::Convert
                | Action::AcceptWithdrawal
                | Action::DeclineWithdrawal
        )
    }
}

/// Whether a complaint of a kind can end so. What somebody reports is found to be so or not; a suggestion or a compliment is no report.
pub fn can_end(kind: Kind, outcome: Option<Outcome>) -> bool {
    kind == Kind::Feedback || outcome != Some(Outcome::Noted)
}

#[cfg(test)]
mod tests {
    use entity::codes::Coded;

    use super::workflow::Action as _;
    use super::*;

    #[test]
    fn no_step_is_skipped() {
        let letter = |status: Option<Status>| match status {
            None => '.',
            Some(Received) => 'R',
            Some(Accepted) => 'A',
            Some(Investigating) => 'I',
            Some(AwaitingReporter) => 'W',
            Some(Concluded) => 'C',
            Some(Rejected) => 'J',
            Some(Withdrawn) => 'X',
            Some(Converted) => 'V',
        };
        let row = |from| Action::ALL.iter().map(|action| letter(action.after(from, None))).collect::<String>();
        let row = |from: &Status| format!("{:<17}{}", format!("{from:?}"), row(*from));
        let grid = Status::ALL.iter().map(row).collect::<Vec<_>>().join("\n");
        assert_eq!(
            grid,
            "Received         RRRAJ....CV..XRXR...\n\
             Accepted         AAA.JIW..CV..XAXA...\n\
             Investigating    III...W.CCV..XIXI...\n\
             AwaitingReporter WWW....I.CV.IXWXW...\n\
             Concluded        ...........I.....CCC\n\
             Rejected         ...........I.....JJJ\n\
             Withdrawn        ...........I.....XXX\n\
             Converted        ...........I.....VV."
        );
    }
}
