//! Adding a file to a case: the file is stored first, then its row is written, and what got no row goes.

use entity::case_event::Side;
use sea_orm::ConnectionTrait;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::Case;
use super::attachments::{self, ATTACH, Attachment};
use super::receipts::{self, ReceiptText};
use super::vault::CaseKey;
use crate::answer::Written;
use crate::app::{App, State};
use crate::auth::Actor;
use crate::body::IdempotencyKey;
use crate::db::Write;
use crate::error::{Code, Result};
use crate::ledger::{Author, Event};
use crate::upload::{FileField, SentFile, Upload};

/// A file that whoever came with a case sends.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "receipt": "5Z1H-60C7-28T5-R0HP-1R14-50H1-M6Y", "file": "วันที่ 5 มีนาคม จ่ายสองพันบาทที่ชั้นสอง" }))]
pub struct OwnAttachmentInput {
    receipt: ReceiptText,
    #[schema(inline)]
    #[expect(dead_code, reason = "the document's view of a file that Upload reads")]
    file: FileField,
}

/// A file of the office.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "public": false, "file": "บันทึกถ้อยคำพยาน วันที่ 20 มีนาคม" }))]
pub struct AttachmentInput {
    /// Whether whoever came with the case sees it.
    #[schema(example = false)]
    public: bool,
    #[schema(inline)]
    #[expect(dead_code, reason = "the document's view of a file that Upload reads")]
    file: FileField,
}

/// A file of whoever has the receipt.
pub async fn by_receipt<C: Case>(app: State, form: Upload<OwnAttachmentInput>) -> Result<Written> {
    let Upload { fields, file, key } = form;
    let key = IdempotencyKey::unguessable(key)?;
    attach::<C>(app, Sender::Reporter(fields.receipt), file, Some(key)).await
}

/// A file of the office.
pub async fn by_officer<C: Case, S>(
    app: State,
    actor: Actor<S>,
    id: Uuid,
    form: Upload<AttachmentInput>,
) -> Result<Written> {
    let Upload { fields, file, key } = form;
    attach::<C>(app, Sender::Officer { id, author: actor.author, public: fields.public }, file, key).await
}

/// Who sends a file, and to which case.
enum Sender {
    Reporter(ReceiptText),
    Officer { id: Uuid, author: Author, public: bool },
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
            Sender::Reporter(_) => Side::Reporter,
            Sender::Officer { .. } => Side::Office,
        }
    }

    fn is_public(&self) -> bool {
        match self {
            Sender::Reporter(_) => true,
            Sender::Officer { public, .. } => *public,
        }
    }

    /// The key of the case, if it takes a file as things are.
    async fn first_look<C: Case>(&self, app: &App) -> Result<CaseKey> {
        let db = app.db.reader();
        let case = match self {
            Sender::Reporter(receipt) => C::find_any(db, receipts::case_of(app, db, receipt).await?).await,
            Sender::Officer { id, author, .. } => C::find(db, *id, author).await,
        };
        allowed(app, db, &case?, self.side()).await
    }

    async fn lock<C: Case>(&self, app: &App, write: &Write) -> Result<C> {
        match self {
            Sender::Reporter(receipt) => C::lock_any(write, receipts::case_of(app, &**write, receipt).await?).await,
            Sender::Officer { id, .. } => C::lock(write, *id).await,
        }
    }
}

/// Stores a file, then writes its row. In a task of its own: whoever hangs up leaves no file without a row.
async fn attach<C: Case>(app: State, sender: Sender, file: SentFile, key: Option<IdempotencyKey>) -> Result<Written> {
    let task = async move {
        // A first look, so that nothing is stored in vain. What it refuses is refused below, which has the last word.
        app.db.refuse_writes()?;
        let looked = tokio::select! {
            looked = sender.first_look::<C>(&app) => looked,
            () = app.db.availability.lost() => return Err(Code::Unavailable.into()),
        };
        let stored = match looked {
            Ok(key) => Some(attachments::store(&app.files, key, file).await?),
            Err(_) => None,
        };
        let object = stored.as_ref().map(|stored| stored.object.clone());
        let (state, author) = (app.clone(), sender.author());
        let written = app.db.write(&author, key, |write| async move {
            let case: C = sender.lock(&state, &write).await?;
            let (side, public) = (sender.side(), sender.is_public());
            let key = allowed(&state, &*write, &case, side).await?;
            // It takes files again since the first look.
            let stored = stored.ok_or(Code::Unavailable)?;
            let file = attachments::add(&write, &key, case.case_id(), side, public, stored).await?;
            let case = case.touch(&write).await?;
            let event = Event::about(ATTACH, &case);
            let attachment = Attachment::open(file, Some(&key))?;
            let written = match sender {
                Sender::Reporter(_) => Written::all_created(&attachment)?,
                Sender::Officer { .. } => {
                    let address = format!("{}/{}", C::ATTACHMENTS, attachment.id);
                    Written::created(&attachment, address, case.etag(write.at))?
                }
            };
            write.commit([event], written).await
        });
        let written = written.await;
        let is_unused = match &written {
            Ok(written) => written.replayed,
            // The row may be there all the same: that is found out later.
            Err(error) => error.code() != Code::OutcomeUnknown,
        };
        if let Some(object) = object.filter(|_| is_unused) {
            app.files.remove(&object).await;
        }
        written
    };
    tokio::spawn(task).await.map_err(|_| Code::Internal)?
}

/// The key of a case that takes one more file of this side.
async fn allowed<C: Case>(app: &App, db: &impl ConnectionTrait, case: &C, side: Side) -> Result<CaseKey> {
    let key = case.needed_key(&app.vault)?;
    if !case.takes_files(side) {
        return Err(Code::IllegalTransition.because("ปิดเรื่องแล้ว แนบไฟล์ไม่ได้", "is closed and takes no more files"));
    }
    attachments::refuse_too_many(&app.files, db, case.case_id(), side).await?;
    Ok(key)
}
