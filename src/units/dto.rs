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
use crate::http::several::Codes;
use crate::http::sort::{self, Sort, Sortable};
use crate::http::spreadsheet::{Cell, TableColumn};
use crate::references::Referred;
use crate::revisions::Resource;

/// A unit of the municipality.
#[derive(Serialize, ToSchema)]
pub struct Unit {
    /// Id of the unit, a UUIDv7.
    pub id: Uuid,
    /// Code that never changes, for programs.
    #[schema(max_length = 50, example = "legal")]
    pub code: String,
    /// Name of the unit in Thai and English.
    pub name: Name,
    /// Short name, for tables; null if there is none.
    #[schema(required, max_length = 100, example = "กองยุทธศาสตร์ฯ")]
    pub short_name: Option<String>,
    /// Code of the parent unit; null if there is none.
    #[schema(required, max_length = 50, example = "strategy-budget")]
    pub parent: Option<String>,
    /// Name of the parent unit.
    #[schema(required)]
    pub parent_name: Option<Name>,
    /// Whether the unit exists.
    #[schema(example = true)]
    pub active: bool,
    /// Time at which the record was created.
    pub created_at: DateTime<Utc>,
    /// Time of the last change of the record.
    pub updated_at: DateTime<Utc>,
}

/// The writable fields of a unit.
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
    /// Code of lower-case words separated by hyphens. It cannot be changed.
    #[schema(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", max_length = 50, example = "legal")]
    pub code: String,
    /// Name of the unit in Thai and English.
    pub name: NameInput,
    /// Short name, for tables.
    pub short_name: Option<Line<100>>,
    /// Code of the parent unit; null if there is none.
    #[schema(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", max_length = 50, example = "strategy-budget")]
    pub parent: Option<String>,
    /// Whether the unit exists. Records that refer to a unit that no longer exists keep its name.
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
    /// Units with these codes.
    #[param(inline, explode = false, example = json!(["legal"]))]
    pub code: Option<Codes>,
    /// Units whose parent has one of these codes.
    #[param(inline, explode = false, example = json!(["strategy-budget"]))]
    pub parent: Option<Codes>,
    /// `true`: units that exist. `false`: units that no longer exist.
    #[param(example = true)]
    pub active: Option<bool>,
    /// Units whose Thai or English name contains this text.
    #[param(inline, example = "นิติการ")]
    pub q: Option<Line<100>>,
    /// Sort order. A minus sign reverses a field. By default by code.
    #[param(inline, explode = false, min_items = 1, max_items = 3, example = json!(["-updated_at"]))]
    pub sort: Option<Vec<UnitSort>>,
}

type UnitSort = Sort<Entity>;

impl Sortable for Entity {
    const RECORDS: &str = "units";
    const BY: &'static [(&'static str, Column)] =
        &[("code", Column::Code), ("created_at", Column::CreatedAt), ("updated_at", Column::UpdatedAt)];
}

impl Filter for UnitFilter {
    type Entity = Entity;

    fn order(&self) -> Vec<(Column, Order)> {
        sort::order(self.sort.as_deref(), &[(Column::Code, Order::Asc)])
    }
}

impl From<Row> for Unit {
    fn from(row: Row) -> Self {
        let Row { unit, parent } = row;
        let Model { id, code, parent_id: _, name_th, name_en, short_name, active, version: _, created_at, updated_at } =
            unit;
        Self {
            id,
            code,
            name: Name { th: name_th, en: name_en },
            short_name,
            parent_name: parent.as_ref().map(Referred::name),
            parent: parent.map(|parent| parent.code),
            active,
            created_at,
            updated_at,
        }
    }
}

impl From<&Row> for UnitInput {
    fn from(Row { unit, parent }: &Row) -> Self {
        Self {
            code: unit.code.clone(),
            name: NameInput::new(&unit.name_th, unit.name_en.as_deref()),
            short_name: unit.short_name.clone().map(Line::from),
            parent: parent.as_ref().map(|parent| parent.code.clone()),
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
        ("parent", |unit| Cell::records(Resource::Units, &unit.parent)),
        ("active", |unit| unit.active.into()),
        ("created_at", |unit| unit.created_at.into()),
        ("updated_at", |unit| unit.updated_at.into()),
    ];
}
