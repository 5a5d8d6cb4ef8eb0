//! Files of service requests: `/v1/service-requests/{id}/attachments` and `/v1/service-request-attachments/{id}` for the office,
//! `/v1/service-requests/lookup/attachments` for the holder of the receipt.

use actix_web::{get, post};
use entity::case_event::Side;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::store::Row;
use crate::auth::Actor;
use crate::auth::scope::ServiceRequestsHandle;
use crate::cases::attachments::small::ViewOptions;
use crate::cases::attachments::upload::{self, AttachmentInput, OwnAttachmentInput};
use crate::cases::attachments::{self, Attachment, AttachmentFilter, DownloadInput};
use crate::error::Result;
use crate::http::body::Json;
use crate::http::download::Download;
use crate::http::list::{Items, List, Paging};
use crate::http::multipart::Upload;
use crate::http::params::{Path, Query};
use crate::http::response::{ReadResponse, WriteResponse};
use crate::http::route::Kind;
use crate::state::State;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(create_own_service_request_attachment)
        .service(get_own_service_request_attachment)
        .service(list_service_request_attachments)
        .service(create_service_request_attachment)
        .service(get_service_request_attachment)
        .service(get_service_request_attachment_view);
}

/// Upload a file to a service request by its receipt
///
/// Adds for example a photo of the place, or a scanned paper. Send `receipt` before the file. If the file comes first,
/// it is accepted only while no other such upload is in progress.
#[utoipa::path(
    tag = "service-requests",
    request_body(content = OwnAttachmentInput, content_type = "multipart/form-data"),
    responses(
        (status = 201, body = Attachment),
        (status = 404),
        (status = 409, description = "The request is closed, or has as many files as it can have, or as many bytes of them."),
    ),
)]
#[post("/v1/service-requests/lookup/attachments")]
async fn create_own_service_request_attachment(app: State, form: Upload<OwnAttachmentInput>) -> Result<WriteResponse> {
    upload::by_receipt::<Row>(app.cases.clone(), form).await
}

/// Download a file of a service request by its receipt
///
/// Returns a file that `POST /v1/service-requests/lookup` lists: a file of the applicant, or a file of the office.
#[utoipa::path(
    tag = "service-requests",
    extensions(("x-kind" = json!([Kind::File]))),
    request_body = DownloadInput,
    responses(
        (status = 200, content((Vec<u8> = "application/octet-stream"), (Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"))),
        (status = 404),
        (status = 409, description = "It was destroyed, or is not what was sent."),
    ),
)]
#[post("/v1/service-requests/lookup/attachments/download")]
async fn get_own_service_request_attachment(app: State, body: Json<DownloadInput>) -> Result<Download> {
    attachments::download::<Row>(&app.cases, body.value).await
}

/// List the attachments of a service request
///
/// Lists the files of both sides, oldest first.
#[utoipa::path(
    tag = "service-requests",
    security(("bearer" = ["service-requests:handle"])),
    params(AttachmentFilter, Paging),
    responses((status = 200, body = Items<Attachment>), (status = 404)),
)]
#[get("/v1/service-requests/{id}/attachments")]
async fn list_service_request_attachments(
    app: State,
    actor: Actor<ServiceRequestsHandle>,
    id: Path<Uuid>,
    list: List<AttachmentFilter>,
) -> Result<ReadResponse> {
    attachments::list::<Row>(&app.cases, id.0, &actor.author, &list).await
}

/// Upload a file to a service request
///
/// Adds a file for the applicant, or for the office only. A photo of the work can be added after the request is
/// completed.
#[utoipa::path(
    tag = "service-requests",
    security(("bearer" = ["service-requests:handle"])),
    request_body(content = AttachmentInput, content_type = "multipart/form-data"),
    responses(
        (status = 201, body = Attachment),
        (status = 404),
        (status = 409, description = "The request is closed, or has as many files as it can have, or as many bytes of them."),
    ),
)]
#[post("/v1/service-requests/{id}/attachments")]
async fn create_service_request_attachment(
    app: State,
    actor: Actor<ServiceRequestsHandle>,
    id: Path<Uuid>,
    form: Upload<AttachmentInput>,
) -> Result<WriteResponse> {
    upload::by_officer::<Row, _>(app.cases.clone(), actor, id.0, form).await
}

/// Download an attachment of a service request
///
/// Returns the file for download, byte for byte as it was sent. The file can contain metadata: where and when it was
/// made, and with which device.
#[utoipa::path(
    tag = "service-requests",
    extensions(("x-kind" = json!([Kind::File]))),
    security(("bearer" = ["service-requests:handle"])),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 404),
        (status = 409, description = "It was destroyed, or is not what was sent."),
    ),
)]
#[get("/v1/service-request-attachments/{id}")]
async fn get_service_request_attachment(
    app: State,
    actor: Actor<ServiceRequestsHandle>,
    id: Path<Uuid>,
) -> Result<Download> {
    let (file, key) = attachments::seen::<Row>(&app.cases, id.0, &actor.author).await?;
    attachments::original(&app.cases.blobs, key, file, Side::Office).await
}

/// View a picture of a service request
///
/// Returns a copy of the picture without location, time, device, thumbnail and comments. The orientation is kept. The
/// colour profile is removed. With `width`, the copy is small, and the picture can have at most 25 million pixels.
#[utoipa::path(
    tag = "service-requests",
    extensions(("x-kind" = json!([Kind::File]))),
    security(("bearer" = ["service-requests:handle"])),
    params(ViewOptions),
    responses(
        (status = 200, content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "image/webp"))),
        (status = 404),
        (status = 409, description = "It was destroyed, or is not what was sent."),
    ),
)]
#[get("/v1/service-request-attachments/{id}/view")]
async fn get_service_request_attachment_view(
    app: State,
    actor: Actor<ServiceRequestsHandle>,
    id: Path<Uuid>,
    options: Query<ViewOptions>,
) -> Result<Download> {
    let (file, key) = attachments::seen::<Row>(&app.cases, id.0, &actor.author).await?;
    attachments::view(&app.cases.blobs, key, file, options.0.width, Side::Office).await
}
