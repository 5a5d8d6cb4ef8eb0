//! What actions and records of the audit log are called.

use std::sync::LazyLock;

use entity::codes::{self, Code, Coded, Label};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::{approval, complaint, ita, link, publication, service_request, signing, timeline};
use crate::revisions::Resource;

pub const ACTION: Label = Label::new("การดำเนินการในบันทึกเหตุการณ์", "What an event of the audit log did.");

pub const KIND: Label = Label::new("ประเภทข้อมูลในบันทึกเหตุการณ์", "What an event of the audit log is about.");

/// What is no step of a workflow, and what is a step under several names.
const OWN: &[Code] = &[
    Code::new("create", ("สร้าง", "create"), ("บันทึกข้อมูลใหม่", "A record was created.")),
    Code::new("update", ("แก้ไข", "update"), ("แก้ไขข้อมูล", "A record was changed.")),
    Code::new("delete", ("ลบ", "delete"), ("ลบข้อมูล", "A record was deleted.")),
    Code::new(
        "import",
        ("นำเข้า", "import"),
        ("นำเข้าจากไฟล์ข้อมูลของเทศบาล", "A record was imported from the files of the municipality."),
    ),
    Code::new(
        "carry_forward",
        ("ยกไปปีถัดไป", "carry forward"),
        (
            "คัดลอกมาตรการหรือคำตอบ ITA ไปปีงบประมาณถัดไป",
            "A measure or an answer to the ITA was copied into the next fiscal year.",
        ),
    ),
    Code::new("read", ("เปิดอ่าน", "read"), ("เจ้าหน้าที่เปิดอ่านเรื่อง", "An officer read a case.")),
    Code::new(
        "read_named",
        ("เปิดอ่านเรื่องที่ระบุตัวตน", "read with identity"),
        ("เจ้าหน้าที่เปิดอ่านเรื่องที่มีข้อมูลตัวตน", "An officer read a case that has an identity."),
    ),
    Code::new(
        "list",
        ("แสดงรายการ", "list"),
        ("แสดงรายการเรื่อง หรือขึ้นบัญชีเรื่องที่จะทำลาย", "Cases were listed, for an officer or for destruction."),
    ),
    Code::new("search", ("ค้นหา", "search"), ("เจ้าหน้าที่ค้นหาข้อความในเรื่อง", "An officer searched the texts of cases.")),
    Code::new(
        "export",
        ("ส่งออก", "export"),
        ("ดาวน์โหลดเป็นตารางหรือส่งออกบันทึกเหตุการณ์", "A table of cases, or the audit log, was exported."),
    ),
    Code::new("hold", ("ระงับการทำลาย", "hold"), ("เก็บเรื่องไว้แม้ครบกำหนด", "Destruction of a case was put on hold.")),
    Code::new(
        "release",
        ("ยกเลิกการระงับหรือคืนวันนัดหมาย", "release"),
        ("ยกเลิกการระงับการทำลาย หรือคืนวันที่จองไว้", "A hold ended, or a booked day became free again."),
    ),
    Code::new(
        "change_kind",
        ("เปลี่ยนประเภทเรื่อง", "change kind"),
        ("แก้ไขประเภทของเรื่องร้องเรียน", "The kind of a complaint was corrected."),
    ),
    Code::new(
        "approve_destruction",
        ("อนุมัติให้ทำลาย", "approve destruction"),
        ("อนุมัติให้ทำลายเรื่องตามบัญชีเรื่องที่ครบกำหนด", "A person approved that a listed case is destroyed."),
    ),
    Code::new(
        "destroy",
        ("ทำลาย", "destroy"),
        ("ทำลายข้อมูลของเรื่องเมื่อครบกำหนดจัดเก็บ", "The texts of a case were destroyed at the end of retention."),
    ),
    Code::new(
        "propose_recusal",
        ("เสนอให้กันออกจากเรื่อง", "propose recusal"),
        ("เจ้าหน้าที่เสนอให้กันผู้มีส่วนได้เสียออกจากเรื่อง", "An officer proposed a recusal."),
    ),
    Code::new(
        "recuse",
        ("กันออกจากเรื่อง", "recuse"),
        ("กันผู้มีส่วนได้เสียออกจากเรื่องตามที่เสนอ", "A proposed recusal was confirmed."),
    ),
    Code::new(
        "reject_recusal",
        ("ไม่เห็นชอบให้กันออกจากเรื่อง", "reject recusal"),
        ("ไม่กันออกจากเรื่องตามที่เสนอ", "A proposed recusal was rejected."),
    ),
    Code::new("seal", ("ปิดผนึก", "seal"), ("ปิดผนึกข้อมูลตัวตนผู้ร้องเรียน", "The identity of a reporter was sealed.")),
    Code::new(
        "reseal",
        ("ปิดผนึกใหม่", "reseal"),
        ("เข้ารหัสกุญแจของเรื่องใหม่ด้วยกุญแจรุ่นล่าสุด", "The keys of cases were encrypted under the newest key."),
    ),
    Code::new("login", ("เข้าสู่ระบบ", "login"), ("เข้าสู่ระบบสำเร็จ", "A person logged in.")),
    Code::new("login_failed", ("เข้าสู่ระบบไม่สำเร็จ", "login failed"), ("ชื่อผู้ใช้หรือรหัสผ่านไม่ถูกต้อง", "A login failed.")),
    Code::new(
        "login_failures",
        ("เข้าสู่ระบบไม่สำเร็จหลายครั้ง", "logins failed"),
        ("เข้าสู่ระบบไม่สำเร็จอีกหลายครั้ง", "More logins failed."),
    ),
    Code::new(
        "login_without_code",
        ("เข้าสู่ระบบโดยไม่มีรหัสยืนยัน", "login without code"),
        ("รหัสผ่านถูกต้อง แต่ไม่ได้ส่งรหัสยืนยัน", "A login had the right password and no code."),
    ),
    Code::new(
        "logins_without_code",
        ("เข้าสู่ระบบโดยไม่มีรหัสยืนยันหลายครั้ง", "logins without code"),
        ("เข้าสู่ระบบโดยไม่มีรหัสยืนยันอีกหลายครั้ง", "More logins had no code."),
    ),
    Code::new(
        "login_with_wrong_code",
        ("รหัสยืนยันไม่ถูกต้อง", "login with wrong code"),
        ("รหัสผ่านถูกต้อง แต่รหัสยืนยันไม่ถูกต้อง", "A login had the right password and a wrong code."),
    ),
    Code::new(
        "logins_with_wrong_code",
        ("รหัสยืนยันไม่ถูกต้องหลายครั้ง", "logins with wrong code"),
        ("รหัสยืนยันไม่ถูกต้องอีกหลายครั้ง", "More logins had a wrong code."),
    ),
    Code::new(
        "password_wrong",
        ("รหัสผ่านปัจจุบันไม่ถูกต้อง", "wrong password"),
        ("ผู้ใช้ยืนยันตัวตนด้วยรหัสผ่านที่ไม่ถูกต้อง", "A user confirmed a change with a wrong password or code."),
    ),
    Code::new(
        "passwords_wrong",
        ("รหัสผ่านปัจจุบันไม่ถูกต้องหลายครั้ง", "wrong passwords"),
        ("รหัสผ่านปัจจุบันไม่ถูกต้องอีกหลายครั้ง", "More of these passwords or codes were wrong."),
    ),
    Code::new("logout", ("ออกจากระบบ", "logout"), ("ผู้ใช้ออกจากระบบ", "A person logged out.")),
    Code::new(
        "refresh",
        ("ต่ออายุการเข้าสู่ระบบ", "refresh"),
        ("ออกโทเคนใหม่ด้วยโทเคนต่ออายุ", "A session was continued with a refresh token."),
    ),
    Code::new(
        "refresh_reused",
        ("ใช้โทเคนต่ออายุซ้ำ", "refresh token reused"),
        ("มีการใช้โทเคนต่ออายุที่ใช้ไปแล้ว ระบบจึงยุติการเข้าสู่ระบบนั้น", "A refresh token was used twice, which ended the session."),
    ),
    Code::new("token", ("ออกโทเคน", "token"), ("ออกโทเคนให้โปรแกรม", "A program got a token.")),
    Code::new(
        "token_denied",
        ("ไม่ออกโทเคน", "token denied"),
        ("โปรแกรมแสดงรหัสลับไม่ถูกต้อง", "A program was refused a token."),
    ),
    Code::new(
        "token_denials",
        ("ไม่ออกโทเคนหลายครั้ง", "tokens denied"),
        ("ไม่ออกโทเคนให้โปรแกรมอีกหลายครั้ง", "More tokens were refused."),
    ),
    Code::new(
        "denied",
        ("ปฏิเสธการเข้าถึง", "denied"),
        ("ไม่มีสิทธิ์ดำเนินการที่ขอ", "A caller lacked the right to what they asked for."),
    ),
    Code::new(
        "unlock",
        ("ปลดล็อกบัญชี", "unlock"),
        ("ล้างจำนวนครั้งที่เข้าสู่ระบบไม่สำเร็จ", "The failed logins of an account were forgotten."),
    ),
    Code::new("set_password", ("ตั้งรหัสผ่าน", "set password"), ("ตั้งหรือเปลี่ยนรหัสผ่าน", "A password was set.")),
    Code::new(
        "enrol_second_factor",
        ("ลงทะเบียนการยืนยันตัวตนสองชั้น", "enrol second factor"),
        ("เริ่มลงทะเบียนแอปยืนยันตัวตน", "The enrolment of a second factor began."),
    ),
    Code::new(
        "confirm_second_factor",
        ("ยืนยันการยืนยันตัวตนสองชั้น", "confirm second factor"),
        ("ลงทะเบียนแอปยืนยันตัวตนเสร็จ", "The enrolment of a second factor was confirmed."),
    ),
    Code::new(
        "reset_second_factor",
        ("ล้างการยืนยันตัวตนสองชั้น", "reset second factor"),
        ("ผู้ใช้ต้องลงทะเบียนแอปยืนยันตัวตนใหม่", "A second factor was removed."),
    ),
    Code::new(
        "create_secret",
        ("สร้างรหัสลับ", "create secret"),
        ("สร้างรหัสลับของโปรแกรม", "A secret of a program was made."),
    ),
    Code::new(
        "seen",
        ("เข้าใช้ระบบ", "seen"),
        ("บุคคลจากผู้ให้บริการยืนยันตัวตนเข้าใช้", "A person of the identity provider was here."),
    ),
    Code::new("use", ("ใช้คำอนุมัติ", "use"), ("ดำเนินการตามที่ได้รับอนุมัติแล้ว", "What was approved was done.")),
    Code::new(
        "start",
        ("เริ่ม", "start"),
        ("เริ่มระบบ หรือเริ่มดำเนินการตามคำขอ", "The service started, or the work of a request began."),
    ),
    Code::new(
        "doubt_ahead",
        ("นาฬิกาอาจเร็วไป", "clock ahead"),
        ("นาฬิกาของเครื่องเร็วกว่าที่ควร งานที่ทำลายข้อมูลจึงหยุดรอ", "The clock may be ahead: nothing is destroyed."),
    ),
    Code::new(
        "doubt_behind",
        ("นาฬิกาอาจช้าไป", "clock behind"),
        ("นาฬิกาของเครื่องช้ากว่าที่ควร งานที่ทำลายข้อมูลจึงหยุดรอ", "The clock may be behind: nothing is destroyed."),
    ),
    Code::new("confirm", ("ยืนยันนาฬิกา", "confirm"), ("ผู้ดูแลเครื่องยืนยันว่านาฬิกาถูกต้อง", "An operator confirmed the clock.")),
    Code::new(
        "acknowledge_restore",
        ("รับทราบการกู้คืน", "acknowledge restore"),
        ("ผู้ดูแลเครื่องรับทราบว่ากู้คืนฐานข้อมูลจากสำเนาเก่า", "An operator acknowledged that an older copy was restored."),
    ),
];

/// What events are about that concern no record.
const OTHERS: &[Code] = &[
    Code::new("access", ("การเข้าถึง", "access"), ("การเข้าถึงที่ระบบปฏิเสธ", "Access that was denied.")),
    Code::new("audit", ("บันทึกเหตุการณ์ในระบบ", "audit log"), ("บันทึกเหตุการณ์ในระบบเอง", "The audit log itself.")),
    Code::new("clock", ("นาฬิกาของระบบ", "clock"), ("เวลาที่ระบบใช้", "The clock of the service.")),
    Code::new(
        "content-keys",
        ("กุญแจเข้ารหัสข้อความ", "content keys"),
        ("กุญแจที่ใช้เข้ารหัสข้อความในเรื่อง", "The keys under which texts of cases are encrypted."),
    ),
    Code::new(
        "retention",
        ("การทำลายตามกำหนด", "retention"),
        ("บัญชีเรื่องที่จะถูกทำลาย", "The list of cases due for destruction."),
    ),
    Code::new("service", ("ระบบ", "service"), ("โปรแกรมของระบบนี้", "The service itself.")),
    Code::new("sessions", ("การเข้าสู่ระบบ", "session"), ("การเข้าสู่ระบบและโทเคน", "Logins and tokens.")),
];

/// Every action that can be in the log.
pub static ACTIONS: LazyLock<Vec<&'static Code>> = LazyLock::new(|| {
    let timeline = timeline::codes().into_iter().map(std::slice::from_ref);
    codes::united([OWN].into_iter().chain(timeline).chain([
        publication::Action::CODES,
        approval::Action::CODES,
        ita::Action::CODES,
        signing::Action::CODES,
        link::Action::CODES,
    ]))
});

/// All that events can be about.
pub fn kinds() -> impl Iterator<Item = &'static Code> {
    Resource::CODES.iter().filter(|code| code.code != Resource::Today.name()).chain(OTHERS)
}

/// An action on a record: a step of a workflow has the name that it has there.
pub fn action(code: &str, kind: &str) -> Option<&'static Code> {
    let steps = match Resource::of_code(kind) {
        Some(Resource::Complaints) => complaint::Action::CODES,
        Some(Resource::ServiceRequests) => service_request::Action::CODES,
        Some(Resource::Links) => link::Action::CODES,
        Some(Resource::UserApprovals) => approval::Action::CODES,
        Some(Resource::ItaDisclosures) => ita::Action::CODES,
        Some(Resource::Publications) => signing::Action::CODES,
        _ => &[],
    };
    steps.iter().chain(ACTIONS.iter().copied()).find(|known| known.code == code)
}

pub fn kind(code: &str) -> Option<&'static Code> {
    kinds().find(|known| known.code == code)
}

/// An action, as the document has it.
pub struct AuditAction;

impl PartialSchema for AuditAction {
    fn schema() -> RefOr<Schema> {
        codes::schema(&ACTION.en, ACTIONS.iter().copied())
    }
}

impl ToSchema for AuditAction {}

/// What an event is about, as the document has it.
pub struct AuditResource;

impl PartialSchema for AuditResource {
    fn schema() -> RefOr<Schema> {
        codes::schema(&KIND.en, kinds())
    }
}

impl ToSchema for AuditResource {}
