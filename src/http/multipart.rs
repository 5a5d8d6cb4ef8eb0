//! Multipart uploads (RFC 7578). Fields are validated against their published schema, the file by its content.
//! Validation needs the whole body, so nothing is stored until it has arrived. Whoever takes it can look at its first field before
//! there is memory for the rest.

use std::borrow::Cow;
use std::convert::Infallible;
use std::marker::PhantomData;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::{Ready, ready};
use futures_util::{Stream, stream};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};
use tokio::sync::Semaphore;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{KnownFormat, RefOr, Schema, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::field_code::{FieldCode, Violation};
use crate::domain::files::name;
use crate::domain::files::types::{Examined, Unfit, examine};
use crate::domain::merkle::{Hash, sha256};
use crate::error::{Code, Error, FieldError, Result};
use crate::http::arrival::Arrival;
use crate::http::body::{self, Body};
use crate::http::context::part;
use crate::http::idempotency::IdempotencyKey;
use crate::http::memory_budget::MemoryBudget;
use crate::http::upload_quota::UploadTurn;

/// The field of the file, in every such form.
const FILE: &str = "file";

/// Beside the file: the fields, and what stands between the parts.
const BESIDE: usize = 64 * 1024;

/// More than any such form has.
const MOST_PARTS: usize = 20;

/// The largest that a municipality can allow, in MiB.
pub const MOST_MIB: usize = 64;

/// A form with one file, as it arrives.
pub struct Upload<T> {
    request: HttpRequest,
    arrival: Arrival,
    largest: usize,
    /// What has arrived of it.
    body: BytesMut,
    form: PhantomData<T>,
}

/// A form that is what can be sent.
pub struct SentForm<T> {
    pub fields: T,
    pub file: SentFile,
    pub key: Option<IdempotencyKey>,
    pub turn: Option<UploadTurn>,
}

/// A file that is what can be sent.
pub struct SentFile {
    pub name: String,
    pub examined: Examined,
    pub sha256: Hash,
    pub bytes: Bytes,
    _room: Arc<MemoryBudget>,
}

impl SentFile {
    /// A file of a form that has several, which share their room, if it is what can be sent.
    pub async fn of(name: Option<&str>, bytes: Bytes, room: Arc<MemoryBudget>) -> Result<Self> {
        let judged = move || (examine(&bytes), sha256(&[&bytes]), bytes);
        let (examined, sha256, bytes) = tokio::task::spawn_blocking(judged).await.map_err(Error::internal)?;
        let examined = examined.map_err(|unfit| FieldError::at("/file", violation(unfit)))?;
        let name = name.and_then(name::cleaned).unwrap_or_else(|| name::safe("attachment", examined.media));
        Ok(Self { name, examined, sha256, bytes, _room: room })
    }
}

/// Stands in a form's fields where the file does.
pub struct FileField;

impl<'de> Deserialize<'de> for FileField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|_| Self)
    }
}

impl PartialSchema for FileField {
    fn schema() -> RefOr<Schema> {
        let description = "A picture (JPEG, PNG, WebP, HEIC, AVIF), a document (PDF, DOCX, XLSX, PPTX, plain text), a recording (MP3, \
                           M4A, AAC, OGG, AMR, WAV) or a video (MP4, MOV, 3GP). The type is determined from the content. At most 10 \
                           MiB, unless the municipality configures another limit. The file is stored unchanged, including \
                           its metadata.";
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
            .description(Some(description))
            .min_length(Some(1))
            .max_length(Some(MOST_MIB << 20))
            .examples(["วันที่ 5 มีนาคม จ่ายสองพันบาทที่ชั้นสอง"])
            .into()
    }
}

impl ToSchema for FileField {
    fn name() -> Cow<'static, str> {
        "FileField".into()
    }
}

/// What uploads may be.
pub struct Uploads {
    /// Bytes of one file.
    pub largest: usize,
}

impl<T: Body> FromRequest for Upload<T> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let mut begin = || {
            body::refuse_other(request, &["multipart/form-data"])?;
            let (request, arrival) = (request.clone(), Arrival::of(payload.take()));
            let largest = part::<Uploads>(&request)?.largest;
            Ok(Self { request, arrival, largest, body: BytesMut::new(), form: PhantomData })
        };
        ready(begin())
    }
}

impl<T: Body> Upload<T> {
    pub fn request(&self) -> &HttpRequest {
        &self.request
    }

    /// Name and text of what stands first, unless that is the file. No more is read than can stand beside a file.
    pub async fn first_field(&mut self) -> Result<Option<(String, String)>> {
        loop {
            if let Some(first) = first_of(self.kind(), self.body.clone().freeze()).await {
                return Ok(first);
            }
            let is_long = self.body.len() > BESIDE;
            let next = if is_long { None } else { self.arrival.next(&self.request).await? };
            let Some(chunk) = next else { return Ok(None) };
            self.body.extend_from_slice(&chunk);
        }
    }

    /// Lets the rest go by, so that the sender hears an answer.
    pub async fn discard(mut self) -> Result<()> {
        let mut passed = std::mem::take(&mut self.body).len();
        while let Some(chunk) = self.arrival.next(&self.request).await? {
            passed += chunk.len();
            self.refuse_beyond(passed)?;
        }
        Ok(())
    }

    /// The whole form, as far as there is memory for it.
    /// The sender's turn ends with the work on the file, also if the sender goes away meanwhile.
    pub async fn read(mut self, memory: &Arc<Semaphore>, turn: Option<UploadTurn>) -> Result<SentForm<T>> {
        let mut room = MemoryBudget::new(memory);
        self.arrival.go_on();
        // While it is taken apart it is there three times over.
        room.take(3 * self.body.len())?;
        while let Some(chunk) = self.arrival.next(&self.request).await? {
            let length = self.body.len() + chunk.len();
            self.refuse_beyond(length)?;
            room.take(3 * length)?;
            self.body.extend_from_slice(&chunk);
        }
        let body = self.body.split().freeze();
        let parts = parts(self.kind(), body).await.map_err(|_| malformed())?;
        let Form { mut fields, file } = Form::of::<T>(parts)?;
        fields.sort_all_objects();
        let fields_sent = fields.to_string();
        let fields = body::checked(fields)?;
        let Part { name, bytes, .. } = file.ok_or(Code::Internal)?;
        if bytes.len() > self.largest {
            return Err(too_large(self.largest));
        }
        let judged = move || (examine(&bytes), sha256(&[&bytes]), bytes, room, turn);
        let judged = tokio::task::spawn_blocking(judged).await.map_err(Error::internal)?;
        let (examined, sha256, bytes, room, turn) = judged;
        // A retry has another boundary and perhaps another order of parts: the request is the same if the fields
        // and the file are.
        let same = [fields_sent.as_bytes(), name.as_deref().unwrap_or_default().as_bytes(), &sha256].join(&0);
        let key = IdempotencyKey::of(&self.request, &same)?;
        let examined = examined.map_err(|unfit| FieldError::at("/file", violation(unfit)))?;
        let name = name.as_deref().and_then(name::cleaned);
        let name = name.unwrap_or_else(|| name::safe("attachment", examined.media));
        Ok(SentForm { fields, file: SentFile { name, examined, sha256, bytes, _room: Arc::new(room) }, key, turn })
    }

    fn kind(&self) -> &str {
        self.request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("")
    }

    fn refuse_beyond(&self, bytes: usize) -> Result<()> {
        if bytes > self.largest + BESIDE { Err(too_large(self.largest)) } else { Ok(()) }
    }
}

/// A part of a form.
struct Part {
    field: String,
    name: Option<String>,
    bytes: Bytes,
}

/// What stands first in the beginning of a form, once it is there: name and text, or nothing where it is the file.
async fn first_of(kind: &str, begin: Bytes) -> Option<Option<(String, String)>> {
    let mut form = multer::Multipart::new(whole(begin), multer::parse_boundary(kind).ok()?);
    let first = form.next_field().await.ok()??;
    let name = first.name().unwrap_or_default().to_owned();
    if name == FILE {
        return Some(None);
    }
    let text = first.bytes().await.ok()?;
    Some(Some((name, String::from_utf8_lossy(&text).into_owned())))
}

fn whole(body: Bytes) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
    stream::once(std::future::ready(Ok(body)))
}

async fn parts(kind: &str, body: Bytes) -> multer::Result<Vec<Part>> {
    let mut form = multer::Multipart::new(whole(body), multer::parse_boundary(kind)?);
    let mut parts = Vec::new();
    while let Some(field) = form.next_field().await? {
        if parts.len() == MOST_PARTS {
            return Err(multer::Error::IncompleteStream);
        }
        // Browsers write a quote so (HTML standard, multipart/form-data encoding algorithm).
        let name = field.file_name().map(|name| name.replace("%22", "\""));
        parts.push(Part { field: field.name().unwrap_or_default().to_owned(), name, bytes: field.bytes().await? });
    }
    Ok(parts)
}

/// The fields as JSON, in which an empty text or a placeholder stands for the file.
struct Form {
    fields: Value,
    file: Option<Part>,
}

impl Form {
    fn of<T: Body>(parts: Vec<Part>) -> Result<Self> {
        let schema = json!(T::schema());
        let (mut fields, mut file, mut twice) = (Map::new(), None, Vec::new());
        for part in parts {
            // What the file has is never read as a text.
            let text = || String::from_utf8_lossy(&part.bytes);
            let value = match &*part.field {
                FILE if part.bytes.is_empty() => json!(""),
                FILE => json!("..."),
                field if schema["properties"][field]["type"] == "boolean" => {
                    text().parse().map_or(json!(text()), Value::Bool)
                }
                _ => json!(text()),
            };
            if fields.insert(part.field.clone(), value).is_some() {
                let path = format!("/{}", crate::schema::validate::escaped(&part.field));
                twice.push(FieldError::at(&path, FieldCode::Duplicate.because("ระบุได้ครั้งเดียว", "must be given once")));
            }
            if part.field == FILE {
                file = Some(part);
            }
        }
        if twice.is_empty() { Ok(Self { fields: fields.into(), file }) } else { Err(Error::in_body(twice)) }
    }
}

pub fn malformed() -> Error {
    Code::MalformedRequest.because(
        "อ่านข้อมูลแบบฟอร์มไม่ได้ โปรดส่งใหม่",
        "The body is not a form of multipart/form-data (RFC 7578), or not all of one: send it again.",
    )
}

pub fn too_large(limit: usize) -> Error {
    let mib = limit >> 20;
    Code::TooLarge.because(format!("ไฟล์ต้องมีขนาดไม่เกิน {mib} เมกะไบต์ (MB)"), format!("A file must be at most {mib} MiB."))
}

/// Why a file is not taken.
fn violation(unfit: Unfit) -> Violation {
    match unfit {
        Unfit::Unknown => FieldCode::UnsupportedFile.because(
            "ต้องเป็นไฟล์ภาพ (JPEG, PNG, WebP, HEIC, AVIF) เอกสาร (PDF, DOCX, XLSX, PPTX, ข้อความ) เสียง (MP3, M4A, AAC, OGG, AMR, WAV) \
             หรือวิดีโอ (MP4, MOV, 3GP) และส่งมาครบทั้งไฟล์ โปรดส่งใหม่ หรือใช้ภาพถ่ายหน้าจอแทน",
            "must be a picture (JPEG, PNG, WebP, HEIC, AVIF), a document (PDF, DOCX, XLSX, PPTX, plain text), a recording (MP3, \
             M4A, AAC, OGG, AMR, WAV) or a video (MP4, MOV, 3GP), and all of it: send it again, or a picture of the screen",
        ),
        Unfit::Ambiguous => FieldCode::UnsupportedFile.because(
            "โปรแกรมต่างกันจะอ่านไฟล์นี้เป็นคนละชนิด โปรดบันทึกไฟล์ใหม่ หรือใช้ภาพถ่ายหน้าจอแทน",
            "must be of one type for every program, and not a page for some: save it anew, or send a picture of the screen",
        ),
        Unfit::Bomb => FieldCode::UnsupportedFile.because("ไฟล์มีขนาดใหญ่เกินกำหนดเมื่อคลายการบีบอัดแล้ว โปรดส่งไฟล์อื่น", "must be smaller once it is unpacked"),
    }
}
