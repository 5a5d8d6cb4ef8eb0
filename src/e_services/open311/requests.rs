//! Requests over Open311: a list, one, and its token. Places are rounded to about a hundred metres. The only text shown is the
//! office's public note.

use actix_web::{HttpRequest, Responder, web};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::service_request::{Column, Entity, Status};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};

use super::super::requests::Shown;
use super::asked::Asked;
use super::question::Question;
use super::services::{self, Offered, offered};
use super::{Answer, Endpoint, Segments, language, time};
use crate::domain::message::Message;
use crate::domain::place::Point;
use crate::domain::receipt::read_reference;
use crate::domain::service_request::Action;
use crate::domain::workflow::Action as _;
use crate::domain::working_days::midnight;
use crate::error::{Code, Error, Result};
use crate::revisions::Resource;
use crate::state::State;

pub const REQUESTS: &[Resource] = &[Resource::ServiceRequests, Resource::EServices, Resource::Units, Resource::Today];

pub async fn requests(app: State, segments: Segments, request: HttpRequest) -> impl Responder {
    let list = async || -> Result<Value> {
        let question = Question::read(&request, app.db.now())?;
        let db = app.db.reader();
        let offered = offered(db).await?;
        let found = Entity::find()
            .filter(offered.requests())
            .filter(question.matching(&offered))
            .order_by_desc(Column::ReceivedAt)
            .order_by_asc(Column::Id)
            .offset(question.page.skipped)
            .limit(question.page.size);
        let found: Vec<Shown> = found.into_partial_model().all(db).await?;
        Ok(found.iter().filter_map(|request| shown(request, &offered, question.extensions)).collect())
    };
    Answer::read(&segments, "service_requests", REQUESTS, list().await)
}

pub async fn request(
    app: State,
    endpoint: web::Data<Endpoint>,
    segments: Segments,
    request: HttpRequest,
) -> impl Responder {
    let read = async || -> Result<Value> {
        let mut asked = Asked::of(&request)?;
        let extensions = asked.extensions();
        asked.checked()?;
        let offered = offered(app.db.reader()).await?;
        let request = one(app.db.reader(), **endpoint, &segments.name, &offered).await?;
        Ok(json!([shown(&request, &offered, extensions)]))
    };
    Answer::read(&segments, "service_requests", REQUESTS, read().await)
}

/// Requests have their ids at once, so that a token is the id itself.
pub async fn token(app: State, endpoint: web::Data<Endpoint>, segments: Segments) -> impl Responder {
    let read = async || -> Result<Value> {
        let offered = offered(app.db.reader()).await?;
        let request = one(app.db.reader(), **endpoint, &segments.name, &offered).await?;
        Ok(json!([{ "service_request_id": request.reference, "token": request.reference }]))
    };
    Answer::read(&segments, "service_requests", REQUESTS, read().await)
}

async fn one(db: &impl ConnectionTrait, endpoint: Endpoint, id: &str, offered: &Offered) -> Result<Shown> {
    let found = Entity::find()
        .filter(Column::Reference.is_in(read_reference(id)))
        .filter(offered.requests())
        .into_partial_model()
        .one(db)
        .await?;
    found.ok_or_else(|| unknown(endpoint))
}

/// Of a number that no request has.
pub fn unknown(endpoint: Endpoint) -> Error {
    match endpoint {
        Endpoint::Production => {
            Code::NotFound.because("ไม่มีคำขอที่ใช้ service_request_id นี้", "service_request_id: no request has it")
        }
        Endpoint::Test => Code::NotFound.because(
            "ไม่มีคำขอที่ใช้ service_request_id นี้ ปลายทางสำหรับทดสอบไม่เก็บคำขอที่ส่งมา",
            "service_request_id: no request has it; the test endpoint keeps nothing of what is sent to it",
        ),
    }
}

/// Whether it is open as this specification has it.
pub fn is_open(status: Status) -> bool {
    !Action::is_closed(status)
}

/// A status in a sentence for people.
pub fn sentence(status: Status) -> Message {
    match status {
        Status::Received => Message::new("ได้รับคำขอแล้ว", "The office has received the request."),
        Status::Accepted => Message::new("รับคำขอไว้ดำเนินการ", "The office has accepted the request."),
        Status::InProgress => Message::new("กำลังดำเนินการ", "Work on it is under way."),
        Status::AwaitingApplicant => {
            Message::new("รอผู้ยื่นคำขอแก้ไขหรือส่งเอกสารเพิ่มเติม", "The office waits for an answer of the applicant.")
        }
        Status::Paused => Message::new("พักการดำเนินการ", "Work on it waits."),
        Status::Completed => Message::new("ดำเนินการแล้วเสร็จ", "The work is done."),
        Status::Rejected => Message::new("ไม่รับคำขอ", "The office has not accepted the request."),
        Status::Referred => Message::new("ส่งต่อหน่วยงานอื่น", "The office has referred the request to another authority."),
        Status::Cancelled => Message::new("ผู้ยื่นคำขอยกเลิก", "The applicant has cancelled the request."),
        Status::Converted => {
            Message::new("เทศบาลดำเนินการต่อในเรื่องอื่น", "The office goes on with the matter as another case.")
        }
    }
}

/// When it last changed, for clients that ask for what is newer than the newest they have: it never moves back. What an applicant
/// does after the closing, such as a rating, moves it to the end of that day at most.
fn updated_at(request: &Shown) -> DateTime<Utc> {
    request.closed_on.map_or(request.updated_at, |day| request.updated_at.min(end_of(day)))
}

/// The last second of a day in Bangkok.
fn end_of(day: NaiveDate) -> DateTime<Utc> {
    midnight(day.succ_opt().unwrap_or(day)) - TimeDelta::seconds(1)
}

fn shown(request: &Shown, offered: &Offered, extensions: bool) -> Option<Value> {
    let service = offered.services.get(&request.e_service_id)?;
    let (lat, long) = request.point().map(Point::degrees).unzip();
    let language = language();
    let outcome = || (!is_open(request.status)).then(|| sentence(request.status).localized(language).to_owned());
    let mut value = json!({
        "service_request_id": request.reference,
        "status": if is_open(request.status) { "open" } else { "closed" },
        "status_notes": request.public_note.clone().or_else(outcome),
        "service_name": services::name(service, language),
        "service_code": service.code,
        "description": null,
        "agency_responsible": offered.units.get(&request.unit_id).map(|unit| services::name_of_unit(unit, language)),
        "service_notice": null,
        "requested_datetime": time(request.received_at),
        "updated_datetime": time(updated_at(request)),
        "expected_datetime": request.due_on.and_then(|day| day.succ_opt()).map(|day| time(midnight(day))),
        "address": null,
        "address_id": null,
        "zipcode": null,
        "lat": lat,
        "long": long,
        "media_url": null,
    });
    if extensions {
        value["extended_attributes"] = json!({ "status": request.status });
    }
    Some(value)
}
