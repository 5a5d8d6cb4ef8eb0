//! Queries and updates of frames of reports.

use entity::report::ReportSubject;
use entity::report_frame::{Column, Entity, Model};
use entity::texts::Texts;
use sea_orm::sea_query::{Condition, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Select,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::dto::{ReportFrameFilter, ReportFrameInput};
use crate::audit_log::append::Logged;
use crate::db::Write;
use crate::domain::fiscal_year::FiscalYear;
use crate::error::{Code, Result};
use crate::http::list::{Found, List};
use crate::revisions::Resource;
use crate::state::App;

impl Logged for Model {
    const RESOURCE: Resource = Resource::ReportFrames;

    fn id(&self) -> Option<Uuid> {
        Some(self.id)
    }

    fn document(&self) -> Value {
        json!(self)
    }
}

/// A frame of which nothing is set.
fn empty(year: FiscalYear, subject: ReportSubject) -> Model {
    Model {
        id: Uuid::now_v7(),
        fiscal_year: year.number(),
        subject,
        title: Texts::default(),
        opening: None,
        closing: None,
        memo: None,
        version: 0,
        created_at: Default::default(),
        updated_at: Default::default(),
    }
}

fn of(year: FiscalYear, subject: ReportSubject) -> Select<Entity> {
    Entity::find().filter(Column::FiscalYear.eq(year.number())).filter(Column::Subject.eq(subject))
}

/// The frame of a report; one of which nothing is set, where nobody has set any.
pub async fn find(db: &impl ConnectionTrait, year: FiscalYear, subject: ReportSubject) -> Result<Model> {
    Ok(of(year, subject).one(db).await?.unwrap_or_else(|| empty(year, subject)))
}

pub async fn list(app: &App, list: &List<ReportFrameFilter>) -> Result<Found<Model>> {
    let ReportFrameFilter { fiscal_year, subject, sort: _ } = &list.filter;
    let matching = Condition::all()
        .add_option(fiscal_year.as_ref().map(|years| Column::FiscalYear.is_in(years.numbers())))
        .add_option(subject.as_ref().map(|subjects| Column::Subject.is_in(subjects.iter().copied())));
    list.find::<Model>(&app.db, Entity::find().filter(matching)).await
}

/// The frame, not to be changed by anybody else until this write ends.
pub async fn lock(write: &Write, year: FiscalYear, subject: ReportSubject) -> Result<Model> {
    let mut new = empty(year, subject);
    (new.created_at, new.updated_at) = (write.now, write.now);
    let is_there = OnConflict::columns([Column::FiscalYear, Column::Subject]).do_nothing().to_owned();
    Entity::insert(new.into_active_model()).on_conflict(is_there).exec_without_returning(write).await?;
    of(year, subject).lock_exclusive().one(write).await?.ok_or_else(|| Code::Internal.into())
}

pub async fn update(write: &Write, mut row: Model, input: ReportFrameInput) -> Result<Model> {
    input.fill(&mut row)?;
    row.version += 1;
    row.updated_at = write.now;
    Ok(row.into_active_model().reset_all().update(write).await?)
}
