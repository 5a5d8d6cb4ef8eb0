//! What Open311 clients read: e-services, their definitions, requests. The place of a request is told to about a hundred metres, and
//! nothing that somebody wrote but the office's public note.

use std::collections::BTreeMap;

use actix_web::Responder;
use chrono::{DateTime, TimeDelta, Utc};
use entity::service_request::{Column, Entity, Model, Status};
use entity::state::Publication;
use entity::{e_service, unit};
use sea_orm::{ActiveEnum, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::requests::point;
use super::super::store as catalogue;
use super::{Answer, Asked, Segments, definition, time};
use crate::app::State;
use crate::db;
use crate::domain::place::Point;
use crate::domain::working_days::BANGKOK;
use crate::error::{Code, Error, Fault, Result, Said};
use crate::revisions::Resource;

const SERVICES: &[Resource] = &[Resource::EServices, Resource::Units];
const REQUESTS: &[Resource] = &[Resource::ServiceRequests, Resource::EServices, Resource::Units, Resource::Today];

/// Requests on a page at most, and days between the first and the last.
const MOST: u64 = 1000;
const LONGEST: TimeDelta = TimeDelta::days(90);

pub async fn services(app: State, segments: Segments) -> impl Responder {
    let list = async || -> Result<Value> {
        let offered = offered(app.db.reader()).await?.into_values();
        let offered = offered.filter(|(service, _)| service.publication == Publication::Published);
        Ok(offered.map(|(service, unit)| described(&service, &unit)).collect())
    };
    Answer::read(&segments, "services", SERVICES, list().await)
}

fn described(service: &e_service::Model, unit: &unit::Model) -> Value {
    json!({
        "service_code": service.code,
        "service_name": service.name_th,
        "description": service.name_en,
        "metadata": true,
        "type": "realtime",
        "keywords": "",
        "group": unit.name_th,
    })
}

pub async fn definition(app: State, segments: Segments) -> impl Responder {
    let define = async || -> Result<Value> {
        let row = find(app.db.reader(), &segments.name).await?;
        let attributes = definition::attributes(&row.form()?, row.service.capacity.is_some());
        Ok(json!({ "service_code": row.service.code, "attributes": attributes }))
    };
    Answer::read(&segments, "service_definition", SERVICES, define().await)
}

/// An e-service that is offered over Open311.
pub async fn find(db: &impl ConnectionTrait, code: &str) -> Result<catalogue::Row> {
    let unknown = || Code::NotFound.because("ไม่มีบริการที่ใช้ service_code นี้", "service_code: no service has it");
    let row = catalogue::find(db, code).await.map_err(|error| match error.code() {
        Code::NotFound => unknown(),
        _ => error,
    })?;
    let is_offered = row.service.open311 && row.service.publication == Publication::Published;
    is_offered.then_some(row).ok_or_else(unknown)
}

pub async fn requests(app: State, segments: Segments, asked: Asked) -> impl Responder {
    let list = async || -> Result<Value> {
        let db = app.db.reader();
        let offered = offered(db).await?;
        let question = Question::read(&asked, db::now())?;
        let found = Entity::find()
            .filter(Column::EServiceId.is_in(offered.keys().copied()))
            .filter(question.matching(&offered))
            .order_by_desc(Column::ReceivedAt)
            .order_by_asc(Column::Id)
            .offset((question.page - 1) * question.page_size)
            .limit(question.page_size);
        let found = found.all(db).await?;
        Ok(found.iter().filter_map(|request| shown(request, &offered, question.extensions)).collect())
    };
    Answer::read(&segments, "service_requests", REQUESTS, list().await)
}

pub async fn request(app: State, segments: Segments, asked: Asked) -> impl Responder {
    let read = async || -> Result<Value> {
        let offered = offered(app.db.reader()).await?;
        let request = one(app.db.reader(), &segments.name, &offered).await?;
        Ok(json!([shown(&request, &offered, asked.get("extensions").is_some_and(|it| it == "true"))]))
    };
    Answer::read(&segments, "service_requests", REQUESTS, read().await)
}

/// Requests have their ids at once, so that a token is the id itself.
pub async fn token(app: State, segments: Segments) -> impl Responder {
    let read = async || -> Result<Value> {
        let id = segments.name.as_str();
        let request = one(app.db.reader(), id, &offered(app.db.reader()).await?).await?;
        Ok(json!([{ "service_request_id": request.reference, "token": id }]))
    };
    Answer::read(&segments, "service_requests", REQUESTS, read().await)
}

async fn one(db: &impl ConnectionTrait, id: &str, offered: &Offered) -> Result<Model> {
    let found = Entity::find()
        .filter(Column::Reference.is_in(Some(id).filter(|id| is_id(id))))
        .filter(Column::EServiceId.is_in(offered.keys().copied()))
        .one(db)
        .await?;
    found.ok_or_else(|| {
        Code::NotFound.because("ไม่มีคำขอที่ใช้ service_request_id นี้", "service_request_id: no request has it")
    })
}

/// Whether a text can be the id of a request.
fn is_id(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// The e-services that are marked so, each with its unit. Of what was withdrawn the requests are still shown.
type Offered = BTreeMap<Uuid, (e_service::Model, unit::Model)>;

async fn offered(db: &impl ConnectionTrait) -> Result<Offered> {
    let services = e_service::Entity::find().filter(e_service::Column::Open311.eq(true)).all(db).await?;
    let units = unit::Entity::find().all(db).await?;
    let with_unit = |service: e_service::Model| {
        let unit = units.iter().find(|unit| unit.id == service.unit_id)?.clone();
        Some((service.id, (service, unit)))
    };
    Ok(services.into_iter().filter_map(with_unit).collect())
}

fn is_open(status: Status) -> bool {
    matches!(status, Status::Submitted | Status::Accepted | Status::InProgress)
}

fn shown(request: &Model, offered: &Offered, extensions: bool) -> Option<Value> {
    let (service, unit) = offered.get(&request.e_service_id)?;
    let (lat, long) = point(request).map(Point::degrees).unzip();
    let midnight = request.due_on.succ_opt()?.and_hms_opt(0, 0, 0)?.and_utc() - BANGKOK;
    let notes = request.public_note.clone().or((!is_open(request.status)).then(|| request.status.to_value()));
    let mut value = json!({
        "service_request_id": request.reference,
        "status": if is_open(request.status) { "open" } else { "closed" },
        "status_notes": notes,
        "service_name": service.name_th,
        "service_code": service.code,
        "description": null,
        "agency_responsible": unit.name_th,
        "service_notice": null,
        "requested_datetime": time(request.received_at),
        "updated_datetime": time(request.updated_at),
        "expected_datetime": time(midnight),
        "address": null,
        "address_id": null,
        "zipcode": null,
        "lat": lat,
        "long": long,
        "media_url": null,
    });
    if extensions {
        value["extended_attributes"] = json!({ "status": request.status, "channel": request.channel });
    }
    Some(value)
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
    fn read(asked: &Asked, now: DateTime<Utc>) -> Result<Self> {
        let mut faults = Vec::new();
        let mut wrong = |name: &str, th: &'static str, en: &'static str| {
            faults.push(Fault::parameter(name, "bad_format", Said::new(th, en)));
        };
        let text = |name: &str| asked.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
        let listed = |name: &str| text(name).map(|text| text.split(',').map(|one| one.trim().to_owned()).collect());
        let mut instant = |name: &str| {
            let at = text(name).map(DateTime::parse_from_rfc3339);
            if at.as_ref().is_some_and(Result::is_err) {
                wrong(name, "ต้องเป็นเวลาแบบ 2024-04-11T00:00:00Z", "must be a time such as 2024-04-11T00:00:00Z");
            }
            at.and_then(Result::ok).map(|at| at.with_timezone(&Utc))
        };
        let (start, end) = (instant("start_date"), instant("end_date"));
        let mut number = |name: &str, otherwise: u64, most: u64| match text(name).map(str::parse) {
            None => otherwise,
            Some(Ok(number)) if (1..=most).contains(&number) => number,
            Some(_) => {
                wrong(name, "ต้องเป็นจำนวนเต็มบวกในขอบเขต", "must be a positive number within its limit");
                1
            }
        };
        let (page, page_size) = (number("page", 1, 1_000_000), number("page_size", MOST, MOST));
        let statuses: Option<Vec<String>> = listed("status");
        if statuses.iter().flatten().any(|status| !["open", "closed"].contains(&&**status)) {
            wrong("status", "ต้องเป็น open หรือ closed", "must be open or closed");
        }
        let (from, to) = match (start, end) {
            (Some(start), Some(end)) => (start, end),
            (Some(start), None) => (start, now.min(start.checked_add_signed(LONGEST).unwrap_or(now))),
            (None, end) => {
                let end = end.unwrap_or(now);
                (end.checked_sub_signed(LONGEST).unwrap_or(end), end)
            }
        };
        if to.signed_duration_since(from) > LONGEST {
            wrong("end_date", "ช่วงเวลาต้องไม่เกิน 90 วัน", "must not be more than 90 days after start_date");
        }
        if !faults.is_empty() {
            return Err(Error::in_parameters(faults));
        }
        let extensions = text("extensions") == Some("true");
        let (ids, services) = (listed("service_request_id"), listed("service_code"));
        Ok(Self { ids, services, from, to, statuses, page, page_size, extensions })
    }

    /// Whoever names ids wants these, whatever else is said.
    fn matching(&self, offered: &Offered) -> Condition {
        if let Some(ids) = &self.ids {
            return Condition::all().add(Column::Reference.is_in(ids.iter().filter(|id| is_id(id))));
        }
        let wanted = |service: &&(e_service::Model, unit::Model), codes: &[String]| codes.contains(&service.0.code);
        let services = self.services.as_ref().map(|codes| {
            let wanted = offered.values().filter(|service| wanted(service, codes));
            Column::EServiceId.is_in(wanted.map(|(service, _)| service.id).collect::<Vec<_>>())
        });
        let statuses = self.statuses.as_ref().map(|named| {
            use sea_orm::Iterable;
            let is_named = |status: &Status| named.iter().any(|name| (name == "open") == is_open(*status));
            Column::Status.is_in(Status::iter().filter(is_named).collect::<Vec<_>>())
        });
        Condition::all().add(Column::ReceivedAt.between(self.from, self.to)).add_option(services).add_option(statuses)
    }
}
