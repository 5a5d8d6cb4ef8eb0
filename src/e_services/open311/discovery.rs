//! Service discovery (<https://wiki.open311.org/Service_Discovery>): where the endpoints are.

use actix_web::Responder;
use chrono::{DateTime, Utc};
use entity::{agency, e_service, unit};
use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder, QuerySelect};
use serde_json::{Value, json};

use super::services::in_language;
use super::{Answer, Segments, language, time};
use crate::domain::message::{Language, Message};
use crate::error::{Code, Result};
use crate::revisions::Resource;
use crate::state::State;

const DEPENDS_ON: &[Resource] = &[Resource::Agency, Resource::EServices, Resource::Units];

pub async fn discovery(app: State, segments: Segments) -> impl Responder {
    let discover = async || -> Result<Value> {
        let (db, language) = (app.db.reader(), language());
        let agency = agency::Entity::find().one(db).await?.ok_or(Code::NotFound)?;
        let changeset = time(agency.updated_at.max(last_change(db).await?));
        let endpoint = |kind: &str, path: &str| {
            json!({
                "specification": "http://wiki.open311.org/GeoReport_v2",
                "url": format!("{}/open311/{path}", app.site.public_url),
                "changeset": changeset,
                "type": kind,
                "formats": ["text/xml", "application/json"],
            })
        };
        let key = Message::new(
            "ไม่ต้องใช้รหัส API (api_key) เว้นแต่โปรแกรมที่จะส่งข้อความเพิ่มในคำขอที่ตนส่ง",
            "No api_key is needed, but by programs that send updates of the requests that they have sent.",
        );
        Ok(json!({
            "changeset": changeset,
            "contact": contact(&agency, language),
            "key_service": key.localized(language),
            "endpoints": [endpoint("production", "v2"), endpoint("test", "test/v2")],
        }))
    };
    Answer::read(&segments, "discovery", DEPENDS_ON, discover().await)
}

/// How to reach the office.
fn contact(agency: &agency::Model, language: Language) -> String {
    let name = in_language(&agency.name_th, agency.name_en.as_deref(), language);
    let ways = [&agency.phone, &agency.email, &agency.website].into_iter().filter_map(Option::as_deref);
    std::iter::once(name).chain(ways).collect::<Vec<_>>().join(", ")
}

/// When an e-service, its form or a unit last changed: clients then read the list and the definitions again. Those that are not
/// offered count as well, since one of them may have been until then.
async fn last_change(db: &impl ConnectionTrait) -> Result<DateTime<Utc>> {
    use e_service::Column::UpdatedAt;
    let services = e_service::Entity::find().select_only().column(UpdatedAt).order_by_desc(UpdatedAt);
    let units = unit::Entity::find().select_only().column(unit::Column::UpdatedAt);
    let units = units.order_by_desc(unit::Column::UpdatedAt);
    let services: Option<DateTime<Utc>> = services.limit(1).into_tuple().one(db).await?;
    let units: Option<DateTime<Utc>> = units.limit(1).into_tuple().one(db).await?;
    Ok(services.max(units).unwrap_or_default())
}
