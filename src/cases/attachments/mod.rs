//! Files of a case: their metadata, adding and downloading. What was sent is kept to the byte, with its embedded place and time:
//! it is evidence. Pictures can be viewed without them.

pub mod amounts;
pub mod small;
pub mod upload;

use actix_web::web::Bytes;
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use entity::case_event::Side;
use entity::case_file::{ActiveModel, Column, Entity, Model, Taken};
use futures_util::stream;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, Select};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::blobs::Blobs;
use super::receipts::{self, ReceiptText};
use super::timeline::{self, Entry};
use super::vault::{CaseKey, NewKey};
use super::{Case, Cases};
use crate::audit_log::author::Author;
use crate::db::Write;
use crate::domain::files::types::{Examined, Finding, Media};
use crate::domain::files::{image, name};
use crate::error::{Code, Error, Result};
use crate::http::download::Download;
use crate::http::list::{Filter, List, Tabular};
use crate::http::memory_budget::PIECE;
use crate::http::multipart::SentFile;
use crate::http::response::ReadResponse;
use crate::http::sort::{self, Sort, Sortable};
use crate::http::spreadsheet::{Cell, TableColumn};
use crate::references::{self, Names};
use small::Width;

/// What the timeline and the log call it.
pub const ATTACH: &str = "attach";

const LABEL: &str = "case_file.label";

/// A file that was sent with a case. Its name and hash are null once the case is destroyed.
#[derive(Serialize, ToSchema)]
pub struct Attachment {
    /// Id of the attachment, a UUIDv7.
    pub id: Uuid,
    /// Time at which the file was received.
    pub created_at: DateTime<Utc>,
    /// Side that sent the file.
    pub side: Side,
    /// Id of the account or client; null for other callers than the office.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, max_length = 100, example = "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11")]
    pub actor_id: Option<String>,
    /// Name that this account or client has now; null for other callers than the office, and if it is neither of this
    /// service.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, max_length = 200, example = "สมชาย ใจดี")]
    pub actor_name: Option<String>,
    /// Whether both sides see it.
    #[schema(example = true)]
    pub public: bool,
    /// Whether a photo of the office shows what was there before the work or after it; null if that is not stated.
    #[schema(required, example = json!(null))]
    pub taken: Option<Taken>,
    /// Name that the sender gave the file, without folders and invisible characters.
    #[schema(required, max_length = 200, example = "สลิปโอนเงิน.jpg")]
    pub file_name: Option<String>,
    /// Media type, determined from the content.
    #[schema(max_length = 100, example = "image/jpeg")]
    pub media_type: String,
    /// Size of the file in bytes.
    #[schema(minimum = 1, maximum = 67108864, example = 482133)]
    pub size_bytes: i32,
    /// SHA-256 of the file as it was sent, in hexadecimal.
    #[schema(required, max_length = 64, example = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    pub sha256: Option<String>,
    /// Dangerous or unusual content that was found in the file. Only the office sees it. The file itself is stored
    /// unchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<Finding>, required = false, max_items = 11, example = json!([]))]
    pub findings: Option<BTreeSet<Finding>>,
    /// Whether a copy without metadata can be viewed. Only the office sees it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool, required = false, example = true)]
    pub has_view: Option<bool>,
}

/// What of it is sealed together.
#[derive(Serialize, Deserialize)]
struct Label {
    name: String,
    sha256: String,
    #[serde(default)]
    findings: BTreeSet<Finding>,
    #[serde(default)]
    has_view: bool,
}

impl Attachment {
    /// As the office sees it.
    pub fn open(file: Model, key: Option<&CaseKey>, names: &Names) -> Result<Self> {
        let label = key.map(|key| Label::open(&file, key)).transpose()?;
        let Model {
            id,
            case_id: _,
            at,
            side,
            actor,
            public,
            media_type,
            size,
            label: _,
            object: _,
            unhandled: _,
            taken,
        } = file;
        let (name, sha256, findings, has_view) = match label {
            Some(Label { name, sha256, findings, has_view }) => {
                (Some(name), Some(sha256), Some(findings), Some(has_view))
            }
            None => (None, None, None, None),
        };
        Ok(Self {
            id,
            created_at: at,
            side,
            actor_name: actor.as_ref().and_then(|actor| names.get(actor)).cloned(),
            actor_id: actor,
            public,
            taken,
            file_name: name,
            media_type,
            size_bytes: size,
            sha256,
            findings,
            has_view,
        })
    }

    /// A single one, as the office sees it.
    pub async fn with_name(db: &impl ConnectionTrait, file: Model, key: Option<&CaseKey>) -> Result<Self> {
        let names = references::names_of(db, file.actor.as_deref().as_slice()).await?;
        Self::open(file, key, &names)
    }

    /// As the other side sees it: the office is one.
    pub fn unnamed(self) -> Self {
        Self { actor_id: None, actor_name: None, findings: None, has_view: None, ..self }
    }
}

impl Label {
    fn open(file: &Model, key: &CaseKey) -> Result<Self> {
        serde_json::from_str(&key.open(LABEL, file.id, &file.label)?).map_err(Error::internal)
    }
}

impl Tabular for Attachment {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("id", |file| file.id.to_string().into()),
        ("created_at", |file| file.created_at.into()),
        ("side", |file| Cell::code(file.side)),
        ("actor_id", |file| file.actor_id.as_deref().into()),
        ("actor_name", |file| file.actor_name.as_deref().into()),
        ("public", |file| file.public.into()),
        ("taken", |file| file.taken.map(Cell::code).into()),
        ("file_name", |file| file.file_name.as_deref().into()),
        ("media_type", |file| file.media_type.as_str().into()),
        ("size_bytes", |file| file.size_bytes.into()),
        ("sha256", |file| file.sha256.as_deref().into()),
        ("findings", |file| Cell::codes(file.findings.iter().flatten().copied().map(Cell::code))),
        ("has_view", |file| file.has_view.into()),
    ];
}

/// A file that is stored and has no row yet.
pub struct Stored {
    id: Uuid,
    label: Label,
    media_type: &'static str,
    size: i32,
    pub object: String,
}

pub async fn store(files: &Blobs, key: CaseKey, file: SentFile) -> Result<Stored> {
    let id = Uuid::now_v7();
    let size = i32::try_from(file.bytes.len()).map_err(|_| Code::TooLarge)?;
    let object = files.put(key, id, file.bytes.clone()).await?;
    let Examined { media, findings, has_view } = file.examined;
    let label = Label { name: file.name, sha256: HEXLOWER.encode(&file.sha256), findings, has_view };
    Ok(Stored { id, label, media_type: media.media_type(), size, object })
}

/// A copy of a file for another case: stored, and without a row.
pub async fn copy(files: &Blobs, key: &CaseKey, file: Model, to: &NewKey) -> Result<Model> {
    let label = key.open(LABEL, file.id, &file.label)?;
    let (whole, _room) = files.get_whole(key, &file, Side::Office).await?;
    let id = Uuid::now_v7();
    let object = files.put(to.key()?, id, whole.into()).await?;
    let label = to.key()?.seal(LABEL, id, &label)?;
    Ok(Model { id, case_id: to.case, label, object, unhandled: false, ..file })
}

/// The row of a stored file, and its event on the timeline.
pub async fn add(
    write: &Write,
    key: &CaseKey,
    case: Uuid,
    side: Side,
    public: bool,
    taken: Option<Taken>,
    stored: Stored,
) -> Result<Model> {
    let Stored { id, label, media_type, size, object } = stored;
    let entry = Entry { action: ATTACH, side, public, status: None, text: Some(&label.name) };
    let event = timeline::add(write, key, case, entry).await?;
    let label = serde_json::to_string(&label).map_err(Error::internal)?;
    let file = Model {
        id,
        case_id: case,
        at: write.now,
        side,
        actor: event.actor,
        public,
        media_type: media_type.to_owned(),
        size,
        label: key.seal(LABEL, id, &label)?,
        object,
        unhandled: side == Side::Sender && !timeline::is_handled(write, case).await?,
        taken,
    };
    Entity::insert(ActiveModel::from(file.clone())).exec_without_returning(write).await?;
    Ok(file)
}

/// Which files to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AttachmentFilter {
    /// `true`: records that both sides see. `false`: records of the office only.
    #[param(example = true)]
    public: Option<bool>,
    /// Sort order. A minus sign reverses a field. By default oldest first.
    #[param(inline, explode = false, min_items = 1, max_items = 1, example = json!(["-created_at"]))]
    pub sort: Option<Vec<AttachmentSort>>,
}

type AttachmentSort = Sort<Entity>;

impl Sortable for Entity {
    const RECORDS: &str = "attachments";
    const BY: &'static [(&'static str, Column)] = &[("created_at", Column::At)];
}

impl Filter for AttachmentFilter {
    type Entity = Entity;

    /// By id, which is by time.
    fn order(&self) -> Vec<(Column, Order)> {
        sort::order(self.sort.as_deref(), &[])
    }
}

/// A page of a case's files, for the office.
pub async fn list<C: Case>(
    cases: &Cases,
    id: Uuid,
    author: &Author,
    list: &List<AttachmentFilter>,
) -> Result<ReadResponse> {
    let key = cases.read::<C>(id, author).await?.key(&cases.vault)?;
    let public = list.filter.public.into_iter();
    let select = public.fold(of_case(id), |select, public| select.filter(Column::Public.eq(public)));
    let found = list.find::<Model>(&cases.db, select).await?;
    let actors: Vec<&str> = found.rows.iter().filter_map(|file| file.actor.as_deref()).collect();
    let names = references::names_of(cases.db.reader(), &actors).await?;
    let found = found.open(move |file| Attachment::open(file, key.as_ref(), &names)).await?;
    list.answer(found, "attachments", &[]).await
}

/// The receipt, and the file to download.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "receipt": "5Z1H-60C7-28T5-R0HP-1R14-50H1-M6S", "id": "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11",
}))]
pub struct DownloadInput {
    /// Receipt of the case.
    receipt: ReceiptText,
    /// Id of an attachment, from the response of the lookup.
    id: Uuid,
    /// Width in pixels of a small copy of a picture, as JPEG or PNG; without it the file as it was sent.
    #[schema(inline, example = json!(null))]
    width: Option<Width>,
}

/// What was sent, for whoever has the receipt.
pub async fn download<C: Case>(cases: &Cases, input: DownloadInput) -> Result<Download> {
    let DownloadInput { receipt, id, width } = input;
    let db = cases.db.reader();
    let case = receipts::find::<C>(cases, db, &receipt).await?;
    let file = find(db, id).await?;
    if file.case_id != case.case_id() || !file.public {
        return Err(Code::NotFound.into());
    }
    let key = case.needed_key(&cases.vault)?;
    match width {
        None => original(&cases.blobs, key, file, Side::Sender).await,
        Some(_) => view(&cases.blobs, key, file, width, Side::Sender).await,
    }
}

/// A file that an officer may see, and its key.
pub async fn seen<C: Case>(cases: &Cases, id: Uuid, author: &Author) -> Result<(Model, CaseKey)> {
    let file = find(cases.db.reader(), id).await?;
    let case = cases.read::<C>(file.case_id, author).await?;
    let key = case.needed_key(&cases.vault)?;
    Ok((file, key))
}

fn of_case(case: Uuid) -> Select<Entity> {
    Entity::find().filter(Column::CaseId.eq(case))
}

/// The files that both sides see, oldest first, as the holder of the receipt sees them.
pub async fn own(db: &impl ConnectionTrait, case: Uuid, key: Option<&CaseKey>) -> Result<Vec<Attachment>> {
    let files = of_case(case).filter(Column::Public.eq(true)).order_by_asc(Column::Id).all(db).await?;
    files.into_iter().map(|file| Attachment::open(file, key, &Names::new()).map(Attachment::unnamed)).collect()
}

async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Model> {
    Entity::find_by_id(id).one(db).await?.ok_or_else(|| Code::NotFound.into())
}

/// What was sent, to the byte, for one of the sides: to be saved, not to be shown.
pub async fn original(files: &Blobs, key: CaseKey, file: Model, side: Side) -> Result<Download> {
    let media = Media::named(&file.media_type).ok_or(Code::Internal)?;
    let name = name::safe(&Label::open(&file, &key)?.name, media);
    let size = usize::try_from(file.size).map_err(Error::internal)?;
    let (pieces, room) = files.get(key, file, side).await?.into_pieces();
    Ok(Download::begin("application/octet-stream", name, size, pieces, room))
}

/// A picture without its metadata, for one of the sides; with a width, a small copy.
pub async fn view(files: &Blobs, key: CaseKey, file: Model, width: Option<Width>, side: Side) -> Result<Download> {
    let media = Media::named(&file.media_type).ok_or(Code::Internal)?;
    let label = Label::open(&file, &key)?;
    if !label.has_view {
        return Err(Code::NotFound.because(
            "ไม่มีสำเนาสำหรับดู มีเฉพาะของไฟล์ภาพ JPEG, PNG และ WebP ที่ครบทั้งไฟล์ โปรดดาวน์โหลดต้นฉบับ",
            "The file has no copy to view: only whole JPEG, PNG and WebP pictures have one. Download the original.",
        ));
    }
    // Whoever waits for a turn holds no memory.
    let small = match width {
        Some(width) => Some((width, files.decoding.turn(side).await?)),
        None => None,
    };
    let (whole, mut room) = files.get_whole(&key, &file, side).await?;
    let (media, bare, turn) = match small {
        Some((width, turn)) => {
            let (media, bare, turn) = turn.small(media, whole, width).await?;
            (media, bare, Some(turn))
        }
        None => {
            let bare = tokio::task::spawn_blocking(move || image::without_metadata(media, &whole));
            (media, bare.await.map_err(Error::internal)?.ok_or(Code::Damaged)?, None)
        }
    };
    let name = name::safe(&label.name, media);
    let size = bare.len();
    // Each in memory of its own, which is free as soon as it is sent.
    let pieces: Vec<_> = bare.chunks(PIECE).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    drop(bare);
    room.keep(size);
    // Once there is room for the next one.
    drop(turn);
    Ok(Download::begin(media.media_type(), name, size, stream::iter(pieces), room))
}
