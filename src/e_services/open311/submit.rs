//! What Open311 clients send: a request for an e-service, as a form.

use std::sync::{Arc, OnceLock};

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, Responder, web};
use entity::agency;
use entity::case_event::Side;
use sea_orm::EntityTrait;
use serde::Deserialize;
use serde_json::{Value, json};
use tracing::Instrument;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::super::requests::{ServiceRequestInput, store};
use super::fields::Fields;
use super::multipart::{self, Files, Sent};
use super::{Answer, Endpoint, Segments, attachments, errors, language, program, services};
use crate::audit_log::append::Event;
use crate::audit_log::author::Author;
use crate::cases::new_case::NewCase;
use crate::cases::{Case, messages, receipts, sender};
use crate::domain::field_code::FieldCode;
use crate::domain::message::{Language, Message};
use crate::domain::text::Lines;
use crate::error::{Error, FieldError, Result};
use crate::http::body;
use crate::http::idempotency::{IdempotencyKey, write_once};
use crate::http::response::WriteResponse;
use crate::state::{App, State};

/// Of a form, in which a Thai letter takes nine bytes; of texts in parts as well.
pub const LARGEST: usize = 256 * 1024;

const FORM: &str = "application/x-www-form-urlencoded";
const PARTS: &str = "multipart/form-data";

pub async fn create(
    app: State,
    endpoint: web::Data<Endpoint>,
    segments: Segments,
    request: HttpRequest,
    payload: web::Payload,
) -> impl Responder {
    let written = async || -> Result<Value> {
        let sent = read(&app, &request, payload.into_inner()).await?;
        // Anonymous callers are distinguished by their keys only.
        let key = IdempotencyKey::of(&request, &sent.identity)?;
        let key = key.map(|key| IdempotencyKey::required(Some(key))).transpose()?;
        write(app.clone(), **endpoint, sent, key).await
    };
    Answer { status: StatusCode::CREATED, ..Answer::new(&segments, "service_requests", written().await) }
}

/// The fields and files of a form.
pub async fn read(app: &App, request: &HttpRequest, payload: Payload) -> Result<Sent> {
    body::refuse_other(request, &[FORM, PARTS])?;
    let kind = request.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    if kind.first().is_some_and(|first| first.eq_ignore_ascii_case(&b'm')) {
        // Whoever sends a new request has no receipt yet.
        return multipart::read(request, payload, &app.cases.blobs.memory.unannounced).await;
    }
    let sent = body::read_body(request, payload, LARGEST, &[FORM]).await?;
    Ok(Sent { fields: Fields::read(&sent)?, files: None, identity: sent.to_vec() })
}

async fn write(app: State, endpoint: Endpoint, sent: Sent, key: Option<IdempotencyKey>) -> Result<Value> {
    let Sent { fields, files, identity: _ } = sent;
    // It is the visitor's request, whichever program sends it.
    let (author, key) = (Author::public(), key.filter(|_| endpoint == Endpoint::Production));
    let checked = async || Ok((program::of(&app, &fields).await?, checked(&app, &fields).await?));
    let (client, (draft, message)) = match (checked().await, &key) {
        (Ok(checked), _) => checked,
        // A retry gets the stored response, whatever has changed since.
        (Err(error), Some(key)) => {
            return result_of(&key.first_response(&app.db, &author).await?.ok_or(error)?.response()?);
        }
        (Err(error), None) => return Err(error),
    };
    let agency = agency::Entity::find().one(app.db.reader()).await?;
    let (client, website) = (client.map(|client| client.id), agency.and_then(|agency| agency.website));
    let new = New { endpoint, draft, message, client, website, language: language() };
    // In a task of its own, so that a disconnect leaves no request without its files.
    tokio::spawn(file(app, new, files, key).in_current_span()).await.map_err(Error::internal)?
}

/// A request that can be written.
struct New {
    endpoint: Endpoint,
    draft: store::Draft,
    message: Option<String>,
    /// The program that sends it, if it has said who it is.
    client: Option<Uuid>,
    website: Option<String>,
    language: Language,
}

/// Writes a request, then attaches its files.
async fn file(app: State, new: New, files: Option<Files>, key: Option<IdempotencyKey>) -> Result<Value> {
    let New { endpoint, draft, message, client, website, language } = new;
    let issued = Arc::new(OnceLock::new());
    let (author, state, issuing) = (Author::public(), app.clone(), issued.clone());
    let written = write_once(&app.db, &author, key, move |write| async move {
        draft.spend_challenge(&state.cases, &write).await?;
        let new = NewCase::stated(&write, &draft.stated())?;
        let (mut row, _) = store::insert(state.cases.filing(), &write, new, draft).await?;
        if let Some(text) = message {
            messages::say(&state.cases, &write, &row, Side::Sender, true, &text).await?;
            row = row.touch(&write).await?;
        }
        if let Some(client) = client {
            sender::record(&write, row.id(), client).await?;
        }
        let receipt = receipts::issue(&state.cases, &write, row.id()).await?.text();
        let value = json!([{
            "service_request_id": row.request.reference,
            "service_notice": notice(endpoint, &receipt, website.as_deref(), language),
            "account_id": null,
        }]);
        let written = WriteResponse::all_created(&value)?;
        match endpoint {
            Endpoint::Production => {
                let _ = issuing.set(receipt);
                let event = Event::about("receive", &row);
                let event = client.into_iter().fold(event, |event, id| event.with(json!({ "client_id": id })));
                write.commit([event], written)
            }
            Endpoint::Test => Ok(written),
        }
    });
    let written = written.await?;
    let mut made = result_of(&written)?;
    // What is answered as it was before has its files since then.
    if let (Some(receipt), Some(files), false) = (issued.get(), files, written.replayed) {
        for left_out in attachments::attach(&app, receipt, files, language).await? {
            let notice = made[0]["service_notice"].as_str().unwrap_or_default();
            made[0]["service_notice"] = json!(format!("{notice} {left_out}"));
        }
    }
    Ok(made)
}

/// What was asked for, and what was said beside it.
async fn checked(app: &App, sent: &Fields) -> Result<(store::Draft, Option<String>)> {
    sent.refuse_unclear()?;
    let Some(code) = sent.text("service_code") else {
        return Err(
            FieldError::parameter("service_code", FieldCode::Required.because("ต้องระบุ", "was not provided")).into()
        );
    };
    let row = services::find(app.db.reader(), code).await?;
    if row.service.takes_location {
        sent.refuse_unknown_place()?;
    }
    let schema = row.form()?;
    let input: ServiceRequestInput = body::checked(sent.as_input(&schema, row.service.takes_location))?;
    let message = sent.message(&schema).map(valid_description).transpose()?;
    let draft = store::check(&app.db, app.cases.boundary.as_ref(), code, input, None).await;
    let draft = draft.map_err(|error| errors::titled(error, &schema))?;
    Ok((draft, message))
}

fn result_of(written: &WriteResponse) -> Result<Value> {
    serde_json::from_str(&written.body).map_err(Error::internal)
}

/// A description, if it is valid.
pub fn valid_description(text: String) -> Result<String> {
    #[derive(Deserialize, Validate, ToSchema)]
    struct Description {
        description: Lines<10000>,
    }
    body::checked::<Description>(json!({ "description": text })).map(|body| body.description.into_inner())
}

/// What to tell the applicant: the receipt, which nothing else ever shows.
fn notice(endpoint: Endpoint, receipt: &str, website: Option<&str>, language: Language) -> String {
    let notice = match (endpoint, website) {
        (Endpoint::Test, _) => Message::new("ทดสอบเท่านั้น ไม่มีการบันทึกคำขอ", "This is a test: nothing was recorded."),
        (Endpoint::Production, None) => Message::new(
            format!("รหัสติดตามคำขอของท่าน: {receipt} โปรดเก็บไว้เป็นความลับ ใช้ตรวจสอบผลคำขอ"),
            format!("Your tracking code: {receipt} – keep it secret. Your request is followed with it."),
        ),
        (Endpoint::Production, Some(website)) => Message::new(
            format!("รหัสติดตามคำขอของท่าน: {receipt} โปรดเก็บไว้เป็นความลับ ใช้ตรวจสอบผลได้ที่ {website}"),
            format!("Your tracking code: {receipt} – keep it secret. Follow your request with it at {website}"),
        ),
    };
    notice.localized(language).to_owned()
}
