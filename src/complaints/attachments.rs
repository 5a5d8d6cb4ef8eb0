//! Files of complaints: `/v1/complaints/{id}/attachments` and `/v1/attachments/{id}` for the office,
//! `/v1/complaints/lookup/attachments` for whoever has the receipt.

use actix_web::{get, post};
use entity::case_file;
use sea_orm::{ColumnTrait, Order, QueryFilter};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use validator::Validate;

use super::attach::{Sender, attach, key_of};
use super::store;
use crate::answer::{Download, Read, Written};
use crate::app::{App, State};
use crate::auth::Actor;
use crate::auth::scope::ComplaintsHandle;
use crate::body::{IdempotencyKey, Json};
use crate::cases::attachments::{self, Attachment};
use crate::cases::receipts::{self, ReceiptText};
use crate::cases::vault::CaseKey;
use crate::error::{Code, Result};
use crate::extract::Path;
use crate::ledger::Author;
use crate::list::{Filter, Items, List, Paging};
use crate::revisions::Resource;
use crate::upload::{FileField, Upload};

const MADE_OF: &[Resource] = &[Resource::Complaints];

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(send_complaint_attachment)
        .service(download_complaint_attachment)
        .service(list_complaint_attachments)
        .service(create_complaint_attachment)
        .service(get_attachment)
        .service(get_attachment_view);
}

/// A file that a reporter sends.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "receipt": "5Z1H-60C7-28T5-R0HP-1R14-50H1-M6Y", "file": "วันที่ 5 มีนาคม จ่ายสองพันบาทที่ชั้นสอง" }))]
struct ReporterAttachmentInput {
    receipt: ReceiptText,
    #[schema(inline)]
    #[expect(dead_code, reason = "the document's view of a file that Upload reads")]
    file: FileField,
}

/// A file of the office.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "public": false, "file": "บันทึกถ้อยคำพยาน วันที่ 20 มีนาคม" }))]
struct AttachmentInput {
    /// Whether the reporter sees it.
    #[schema(example = false)]
    public: bool,
    #[schema(inline)]
    #[expect(dead_code, reason = "the document's view of a file that Upload reads")]
    file: FileField,
}

/// Which file of a complaint a reporter wants.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "receipt": "5Z1H-60C7-28T5-R0HP-1R14-50H1-M6Y", "id": "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11",
}))]
struct DownloadInput {
    receipt: ReceiptText,
    /// Id of an attachment, as the looked up complaint has it.
    id: Uuid,
}

/// Send a file about one's complaint
///
/// It is kept as it is, with what it tells of where and when it was made: it is evidence. Fields in any order.
#[utoipa::path(
    tag = "complaints",
    request_body(content = ReporterAttachmentInput, content_type = "multipart/form-data"),
    responses(
        (status = 201, body = Attachment),
        (status = 404),
        (status = 409, description = "The complaint is closed, or has as many files as it can have."),
    ),
)]
#[post("/v1/complaints/lookup/attachments")]
async fn send_complaint_attachment(app: State, form: Upload<ReporterAttachmentInput>) -> Result<Written> {
    let Upload { fields, file, key } = form;
    let key = IdempotencyKey::unguessable(key)?;
    attach(app, Sender::Reporter(fields.receipt), file, Some(key)).await
}

/// Download a file of one's complaint
///
/// One that the looked up complaint shows: one's own, or one of the office.
#[utoipa::path(
    tag = "complaints",
    request_body = DownloadInput,
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 404),
        (status = 409, description = "It was destroyed, or is not what was sent."),
    ),
)]
#[post("/v1/complaints/lookup/attachments/download")]
async fn download_complaint_attachment(app: State, body: Json<DownloadInput>) -> Result<Download> {
    let DownloadInput { receipt, id } = body.value;
    let db = app.db.reader();
    let row = store::find_any(db, receipts::case_of(&app, db, &receipt).await?).await?;
    let file = attachments::find(db, id).await?;
    if file.case_id != row.id() || !file.public {
        return Err(Code::NotFound.into());
    }
    attachments::original(&app.files, &key_of(&app, &row)?, &file).await
}

/// Which files to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AttachmentFilter {
    /// What the reporter sees, or the rest.
    #[param(example = true)]
    public: Option<bool>,
}

impl Filter for AttachmentFilter {
    type Entity = case_file::Entity;

    /// By id, which is by time.
    fn order(&self) -> Vec<(case_file::Column, Order)> {
        Vec::new()
    }
}

/// List a complaint's files
///
/// Of both sides, the first first.
#[utoipa::path(
    tag = "complaints",
    security(("bearer" = ["complaints:handle"])),
    params(AttachmentFilter, Paging),
    responses((status = 200, body = Items<Attachment>), (status = 404)),
)]
#[get("/v1/complaints/{id}/attachments")]
async fn list_complaint_attachments(
    app: State,
    actor: Actor<ComplaintsHandle>,
    id: Path<Uuid>,
    list: List<AttachmentFilter>,
) -> Result<Read> {
    let row = store::find(app.db.reader(), id.0, &actor.author).await?;
    let key = row.key(&app.vault)?;
    let mut select = attachments::of_case(id.0);
    if let Some(public) = list.filter.public {
        select = select.filter(case_file::Column::Public.eq(public));
    }
    let found = list.find(&app, select, |select| select, |file: &case_file::Model| file).await?;
    let found = found.try_map(|file| Attachment::open(file, key.as_ref()))?;
    list.answer(found, "attachments", MADE_OF).await
}

/// Add a file to a complaint
///
/// For the reporter, or for the office alone.
#[utoipa::path(
    tag = "complaints",
    security(("bearer" = ["complaints:handle"])),
    request_body(content = AttachmentInput, content_type = "multipart/form-data"),
    responses(
        (status = 201, body = Attachment),
        (status = 404),
        (status = 409, description = "The complaint is closed, or has as many files as it can have."),
    ),
)]
#[post("/v1/complaints/{id}/attachments")]
async fn create_complaint_attachment(
    app: State,
    actor: Actor<ComplaintsHandle>,
    id: Path<Uuid>,
    form: Upload<AttachmentInput>,
) -> Result<Written> {
    let Upload { fields, file, key } = form;
    let sender = Sender::Officer { id: id.0, author: actor.author, public: fields.public };
    attach(app, sender, file, key).await
}

/// Download a file
///
/// What was sent, to the byte, to be saved: it may tell where and when it was made, and by which device.
#[utoipa::path(
    tag = "complaints",
    security(("bearer" = ["complaints:handle"])),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 404),
        (status = 409, description = "It was destroyed, or is not what was sent."),
    ),
)]
#[get("/v1/attachments/{id}")]
async fn get_attachment(app: State, actor: Actor<ComplaintsHandle>, id: Path<Uuid>) -> Result<Download> {
    let (file, key) = seen(&app, id.0, &actor.author).await?;
    attachments::original(&app.files, &key, &file).await
}

/// View a picture
///
/// A copy without place, time, device, thumbnail and comments. Which way is up stays; a colour profile does not.
#[utoipa::path(
    tag = "complaints",
    security(("bearer" = ["complaints:handle"])),
    responses(
        (status = 200, content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "image/webp"))),
        (status = 404),
        (status = 409, description = "It was destroyed, or is not what was sent."),
    ),
)]
#[get("/v1/attachments/{id}/view")]
async fn get_attachment_view(app: State, actor: Actor<ComplaintsHandle>, id: Path<Uuid>) -> Result<Download> {
    let (file, key) = seen(&app, id.0, &actor.author).await?;
    attachments::view(&app.files, &key, &file).await
}

/// A file that somebody of the office may see, and its key.
async fn seen(app: &App, id: Uuid, author: &Author) -> Result<(case_file::Model, CaseKey)> {
    let file = attachments::find(app.db.reader(), id).await?;
    let row = store::find(app.db.reader(), file.case_id, author).await?;
    Ok((file, key_of(app, &row)?))
}
