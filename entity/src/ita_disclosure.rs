//! The agency's answer to an ITA item. Every item has one, from the first.

use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::evidence::EvidenceFile;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "ita_disclosure")]
pub struct Model {
    /// That of the item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub state: State,
    /// Whether the agency discloses what the item asks for. None before it is decided.
    pub disclosed: Option<bool>,
    pub links: LinkList,
    pub explanation: Option<String>,
    pub parts: PartList,
    /// Who prepares the answer.
    pub unit_id: Option<Uuid>,
    pub notes: Option<String>,
    /// The item of the year before that it was carried forward from.
    pub carried_from: Option<Uuid>,
    pub version: i32,
    pub updated_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "super::ita_item::Entity", from = "Column::Id", to = "super::ita_item::Column::Id")]
    Item,
}

impl Related<super::ita_item::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Item.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct LinkList(pub Vec<Link>);

/// Where something is disclosed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub title: String,
    /// Where it is: of a file of ours, its permanent address.
    pub url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<EvidenceFile>,
    /// How to find it, from the first page of the website.
    pub steps: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct PartList(pub Vec<Part>);

/// A required part, and where it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// As the item names it.
    pub part: String,
    /// One of the links, counted from 1.
    pub link: i32,
    /// The place within it.
    pub place: Option<String>,
}

crate::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    #[serde(rename_all = "snake_case")]
    pub enum State = "ItaDisclosureState" ("ความก้าวหน้าของคำตอบ", "Progress of the answer to an ITA item.") {
        Open = "open" (
            "ยังไม่เริ่ม", "open",
            "ยังไม่มีคำตอบ",
            "Nothing has been written."
        ),
        Carried = "carried" (
            "ยกมาจากปีก่อน", "carried forward",
            "ยกคำตอบมาจากปีก่อน ยังไม่มีผู้แก้ไขหรือตรวจ",
            "The answer is that of the year before. Nobody has changed or reviewed it."
        ),
        Drafted = "drafted" (
            "ฉบับร่าง", "drafted",
            "เขียนคำตอบแล้ว ยังไม่ได้ตรวจ",
            "The answer is written and not reviewed."
        ),
        Reviewed = "reviewed" (
            "ตรวจแล้ว", "reviewed",
            "ตรวจคำตอบแล้ว",
            "The answer was reviewed."
        ),
        Ready = "ready" (
            "พร้อมส่ง", "ready",
            "คำตอบครบถ้วน พร้อมกรอกในระบบ ITA",
            "The answer is complete and can be entered into the ITA's form."
        ),
        Submitted = "submitted" (
            "ส่งแล้ว", "submitted",
            "กรอกในระบบ ITA แล้ว แก้ไขไม่ได้จนกว่าจะเปิดใหม่",
            "The answer was entered into the ITA's form. It is not changed before it is reopened."
        ),
    }
}
