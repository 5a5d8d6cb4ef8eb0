//! Figures of a period that were reported before the cases of it were recorded here.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

crate::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    #[serde(rename_all = "snake_case")]
    pub enum Kind = "ReportedFigureKind" ("ประเภทของตัวเลขที่รายงานไว้", "Which cases figures are of.") {
        Integrity = "integrity" (
            "การทุจริตและประพฤติมิชอบ", "corruption and misconduct",
            "เรื่องร้องเรียนการทุจริตและประพฤติมิชอบของเจ้าหน้าที่",
            "Complaints of corruption and misconduct."
        ),
        General = "general" (
            "ร้องเรียนทั่วไปและข้อเสนอแนะ", "general complaints and feedback",
            "เรื่องร้องเรียนทั่วไป ข้อเสนอแนะ และคำชมเชย",
            "Complaints about services, and feedback."
        ),
        ServiceRequests = "service_requests" (
            "คำขอรับบริการ", "service requests",
            "คำขอรับบริการของบริการหนึ่ง หรือของทุกบริการรวมกัน",
            "Requests for one e-service, or for all of them together."
        ),
    }
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "reported_figure")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: Kind,
    /// What tallies count such cases under: of requests for all e-services without a code.
    pub subject: String,
    pub e_service_id: Option<Uuid>,
    pub fiscal_year: i32,
    /// The key of the year, or of a part of it: `2566-M01`.
    pub period: String,
    pub total: i64,
    pub finished_count: i64,
    pub source_title: String,
    pub source_url: String,
    pub version: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
