//! Files that the municipality publishes as evidence (ไฟล์เผยแพร่), at permanent addresses: `/v1/public-files`.

mod dto;
mod store;

use actix_web::{HttpRequest, delete, get, patch, post};
use entity::public_file::Model;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::auth::Actor;
use crate::auth::scope::PublicFilesWrite;
use crate::domain::files::types::Media;
use crate::error::{Code, Error, Result};
use crate::http::body::Patch;
use crate::http::download::Download;
use crate::http::etag::IfMatch;
use crate::http::immutable::Immutable;
use crate::http::list::{Items, List, Paging};
use crate::http::multipart::Upload;
use crate::http::params::Path;
use crate::http::record::{self, Record};
use crate::http::response::{ReadResponse, WriteResponse};
use crate::http::route::Kind;
use crate::revisions::Resource;
use crate::state::State;
use dto::{PublicFile, PublicFileFilter, PublicFileInput, PublicFileUpload};

pub use store::address;

const DEPENDS_ON: &[Resource] = &[Resource::PublicFiles];

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_public_files)
        .service(create_public_file)
        .service(get_public_file)
        .service(get_public_file_content)
        .service(update_public_file)
        .service(delete_public_file);
}

/// List public files
///
/// Lists the files that the municipality published as evidence, newest first.
#[utoipa::path(tag = "public-files", params(PublicFileFilter, Paging), responses((status = 200, body = Items<PublicFile>)))]
#[get("/v1/public-files")]
async fn list_public_files(app: State, list: List<PublicFileFilter>) -> Result<ReadResponse> {
    let found = store::list(&app, &list).await?.map(PublicFile::from);
    list.answer(found, "public-files", DEPENDS_ON).await
}

/// Upload a public file
///
/// The file is public immediately, unchanged and with its metadata. The response lists what the file reveals about who
/// made it, and what is dangerous in it: delete the file if that must not be public. Name the file as evidence with its
/// `id` as `file_id`.
#[utoipa::path(
    tag = "public-files",
    security(("bearer" = ["public-files:write"])),
    request_body(content = PublicFileUpload, content_type = "multipart/form-data"),
    responses((status = 201, body = PublicFile)),
)]
#[post("/v1/public-files")]
async fn create_public_file(
    app: State,
    actor: Actor<PublicFilesWrite>,
    form: Upload<PublicFileUpload>,
) -> Result<WriteResponse> {
    let form = form.read(&app.cases.blobs.memory.office, None).await?;
    store::publish(app, actor.author, form).await
}

/// Get a public file
///
/// Returns title, size and SHA-256 of the file, and the permanent address of its content.
#[utoipa::path(tag = "public-files", responses((status = 200, body = PublicFile), (status = 404)))]
#[get("/v1/public-files/{id}")]
async fn get_public_file(app: State, id: Path<Uuid>) -> Result<ReadResponse> {
    let (at, row) = (app.db.revisions.snapshot(), store::find(app.db.reader(), id.0).await?);
    let etag = row.etag(at);
    ReadResponse::record(&PublicFile::from(row), etag, DEPENDS_ON)
}

/// Download the content of a public file
///
/// Returns the file for download, byte for byte as it was uploaded. It never changes: its ETag is its SHA-256. It
/// may be kept for five minutes: the municipality can delete a file that no record names. A file that is not the one that was uploaded is
/// not served.
#[utoipa::path(
    tag = "public-files",
    extensions(("x-kind" = json!([Kind::Immutable]))),
    responses(
        (status = 200, content(
            (Vec<u8> = "application/pdf"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
            (Vec<u8> = "text/plain"),
            (Vec<u8> = "image/jpeg"),
            (Vec<u8> = "image/png"),
            (Vec<u8> = "image/webp"),
            (Vec<u8> = "image/heic"),
            (Vec<u8> = "image/avif"),
            (Vec<u8> = "audio/mpeg"),
            (Vec<u8> = "audio/aac"),
            (Vec<u8> = "audio/mp4"),
            (Vec<u8> = "audio/ogg"),
            (Vec<u8> = "audio/amr"),
            (Vec<u8> = "audio/wav"),
            (Vec<u8> = "video/mp4"),
            (Vec<u8> = "video/quicktime"),
            (Vec<u8> = "video/3gpp")
        )),
        (status = 404),
        (status = 409, description = "The stored file is not the one that was uploaded."),
    ),
)]
#[get("/v1/public-files/{id}/content")]
async fn get_public_file_content(app: State, request: HttpRequest, id: Path<Uuid>) -> Result<Immutable> {
    let file = store::find(app.db.reader(), id.0).await?;
    let sha256 = file.sha256.clone();
    Immutable::of(&request, &sha256, download(&app, file)).await
}

async fn download(app: &State, file: Model) -> Result<Download> {
    let media = Media::named(&file.media_type).ok_or(Code::Internal)?;
    let (name, size) = (file.file_name.clone(), usize::try_from(file.size).map_err(Error::internal)?);
    let (pieces, room) = app.cases.blobs.get_public(file).await?;
    Ok(Download::begin(media.media_type(), name, size, pieces, room))
}

/// Update the title of a public file
///
/// Evidence that names the file has a title of its own, which stays.
#[utoipa::path(
    tag = "public-files",
    security(("bearer" = ["public-files:write"])),
    request_body(content = Patch<PublicFileInput>, content_type = "application/merge-patch+json"),
    responses((status = 200, body = PublicFile), (status = 404)),
)]
#[patch("/v1/public-files/{id}")]
async fn update_public_file(
    app: State,
    actor: Actor<PublicFilesWrite>,
    id: Path<Uuid>,
    if_match: IfMatch,
    patch: Patch<PublicFileInput>,
) -> Result<WriteResponse> {
    record::update::<Model>(&app.db, &actor.author, id.0, if_match, patch).await
}

/// Delete a public file
///
/// A file that a measure or project names as evidence cannot be deleted. The audit log keeps title and SHA-256.
#[utoipa::path(
    tag = "public-files",
    security(("bearer" = ["public-files:write"])),
    responses((status = 204), (status = 404), (status = 409, description = "A record names it as evidence.")),
)]
#[delete("/v1/public-files/{id}")]
async fn delete_public_file(
    app: State,
    actor: Actor<PublicFilesWrite>,
    id: Path<Uuid>,
    if_match: IfMatch,
) -> Result<WriteResponse> {
    app.db.write(&actor.author, move |write| async move { store::delete(write, id.0, &if_match).await }).await
}
