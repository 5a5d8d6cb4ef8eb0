//! A closed case that retention is about to destroy. A run of retention updates the list once a day.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "retention_listing")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_id: Uuid,
    pub reference: String,
    pub kind: Kind,
    /// Code of the e-service of a service request.
    pub e_service: Option<String>,
    /// How it ended, as the settings of retention name it.
    pub outcome: String,
    pub closed_on: Date,
    /// The first day on which it need not be kept.
    pub ends_on: Date,
    /// The day on which its notice began.
    pub listed_on: Date,
    /// The day on which it is destroyed, unless it is on hold.
    pub destroy_on: Date,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A kind of case, as the settings of retention name it: the kinds of complaints, and requests for e-services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = CaseKind)]
pub enum Kind {
    Corruption,
    Misconduct,
    Service,
    Feedback,
    Request,
}
