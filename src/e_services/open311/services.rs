//! E-services over Open311: the list, and the definition of each.

use std::collections::{BTreeMap, HashMap};

use actix_web::Responder;
use entity::state::Publication;
use entity::{e_service, unit};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::store as catalogue;
use super::{Answer, Segments, definition};
use crate::error::{Code, Result};
use crate::http::params::as_code;
use crate::revisions::Resource;
use crate::state::State;

const SERVICES: &[Resource] = &[Resource::EServices, Resource::Units];

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

/// The e-services that are marked so, and what units are called. Of what was withdrawn the requests are still shown.
pub struct Offered {
    pub services: BTreeMap<Uuid, e_service::Model>,
    pub units: HashMap<Uuid, String>,
}

pub async fn offered(db: &impl ConnectionTrait) -> Result<Offered> {
    let services = e_service::Entity::find().filter(e_service::Column::Open311.eq(true)).all(db).await?;
    let units = unit::Entity::find().all(db).await?;
    Ok(Offered {
        services: services.into_iter().map(|service| (service.id, service)).collect(),
        units: units.into_iter().map(|unit| (unit.id, unit.name_th)).collect(),
    })
}
