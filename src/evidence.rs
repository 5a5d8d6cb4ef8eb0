//! Evidence of what was done: pages on the web, and public files of the service. It is the same in every record that has some.

use std::collections::HashMap;

use entity::evidence::{Evidence as Stored, EvidenceFile, EvidenceKind, EvidenceList};
use entity::public_file;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Statement};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::Write;
use crate::domain::field_code::FieldCode;
use crate::domain::text::{Line, WebAddress};
use crate::error::{FieldError, Result};

/// The tables and columns that name public files by their id. What one of them names is not deleted.
const COLUMNS: &[(&str, &str)] =
    &[("measure", "evidence"), ("project", "evidence"), ("ita_disclosure", "links"), ("publication_content", "report")];

/// A page or file that shows what was done.
#[derive(Serialize, ToSchema)]
pub struct Evidence {
    /// Title of the page or file.
    #[schema(max_length = 300, example = "ประกาศมาตรการ NO Gift Policy")]
    pub title: String,
    /// Kind of evidence.
    pub kind: EvidenceKind,
    /// Address of the page or file. A public file has a permanent one.
    #[schema(max_length = 2000, example = "https://www.example.go.th/no-gift-policy.pdf")]
    pub url: String,
    /// Id of the public file; null for a link.
    #[schema(required, example = json!(null))]
    pub file_id: Option<Uuid>,
    /// Media type of the public file; null for a link.
    #[schema(required, max_length = 100, example = json!(null))]
    pub media_type: Option<String>,
    /// Size of the public file in bytes; null for a link.
    #[schema(required, minimum = 1, maximum = 67108864, example = json!(null))]
    pub size_bytes: Option<i32>,
    /// SHA-256 of the public file, in hexadecimal; null for a link.
    #[schema(required, max_length = 64, example = json!(null))]
    pub sha256: Option<String>,
}

/// A page or file that shows what was done. Exactly one of `url` and `file_id` is required.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidenceInput {
    /// Title of the page or file.
    pub title: Line<300>,
    /// Kind of evidence.
    pub kind: EvidenceKind,
    /// Address of a page or file, `http` or `https`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://www.example.go.th/no-gift-policy.pdf")]
    pub url: Option<WebAddress<2000>>,
    /// Id of a public file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(null))]
    pub file_id: Option<Uuid>,
}

impl From<Stored> for Evidence {
    fn from(Stored { title, kind, url, file }: Stored) -> Self {
        let (file_id, media_type, size_bytes, sha256) = match file {
            Some(EvidenceFile { id, media_type, size, sha256 }) => {
                (Some(id), Some(media_type), Some(size), Some(sha256))
            }
            None => (None, None, None, None),
        };
        Self { title, kind, url, file_id, media_type, size_bytes, sha256 }
    }
}

impl From<&Stored> for EvidenceInput {
    fn from(Stored { title, kind, url, file }: &Stored) -> Self {
        let url = file.is_none().then(|| url.clone().into());
        Self { title: title.clone().into(), kind: *kind, url, file_id: file.as_ref().map(|file| file.id) }
    }
}

/// As clients see a list.
pub fn shown(list: EvidenceList) -> Vec<Evidence> {
    list.0.into_iter().map(Evidence::from).collect()
}

/// A list as it could have been sent.
pub fn as_sent(list: &EvidenceList) -> Vec<EvidenceInput> {
    list.0.iter().map(EvidenceInput::from).collect()
}

/// A line for each, as tables print them.
pub fn lines(list: &[Evidence]) -> Vec<String> {
    list.iter().map(|evidence| format!("{} {}", evidence.title, evidence.url)).collect()
}

/// A list at a place of a body, as it is stored; an error for each that is neither a link nor a public file, or both. The files
/// cannot be deleted before this write ends.
pub async fn to_store(
    write: &Write,
    place: &str,
    list: &[EvidenceInput],
    errors: &mut Vec<FieldError>,
) -> Result<EvidenceList> {
    let ids: Vec<Uuid> = list.iter().filter_map(|evidence| evidence.file_id).collect();
    let mut files = HashMap::new();
    if !ids.is_empty() {
        let found = public_file::Entity::find().filter(public_file::Column::Id.is_in(ids)).lock_shared();
        files.extend(found.all(write).await?.into_iter().map(|file| (file.id, file)));
    }
    let mut stored = Vec::new();
    for (index, EvidenceInput { title, kind, url, file_id }) in list.iter().enumerate() {
        let mut refuse = |field: &str, code: FieldCode| {
            errors.push(FieldError::at(&format!("{place}/{index}/{field}"), code));
        };
        let (url, file) = match (url, file_id.map(|id| files.get(&id))) {
            (Some(url), None) => (url.to_string(), None),
            (None, Some(Some(file))) => {
                let (media_type, sha256) = (file.media_type.clone(), file.sha256.clone());
                (file.url.clone(), Some(EvidenceFile { id: file.id, media_type, size: file.size, sha256 }))
            }
            (None, Some(None)) => {
                refuse("file_id", FieldCode::UnknownFile);
                continue;
            }
            (Some(_), Some(_)) => {
                refuse("file_id", FieldCode::UrlOrFile);
                continue;
            }
            (None, None) => {
                refuse("url", FieldCode::UrlOrFile);
                continue;
            }
        };
        stored.push(Stored { title: title.to_string(), kind: *kind, url, file });
    }
    Ok(EvidenceList(stored))
}

/// Whether a record names a public file as evidence.
pub async fn names_file(db: &impl ConnectionTrait, file: Uuid) -> Result<bool> {
    for (table, column) in COLUMNS {
        let sql = format!("SELECT 1 FROM {table} WHERE CAST({column} AS text) LIKE '%{file}%' LIMIT 1");
        if db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
