//! Parts of another item that the memo of a report lists: the memo of a report of one item may have been written for another.

use std::collections::HashMap;

use entity::{ita_item, report_frame};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::gaps::{Misplaced, sentence};
use super::items::store::about_year;
use super::proofs::report_of;
use crate::domain::ita::{ItemCode, is_same_part, owner};
use crate::error::Result;
use crate::report_frames::memo_of;

/// Entries of a memo that are compared, and characters of one: no part is longer.
const MOST: usize = 50;
const LONGEST: usize = 500;

/// The entries of the memos of the reports that answer these items, by the item.
pub async fn of_items(db: &impl ConnectionTrait, items: &[&ita_item::Model]) -> Result<HashMap<Uuid, Vec<String>>> {
    let of_years = report_frame::Column::FiscalYear.is_in(items.iter().map(|item| about_year(item).number()));
    let mut entries = HashMap::new();
    for frame in report_frame::Entity::find().filter(of_years).all(db).await? {
        let report = |item: &&&ita_item::Model| {
            report_of(item) == Some(frame.subject) && about_year(item).number() == frame.fiscal_year
        };
        let (Some(item), Some(memo)) = (items.iter().find(report), memo_of(&frame)?) else { continue };
        let listed = memo.sections.into_iter().flat_map(|section| section.items).map(|entry| entry.replace('\n', " "));
        let compared = listed.filter(|entry: &String| entry.chars().count() <= LONGEST).take(MOST);
        entries.insert(item.id, compared.collect());
    }
    Ok(entries)
}

/// The parts that the memo of an item's report lists, the item does not ask for, and another item of the year does.
pub fn misplaced(item: &ita_item::Model, entries: &[String], items: &[&ita_item::Model]) -> Option<Misplaced> {
    let asks = |item: &ita_item::Model, entry: &str| item.required_parts.0.iter().any(|part| is_same_part(entry, part));
    let others = || items.iter().filter(|other| other.id != item.id);
    let is_astray = |entry: &&str| !asks(item, entry) && others().any(|other| asks(other, entry));
    let astray: Vec<&str> = entries.iter().map(|entry| &**entry).filter(is_astray).collect();
    let owner = owner(&astray, others().map(|other| (*other, &other.required_parts.0[..])))?;
    let (code, other, list) = (ItemCode::stored(item.number), ItemCode::stored(owner.number), astray.join(", "));
    let message = sentence(
        format!(
            "บันทึกข้อความของรายงานข้อ {code} ระบุ {list} ซึ่งเป็นองค์ประกอบของข้อ {other} {} โปรดตรวจสอบว่าบันทึกข้อความเป็นของข้อใด",
            owner.title
        ),
        format!(
            "The memo of the report of {code} lists {list}, which {other} asks for: {}. Check which item the memo is of.",
            owner.title
        ),
    );
    let parts = astray.into_iter().map(str::to_owned).collect();
    Some(Misplaced { parts, belongs_to: Some(other), message })
}
