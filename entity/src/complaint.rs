//! A complaint about corruption or misconduct, or the public's feedback. What people wrote is sealed; the rest is what the
//! handling and the statistics need.

use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::agency::DayCount;
use crate::referral::Referral;
use crate::texts::Texts;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "complaint")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The number that people quote: random, so that it tells neither when nor how many.
    #[sea_orm(unique)]
    pub reference: String,
    pub kind: Kind,
    pub category_id: Uuid,
    pub channel: Channel,
    /// Whether nobody's identity was sealed with it.
    pub anonymous: bool,
    pub status: Status,
    pub outcome: Option<Outcome>,
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
    pub unit_id: Option<Uuid>,
    pub assignee_id: Option<Uuid>,
    /// Whom it is about.
    pub accused_unit_id: Option<Uuid>,
    /// Ids of accounts that must not see it.
    pub recused: Texts,
    /// What a second person has yet to confirm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recusal_proposal: Option<RecusalProposal>,
    /// Days that were promised for the first answer, and which days they are.
    pub first_answer_days: i32,
    pub first_answer_counted: DayCount,
    pub first_answer_due_on: Date,
    /// Holidays that were left out when it was computed.
    pub first_answer_holidays: Texts,
    pub first_answered_on: Option<Date>,
    /// Working days that it took.
    pub first_answer_took: Option<i32>,
    /// Working days that were promised for the conclusion.
    pub conclusion_days: i32,
    /// The day on which it was received or last reopened.
    pub clock_from: Date,
    /// Since when the reporter is waited for.
    pub waiting_since: Option<Date>,
    /// Working days waited for the reporter before that.
    pub waited_days: i32,
    /// None while the reporter is waited for.
    pub conclusion_due_on: Option<Date>,
    /// That day of before the reporter is waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conclusion_due_before: Option<Date>,
    /// Holidays that were left out when it was last computed.
    pub conclusion_holidays: Texts,
    /// When the reporter asked to withdraw it, until the office decides about that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawal_requested_on: Option<Date>,
    pub closed_on: Option<Date>,
    /// When the reporter asked to reopen it, until the office decides about that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reopening_requested_on: Option<Date>,
    /// How satisfied the reporter is with the handling, 1 to 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<i32>,
    /// Working days that it took, without those waited.
    pub conclusion_took: Option<i32>,
    pub reopen_count: i32,
    /// Kinds, or kinds with an outcome, that it was filed or closed as before: it is kept for the longest of their times.
    pub formerly: Texts,
    /// Notices of the agency that its sender was shown, each as `code/version`.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub notices: Texts,
    /// The case of the same kind of which it is a duplicate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<Uuid>,
    /// The service request with whose matter it goes on. It stays when what was written is destroyed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub continues: Option<Uuid>,
    /// Where it was referred to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referral: Option<Referral>,
    /// Whether it is kept for now, however long it has been closed.
    pub on_hold: bool,
    /// When what was written was destroyed.
    pub destroyed_on: Option<Date>,
    /// Sealed.
    #[serde(skip)]
    pub subject: Vec<u8>,
    /// Sealed: everything else that was written at first.
    #[serde(skip)]
    pub report: Vec<u8>,
    pub version: i32,
    pub updated_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Who shall not see a complaint any more, and who says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct RecusalProposal {
    pub recused: Vec<String>,
    /// Code of the unit that the complaint is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accused_unit: Option<String>,
    pub proposed_by: String,
    pub proposed_at: DateTimeUtc,
    /// Kept after that, since whoever was rejected does not propose again at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected_at: Option<DateTimeUtc>,
}

crate::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    #[serde(rename_all = "snake_case")]
    pub enum Kind = "ComplaintKind" ("ประเภทเรื่อง", "Kind of a complaint. Corruption and misconduct count for the ITA submission.") {
        Corruption = "corruption" (
            "การทุจริต", "corruption",
            "เจ้าหน้าที่ใช้ตำแหน่งหน้าที่แสวงหาประโยชน์ที่มิควรได้",
            "An officer uses their position for an undue benefit."
        ),
        Misconduct = "misconduct" (
            "ประพฤติมิชอบ", "misconduct",
            "เจ้าหน้าที่ฝ่าฝืนกฎหมาย ระเบียบ หรือจริยธรรมในหน้าที่",
            "An officer breaks a law, a regulation or the code of ethics on duty."
        ),
        Service = "service" (
            "ร้องเรียนทั่วไป", "general complaint",
            "บริการของเทศบาลหรือเหตุเดือดร้อนรำคาญ ไม่นับเป็นเรื่องทุจริต",
            "It is about a service of the municipality or a nuisance. It does not count as corruption."
        ),
        Feedback = "feedback" (
            "ข้อเสนอแนะและคำชมเชย", "feedback",
            "ความเห็นที่ไม่ใช่การร้องเรียน",
            "It is a suggestion or a compliment, not a complaint."
        ),
    }
}

impl Kind {
    /// Whether it is about the integrity of officers. Those kinds have a unit and figures of their own.
    pub const fn is_of_integrity(self) -> bool {
        match self {
            Self::Corruption | Self::Misconduct => true,
            Self::Service | Self::Feedback => false,
        }
    }
}

crate::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    #[serde(rename_all = "snake_case")]
    pub enum Channel = "ComplaintChannel" ("ช่องทางรับเรื่อง", "How a complaint came in.") {
        Web = "web" (
            "เว็บไซต์", "website",
            "ส่งผ่านระบบออนไลน์",
            "It was sent online."
        ),
        WalkIn = "walk_in" (
            "ติดต่อด้วยตนเอง (Walk-in)", "walk-in",
            "มาแจ้งที่สำนักงานเทศบาล",
            "The reporter came to the office."
        ),
        Letter = "letter" (
            "จดหมายหรือหนังสือ", "letter",
            "ส่งทางไปรษณีย์หรือนำมายื่น",
            "It came by post or was handed in."
        ),
        Phone = "phone" (
            "โทรศัพท์", "telephone",
            "เจ้าหน้าที่บันทึกแทนตามที่แจ้ง",
            "An officer wrote it down during a call."
        ),
        Other = "other" (
            "ช่องทางอื่น", "other",
            "เช่น สื่อสังคมออนไลน์ ตู้รับเรื่อง หรือหน่วยงานอื่นส่งมา",
            "It came in another way, such as social media, a complaint box or another agency."
        ),
    }
}

crate::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    #[serde(rename_all = "snake_case")]
    pub enum Status = "ComplaintStatus" ("สถานะของเรื่องร้องเรียน", "Status of a complaint.") {
        Received = "received" (
            "ลงทะเบียนรับเรื่อง", "received",
            "ระบบรับเรื่องไว้แล้ว ยังไม่ได้กลั่นกรอง",
            "It is registered and not yet screened."
        ),
        Accepted = "accepted" (
            "รับไว้พิจารณา", "accepted",
            "กลั่นกรองแล้วเห็นว่าอยู่ในอำนาจของเทศบาล",
            "It is screened: the municipality is competent."
        ),
        Investigating = "investigating" (
            "อยู่ระหว่างตรวจสอบข้อเท็จจริง", "under investigation",
            "กำลังรวบรวมข้อเท็จจริงและพยานหลักฐาน",
            "Facts and evidence are being gathered."
        ),
        AwaitingReporter = "awaiting_reporter" (
            "รอข้อมูลเพิ่มเติมจากผู้ร้องเรียน", "awaiting the reporter",
            "หยุดนับเวลาจนกว่าผู้ร้องเรียนจะตอบ",
            "The clock stands still until the reporter answers a question."
        ),
        Concluded = "concluded" (
            "พิจารณาแล้วเสร็จ", "concluded",
            "ยุติเรื่องและแจ้งผลแล้ว",
            "It is closed with an outcome."
        ),
        Rejected = "rejected" (
            "ไม่รับไว้พิจารณา", "rejected",
            "ยุติเรื่องโดยแจ้งเหตุผลที่ไม่รับ",
            "It is closed with the reason why it was not accepted."
        ),
        Withdrawn = "withdrawn" (
            "ผู้ร้องเรียนถอนเรื่อง", "withdrawn",
            "ยุติเรื่องตามคำขอของผู้ร้องเรียน",
            "It is closed at the request of the reporter."
        ),
        Converted = "converted" (
            "เปลี่ยนเป็นคำขอรับบริการ", "converted",
            "ดำเนินการต่อเป็นคำขอรับบริการด้วยรหัสติดตามเรื่องเดิม",
            "The office goes on with it as a service request, which has the same receipt."
        ),
    }
}

crate::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    #[serde(rename_all = "snake_case")]
    pub enum Outcome = "ComplaintOutcome" ("ผลการพิจารณาเรื่องร้องเรียน", "Outcome of a concluded complaint.") {
        Substantiated = "substantiated" (
            "มีมูล", "substantiated",
            "ข้อเท็จจริงเป็นไปตามที่ร้องเรียน",
            "The facts are as reported."
        ),
        Unsubstantiated = "unsubstantiated" (
            "ไม่มีมูล", "unsubstantiated",
            "ไม่พบข้อเท็จจริงตามที่ร้องเรียน",
            "The facts were not found to be as reported."
        ),
        Referred = "referred" (
            "ส่งต่อหน่วยงานที่มีอำนาจ", "referred",
            "เช่น ป.ป.ช. ป.ป.ท. อำเภอ หรือจังหวัด",
            "It was passed to the competent authority, such as the NACC or the PACC."
        ),
        Noted = "noted" (
            "รับทราบ", "noted",
            "รับข้อเสนอแนะหรือคำชมเชยไว้ โดยไม่ต้องวินิจฉัยข้อเท็จจริง",
            "A suggestion or a compliment was taken note of. No facts were to be found."
        ),
    }
}
