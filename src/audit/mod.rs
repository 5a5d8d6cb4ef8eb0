//! The audit log for auditors: `/v1/audit`. `audit_log` appends to it.

mod case_ends;
mod dto;
pub mod export;
mod figures;
mod recorded;
pub mod report;
pub mod restore;
pub mod store;
pub mod verify;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::audit_log::append::{self, Event};
use crate::audit_log::author::Author;
use crate::audit_log::checkpoint::{self, Checkpoint};
use crate::audit_log::{Broken, SIGNING};
use crate::auth::scope::AuditRead;
use crate::auth::{Actor, Viewer, recusal};
use crate::conditions::Condition;
use crate::domain::field_code::FieldCode;
use crate::domain::merkle::{self, Edge};
use crate::error::{Code, Error, FieldError, Result};
use crate::http::list::{Items, List, Paging};
use crate::http::negotiation::Format;
use crate::http::params::Query;
use crate::http::response::ReadResponse;
use crate::http::route::Kind;
use crate::http::spool;
use crate::references;
use crate::state::{App, State};
use dto::{AuditEvent, AuditFilter, Proof, ProofRequest};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_audit_events).service(get_audit_checkpoint).service(get_audit_proof).service(export_audit_log);
}

/// List audit events
///
/// Lists who did what to which record, newest first, with the ids and the present names of accounts and clients. Callers
/// who are recused from a complaint see neither the events about it nor the numbers of events, because a gap in the numbers
/// would reveal such an event.
#[utoipa::path(
    tag = "audit",
    security(("bearer" = ["audit:read"])),
    params(AuditFilter, Paging),
    responses((status = 200, body = Items<AuditEvent>)),
)]
#[get("/v1/audit/events")]
async fn list_audit_events(app: State, actor: Actor<AuditRead>, list: List<AuditFilter>) -> Result<ReadResponse> {
    let hidden = recusal::recused_from(app.db.reader(), &actor.author).await?;
    let is_recused = !hidden.is_empty();
    let found = store::list(&app, &list, hidden).await?;
    let actors: Vec<&str> = found.rows.iter().map(|row| &*row.event.actor).collect();
    let names = references::names_of(app.db.reader(), &actors).await?;
    let found = found.map(|row| AuditEvent::of(row, &names, is_recused));
    list.answer(found, "audit-events", &[]).await
}

/// Get the checkpoint of the audit log
///
/// Returns the size and the root hash of the log as a signed note (C2SP). Without a token, returns the last checkpoint
/// of the previous day in Bangkok, because a checkpoint that changes with every event would reveal when a complaint was
/// submitted. With `audit:read`, returns the current checkpoint, unless the caller is recused from a complaint.
#[utoipa::path(
    tag = "audit",
    security((), ("bearer" = ["audit:read"])),
    responses((status = 200, body = String, content_type = "text/plain")),
)]
#[get("/v1/audit/checkpoint")]
async fn get_audit_checkpoint(app: State, viewer: Viewer<AuditRead>) -> Result<ReadResponse> {
    let note = if recusal::may_see_times(app.db.reader(), viewer.author.as_ref()).await? {
        let edge = edge(&app).await?;
        let note = checkpoint::signed(&app.audit, edge.size, edge.root())?;
        keep(&app, &note).await;
        note
    } else {
        checkpoint::for_everybody(app.db.reader(), &app.audit, app.db.now()).await?
    };
    let etag = format!("\"c{}\"", note.lines().nth(1).unwrap_or_default());
    Ok(ReadResponse { etag: Some(etag), ..ReadResponse::new(note.into_bytes(), Format::Text, &[]) })
}

/// Get a proof from the audit log
///
/// With `seq`, returns an inclusion proof, which shows that the event is in the log. Otherwise, returns a consistency
/// proof, which shows that the log has only grown (RFC 6962, sections 2.1.1 and 2.1.2). Both include the checkpoint
/// that they lead to. Callers who are recused from a complaint cannot get proofs, because proofs are based on the
/// numbers of events.
#[utoipa::path(
    tag = "audit",
    security(("bearer" = ["audit:read"])),
    params(ProofRequest),
    responses((status = 200, body = Proof)),
)]
#[get("/v1/audit/proofs")]
async fn get_audit_proof(app: State, actor: Actor<AuditRead>, request: Query<ProofRequest>) -> Result<ReadResponse> {
    refuse_recused(&app, &actor.author).await?;
    let Query(ProofRequest { seq, first_size, tree_size }) = request;
    let db = app.db.reader();
    let size = edge(&app).await?.size;
    let tree_size = tree_size.unwrap_or(size);
    let check = |name, number: u64, most: u64| {
        let beyond = || FieldCode::BeyondTheLog.because(format!("ต้องไม่เกิน {most}"), format!("must be at most {most}"));
        if number > most { Err(Error::from(FieldError::parameter(name, beyond()))) } else { Ok(()) }
    };
    if tree_size > size {
        let violation = FieldCode::BeyondTheLog.because(
            format!("บันทึกเหตุการณ์ในระบบมีเพียง {size} รายการ"),
            format!("must be at most {size}, the events of the log"),
        );
        return Err(FieldError::parameter("tree_size", violation).into());
    }
    let parts = match (seq, first_size) {
        (Some(_), Some(_)) => {
            let violation = FieldCode::NotTogether.because("ใช้ร่วมกับ seq ไม่ได้", "must not be sent together with seq");
            return Err(FieldError::parameter("first_size", violation).into());
        }
        (Some(_), None) if tree_size == 0 => {
            let violation =
                FieldCode::BeyondTheLog.because("ยังไม่มีบันทึกเหตุการณ์ในระบบ", "must be left out: the log is empty");
            return Err(FieldError::parameter("seq", violation).into());
        }
        (Some(seq), None) => {
            check("seq", seq, tree_size - 1)?;
            merkle::inclusion(seq, tree_size)
        }
        (None, first_size) => {
            check("first_size", first_size.unwrap_or(0), tree_size)?;
            merkle::consistency(first_size.unwrap_or(0), tree_size)
        }
    };
    let hashes = store::proof(db, &parts).await?;
    let leaf = match seq {
        Some(seq) => Some(store::leaf_text(db, seq).await?),
        None => None,
    };
    let first_size = if seq.is_none() { first_size.or(Some(0)) } else { None };
    let checkpoint = checkpoint::signed(&app.audit, tree_size, store::root(db, tree_size).await?)?;
    keep(&app, &checkpoint).await;
    let leaf_of = seq.map_or_else(String::new, |seq| seq.to_string());
    let etag = format!("\"p{leaf_of}.{}.{tree_size}\"", first_size.unwrap_or(0));
    let hashes = hashes.into_iter().map(|hash| BASE64_STANDARD.encode(hash)).collect();
    ReadResponse::record(&Proof { seq, leaf, first_size, tree_size, hashes, checkpoint }, etag, &[])
}

/// Export the audit log
///
/// Returns JSON Lines for `prongsai audit verify`: all events with the data that they commit to, the nodes of the
/// Merkle tree, the current records, and the checkpoints. The file docs/audit.md of the source describes the format. The export is recorded as
/// an event. Callers who are recused from a complaint cannot export the log, because it reveals when the complaint was
/// made and about whom; another auditor can.
#[utoipa::path(
    tag = "audit",
    extensions(("x-kind" = json!([Kind::File]))),
    security(("bearer" = ["audit:read"])),
    responses((status = 200, body = String, content_type = "application/jsonl")),
)]
#[get("/v1/audit/export")]
async fn export_audit_log(app: State, actor: Actor<AuditRead>, request: HttpRequest) -> Result<HttpResponse> {
    refuse_recused(&app, &actor.author).await?;
    let _alone = app.audit.exports.try_acquire().map_err(|_| Code::Unavailable)?;
    let exported = app
        .db
        .write(&actor.author, |write| async move { write.commit([Event::happened("export", "audit", None)], ()) });
    exported.await?;
    let kept = kept(&app).await;
    match store::sign(&app.db, &app.audit, kept).await? {
        Ok(note) => keep(&app, &note).await,
        Err(broken) => return Err(broke(&app, broken)),
    }
    let file = export::to_file(&app.db, &app.audit.origin, app.audit.records).await?;
    let size = usize::try_from(file.metadata().map_err(Error::internal)?.len()).map_err(Error::internal)?;
    let name = format!("attachment; filename=\"audit-{}.jsonl\"", append::hour_of(app.db.now()).format("%Y%m%dT%HZ"));
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/jsonl"))
        .insert_header((header::CONTENT_DISPOSITION, name))
        .body(spool::send(file, size, &request)?))
}

/// Rejects who is recused from a complaint: what they ask for would tell when something about it happened.
async fn refuse_recused(app: &App, author: &Author) -> Result<()> {
    if recusal::may_see_times(app.db.reader(), Some(author)).await? {
        return Ok(());
    }
    Err(Code::WrongPerson.because(
        "ท่านงดเว้นจากเรื่องร้องเรียนเรื่องหนึ่ง โปรดให้ผู้ตรวจสอบคนอื่นดำเนินการนี้",
        "You are recused from a complaint: ask another auditor to do this.",
    ))
}

/// The tree as it is now, to be signed: it continues the newest checkpoint outside the database.
async fn edge(app: &App) -> Result<Edge> {
    let (kept, db) = (kept(app).await, app.db.reader());
    let edge = store::edge(db).await?;
    let Some(kept) = kept else { return Ok(edge) };
    match store::restored(db, &edge, &kept).await? {
        Some(broken) => Err(broke(app, broken)),
        None => Ok(edge),
    }
}

fn broke(app: &App, broken: Broken) -> Error {
    app.db.break_log(broken);
    Code::LogBroken.into()
}

/// The newest checkpoint outside the database.
async fn kept(app: &App) -> Option<Checkpoint> {
    app.audit.kept().await.unwrap_or_else(|error| {
        report(app, &error);
        None
    })
}

/// Keeps a checkpoint that is handed out outside the database as well.
async fn keep(app: &App, note: &str) {
    if let Err(error) = app.audit.keep(note.to_owned()).await {
        report(app, &error);
    }
}

/// A request is answered although the file cannot be read or written: the job that signs the log shows the fault, and tries
/// again.
fn report(app: &App, error: &Error) {
    tracing::error!(%error, "the checkpoint file cannot be used");
    app.db.conditions.begin(Condition::JobFailed(SIGNING), app.db.now());
}
