//! Queries and updates of e-services.

use entity::e_service::{ActiveModel, Column, Entity, Model};
use entity::state::Publication;
use entity::texts::Texts;
use entity::{e_service_form, unit};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Select,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::dto::{EServiceFilter, EServiceInput};
use super::form;
use crate::audit_log::append::{Event, Logged};
use crate::db::select::Selected;
use crate::db::{Write, sql};
use crate::domain::baht::Baht;
use crate::domain::field_code::FieldCode;
use crate::domain::publication::Transition;
use crate::domain::text::{Line, Lines, WebAddress};
use crate::error::{Code, Error, FieldError, Result};
use crate::http::list::{Found, List};
use crate::references::Referred;
use crate::revisions::{Resource, RevisionSet};
use crate::state::App;
use crate::{publication, references};

/// An e-service with what it shows of its unit, and its form.
#[derive(FromQueryResult)]
pub struct Row {
    #[sea_orm(nested)]
    pub service: Model,
    #[sea_orm(nested(prefix = "unit_"))]
    pub unit: Referred,
    form_schema: String,
}

impl Row {
    pub fn version(&self) -> i32 {
        self.service.version
    }

    /// The record's version, and the revision of the units whose codes and names are in it.
    pub fn etag(&self, at: RevisionSet) -> String {
        at.etag(self.version(), &[Resource::Units])
    }

    pub fn form(&self) -> Result<Value> {
        serde_json::from_str(&self.form_schema).map_err(Error::internal)
    }
}

impl Selected for Row {
    type Table = Entity;

    fn joined(select: Select<Entity>, _: DbBackend) -> Select<Entity> {
        use e_service_form::{Column as FormColumn, Entity as FormEntity};
        let form = Query::select()
            .column((FormEntity, FormColumn::Schema))
            .from(FormEntity)
            .and_where(Expr::col((FormEntity, FormColumn::EServiceId)).equals((Entity, Column::Id)))
            .and_where(Expr::col((FormEntity, FormColumn::Version)).equals((Entity, Column::FormVersion)))
            .to_owned();
        references::with::<unit::Entity, _>(select, "unit_", (Entity, Column::UnitId))
            .expr_as(sql::value(form), "form_schema")
    }

    fn model(&self) -> &Model {
        &self.service
    }
}

impl Logged for Row {
    const RESOURCE: Resource = Resource::EServices;

    fn id(&self) -> Option<Uuid> {
        Some(self.service.id)
    }

    fn document(&self) -> Value {
        json!(self.service)
    }
}

impl Logged for e_service_form::Model {
    const RESOURCE: Resource = Resource::EServiceForms;

    fn id(&self) -> Option<Uuid> {
        Some(self.id)
    }

    fn document(&self) -> Value {
        json!(self)
    }
}

pub async fn list(app: &App, list: &List<EServiceFilter>) -> Result<Found<Row>> {
    let EServiceFilter { unit, takes_location, open311, publication, updated_from, updated_to, q, sort: _ } =
        &list.filter;
    references::check_filter::<unit::Entity>(app.db.reader(), "unit", unit.as_ref()).await?;
    let states = publication.as_deref().unwrap_or(&[Publication::Published]);
    let matching = Condition::all()
        .add(Column::Publication.is_in(states.iter().copied()))
        .add_option(unit.as_ref().map(|codes| Column::UnitId.in_subquery(references::ids_of::<unit::Entity>(codes))))
        .add_option(takes_location.map(|takes_location| Column::TakesLocation.eq(takes_location)))
        .add_option(open311.map(|open311| Column::Open311.eq(open311)))
        .add_option(updated_from.map(|from| Column::UpdatedAt.gte(from)))
        .add_option(updated_to.map(|to| Column::UpdatedAt.lte(to)))
        .add_option(q.as_ref().map(|q| sql::either_named_like([Column::NameTh, Column::NameEn], q)));
    list.find(&app.db, Entity::find().filter(matching)).await
}

/// Every e-service that is offered, by code.
pub async fn offered(db: &impl ConnectionTrait) -> Result<Vec<Row>> {
    let select = Entity::find().filter(Column::Publication.eq(Publication::Published)).order_by_asc(Column::Code);
    Ok(Row::of(select, db.get_database_backend()).all(db).await?)
}

pub async fn find(db: &impl ConnectionTrait, code: &str) -> Result<Row> {
    let row = Row::of(Entity::find().filter(Column::Code.eq(code)), db.get_database_backend()).one(db).await?;
    row.ok_or_else(|| Code::NotFound.into())
}

/// The e-service, not to be changed by anybody else until this write ends. Editors of some units write those of their units.
pub async fn lock(write: &Write, code: &str) -> Result<Row> {
    let reached = write.author.units.condition(|units| Column::UnitId.is_in(units));
    let select = Entity::find().filter(Column::Code.eq(code)).filter(reached);
    select.lock_exclusive().one(write).await?.ok_or(Code::NotFound)?;
    find(write, code).await
}

/// Versions of the form of an e-service.
pub fn forms(service: Uuid, version: Option<i32>) -> Select<e_service_form::Entity> {
    let select = e_service_form::Entity::find().filter(e_service_form::Column::EServiceId.eq(service));
    version.into_iter().fold(select, |select, version| select.filter(e_service_form::Column::Version.eq(version)))
}

/// An e-service that was written, and the form where that is a new version.
pub struct Saved {
    pub row: Row,
    form: Option<e_service_form::Model>,
}

impl Saved {
    /// The audit events.
    pub fn events(&self, action: &'static str) -> Vec<Event> {
        let form = self.form.iter().map(|form| Event::about(action, form));
        form.chain([Event::about(action, &self.row)]).collect()
    }
}

/// Adds an e-service, which is offered at once, with the first version of its form.
pub async fn insert(write: &Write, input: EServiceInput) -> Result<Saved> {
    let new = ActiveModel {
        id: Set(Uuid::now_v7()),
        publication: Set(Publication::Published),
        unpublished_reason: Set(None),
        version: Set(1),
        created_at: Set(write.now),
        ..Default::default()
    };
    save(write, None, new, input).await
}

pub async fn update(write: &Write, row: Row, input: EServiceInput) -> Result<Saved> {
    let mut changed = row.service.clone().into_active_model();
    changed.version = Set(row.version() + 1);
    save(write, Some(&row), changed, input).await
}

/// The unit of an e-service, or all errors of the input.
async fn check(write: &Write, old: Option<&Row>, input: &EServiceInput) -> Result<unit::Model> {
    let errors = form::judge(&input.form_schema).into_iter();
    let mut errors: Vec<FieldError> = errors.map(|error| error.below("/form_schema")).collect();
    let unit = references::named(write, "/unit", Some(&input.unit), &mut errors).await?;
    if unit.as_ref().is_some_and(|unit| !write.author.units.includes(Some(unit.id))) {
        errors.push(FieldError::at("/unit", FieldCode::NotYourUnit));
    }
    if old.is_some_and(|old| old.service.code != input.code) {
        errors.push(FieldError::at(
            "/code",
            FieldCode::Immutable.because("รหัสเปลี่ยนไม่ได้", "must not change: addresses and requests have it"),
        ));
    }
    let is_taken = old.is_none() && Entity::find().filter(Column::Code.eq(&input.code)).one(write).await?.is_some();
    if is_taken {
        errors.push(FieldError::at(
            "/code",
            FieldCode::AlreadyExists.because("มีบริการที่ใช้รหัสนี้แล้ว", "must not be the code of another e-service"),
        ));
    }
    unit.filter(|_| errors.is_empty()).ok_or_else(|| Error::in_body(errors))
}

/// Writes an e-service and, where its form is another one, a new version of that.
async fn save(write: &Write, old: Option<&Row>, mut row: ActiveModel, input: EServiceInput) -> Result<Saved> {
    let unit = check(write, old, &input).await?;
    let EServiceInput {
        code,
        name,
        unit: _,
        legal_basis,
        papers,
        steps,
        fee_baht,
        working_days,
        capacity,
        channel_url,
        takes_location,
        open311,
        form_schema,
    } = input;
    let schema = form_schema.to_string();
    let is_new_form = old.is_none_or(|old| old.form_schema != schema);
    let version = old.map_or(0, |old| old.service.form_version) + i32::from(is_new_form);
    row.code = Set(code);
    row.name_th = Set(name.th.into_inner());
    row.name_en = Set(name.en.map(Line::into_inner));
    row.unit_id = Set(unit.id);
    row.legal_basis = Set(legal_basis.map(Lines::into_inner));
    row.papers = Set(Texts(papers.into_iter().map(Line::into_inner).collect()));
    row.steps = Set(Texts(steps.into_iter().map(Lines::into_inner).collect()));
    row.fee = Set(fee_baht.map(Baht::satang));
    row.working_days = Set(working_days);
    row.capacity = Set(capacity);
    row.channel_url = Set(channel_url.map(WebAddress::into_inner));
    row.takes_location = Set(takes_location);
    row.open311 = Set(open311);
    row.form_version = Set(version);
    row.updated_at = Set(write.now);
    let saved = if old.is_none() { row.insert(write).await? } else { row.update(write).await? };
    let form = e_service_form::Model {
        id: Uuid::now_v7(),
        e_service_id: saved.id,
        version,
        schema: schema.clone(),
        created_at: write.now,
    };
    let form = Some(form).filter(|_| is_new_form);
    if let Some(form) = form.clone().map(e_service_form::ActiveModel::from) {
        e_service_form::Entity::insert(form).exec_without_returning(write).await?;
    }
    Ok(Saved { row: Row { service: saved, unit: unit.into(), form_schema: schema }, form })
}

/// Offers it no longer, or again.
pub async fn transition(write: &Write, row: Row, transition: Transition) -> Result<Row> {
    let to = publication::after(transition.action, row.service.publication)?;
    let version = row.version();
    let mut service = row.service.into_active_model();
    service.publication = Set(to);
    service.unpublished_reason = Set(transition.reason.map(Lines::into_inner));
    service.version = Set(version + 1);
    service.updated_at = Set(write.now);
    Ok(Row { service: service.update(write).await?, ..row })
}
