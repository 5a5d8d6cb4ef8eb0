//! What can be done about a link.

use serde::Deserialize;

entity::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Action = "LinkAction" ("การดำเนินการกับลิงก์", "Step of a link.") {
        Accept = "accept" (
            "ยืนยันไฟล์ที่เปลี่ยนไป", "accept",
            "ผู้จัดทำข้อมูลตรวจแล้วว่าไฟล์ใหม่ใช้เป็นหลักฐานได้",
            "An editor has looked at the file that is there now: it is the evidence."
        ),
        Check = "check" (
            "ขอให้ตรวจ", "check",
            "ขอให้ระบบตรวจลิงก์ในรอบถัดไป หรือผลตรวจลิงก์เปลี่ยนไป",
            "The next run of the job checks the link, or a check found another state."
        ),
    }
}
