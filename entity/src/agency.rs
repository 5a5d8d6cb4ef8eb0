//! The municipality itself: one row, with id 1.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "agency")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    pub name_th: String,
    pub name_en: Option<String>,
    pub province: Option<String>,
    pub district: Option<String>,
    pub address: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub website: Option<String>,
    /// From this day on, every complaint of corruption and misconduct is in this database.
    pub integrity_recorded_from: Option<Date>,
    /// The same of complaints about services, and of feedback.
    pub general_recorded_from: Option<Date>,
    /// The same of requests for e-services.
    pub service_requests_recorded_from: Option<Date>,
    /// Which days are counted until the first answer to a complaint.
    pub first_answer_counted: DayCount,
    /// The unit that new complaints of corruption and misconduct come to.
    pub integrity_unit_id: Option<Uuid>,
    /// The unit that all other new complaints, and feedback, come to.
    pub general_unit_id: Option<Uuid>,
    pub version: i32,
    pub updated_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    #[serde(rename_all = "snake_case")]
    pub enum DayCount = "DayCount" ("วันที่นับจนถึงกำหนดแจ้งผลครั้งแรก", "Which days are counted until the first answer to a complaint.") {
        CalendarDays = "calendar_days" (
            "นับทุกวัน", "calendar days",
            "ตามพระราชกฤษฎีกาว่าด้วยหลักเกณฑ์และวิธีการบริหารกิจการบ้านเมืองที่ดี พ.ศ. 2546 มาตรา 38 หากวันสุดท้ายเป็นวันหยุด ให้ถึงวันทำการถัดไป (ประมวลกฎหมายแพ่งและพาณิชย์ มาตรา 193/8)",
            "As the Royal Decree on Good Governance of 2546, section 38, has them. If the last one is a holiday or on a weekend, the next working day counts \
             (Civil and Commercial Code, section 193/8)."
        ),
        WorkingDays = "working_days" (
            "นับเฉพาะวันทำการ", "working days",
            "ตามที่เทศบาลกำหนดเอง ไม่นับวันเสาร์ วันอาทิตย์ และวันหยุดราชการ",
            "The municipality's own promise. Saturdays, Sundays and holidays are not counted."
        ),
    }
}
