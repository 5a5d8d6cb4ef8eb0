//! The timeline of a case: every step, message and note, in order.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "case_event")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub case_id: Uuid,
    /// Its place on the timeline, from 1.
    pub no: i32,
    /// When it was written here.
    pub at: DateTimeUtc,
    /// The day on which it happened, if that was entered on a later day.
    pub happened_on: Option<Date>,
    /// What was done: `accept`, `ask`, `message`...
    pub action: String,
    pub side: Side,
    /// Id of the account or client: of the office's side, and of whoever enters what came on paper.
    pub actor: Option<String>,
    /// Whether the other side sees it.
    pub public: bool,
    /// The status that it led to.
    pub status: Option<String>,
    /// Sealed.
    pub text: Option<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    #[serde(rename_all = "snake_case")]
    pub enum Side = "Side" ("ฝ่ายที่ดำเนินการ", "Side that takes a step of a case.") {
        Sender = "sender" (
            "ประชาชน (ผู้ร้องเรียนหรือผู้ยื่นคำขอ)", "sender",
            "ผู้ส่งเรื่อง",
            "The reporter of a complaint or the applicant of a service request."
        ),
        Office = "office" (
            "เจ้าหน้าที่", "office",
            "ฝ่ายเทศบาล",
            "The municipality."
        ),
    }
}
