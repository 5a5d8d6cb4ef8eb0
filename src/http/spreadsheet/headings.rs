//! What people read above a column. One name means one thing (docs/api-design.md), so that the heading of a field is the same in every
//! list; reports and statistics have headings of their own.

use entity::codes::Label;

use super::{Cell, TableColumn};

/// A heading: the name of the field, in Thai, in English.
type Heading = (&'static str, &'static str, &'static str);

const HEADINGS: &[Heading] = &[
    ("account_id", "บัญชีผู้ใช้", "account"),
    ("accused_unit", "ส่วนราชการที่ถูกร้องเรียน", "unit complained of"),
    ("action", "การดำเนินการ", "action"),
    ("active", "ใช้งานอยู่", "active"),
    ("actor_id", "รหัสผู้ดำเนินการ", "done by (id)"),
    ("actor_name", "ชื่อผู้ดำเนินการ", "name of who did it"),
    ("anonymous", "ไม่ระบุตัวตน", "anonymous"),
    ("answer", "คำตอบ", "answer"),
    ("answer_due_on", "วันที่ขอให้ตอบ", "asked to answer by"),
    ("approved_at", "วันและเวลาที่อนุมัติ", "approved at"),
    ("approved_by_id", "รหัสผู้อนุมัติ", "approved by (id)"),
    ("approved_by_name", "ผู้อนุมัติ", "approved by"),
    ("assignee_id", "รหัสผู้รับผิดชอบ", "responsible officer (id)"),
    ("assignee_name", "ผู้รับผิดชอบ", "responsible officer"),
    ("booked_on", "วันนัดหมาย", "booked day"),
    ("budget_allocated_baht", "งบประมาณที่ได้รับจัดสรร (บาท)", "budget allocated (baht)"),
    ("budget_spent_baht", "งบประมาณที่เบิกจ่ายแล้ว (บาท)", "budget spent (baht)"),
    ("capacity", "จำนวนที่รับได้ต่อวัน", "capacity per day"),
    ("category", "ประเภทย่อย", "category"),
    ("changed_at", "เปลี่ยนไปตั้งแต่", "changed at"),
    ("channel", "ช่องทางรับเรื่อง", "channel"),
    ("channel_url", "เว็บไซต์ของบริการ", "web address of the service"),
    ("checked_at", "ตรวจล่าสุดเมื่อ", "checked at"),
    ("closed_on", "วันที่สิ้นสุด", "closed on"),
    ("closing", "ข้อความปิดท้าย", "closing"),
    ("code", "รหัส", "code"),
    ("commitment", "ค่าผูกมัดข้อมูล (SHA-256)", "commitment (SHA-256)"),
    ("complaint_id", "รหัสเรื่องร้องเรียน", "complaint"),
    ("completion_due_on", "กำหนดแล้วเสร็จ", "completion due on"),
    ("completion_met_on", "วันที่แล้วเสร็จ", "completed on"),
    ("completion_overdue", "เกินกำหนด", "overdue"),
    ("conclusion_due_on", "กำหนดแจ้งผลการพิจารณา", "conclusion due on"),
    ("conclusion_met_on", "วันที่แจ้งผลการพิจารณา", "concluded on"),
    ("conclusion_overdue", "แจ้งผลการพิจารณาเกินกำหนด", "conclusion overdue"),
    ("conditions", "เงื่อนไข", "conditions"),
    ("confidence", "ที่มาของข้อความ", "confidence"),
    ("continued_as_reference", "ดำเนินการต่อในเลขรับเรื่อง", "continued as"),
    ("continues_reference", "ดำเนินการต่อจากเลขรับเรื่อง", "continues"),
    ("created_at", "วันและเวลาที่บันทึก", "created at"),
    ("date", "วันที่", "date"),
    ("days_left", "วันทำการที่เหลือ", "working days left"),
    ("decided_at", "วันและเวลาที่พิจารณา", "decided at"),
    ("decided_by_id", "รหัสผู้พิจารณา", "decided by (id)"),
    ("decided_by_name", "ผู้พิจารณา", "decided by"),
    ("declared_sha256", "ค่าแฮชที่ยืนยันไว้ (SHA-256)", "declared SHA-256"),
    ("delay_notice_due_on", "กำหนดแจ้งเหตุล่าช้า", "reason for the delay due on"),
    ("destroy_on", "วันที่จะทำลาย", "to be destroyed on"),
    ("destroyed_on", "วันที่ทำลายข้อความ", "destroyed on"),
    ("disclosed", "มีการเปิดเผยข้อมูล", "disclosed"),
    ("display_name", "ชื่อที่แสดง", "display name"),
    ("distance_m", "ระยะทาง (เมตร)", "distance (metres)"),
    ("document_number", "เลขที่หนังสือ", "letter number"),
    ("due_on", "กำหนด", "due on"),
    ("duplicate_of_id", "รหัสเรื่องหลักของเรื่องซ้ำ", "duplicate of (id)"),
    ("duplicate_of_reference", "เป็นเรื่องซ้ำของเลขรับเรื่อง", "duplicate of"),
    ("duplicates_count", "จำนวนเรื่องซ้ำ", "duplicates"),
    ("e_service", "บริการ", "e-service"),
    ("e_services", "บริการออนไลน์ที่ดำเนินการตามมาตรการ", "e-services that carry it"),
    ("ends_on", "วันสิ้นสุด", "ends on"),
    ("entered_at", "วันและเวลาที่บันทึกเข้าระบบ", "entered at"),
    ("entered_by_id", "รหัสผู้บันทึก", "entered by (id)"),
    ("entered_by_name", "ผู้บันทึก", "entered by"),
    ("evidence", "เอกสารหรือหลักฐาน", "evidence"),
    ("expires_at", "ใช้ได้ถึง", "expires at"),
    ("explanation", "คำอธิบาย", "explanation"),
    ("failure_count", "จำนวนครั้งที่เปิดไม่ได้ติดต่อกัน", "failures in a row"),
    ("fee_baht", "ค่าธรรมเนียม (บาท)", "fee (baht)"),
    ("file_name", "ชื่อไฟล์", "file name"),
    ("files", "ไฟล์", "files"),
    ("findings", "สิ่งที่ควรระวังในไฟล์", "findings"),
    ("finished_count", "ดำเนินการแล้วเสร็จ", "closed"),
    ("first_answer_due_on", "กำหนดแจ้งผลครั้งแรก", "first answer due on"),
    ("first_answer_met_on", "วันที่แจ้งผลครั้งแรก", "first answered on"),
    ("first_answer_overdue", "แจ้งผลครั้งแรกเกินกำหนด", "first answer overdue"),
    ("first_seen_at", "พบครั้งแรกเมื่อ", "first seen at"),
    ("first_seen_on", "เข้าใช้ครั้งแรก", "first seen on"),
    ("fiscal_year", "ปีงบประมาณ", "fiscal year"),
    ("follow_up", "การกำกับติดตามและรายงานผล", "follow-up"),
    ("form_version", "รุ่นของแบบคำขอ", "version of the form"),
    ("handed_over_at", "วันและเวลาที่ส่งมอบ", "handed over at"),
    ("handles", "งานที่มอบหมายได้", "cases that can be assigned"),
    ("happened_on", "วันที่เกิดเหตุการณ์", "happened on"),
    ("has_second_factor", "มีการยืนยันตัวตนสองชั้น", "has a second factor"),
    ("has_view", "มีสำเนาสำหรับดู", "has a copy to view"),
    ("hash", "ค่าแฮชของเหตุการณ์", "hash"),
    ("held_at", "ระงับการทำลายตั้งแต่", "on hold since"),
    ("hold_reason", "เหตุผลที่ระงับการทำลาย", "reason of the hold"),
    ("holders", "ผู้ดำรงตำแหน่ง", "holders"),
    ("http_status", "รหัสตอบกลับ HTTP", "HTTP status"),
    ("id", "รหัสอ้างอิงในระบบ", "id"),
    ("in_progress_count", "อยู่ระหว่างดำเนินการ", "open"),
    ("indicator", "ตัวชี้วัด", "indicator"),
    ("kind", "ประเภทเรื่อง", "kind"),
    ("last_good_at", "ใช้งานได้ล่าสุดเมื่อ", "last good at"),
    ("last_seen_on", "เข้าใช้ล่าสุด", "last seen on"),
    ("last_used_on", "ใช้ล่าสุด", "last used on"),
    ("law", "กฎหมายที่อ้างอิง", "law"),
    ("law_check", "การตรวจสอบข้อกฎหมาย", "check of the law"),
    ("legal_basis", "กฎหมายที่เกี่ยวข้อง", "legal basis"),
    ("links", "ที่อยู่เว็บ", "links"),
    ("listed_on", "วันที่ขึ้นบัญชี", "listed on"),
    ("login", "ชื่อบัญชีผู้ใช้", "login"),
    ("measure_id", "รหัสมาตรการ", "measure (id)"),
    ("measure_title", "มาตรการ", "measure"),
    ("media_type", "ชนิดไฟล์", "media type"),
    ("memo", "บันทึกข้อความ", "memo"),
    ("methods", "วิธีดำเนินการ", "methods"),
    ("name_en", "ชื่อภาษาอังกฤษ", "English name"),
    ("name_th", "ชื่อ", "Thai name"),
    ("next_check_at", "ตรวจครั้งถัดไป", "next check at"),
    ("no_budget_used", "ไม่ใช้งบประมาณ", "no budget used"),
    ("notes", "หมายเหตุ", "notes"),
    ("number", "ลำดับที่", "number"),
    ("occasion", "โอกาสที่ใช้", "occasion"),
    ("occurred_at", "วันและเวลา", "occurred at"),
    ("on_hold", "ระงับการทำลาย", "on hold"),
    ("open311", "เปิดรับทาง Open311", "open to Open311"),
    ("open_count", "งานที่เปิดอยู่", "open cases"),
    ("opening", "ข้อความนำ", "opening"),
    ("operation", "เรื่องที่ขออนุมัติ", "operation"),
    ("outcome", "ผลการพิจารณา", "outcome"),
    ("outcomes", "ผลลัพธ์หรือความสำเร็จของการดำเนินการ", "outcomes"),
    ("overdue", "เกินกำหนด", "overdue"),
    ("papers", "เอกสารที่ต้องใช้", "papers"),
    ("parent", "ส่วนราชการต้นสังกัด", "parent"),
    ("part", "ช่วงของวัน", "part of the day"),
    ("parts", "องค์ประกอบข้อมูลที่แสดง", "parts shown"),
    ("paused_on", "รอผู้ส่งเรื่องตั้งแต่", "waiting for the sender since"),
    ("period", "ช่วงเวลา", "period"),
    ("period_text", "ระยะเวลาดำเนินการ", "period"),
    ("posts", "ตำแหน่ง", "posts"),
    ("predecessor_id", "มาตรการของปีก่อนหน้า", "predecessor"),
    ("problems", "ปัญหาและอุปสรรค", "problems"),
    ("promise", "สิ่งที่ต้องทำภายในกำหนด", "what is due"),
    ("proposed_at", "วันและเวลาที่เสนอ", "proposed at"),
    ("proposed_by_id", "รหัสผู้เสนอ", "proposed by (id)"),
    ("proposed_by_name", "ผู้เสนอ", "proposed by"),
    ("provider_subject", "รหัสของระบบยืนยันตัวตน", "subject of the identity provider"),
    ("public", "เห็นทั้งสองฝ่าย", "seen by both sides"),
    ("publication", "สถานะการเผยแพร่", "publication"),
    ("published_at", "วันและเวลาที่เผยแพร่", "published at"),
    ("rating", "คะแนนความพึงพอใจ", "rating"),
    ("reason", "เหตุผล", "reason"),
    ("received_at", "วันและเวลาที่รับเรื่อง", "received at"),
    ("received_on", "วันที่รับเรื่อง", "received on"),
    ("recommendations", "ข้อเสนอแนะ", "recommendations"),
    ("record_id", "รหัสอ้างอิงของข้อมูล", "record"),
    ("recused", "รหัสผู้ถูกเสนอให้กันออกจากเรื่อง", "persons to be recused (ids)"),
    ("recused_people", "ชื่อผู้ถูกเสนอให้กันออกจากเรื่อง", "names of persons to be recused"),
    ("reference", "เลขรับเรื่อง", "reference"),
    ("referral_authority", "หน่วยงานที่ส่งต่อ", "referred to"),
    ("referral_letter_no", "เลขที่หนังสือส่งต่อ", "letter of referral"),
    ("referral_letter_on", "วันที่ของหนังสือส่งต่อ", "day of the letter"),
    ("register_no", "เลขทะเบียนรับ", "number in the register"),
    ("reminder_on", "วันเตือนผู้ยื่นคำขอ", "reminder on"),
    ("reopen_count", "จำนวนครั้งที่นำกลับมาดำเนินการใหม่", "times reopened"),
    ("reopening_requested_on", "วันที่ขอให้นำเรื่องกลับมาพิจารณาใหม่", "reopening requested on"),
    ("report_subject", "เรื่องของรายงาน", "subject of the report"),
    ("requested_at", "วันและเวลาที่ขอ", "requested at"),
    ("requested_by_id", "รหัสผู้ขอ", "requested by (id)"),
    ("requested_by_name", "ผู้ขอ", "requested by"),
    ("required_parts", "องค์ประกอบข้อมูล", "required parts"),
    ("resource", "ประเภทข้อมูล", "resource"),
    ("responsible", "ผู้รับผิดชอบ", "responsible"),
    ("result", "ผลการดำเนินการ", "result"),
    ("result_due_on", "กำหนดแจ้งผล", "result to be told by"),
    ("result_told_on", "วันที่แจ้งผล", "result told on"),
    ("results", "ผลการดำเนินการ", "results"),
    ("retention_ends_on", "วันครบกำหนดจัดเก็บ", "retention ends on"),
    ("roles", "บทบาท", "roles"),
    ("schema", "แบบคำขอ (JSON Schema)", "form (JSON Schema)"),
    ("scopes", "สิทธิ์การใช้งาน", "scopes"),
    ("seq", "ลำดับในบันทึก", "number in the log"),
    ("series", "ชุดรายงานในที่อยู่", "series"),
    ("sha256", "ค่าแฮชของไฟล์ (SHA-256)", "SHA-256"),
    ("short_name", "ชื่อย่อ", "short name"),
    ("side", "ฝ่าย", "side"),
    ("size_bytes", "ขนาด (ไบต์)", "size (bytes)"),
    ("source_title", "แหล่งข้อมูล", "source"),
    ("source_url", "ที่อยู่เว็บของแหล่งข้อมูล", "web address of the source"),
    ("starts_on", "วันเริ่มต้น", "starts on"),
    ("state", "สถานะ", "state"),
    ("status", "สถานะ", "status"),
    ("steps", "ขั้นตอน", "steps"),
    ("sub_indicator", "ตัวชี้วัดย่อย", "sub-indicator"),
    ("subject", "เรื่อง", "subject"),
    ("taken", "ช่วงเวลาที่ถ่ายภาพ", "taken"),
    ("takes_location", "ระบุสถานที่ได้", "takes a location"),
    ("text", "ข้อความ", "text"),
    ("text_en", "ข้อความภาษาอังกฤษ", "English text"),
    ("title", "ชื่อเรื่อง", "title"),
    ("title_en", "ชื่อเรื่องภาษาอังกฤษ", "English title"),
    ("title_th", "ชื่อเรื่อง", "Thai title"),
    ("topic", "ประเด็น", "topic"),
    ("total", "ทั้งหมด", "total"),
    ("unanswered_at", "รอคำตอบตั้งแต่", "unanswered since"),
    ("unit", "ส่วนราชการ", "unit"),
    ("units", "ส่วนราชการ", "units"),
    ("unpublished_reason", "เหตุผลที่ถอนการเผยแพร่", "reason of unpublishing"),
    ("updated_at", "วันและเวลาที่แก้ไขล่าสุด", "updated at"),
    ("url", "ที่อยู่เว็บ", "web address"),
    ("used_at", "วันและเวลาที่ใช้", "used at"),
    ("user_id", "รหัสผู้ใช้", "user (id)"),
    ("user_name", "ผู้ใช้", "user"),
    ("uses", "ข้อมูลที่อ้างถึง", "used by"),
    ("version", "รุ่น", "version"),
    ("withdrawal_requested_on", "วันที่ขอถอนเรื่อง", "withdrawal requested on"),
    ("working_days", "วันทำการ", "working days"),
    ("years_before", "จำนวนปีก่อนปีที่ประเมิน", "years before the assessment"),
];

/// Stops the build where a column has no heading.
pub const fn check<T>(columns: &[TableColumn<T>]) {
    let mut at = 0;
    while at < columns.len() {
        assert!(
            is_known(columns[at].0),
            "a column has no heading: add the name of its field to http/spreadsheet/headings.rs"
        );
        at += 1;
    }
}

const fn is_known(name: &str) -> bool {
    let mut at = 0;
    while at < HEADINGS.len() {
        if is_same(HEADINGS[at].0.as_bytes(), name.as_bytes()) {
            return true;
        }
        at += 1;
    }
    false
}

/// Equality of texts is not yet const.
const fn is_same(one: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

/// The head of a field's column.
pub fn heading(name: &str) -> Cell {
    Cell::Code(name.to_owned(), label_of_field(name))
}

/// What people call a field; of one that no list has, its name.
pub fn label_of_field(name: &str) -> Label {
    let known = HEADINGS.iter().find(|(known, ..)| *known == name);
    known.map_or_else(|| Label::named(name.to_owned(), None), |(_, th, en)| Label::new(th, en))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_in_order_and_a_column_without_one_is_found() {
        assert!(HEADINGS.is_sorted_by(|(one, ..), (next, ..)| one < next));
        assert!(is_known("id") && is_known("working_days") && !is_known("i") && !is_known("idea"));
    }
}
