//! Idempotency keys: a POST that is sent twice takes effect once.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use aws_lc_rs::hmac;
use chrono::TimeDelta;
use entity::idempotency_key::{ActiveModel, Column, Entity};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use super::context::part;
use super::response::WriteResponse;
use crate::audit_log::author::Author;
use crate::crypto::aead::SealKey;
use crate::db::{Db, Write};
use crate::domain::field_code::FieldCode;
use crate::error::{Code, Error, FieldError, Result};

/// How long the first answer to a key is kept.
const LIFETIME: TimeDelta = TimeDelta::hours(24);

/// The secret that keys are kept under, and the keys of requests that are running in this process.
pub struct IdempotencyKeys {
    secret: hmac::Key,
    running: Mutex<HashSet<(String, Vec<u8>)>>,
}

impl IdempotencyKeys {
    pub fn new(secret: hmac::Key) -> Self {
        Self { secret, running: Mutex::default() }
    }
}

/// Makes a retried POST take effect once (IETF draft, Idempotency-Key).
///
/// Without the key itself the stored data reveals nothing: responses may contain secrets.
pub struct IdempotencyKey {
    keys: Data<IdempotencyKeys>,
    /// HMAC of the key.
    name: Vec<u8>,
    /// HMAC of method, URL and body under the key: without the key, guesses of the request cannot be tested.
    fingerprint: Vec<u8>,
    answers: SealKey,
    length: usize,
}

impl IdempotencyKey {
    /// Characters that nobody guesses.
    pub const UNGUESSABLE: usize = 16;

    /// For callers that only the key distinguishes: it is required, and must be too long to guess.
    pub fn unguessable(key: Option<Self>) -> Result<Self> {
        let violation = match key {
            None => FieldCode::Required.into(),
            Some(key) if key.length < Self::UNGUESSABLE => {
                FieldCode::BadFormat.because("ต้องยาวอย่างน้อย 16 อักขระ", "must have 16 characters or more")
            }
            Some(key) => return Ok(key),
        };
        Err(FieldError::header("Idempotency-Key", violation).into())
    }

    /// The key of a request, if it has one. `body` is what makes it another request under the same key.
    pub fn of(request: &HttpRequest, body: &[u8]) -> Result<Option<Self>> {
        let mut keys = request.headers().get_all("idempotency-key");
        let Some(key) = keys.next() else { return Ok(None) };
        let key = key.to_str().unwrap_or_default();
        if keys.next().is_some() || !(1..=128).contains(&key.len()) || !key.bytes().all(|b| b.is_ascii_graphic()) {
            let violation = FieldCode::BadFormat
                .because("ต้องมีค่าเดียว เป็นอักขระ ASCII 1-128 ตัว", "must be one value of 1-128 visible ASCII characters");
            return Err(FieldError::header("Idempotency-Key", violation).into());
        }
        let keys = part::<IdempotencyKeys>(request)?.clone();
        let mac = |parts: &[&[u8]]| {
            let mut context = hmac::Context::with_key(&keys.secret);
            for part in parts {
                context.update(&(part.len() as u64).to_be_bytes());
                context.update(part);
            }
            <[u8; 32]>::try_from(context.sign().as_ref()).map_err(Error::internal)
        };
        let (method, address) = (request.method().to_string(), request.uri().to_string());
        Ok(Some(Self {
            name: mac(&[b"name", key.as_bytes()])?.to_vec(),
            fingerprint: mac(&[b"request", key.as_bytes(), method.as_bytes(), address.as_bytes(), body])?.to_vec(),
            answers: SealKey::of(&mac(&[b"answers", key.as_bytes()])?)?,
            length: key.len(),
            keys,
        }))
    }

    /// What the first request with this key was answered.
    pub async fn first_answer(&self, db: &Db, author: &Author) -> Result<Option<WriteResponse>> {
        let row = Entity::find_by_id((author.name.clone(), self.name.clone()))
            .filter(Column::CreatedAt.gt(db.now() - LIFETIME))
            .one(db.reader())
            .await?;
        let Some(row) = row else { return Ok(None) };
        if row.fingerprint != self.fingerprint {
            return Err(Code::KeyReused.into());
        }
        let status = u16::try_from(row.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
        let body = self.answers.open(&self.fingerprint, &row.body).and_then(|body| String::from_utf8(body).ok());
        Ok(Some(WriteResponse {
            status: status.ok_or(Code::Internal)?,
            location: row.location,
            etag: row.etag,
            body: body.ok_or(Code::Internal)?,
            replayed: true,
        }))
    }

    async fn remember(&self, write: &Write, written: &WriteResponse) -> Result<()> {
        Entity::delete_many().filter(Column::CreatedAt.lte(write.now - LIFETIME)).exec(write).await?;
        let row = ActiveModel {
            actor: Set(write.author.name.clone()),
            key: Set(self.name.clone()),
            fingerprint: Set(self.fingerprint.clone()),
            status: Set(written.status.as_u16().into()),
            location: Set(written.location.clone()),
            etag: Set(written.etag.clone()),
            body: Set(self.answers.seal(&self.fingerprint, written.body.as_bytes())?),
            created_at: Set(write.now),
        };
        Entity::insert(row).exec_without_returning(write).await?;
        Ok(())
    }
}

/// Runs `work` as a write and remembers its response under the key. With a key that was used before it responds as it did then,
/// and runs nothing.
pub async fn write_once<F, Fut>(
    db: &Arc<Db>,
    author: &Author,
    key: Option<IdempotencyKey>,
    work: F,
) -> Result<WriteResponse>
where
    F: FnOnce(Write) -> Fut + Send + 'static,
    Fut: Future<Output = Result<WriteResponse>> + Send + 'static,
{
    let Some(key) = key else { return db.write(author, work).await };
    let key = Arc::new(key);
    let running = Running::start(&key, author)?;
    if let Some(first) = key.first_answer(db, author).await? {
        return Ok(first);
    }
    let remembered = key.clone();
    let written = db.write(author, |write| async move {
        let same = write.clone();
        let written = work(write).await?;
        remembered.remember(&same, &written).await?;
        // The key is in use until the commit is over, also when nobody waits for it any more.
        Ok((written, running))
    });
    match written.await {
        Ok((written, _running)) => Ok(written),
        // Another process may have been faster with the same key: then its answer is the answer, whatever its write has made
        // impossible for this one.
        Err(error) if error.code().status() < 500 => key.first_answer(db, author).await?.ok_or(error),
        Err(error) => Err(error),
    }
}

/// Stands for a key while its request runs.
struct Running {
    keys: Data<IdempotencyKeys>,
    name: (String, Vec<u8>),
}

impl Running {
    fn start(key: &IdempotencyKey, author: &Author) -> Result<Self> {
        let (keys, name) = (key.keys.clone(), (author.name.clone(), key.name.clone()));
        let is_new = keys.running.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone());
        if is_new { Ok(Self { keys, name }) } else { Err(Code::KeyInProgress.into()) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.keys.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
    }
}
