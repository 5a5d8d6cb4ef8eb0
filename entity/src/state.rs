//! The two states that measures and projects have: how far the work is, and who may see it.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

crate::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    #[serde(rename_all = "snake_case")]
    pub enum Status = "WorkStatus" ("ความก้าวหน้าของการดำเนินงาน", "Progress of a measure or project.") {
        Planned = "planned" (
            "ยังไม่เริ่มดำเนินการ", "planned",
            "อยู่ในแผน",
            "It is planned and not begun."
        ),
        InProgress = "in_progress" (
            "อยู่ระหว่างดำเนินการ", "in progress",
            "เริ่มแล้ว",
            "It has begun."
        ),
        Completed = "completed" (
            "ดำเนินการแล้วเสร็จ", "completed",
            "มีผลแล้ว",
            "It is done."
        ),
        Cancelled = "cancelled" (
            "ยกเลิก", "cancelled",
            "ไม่ดำเนินการ",
            "It will not be done."
        ),
    }
}

crate::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    #[serde(rename_all = "snake_case")]
    pub enum Publication = "Publication" ("สถานะการเผยแพร่", "Publication state of a record.") {
        Draft = "draft" (
            "ฉบับร่าง", "draft",
            "ยังไม่เผยแพร่",
            "Only staff can see it."
        ),
        Published = "published" (
            "เผยแพร่แล้ว", "published",
            "ประชาชนเห็นได้",
            "Everyone can see it."
        ),
        #[serde(alias = "withdrawn")]
        Unpublished = "unpublished" (
            "ถอนการเผยแพร่แล้ว", "unpublished",
            "เคยเผยแพร่ มีเหตุผลแสดงไว้",
            "It was public and was taken back; everyone can read the reason."
        ),
    }
}
