//! A request to see who came with a case, and what became of it.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "identity_request")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub case_id: Uuid,
    /// Id of the account or client.
    pub requested_by: String,
    pub requested_at: DateTimeUtc,
    /// Sealed under the key of the case.
    #[serde(skip)]
    pub reason: Vec<u8>,
    pub status: Status,
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTimeUtc>,
    /// What the custodian said to it. Sealed as the reason is.
    #[serde(skip)]
    pub answer: Option<Vec<u8>>,
    /// Until when an approval is good.
    pub expires_at: Option<DateTimeUtc>,
    pub handed_over_at: Option<DateTimeUtc>,
    pub version: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    #[serde(rename_all = "snake_case")]
    pub enum Status = "IdentityRequestStatus" ("สถานะคำขอเปิดเผยตัวตน", "Status of an identity request. `expired` follows from time alone.") {
        Pending = "pending" (
            "รอพิจารณา", "pending",
            "ยังไม่มีผู้ดูแลกุญแจพิจารณา",
            "No custodian has decided yet."
        ),
        Approved = "approved" (
            "อนุมัติแล้ว", "approved",
            "รอส่งมอบภายใน 7 วัน",
            "It is approved and can be handed over within 7 days."
        ),
        Denied = "denied" (
            "ไม่อนุมัติ", "denied",
            "ปฏิเสธพร้อมเหตุผล",
            "It is denied with a reason."
        ),
        HandedOver = "handed_over" (
            "ส่งมอบแล้ว", "handed over",
            "ขอใหม่หากต้องใช้อีก",
            "The sealed identity was handed over once. A further use needs a new request."
        ),
        Expired = "expired" (
            "พ้นกำหนด", "expired",
            "อนุมัติแล้วแต่ไม่ได้ส่งมอบในเวลา",
            "It was approved but not handed over in time."
        ),
    }
}
