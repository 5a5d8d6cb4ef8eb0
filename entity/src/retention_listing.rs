//! A closed case that retention is about to destroy. A run of retention updates the list once a day.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "retention_listing")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_id: Uuid,
    pub reference: String,
    pub kind: Kind,
    /// Code of the e-service of a service request.
    pub e_service: Option<String>,
    /// How it ended, as the settings of retention name it.
    pub outcome: String,
    pub closed_on: Date,
    /// The first day on which it need not be kept.
    pub ends_on: Date,
    /// The day on which its notice began.
    pub listed_on: Date,
    /// The first day on which it is destroyed, once that is approved, and unless it is on hold.
    pub destroy_on: Date,
    /// When its destruction was approved as it is listed, and by whom.
    pub approved_at: Option<DateTimeUtc>,
    pub approved_by: Option<String>,
    /// Number of the letter with which it was approved.
    pub document_number: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    #[serde(rename_all = "snake_case")]
    pub enum Kind = "CaseKind" ("ประเภทเรื่องในการทำลายตามกำหนด", "Kind of a case in the list of retention.") {
        Corruption = "corruption" (
            "การทุจริต", "corruption",
            "เรื่องร้องเรียนการทุจริต",
            "A complaint about corruption."
        ),
        Misconduct = "misconduct" (
            "ประพฤติมิชอบ", "misconduct",
            "เรื่องร้องเรียนการประพฤติมิชอบ",
            "A complaint about misconduct."
        ),
        Service = "service" (
            "ร้องเรียนทั่วไป", "general complaint",
            "เรื่องร้องเรียนทั่วไป",
            "A complaint about a service or a nuisance."
        ),
        Feedback = "feedback" (
            "ข้อเสนอแนะและคำชมเชย", "feedback",
            "ความเห็นที่ไม่ใช่การร้องเรียน",
            "A suggestion or a compliment."
        ),
        Request = "request" (
            "คำขอรับบริการ", "service request",
            "คำขอใช้บริการออนไลน์",
            "A request for an e-service."
        ),
    }
}
