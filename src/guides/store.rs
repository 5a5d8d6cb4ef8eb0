//! Queries of guides, and their new versions.

use entity::guide::{Column, Entity, Model};
use sea_orm::sea_query::Condition;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    Select,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::dto::{GuideFilter, GuideInput};
use crate::audit_log::append::Logged;
use crate::cases::guides::current;
use crate::db::{Write, sql};
use crate::domain::field_code::FieldCode;
use crate::domain::text::{Line, Lines};
use crate::error::{Code, FieldError, Result};
use crate::http::list::{Found, List};
use crate::revisions::Resource;
use crate::state::App;

impl Logged for Model {
    const RESOURCE: Resource = Resource::Guides;

    fn id(&self) -> Option<Uuid> {
        Some(self.id)
    }

    fn document(&self) -> Value {
        json!(self)
    }
}

pub async fn list(app: &App, list: &List<GuideFilter>) -> Result<Found<Model>> {
    let GuideFilter { occasion, q, sort: _ } = &list.filter;
    let matching = Condition::all()
        .add_option(occasion.as_ref().map(|occasions| Column::Occasion.is_in(occasions.iter().copied())))
        .add_option(q.as_ref().map(|q| sql::either_named_like([Column::TitleTh, Column::TitleEn], q)));
    list.find::<Model>(&app.db, current().filter(matching)).await
}

/// The versions of a guide.
pub fn versions(code: &str, version: Option<i32>) -> Select<Entity> {
    let these =
        Condition::all().add(Column::Code.eq(code)).add_option(version.map(|version| Column::Version.eq(version)));
    Entity::find().filter(these)
}

/// The version of a guide that is in use.
pub async fn find(db: &impl ConnectionTrait, code: &str) -> Result<Model> {
    let newest = versions(code, None).order_by_desc(Column::Version).one(db).await?;
    newest.ok_or_else(|| Code::NotFound.into())
}

/// The same; no other version is added until this write ends. Of a guide whose versions change meanwhile the first stays the same row.
pub async fn lock(write: &Write, code: &str) -> Result<Model> {
    let first = versions(code, Some(1));
    first.lock_exclusive().one(write).await?.ok_or(Code::NotFound)?;
    find(write, code).await
}

/// Adds a guide.
pub async fn insert(write: &Write, input: GuideInput) -> Result<Model> {
    if versions(&input.code, None).one(write).await?.is_some() {
        let taken = FieldCode::AlreadyExists.because("มีข้อความที่ใช้รหัสนี้แล้ว", "must not be the code of another guide");
        return Err(FieldError::at("/code", taken).into());
    }
    save(write, 1, input).await
}

/// Adds the next version.
pub async fn update(write: &Write, row: &Model, input: GuideInput) -> Result<Model> {
    if row.code != input.code {
        let fixed = FieldCode::Immutable.because("รหัสเปลี่ยนไม่ได้", "must not change: addresses have it");
        return Err(FieldError::at("/code", fixed).into());
    }
    save(write, row.version + 1, input).await
}

async fn save(write: &Write, version: i32, input: GuideInput) -> Result<Model> {
    let GuideInput { code, occasion, title, text, text_en, law } = input;
    let (law, law_check) = law.map_or((None, None), |law| (law.text.map(Lines::into_inner), law.check));
    let row = Model {
        id: Uuid::now_v7(),
        code,
        version,
        occasion,
        title_th: title.th.into_inner(),
        title_en: title.en.map(Line::into_inner),
        text_th: text.into_inner(),
        text_en: text_en.map(Lines::into_inner),
        law,
        law_check,
        created_at: write.now,
    };
    Ok(row.into_active_model().reset_all().insert(write).await?)
}
