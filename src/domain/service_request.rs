//! The life of a service request: which step leads where, and who takes it. `/v1/workflows/service-requests` publishes the same.

use entity::case_event::Side::{self, Office, Sender};
use entity::service_request::Status::{
    self, Accepted, AwaitingApplicant, Cancelled, Completed, Converted, InProgress, Paused, Received, Referred,
    Rejected,
};
use serde::{Deserialize, Serialize};

use super::workflow;

entity::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Action = "ServiceRequestAction" ("การดำเนินการกับคำขอรับบริการ", "Step of a service request.") {
        Take = "take" (
            "รับเป็นผู้รับผิดชอบ", "take",
            "เจ้าหน้าที่รับเรื่องเป็นของตน",
            "An officer takes over the request."
        ),
        Assign = "assign" (
            "มอบหมายเจ้าหน้าที่", "assign",
            "กำหนดผู้รับผิดชอบเรื่อง",
            "Make an officer responsible."
        ),
        Forward = "forward" (
            "ส่งต่อส่วนราชการ", "forward",
            "ส่งให้ส่วนราชการอื่นในเทศบาลดำเนินการ",
            "Pass it to the unit that is to do it."
        ),
        Accept = "accept" (
            "รับคำขอ", "accept",
            "ยืนยันว่าคำขอครบถ้วน",
            "Confirm that the request is complete."
        ),
        Reject = "reject" (
            "ไม่รับคำขอ", "reject",
            "ต้องแจ้งเหตุผล",
            "Close it without doing it, also after the work has begun. A reason is required."
        ),
        Refer = "refer" (
            "ส่งต่อหน่วยงานอื่น", "refer",
            "เรื่องอยู่ในอำนาจของหน่วยงานอื่น ต้องแจ้งหน่วยงานและเหตุผล",
            "Close it because another authority is to do it. The authority and the reason are required."
        ),
        Reschedule = "reschedule" (
            "เลื่อนวันนัดหมาย", "reschedule",
            "เปลี่ยนวันนัด กำหนดแล้วเสร็จไม่เปลี่ยน",
            "Book another day. The due date does not move."
        ),
        Start = "start" (
            "เริ่มดำเนินการ", "start",
            "เริ่มงาน",
            "Begin the work."
        ),
        Ask = "ask" (
            "ขอข้อมูลหรือเอกสารเพิ่มเติม", "ask",
            "แจ้งผู้ยื่นคำขอว่าขาดสิ่งใดและหยุดนับเวลา ระบุวันที่ควรตอบได้",
            "Tell the applicant what is missing. The clock stands still until the answer."
        ),
        Pause = "pause" (
            "พักการดำเนินการ", "pause",
            "งานต้องหยุดรอ เช่น รออะไหล่ ต้องแจ้งเหตุผล กำหนดแล้วเสร็จไม่เปลี่ยน",
            "The work has to wait, such as for a part. A reason is required. The due date does not move: the wait is the office's."
        ),
        Resume = "resume" (
            "ดำเนินการต่อ", "resume",
            "ทำต่อหลังพักการดำเนินการ หรือเมื่อได้รับเอกสารที่เคาน์เตอร์ คำขอกลับไปสถานะเดิม",
            "Go on after a pause, or when the missing papers were brought to the counter. The request has its status of before again."
        ),
        ExplainDelay = "explain_delay" (
            "แจ้งเหตุล่าช้า", "explain delay",
            "แจ้งเหตุที่ดำเนินการไม่ทันกำหนด ทุก 7 วันจนกว่าจะแล้วเสร็จ",
            "Tell the applicant why the request is late, every 7 days until it is completed."
        ),
        Complete = "complete" (
            "ดำเนินการแล้วเสร็จ", "complete",
            "ปิดงานและแจ้งผล",
            "Close it and say what was done."
        ),
        Convert = "convert" (
            "เปลี่ยนเป็นเรื่องร้องเรียน", "convert",
            "สิ่งที่แจ้งเป็นเรื่องร้องเรียน ดำเนินการต่อเป็นเรื่องร้องเรียน ต้องแจ้งเหตุผล",
            "Go on with it as a complaint. A reason is required."
        ),
        TellResult = "tell_result" (
            "บันทึกการแจ้งผล", "tell result",
            "บันทึกวันและวิธีที่แจ้งผลแก่ผู้ที่ไม่ได้ยื่นทางระบบออนไลน์ ภายใน 7 วัน",
            "Record how and on which day the result was told to an applicant who did not apply online."
        ),
        Reopen = "reopen" (
            "นำกลับมาดำเนินการใหม่", "reopen",
            "ต้องแจ้งเหตุผล และอยู่ภายในกำหนด",
            "Open it again within the permitted days. A reason is required."
        ),
        Answer = "answer" (
            "ตอบหรือส่งเอกสารเพิ่มเติม", "answer",
            "ผู้ยื่นคำขอตอบหรือส่งเอกสารที่ขอ คำขอกลับไปสถานะเดิม",
            "The applicant answers, or sends what was missing. The request has its status of before again."
        ),
        Cancel = "cancel" (
            "ยกเลิกคำขอ", "cancel",
            "โดยผู้ยื่นคำขอ",
            "The applicant cancels the request."
        ),
        Rate = "rate" (
            "ประเมินความพึงพอใจ", "rate",
            "1 ถึง 5 คะแนน",
            "The applicant rates the service from 1 to 5."
        ),
    }
}

entity::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Rating = "Rating" ("คะแนนความพึงพอใจ", "Rating of a service by its applicant.") {
        Lowest = "1" ("น้อยที่สุด", "very dissatisfied", "พึงพอใจน้อยที่สุด", "The applicant is very dissatisfied."),
        Low = "2" ("น้อย", "dissatisfied", "พึงพอใจน้อย", "The applicant is dissatisfied."),
        Middle = "3" ("ปานกลาง", "neutral", "พึงพอใจปานกลาง", "The applicant is neither satisfied nor dissatisfied."),
        High = "4" ("มาก", "satisfied", "พึงพอใจมาก", "The applicant is satisfied."),
        Highest = "5" ("มากที่สุด", "very satisfied", "พึงพอใจมากที่สุด", "The applicant is very satisfied."),
    }
}

impl workflow::Action for Action {
    type Status = Status;

    fn side(self) -> Side {
        match self {
            Action::Answer | Action::Cancel | Action::Rate => Sender,
            _ => Office,
        }
    }

    /// Who does it is the office's affair.
    fn is_public(self) -> bool {
        !matches!(self, Action::Take | Action::Assign | Action::Forward)
    }

    fn needs(self) -> &'static [&'static str] {
        match self {
            Action::Assign => &["assignee_id"],
            Action::Forward => &["unit"],
            Action::Reschedule => &["booked_on", "text"],
            Action::Refer => &["text", "referral"],
            Action::Reject
            | Action::Ask
            | Action::Pause
            | Action::ExplainDelay
            | Action::Complete
            | Action::Convert
            | Action::Reopen => &["text"],
            Action::TellResult => &["told_on", "text"],
            Action::Rate => &["rating"],
            _ => &[],
        }
    }

    fn may_have(self) -> &'static [&'static str] {
        match self {
            Action::Forward | Action::Assign | Action::Accept | Action::Start => &["text"],
            Action::Resume | Action::Cancel | Action::Rate => &["text"],
            Action::Reopen => &["booked_on"],
            Action::Ask => &["answer_due_on"],
            _ => &[],
        }
    }

    fn is_conversion(self) -> bool {
        self == Action::Convert
    }

    fn after(self, from: Status, before: Option<Status>) -> Option<Status> {
        match (self, from) {
            (Action::Take | Action::Assign | Action::Forward | Action::Reschedule, from) if !Self::is_closed(from) => {
                Some(from)
            }
            (Action::Accept, Received) => Some(Accepted),
            (Action::Reject, from) if !Self::is_closed(from) => Some(Rejected),
            (Action::Refer, from) if !Self::is_closed(from) => Some(Referred),
            (Action::Start, Accepted) => Some(InProgress),
            // Missing papers are told at once, before anything is accepted as complete.
            (Action::Ask, Received | Accepted | InProgress | AwaitingApplicant) => Some(AwaitingApplicant),
            (Action::Pause, Accepted | InProgress) => Some(Paused),
            (Action::Resume, Paused | AwaitingApplicant) | (Action::Answer, AwaitingApplicant) => {
                // What has waited since before that was kept was to be in progress after it.
                Some(before.unwrap_or(InProgress))
            }
            (Action::ExplainDelay, Received | Accepted | InProgress | Paused) => Some(from),
            (Action::Complete, InProgress) => Some(Completed),
            (Action::Convert, from) if !Self::is_closed(from) => Some(Converted),
            (Action::TellResult, Completed | Rejected | Referred) => Some(from),
            (Action::Reopen, Completed | Rejected | Referred) => Some(InProgress),
            (Action::Cancel, from) if !Self::is_closed(from) => Some(Cancelled),
            (Action::Rate, Completed) => Some(Completed),
            _ => None,
        }
    }

    fn closing(status: Status) -> Option<Self> {
        match status {
            Completed => Some(Action::Complete),
            Rejected => Some(Action::Reject),
            Referred => Some(Action::Refer),
            Cancelled => Some(Action::Cancel),
            Converted => Some(Action::Convert),
            Received | Accepted | InProgress | AwaitingApplicant | Paused => None,
        }
    }
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
            Some(InProgress) => 'P',
            Some(AwaitingApplicant) => 'N',
            Some(Paused) => 'W',
            Some(Completed) => 'C',
            Some(Rejected) => 'J',
            Some(Referred) => 'F',
            Some(Cancelled) => 'X',
            Some(Converted) => 'V',
        };
        let row =
            |from| Action::ALL.iter().map(|action| letter(action.after(from, Some(InProgress)))).collect::<String>();
        let row = |from: &Status| format!("{:<18}{}", format!("{from:?}"), row(*from));
        let grid = Status::ALL.iter().map(row).collect::<Vec<_>>().join("\n");
        assert_eq!(
            grid,
            "Received          RRRAJFR.N..R.V...X.\n\
             Accepted          AAA.JFAPNW.A.V...X.\n\
             InProgress        PPP.JFP.NW.PCV...X.\n\
             AwaitingApplicant NNN.JFN.N.P..V..PX.\n\
             Paused            WWW.JFW...PW.V...X.\n\
             Completed         ..............CP..C\n\
             Rejected          ..............JP...\n\
             Referred          ..............FP...\n\
             Cancelled         ...................\n\
             Converted         ..................."
        );
    }
}
