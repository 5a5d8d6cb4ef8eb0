//! Queries and updates of reported figures.

use chrono::NaiveDate;
use entity::reported_figure::{ActiveModel, Column, Entity, Kind, Model};
use entity::{agency, e_service};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait,
    FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Select,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::dto::{ReportedFigure, ReportedFigureFilter, ReportedFigureInput};
use crate::audit_log::append::Logged;
use crate::cases::tallies::{GENERAL, INTEGRITY, SERVICE_REQUESTS};
use crate::db::Write;
use crate::db::select::Selected;
use crate::domain::field_code::FieldCode;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::period;
use crate::domain::thai;
use crate::domain::working_days::bangkok_day;
use crate::error::{Code, Error, FieldError, Result};
use crate::http::list::{Found, List};
use crate::http::record::Record;
use crate::http::several::Codes;
use crate::references::{self, Referred};
use crate::revisions::{Resource, RevisionSet};
use crate::state::App;

/// A figure with what it shows of its e-service.
#[derive(FromQueryResult)]
pub struct Row {
    #[sea_orm(nested)]
    pub figure: Model,
    #[sea_orm(nested(prefix = "e_service_"))]
    pub e_service: Option<Referred>,
}

impl Selected for Row {
    type Table = Entity;

    fn joined(select: Select<Entity>, _: DbBackend) -> Select<Entity> {
        references::with::<e_service::Entity, _>(select, "e_service_", (Entity, Column::EServiceId))
    }

    fn model(&self) -> &Model {
        &self.figure
    }
}

impl Logged for Row {
    const RESOURCE: Resource = Resource::ReportedFigures;

    fn id(&self) -> Option<Uuid> {
        Some(self.figure.id)
    }

    fn document(&self) -> Value {
        json!(self.figure)
    }
}

impl Record for Row {
    type Input = ReportedFigureInput;
    type Answer = ReportedFigure;

    fn version(&self) -> i32 {
        self.figure.version
    }

    /// The record's version, and the revision of the e-services whose names are in it.
    fn etag(&self, at: RevisionSet) -> String {
        at.etag(self.version(), &[Resource::EServices])
    }

    async fn lock(write: &Write, id: Uuid) -> Result<Self> {
        let found = Entity::find_by_id(id).lock_exclusive().one(write).await?;
        found.ok_or(Code::NotFound)?;
        find(write, id).await
    }

    async fn update(self, write: &Write, input: ReportedFigureInput) -> Result<Self> {
        let (id, version) = (self.figure.id, self.figure.version);
        let mut row = self.figure.into_active_model();
        row.version = Set(version + 1);
        fill(write, row, id, input).await?.update(write).await?;
        find(write, id).await
    }
}

pub async fn list(app: &App, list: &List<ReportedFigureFilter>) -> Result<Found<Row>> {
    let ReportedFigureFilter { fiscal_year, kind, e_service, sort: _ } = &list.filter;
    references::check_filter::<e_service::Entity>(app.db.reader(), "e_service", e_service.as_ref()).await?;
    let of_services = |codes: &Codes| Column::EServiceId.in_subquery(references::ids_of::<e_service::Entity>(codes));
    let condition = Condition::all()
        .add_option(fiscal_year.as_ref().map(|years| Column::FiscalYear.is_in(years.numbers())))
        .add_option(kind.as_ref().map(|kinds| Column::Kind.is_in(kinds.iter().copied())))
        .add_option(e_service.as_ref().map(of_services));
    list.find(&app.db, Entity::find().filter(condition)).await
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Row> {
    let row = Row::of(Entity::find_by_id(id), db.get_database_backend()).one(db).await?;
    row.ok_or_else(|| Code::NotFound.into())
}

/// All of some years, by period: a year comes before its parts.
pub async fn of_years(db: &impl ConnectionTrait, years: impl IntoIterator<Item = FiscalYear>) -> Result<Vec<Model>> {
    let years = years.into_iter().map(FiscalYear::number);
    let rows = Entity::find().filter(Column::FiscalYear.is_in(years)).order_by_asc(Column::Period);
    Ok(rows.all(db).await?)
}

pub async fn insert(write: &Write, input: ReportedFigureInput) -> Result<Row> {
    let id = Uuid::now_v7();
    let row = ActiveModel { id: Set(id), version: Set(1), created_at: Set(write.now), ..Default::default() };
    fill(write, row, id, input).await?.insert(write).await?;
    find(write, id).await
}

/// The day from which the cases of a kind are recorded here. It is locked: that day and what is reported of others exclude each other.
async fn recorded_from(write: &Write, kind: Kind) -> Result<Option<NaiveDate>> {
    let agency = agency::Entity::find().lock_shared().one(write).await?;
    Ok(agency.and_then(|agency| match kind {
        Kind::Integrity => agency.integrity_recorded_from,
        Kind::General => agency.general_recorded_from,
        Kind::ServiceRequests => agency.service_requests_recorded_from,
    }))
}

async fn fill(write: &Write, mut row: ActiveModel, id: Uuid, input: ReportedFigureInput) -> Result<ActiveModel> {
    let ReportedFigureInput { kind, e_service, period, total, finished_count, source_title, source_url } = input;
    let part = period::named(&period).ok_or(Code::Internal)?;
    let mut errors = Vec::new();
    if part.days.1 >= bangkok_day(write.now) {
        errors.push(FieldError::at("/period", FieldCode::NotEnded));
    } else if let Some(from) = recorded_from(write, kind).await?.filter(|from| part.days.0 >= *from) {
        let recorded = FieldCode::AlreadyExists.because(
            format!("ระบบบันทึกเรื่องของช่วงเวลานี้แล้ว โดยบันทึกตั้งแต่วันที่ {}", thai::date(from)),
            format!("must begin before {from}: from that day on all cases are recorded here"),
        );
        errors.push(FieldError::at("/period", recorded));
    }
    let code = e_service.as_deref();
    let service = references::record_named::<e_service::Entity>(write, "/e_service", code, &mut errors).await?;
    let subject = match kind {
        Kind::Integrity => INTEGRITY.to_owned(),
        Kind::General => GENERAL.to_owned(),
        Kind::ServiceRequests => format!("{SERVICE_REQUESTS}{}", e_service.as_deref().unwrap_or_default()),
    };
    let same =
        Entity::find().filter(Column::Subject.eq(&subject)).filter(Column::Period.eq(&period)).one(write).await?;
    if same.is_some_and(|same| same.id != id) {
        let taken = FieldCode::AlreadyExists
            .because("มีตัวเลขที่รายงานไว้ของช่วงเวลานี้แล้ว", "must not be a period whose figures are entered already");
        errors.push(FieldError::at("/period", taken));
    }
    if !errors.is_empty() {
        return Err(Error::in_body(errors));
    }
    row.kind = Set(kind);
    row.subject = Set(subject);
    row.e_service_id = Set(service.map(|service| service.id));
    row.fiscal_year = Set(FiscalYear::of(part.days.0).ok_or(Code::Internal)?.number());
    row.period = Set(period);
    row.total = Set(total);
    row.finished_count = Set(finished_count);
    row.source_title = Set(source_title.into_inner());
    row.source_url = Set(source_url.into_inner());
    row.updated_at = Set(write.now);
    Ok(row)
}
