//! Updates that programs send (`POST servicerequestupdates`), such as the comments of FixMyStreet's users: each becomes a message of
//! the applicant's side. What it says of the status is not taken, since only the office and the holder of the receipt close a request.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, Responder, web};
use entity::service_request::{Column, Entity, Status};
use entity::{client, e_service};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::requests::store::Row;
use super::fields::Fields;
use super::multipart::{Files, Sent};
use super::submit::{read, valid_description};
use super::{Answer, Endpoint, Segments, program, requests};
use crate::cases::Case;
use crate::cases::messages;
use crate::cases::sender;
use crate::db::Write;
use crate::domain::field_code::FieldCode;
use crate::domain::receipt::read_reference;
use crate::error::{Code, Error, FieldError, Result};
use crate::state::{App, State};

/// Fields of an update that have one value.
const SINGLE: [&str; 6] = ["service_request_id", "update_id", "description", "first_name", "last_name", "api_key"];

/// Characters of an id that a program gives.
const LONGEST_ID: usize = 100;

pub async fn create(
    app: State,
    endpoint: web::Data<Endpoint>,
    segments: Segments,
    request: HttpRequest,
    payload: web::Payload,
) -> impl Responder {
    let written = async || -> Result<Value> {
        let Sent { fields, files, .. } = read(&app, &request, payload.into_inner()).await?;
        let client = program::of(&app, &fields).await?.ok_or_else(program::unknown)?;
        let update = Update::checked(&fields, files.as_ref(), &client)?;
        let case = find(&app, **endpoint, &update.request).await?;
        let id = write(app.clone(), **endpoint, client, case, update).await?;
        Ok(json!([{ "update_id": id }]))
    };
    Answer { status: StatusCode::CREATED, ..Answer::new(&segments, "service_request_updates", written().await) }
}

/// An update as it was sent.
struct Update {
    /// Number of the request.
    request: String,
    /// What the program calls it.
    id: String,
    text: String,
}

impl Update {
    fn checked(fields: &Fields, files: Option<&Files>, client: &client::Model) -> Result<Self> {
        let mut errors = fields.repeated(&SINGLE);
        let mut needed = |name: &str| {
            let text = fields.text(name);
            if text.is_none() {
                errors.push(FieldError::parameter(name, FieldCode::Required.because("ต้องระบุ", "was not provided")));
            }
            text.unwrap_or_default().to_owned()
        };
        let (request, id) = (needed("service_request_id"), needed("update_id"));
        let said: Vec<_> = fields.text("description").into_iter().chain(fields.pictures()).collect();
        if said.is_empty() {
            needed("description");
        }
        if id.len() > LONGEST_ID || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
            let (th, en) = ("ต้องเป็นอักขระ ASCII ไม่เกิน 100 ตัว", "must be at most 100 visible ASCII characters");
            errors.push(FieldError::parameter("update_id", FieldCode::BadFormat.because(th, en)));
        }
        if !errors.is_empty() {
            return Err(Error::in_parameters(errors));
        }
        let files = files.into_iter().flat_map(|files| &files.received);
        let files = files.map(|file| format!("({}: ไม่ได้แนบ / not attached)", file.name.as_deref().unwrap_or("-")));
        let head = format!("{}:", signature(fields, client));
        let text = [head].into_iter().chain(said.into_iter().map(str::to_owned)).chain(files);
        Ok(Self { request, id, text: valid_description(text.collect::<Vec<_>>().join("\n"))? })
    }
}

/// Who has written it: on other sites not only the applicant does. The applicant reads it as well, so it has no address.
fn signature(fields: &Fields, client: &client::Model) -> String {
    let is_anonymous = fields.text("public_anonymity_required").is_some_and(|text| text.eq_ignore_ascii_case("true"));
    let name = fields.full_name().filter(|_| !is_anonymous).map(|name| format!("{name} ")).unwrap_or_default();
    format!("{name}({})", client.name)
}

/// The request that an update is about.
async fn find(app: &App, endpoint: Endpoint, number: &str) -> Result<Uuid> {
    // The answer does not disclose whether others exist.
    let offered = Query::select()
        .column(e_service::Column::Id)
        .from(e_service::Entity)
        .and_where(e_service::Column::Open311.eq(true))
        .to_owned();
    let numbered = Entity::find().select_only().column(Column::Id);
    let numbered = numbered.filter(Column::Reference.is_in(read_reference(number)));
    let numbered =
        numbered.filter(Column::EServiceId.in_subquery(offered)).filter(Column::Status.ne(Status::Converted));
    let id: Option<Uuid> = numbered.into_tuple().one(app.db.reader()).await?;
    id.ok_or_else(|| requests::unknown(endpoint))
}

async fn write(app: State, endpoint: Endpoint, client: client::Model, case: Uuid, update: Update) -> Result<Uuid> {
    let (state, author) = (app.clone(), program::author(&client));
    let work = move |write: Write| async move {
        let row = Row::lock_any(&write, case).await?;
        if !sender::is_of(&write, case, client.id).await? {
            return Err(Code::InsufficientScope.because(
                "service_request_id: คำขอนี้ไม่ได้ส่งมาด้วย api_key นี้",
                "service_request_id: the request was not sent with this api_key.",
            ));
        }
        // A retry, also after the request was closed.
        if let Some(first) = sender::message(&write, case, &update.id).await? {
            return Ok(first);
        }
        let (_, logged, event) = messages::hear(&state.cases, &write, row, update.text).await?;
        sender::record_message(&write, case, update.id, event.id).await?;
        match endpoint {
            Endpoint::Production => write.commit([logged], event.id),
            Endpoint::Test => Ok(event.id),
        }
    };
    app.db.write(&author, work).await
}
