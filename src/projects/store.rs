//! Queries and updates of projects.

use entity::project::{ActiveModel, Column, Entity, Model};
use entity::state::Publication;
use entity::{measure, unit};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult,
    IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::dto::{Project, ProjectFilter, ProjectInput};
use crate::audit_log::append::Logged;
use crate::audit_log::author::UnitScope;
use crate::db::select::Selected;
use crate::db::{Write, sql};
use crate::domain::baht::Baht;
use crate::domain::field_code::FieldCode;
use crate::domain::publication::Transition;
use crate::domain::text::{Lines, searchable};
use crate::error::{Code, Error, FieldError, Result};
use crate::http::list::{Found, List};
use crate::http::record::Record;
use crate::references::Referred;
use crate::revisions::{Resource, RevisionSet};
use crate::state::App;
use crate::{evidence, publication, references};

/// A project with what it shows of its unit, and the title of its measure if that is published.
#[derive(FromQueryResult)]
pub struct Row {
    #[sea_orm(nested)]
    pub project: Model,
    #[sea_orm(nested(prefix = "unit_"))]
    pub unit: Option<Referred>,
    pub measure_title: Option<String>,
}

impl Row {
    pub fn id(&self) -> Uuid {
        self.project.id
    }
}

impl Selected for Row {
    type Table = Entity;

    fn joined(select: Select<Entity>, _: DbBackend) -> Select<Entity> {
        let title = Query::select()
            .column((measure::Entity, measure::Column::Title))
            .from(measure::Entity)
            .and_where(Expr::col((measure::Entity, measure::Column::Id)).equals((Entity, Column::MeasureId)))
            .and_where(measure::Column::Publication.eq(Publication::Published))
            .to_owned();
        references::with::<unit::Entity, _>(select, "unit_", (Entity, Column::UnitId))
            .expr_as(sql::value(title), "measure_title")
    }

    fn model(&self) -> &Model {
        &self.project
    }
}

impl Logged for Row {
    const RESOURCE: Resource = Resource::Projects;

    fn id(&self) -> Option<Uuid> {
        Some(self.project.id)
    }

    fn document(&self) -> Value {
        json!(self.project)
    }
}

impl Record for Row {
    type Input = ProjectInput;
    type Answer = Project;

    fn version(&self) -> i32 {
        self.project.version
    }

    /// The record's version, and the revisions of those whose names are in it.
    fn etag(&self, at: RevisionSet) -> String {
        at.etag(self.version(), &[Resource::Units, Resource::Measures])
    }

    async fn lock(write: &Write, id: Uuid) -> Result<Self> {
        let found = Entity::find_by_id(id).filter(reached(&write.author.units)).lock_exclusive().one(write).await?;
        found.ok_or(Code::NotFound)?;
        find(write, id).await
    }

    async fn update(self, write: &Write, input: ProjectInput) -> Result<Self> {
        publication::check_progress(self.project.publication, self.project.status, input.status)?;
        let (id, version) = (self.id(), self.version());
        let mut row = self.project.into_active_model();
        row.version = Set(version + 1);
        filled(row, write, input).await?.update(write).await?;
        find(write, id).await
    }

    fn check_deletable(&self) -> Result<()> {
        publication::check_deletable(self.project.publication)
    }
}

pub async fn list(app: &App, list: &List<ProjectFilter>, reach: &UnitScope) -> Result<Found<Row>> {
    references::check_filter::<unit::Entity>(app.db.reader(), "unit", list.filter.unit.as_ref()).await?;
    let select = Entity::find().filter(matching(&list.filter, reach));
    list.find(&app.db, select).await
}

/// The rows within a scope: those of its units.
pub fn reached(reach: &UnitScope) -> Condition {
    reach.condition(|units| Column::UnitId.is_in(units))
}

/// Whether a project is within a scope.
pub async fn is_reached(db: &impl ConnectionTrait, id: Uuid, reach: &UnitScope) -> Result<bool> {
    match reach {
        UnitScope::Nothing => Ok(false),
        UnitScope::Units(_) => Ok(Entity::find_by_id(id).filter(reached(reach)).count(db).await? > 0),
        UnitScope::Everything => Ok(true),
    }
}

/// The rows that a filter means, for lists and counts alike.
pub fn matching(filter: &ProjectFilter, reach: &UnitScope) -> Condition {
    let ProjectFilter {
        fiscal_year,
        status,
        publication,
        unit,
        measure_id,
        no_budget_used,
        updated_from,
        updated_to,
        q,
        sort: _,
    } = filter;
    let unit = unit.as_ref().map(|codes| Column::UnitId.in_subquery(references::ids_of::<unit::Entity>(codes)));
    publication::filter(Column::Publication, reached(reach), publication.as_deref())
        .add_option(fiscal_year.as_ref().map(|years| Column::FiscalYear.is_in(years.numbers())))
        .add_option(status.as_ref().map(|status| Column::Status.is_in(status.iter().copied())))
        .add_option(unit)
        .add_option(measure_id.as_ref().map(|ids| Column::MeasureId.is_in(ids.ids())))
        .add_option(no_budget_used.map(|unused| Column::NoBudgetUsed.eq(unused)))
        .add_option(updated_from.map(|from| Column::UpdatedAt.gte(from)))
        .add_option(updated_to.map(|to| Column::UpdatedAt.lte(to)))
        .add_option(q.as_ref().map(|text| sql::containing(Expr::col(Column::Search), text)))
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Row> {
    let row = Row::of(Entity::find_by_id(id), db.get_database_backend()).one(db).await?;
    row.ok_or_else(|| Code::NotFound.into())
}

/// Every published project of a year, in the order in which they were entered.
pub async fn published(db: &impl ConnectionTrait, fiscal_year: i32, states: &[Publication]) -> Result<Vec<Row>> {
    let select = Entity::find()
        .filter(Column::FiscalYear.eq(fiscal_year))
        .filter(Column::Publication.is_in(states.iter().copied()))
        .order_by_asc(Column::Id);
    Ok(Row::of(select, db.get_database_backend()).all(db).await?)
}

/// Projects of a year, as `FieldCode::FullYear` says: a report has all of them in memory.
const MOST: u64 = 10_000;

/// Adds a draft.
pub async fn insert(write: &Write, input: ProjectInput) -> Result<Row> {
    let row = ActiveModel {
        id: Set(Uuid::now_v7()),
        publication: Set(Publication::Draft),
        unpublished_reason: Set(None),
        version: Set(1),
        created_at: Set(write.now),
        ..Default::default()
    };
    let project = filled(row, write, input).await?.insert(write).await?;
    find(write, project.id).await
}

pub async fn transition(write: &Write, row: Row, transition: Transition) -> Result<Row> {
    let to = publication::after(transition.action, row.project.publication)?;
    let version = row.version();
    let mut project = row.project.clone().into_active_model();
    project.publication = Set(to);
    project.unpublished_reason = Set(transition.reason.map(Lines::into_inner));
    project.version = Set(version + 1);
    project.updated_at = Set(write.now);
    Ok(Row { project: project.update(write).await?, ..row })
}

async fn filled(mut row: ActiveModel, write: &Write, input: ProjectInput) -> Result<ActiveModel> {
    let ProjectInput {
        fiscal_year,
        title,
        measure_id,
        unit,
        no_budget_used,
        budget_allocated_baht,
        budget_spent_baht,
        starts_on,
        ends_on,
        result,
        problems,
        recommendations,
        evidence,
        status,
    } = input;
    let mut errors = Vec::new();
    let is_new = row.fiscal_year.try_as_ref() != Some(&fiscal_year.number());
    if is_new && Entity::find().filter(Column::FiscalYear.eq(fiscal_year.number())).count(write).await? >= MOST {
        errors.push(FieldError::at("/fiscal_year", FieldCode::FullYear));
    }
    let evidence = evidence::to_store(write, "/evidence", &evidence, &mut errors).await?;
    let unit_id = references::named(write, "/unit", unit.as_deref(), &mut errors).await?.map(|unit| unit.id);
    if errors.is_empty() && !write.author.units.includes(unit_id) {
        errors.push(FieldError::at("/unit", FieldCode::NotYourUnit));
    }
    if let Some(id) = measure_id
        && measure::Entity::find_by_id(id).one(write).await?.is_none()
    {
        errors.push(FieldError::at("/measure_id", FieldCode::UnknownMeasure));
    }
    if !errors.is_empty() {
        return Err(Error::in_body(errors));
    }
    let texts = [Some(&*title), result.as_deref(), problems.as_deref(), recommendations.as_deref()];
    row.search = Set(searchable(texts.into_iter().flatten()));
    row.fiscal_year = Set(fiscal_year.number());
    row.title = Set(title.into_inner());
    row.measure_id = Set(measure_id);
    row.unit_id = Set(unit_id);
    row.no_budget_used = Set(no_budget_used);
    row.budget_allocated = Set(budget_allocated_baht.map(Baht::satang));
    row.budget_spent = Set(budget_spent_baht.map(Baht::satang));
    row.starts_on = Set(starts_on);
    row.ends_on = Set(ends_on);
    row.result = Set(result.map(Lines::into_inner));
    row.problems = Set(problems.map(Lines::into_inner));
    row.recommendations = Set(recommendations.map(Lines::into_inner));
    row.evidence = Set(evidence);
    row.status = Set(status);
    row.updated_at = Set(write.now);
    Ok(row)
}
