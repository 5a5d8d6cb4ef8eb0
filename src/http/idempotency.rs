//! Idempotency keys: a POST that is sent twice takes effect once.

use std::collections::HashSet;
use std::future::ready;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use aws_lc_rs::hmac;
use chrono::{DateTime, TimeDelta, Utc};
use entity::idempotency_key::{ActiveModel, Column, Entity};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::context::part;
use super::response::WriteResponse;
use crate::audit_log::author::Author;
use crate::crypto::aead::SealKey;
use crate::db::{Db, Write};
use crate::domain::field_code::FieldCode;
use crate::domain::notation;
use crate::error::{Code, Error, FieldError, Result};

const NAME: &str = "Idempotency-Key";

/// How long the first response to a key is kept.
const LIFETIME: TimeDelta = TimeDelta::hours(24);

/// The clocks of several machines differ by less.
const AHEAD: TimeDelta = TimeDelta::hours(1);

/// Larger responses are not kept: a small request that is sent again and again must not fill the disk.
const LARGEST: usize = 16 * 1024;

/// The same of the results of a batch whose steps are taken each for itself: nothing else tells which were taken.
const LARGEST_RESULTS: usize = 128 * 1024;

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
    /// Bytes of a response that is kept.
    largest: usize,
}

impl IdempotencyKey {
    /// Characters that nobody guesses: nothing else keeps a stored response from whoever has the database.
    pub const SHORTEST: usize = 16;

    /// For callers that only the key distinguishes.
    pub fn required(key: Option<Self>) -> Result<Self> {
        key.ok_or_else(|| FieldError::header(NAME, FieldCode::Required).into())
    }

    /// The key of a request, if it has one. `body` is what makes it another request under the same key.
    pub fn of(request: &HttpRequest, body: &[u8]) -> Result<Option<Self>> {
        let mut keys = request.headers().get_all(NAME);
        let Some(key) = keys.next() else { return Ok(None) };
        let key = key.to_str().unwrap_or_default();
        let is_long_enough = (Self::SHORTEST..=128).contains(&key.len());
        if keys.next().is_some() || !is_long_enough || !key.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(FieldError::header(NAME, notation::violation(NAME)).into());
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
            largest: LARGEST,
            keys,
        }))
    }

    /// For the results of a batch whose steps are taken each for itself.
    pub fn for_results(self) -> Self {
        Self { largest: LARGEST_RESULTS, ..self }
    }

    /// What is kept of the response to the first request with this key.
    pub async fn first_response(&self, db: &Db, author: &Author) -> Result<Option<Kept>> {
        let row = Entity::find_by_id((author.name.clone(), self.name.clone()))
            .filter(is_stale(db.now()).not())
            .one(db.reader())
            .await?;
        let Some(row) = row else { return Ok(None) };
        if row.fingerprint != self.fingerprint {
            return Err(Code::KeyReused.into());
        }
        let body = if row.body.is_empty() {
            None
        } else {
            let body = self.answers.open(&self.fingerprint, &row.body).and_then(|body| String::from_utf8(body).ok());
            Some(body.ok_or(Code::Internal)?)
        };
        let status = u16::try_from(row.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
        let status = status.ok_or(Code::Internal)?;
        Ok(Some(Kept { status, location: row.location, etag: row.etag, record: row.record_id, body }))
    }

    async fn remember(&self, write: &Write, written: &WriteResponse, record: Option<Uuid>) -> Result<()> {
        let own = Column::Actor.eq(&write.author.name).and(Column::Key.eq(self.name.clone()));
        Entity::delete_many().filter(own).filter(is_stale(write.now)).exec(write).await?;
        let is_kept = record.is_none() && written.body.len() <= self.largest;
        let body = if is_kept { self.answers.seal(&self.fingerprint, written.body.as_bytes())? } else { Vec::new() };
        let row = ActiveModel {
            actor: Set(write.author.name.clone()),
            key: Set(self.name.clone()),
            fingerprint: Set(self.fingerprint.clone()),
            status: Set(written.status.as_u16().into()),
            location: Set(written.location.clone()),
            etag: Set(written.etag.clone()),
            record_id: Set(record),
            body: Set(body),
            created_at: Set(write.now),
        };
        Entity::insert(row).exec_without_returning(write).await?;
        Ok(())
    }
}

/// What is kept of a response.
pub struct Kept {
    status: StatusCode,
    location: Option<String>,
    etag: Option<String>,
    record: Option<Uuid>,
    body: Option<String>,
}

impl Kept {
    /// The response as it was.
    pub fn response(self) -> Result<WriteResponse> {
        let Self { status, location, etag, record: _, body } = self;
        Ok(WriteResponse { status, location, etag, body: body.ok_or(Code::NotKept)?, replayed: true })
    }

    /// The response made again of its record.
    async fn again<Fut>(self, again: impl FnOnce(Uuid) -> Fut) -> Result<WriteResponse>
    where
        Fut: Future<Output = Result<WriteResponse>>,
    {
        let Some(record) = self.record else { return self.response() };
        Ok(WriteResponse { status: self.status, location: self.location, replayed: true, ..again(record).await? })
    }
}

/// The rows of keys that may be used again: those that are old, and those of a clock that was ahead.
fn is_stale(now: DateTime<Utc>) -> Condition {
    Condition::any().add(Column::CreatedAt.lte(now - LIFETIME)).add(Column::CreatedAt.gt(now + AHEAD))
}

/// Deletes what is no longer kept.
pub async fn expire(db: &Arc<Db>) -> Result<()> {
    db.write(&Author::program("idempotency"), |write| async move {
        Entity::delete_many().filter(is_stale(write.now)).exec(&write).await?;
        write.commit([], ())
    })
    .await
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
    write_once_prepared(db, author, key, ready(Ok(())), |write, ()| work(write)).await
}

/// The same for a write that needs something that takes long, or that fails for other reasons later on: it is prepared before the
/// write, and not for a key that was used before.
pub async fn write_once_prepared<P, F, Fut>(
    db: &Arc<Db>,
    author: &Author,
    key: Option<IdempotencyKey>,
    prepare: impl Future<Output = Result<P>>,
    work: F,
) -> Result<WriteResponse>
where
    P: Send + 'static,
    F: FnOnce(Write, P) -> Fut + Send + 'static,
    Fut: Future<Output = Result<WriteResponse>> + Send + 'static,
{
    let work = |write, prepared| async { Ok((None, work(write, prepared).await?)) };
    run(db, author, key, prepare, work, |_| async { Err(Code::Internal.into()) }).await
}

/// The same for a record that the caller may lose sight of, or that may be destroyed: not the response is remembered but the id that
/// `work` returns with it, and `again` makes the response of the record as it is then, if the caller may still see it.
pub async fn write_once_about<F, Fut, G, Made>(
    db: &Arc<Db>,
    author: &Author,
    key: Option<IdempotencyKey>,
    work: F,
    again: G,
) -> Result<WriteResponse>
where
    F: FnOnce(Write) -> Fut + Send + 'static,
    Fut: Future<Output = Result<(Uuid, WriteResponse)>> + Send + 'static,
    G: FnOnce(Uuid) -> Made,
    Made: Future<Output = Result<WriteResponse>>,
{
    let work = |write, ()| async {
        let (record, written) = work(write).await?;
        Ok((Some(record), written))
    };
    run(db, author, key, ready(Ok(())), work, again).await
}

async fn run<P, F, Fut, G, Made>(
    db: &Arc<Db>,
    author: &Author,
    key: Option<IdempotencyKey>,
    prepare: impl Future<Output = Result<P>>,
    work: F,
    again: G,
) -> Result<WriteResponse>
where
    P: Send + 'static,
    F: FnOnce(Write, P) -> Fut + Send + 'static,
    Fut: Future<Output = Result<(Option<Uuid>, WriteResponse)>> + Send + 'static,
    G: FnOnce(Uuid) -> Made,
    Made: Future<Output = Result<WriteResponse>>,
{
    let Some(key) = key else {
        let prepared = prepare.await?;
        return db.write(author, |write| async { Ok(work(write, prepared).await?.1) }).await;
    };
    let key = Arc::new(key);
    let running = Running::start(&key, author)?;
    if let Some(first) = key.first_response(db, author).await? {
        return first.again(again).await;
    }
    let remembered = key.clone();
    let written = async {
        let prepared = prepare.await?;
        let written = db.write(author, |write| async move {
            let same = write.clone();
            let (record, written) = work(write, prepared).await?;
            remembered.remember(&same, &written, record).await?;
            // The key is in use until the commit is over, also when nobody waits for it any more.
            Ok((written, running))
        });
        written.await
    };
    match written.await {
        Ok((written, _running)) => Ok(written),
        // Another process may have been faster with the same key: then its response is the response, whatever its write has made
        // impossible for this one.
        Err(error) if error.code().status() < 500 => match key.first_response(db, author).await? {
            Some(first) => first.again(again).await,
            None => Err(error),
        },
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
