//! Queries and updates of public files. A file is stored first, then its row is written; a file without a row is removed.

use data_encoding::HEXLOWER;
use entity::destroyed_object;
use entity::public_file::{ActiveModel, Entity, Model};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait, IntoActiveModel, QuerySelect};
use serde_json::{Value, json};
use tracing::Instrument;
use uuid::Uuid;

use super::dto::{PublicFile, PublicFileFilter, PublicFileInput, PublicFileUpload};
use crate::audit_log::append::{Event, Logged};
use crate::audit_log::author::Author;
use crate::db::Write;
use crate::domain::files::name;
use crate::domain::files::traces::traces;
use crate::domain::files::types::Examined;
use crate::error::{Code, Error, Result};
use crate::evidence;
use crate::http::etag::IfMatch;
use crate::http::idempotency::write_once;
use crate::http::list::{Found, List};
use crate::http::multipart::{SentFile, SentForm};
use crate::http::record::Record;
use crate::http::response::WriteResponse;
use crate::revisions::{Resource, RevisionSet};
use crate::state::{App, State};

impl Logged for Model {
    const RESOURCE: Resource = Resource::PublicFiles;

    fn id(&self) -> Option<Uuid> {
        Some(self.id)
    }

    fn document(&self) -> Value {
        json!(self)
    }
}

impl Record for Model {
    type Input = PublicFileInput;
    type Answer = PublicFile;

    fn version(&self) -> i32 {
        self.version
    }

    /// Nothing else shows in the record.
    fn etag(&self, _: RevisionSet) -> String {
        format!("\"{}\"", self.version)
    }

    async fn lock(write: &Write, id: Uuid) -> Result<Self> {
        let row = Entity::find_by_id(id).lock_exclusive().one(write).await?;
        row.ok_or_else(|| Code::NotFound.into())
    }

    async fn update(self, write: &Write, input: PublicFileInput) -> Result<Self> {
        let version = self.version;
        let mut row = self.into_active_model();
        row.title = Set(input.title.into_inner());
        row.version = Set(version + 1);
        row.updated_at = Set(write.now);
        Ok(row.update(write).await?)
    }
}

/// Where the content of a file is, of a service at `public_url`.
pub fn address(public_url: &str, id: Uuid) -> String {
    format!("{public_url}/v1/public-files/{id}/content")
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Model> {
    let row = Entity::find_by_id(id).one(db).await?;
    row.ok_or_else(|| Code::NotFound.into())
}

/// Publishes a file. In a task of its own, so that a disconnect leaves no file without a row.
pub async fn publish(app: State, author: Author, form: SentForm<PublicFileUpload>) -> Result<WriteResponse> {
    let task = async move {
        app.db.refuse_writes()?;
        let SentForm { fields, file, key, .. } = form;
        let object = app.cases.blobs.put_public(file.bytes.clone()).await?;
        let (id, stored, public_url) = (Uuid::now_v7(), object.clone(), app.site.public_url.clone());
        let SentFile { name, examined: Examined { media, findings, .. }, sha256, bytes, .. } = file;
        let size = i32::try_from(bytes.len()).map_err(|_| Code::TooLarge)?;
        let traces = tokio::task::spawn_blocking(move || traces(media, &bytes)).await.map_err(Error::internal)?;
        let written = write_once(&app.db, &author, key, move |write| async move {
            let row = Model {
                id,
                title: fields.title.into_inner(),
                file_name: name::safe(&name, media),
                media_type: media.media_type().to_owned(),
                size,
                sha256: HEXLOWER.encode(&sha256),
                url: address(&public_url, id),
                object: stored,
                version: 1,
                created_at: write.now,
                updated_at: write.now,
            };
            Entity::insert(ActiveModel::from(row.clone())).exec_without_returning(&write).await?;
            let (event, etag) = (Event::about("create", &row), row.etag(write.at));
            let file = PublicFile { findings: Some(findings), traces: Some(traces), ..PublicFile::from(row) };
            write.commit([event], WriteResponse::created(&file, format!("/v1/public-files/{id}"), etag)?)
        })
        .await;
        let is_unused = match &written {
            Ok(written) => written.replayed,
            // The outcome of the write is unknown: the sweep decides later.
            Err(error) => error.code() != Code::OutcomeUnknown,
        };
        if is_unused {
            app.cases.blobs.remove(&object).await;
        }
        written
    };
    tokio::spawn(task.in_current_span()).await.map_err(Error::internal)?
}

/// Deletes a file that no record names. Its content goes with the next sweep.
pub async fn delete(write: Write, id: Uuid, if_match: &IfMatch) -> Result<WriteResponse> {
    let row = Model::lock(&write, id).await?;
    if_match.check(row.version)?;
    // Whoever names it meanwhile waits for this lock.
    if evidence::names_file(&write, id).await? {
        return Err(Code::InUse.because(
            "มีมาตรการหรือโครงการใช้ไฟล์นี้เป็นหลักฐาน โปรดแก้ evidence ก่อน แล้วจึงลบ",
            "Records name the file as evidence. Change their evidence first.",
        ));
    }
    Entity::delete_by_id(id).exec(&write).await?;
    let object = destroyed_object::ActiveModel { object: Set(row.object) };
    destroyed_object::Entity::insert(object).exec_without_returning(&write).await?;
    write.commit([Event::deleted(Resource::PublicFiles, id)], WriteResponse::no_content())
}

pub async fn list(app: &App, list: &List<PublicFileFilter>) -> Result<Found<Model>> {
    list.find(&app.db, Entity::find()).await
}
