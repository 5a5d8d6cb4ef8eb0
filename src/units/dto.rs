//! Units as clients see them.

use chrono::{DateTime, Utc};
use entity::unit::{Column, Entity, Model};
use sea_orm::Order;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::{Validate, ValidationErrors};

use super::store::Row;
use crate::domain::field_code::FieldCode;
use crate::domain::name::{Name, NameInput};
use crate::domain::rule::Rules;
use crate::domain::text::Line;
use crate::http::list::{Filter, Tabular};
use crate::http::spreadsheet::TableColumn;

/// A unit of the municipality.
#[derive(Serialize, ToSchema)]
pub struct Unit {
    pub id: Uuid,
    /// Stable short name for programs.
    #[schema(max_length = 50, example = "legal")]
    pub code: String,
    pub name: Name,
    /// As it is written in tables.
    #[schema(required, max_length = 100, example = "กองยุทธศาสตร์ฯ")]
    pub short_name: Option<String>,
    /// Code of the unit that it belongs to.
    #[schema(required, max_length = 50, example = "strategy-budget")]
    pub parent: Option<String>,
    /// Whether the unit still exists.
    #[schema(example = true)]
    pub active: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What can be written of a unit.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "code": "internal-audit",
    "name": { "th": "หน่วยตรวจสอบภายใน", "en": "Internal Audit Unit" },
    "short_name": "ตรวจสอบภายใน",
    "parent": null,
    "active": true,
}))]
pub struct UnitInput {
    /// Lower-case words with hyphens between.
    #[schema(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", max_length = 50, example = "legal")]
    pub code: String,
    pub name: NameInput,
    /// As it is written in tables.
    pub short_name: Option<Line<100>>,
    /// Code of the unit that it belongs to.
    #[schema(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", max_length = 50, example = "strategy-budget")]
    pub parent: Option<String>,
    /// Whether the unit still exists. What names one that does not keeps its name.
    #[serde(default = "active")]
    #[schema(example = true)]
    pub active: bool,
}

fn active() -> bool {
    true
}

impl Validate for UnitInput {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let own_parent = self.parent.as_ref() == Some(&self.code);
        Rules::default()
            .require(
                !own_parent,
                "parent",
                FieldCode::Circular.because("เลือกตนเองเป็นต้นสังกัดไม่ได้", "must not be its own parent"),
            )
            .end()
    }
}

/// Which units to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UnitFilter {
    /// The unit with this code.
    #[param(max_length = 50, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", example = "legal")]
    pub code: Option<String>,
    /// Units that belong to the one with this code.
    #[param(max_length = 50, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", example = "strategy-budget")]
    pub parent: Option<String>,
    /// Units that still exist, or the others.
    #[param(example = true)]
    pub active: Option<bool>,
    /// Units with this in their Thai name.
    #[param(inline, example = "นิติการ")]
    pub q: Option<Line<100>>,
}

impl Filter for UnitFilter {
    type Entity = Entity;

    fn order(&self) -> Vec<(Column, Order)> {
        vec![(Column::Code, Order::Asc)]
    }
}

impl From<Row> for Unit {
    fn from(row: Row) -> Self {
        let Row { unit, parent } = row;
        let Model { id, code, parent_id: _, name_th, name_en, short_name, active, version: _, created_at, updated_at } =
            unit;
        Self { id, code, name: Name { th: name_th, en: name_en }, short_name, parent, active, created_at, updated_at }
    }
}

impl From<&Row> for UnitInput {
    fn from(Row { unit, parent }: &Row) -> Self {
        Self {
            code: unit.code.clone(),
            name: NameInput::new(&unit.name_th, unit.name_en.as_deref()),
            short_name: unit.short_name.clone().map(Line::from),
            parent: parent.clone(),
            active: unit.active,
        }
    }
}

impl Tabular for Unit {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("id", |unit| unit.id.to_string().into()),
        ("code", |unit| unit.code.as_str().into()),
        ("name_th", |unit| unit.name.th.as_str().into()),
        ("name_en", |unit| unit.name.en.as_deref().into()),
        ("short_name", |unit| unit.short_name.as_deref().into()),
        ("parent", |unit| unit.parent.as_deref().into()),
        ("active", |unit| unit.active.into()),
    ];
}
