//! Bodies to send.

use serde_json::{Value, json};

/// The municipality's own table.
pub fn report_file() -> Vec<Value> {
    serde_json::from_str(include_str!("../../../data/measures-2567.json")).unwrap()
}

/// A measure that can be created on an empty database.
pub fn measure(fiscal_year: i32, no: i32) -> Value {
    json!({
        "fiscal_year": fiscal_year,
        "no": no,
        "title": "สร้างกระบวนการปฏิบัติงานที่โปร่งใสและมีประสิทธิภาพ",
        "methods": ["จัดทำคู่มือ", "ประชาสัมพันธ์บนเว็บไซต์ของเทศบาล"],
        "responsible": { "all_units": true },
        "period": "ปีงบประมาณ พ.ศ. ๒๕๖๖",
        "results": ["จัดทำคู่มือแนวทางการปฏิบัติงาน"],
        "outcomes": ["เจ้าหน้าที่ปฏิบัติงานด้วยความโปร่งใส"],
    })
}

/// A project that can be created on an empty database.
pub fn project(fiscal_year: i32, name: &str) -> Value {
    json!({
        "fiscal_year": fiscal_year,
        "name": name,
        "budget_allocated_baht": "1000.00",
        "budget_spent_baht": "999.50",
        "result": "อบรมแล้ว",
        "problems": "ไม่มี",
        "recommendations": "ควรทำต่อ",
    })
}

/// A unit that can be created on an empty database.
pub fn unit(code: &str, name: &str) -> Value {
    json!({ "code": code, "name": { "th": name } })
}

/// A holiday that can be created on an empty database.
pub fn holiday(day: &str, name: &str) -> Value {
    json!({ "day": day, "name": { "th": name } })
}

/// A complaint that can be sent where the categories are.
pub fn complaint() -> Value {
    json!({
        "kind": "corruption",
        "category": "bribery",
        "subject": "เรียกรับเงินค่าอนุญาต",
        "description": "เจ้าหน้าที่เรียกรับเงินสองพันบาท\nเพื่อให้คำขออนุญาตผ่านเร็วขึ้น",
        "happened": "ต้นเดือนมีนาคม 2567",
        "place": "ชั้นสอง สำนักงานเทศบาล",
        "accused": "เจ้าหน้าที่รับคำขอ",
    })
}

/// The same with who reports it.
pub fn named_complaint() -> Value {
    let mut body = complaint();
    body["reporter"] = json!({
        "name": "สมหญิง รักไทย",
        "phone": "081-234-5678",
        "email": "somying@example.com",
        "address": "99/1 ถนนวงษ์โต\nอำเภอเมืองชัยนาท",
        "national_id": "1234567890121",
    });
    body
}
