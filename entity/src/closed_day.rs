//! A day, or half of one, on which nothing is booked for an e-service, such as for rain.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "closed_day")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub e_service_id: Uuid,
    pub date: Date,
    pub part: Part,
    /// Applicants read it.
    pub reason: String,
    pub created_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    #[serde(rename_all = "snake_case")]
    pub enum Part = "DayPart" ("ช่วงของวันที่งดให้บริการ", "Part of a day that is closed for bookings.") {
        WholeDay = "whole_day" (
            "ทั้งวัน", "whole day",
            "ไม่เหลือคิวนัดหมายของวันนั้น",
            "No place of the day is left."
        ),
        Morning = "morning" (
            "ช่วงเช้า", "morning",
            "งดครึ่งหนึ่งของคิวนัดหมายของวันนั้น ปัดขึ้น",
            "Half of the places of the day are closed, rounded up."
        ),
        Afternoon = "afternoon" (
            "ช่วงบ่าย", "afternoon",
            "งดครึ่งหนึ่งของคิวนัดหมายของวันนั้น ปัดลง",
            "Half of the places of the day are closed, rounded down."
        ),
    }
}
