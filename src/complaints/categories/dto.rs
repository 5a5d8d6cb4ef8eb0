//! Categories as clients see them.

use chrono::{DateTime, Utc};
use entity::complaint::Kind;
use entity::complaint_category::{Column, Entity, Model};
use sea_orm::Order;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::domain::name::{Name, NameInput};
use crate::domain::text::Line;
use crate::http::list::{Filter, Tabular};
use crate::http::sort::{self, Sort, Sortable};
use crate::http::spreadsheet::{Cell, TableColumn};

/// A category of complaints.
#[derive(Serialize, ToSchema)]
pub struct ComplaintCategory {
    /// Id of the category, a UUIDv7.
    pub id: Uuid,
    /// Code that never changes, for programs.
    #[schema(max_length = 50, example = "bribery")]
    pub code: String,
    /// Kind of complaint to which the category belongs.
    pub kind: Kind,
    /// Name of the category in Thai and English.
    pub name: Name,
    /// Whether new complaints can be filed under the category.
    #[schema(example = true)]
    pub active: bool,
    /// Time at which the record was created.
    pub created_at: DateTime<Utc>,
    /// Time of the last change of the record.
    pub updated_at: DateTime<Utc>,
}

/// The writable fields of a category.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "code": "vote-buying",
    "kind": "corruption",
    "name": { "th": "ซื้อสิทธิขายเสียง", "en": "Vote buying" },
    "active": true,
}))]
pub struct ComplaintCategoryInput {
    /// Code of lower-case words separated by hyphens. It cannot be changed.
    #[schema(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", max_length = 50, example = "vote-buying")]
    pub code: String,
    /// Kind of complaint to which the category belongs.
    pub kind: Kind,
    /// Name of the category in Thai and English.
    pub name: NameInput,
    /// Whether new complaints can be filed under the category.
    #[serde(default = "active")]
    #[schema(example = true)]
    pub active: bool,
}

fn active() -> bool {
    true
}

/// Which categories to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ComplaintCategoryFilter {
    /// Categories of this kind of complaint.
    #[param(inline, example = "corruption")]
    pub kind: Option<Kind>,
    /// `true`: categories that new complaints can be filed under. `false`: all others.
    #[param(example = true)]
    pub active: Option<bool>,
    /// Categories whose Thai or English name contains this text.
    #[param(inline, example = "สินบน")]
    pub q: Option<Line<100>>,
    /// Sort order. A minus sign reverses a field. By default by code.
    #[param(inline, explode = false, min_items = 1, max_items = 3, example = json!(["-updated_at"]))]
    pub sort: Option<Vec<ComplaintCategorySort>>,
}

type ComplaintCategorySort = Sort<Entity>;

impl Sortable for Entity {
    const RECORDS: &str = "complaint categories";
    const BY: &'static [(&'static str, Column)] =
        &[("code", Column::Code), ("created_at", Column::CreatedAt), ("updated_at", Column::UpdatedAt)];
}

impl Filter for ComplaintCategoryFilter {
    type Entity = Entity;

    fn order(&self) -> Vec<(Column, Order)> {
        sort::order(self.sort.as_deref(), &[(Column::Code, Order::Asc)])
    }
}

impl From<Model> for ComplaintCategory {
    fn from(row: Model) -> Self {
        let Model { id, code, kind, name_th, name_en, active, version: _, created_at, updated_at } = row;
        Self { id, code, kind, name: Name { th: name_th, en: name_en }, active, created_at, updated_at }
    }
}

impl From<&Model> for ComplaintCategoryInput {
    fn from(row: &Model) -> Self {
        let name = NameInput::new(&row.name_th, row.name_en.as_deref());
        Self { code: row.code.clone(), kind: row.kind, name, active: row.active }
    }
}

impl Tabular for ComplaintCategory {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("id", |category| category.id.to_string().into()),
        ("code", |category| category.code.as_str().into()),
        ("kind", |category| Cell::code(category.kind)),
        ("name_th", |category| category.name.th.as_str().into()),
        ("name_en", |category| category.name.en.as_deref().into()),
        ("active", |category| category.active.into()),
        ("created_at", |category| category.created_at.into()),
        ("updated_at", |category| category.updated_at.into()),
    ];
}
