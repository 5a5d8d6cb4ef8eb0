//! Queries of closed days.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::closed_day::{Column, Entity, Model};
use entity::e_service;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, Select,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::dto::ClosedDayFilter;
use crate::audit_log::append::Logged;
use crate::db::Write;
use crate::db::select::Selected;
use crate::error::{Code, Result};
use crate::http::list::{Found, List};
use crate::references::{self, Referred, check_filter, ids_of};
use crate::revisions::{Resource, RevisionSet};
use crate::state::App;

/// A closed day never changes.
pub const VERSION: i32 = 1;

/// A closed day with the e-service that it shows.
#[derive(FromQueryResult)]
pub struct Row {
    #[sea_orm(nested)]
    pub day: Model,
    #[sea_orm(nested(prefix = "service_"))]
    pub service: Referred,
}

impl Row {
    pub fn etag(&self, at: RevisionSet) -> String {
        at.etag(VERSION, &[Resource::EServices])
    }
}

impl Selected for Row {
    type Table = Entity;

    fn joined(select: Select<Entity>, _: DbBackend) -> Select<Entity> {
        references::with::<e_service::Entity, _>(select, "service_", (Entity, Column::EServiceId))
    }

    fn model(&self) -> &Model {
        &self.day
    }
}

impl Logged for Model {
    const RESOURCE: Resource = Resource::ClosedDays;

    fn id(&self) -> Option<Uuid> {
        Some(self.id)
    }

    fn document(&self) -> Value {
        json!(self)
    }
}

pub async fn list(app: &App, list: &List<ClosedDayFilter>) -> Result<Found<Row>> {
    let ClosedDayFilter { e_service, date_from, date_to, sort: _ } = &list.filter;
    check_filter::<e_service::Entity>(app.db.reader(), "e_service", e_service.as_ref()).await?;
    let of = e_service.as_ref().map(|codes| Column::EServiceId.in_subquery(ids_of::<e_service::Entity>(codes)));
    let condition = Condition::all()
        .add_option(of)
        .add_option(date_from.map(|day| Column::Date.gte(day)))
        .add_option(date_to.map(|day| Column::Date.lte(day)));
    list.find(&app.db, Entity::find().filter(condition)).await
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Row> {
    let row = Row::of(Entity::find_by_id(id), db.get_database_backend()).one(db).await?;
    row.ok_or_else(|| Code::NotFound.into())
}

/// A closed day of an e-service of the officer's units, locked until this write ends.
pub async fn lock(write: &Write, id: Uuid) -> Result<Model> {
    let day = Entity::find_by_id(id).lock_exclusive().one(write).await?.ok_or(Code::NotFound)?;
    let service = e_service::Entity::find_by_id(day.e_service_id).one(write).await?.ok_or(Code::Internal)?;
    if write.author.units.includes(Some(service.unit_id)) { Ok(day) } else { Err(Code::NotFound.into()) }
}

/// What is closed of an e-service's days from one on.
pub async fn closed(
    db: &impl ConnectionTrait,
    service: Uuid,
    from: NaiveDate,
) -> Result<BTreeMap<NaiveDate, Vec<Model>>> {
    let days = Entity::find().filter(Column::EServiceId.eq(service)).filter(Column::Date.gte(from));
    let mut closed: BTreeMap<_, Vec<Model>> = BTreeMap::new();
    for day in days.order_by_asc(Column::Id).all(db).await? {
        closed.entry(day.date).or_default().push(day);
    }
    Ok(closed)
}
