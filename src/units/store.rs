//! Queries and updates of units.

use std::collections::HashMap;

use entity::agency;
use entity::unit::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait,
    FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Select,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::dto::{Unit, UnitFilter, UnitInput};
use crate::audit_log::append::{Logged, without_defaults};
use crate::db::select::Selected;
use crate::db::{Write, sql};
use crate::domain::field_code::FieldCode;
use crate::domain::name::NameInput;
use crate::domain::text::look_alike;
use crate::error::{Code, Error, FieldError, Result};
use crate::http::list::{Found, List};
use crate::http::params::IdOrCode;
use crate::http::record::Record;
use crate::references::{self, Referred, check_filter, ids_of, named};
use crate::revisions::{Resource, RevisionSet};
use crate::state::App;

/// A unit with what it shows of its parent.
#[derive(FromQueryResult)]
pub struct Row {
    #[sea_orm(nested)]
    pub unit: Model,
    #[sea_orm(nested(prefix = "parent_"))]
    pub parent: Option<Referred>,
}

impl Row {
    pub fn id(&self) -> Uuid {
        self.unit.id
    }
}

impl Selected for Row {
    type Table = Entity;

    fn joined(select: Select<Entity>, _: DbBackend) -> Select<Entity> {
        references::with::<Entity, _>(select, "parent_", (Entity, Column::ParentId))
    }

    fn model(&self) -> &Model {
        &self.unit
    }
}

impl Logged for Row {
    const RESOURCE: Resource = Resource::Units;

    fn id(&self) -> Option<Uuid> {
        Some(self.unit.id)
    }

    /// A column that was added later is left out while it has its default: older events still match.
    fn document(&self) -> Value {
        let mut document = json!(self.unit);
        without_defaults(&mut document, &[("active", self.unit.active)]);
        document
    }
}

impl Record for Row {
    type Input = UnitInput;
    type Answer = Unit;

    fn version(&self) -> i32 {
        self.unit.version
    }

    /// The record's version, and the revision of the units: the parent's code and name are in it.
    fn etag(&self, at: RevisionSet) -> String {
        at.etag(self.version(), &[Resource::Units])
    }

    async fn lock(write: &Write, id: Uuid) -> Result<Self> {
        lock_all(write).await?;
        find(write, id).await
    }

    async fn update(self, write: &Write, input: UnitInput) -> Result<Self> {
        let (id, version) = (self.id(), self.version());
        let mut row = self.unit.into_active_model();
        row.version = Set(version + 1);
        fill(write, &mut row, Some(id), input).await?;
        row.update(write).await?;
        find(write, id).await
    }
}

/// Until the end of the write no other one changes a unit.
async fn lock_all(write: &Write) -> Result<()> {
    let all = Entity::find().select_only().column(Column::Id).order_by_asc(Column::Id);
    // Keys stay, so records that refer to a unit are written meanwhile.
    all.lock(LockType::NoKeyUpdate).into_tuple::<Uuid>().all(write).await?;
    Ok(())
}

pub async fn list(app: &App, list: &List<UnitFilter>) -> Result<Found<Row>> {
    let UnitFilter { code, parent, active, q, sort: _ } = &list.filter;
    check_filter::<Entity>(app.db.reader(), "parent", parent.as_ref()).await?;
    let condition = Condition::all()
        .add_option(code.as_ref().map(|codes| Column::Code.is_in(codes.texts())))
        .add_option(parent.as_ref().map(|codes| Column::ParentId.in_subquery(ids_of::<Entity>(codes))))
        .add_option(active.map(|active| Column::Active.eq(active)))
        .add_option(q.as_ref().map(|q| sql::either_named_like([Column::NameTh, Column::NameEn], q)));
    list.find(&app.db, Entity::find().filter(condition)).await
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Row> {
    let row = Row::of(Entity::find_by_id(id), db.get_database_backend()).one(db).await?;
    row.ok_or_else(|| Code::NotFound.into())
}

pub async fn find_named(db: &impl ConnectionTrait, name: &IdOrCode) -> Result<Row> {
    let select = Entity::find().filter(name.is(Column::Id, Column::Code));
    let row = Row::of(select, db.get_database_backend()).one(db).await?;
    row.ok_or_else(|| Code::NotFound.into())
}

pub async fn insert(write: &Write, input: UnitInput) -> Result<Row> {
    lock_all(write).await?;
    let id = Uuid::now_v7();
    let mut row = ActiveModel { id: Set(id), version: Set(1), created_at: Set(write.now), ..Default::default() };
    fill(write, &mut row, None, input).await?;
    row.insert(write).await?;
    find(write, id).await
}

async fn fill(write: &Write, row: &mut ActiveModel, id: Option<Uuid>, input: UnitInput) -> Result<()> {
    let holder = Entity::find().filter(Column::Code.eq(&input.code)).one(write).await?;
    if holder.is_some_and(|holder| Some(holder.id) != id) {
        return Err(FieldError::at(
            "/code",
            FieldCode::AlreadyExists.because("มีส่วนราชการที่ใช้รหัสนี้แล้ว", "must not be the code of another unit"),
        )
        .into());
    }
    if matches!(&row.code, ActiveValue::Unchanged(code) if *code != input.code) {
        return Err(FieldError::at(
            "/code",
            FieldCode::Immutable
                .because("รหัสเปลี่ยนไม่ได้", "must not change: programs and the audit log know the unit by it"),
        )
        .into());
    }
    if let (Some(id), false) = (id, input.active) {
        refuse_intake(write, id).await?;
    }
    let parent = match &input.parent {
        Some(code) => Some(parent(write, id, code).await?),
        None => None,
    };
    let (th, en) = (input.name.th.to_string(), input.name.en.as_ref().map(ToString::to_string));
    let stays = row.parent_id == ActiveValue::Unchanged(parent)
        && row.name_th == ActiveValue::Unchanged(th)
        && row.name_en == ActiveValue::Unchanged(en)
        && row.active == ActiveValue::Unchanged(true);
    if input.active && !stays {
        refuse_lookalike(write, id, parent, &input.name).await?;
    }
    row.parent_id = Set(parent);
    row.code = Set(input.code);
    row.name_th = Set(input.name.th.into_inner());
    row.name_en = Set(input.name.en.map(|name| name.into_inner()));
    row.short_name = Set(input.short_name.map(|name| name.into_inner()));
    row.active = Set(input.active);
    row.updated_at = Set(write.now);
    Ok(())
}

/// A unit that new complaints come to does not end: nobody would look for them there.
async fn refuse_intake(write: &Write, id: Uuid) -> Result<()> {
    let agency = agency::Entity::find().one(write).await?;
    let is_named = |agency: agency::Model| [agency.integrity_unit_id, agency.general_unit_id].contains(&Some(id));
    if !agency.is_some_and(is_named) {
        return Ok(());
    }
    Err(Code::InUse.because(
        "ส่วนราชการนี้เป็นหน่วยรับเรื่องร้องเรียน โปรดกำหนดส่วนราชการอื่นใน intake_units ของเทศบาลก่อน",
        "New complaints come to this unit. Name another one in `intake_units` of the agency first.",
    ))
}

/// Of two units below one parent whose names look alike, people mean the same one. One that has ended gives its name back.
async fn refuse_lookalike(write: &Write, id: Option<Uuid>, parent: Option<Uuid>, name: &NameInput) -> Result<()> {
    let siblings = Entity::find().filter(Column::Active.eq(true)).filter(match parent {
        Some(parent) => Column::ParentId.eq(parent),
        None => Column::ParentId.is_null(),
    });
    let mut errors = Vec::new();
    for unit in siblings.all(write).await?.iter().filter(|unit| Some(unit.id) != id) {
        let th = ("/name/th", Some(&*name.th), Some(&*unit.name_th));
        let en = ("/name/en", name.en.as_deref(), unit.name_en.as_deref());
        for (field, ours, theirs) in [th, en] {
            if ours.zip(theirs).is_some_and(|(ours, theirs)| look_alike(ours, theirs)) {
                let code = &unit.code;
                let (th, en) =
                    (format!("ชื่อเหมือนกับส่วนราชการ {code}"), format!("must not look like the name of the unit {code}"));
                errors.push(FieldError::at(field, FieldCode::AlreadyExists.because(th, en)));
            }
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::in_body(errors)) }
}

/// The id of the parent, if there is such a unit and it is not below `id` itself.
async fn parent(write: &Write, id: Option<Uuid>, code: &str) -> Result<Uuid> {
    let mut errors = Vec::new();
    let parent = named(write, "/parent", Some(code), &mut errors).await?;
    let parent = parent.ok_or_else(|| Error::in_body(errors))?;
    let Some(id) = id else { return Ok(parent.id) };
    let tree = Entity::find().select_only().columns([Column::Id, Column::ParentId]);
    let tree: HashMap<Uuid, Option<Uuid>> = tree.into_tuple().all(write).await?.into_iter().collect();
    let mut above = Some(parent.id);
    // No way up is longer than there are units.
    for _ in 0..=tree.len() {
        if above == Some(id) {
            return Err(FieldError::at(
                "/parent",
                FieldCode::Circular.because("ต้นสังกัดที่เลือกอยู่ภายใต้ส่วนราชการนี้", "must not be below this unit itself"),
            )
            .into());
        }
        above = above.and_then(|unit| tree.get(&unit).copied().flatten());
    }
    Ok(parent.id)
}
