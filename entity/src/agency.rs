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
    pub version: i32,
    pub updated_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
