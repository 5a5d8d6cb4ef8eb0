//! Adding a file to a case: the file is stored first, then its row is written; a file without a row is removed.

use std::sync::Arc;

use entity::case_event::Side;
use entity::case_file::Taken;
use entity::codes::Label;
use sea_orm::ConnectionTrait;
use serde::Deserialize;
use serde_json::json;
use tracing::Instrument;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::super::messages::{self, ANSWER, LookupInput};
use super::super::receipts::{self, ReceiptText};
use super::super::vault::CaseKey;
use super::super::{Case, Cases};
use super::{ATTACH, Attachment, amounts};
use crate::audit_log::append::Event;
use crate::audit_log::author::Author;
use crate::auth::Actor;
use crate::db::Write;
use crate::domain::field_code::FieldCode;
use crate::error::{Code, Error, FieldError, Result};
use crate::http::body;
use crate::http::idempotency::{IdempotencyKey, write_once_about};
use crate::http::multipart::{FileField, SentFile, SentForm, Upload};
use crate::http::response::WriteResponse;
use crate::http::upload_quota::UploadTurn;
use crate::revisions::RevisionSet;

/// What is done with a file, in the words for where it is not taken.
const ATTACHING: Label = Label::new("แนบไฟล์เพิ่ม", "attach a file");

/// A file that the reporter or applicant uploads.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "receipt": "5Z1H-60C7-28T5-R0HP-1R14-50H1-M6S", "file": "วันที่ 5 มีนาคม จ่ายสองพันบาทที่ชั้นสอง" }))]
pub struct OwnAttachmentInput {
    /// Receipt of the case. Send it before `file`.
    receipt: ReceiptText,
    #[schema(inline)]
    #[expect(dead_code, reason = "the document's view of a file that Upload reads")]
    file: FileField,
}

/// A file of the office to upload.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "public": false, "file": "บันทึกถ้อยคำพยาน วันที่ 20 มีนาคม" }))]
pub struct AttachmentInput {
    /// Whether the reporter or applicant can see it.
    #[schema(example = false)]
    public: bool,
    /// Whether a photo shows what was there before the work or after it.
    #[schema(value_type = Taken, required = false)]
    taken: Option<Taken>,
    #[schema(inline)]
    #[expect(dead_code, reason = "the document's view of a file that Upload reads")]
    file: FileField,
}

/// A file of whoever has the receipt. There is memory for it only once the receipt is known.
pub async fn by_receipt<C: Case>(cases: Arc<Cases>, mut form: Upload<OwnAttachmentInput>) -> Result<WriteResponse> {
    // A key that cannot be is told before anything is read.
    IdempotencyKey::required(IdempotencyKey::of(form.request(), &[])?)?;
    let mut turn = UploadTurn::begin(form.request())?;
    let room = match form.first_field().await? {
        Some((field, text)) if field == "receipt" => {
            let known = announced::<C>(&cases, &text).await;
            if let Err(error) = known.and_then(|case| turn.iter_mut().try_for_each(|turn| turn.for_case(case))) {
                form.discard().await?;
                return Err(error);
            }
            &cases.blobs.memory.uploads
        }
        _ => &cases.blobs.memory.unannounced,
    };
    let SentForm { fields, file, key, mut turn } = form.read(room, turn).await?;
    let key = IdempotencyKey::required(key)?;
    if let Some(turn) = &mut turn {
        turn.charge(file.bytes.len() as u64)?;
    }
    attach::<C>(cases, Sender::Reporter(fields.receipt), file, Some(key), turn).await
}

/// A file that was sent with a new case, once that has its receipt. The request as a whole takes effect once.
pub async fn of_new_case<C: Case>(cases: Arc<Cases>, receipt: ReceiptText, file: SentFile) -> Result<()> {
    attach::<C>(cases, Sender::Reporter(receipt), file, None, None).await.map(drop)
}

/// The case of a receipt. Whether it takes the file is decided with the file.
async fn announced<C: Case>(cases: &Cases, receipt: &str) -> Result<Uuid> {
    let LookupInput { receipt, .. } = body::checked(json!({ "receipt": receipt }))?;
    Ok(unless_away(cases, receipts::find::<C>(cases, cases.db.reader(), &receipt)).await?.case_id())
}

/// What a look at the database finds, without waiting for one that does not answer.
async fn unless_away<T>(cases: &Cases, look: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::select! {
        looked = look => looked,
        () = cases.db.availability.lost() => Err(Code::Unavailable.into()),
    }
}

/// A file of the office to upload.
pub async fn by_officer<C: Case, S>(
    cases: Arc<Cases>,
    actor: Actor<S>,
    id: Uuid,
    form: Upload<AttachmentInput>,
) -> Result<WriteResponse> {
    let SentForm { fields, file, key, .. } = form.read(&cases.blobs.memory.office, None).await?;
    let AttachmentInput { public, taken, .. } = fields;
    let is_picture = file.examined.media.media_type().starts_with("image/");
    if taken.is_some() && !is_picture {
        let violation = FieldCode::NotForThis.because("ใช้กับไฟล์ภาพเท่านั้น", "must be left out: the file is no picture");
        return Err(FieldError::at("/taken", violation).into());
    }
    attach::<C>(cases, Sender::Officer { id, author: actor.author, public, taken }, file, key, None).await
}

/// Who sends a file, and to which case.
enum Sender {
    Reporter(ReceiptText),
    Officer { id: Uuid, author: Author, public: bool, taken: Option<Taken> },
}

impl Sender {
    fn author(&self) -> Author {
        match self {
            Sender::Reporter(_) => Author::public(),
            Sender::Officer { author, .. } => author.clone(),
        }
    }

    fn side(&self) -> Side {
        match self {
            Sender::Reporter(_) => Side::Sender,
            Sender::Officer { .. } => Side::Office,
        }
    }

    fn is_public(&self) -> bool {
        match self {
            Sender::Reporter(_) => true,
            Sender::Officer { public, .. } => *public,
        }
    }

    fn taken(&self) -> Option<Taken> {
        match self {
            Sender::Reporter(_) => None,
            Sender::Officer { taken, .. } => *taken,
        }
    }

    /// The key of the case, if it takes a file as things are.
    async fn first_look<C: Case>(&self, cases: &Cases, bytes: u64) -> Result<CaseKey> {
        let db = cases.db.reader();
        allowed(cases, db, &self.find::<C>(cases).await?, self.side(), bytes).await
    }

    async fn find<C: Case>(&self, cases: &Cases) -> Result<C> {
        let db = cases.db.reader();
        match self {
            Sender::Reporter(receipt) => receipts::find::<C>(cases, db, receipt).await,
            Sender::Officer { id, author, .. } => C::find(db, *id, author).await,
        }
    }

    /// The response that tells of a new file.
    fn told<C: Case>(&self, case: &C, at: RevisionSet, attachment: Attachment) -> Result<WriteResponse> {
        match self {
            Sender::Reporter(_) => WriteResponse::all_created(&attachment.unnamed()),
            Sender::Officer { .. } => {
                WriteResponse::created(&attachment, format!("{}/{}", C::ATTACHMENTS, attachment.id), case.etag(at))
            }
        }
    }

    async fn lock<C: Case>(&self, cases: &Cases, write: &Write) -> Result<C> {
        match self {
            Sender::Reporter(receipt) => receipts::lock::<C>(cases, write, receipt).await,
            Sender::Officer { id, .. } => C::lock(write, *id).await,
        }
    }
}

/// Stores a file, then writes its row. In a task of its own, so that a disconnect leaves no file without a row.
async fn attach<C: Case>(
    cases: Arc<Cases>,
    sender: Sender,
    file: SentFile,
    key: Option<IdempotencyKey>,
    turn: Option<UploadTurn>,
) -> Result<WriteResponse> {
    let task = async move {
        // A first check, so that nothing is stored in vain. The check under the lock below decides.
        cases.db.refuse_writes()?;
        let bytes = file.bytes.len() as u64;
        let stored = match unless_away(&cases, sender.first_look::<C>(&cases, bytes)).await {
            Ok(key) => Some(super::store(&cases.blobs, key, file).await?),
            Err(error) if error.code() == Code::Unavailable => return Err(error),
            Err(_) => None,
        };
        let object = stored.as_ref().map(|stored| stored.object.clone());
        let (state, author, sender) = (cases.clone(), sender.author(), Arc::new(sender));
        let from = sender.clone();
        let work = move |write: Write| async move {
            let case: C = from.lock(&state, &write).await?;
            case.refuse_named(&write).await?;
            if let Sender::Reporter(_) = *from {
                messages::refuse_converted(&case, &ATTACHING)?;
            }
            let (side, public) = (from.side(), from.is_public());
            let key = allowed(&state, &write, &case, side, bytes).await?;
            // It takes files again since the first look.
            let stored = stored.ok_or(Code::Unavailable)?;
            let file = super::add(&write, &key, case.case_id(), side, public, from.taken(), stored).await?;
            // Of the sender it is an answer as well, if they were asked.
            let answers = side == Side::Sender && case.awaits_answer();
            let case = case.touch(&write).await?;
            let mut events = vec![Event::about(ATTACH, &case)];
            let case = if answers {
                let (case, _) = case.answered(&state, &write, None).await?;
                events.push(Event::about(ANSWER, &case));
                case
            } else {
                case
            };
            let attachment = Attachment::with_name(&write, file, Some(&key)).await?;
            let (id, written) = (attachment.id, from.told(&case, write.at, attachment)?);
            write.commit(events, (id, written))
        };
        let again = async |id| {
            let (at, case) = (cases.db.revisions.snapshot(), sender.find::<C>(&cases).await?);
            let file = super::find(cases.db.reader(), id).await?;
            let attachment = Attachment::with_name(cases.db.reader(), file, case.key(&cases.vault)?.as_ref()).await?;
            sender.told(&case, at, attachment)
        };
        let written = write_once_about(&cases.db, &author, key, work, again).await;
        let is_unused = match &written {
            Ok(written) => written.replayed,
            // The outcome of the write is unknown: the sweep decides later.
            Err(error) => error.code() != Code::OutcomeUnknown,
        };
        match (object, turn) {
            (Some(object), _) if is_unused => cases.blobs.remove(&object).await,
            (_, Some(turn)) if !is_unused => turn.keep(),
            _ => {}
        }
        written
    };
    tokio::spawn(task.in_current_span()).await.map_err(Error::internal)?
}

/// The key of a case that takes one more file of this side, of so many bytes.
async fn allowed<C: Case>(
    cases: &Cases,
    db: &impl ConnectionTrait,
    case: &C,
    side: Side,
    bytes: u64,
) -> Result<CaseKey> {
    let key = case.needed_key(&cases.vault)?;
    if !case.takes_files(side) {
        return Err(messages::closed(&ATTACHING));
    }
    amounts::refuse_too_much(&cases.blobs.settings, db, case.case_id(), side, bytes).await?;
    Ok(key)
}
