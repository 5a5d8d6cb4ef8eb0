//! An e-service: a service of the municipality that people request online.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::state::Publication;
use crate::texts::Texts;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "e_service")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(unique)]
    pub code: String,
    pub name_th: String,
    pub name_en: Option<String>,
    /// Who does it.
    pub unit_id: Uuid,
    pub legal_basis: Option<String>,
    pub papers: Texts,
    pub steps: Texts,
    /// Satang. None where it depends on what is asked for.
    pub fee: Option<i64>,
    /// Working days that are promised.
    pub working_days: i32,
    /// Requests that can be booked for a day. None where no day is booked.
    pub capacity: Option<i32>,
    pub channel_url: Option<String>,
    pub takes_location: bool,
    pub open311: bool,
    /// Which of its forms is filled in now.
    pub form_version: i32,
    pub publication: Publication,
    pub unpublished_reason: Option<String>,
    pub version: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
