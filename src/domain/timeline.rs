//! What can stand on the timeline of a case: the steps of its workflow, and what happens beside them.

use entity::codes::{self, Code, Coded, Label};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::{complaint, service_request};

pub const MEANING: Label =
    Label::new("เหตุการณ์ในเรื่อง", "Event of a case: a step of its workflow, or what happens beside it.");

/// A due day that became a holiday was moved.
pub const MOVE_DUE_DAY: &str = "move_due_day";

/// Our own program gave back a day that was booked.
pub const RELEASE: &str = "release";

/// A booking was moved, because its day was closed.
pub const MOVE_BOOKING: &str = "move_booking";

/// The case was linked with another about the same matter, and the link ended.
pub const LINK_DUPLICATE: &str = "link_duplicate";
pub const UNLINK_DUPLICATE: &str = "unlink_duplicate";

/// The office says to which authority it has referred the case.
pub const ADDRESS_REFERRAL: &str = "address_referral";

/// A hand-over file was made for the authority that the case was referred to.
pub const HAND_OVER_CASE: &str = "hand_over_case";

/// The kind of a complaint was corrected, and it moved to the unit that takes in those of its new kind.
pub const MOVE_TO_INTAKE: &str = "move_to_intake";

/// What happens to many cases at once. It is nothing that the office does about one of them: it neither handles nor answers it.
pub const NOTICES: [&str; 3] = [RELEASE, MOVE_BOOKING, MOVE_DUE_DAY];

/// What is no step, and what is a step of both workflows under two names.
const OWN: &[Code] = &[
    Code::new("receive", ("รับเรื่อง", "receive"), ("ระบบรับเรื่องและออกเลขรับ", "The case came in and got its number.")),
    Code::new(
        "message",
        ("ข้อความ", "message"),
        ("ข้อความระหว่างเจ้าหน้าที่กับประชาชน หรือบันทึกภายใน", "A message to the other side, or a note."),
    ),
    Code::new("attach", ("แนบไฟล์", "attach"), ("เพิ่มไฟล์หลักฐาน", "A file was added.")),
    Code::new("accept", ("รับไว้ดำเนินการ", "accept"), ("รับเรื่องหรือคำขอไว้ดำเนินการ", "The office accepts the case.")),
    Code::new(
        "reject",
        ("ไม่รับ", "reject"),
        ("ไม่รับเรื่องหรือคำขอ พร้อมเหตุผล", "The office closes the case without considering it."),
    ),
    Code::new(
        "ask",
        ("ขอข้อมูลหรือเอกสารเพิ่มเติม", "ask"),
        ("ขอข้อมูลจากผู้ส่งเรื่องและหยุดนับเวลา", "The office asks the sender. The clock stands still until the answer."),
    ),
    Code::new(
        "answer",
        ("ตอบข้อมูลเพิ่มเติม", "answer"),
        ("ผู้ส่งเรื่องตอบหรือส่งเอกสารที่ขอ", "The sender answers what the office asked."),
    ),
    Code::new(
        "convert",
        ("เปลี่ยนเป็นคำขอหรือเรื่องร้องเรียน", "convert"),
        ("ดำเนินการต่อเป็นเรื่องอีกประเภทหนึ่ง", "The office goes on with it as a case of the other kind."),
    ),
    Code::new("rate", ("ประเมินความพึงพอใจ", "rate"), ("1 ถึง 5 คะแนน", "The sender rates the handling from 1 to 5.")),
    Code::new(RELEASE, ("คืนวันนัดหมาย", "release"), ("วันที่จองไว้ว่างให้ผู้อื่นจองแล้ว", "A booked day became free again.")),
    Code::new(
        "give_identity",
        ("แจ้งตัวตนภายหลัง", "give identity"),
        ("ผู้ร้องเรียนแจ้งตัวตน ซึ่งถูกปิดผนึกทันที", "The reporter gave their identity, which was sealed at once."),
    ),
    Code::new(
        MOVE_BOOKING,
        ("ย้ายวันนัดหมาย", "move booking"),
        ("งดให้บริการในวันที่นัดไว้ จึงย้ายเป็นวันอื่น", "The booked day was closed, and the booking moved to another day."),
    ),
    Code::new(
        MOVE_DUE_DAY,
        ("เลื่อนวันครบกำหนด", "move due day"),
        (
            "วันครบกำหนดเป็นวันหยุดราชการ จึงเลื่อนเป็นวันทำการถัดไป",
            "The due day became a public holiday and moved to the next working day.",
        ),
    ),
    Code::new(
        LINK_DUPLICATE,
        ("เชื่อมเรื่องซ้ำ", "link duplicate"),
        ("เชื่อมกับอีกเรื่องหนึ่งที่เกี่ยวกับเหตุเดียวกัน", "The case was linked with another about the same matter."),
    ),
    Code::new(
        UNLINK_DUPLICATE,
        ("ยกเลิกการเชื่อมเรื่องซ้ำ", "unlink duplicate"),
        ("ไม่เชื่อมกับเรื่องนั้นอีกต่อไป", "The link with another case ended."),
    ),
    Code::new(
        MOVE_TO_INTAKE,
        ("ย้ายไปหน่วยรับเรื่อง", "move to intake unit"),
        (
            "แก้ไขประเภทเรื่อง จึงย้ายไปยังส่วนราชการที่รับเรื่องประเภทนั้น",
            "The kind was corrected, and the complaint moved to the unit that takes in those of its new kind.",
        ),
    ),
    Code::new(
        ADDRESS_REFERRAL,
        ("แจ้งหน่วยงานที่รับเรื่องต่อ", "address referral"),
        (
            "หน่วยงานที่เทศบาลส่งเรื่องไป และวันที่ของหนังสือ",
            "The authority that the case was referred to, and the day of the letter.",
        ),
    ),
    Code::new(
        HAND_OVER_CASE,
        ("จัดทำไฟล์ส่งมอบ", "hand over case"),
        (
            "เข้ารหัสเรื่องสำหรับหน่วยงานที่รับเรื่องต่อ ข้อความคือค่าแฮชของไฟล์และกุญแจของหน่วยงาน",
            "The case was encrypted for the authority; the text is the hash of the file and the key.",
        ),
    ),
    Code::new(
        "request_identity",
        ("ขอเปิดเผยตัวตนผู้ร้องเรียน", "request identity"),
        ("เจ้าหน้าที่ขอต่อผู้ดูแลกุญแจ", "An officer asks the custodians for the identity of the reporter."),
    ),
    Code::new(
        "approve_identity",
        ("อนุมัติให้เปิดเผยตัวตน", "approve identity"),
        ("ผู้ดูแลกุญแจอนุมัติ", "A custodian approves that."),
    ),
    Code::new(
        "deny_identity",
        ("ไม่อนุมัติให้เปิดเผยตัวตน", "deny identity"),
        ("ผู้ดูแลกุญแจไม่อนุมัติและให้เหตุผล", "A custodian denies it and says why."),
    ),
    Code::new(
        "hand_over_identity",
        ("ส่งมอบข้อมูลตัวตน", "hand over identity"),
        ("ส่งมอบข้อมูลที่ปิดผนึกให้ผู้ดูแลกุญแจ", "A custodian receives the sealed identity."),
    ),
];

pub fn codes() -> Vec<&'static Code> {
    codes::united([OWN, complaint::Action::CODES, service_request::Action::CODES])
}

/// An action on the timeline of a case with these steps.
pub fn code<Step: Coded>(action: &str) -> Option<&'static Code> {
    Step::CODES.iter().chain(OWN).find(|code| code.code == action)
}

/// An action on a timeline, as the document has it.
pub struct TimelineAction;

impl PartialSchema for TimelineAction {
    fn schema() -> RefOr<Schema> {
        codes::schema(&MEANING.en, codes())
    }
}

impl ToSchema for TimelineAction {}
