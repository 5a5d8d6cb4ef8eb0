//! Queries and updates of answers. A row is an item with its answer: every item has one.

use std::collections::HashMap;

use entity::codes::Coded;
use entity::evidence::{Evidence as Stored, EvidenceKind};
use entity::ita_disclosure::{Column, Entity, Link, LinkList, Model, PartList, State};
use entity::{ita_item, unit};
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, Iden, IntoActiveModel,
    Iterable, JoinType, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};
use serde_json::Value;
use uuid::Uuid;

use super::dto::{ItaDisclosureFilter, ItaDisclosureInput, ItaLinkInput};
use crate::audit_log::append::Logged;
use crate::db::Write;
use crate::db::select::Selected;
use crate::domain::field_code::FieldCode;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::ita::{self, Action, ItemCode, is_same_part};
use crate::domain::text::Lines;
use crate::error::{Code, Error, FieldError, Result};
use crate::evidence::{self, EvidenceInput};
use crate::http::list::{Found, List};
use crate::ita::{gaps, items, proofs};
use crate::links;
use crate::references::{self, Referred};
use crate::revisions::{Resource, RevisionSet};
use crate::state::App;

#[derive(FromQueryResult)]
pub struct Row {
    #[sea_orm(nested)]
    pub item: ita_item::Model,
    #[sea_orm(nested(prefix = "answer_"))]
    pub answer: Model,
    #[sea_orm(nested(prefix = "unit_"))]
    pub unit: Option<Referred>,
}

impl Selected for Row {
    type Table = ita_item::Entity;

    fn joined(select: Select<ita_item::Entity>, _: DbBackend) -> Select<ita_item::Entity> {
        let answer = ita_item::Entity::belongs_to(Entity).from(ita_item::Column::Id).to(Column::Id);
        let select = Column::iter().fold(select.join(JoinType::InnerJoin, answer.into()), |select, column| {
            select.expr_as(Expr::col((Entity, column)), format!("answer_{}", column.to_string()))
        });
        references::with::<unit::Entity, _>(select, "unit_", (Entity, Column::UnitId))
    }

    fn model(&self) -> &ita_item::Model {
        &self.item
    }
}

impl Logged for Row {
    const RESOURCE: Resource = Resource::ItaDisclosures;

    fn id(&self) -> Option<Uuid> {
        self.answer.id()
    }

    fn document(&self) -> Value {
        self.answer.document()
    }
}

impl Row {
    pub fn version(&self) -> i32 {
        self.answer.version
    }

    /// The answer's version, and the revisions of what else shows in it.
    pub fn etag(&self, at: RevisionSet) -> String {
        at.etag(self.version(), &[Resource::ItaItems, Resource::Units])
    }

    /// Whether the answer says where a required part is shown.
    pub fn shows(&self, part: &str) -> bool {
        self.answer.parts.0.iter().any(|shown| is_same_part(&shown.part, part))
    }

    pub fn code(&self) -> ItemCode {
        ItemCode::stored(self.item.number)
    }
}

pub async fn list(app: &App, year: FiscalYear, list: &List<ItaDisclosureFilter>) -> Result<Found<Row>> {
    let ItaDisclosureFilter { state, unit, sort: _ } = &list.filter;
    references::check_filter::<unit::Entity>(app.db.reader(), "unit", unit.as_ref()).await?;
    let answers = Condition::all()
        .add_option(state.as_ref().map(|states| Column::State.is_in(states.iter().copied())))
        .add_option(unit.as_ref().map(|codes| Column::UnitId.in_subquery(references::ids_of::<unit::Entity>(codes))));
    let answers = Entity::find().select_only().column(Column::Id).filter(answers).into_query();
    let select = ita_item::Entity::find()
        .filter(ita_item::Column::FiscalYear.eq(year.number()))
        .filter(ita_item::Column::Id.in_subquery(answers));
    list.find(&app.db, select).await
}

/// The answers of a year, in the order of the codes of their items.
pub async fn of_year(db: &impl ConnectionTrait, year: FiscalYear) -> Result<Vec<Row>> {
    let select = ita_item::Entity::find()
        .filter(ita_item::Column::FiscalYear.eq(year.number()))
        .order_by_asc(ita_item::Column::Number);
    Ok(Row::of(select, db.get_database_backend()).all(db).await?)
}

/// The same, which nobody else changes until this write ends.
pub async fn lock_year(write: &Write, year: FiscalYear) -> Result<Vec<Row>> {
    let items = ita_item::Entity::find().select_only().column(ita_item::Column::Id);
    let items = items.filter(ita_item::Column::FiscalYear.eq(year.number())).into_query();
    let answers = Entity::find().filter(Column::Id.in_subquery(items)).order_by_asc(Column::Id);
    answers.lock_exclusive().all(write).await?;
    of_year(write, year).await
}

pub async fn find(db: &impl ConnectionTrait, place: (FiscalYear, ItemCode)) -> Result<Row> {
    let item = items::store::find(db, place).await?;
    read(db, item.id).await
}

/// An answer that nobody else changes until this write ends.
pub async fn lock(write: &Write, place: (FiscalYear, ItemCode)) -> Result<Row> {
    let item = items::store::find(write, place).await?;
    locked(write, item.id).await
}

async fn locked(write: &Write, id: Uuid) -> Result<Row> {
    Entity::find_by_id(id).lock_exclusive().one(write).await?.ok_or(Code::NotFound)?;
    read(write, id).await
}

async fn read(db: &impl ConnectionTrait, id: Uuid) -> Result<Row> {
    let row = Row::of(ita_item::Entity::find_by_id(id), db.get_database_backend()).one(db).await?;
    row.ok_or_else(|| Code::NotFound.into())
}

/// A link as evidence, and how it is found.
fn split(link: ItaLinkInput) -> (EvidenceInput, Option<String>) {
    let ItaLinkInput { title, url, file_id, steps } = link;
    (EvidenceInput { title, kind: EvidenceKind::Other, url, file_id }, steps.map(Lines::into_inner))
}

pub async fn update(write: &Write, row: Row, input: ItaDisclosureInput) -> Result<Row> {
    let before = &row.answer;
    if before.state == State::Submitted {
        return Err(illegal(&row, "แก้ไข", "change"));
    }
    let ItaDisclosureInput { disclosed, links, explanation, parts, unit, notes } = input;
    let mut errors = Vec::new();
    let unit_id = references::named(write, "/unit", unit.as_deref(), &mut errors).await?.map(|unit| unit.id);
    let (links, steps): (Vec<_>, Vec<_>) = links.into_iter().map(split).unzip();
    let is_link = |number: i32| usize::try_from(number).is_ok_and(|number| number <= links.len());
    let astray = parts.iter().enumerate().filter(|(_, part)| !is_link(part.link));
    errors.extend(astray.map(|(index, _)| FieldError::at(&format!("/parts/{index}/link"), FieldCode::UnknownLink)));
    let stored = evidence::to_store(write, "/links", &links, &mut errors).await?;
    if !errors.is_empty() {
        return Err(Error::in_body(errors));
    }
    let link = |(Stored { title, url, file, kind: _ }, steps)| Link { title, url, file, steps };
    let after = Model {
        disclosed,
        links: LinkList(stored.0.into_iter().zip(steps).map(link).collect()),
        explanation: explanation.map(Lines::into_inner),
        parts: PartList(parts.into_iter().map(Into::into).collect()),
        unit_id,
        notes: notes.map(Lines::into_inner),
        version: before.version + 1,
        updated_at: write.now,
        ..before.clone()
    };
    let text = |answer: &Model| {
        let Model { disclosed, links, explanation, parts, .. } = answer.clone();
        (disclosed, links, explanation, parts)
    };
    let is_blank = text(&after) == (None, LinkList::default(), None, PartList::default());
    let state = if text(&after) == text(before) { before.state } else { ita::after_change(is_blank) };
    save(write, row, Model { state, ..after }).await
}

/// Takes a step. The service is at `public_url`.
pub async fn transition(write: &Write, row: Row, action: Action, public_url: &str) -> Result<Row> {
    let Some(state) = ita::after(action, row.answer.state) else {
        let action = action.label();
        return Err(illegal(&row, &action.th, &action.en));
    };
    if [Action::Complete, Action::Submit].contains(&action) {
        let proof = proofs::of(write, public_url, &row.item).await?;
        let urls: Vec<&str> = row.answer.links.0.iter().map(|link| &*link.url).collect();
        gaps::check(&row, proof.as_ref(), &links::of(write, write.now, &urls).await?)?;
    }
    let after = Model { state, version: row.version() + 1, updated_at: write.now, ..row.answer.clone() };
    save(write, row, after).await
}

/// Makes an answer that was reviewed a draft again if its item, which was corrected, asks for something now that the answer lacks, and
/// did not ask for it `before`. A submitted one stays: it is what was entered into the ITA's form.
pub async fn recheck(write: &Write, before: ita_item::Model, public_url: &str) -> Result<Option<Row>> {
    let row = locked(write, before.id).await?;
    if ![State::Reviewed, State::Ready].contains(&row.answer.state) {
        return Ok(None);
    }
    let before = Row { item: before, answer: row.answer.clone(), unit: None };
    let (mut lacks, known) = (Vec::new(), HashMap::new());
    for row in [&before, &row] {
        let proof = proofs::of(write, public_url, &row.item).await?;
        let gaps = gaps::of(row, proof.as_ref(), &known).into_iter();
        lacks.push(gaps.map(|gap| (gap.kind, gap.part)).collect::<Vec<_>>());
    }
    if lacks[1].iter().all(|gap| lacks[0].contains(gap)) {
        return Ok(None);
    }
    let after =
        Model { state: State::Drafted, version: row.version() + 1, updated_at: write.now, ..row.answer.clone() };
    save(write, row, after).await.map(Some)
}

async fn save(write: &Write, row: Row, answer: Model) -> Result<Row> {
    answer.into_active_model().reset_all().update(write).await?;
    read(write, row.item.id).await
}

fn illegal(row: &Row, action_th: &str, action_en: &str) -> Error {
    let state = row.answer.state.label();
    Code::IllegalTransition.because(
        format!("คำตอบของข้อ {} อยู่ในสถานะ \"{}\" จึง{action_th}ไม่ได้", row.code(), state.th),
        format!("The answer to {} is \"{}\": \"{action_en}\" is not possible in this state.", row.code(), state.en),
    )
}
