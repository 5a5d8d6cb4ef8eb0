//! What an admin wants to do to an account that no admin does alone, and what another admin says to it.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::texts::Texts;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "user_approval")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub account_id: Uuid,
    pub operation: Operation,
    /// What the account is to have: of `set_rights` alone.
    pub roles: Texts,
    pub all_units: bool,
    /// Codes, which never change.
    pub units: Texts,
    /// Whose link to the account ends: of `unlink_subject` alone.
    pub subject: Option<String>,
    pub requested_by: Uuid,
    pub requested_at: DateTimeUtc,
    pub status: Status,
    pub decided_by: Option<Uuid>,
    pub decided_at: Option<DateTimeUtc>,
    /// Version of the account when it was approved: what was changed since was not.
    pub account_version: Option<i32>,
    /// Until when it can be decided, and then until when it can be used.
    pub expires_at: DateTimeUtc,
    pub used_at: Option<DateTimeUtc>,
    pub version: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    #[serde(rename_all = "snake_case")]
    pub enum Operation = "UserApprovalOperation" ("เรื่องที่ขออนุมัติ", "Operation on an account that needs the approval of a second admin.") {
        SetRights = "set_rights" (
            "กำหนดบทบาทและส่วนราชการ", "set rights",
            "ให้บทบาทหรือส่วนราชการเพิ่มแก่บัญชี",
            "Give the account roles or units."
        ),
        SetPassword = "set_password" (
            "ตั้งรหัสผ่าน", "set password",
            "ตั้งรหัสผ่านใหม่ให้บัญชี",
            "Set a new password of the account."
        ),
        ResetSecondFactor = "reset_second_factor" (
            "ล้างการยืนยันตัวตนสองชั้น", "reset second factor",
            "ให้ลงทะเบียนแอปยืนยันตัวตนใหม่",
            "Remove the second factor, so that a new one is enrolled."
        ),
        Disable = "disable" (
            "ระงับบัญชี", "disable",
            "บัญชีเข้าสู่ระบบไม่ได้อีก",
            "Disable the account."
        ),
        UnlinkSubject = "unlink_subject" (
            "ยกเลิกการเชื่อมบัญชี", "unlink subject",
            "แยกบุคคลของระบบยืนยันตัวตนออกจากบัญชี",
            "End the link between the account and a person of the identity provider."
        ),
    }
}

crate::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    #[serde(rename_all = "snake_case")]
    pub enum Status = "UserApprovalStatus" ("สถานะคำขออนุมัติ", "Status of a user approval. `expired` follows from time alone.") {
        Pending = "pending" (
            "รอพิจารณา", "pending",
            "ยังไม่มีผู้ดูแลระบบอีกคนพิจารณา",
            "No other admin has decided yet."
        ),
        Approved = "approved" (
            "อนุมัติแล้ว", "approved",
            "ใช้ได้ครั้งเดียวภายในหนึ่งวัน",
            "It is approved and can be used once within a day."
        ),
        Rejected = "rejected" (
            "ไม่อนุมัติ", "rejected",
            "ผู้ดูแลระบบอีกคนไม่เห็นชอบ",
            "Another admin has rejected it."
        ),
        Withdrawn = "withdrawn" (
            "ผู้ขอถอนคำขอ", "withdrawn",
            "ผู้ขอไม่ประสงค์จะดำเนินการต่อ",
            "The admin who asked has withdrawn it."
        ),
        Used = "used" (
            "ใช้แล้ว", "used",
            "ดำเนินการตามที่อนุมัติแล้ว",
            "The approved operation was done."
        ),
        Expired = "expired" (
            "พ้นกำหนด", "expired",
            "ไม่ได้พิจารณาหรือใช้ในเวลา",
            "It was not decided or not used in time."
        ),
    }
}
