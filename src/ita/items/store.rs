//! Queries and updates of items. An item and its disclosure are created and deleted together.

use std::ops::Deref;

use entity::ita_disclosure;
use entity::ita_item::{ActiveModel, Column, Entity, Model, Subject};
use entity::texts::Texts;
use sea_orm::sea_query::Condition;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Select,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::dto::{ItaItemFilter, ItaItemInput};
use crate::audit_log::append::{Event, Logged};
use crate::db::{Write, sql};
use crate::domain::field_code::FieldCode;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::ita::{self, ItemCode};
use crate::domain::text::{Line, Lines};
use crate::error::{Code, Error, FieldError, Result};
use crate::http::list::{Found, List};
use crate::ita::years;
use crate::revisions::Resource;
use crate::state::App;

impl Logged for Model {
    const RESOURCE: Resource = Resource::ItaItems;

    fn id(&self) -> Option<Uuid> {
        Some(self.id)
    }

    fn document(&self) -> Value {
        json!(self)
    }
}

impl Logged for ita_disclosure::Model {
    const RESOURCE: Resource = Resource::ItaDisclosures;

    fn id(&self) -> Option<Uuid> {
        Some(self.id)
    }

    fn document(&self) -> Value {
        json!(self)
    }
}

/// An item that was added, with its disclosure.
pub struct Added {
    pub item: Model,
    disclosure: ita_disclosure::Model,
}

impl Added {
    pub fn events(&self, action: &'static str) -> Vec<Event> {
        vec![Event::about(action, &self.item), Event::about(action, &self.disclosure)]
    }
}

pub fn etag(row: &Model) -> String {
    format!("\"{}\"", row.version)
}

pub fn address(row: &Model) -> String {
    format!("/v1/ita/{}/items/{}", row.fiscal_year, ItemCode::stored(row.number))
}

/// The year that the data of an item is of.
pub fn about_year(row: &Model) -> FiscalYear {
    FiscalYear::stored((row.fiscal_year - row.years_before).max(*FiscalYear::RANGE.start()))
}

pub async fn list(app: &App, year: FiscalYear, list: &List<ItaItemFilter>) -> Result<Found<Model>> {
    let ItaItemFilter { subject, q, sort: _ } = &list.filter;
    let matching = Condition::all()
        .add(Column::FiscalYear.eq(year.number()))
        .add_option(subject.as_ref().map(|subjects| Column::Subject.is_in(subjects.iter().copied())))
        .add_option(q.as_ref().map(|q| sql::named_like(Column::Title, q)));
    list.find(&app.db, Entity::find().filter(matching)).await
}

/// The items of a year, in the order of their codes.
pub async fn of_year(db: &impl ConnectionTrait, year: FiscalYear) -> Result<Vec<Model>> {
    let select = Entity::find().filter(Column::FiscalYear.eq(year.number())).order_by_asc(Column::Number);
    Ok(select.all(db).await?)
}

/// An item; or an error that says whether the year or the code is unknown, and which code may be meant.
pub async fn find(db: &impl ConnectionTrait, place: (FiscalYear, ItemCode)) -> Result<Model> {
    match at(place).one(db).await? {
        Some(row) => Ok(row),
        None => Err(unknown(db, place).await?),
    }
}

/// An item that nobody else changes until this write ends.
pub async fn lock(write: &Write, place: (FiscalYear, ItemCode)) -> Result<Model> {
    match at(place).lock_exclusive().one(write).await? {
        Some(row) => Ok(row),
        None => Err(unknown(write, place).await?),
    }
}

fn at((year, code): (FiscalYear, ItemCode)) -> Select<Entity> {
    Entity::find().filter(Column::FiscalYear.eq(year.number())).filter(Column::Number.eq(code.number()))
}

async fn unknown(db: &impl ConnectionTrait, (year, code): (FiscalYear, ItemCode)) -> Result<Error> {
    years::find(db, year).await?;
    let codes: Vec<ItemCode> = of_year(db, year).await?.iter().map(|row| ItemCode::stored(row.number)).collect();
    let (Some(first), Some(last)) = (codes.first(), codes.last()) else { return Ok(Code::NotFound.into()) };
    let named = if code == ItemCode::NONE { String::new() } else { format!(" {code}") };
    Ok(Code::NotFound.because(
        format!("ปีงบประมาณ {year} ไม่มีข้อ{named} รหัสของข้อมีตั้งแต่ {first} ถึง {last} ดูได้ที่ GET /v1/ita/{year}/items"),
        format!(
            "Fiscal year {year} has no item{named}. Its codes are {first} to {last}: see GET /v1/ita/{year}/items."
        ),
    ))
}

pub async fn insert(write: &Write, year: FiscalYear, input: ItaItemInput) -> Result<Added> {
    let id = Uuid::now_v7();
    let row = ActiveModel {
        id: Set(id),
        fiscal_year: Set(year.number()),
        version: Set(1),
        created_at: Set(write.now),
        ..Default::default()
    };
    let item = filled(write, row, id, year.number(), input).await?.insert(write).await?;
    let disclosure = ita_disclosure::ActiveModel {
        id: Set(id),
        state: Set(ita_disclosure::State::Open),
        disclosed: Set(None),
        links: Set(ita_disclosure::LinkList::default()),
        explanation: Set(None),
        parts: Set(ita_disclosure::PartList::default()),
        unit_id: Set(None),
        notes: Set(None),
        carried_from: Set(None),
        version: Set(1),
        updated_at: Set(write.now),
    };
    Ok(Added { item, disclosure: disclosure.insert(write).await? })
}

/// An item as it could have been sent: how many years before it is about follows its texts unless it is another number.
pub fn as_sent(row: &Model) -> ItaItemInput {
    let stated = years_stated(row.fiscal_year, row.subject, &row.conditions.0);
    ItaItemInput { years_before: Some(row.years_before).filter(|years| *years != stated), ..row.into() }
}

/// How many years before the assessment an item is about, as its subject and conditions say.
fn years_stated(fiscal_year: i32, subject: Option<Subject>, conditions: &[impl Deref<Target = str>]) -> i32 {
    // Measures have the fiscal year of the assessment to which they are reported, whatever year their results are of.
    let are_measures = matches!(subject, Some(Subject::IntegrityMeasures | Subject::IntegrityMeasuresReport));
    if are_measures { 0 } else { ita::years_before(FiscalYear::stored(fiscal_year), conditions) }
}

pub async fn update(write: &Write, row: Model, input: ItaItemInput) -> Result<Model> {
    let (id, year, version) = (row.id, row.fiscal_year, row.version);
    let mut row = row.into_active_model();
    row.version = Set(version + 1);
    Ok(filled(write, row, id, year, input).await?.update(write).await?)
}

async fn filled(
    write: &Write,
    mut row: ActiveModel,
    id: Uuid,
    fiscal_year: i32,
    input: ItaItemInput,
) -> Result<ActiveModel> {
    let ItaItemInput {
        code,
        subject,
        indicator,
        sub_indicator,
        title,
        conditions,
        required_parts,
        years_before,
        confidence,
    } = input;
    let others = Entity::find().filter(Column::FiscalYear.eq(fiscal_year)).filter(Column::Id.ne(id)).all(write).await?;
    let mut errors = Vec::new();
    if others.iter().any(|other| other.number == code.number()) {
        let (th, en) = ("ปีงบประมาณนี้มีข้อที่ใช้รหัสนี้แล้ว", "must not be the code of another item of this year");
        errors.push(FieldError::at("/code", FieldCode::AlreadyExists.because(th, en)));
    }
    if let Some(other) = others.iter().find(|other| subject.is_some() && other.subject == subject) {
        let holder = ItemCode::stored(other.number);
        let violation = FieldCode::AlreadyExists.because(
            format!("ปีงบประมาณนี้มีข้อ {holder} ในเรื่องนี้แล้ว"),
            format!("must not be the subject of another item of this year: {holder}"),
        );
        errors.push(FieldError::at("/subject", violation));
    }
    if !errors.is_empty() {
        return Err(Error::in_body(errors));
    }
    row.number = Set(code.number());
    row.subject = Set(subject);
    row.indicator = Set(indicator.into_inner());
    row.sub_indicator = Set(sub_indicator.into_inner());
    row.title = Set(title.into_inner());
    row.years_before = Set(years_before.unwrap_or_else(|| years_stated(fiscal_year, subject, &conditions)));
    row.conditions = Set(Texts(conditions.into_iter().map(Lines::into_inner).collect()));
    row.required_parts = Set(Texts(required_parts.into_iter().map(Line::into_inner).collect()));
    row.confidence = Set(confidence);
    row.updated_at = Set(write.now);
    Ok(row)
}

/// Deletes an item about which nobody has written anything.
pub async fn delete(write: &Write, row: Model) -> Result<Vec<Event>> {
    use ita_disclosure::{Column as DisclosureColumn, Entity as Disclosures, State};
    // Nobody writes the answer meanwhile.
    let answer = Disclosures::find_by_id(row.id).lock_exclusive().one(write).await?;
    let is_begun = |answer: ita_disclosure::Model| {
        answer.state != State::Open || answer.notes.is_some() || answer.unit_id.is_some()
    };
    let carried = Disclosures::find().filter(DisclosureColumn::CarriedFrom.eq(row.id));
    if answer.is_some_and(is_begun) || carried.one(write).await?.is_some() {
        return Err(Code::InUse.because(
            "ข้อนี้มีคำตอบแล้ว หรือยกคำตอบไปปีถัดไปแล้ว จึงลบไม่ได้",
            "The item has an answer, or the answer was carried into the next year.",
        ));
    }
    Disclosures::delete_by_id(row.id).exec(write).await?;
    Entity::delete_by_id(row.id).exec(write).await?;
    Ok(vec![Event::deleted(Resource::ItaDisclosures, row.id), Event::deleted(Resource::ItaItems, row.id)])
}
