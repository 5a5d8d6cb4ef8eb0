//! What shows that something was done: a page on the web, or a public file of the service. A column of each record that has some.

use sea_orm::FromJsonQueryResult;
use sea_orm::prelude::Uuid;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct EvidenceList(pub Vec<Evidence>);

impl EvidenceList {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    pub title: String,
    pub kind: EvidenceKind,
    /// Where it is: of a file, its permanent address.
    pub url: String,
    /// Which file it is. A file never changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<EvidenceFile>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceFile {
    pub id: Uuid,
    pub media_type: String,
    /// Bytes.
    pub size: i32,
    /// In hexadecimal.
    pub sha256: String,
}

crate::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum EvidenceKind = "EvidenceKind" ("ประเภทหลักฐาน", "Kind of a piece of evidence.") {
        Announcement = "announcement" (
            "ประกาศ", "announcement",
            "ประกาศของเทศบาล",
            "An announcement of the municipality."
        ),
        Order = "order" (
            "คำสั่ง", "order",
            "คำสั่งแต่งตั้งหรือสั่งการ",
            "An order that appoints or instructs."
        ),
        Manual = "manual" (
            "คู่มือ", "manual",
            "คู่มือหรือแนวปฏิบัติ",
            "A manual or guideline."
        ),
        Minutes = "minutes" (
            "รายงานการประชุม", "minutes",
            "บันทึกการประชุมที่รับรองแล้ว",
            "Approved minutes of a meeting."
        ),
        Photo = "photo" (
            "ภาพถ่าย", "photo",
            "ภาพกิจกรรม",
            "A photo of an activity."
        ),
        Report = "report" (
            "รายงาน", "report",
            "รายงานผล",
            "A report on results."
        ),
        Other = "other" (
            "เอกสารอื่น", "other",
            "หลักฐานประเภทอื่น",
            "Evidence of another kind."
        ),
    }
}
