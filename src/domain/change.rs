//! What can happen to a record.

use serde::Serialize;

entity::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
    #[serde(rename_all = "snake_case")]
    pub enum ChangeKind = "ChangeKind" ("ลักษณะการเปลี่ยนแปลง", "What has happened to a record.") {
        Updated = "updated" (
            "เพิ่มหรือแก้ไข", "created or updated",
            "เพิ่มข้อมูลใหม่ หรือแก้ไขข้อมูลเดิม",
            "The record was created or changed."
        ),
        Unpublished = "unpublished" (
            "ถอนการเผยแพร่", "unpublished",
            "ไม่เผยแพร่แล้ว ที่อยู่ของข้อมูลแจ้งเหตุผล",
            "The record is no longer public; its address tells the reason."
        ),
        Deleted = "deleted" (
            "ลบ", "deleted",
            "ไม่มีข้อมูลนี้แล้ว",
            "The record no longer exists."
        ),
    }
}
