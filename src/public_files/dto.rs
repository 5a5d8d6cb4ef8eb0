//! Public files as clients see them.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::public_file::{Column, Entity, Model};
use sea_orm::Order;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::domain::files::traces::Trace;
use crate::domain::files::types::Finding;
use crate::domain::text::Line;
use crate::http::list::{Filter, Tabular};
use crate::http::multipart::FileField;
use crate::http::sort::{self, Sort, Sortable};
use crate::http::spreadsheet::TableColumn;

/// A file that the municipality published, as evidence of a measure or project.
#[derive(Serialize, ToSchema)]
pub struct PublicFile {
    /// Id of the file, a UUIDv7.
    pub id: Uuid,
    /// Title of the file.
    #[schema(max_length = 300, example = "ประกาศมาตรการ NO Gift Policy")]
    pub title: String,
    /// Permanent address of the content.
    #[schema(
        max_length = 2000,
        example = "https://api.example.go.th/v1/public-files/01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11/content"
    )]
    pub url: String,
    /// Name under which it is saved.
    #[schema(max_length = 200, example = "no-gift-policy.pdf")]
    pub file_name: String,
    /// Media type, determined from the content.
    #[schema(max_length = 100, example = "application/pdf")]
    pub media_type: String,
    /// Size of the file in bytes.
    #[schema(minimum = 1, maximum = 67108864, example = 482133)]
    pub size_bytes: i32,
    /// SHA-256 of the file, in hexadecimal. The content is compared with it each time that it is served.
    #[schema(max_length = 64, example = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    pub sha256: String,
    /// Dangerous or unusual content that was found in the file. Only in the response to the upload.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<Finding>, required = false, max_items = 11, example = json!([]))]
    pub findings: Option<BTreeSet<Finding>>,
    /// What the file reveals about who made it, which is public now. Only in the response to the upload.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<Trace>, required = false, max_items = 100, example = json!([{ "kind": "person", "value": "สมศรี ใจดี" }]))]
    pub traces: Option<Vec<Trace>>,
    /// Time at which the file was uploaded.
    pub created_at: DateTime<Utc>,
    /// Time of the last change of the title.
    pub updated_at: DateTime<Utc>,
}

/// A file to publish.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "title": "ประกาศมาตรการ NO Gift Policy", "file": "ประกาศเทศบาล เรื่อง นโยบายไม่รับของขวัญ" }))]
pub struct PublicFileUpload {
    /// Title of the file.
    pub title: Line<300>,
    #[schema(inline)]
    #[expect(dead_code, reason = "the document's view of a file that Upload reads")]
    file: FileField,
}

/// What can be changed of a public file: its content cannot.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "title": "ประกาศมาตรการ NO Gift Policy" }))]
pub struct PublicFileInput {
    /// Title of the file.
    pub title: Line<300>,
}

/// The order of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PublicFileFilter {
    /// Sort order. A minus sign reverses a field. By default newest first.
    #[param(inline, explode = false, min_items = 1, max_items = 1, example = json!(["created_at"]))]
    pub sort: Option<Vec<PublicFileSort>>,
}

type PublicFileSort = Sort<Entity>;

impl Sortable for Entity {
    const RECORDS: &str = "public files";
    const BY: &'static [(&'static str, Column)] = &[("created_at", Column::CreatedAt)];
}

impl Filter for PublicFileFilter {
    type Entity = Entity;

    fn order(&self) -> Vec<(Column, Order)> {
        sort::order(self.sort.as_deref(), &[(Column::CreatedAt, Order::Desc)])
    }
}

impl From<Model> for PublicFile {
    fn from(row: Model) -> Self {
        let Model {
            id,
            title,
            file_name,
            media_type,
            size,
            sha256,
            url,
            object: _,
            version: _,
            created_at,
            updated_at,
        } = row;
        let (findings, traces) = (None, None);
        Self {
            id,
            title,
            url,
            file_name,
            media_type,
            size_bytes: size,
            sha256,
            findings,
            traces,
            created_at,
            updated_at,
        }
    }
}

impl From<&Model> for PublicFileInput {
    fn from(row: &Model) -> Self {
        Self { title: row.title.clone().into() }
    }
}

impl Tabular for PublicFile {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("id", |file| file.id.to_string().into()),
        ("title", |file| file.title.as_str().into()),
        ("url", |file| file.url.as_str().into()),
        ("file_name", |file| file.file_name.as_str().into()),
        ("media_type", |file| file.media_type.as_str().into()),
        ("size_bytes", |file| file.size_bytes.into()),
        ("sha256", |file| file.sha256.as_str().into()),
        ("created_at", |file| file.created_at.into()),
        ("updated_at", |file| file.updated_at.into()),
    ];
}
