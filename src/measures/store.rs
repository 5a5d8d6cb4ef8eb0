//! Queries and updates of measures.

use entity::evidence::EvidenceList;
use entity::measure::{ActiveModel, Column, Entity, Model};
use entity::state::Publication;
use entity::texts::Texts;
use entity::{e_service, measure_unit, unit};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromJsonQueryResult,
    FromQueryResult, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    TryIntoModel,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::dto::{Measure, MeasureFilter, MeasureInput};
use crate::audit_log::append::Logged;
use crate::audit_log::author::UnitScope;
use crate::db::select::Selected;
use crate::db::{Write, sql};
use crate::domain::field_code::{FieldCode, Violation};
use crate::domain::publication::Transition;
use crate::domain::text::{Line, Lines, searchable};
use crate::error::{Code, Error, FieldError, Result};
use crate::http::list::{Found, List};
use crate::http::record::Record;
use crate::http::several::Codes;
use crate::revisions::{Resource, RevisionSet};
use crate::state::App;
use crate::{evidence, publication, references};

/// A measure with the units that are responsible for it.
#[derive(FromQueryResult)]
pub struct Row {
    #[sea_orm(nested)]
    pub measure: Model,
    pub units: Units,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Units(pub Vec<Unit>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    pub code: String,
    /// As tables print it.
    pub name: String,
}

impl From<Vec<unit::Model>> for Units {
    fn from(units: Vec<unit::Model>) -> Self {
        let unit = |unit: unit::Model| Unit { code: unit.code, name: unit.short_name.unwrap_or(unit.name_th) };
        Self(units.into_iter().map(unit).collect())
    }
}

impl Row {
    pub fn id(&self) -> Uuid {
        self.measure.id
    }
}

impl Selected for Row {
    type Table = Entity;

    fn joined(select: Select<Entity>, backend: DbBackend) -> Select<Entity> {
        let array = match backend {
            DbBackend::Postgres => {
                "coalesce(json_agg(json_build_object('code', unit.code, 'name', coalesce(unit.short_name, unit.name_th)) \
                 ORDER BY measure_unit.position), '[]')"
            }
            _ => {
                "json_group_array(json_object('code', unit.code, 'name', coalesce(unit.short_name, unit.name_th)) \
                 ORDER BY measure_unit.position)"
            }
        };
        select.expr_as(
            Expr::cust(format!(
                "(SELECT {array} FROM measure_unit JOIN unit ON unit.id = measure_unit.unit_id \
                 WHERE measure_unit.measure_id = measure.id)"
            )),
            "units",
        )
    }

    fn model(&self) -> &Model {
        &self.measure
    }
}

impl Logged for Row {
    const RESOURCE: Resource = Resource::Measures;

    fn id(&self) -> Option<Uuid> {
        Some(self.measure.id)
    }

    fn document(&self) -> Value {
        let mut document = json!(self.measure);
        document["units"] = self.units.0.iter().map(|unit| &*unit.code).collect();
        document
    }
}

impl Record for Row {
    type Input = MeasureInput;
    type Answer = Measure;

    fn version(&self) -> i32 {
        self.measure.version
    }

    /// The record's version, and the revision of the units whose names are in it.
    fn etag(&self, at: RevisionSet) -> String {
        at.etag(self.version(), &[Resource::Units])
    }

    async fn lock(write: &Write, id: Uuid) -> Result<Self> {
        let found = Entity::find_by_id(id).filter(reached(&write.author.units)).lock_exclusive().one(write).await?;
        found.ok_or(Code::NotFound)?;
        find(write, id).await
    }

    fn in_use() -> Error {
        Code::InUse.because(
            "มีโครงการหรือมาตรการของปีถัดไปอ้างถึงมาตรการนี้ โปรดแก้ measure_id หรือ predecessor_id ก่อน แล้วจึงลบ",
            "Projects (measure_id) or measures of later years (predecessor_id) refer to this measure. Change them first.",
        )
    }

    async fn update(self, write: &Write, input: MeasureInput) -> Result<Self> {
        publication::check_progress(self.measure.publication, self.measure.status, input.status)?;
        let (id, version) = (self.id(), self.version());
        let (units, evidence) = referred(write, Some(&self.measure), &input).await?;
        let mut row = self.measure.into_active_model();
        row.version = Set(version + 1);
        let measure = filled(row, write, input, evidence).update(write).await?;
        measure_unit::Entity::delete_many().filter(measure_unit::Column::MeasureId.eq(id)).exec(write).await?;
        link(write, id, units.iter().map(|unit| unit.id)).await?;
        check_reach(write, id).await?;
        Ok(Row { measure, units: units.into() })
    }

    fn check_deletable(&self) -> Result<()> {
        publication::check_deletable(self.measure.publication)
    }
}

pub async fn list(app: &App, list: &List<MeasureFilter>, reach: &UnitScope) -> Result<Found<Row>> {
    references::check_filter::<unit::Entity>(app.db.reader(), "unit", list.filter.unit.as_ref()).await?;
    let select = Entity::find().filter(matching(&list.filter, reach));
    list.find(&app.db, select).await
}

/// The rows within a scope: those of its units.
pub fn reached(reach: &UnitScope) -> Condition {
    reach.condition(|units| {
        let of_units = measure_unit::Entity::find()
            .select_only()
            .column(measure_unit::Column::MeasureId)
            .filter(measure_unit::Column::UnitId.is_in(units));
        Column::Id.in_subquery(of_units.into_query())
    })
}

/// Whether a measure is within a scope.
pub async fn is_reached(db: &impl ConnectionTrait, id: Uuid, reach: &UnitScope) -> Result<bool> {
    match reach {
        UnitScope::Nothing => Ok(false),
        UnitScope::Units(_) => Ok(Entity::find_by_id(id).filter(reached(reach)).count(db).await? > 0),
        UnitScope::Everything => Ok(true),
    }
}

/// The rows that a filter means, for lists and counts alike.
pub fn matching(filter: &MeasureFilter, reach: &UnitScope) -> Condition {
    let MeasureFilter { fiscal_year, status, publication, unit, topic, number, updated_from, updated_to, q, sort: _ } =
        filter;
    publication::filter(Column::Publication, reached(reach), publication.as_deref())
        .add_option(fiscal_year.as_ref().map(|years| Column::FiscalYear.is_in(years.numbers())))
        .add_option(status.as_ref().map(|status| Column::Status.is_in(status.iter().copied())))
        .add_option(unit.as_ref().map(|codes| Column::AllUnits.eq(true).or(Column::Id.in_subquery(measures_of(codes)))))
        .add_option(topic.as_ref().map(|topics| Column::Topic.is_in(topics.numbers())))
        .add_option(number.as_ref().map(|numbers| Column::Number.is_in(numbers.numbers())))
        .add_option(updated_from.map(|from| Column::UpdatedAt.gte(from)))
        .add_option(updated_to.map(|to| Column::UpdatedAt.lte(to)))
        .add_option(q.as_ref().map(|text| sql::containing(Expr::col(Column::Search), text)))
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Row> {
    let row = Row::of(Entity::find_by_id(id), db.get_database_backend()).one(db).await?;
    row.ok_or_else(|| Code::NotFound.into())
}

/// Every published measure of a year, by number.
pub async fn published(db: &impl ConnectionTrait, fiscal_year: i32, states: &[Publication]) -> Result<Vec<Row>> {
    let select = Entity::find()
        .filter(Column::FiscalYear.eq(fiscal_year))
        .filter(Column::Publication.is_in(states.iter().copied()))
        .order_by_asc(Column::Number)
        .order_by_asc(Column::Id);
    Ok(Row::of(select, db.get_database_backend()).all(db).await?)
}

/// Adds a draft.
pub async fn insert(write: &Write, input: MeasureInput) -> Result<Row> {
    let id = Uuid::now_v7();
    let row = ActiveModel {
        id: Set(id),
        publication: Set(Publication::Draft),
        unpublished_reason: Set(None),
        version: Set(1),
        created_at: Set(write.now),
        ..Default::default()
    };
    let (units, evidence) = referred(write, None, &input).await?;
    let row = filled(row, write, input, evidence);
    Entity::insert(row.clone()).exec_without_returning(write).await?;
    link(write, id, units.iter().map(|unit| unit.id)).await?;
    check_reach(write, id).await?;
    Ok(Row { measure: row.try_into_model()?, units: units.into() })
}

pub async fn transition(write: &Write, row: Row, transition: Transition) -> Result<Row> {
    let to = publication::after(transition.action, row.measure.publication)?;
    let version = row.version();
    let mut measure = row.measure.into_active_model();
    measure.publication = Set(to);
    measure.unpublished_reason = Set(transition.reason.map(Lines::into_inner));
    measure.version = Set(version + 1);
    measure.updated_at = Set(write.now);
    Ok(Row { measure: measure.update(write).await?, units: row.units })
}

/// Rejects a write to records outside the author's units.
async fn check_reach(write: &Write, id: Uuid) -> Result<()> {
    if is_reached(write, id, &write.author.units).await? {
        return Ok(());
    }
    Err(FieldError::at(
        "/responsible",
        FieldCode::NotYourUnit.because("ต้องมีส่วนราชการของท่านรับผิดชอบด้วย", "must name a unit that you work for"),
    )
    .into())
}

/// The responsible units and the evidence, after every reference in `input` was found to hold.
async fn referred(
    write: &Write,
    old: Option<&Model>,
    input: &MeasureInput,
) -> Result<(Vec<unit::Model>, EvidenceList)> {
    let mut errors = Vec::new();
    let evidence = evidence::to_store(write, "/evidence", &input.evidence, &mut errors).await?;
    let units = references::all_named(write, "/responsible/units", &input.responsible.units, &mut errors).await?;
    references::check_all::<e_service::Entity>(write, "/e_services", &input.e_services, &mut errors).await?;
    let mut error = |path: &str, violation: Violation| errors.push(FieldError::at(path, violation));
    let holder = Entity::find()
        .filter(Column::FiscalYear.eq(input.fiscal_year.number()))
        .filter(Column::Number.eq(input.number))
        .filter(Column::Publication.ne(Publication::Unpublished))
        .one(write)
        .await?;
    // A withdrawn measure has given its number back.
    let holds = |old: &Model| old.publication != Publication::Unpublished;
    if holder.is_some_and(|holder| Some(holder.id) != old.map(|old| old.id)) && old.is_none_or(holds) {
        let (th, en) = ("ปีงบประมาณนี้มีมาตรการลำดับที่ดังกล่าวแล้ว", "must not be the number of another measure of this year");
        error("/number", FieldCode::AlreadyExists.because(th, en));
    }
    if let Some(predecessor) = input.predecessor_id {
        match Entity::find_by_id(predecessor).one(write).await? {
            None => error("/predecessor_id", FieldCode::UnknownMeasure.into()),
            Some(predecessor) if predecessor.fiscal_year >= input.fiscal_year.number() => {
                error("/predecessor_id", FieldCode::NotEarlier.into());
            }
            Some(_) => {}
        }
    }
    if let Some(old) = old.filter(|old| old.fiscal_year != input.fiscal_year.number()) {
        let successor = Entity::find()
            .filter(Column::PredecessorId.eq(old.id))
            .filter(Column::FiscalYear.lte(input.fiscal_year.number()));
        if successor.one(write).await?.is_some() {
            error(
                "/fiscal_year",
                FieldCode::NotEarlier.because(
                    "ต้องเป็นปีงบประมาณก่อนปีของมาตรการที่ดำเนินการต่อเนื่อง",
                    "must be before the year of its successor",
                ),
            );
        }
    }
    if errors.is_empty() { Ok((units, evidence)) } else { Err(Error::in_body(errors)) }
}

/// Makes units responsible for a measure, in this order.
async fn link(write: &Write, measure: Uuid, units: impl IntoIterator<Item = Uuid>) -> Result<()> {
    let row = |(position, unit)| measure_unit::ActiveModel {
        measure_id: Set(measure),
        unit_id: Set(unit),
        position: Set(position),
    };
    let rows: Vec<_> = (0..).zip(units).map(row).collect();
    if !rows.is_empty() {
        measure_unit::Entity::insert_many(rows).exec_without_returning(write).await?;
    }
    Ok(())
}

fn filled(mut row: ActiveModel, write: &Write, input: MeasureInput, evidence: EvidenceList) -> ActiveModel {
    let MeasureInput {
        fiscal_year,
        number,
        title,
        methods,
        responsible,
        period_text,
        starts_on,
        ends_on,
        results,
        outcomes,
        evidence: _,
        status,
        topic,
        follow_up,
        e_services,
        predecessor_id,
    } = input;
    let texts = methods.iter().chain(&results).chain(&outcomes).chain(&follow_up).map(|text| &**text);
    row.search = Set(searchable([&*title, &*period_text].into_iter().chain(texts)));
    let texts = |lines: Vec<Lines<2000>>| Texts(lines.into_iter().map(Lines::into_inner).collect());
    row.fiscal_year = Set(fiscal_year.number());
    row.number = Set(number);
    row.title = Set(title.into_inner());
    row.all_units = Set(responsible.all_units);
    row.methods = Set(texts(methods));
    row.period_text = Set(period_text.into_inner());
    row.starts_on = Set(starts_on);
    row.ends_on = Set(ends_on);
    row.results = Set(texts(results));
    row.outcomes = Set(texts(outcomes));
    row.evidence = Set(evidence);
    row.status = Set(status);
    row.topic = Set(topic);
    row.follow_up = Set(follow_up.map(Lines::into_inner));
    row.e_services = Set(Texts(e_services.into_iter().map(Line::into_inner).collect()));
    row.predecessor_id = Set(predecessor_id);
    row.updated_at = Set(write.now);
    row
}

/// Ids of the measures that the units with these codes are responsible for, as part of another query.
fn measures_of(codes: &Codes) -> sea_orm::sea_query::SelectStatement {
    Query::select()
        .column((measure_unit::Entity, measure_unit::Column::MeasureId))
        .from(measure_unit::Entity)
        .inner_join(
            unit::Entity,
            Expr::col((unit::Entity, unit::Column::Id)).equals((measure_unit::Entity, measure_unit::Column::UnitId)),
        )
        .and_where(Expr::col((unit::Entity, unit::Column::Code)).is_in(codes.texts()))
        .to_owned()
}
