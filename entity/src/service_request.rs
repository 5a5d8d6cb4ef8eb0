//! Somebody's request for an e-service. What was filled in and who asks is sealed; the rest is what the handling and the
//! statistics need.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::referral::Referral;
use crate::texts::Texts;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "service_request")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The number that people quote: random, so that it tells neither when nor how many.
    #[sea_orm(unique)]
    pub reference: String,
    pub e_service_id: Uuid,
    /// Which of its forms was filled in.
    pub form_version: i32,
    pub channel: Channel,
    pub status: Status,
    /// The status in which the wait began, while it is paused or the applicant is waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_before: Option<Status>,
    /// Of the day on which it was received.
    pub fiscal_year: i32,
    pub received_on: Date,
    /// The beginning of that day where only the day is known: nobody is shown that hour.
    pub received_at: DateTimeUtc,
    /// When it was entered, if that was on a later day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entered_at: Option<DateTimeUtc>,
    /// Id of the account or client that entered it, until what was written is destroyed. None of what the sender entered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entered_by: Option<String>,
    /// Its number in the office's own register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub register_no: Option<String>,
    /// Who handles it.
    pub unit_id: Uuid,
    pub assignee_id: Option<Uuid>,
    /// Working days that were promised.
    pub working_days: i32,
    /// The day on which it was received or last reopened.
    pub clock_from: Date,
    /// Since when the applicant is waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_since: Option<Date>,
    /// Working days waited for the applicant before that.
    #[serde(default)]
    pub waited_days: i32,
    /// The day until which the applicant was asked to answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_due_on: Option<Date>,
    /// When an applicant who has not answered is reminded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminder_on: Option<Date>,
    /// The due day of before the applicant is waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_before: Option<Date>,
    /// None while the applicant is waited for.
    pub due_on: Option<Date>,
    /// Holidays that were left out when it was computed.
    pub holidays: Texts,
    /// When the applicant was last told why it is late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_explained_on: Option<Date>,
    pub closed_on: Option<Date>,
    /// Until when an applicant who did not apply online has to be told how it ended, until that is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_due_on: Option<Date>,
    /// When such an applicant was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_told_on: Option<Date>,
    /// Working days that it took, without those waited.
    pub took: Option<i32>,
    pub reopen_count: i32,
    /// The rating by the applicant, 1 to 5.
    pub rating: Option<i32>,
    /// Where it is to be done, rounded to about a hundred metres, in millionths of a degree.
    pub latitude: Option<i32>,
    pub longitude: Option<i32>,
    /// The day that was booked for it.
    pub booked_on: Option<Date>,
    /// What was done, for everybody to read.
    pub public_note: Option<String>,
    /// How it was closed before it was reopened, as `request.completed`: it is kept for the longest of their times.
    pub formerly: Texts,
    /// Notices of the agency that its sender was shown, each as `code/version`.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub notices: Texts,
    /// The case of the same kind of which it is a duplicate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<Uuid>,
    /// The complaint with whose matter it goes on. It stays when what was written is destroyed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub continues: Option<Uuid>,
    /// Where it was referred to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referral: Option<Referral>,
    /// Whether it is kept for now, however long it has been closed.
    pub on_hold: bool,
    /// When what was written was destroyed.
    pub destroyed_on: Option<Date>,
    /// Sealed: what was filled in, who asks, and where exactly.
    #[serde(skip)]
    pub content: Vec<u8>,
    pub version: i32,
    pub updated_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    #[serde(rename_all = "snake_case")]
    pub enum Channel = "ServiceRequestChannel" ("ช่องทางยื่นคำขอ", "How a service request came in.") {
        Web = "web" (
            "ระบบออนไลน์ (E-Service)", "online",
            "ยื่นคำขอโดยไม่ต้องมาที่สำนักงาน",
            "It was sent online."
        ),
        WalkIn = "walk_in" (
            "ติดต่อด้วยตนเอง (Walk-in)", "walk-in",
            "มายื่นที่สำนักงานเทศบาล",
            "The applicant came to the office."
        ),
        Phone = "phone" (
            "โทรศัพท์", "telephone",
            "เจ้าหน้าที่บันทึกแทนตามที่แจ้ง",
            "An officer wrote it down during a call."
        ),
        Letter = "letter" (
            "จดหมายหรือหนังสือ", "letter",
            "ส่งทางไปรษณีย์หรือนำมายื่น",
            "It came by post or was handed in."
        ),
        Other = "other" (
            "ช่องทางอื่น", "other",
            "เช่น สื่อสังคมออนไลน์ หรือหน่วยงานอื่นส่งมา",
            "It came in another way, such as social media or another agency."
        ),
    }
}

crate::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    #[serde(rename_all = "snake_case")]
    pub enum Status = "ServiceRequestStatus" ("สถานะของคำขอรับบริการ", "Status of a service request.") {
        Received = "received" (
            "ยื่นคำขอแล้ว", "received",
            "รอเจ้าหน้าที่ตรวจความครบถ้วน",
            "An officer has yet to check that it is complete."
        ),
        Accepted = "accepted" (
            "รับคำขอแล้ว", "accepted",
            "คำขอครบถ้วน รอดำเนินการ",
            "It is complete and waits for the work to begin."
        ),
        InProgress = "in_progress" (
            "อยู่ระหว่างดำเนินการ", "in progress",
            "เจ้าหน้าที่เริ่มงานแล้ว",
            "The work has begun."
        ),
        AwaitingApplicant = "awaiting_applicant" (
            "รอผู้ยื่นคำขอแก้ไขหรือส่งเอกสารเพิ่มเติม", "awaiting applicant",
            "หยุดนับเวลาจนกว่าผู้ยื่นคำขอจะตอบหรือส่งเอกสาร",
            "The clock stands still until the applicant answers or sends what is missing."
        ),
        Paused = "paused" (
            "พักการดำเนินการ", "paused",
            "งานหยุดรอ เช่น รออะไหล่ แจ้งเหตุผลแล้ว กำหนดแล้วเสร็จไม่เปลี่ยน",
            "The work waits, such as for a part, and the applicant knows why. The due date does not move."
        ),
        Completed = "completed" (
            "ดำเนินการแล้วเสร็จ", "completed",
            "ให้บริการเสร็จและแจ้งผลแล้ว",
            "The work is done and the applicant is informed."
        ),
        Rejected = "rejected" (
            "ไม่รับคำขอ", "rejected",
            "แจ้งเหตุผลแล้ว",
            "It was not accepted, and the applicant knows the reason."
        ),
        Referred = "referred" (
            "ส่งต่อหน่วยงานอื่น", "referred",
            "เรื่องอยู่ในอำนาจของหน่วยงานอื่น แจ้งผู้ยื่นคำขอแล้ว",
            "It is for another authority, and the applicant knows which and why."
        ),
        Cancelled = "cancelled" (
            "ผู้ยื่นคำขอยกเลิก", "cancelled",
            "ยกเลิกก่อนงานเสร็จ",
            "The applicant cancelled it before the work was done."
        ),
        Converted = "converted" (
            "เปลี่ยนเป็นเรื่องร้องเรียน", "converted",
            "ดำเนินการต่อเป็นเรื่องร้องเรียนด้วยรหัสติดตามเรื่องเดิม",
            "The office goes on with it as a complaint, which has the same receipt."
        ),
    }
}
