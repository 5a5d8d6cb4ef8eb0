//! What figures and dimensions are called in tables: those that are fields of records as well have the headings of their columns.

use entity::codes::Label;

use crate::http::spreadsheet::{Cell, heading};

/// The names of the others: in Thai, in English.
const NAMES: &[(&str, &str, &str)] = &[
    ("as_of", "ข้อมูล ณ เวลา", "as of"),
    ("as_of_then", "ข้อมูลของงวด ณ เวลา", "as of, of the period"),
    ("breakdown_as_of", "ข้อมูลจำแนก ณ เวลา", "breakdown as of"),
    (
        "budget_allocated_then_baht",
        "งบประมาณที่ได้รับจัดสรร ณ สิ้นงวด (บาท)",
        "budget allocated at the end of the period (baht)",
    ),
    ("budget_spent_then_baht", "งบประมาณที่เบิกจ่ายแล้ว ณ สิ้นงวด (บาท)", "budget spent at the end of the period (baht)"),
    ("budget_used_percent", "ร้อยละของงบประมาณที่เบิกจ่าย", "budget spent (%)"),
    ("completed_count", "ดำเนินการแล้วเสร็จ", "completed"),
    ("completed_then_count", "ดำเนินการแล้วเสร็จ ณ สิ้นงวด", "completed at the end of the period"),
    ("completion_in_time_percent", "ร้อยละที่แล้วเสร็จภายในกำหนด", "completed in time (%)"),
    ("completion_median_days", "วันทำการจนแล้วเสร็จ (มัธยฐาน)", "working days until completion (median)"),
    (
        "completion_percentile_90_days",
        "วันทำการจนแล้วเสร็จ (เปอร์เซ็นไทล์ที่ 90)",
        "working days until completion (90th percentile)",
    ),
    ("conclusion_in_time_percent", "ร้อยละที่แจ้งผลการพิจารณาภายในกำหนด", "concluded in time (%)"),
    ("conclusion_median_days", "วันทำการจนแจ้งผลการพิจารณา (มัธยฐาน)", "working days until conclusion (median)"),
    (
        "conclusion_percentile_90_days",
        "วันทำการจนแจ้งผลการพิจารณา (เปอร์เซ็นไทล์ที่ 90)",
        "working days until conclusion (90th percentile)",
    ),
    ("coverage", "ความครบถ้วนของการบันทึก", "coverage"),
    ("coverage_then", "ความครบถ้วนของการบันทึกของงวด", "coverage of the period"),
    ("disclosure", "การเปิดเผยตัวเลข", "disclosure"),
    ("first_answer_in_time_percent", "ร้อยละที่แจ้งผลครั้งแรกภายในกำหนด", "first answered in time (%)"),
    ("first_answer_median_days", "วันทำการจนแจ้งผลครั้งแรก (มัธยฐาน)", "working days until the first answer (median)"),
    (
        "first_answer_percentile_90_days",
        "วันทำการจนแจ้งผลครั้งแรก (เปอร์เซ็นไทล์ที่ 90)",
        "working days until the first answer (90th percentile)",
    ),
    ("implementation_rate_percent", "ร้อยละที่ดำเนินการแล้วเสร็จ", "implementation rate (%)"),
    (
        "implementation_rate_then_percent",
        "ร้อยละที่ดำเนินการแล้วเสร็จ ณ สิ้นงวด",
        "implementation rate at the end of the period (%)",
    ),
    ("no_budget_used_count", "ไม่ใช้งบประมาณ", "without a budget"),
    ("none_received", "ไม่มีเรื่องเข้ามา", "none received"),
    ("overdue_count", "เกินกำหนด", "overdue"),
    ("rating_count", "จำนวนผู้ให้คะแนน", "ratings"),
    ("recorded_from", "ข้อมูลตั้งแต่วันที่", "recorded from"),
    ("recorded_until", "ข้อมูลถึงวันที่", "recorded until"),
    ("reopened_count", "นำกลับมาดำเนินการใหม่", "reopened"),
    ("reported_finished_count", "ตัวเลขที่รายงานไว้: ดำเนินการแล้วเสร็จ", "reported: closed"),
    ("reported_in_progress_count", "ตัวเลขที่รายงานไว้: อยู่ระหว่างดำเนินการ", "reported: open"),
    ("reported_total", "ตัวเลขที่รายงานไว้: ทั้งหมด", "reported: total"),
    ("satisfaction_mean", "ความพึงพอใจเฉลี่ย (เต็ม 5)", "mean satisfaction (of 5)"),
    ("shared_by_all_units_count", "ทุกส่วนราชการร่วมกันรับผิดชอบ", "shared by all units"),
    ("statement", "ข้อความสำหรับเผยแพร่", "statement to publish"),
    ("total_then", "ทั้งหมด ณ สิ้นงวด", "total at the end of the period"),
    ("without_outcomes_count", "ยังไม่ระบุผลลัพธ์", "without outcomes"),
    ("without_problems_count", "ยังไม่ระบุปัญหาและอุปสรรค", "without problems"),
    ("without_recommendations_count", "ยังไม่ระบุข้อเสนอแนะ", "without recommendations"),
    ("without_result_count", "ยังไม่ระบุผลการดำเนินการ", "without a result"),
    ("without_results_count", "ยังไม่ระบุผลการดำเนินการ", "without results"),
];

/// The cell of a figure or dimension.
pub fn cell(name: &str) -> Cell {
    match NAMES.iter().find(|(known, ..)| *known == name) {
        Some((_, th, en)) => Cell::Code(name.to_owned(), Label::new(th, en)),
        None => heading(name),
    }
}
