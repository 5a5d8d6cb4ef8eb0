//! E-services over Open311: the list, and the definition of each.

use std::collections::{BTreeMap, HashMap};

use actix_web::Responder;
use entity::e_service::{Column, Entity, Model};
use entity::service_request::{self, Status};
use entity::state::Publication;
use entity::unit;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::store as catalogue;
use super::{Answer, Segments, definition, language};
use crate::db::select::Selected;
use crate::domain::message::Language;
use crate::error::{Code, Result};
use crate::http::params::as_code;
use crate::revisions::Resource;
use crate::state::State;

const SERVICES: &[Resource] = &[Resource::EServices, Resource::Units];

pub async fn services(app: State, segments: Segments) -> impl Responder {
    let list = async || -> Result<Value> {
        let db = app.db.reader();
        let units = units(db).await?;
        let is_offered = Column::Open311.eq(true).and(Column::Publication.eq(Publication::Published));
        let select = Entity::find().filter(is_offered).order_by_asc(Column::Id);
        let offered = catalogue::Row::of(select, db.get_database_backend()).all(db).await?;
        offered.iter().map(|row| described(row, units.get(&row.service.unit_id), language())).collect()
    };
    Answer::read(&segments, "services", SERVICES, list().await)
}

fn described(row: &catalogue::Row, unit: Option<&unit::Model>, language: Language) -> Result<Value> {
    let name = name(&row.service, language);
    Ok(json!({
        "service_code": row.service.code,
        "service_name": name,
        "description": name,
        "metadata": definition::asks_anything(&row.form()?, row.service.capacity.is_some()),
        "type": "realtime",
        "keywords": "",
        "group": unit.map(|unit| name_of_unit(unit, language)),
    }))
}

pub async fn definition(app: State, segments: Segments) -> impl Responder {
    let define = async || -> Result<Value> {
        let row = find(app.db.reader(), &segments.name).await?;
        let challenge_bits = app.cases.settings.challenge_bits;
        let booking = row.service.capacity.map(|_| definition::booking(challenge_bits, language()));
        let attributes = definition::attributes(&row.form()?, booking.unwrap_or_default(), language());
        Ok(json!({ "service_code": row.service.code, "attributes": attributes }))
    };
    Answer::read(&segments, "service_definition", SERVICES, define().await)
}

/// What an e-service is called.
pub fn name(service: &Model, language: Language) -> &str {
    in_language(&service.name_th, service.name_en.as_deref(), language)
}

/// What a unit is called.
pub fn name_of_unit(unit: &unit::Model, language: Language) -> &str {
    in_language(&unit.name_th, unit.name_en.as_deref(), language)
}

/// The English name for whoever reads English, if there is one.
pub fn in_language<'a>(th: &'a str, en: Option<&'a str>, language: Language) -> &'a str {
    en.filter(|_| language == Language::English).unwrap_or(th)
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

/// The e-services that are marked so, and the units. Of what was withdrawn the requests are still shown.
pub struct Offered {
    pub services: BTreeMap<Uuid, Model>,
    pub units: HashMap<Uuid, unit::Model>,
}

impl Offered {
    /// The requests that everybody may see. Of one that became a complaint nobody learns here.
    pub fn requests(&self) -> Condition {
        use service_request::Column::{EServiceId, Status as Is};
        Condition::all().add(EServiceId.is_in(self.services.keys().copied())).add(Is.ne(Status::Converted))
    }
}

pub async fn offered(db: &impl ConnectionTrait) -> Result<Offered> {
    let services = Entity::find().filter(Column::Open311.eq(true)).all(db).await?;
    let services = services.into_iter().map(|service| (service.id, service)).collect();
    Ok(Offered { services, units: units(db).await? })
}

async fn units(db: &impl ConnectionTrait) -> Result<HashMap<Uuid, unit::Model>> {
    let units = unit::Entity::find().all(db).await?;
    Ok(units.into_iter().map(|unit| (unit.id, unit)).collect())
}
