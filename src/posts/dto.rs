//! Posts as clients see them.

use chrono::{DateTime, Utc};
use entity::post::{Column, Entity, Model};
use sea_orm::Order;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::{Validate, ValidationErrors};

use super::store::{Holder, Holders, Row};
use crate::domain::field_code::FieldCode;
use crate::domain::name::{Name, NameInput};
use crate::domain::rule::Rules;
use crate::domain::text::Line;
use crate::http::list::{Filter, Tabular};
use crate::http::several::Ids;
use crate::http::sort::{self, Sort, Sortable};
use crate::http::spreadsheet::TableColumn;

/// A post (ตำแหน่ง) of the municipality.
#[derive(Serialize, ToSchema)]
pub struct Post {
    /// Id of the post, a UUIDv7.
    pub id: Uuid,
    /// Name of the post in Thai and English. Memos print the Thai one.
    pub name: Name,
    /// Who holds the post.
    #[schema(max_items = 50)]
    pub holders: Vec<PostHolder>,
    /// Time at which the record was created.
    pub created_at: DateTime<Utc>,
    /// Time of the last change of the record.
    pub updated_at: DateTime<Utc>,
}

/// A person who holds a post.
#[derive(Serialize, ToSchema)]
pub struct PostHolder {
    /// Id of the account.
    pub id: Uuid,
    /// Name of the person.
    #[schema(max_length = 200, example = "สมศรี ใจดี")]
    pub name: String,
}

/// The writable fields of a post.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": { "th": "ผู้อำนวยการกองยุทธศาสตร์และงบประมาณ", "en": "Director of Strategy and Budget" },
    "holders": [],
}))]
pub struct PostInput {
    /// Name of the post in Thai and English. Memos print the Thai one.
    pub name: NameInput,
    /// Ids of the accounts of those who hold the post.
    #[serde(default)]
    #[schema(max_items = 50, example = json!([]))]
    pub holders: Vec<Uuid>,
}

impl Validate for PostInput {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let is_twice = self.holders.iter().enumerate().any(|(at, id)| self.holders[..at].contains(id));
        Rules::default().require(!is_twice, "holders", FieldCode::Duplicate).end()
    }
}

/// Which posts to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PostFilter {
    /// Posts that one of these accounts holds.
    #[param(inline, explode = false, example = json!(["01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11"]))]
    pub holder_id: Option<Ids>,
    /// Posts whose Thai or English name contains this text.
    #[param(inline, example = "ปลัด")]
    pub q: Option<Line<100>>,
    /// Sort order. A minus sign reverses a field. By default by name.
    #[param(inline, explode = false, min_items = 1, max_items = 3, example = json!(["-updated_at"]))]
    pub sort: Option<Vec<PostSort>>,
}

type PostSort = Sort<Entity>;

impl Sortable for Entity {
    const RECORDS: &str = "posts";
    const BY: &'static [(&'static str, Column)] =
        &[("name_th", Column::NameTh), ("created_at", Column::CreatedAt), ("updated_at", Column::UpdatedAt)];
}

impl Filter for PostFilter {
    type Entity = Entity;

    fn order(&self) -> Vec<(Column, Order)> {
        sort::order(self.sort.as_deref(), &[(Column::NameTh, Order::Asc)])
    }
}

impl From<Row> for Post {
    fn from(row: Row) -> Self {
        let Row { post, holders: Holders(holders) } = row;
        let Model { id, name_th, name_en, version: _, created_at, updated_at } = post;
        let holders = holders.into_iter().map(|Holder { id, name }| PostHolder { id, name }).collect();
        Self { id, name: Name { th: name_th, en: name_en }, holders, created_at, updated_at }
    }
}

impl From<&Row> for PostInput {
    fn from(Row { post, holders }: &Row) -> Self {
        Self { name: NameInput::new(&post.name_th, post.name_en.as_deref()), holders: holders.ids().collect() }
    }
}

impl Tabular for Post {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("id", |post| post.id.to_string().into()),
        ("name_th", |post| post.name.th.as_str().into()),
        ("name_en", |post| post.name.en.as_deref().into()),
        ("holders", |post| post.holders.iter().map(|holder| holder.name.clone()).collect::<Vec<_>>()[..].into()),
        ("created_at", |post| post.created_at.into()),
        ("updated_at", |post| post.updated_at.into()),
    ];
}
