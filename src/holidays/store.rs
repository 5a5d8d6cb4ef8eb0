//! Queries and updates of holidays.

use entity::holiday::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter, QuerySelect,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::dto::{Holiday, HolidayFilter, HolidayInput};
use crate::audit_log::append::Logged;
use crate::db::{Write, sql};
use crate::domain::field_code::FieldCode;
use crate::domain::text::Line;
use crate::error::{Code, FieldError, Result};
use crate::http::list::{Found, List};
use crate::http::record::Record;
use crate::http::several::FiscalYears;
use crate::revisions::{Resource, RevisionSet};
use crate::state::App;

impl Logged for Model {
    const RESOURCE: Resource = Resource::Holidays;

    fn id(&self) -> Option<Uuid> {
        Some(self.id)
    }

    fn document(&self) -> Value {
        json!(self)
    }
}

impl Record for Model {
    type Input = HolidayInput;
    type Answer = Holiday;

    fn version(&self) -> i32 {
        self.version
    }

    /// Nothing else shows in the record.
    fn etag(&self, _: RevisionSet) -> String {
        format!("\"{}\"", self.version)
    }

    async fn lock(write: &Write, id: Uuid) -> Result<Self> {
        let row = Entity::find_by_id(id).lock_exclusive().one(write).await?;
        row.ok_or_else(|| Code::NotFound.into())
    }

    async fn update(self, write: &Write, input: HolidayInput) -> Result<Self> {
        let (id, version) = (self.id, self.version);
        let mut row = self.into_active_model();
        row.version = Set(version + 1);
        Ok(fill(write, row, id, input).await?.update(write).await?)
    }
}

pub async fn list(app: &App, list: &List<HolidayFilter>) -> Result<Found<Model>> {
    let HolidayFilter { fiscal_year, date_from, date_to, q, sort: _ } = &list.filter;
    let within = |years: &FiscalYears| {
        let spans = years.iter().map(|year| year.span());
        spans.fold(Condition::any(), |any, (first, last)| any.add(Column::Date.between(first, last)))
    };
    let condition = Condition::all()
        .add_option(fiscal_year.as_ref().map(within))
        .add_option(date_from.map(|day| Column::Date.gte(day)))
        .add_option(date_to.map(|day| Column::Date.lte(day)))
        .add_option(q.as_ref().map(|q| sql::either_named_like([Column::NameTh, Column::NameEn], q)));
    list.find::<Model>(&app.db, Entity::find().filter(condition)).await
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Model> {
    let row = Entity::find_by_id(id).one(db).await?;
    row.ok_or_else(|| Code::NotFound.into())
}

pub async fn insert(write: &Write, input: HolidayInput) -> Result<Model> {
    let id = Uuid::now_v7();
    let row = ActiveModel { id: Set(id), version: Set(1), created_at: Set(write.now), ..Default::default() };
    Ok(fill(write, row, id, input).await?.insert(write).await?)
}

async fn fill(write: &Write, mut row: ActiveModel, id: Uuid, input: HolidayInput) -> Result<ActiveModel> {
    let holder = Entity::find().filter(Column::Date.eq(input.date)).one(write).await?;
    if holder.is_some_and(|holder| holder.id != id) {
        return Err(FieldError::at(
            "/date",
            FieldCode::AlreadyExists.because(
                "วันที่นี้กำหนดเป็นวันหยุดไว้แล้ว หากมีวันหยุดหลายวันตรงกัน ให้ระบุทุกวันหยุดไว้ในชื่อเดียวกัน",
                "must not be the day of another holiday: the name of a day states all of its holidays",
            ),
        )
        .into());
    }
    row.date = Set(input.date);
    row.name_th = Set(input.name.th.into_inner());
    row.name_en = Set(input.name.en.map(Line::into_inner));
    row.updated_at = Set(write.now);
    Ok(row)
}
