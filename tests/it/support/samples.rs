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
        "number": no,
        "title": "สร้างกระบวนการปฏิบัติงานที่โปร่งใสและมีประสิทธิภาพ",
        "methods": ["จัดทำคู่มือ", "ประชาสัมพันธ์บนเว็บไซต์ของเทศบาล"],
        "responsible": { "all_units": true },
        "period_text": "ปีงบประมาณ พ.ศ. ๒๕๖๖",
        "results": ["จัดทำคู่มือแนวทางการปฏิบัติงาน"],
        "outcomes": ["เจ้าหน้าที่ปฏิบัติงานด้วยความโปร่งใส"],
    })
}

/// A project that can be created on an empty database.
pub fn project(fiscal_year: i32, name: &str) -> Value {
    json!({
        "fiscal_year": fiscal_year,
        "title": name,
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
    json!({ "date": day, "name": { "th": name } })
}

/// An e-service that can be offered where the units are.
pub fn e_service(code: &str) -> Value {
    json!({
        "code": code,
        "name": { "th": "งานเก็บขยะชิ้นใหญ่", "en": "Bulky rubbish collection" },
        "unit": "public-health",
        "working_days": 7,
        "fee_baht": "50.00",
        "takes_location": true,
        "open311": true,
        "form_schema": {
            "type": "object",
            "properties": { "what": { "type": "string", "title": "รายการสิ่งของ", "minLength": 2, "maxLength": 500 } },
            "required": ["what"],
            "additionalProperties": false,
        },
    })
}

/// A request for public lighting, where the e-services are.
pub fn lighting() -> Value {
    json!({
        "form": { "fault": "out", "pole_number": "ชน-0142", "lamp_count": 1 },
        "applicant": { "full_name": "สมหญิง รักไทย", "phone": "081-234-5678", "email": "somying@example.com" },
        "location": { "latitude": 15.1858, "longitude": 100.1251, "address": "หน้าวัดพระบรมธาตุ" },
    })
}

/// A request for a permit, where the e-services are.
pub fn permit() -> Value {
    json!({ "form": { "permit_type": "building", "premises_address": "99/1 ถนนวงษ์โต" } })
}

/// A complaint that can be sent where the categories are.
pub fn complaint() -> Value {
    json!({
        "kind": "corruption",
        "category": "bribery",
        "subject": "เรียกรับเงินค่าอนุญาต",
        "description": "เจ้าหน้าที่เรียกรับเงินสองพันบาท\nเพื่อให้คำขออนุญาตผ่านเร็วขึ้น",
        "occurred_text": "ต้นเดือนมีนาคม 2567",
        "location_text": "ชั้นสอง สำนักงานเทศบาล",
        "accused": "เจ้าหน้าที่รับคำขอ",
    })
}

/// The same with who reports it.
pub fn named_complaint() -> Value {
    let mut body = complaint();
    body["reporter"] = json!({
        "full_name": "สมหญิง รักไทย",
        "phone": "081-234-5678",
        "email": "somying@example.com",
        "address": "99/1 ถนนวงษ์โต\nอำเภอเมืองชัยนาท",
        "national_id": "1234567890121",
    });
    body
}

/// A photo that tells where it was made: `GPS-CANARY`, and that its right side is up.
pub fn photo() -> Vec<u8> {
    let segment = |marker: u8, content: &[u8]| {
        let length = (content.len() as u16 + 2).to_be_bytes();
        [&[0xFF, marker], &length[..], content].concat()
    };
    let exif = b"Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0GPS-CANARY";
    let scan = [segment(0xDA, &[1, 1, 0, 0, 63, 0]), vec![1, 2, 0xFF, 0, 3]].concat();
    let parts = [segment(0xE1, exif), segment(0xFE, b"GPS-CANARY"), segment(0xC0, &[8; 9]), scan];
    [&[0xFF, 0xD8][..], &parts.concat(), &[0xFF, 0xD9]].concat()
}
