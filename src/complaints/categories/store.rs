//! Queries and updates of categories.

use entity::complaint_category::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait,
    IntoActiveModel, QueryFilter, QuerySelect,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::dto::{ComplaintCategory, ComplaintCategoryFilter, ComplaintCategoryInput};
use crate::audit_log::append::Logged;
use crate::db::{Write, sql};
use crate::domain::field_code::FieldCode;
use crate::domain::text::Line;
use crate::error::{Code, Error, FieldError, Result};
use crate::http::list::{Found, List};
use crate::http::params::IdOrCode;
use crate::http::record::Record;
use crate::revisions::{Resource, RevisionSet};
use crate::state::App;

impl Logged for Model {
    const RESOURCE: Resource = Resource::ComplaintCategories;

    fn id(&self) -> Option<Uuid> {
        Some(self.id)
    }

    fn document(&self) -> Value {
        json!(self)
    }
}

impl Record for Model {
    type Input = ComplaintCategoryInput;
    type Answer = ComplaintCategory;

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

    async fn update(self, write: &Write, input: ComplaintCategoryInput) -> Result<Self> {
        let (id, version) = (self.id, self.version);
        let mut row = self.into_active_model();
        row.version = Set(version + 1);
        Ok(fill(write, row, id, input).await?.update(write).await?)
    }
}

pub async fn list(app: &App, list: &List<ComplaintCategoryFilter>) -> Result<Found<Model>> {
    let ComplaintCategoryFilter { kind, active, q, sort: _ } = &list.filter;
    let condition = Condition::all()
        .add_option(kind.map(|kind| Column::Kind.eq(kind)))
        .add_option(active.map(|active| Column::Active.eq(active)))
        .add_option(q.as_ref().map(|q| sql::either_named_like([Column::NameTh, Column::NameEn], q)));
    list.find::<Model>(&app.db, Entity::find().filter(condition)).await
}

pub async fn find(db: &impl ConnectionTrait, name: &IdOrCode) -> Result<Model> {
    let row = Entity::find().filter(name.is(Column::Id, Column::Code)).one(db).await?;
    row.ok_or_else(|| Code::NotFound.into())
}

pub async fn insert(write: &Write, input: ComplaintCategoryInput) -> Result<Model> {
    let id = Uuid::now_v7();
    let row = ActiveModel { id: Set(id), version: Set(1), created_at: Set(write.now), ..Default::default() };
    Ok(fill(write, row, id, input).await?.insert(write).await?)
}

async fn fill(write: &Write, mut row: ActiveModel, id: Uuid, input: ComplaintCategoryInput) -> Result<ActiveModel> {
    let mut errors = Vec::new();
    let holder = Entity::find().filter(Column::Code.eq(&input.code)).one(write).await?;
    if holder.is_some_and(|holder| holder.id != id) {
        errors.push(FieldError::at(
            "/code",
            FieldCode::AlreadyExists.because("มีประเภทย่อยที่ใช้รหัสนี้แล้ว", "must not be the code of another category"),
        ));
    }
    let fixed = || {
        FieldCode::Immutable
            .because("เปลี่ยนไม่ได้ เพราะมีเรื่องร้องเรียนที่นับตามประเภทนี้แล้ว", "must not change: complaints were counted under it")
    };
    if matches!(&row.code, ActiveValue::Unchanged(code) if *code != input.code) {
        errors.push(FieldError::at("/code", fixed()));
    }
    if matches!(&row.kind, ActiveValue::Unchanged(kind) if *kind != input.kind) {
        errors.push(FieldError::at("/kind", fixed()));
    }
    if !errors.is_empty() {
        return Err(Error::in_body(errors));
    }
    row.code = Set(input.code);
    row.kind = Set(input.kind);
    row.name_th = Set(input.name.th.into_inner());
    row.name_en = Set(input.name.en.map(Line::into_inner));
    row.active = Set(input.active);
    row.updated_at = Set(write.now);
    Ok(row)
}
