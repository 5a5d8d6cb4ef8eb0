//! Adding a file to a complaint: the file is stored first, then its row is written, and what got no row goes.

use entity::case_event::Side;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::steps;
use super::store::{self, Row};
use crate::answer::Written;
use crate::app::{App, State};
use crate::body::IdempotencyKey;
use crate::cases::attachments::{self, ATTACH, Attachment};
use crate::cases::receipts::{self, ReceiptText};
use crate::cases::vault::CaseKey;
use crate::db::Write;
use crate::domain::complaint::is_closed;
use crate::error::{Code, Result};
use crate::ledger::{Author, Event};
use crate::upload::SentFile;

/// Who sends a file, and to which complaint.
pub enum Sender {
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

    /// The key of the complaint, if it takes a file as things are.
    async fn first_look(&self, app: &App) -> Result<CaseKey> {
        let db = app.db.reader();
        let row = match self {
            Sender::Reporter(receipt) => store::find_any(db, receipts::case_of(app, db, receipt).await?).await,
            Sender::Officer { id, author, .. } => store::find(db, *id, author).await,
        };
        allowed(app, db, &row?, self.side()).await
    }

    async fn lock(&self, app: &App, write: &Write) -> Result<Row> {
        match self {
            Sender::Reporter(receipt) => store::lock_any(write, receipts::case_of(app, &**write, receipt).await?).await,
            Sender::Officer { id, .. } => store::lock(write, *id).await,
        }
    }
}

/// Stores a file, then writes its row. In a task of its own: whoever hangs up leaves no file without a row.
pub async fn attach(app: State, sender: Sender, file: SentFile, key: Option<IdempotencyKey>) -> Result<Written> {
    let task = async move {
        // A first look, so that nothing is stored in vain. What it refuses is refused below, which has the last word.
        let stored = match sender.first_look(&app).await {
            Ok(key) => Some(attachments::store(&app.files, key, file).await?),
            Err(_) => None,
        };
        let object = stored.as_ref().map(|stored| stored.object.clone());
        let (state, author) = (app.clone(), sender.author());
        let written = app.db.write(&author, key, |write| async move {
            let row = sender.lock(&state, &write).await?;
            let (side, public) = (sender.side(), sender.is_public());
            let key = allowed(&state, &*write, &row, side).await?;
            // It takes files again since the first look.
            let stored = stored.ok_or(Code::Unavailable)?;
            let file = attachments::add(&write, &key, row.id(), side, public, stored).await?;
            let row = steps::save(&write, row.complaint).await?;
            let event = Event::about(ATTACH, &row);
            let attachment = Attachment::open(file, Some(&key))?;
            let written = match sender {
                Sender::Reporter(_) => Written::all_created(&attachment)?,
                Sender::Officer { .. } => {
                    Written::created(&attachment, format!("/v1/attachments/{}", attachment.id), row.etag(write.at))?
                }
            };
            write.commit([event], written).await
        });
        let written = written.await;
        let is_unused = match &written {
            Ok(written) => written.replayed,
            // After a fault of the database the row may be there all the same: that is found out later.
            Err(error) => error.code().status() < 500,
        };
        if let Some(object) = object.filter(|_| is_unused) {
            app.files.remove(&object).await;
        }
        written
    };
    tokio::spawn(task).await.map_err(|_| Code::Internal)?
}

/// The key of a complaint that takes one more file of this side.
async fn allowed(app: &App, db: &impl ConnectionTrait, row: &Row, side: Side) -> Result<CaseKey> {
    let key = key_of(app, row)?;
    if is_closed(row.complaint.status) {
        return Err(Code::IllegalTransition.because("ปิดเรื่องแล้ว แนบไฟล์ไม่ได้", "is closed and takes no more files"));
    }
    attachments::refuse_too_many(&app.files, db, row.id(), side).await?;
    Ok(key)
}

pub fn key_of(app: &App, row: &Row) -> Result<CaseKey> {
    row.key(&app.vault)?.ok_or_else(|| Code::Destroyed.into())
}
