//! A web address that published records or answers to the ITA refer to, and what was found there.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "link")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// As browsers write it, without a fragment.
    pub url: String,
    /// SHA-256 of it, in hexadecimal: an address may be longer than what an index takes.
    #[sea_orm(unique)]
    pub url_sha256: String,
    pub state: State,
    pub reason_th: Option<String>,
    pub reason_en: Option<String>,
    /// Of the last answer.
    pub http_status: Option<i32>,
    pub media_type: Option<String>,
    /// Bytes.
    pub size: Option<i64>,
    /// In hexadecimal.
    pub sha256: Option<String>,
    /// Of the file as it was first found, or accepted since. None for a page.
    pub declared_sha256: Option<String>,
    pub first_seen_at: DateTimeUtc,
    pub checked_at: Option<DateTimeUtc>,
    pub last_good_at: Option<DateTimeUtc>,
    /// When it was first found to be another file.
    pub changed_at: Option<DateTimeUtc>,
    /// Checks in a row that did not get the page or file.
    pub failures: i32,
    pub next_check_at: DateTimeUtc,
    /// When somebody asked for a check that was not made yet.
    pub asked_at: Option<DateTimeUtc>,
    /// Since when no record refers to it. It is kept for a while, so that a record which comes back finds what was declared.
    pub unused_since: Option<DateTimeUtc>,
    pub version: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    #[serde(rename_all = "snake_case")]
    pub enum State = "LinkState" ("สถานะของลิงก์", "What the last check of a link found.") {
        Unchecked = "unchecked" (
            "ยังไม่ได้ตรวจ", "unchecked",
            "ระบบยังไม่ได้ตรวจลิงก์นี้",
            "The link was not checked yet."
        ),
        Good = "good" (
            "ใช้งานได้", "good",
            "เปิดได้ และไฟล์ตรงกับที่ตรวจครั้งแรกหรือที่ยืนยันไว้",
            "It can be opened. A file is the one that was first found, or accepted since."
        ),
        Changed = "changed" (
            "ไฟล์เปลี่ยนไป", "changed",
            "เปิดได้ แต่ไม่ใช่ไฟล์เดิม ผู้จัดทำข้อมูลต้องตรวจสอบและยืนยัน",
            "It can be opened and is another file than before. An editor must look at it and accept it."
        ),
        Dead = "dead" (
            "เปิดไม่ได้", "dead",
            "ไม่มีเครื่องแม่ข่ายตอบ หรือตอบว่าไม่มีหน้าหรือไฟล์นี้",
            "No server answers, or it answers with an error."
        ),
        TimedOut = "timed_out" (
            "ตอบช้าเกินไป", "timed out",
            "ไม่ได้รับหน้าหรือไฟล์ครบภายในเวลาที่กำหนด",
            "The page or file did not arrive in time."
        ),
        Empty = "empty" (
            "ว่างเปล่า", "empty",
            "เปิดได้ แต่ไม่มีเนื้อหา",
            "It can be opened and there is nothing in it."
        ),
        TooLarge = "too_large" (
            "ใหญ่เกินกำหนด", "too large",
            "ไฟล์ใหญ่เกินกว่าที่ระบบจะตรวจ",
            "The file is larger than what is checked."
        ),
        Refused = "refused" (
            "ไม่ตรวจ", "refused",
            "ที่อยู่นี้หรือที่อยู่ที่ส่งต่อไปไม่ใช่ที่อยู่สาธารณะบนอินเทอร์เน็ต ระบบจึงไม่เปิด",
            "The address, or one that it redirects to, is not a public one of the web. It is not opened."
        ),
    }
}
