//! The readiness as it is printed.

use entity::codes::Coded;

use super::item::ReadyItem;
use super::{BrokenLink, ItaReadiness, Totals};
use crate::domain::thai;
use crate::reports::document::{Cell, Column, Document, Grid};

pub fn of(readiness: &ItaReadiness, agency: String) -> Document {
    let year = thai::digits(readiness.fiscal_year);
    let left = match readiness.days_left {
        days if days < 0 => format!("เลยกำหนดมาแล้ว {} วัน", -days),
        days => format!("เหลือ {days} วัน"),
    };
    let (complete, count) = (readiness.complete_count, readiness.item_count);
    let score = readiness.expected_score.map_or_else(|| "-".to_owned(), |score| format!("{score:.2}"));
    let due_on = thai::date(readiness.due_on);
    let summary = format!("ครบถ้วน {complete} จาก {count} ข้อ คะแนนที่คาดว่าจะได้ {score} กำหนดส่งวันที่ {due_on} {left}");
    Document {
        memo: None,
        title: vec![format!("ความพร้อมในการตอบแบบวัดการเปิดเผยข้อมูลสาธารณะ (OIT) ปีงบประมาณ พ.ศ. {year}"), agency],
        opening: Some(thai::digits(summary)),
        tables: vec![items(&readiness.items), totals(readiness), broken(readiness)],
        notes: vec![readiness.assumptions.th.clone().into_owned()],
        evidence: Vec::new(),
        closing: None,
        signatures: Vec::new(),
    }
}

fn items(items: &[ReadyItem]) -> Grid {
    let row = |item: &ReadyItem| {
        let misplaced = item.misplaced.iter().chain(&item.misplaced_in_memo).map(|it| &it.message);
        let missing = item.missing.iter().map(|gap| &gap.message).chain(misplaced);
        let to_enter = [item.paste.answer.unwrap_or_default(), &item.paste.addresses, &item.paste.explanation];
        vec![
            Cell::Text(item.code.to_string()),
            Cell::Text(item.title.clone()),
            Cell::Text(item.unit_name.as_ref().map(|name| name.th.clone()).unwrap_or_default()),
            Cell::Text(item.state.label().th.into_owned()),
            Cell::Entries(missing.map(|message| message.th.clone().into_owned()).collect()),
            Cell::Text(to_enter.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")),
            Cell::Number(item.expected_score as u64),
        ]
    };
    Grid {
        columns: vec![
            Column::new("code", "ข้อ", "Item", 5),
            Column::new("title", "ข้อคำถาม", "Title", 20),
            Column::new("unit_name", "ผู้รับผิดชอบ", "Unit", 12),
            Column::new("state", "สถานะ", "State", 8),
            Column::new("missing", "สิ่งที่ขาด", "Missing", 22),
            Column::new("paste", "ข้อความที่กรอกในระบบ ITA", "To enter", 26),
            Column::new("expected_score", "คะแนน", "Score", 7),
        ],
        rows: items.iter().map(row).collect(),
        if_empty: "ปีงบประมาณนี้ยังไม่มีข้อคำถาม".to_owned(),
        ..Grid::default()
    }
}

fn totals(readiness: &ItaReadiness) -> Grid {
    let row = |name: &str, totals: &Totals| {
        vec![
            Cell::Text(name.to_owned()),
            Cell::Number(totals.complete_count as u64),
            Cell::Number(totals.item_count as u64),
            Cell::Text(format!("{:.2}", totals.expected_score)),
        ]
    };
    let rows = readiness.indicators.iter().flat_map(|indicator| {
        let whole = row(&indicator.indicator, &indicator.totals);
        let parts = indicator.sub_indicators.iter().map(move |part| row(&part.sub_indicator, &part.totals));
        std::iter::once(whole).chain(parts)
    });
    Grid {
        caption: Some("รวมตามตัวชี้วัด".to_owned()),
        columns: vec![
            Column::new("indicator", "ตัวชี้วัด", "Indicator", 55),
            Column::new("complete_count", "ครบถ้วน", "Complete", 15),
            Column::new("item_count", "จำนวนข้อ", "Items", 15),
            Column::new("expected_score", "คะแนนที่คาดว่าจะได้", "Expected score", 15),
        ],
        rows: rows.collect(),
        if_empty: "ปีงบประมาณนี้ยังไม่มีข้อคำถาม".to_owned(),
        ..Grid::default()
    }
}

fn broken(readiness: &ItaReadiness) -> Grid {
    let row = |link: &BrokenLink| {
        let reason = link.reason.clone().unwrap_or_else(|| link.state.label());
        vec![Cell::Text(link.title.clone()), Cell::Text(link.url.clone()), Cell::Text(reason.th.into_owned())]
    };
    let note = if readiness.links_checked {
        ""
    } else {
        " (ขณะนี้ระบบไม่ได้ตรวจลิงก์)"
    };
    Grid {
        caption: Some(format!("ลิงก์ที่เปิดไม่ได้หรือไฟล์เปลี่ยนไป{note}")),
        columns: vec![
            Column::new("title", "ข้อมูลที่อ้างถึง", "Record", 35),
            Column::new("url", "ที่อยู่เว็บ", "Address", 35),
            Column::new("reason", "สาเหตุ", "Reason", 30),
        ],
        rows: readiness.broken_links.iter().map(row).collect(),
        if_empty: "ไม่มี".to_owned(),
        ..Grid::default()
    }
}
