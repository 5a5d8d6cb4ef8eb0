//! Reading over Open311: e-services, their definitions, requests. Places are rounded to about a hundred metres. The
//! only text shown is the office's public note.

use std::collections::{BTreeMap, HashMap};

use actix_web::{HttpRequest, Responder};
use chrono::{DateTime, TimeDelta, Utc};
use entity::service_request::{Column, Entity, Status};
use entity::state::Publication;
use entity::{e_service, unit};
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, ConnectionTrait, EntityTrait, Iterable, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::requests::Shown;
use super::super::store as catalogue;
use super::fields::Fields;
use super::{Answer, Segments, definition, time};
use crate::domain::dates::{self, is_instant};
use crate::domain::field_code::FieldCode;
use crate::domain::place::Point;
use crate::domain::receipt::read_reference;
use crate::domain::service_request::Action;
use crate::domain::workflow::Action as _;
use crate::domain::working_days::midnight;
use crate::error::{Code, Error, FieldError, Result};
use crate::http::params::as_code;
use crate::revisions::Resource;
use crate::state::State;

const SERVICES: &[Resource] = &[Resource::EServices, Resource::Units];
const REQUESTS: &[Resource] = &[Resource::ServiceRequests, Resource::EServices, Resource::Units, Resource::Today];

/// Requests on a page at most, and days between the first and the last.
const MOST: u64 = 1000;
const LONGEST: TimeDelta = TimeDelta::days(90);

pub async fn services(app: State, segments: Segments) -> impl Responder {
    let list = async || -> Result<Value> {
        let Offered { services, units } = offered(app.db.reader()).await?;
        let offered = services.values().filter(|service| service.publication == Publication::Published);
        Ok(offered.map(|service| described(service, units.get(&service.unit_id))).collect())
    };
    Answer::read(&segments, "services", SERVICES, list().await)
}

fn described(service: &e_service::Model, unit: Option<&String>) -> Value {
    json!({
        "service_code": service.code,
        "service_name": service.name_th,
        "description": service.name_en.as_ref().unwrap_or(&service.name_th),
        "metadata": true,
        "type": "realtime",
        "keywords": "",
        "group": unit,
    })
}

pub async fn definition(app: State, segments: Segments) -> impl Responder {
    let define = async || -> Result<Value> {
        let row = find(app.db.reader(), &segments.name).await?;
        let booking = row.service.capacity.map(|_| definition::booking(app.cases.settings.challenge_bits));
        let attributes = definition::attributes(&row.form()?, booking.unwrap_or_default());
        Ok(json!({ "service_code": row.service.code, "attributes": attributes }))
    };
    Answer::read(&segments, "service_definition", SERVICES, define().await)
}

/// An e-service that is offered over Open311.
pub async fn find(db: &impl ConnectionTrait, code: &str) -> Result<catalogue::Row> {
    let unknown = || Code::NotFound.because("ไม่มีบริการที่ใช้ service_code นี้", "service_code: no service has it");
    let row = catalogue::find(db, as_code(code)).await.map_err(|error| match error.code() {
        Code::NotFound => unknown(),
        _ => error,
    })?;
    let is_offered = row.service.open311 && row.service.publication == Publication::Published;
    is_offered.then_some(row).ok_or_else(unknown)
}

pub async fn requests(app: State, segments: Segments, request: HttpRequest) -> impl Responder {
    let list = async || -> Result<Value> {
        let question = Question::read(&request, app.db.now())?;
        let db = app.db.reader();
        let offered = offered(db).await?;
        let found = Entity::find()
            .filter(Column::EServiceId.is_in(offered.services.keys().copied()))
            .filter(question.matching(&offered))
            .order_by_desc(Column::ReceivedAt)
            .order_by_asc(Column::Id)
            .offset((question.page - 1) * question.page_size)
            .limit(question.page_size);
        let found: Vec<Shown> = found.into_partial_model().all(db).await?;
        Ok(found.iter().filter_map(|request| shown(request, &offered, question.extensions)).collect())
    };
    Answer::read(&segments, "service_requests", REQUESTS, list().await)
}

pub async fn request(app: State, segments: Segments, request: HttpRequest) -> impl Responder {
    let read = async || -> Result<Value> {
        let extensions = Question::read(&request, app.db.now())?.extensions;
        let offered = offered(app.db.reader()).await?;
        let request = one(app.db.reader(), &segments.name, &offered).await?;
        Ok(json!([shown(&request, &offered, extensions)]))
    };
    Answer::read(&segments, "service_requests", REQUESTS, read().await)
}

/// Requests have their ids at once, so that a token is the id itself.
pub async fn token(app: State, segments: Segments) -> impl Responder {
    let read = async || -> Result<Value> {
        let id = segments.name.as_str();
        let request = one(app.db.reader(), id, &offered(app.db.reader()).await?).await?;
        Ok(json!([{ "service_request_id": request.reference, "token": request.reference }]))
    };
    Answer::read(&segments, "service_requests", REQUESTS, read().await)
}

async fn one(db: &impl ConnectionTrait, id: &str, offered: &Offered) -> Result<Shown> {
    let found = Entity::find()
        .filter(Column::Reference.is_in(read_reference(id)))
        .filter(Column::EServiceId.is_in(offered.services.keys().copied()))
        .into_partial_model()
        .one(db)
        .await?;
    found.ok_or_else(|| {
        Code::NotFound.because("ไม่มีคำขอที่ใช้ service_request_id นี้", "service_request_id: no request has it")
    })
}

/// The e-services that are marked so, and what units are called. Of what was withdrawn the requests are still shown.
struct Offered {
    services: BTreeMap<Uuid, e_service::Model>,
    units: HashMap<Uuid, String>,
}

async fn offered(db: &impl ConnectionTrait) -> Result<Offered> {
    let services = e_service::Entity::find().filter(e_service::Column::Open311.eq(true)).all(db).await?;
    let units = unit::Entity::find().all(db).await?;
    Ok(Offered {
        services: services.into_iter().map(|service| (service.id, service)).collect(),
        units: units.into_iter().map(|unit| (unit.id, unit.name_th)).collect(),
    })
}

fn is_open(status: Status) -> bool {
    !Action::is_closed(status)
}

fn shown(request: &Shown, offered: &Offered, extensions: bool) -> Option<Value> {
    let service = offered.services.get(&request.e_service_id)?;
    let (lat, long) = request.point().map(Point::degrees).unzip();
    let notes = request.public_note.clone().or((!is_open(request.status)).then(|| request.status.to_value()));
    // Only the day is kept of when it was closed.
    let updated_at = request.closed_on.map_or(request.updated_at, |day| midnight(day).max(request.received_at));
    let mut value = json!({
        "service_request_id": request.reference,
        "status": if is_open(request.status) { "open" } else { "closed" },
        "status_notes": notes,
        "service_name": service.name_th,
        "service_code": service.code,
        "description": null,
        "agency_responsible": offered.units.get(&request.unit_id),
        "service_notice": null,
        "requested_datetime": time(request.received_at),
        "updated_datetime": time(updated_at),
        "expected_datetime": time(midnight(request.due_on.succ_opt()?)),
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

/// The period of a query. If one end is missing, the period has the greatest length allowed.
fn period(
    start: Option<DateTime<Utc>>,
    end: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> (DateTime<Utc>, DateTime<Utc>) {
    match (start, end) {
        (Some(start), Some(end)) => (start, end),
        (Some(start), None) => (start, now.min(start.checked_add_signed(LONGEST).unwrap_or(now))),
        (None, end) => {
            let end = end.unwrap_or(now);
            (end.checked_sub_signed(LONGEST).unwrap_or(end), end)
        }
    }
}

/// Which requests are asked for.
struct Question {
    ids: Option<Vec<String>>,
    services: Option<Vec<String>>,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    statuses: Option<Vec<String>>,
    page: u64,
    page_size: u64,
    extensions: bool,
}

impl Question {
    fn read(request: &HttpRequest, now: DateTime<Utc>) -> Result<Self> {
        let asked = Fields::read(request.query_string().as_bytes())?;
        let mut errors = Vec::new();
        let mut instant = |name: &str| {
            let text = asked.text(name)?;
            if !is_instant(text) {
                errors.push(FieldError::parameter(name, dates::violation(text, "date-time")));
                return None;
            }
            DateTime::parse_from_rfc3339(text).ok().map(|at| at.with_timezone(&Utc))
        };
        let (start, end) = (instant("start_date"), instant("end_date"));
        let mut wrong = |name: &str, th: &'static str, en: &'static str| {
            errors.push(FieldError::parameter(name, FieldCode::BadFormat.because(th, en)));
        };
        let mut number = |name: &str, otherwise: u64, most: u64| match asked.text(name).map(str::parse) {
            None => otherwise,
            Some(Ok(number)) if (1..=most).contains(&number) => number,
            Some(_) => {
                wrong(name, "ต้องเป็นจำนวนเต็มบวกในขอบเขต", "must be a positive number within its limit");
                1
            }
        };
        let (page, page_size) = (number("page", 1, 1_000_000), number("page_size", MOST, MOST));
        let [ids, services, statuses] = ["service_request_id", "service_code", "status"].map(|name| asked.listed(name));
        if statuses.iter().flatten().any(|status| !["open", "closed"].contains(&&**status)) {
            wrong("status", "ต้องเป็น open หรือ closed", "must be open or closed");
        }
        if ids.as_ref().is_some_and(|ids| ids.len() as u64 > MOST) {
            wrong("service_request_id", "ระบุได้ไม่เกิน 1,000 รายการ", "may name 1,000 at most");
        }
        let extensions = asked.text("extensions").map_or(Ok(false), str::parse);
        if extensions.is_err() {
            wrong("extensions", "ต้องเป็น true หรือ false", "must be true or false");
        }
        let (from, to) = period(start, end, now);
        if to < from && end.is_some() {
            wrong("end_date", "ต้องไม่ก่อน start_date", "must not be before start_date");
        }
        if to.signed_duration_since(from) > LONGEST {
            wrong("end_date", "ช่วงเวลาต้องไม่เกิน 90 วัน", "must not be more than 90 days after start_date");
        }
        if !errors.is_empty() {
            return Err(Error::in_parameters(errors));
        }
        let extensions = extensions.unwrap_or_default();
        Ok(Self { ids, services, from, to, statuses, page, page_size, extensions })
    }

    /// Whoever names ids wants these, whatever else is said.
    fn matching(&self, offered: &Offered) -> Condition {
        if let Some(ids) = &self.ids {
            return Condition::all().add(Column::Reference.is_in(ids.iter().filter_map(|id| read_reference(id))));
        }
        let services = self.services.as_ref().map(|codes| {
            let wanted = offered.services.values().filter(|service| codes.contains(&service.code));
            Column::EServiceId.is_in(wanted.map(|service| service.id))
        });
        let statuses = self.statuses.as_ref().map(|named| {
            let is_named = |status: &Status| named.iter().any(|name| (name == "open") == is_open(*status));
            Column::Status.is_in(Status::iter().filter(is_named).collect::<Vec<_>>())
        });
        Condition::all().add(Column::ReceivedAt.between(self.from, self.to)).add_option(services).add_option(statuses)
    }
}
