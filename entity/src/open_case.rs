//! An open case of either kind, without what was written in it: a view over complaints and service requests.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "open_case")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: Kind,
    pub reference: String,
    /// A status of its kind.
    pub status: String,
    /// Who handles it.
    pub unit_id: Option<Uuid>,
    pub assignee_id: Option<Uuid>,
    /// Ids of accounts that must not see it, as the JSON of a list.
    pub recused: String,
    pub received_at: DateTimeUtc,
    /// The next promise that is still to be kept, and its day: none while the clock stands still.
    pub promise: Promise,
    pub due_on: Option<Date>,
    /// Since when the reporter or applicant is waited for.
    pub waiting_since: Option<Date>,
    /// When an applicant was last told why their request is late.
    pub delay_explained_on: Option<Date>,
    /// When an applicant who was asked for something is reminded.
    pub reminder_on: Option<Date>,
    /// Since when something that the reporter or applicant has said is without an answer.
    pub unanswered_at: Option<DateTimeUtc>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    #[serde(rename_all = "snake_case")]
    pub enum Kind = "OpenCaseKind" ("ประเภทของงาน", "Kind of an open case.") {
        Complaint = "complaint" (
            "เรื่องร้องเรียน", "complaint",
            "เรื่องร้องเรียน ข้อเสนอแนะ และคำชมเชย",
            "A complaint, suggestion or compliment."
        ),
        ServiceRequest = "service_request" (
            "คำขอรับบริการ", "service request",
            "คำขอใช้บริการออนไลน์",
            "A request for an e-service."
        ),
    }
}

crate::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    #[serde(rename_all = "snake_case")]
    pub enum Promise = "Promise" ("สิ่งที่ต้องทำภายในกำหนด", "What is promised for a day.") {
        Reopening = "reopening" (
            "พิจารณาคำขอให้นำเรื่องกลับมาพิจารณาใหม่", "answer to a request for reopening",
            "ผู้ร้องเรียนขอให้พิจารณาเรื่องที่สิ้นสุดแล้วอีกครั้ง",
            "The reporter of a closed complaint waits for reopen or decline_reopening."
        ),
        FirstAnswer = "first_answer" (
            "แจ้งผลครั้งแรก", "first answer",
            "แจ้งผู้ร้องเรียนเป็นครั้งแรก",
            "The first answer to the reporter."
        ),
        Conclusion = "conclusion" (
            "แจ้งผลการพิจารณา", "conclusion",
            "พิจารณาเรื่องร้องเรียนแล้วเสร็จและแจ้งผล",
            "The conclusion of a complaint."
        ),
        Completion = "completion" (
            "ให้บริการแล้วเสร็จ", "completion",
            "ให้บริการตามคำขอแล้วเสร็จ",
            "The completion of a service request."
        ),
        Result = "result" (
            "แจ้งผลแก่ผู้ยื่นคำขอ", "result told",
            "แจ้งผลแก่ผู้ที่ไม่ได้ยื่นทางระบบออนไลน์ และบันทึกการแจ้ง",
            "The applicant of a closed request, who did not apply online, is to be told the result."
        ),
    }
}
