//! Requests that are sent as `multipart/form-data`, which the specification does not have and many clients use. No file keeps a
//! request from being taken: one for which there is no room is left out, and the applicant is told.

use std::cell::Cell;
use std::convert::Infallible;
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut};
use futures_util::{Stream, stream};
use serde_json::json;
use tokio::sync::{Semaphore, mpsc};

use super::fields::Fields;
use super::submit::LARGEST;
use crate::domain::field_code::FieldCode;
use crate::error::{Code, FieldError, Result};
use crate::http::arrival::Arrival;
use crate::http::context::part;
use crate::http::memory_budget::MemoryBudget;
use crate::http::multipart::{Uploads, malformed, too_large};
use crate::http::upload_quota::UploadTurn;

/// Fields and files of one request.
const MOST_PARTS: usize = 200;

/// How many of the largest files may arrive with one request. Those for which there is no room pass by.
const MOST_FILES: usize = 3;

/// What is held of a request beside its files: its texts, and the lines between the parts.
const HELD: usize = 2 * LARGEST;

/// A request with its files.
pub struct Sent {
    pub fields: Fields,
    pub files: Option<Files>,
    /// What makes it another request under the same `Idempotency-Key`: a retry has another boundary.
    pub identity: Vec<u8>,
}

/// The files of a request, with what limits them.
pub struct Files {
    pub received: Vec<Received>,
    pub turn: Option<UploadTurn>,
    pub room: Arc<MemoryBudget>,
}

/// A file, or why it was left out.
pub struct Received {
    pub name: Option<String>,
    pub content: Result<Bytes>,
}

pub async fn read(request: &HttpRequest, payload: Payload, memory: &Arc<Semaphore>) -> Result<Sent> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    let boundary = multer::parse_boundary(kind).map_err(|_| malformed())?;
    let largest = part::<Uploads>(request)?.largest;
    let (sender, receiver) = mpsc::channel(1);
    let held = Cell::new(0);
    let arriving = arrive(request, payload, sender, &held, MOST_FILES * largest + LARGEST);
    let mut reader = Reader {
        request,
        largest,
        held: &held,
        texts: Vec::new(),
        text_bytes: 0,
        received: Vec::new(),
        sizes: Vec::new(),
        kept: 0,
        turn: Turn::None,
        room: MemoryBudget::new(memory),
    };
    let form = multer::Multipart::new(chunks(receiver), boundary);
    tokio::try_join!(arriving, reader.take_apart(form))?;
    Ok(reader.finish())
}

/// Hands on what arrives, and lets pass what stands behind the last part.
async fn arrive(
    request: &HttpRequest,
    payload: Payload,
    sender: mpsc::Sender<Bytes>,
    held: &Cell<usize>,
    most: usize,
) -> Result<()> {
    let (mut arrival, mut bytes) = (Arrival::of(payload), 0);
    while let Some(chunk) = arrival.next(request).await? {
        bytes += chunk.len();
        if bytes > most {
            let mib = most >> 20;
            let th = format!("คำขอพร้อมไฟล์รวมกันต้องไม่เกิน {mib} เมกะไบต์ (MB)");
            return Err(Code::TooLarge.because(th, format!("A request with its files must be at most {mib} MiB.")));
        }
        held.set(held.get() + chunk.len());
        // A head of a part that does not end is held by the library.
        if !sender.is_closed() && held.get() > HELD {
            return Err(malformed());
        }
        let _ = sender.send(chunk).await;
    }
    Ok(())
}

fn chunks(receiver: mpsc::Receiver<Bytes>) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
    stream::unfold(receiver, |mut receiver| async { receiver.recv().await.map(|chunk| (Ok(chunk), receiver)) })
}

/// Whether files are taken from whoever sends them, which is asked with the first.
enum Turn {
    None,
    Begun(Option<UploadTurn>),
}

struct Reader<'a> {
    request: &'a HttpRequest,
    largest: usize,
    /// Bytes that have arrived and are neither of a file nor passed by.
    held: &'a Cell<usize>,
    texts: Vec<(String, String)>,
    text_bytes: usize,
    received: Vec<Received>,
    /// Bytes of each file, whether it is kept or not.
    sizes: Vec<usize>,
    kept: usize,
    turn: Turn,
    room: MemoryBudget,
}

impl Reader<'_> {
    async fn take_apart(&mut self, mut form: multer::Multipart<'_>) -> Result<()> {
        let mut parts = 0;
        while let Some(part) = form.next_field().await.map_err(|_| malformed())? {
            parts += 1;
            if parts > MOST_PARTS {
                return Err(malformed());
            }
            let is_text = part.content_type().is_none_or(|kind| kind.type_() == "text");
            match (part.name().map(str::to_owned), part.file_name().map(str::to_owned)) {
                (Some(name), None) if is_text => self.take_text(name, part).await?,
                (_, file_name) => self.take_file(file_name, part).await?,
            }
        }
        Ok(())
    }

    async fn take_text(&mut self, name: String, mut part: multer::Field<'_>) -> Result<()> {
        let mut text = BytesMut::new();
        self.text_bytes += name.len();
        while let Some(chunk) = part.chunk().await.map_err(|_| malformed())? {
            self.text_bytes += chunk.len();
            if self.text_bytes > LARGEST {
                let kib = LARGEST / 1024;
                let (th, en) = (
                    format!("ข้อความรวมกันได้ไม่เกิน {kib} กิโลไบต์ (KB)"),
                    format!("The texts must be at most {kib} KiB together."),
                );
                return Err(Code::TooLarge.because(th, en));
            }
            self.held.set(self.held.get().saturating_sub(chunk.len()));
            text.extend_from_slice(&chunk);
        }
        let text = String::from_utf8(text.to_vec()).map_err(|_| {
            FieldError::parameter(&name, FieldCode::BadFormat.because("ต้องเข้ารหัสแบบ UTF-8", "must be UTF-8"))
        })?;
        self.texts.push((name, text));
        Ok(())
    }

    async fn take_file(&mut self, name: Option<String>, mut part: multer::Field<'_>) -> Result<()> {
        let (mut bytes, mut size, mut refused) = (BytesMut::new(), 0, None);
        while let Some(chunk) = part.chunk().await.map_err(|_| malformed())? {
            size += chunk.len();
            self.held.set(self.held.get().saturating_sub(chunk.len()));
            if refused.is_none() {
                refused = self.make_room(size).err();
            }
            if refused.is_none() {
                bytes.extend_from_slice(&chunk);
            } else {
                bytes = BytesMut::new();
            }
        }
        // A browser sends an empty part where no file was chosen.
        if size > 0 {
            let content = refused.map_or_else(|| Ok(bytes.freeze()), Err);
            self.kept += content.as_ref().map_or(0, Bytes::len);
            self.sizes.push(size);
            self.received.push(Received { name, content });
        }
        Ok(())
    }

    /// Room for so many bytes of one more file.
    fn make_room(&mut self, size: usize) -> Result<()> {
        if size > self.largest {
            return Err(too_large(self.largest));
        }
        if matches!(self.turn, Turn::None) {
            self.turn = Turn::Begun(UploadTurn::begin(self.request)?);
        }
        // As for all files that are sent: while one is taken apart it is there three times over.
        self.room.take(3 * (self.kept + size))
    }

    fn finish(self) -> Sent {
        let names = self.received.iter().map(|file| &file.name).zip(&self.sizes);
        let identity = json!([self.texts, names.collect::<Vec<_>>()]).to_string().into_bytes();
        let turn = match self.turn {
            Turn::None => None,
            Turn::Begun(turn) => turn,
        };
        let files = Files { received: self.received, turn, room: Arc::new(self.room) };
        Sent { fields: Fields::of(self.texts), files: Some(files), identity }
    }
}
