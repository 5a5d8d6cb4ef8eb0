//! Queries and updates of the agency.

use chrono::{DateTime, NaiveDate, Utc};
use entity::agency::{Column, Entity, Model};
use entity::codes::Coded;
use entity::reported_figure::{self, Kind};
use entity::{audit_detail, audit_event, unit};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Select,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::dto::{AgencyInput, IntakeUnitsInput};
use crate::audit_log::append::{Detail, Logged, without_defaults};
use crate::db::Write;
use crate::db::select::Selected;
use crate::domain::coverage::RecordedFrom;
use crate::domain::field_code::FieldCode;
use crate::domain::period;
use crate::domain::text::Line;
use crate::domain::thai;
use crate::domain::working_days::bangkok_day;
use crate::error::{Code, Error, FieldError, Result};
use crate::references::{self, Referred};
use crate::revisions::{Resource, RevisionSet};

/// The agency's row.
const ID: i32 = 1;

/// The agency with what it shows of its units.
#[derive(FromQueryResult)]
pub struct Row {
    #[sea_orm(nested)]
    pub agency: Model,
    #[sea_orm(nested(prefix = "integrity_unit_"))]
    pub integrity_unit: Option<Referred>,
    #[sea_orm(nested(prefix = "general_unit_"))]
    pub general_unit: Option<Referred>,
}

impl Row {
    /// The record's version, and the revision of the units: their codes and names are in it.
    pub fn etag(&self, at: RevisionSet) -> String {
        at.etag(self.agency.version, &[Resource::Units])
    }
}

impl Selected for Row {
    type Table = Entity;

    fn joined(select: Select<Entity>, _: DbBackend) -> Select<Entity> {
        let units = [("integrity_unit_", Column::IntegrityUnitId), ("general_unit_", Column::GeneralUnitId)];
        let with = |select, (prefix, column)| references::with::<unit::Entity, _>(select, prefix, (Entity, column));
        units.into_iter().fold(select, with)
    }

    fn model(&self) -> &Model {
        &self.agency
    }
}

impl Logged for Model {
    const RESOURCE: Resource = Resource::Agency;

    fn id(&self) -> Option<Uuid> {
        None
    }

    /// Columns that were added later are left out while they have their default: older events still match.
    fn document(&self) -> Value {
        let mut document = json!(self);
        let columns = [
            ("district", self.district.is_none()),
            ("integrity_recorded_from", self.integrity_recorded_from.is_none()),
            ("general_recorded_from", self.general_recorded_from.is_none()),
            ("service_requests_recorded_from", self.service_requests_recorded_from.is_none()),
            ("first_answer_counted", self.first_answer_counted == entity::agency::DayCount::CalendarDays),
            ("integrity_unit_id", self.integrity_unit_id.is_none()),
            ("general_unit_id", self.general_unit_id.is_none()),
        ];
        without_defaults(&mut document, &columns);
        document
    }
}

pub async fn find(db: &impl ConnectionTrait) -> Result<Row> {
    let row = Row::of(Entity::find_by_id(ID), db.get_database_backend()).one(db).await?;
    row.ok_or_else(|| Code::NotFound.into())
}

/// The agency, locked until this write ends.
pub async fn lock(write: &Write) -> Result<Row> {
    Entity::find_by_id(ID).lock_exclusive().one(write).await?.ok_or(Code::NotFound)?;
    find(write).await
}

/// The days from which cases were recorded, for figures of an instant: as the agency stated it then, and still states it. Cases that are
/// entered before a statement is made are not in figures of before.
pub async fn recorded_from(db: &impl ConnectionTrait, agency: &Model, at: DateTime<Utc>) -> Result<RecordedFrom> {
    let stated = RecordedFrom::from(agency);
    if agency.updated_at <= at {
        return Ok(stated);
    }
    let events = audit_event::Entity::find()
        .filter(audit_event::Column::Resource.eq(Resource::Agency.name()))
        .filter(audit_event::Column::Hour.lte(at))
        .order_by_desc(audit_event::Column::Seq)
        .find_also_related(audit_detail::Entity);
    for (_, detail) in events.all(db).await? {
        let Some(detail) = detail else { continue };
        let Detail { at: since, document, .. } = serde_json::from_str(&detail.text).map_err(Error::internal)?;
        if let Some(document) = document.filter(|_| since <= at) {
            let day = |column: &str| document.get(column)?.as_str()?.parse().ok();
            let then = RecordedFrom {
                integrity: day("integrity_recorded_from"),
                general: day("general_recorded_from"),
                service_requests: day("service_requests_recorded_from"),
            };
            return Ok(stated.and(then));
        }
    }
    Ok(RecordedFrom::default())
}

pub async fn update(write: &Write, row: Row, mut input: AgencyInput) -> Result<Row> {
    let IntakeUnitsInput { integrity, general } = input.intake_units.take().unwrap_or_default();
    let mut errors = Vec::new();
    let integrity_unit = intake_unit(write, "/intake_units/integrity", integrity, &mut errors).await?;
    let general_unit = intake_unit(write, "/intake_units/general", general, &mut errors).await?;
    let (version, before) = (row.agency.version + 1, RecordedFrom::from(&row.agency));
    let mut agency = row.agency.into_active_model();
    let after = input.recorded_from();
    errors.extend(input.fill(&mut agency, bangkok_day(write.now)));
    for (place, kind, before, after) in [
        ("/recorded_from/integrity", Kind::Integrity, before.integrity, after.integrity),
        ("/recorded_from/general", Kind::General, before.general, after.general),
        ("/recorded_from/service_requests", Kind::ServiceRequests, before.service_requests, after.service_requests),
    ] {
        if let Some(from) = after.filter(|_| after != before) {
            errors.extend(reported_since(write, place, kind, from).await?);
        }
    }
    if !errors.is_empty() {
        return Err(Error::in_body(errors));
    }
    agency.integrity_unit_id = Set(integrity_unit);
    agency.general_unit_id = Set(general_unit);
    agency.version = Set(version);
    agency.updated_at = Set(write.now);
    agency.update(write).await?;
    find(write).await
}

/// Most periods that a fault names.
const MOST_PERIODS: usize = 10;

/// Figures that were reported of days which would be recorded here: the two would contradict each other. Nobody enters others meanwhile,
/// who locks the agency for it.
async fn reported_since(write: &Write, place: &str, kind: Kind, from: NaiveDate) -> Result<Option<FieldError>> {
    let of_kind = reported_figure::Entity::find().filter(reported_figure::Column::Kind.eq(kind));
    let of_kind = of_kind.order_by_asc(reported_figure::Column::Period).all(write).await?;
    let mut parts: Vec<_> = of_kind.iter().filter_map(|figure| period::named(&figure.period)).collect();
    parts.retain(|part| part.days.0 >= from);
    parts.dedup();
    let Some(last) = parts.iter().map(|part| part.days.0).max() else { return Ok(None) };
    let mut named: Vec<_> = parts.iter().take(MOST_PERIODS).map(|part| &*part.key).collect();
    if parts.len() > MOST_PERIODS {
        named.push("...");
    }
    let (named, kind) = (named.join(", "), kind.code());
    let reported = FieldCode::AlreadyExists.because(
        format!(
            "มีตัวเลขที่รายงานไว้ของช่วงเวลา {named} แล้ว โปรดระบุวันหลังวันที่ {} หรือลบตัวเลขเหล่านั้นก่อน \
             ดูได้ที่ GET /v1/reported-figures?kind={kind}",
            thai::date(last)
        ),
        format!(
            "must be after {last}, or the figures that were reported of {named} be deleted first; \
             GET /v1/reported-figures?kind={kind} lists them"
        ),
    );
    Ok(Some(FieldError::at(place, reported)))
}

/// The unit with a code that complaints may come to: one that exists.
async fn intake_unit(
    write: &Write,
    place: &str,
    code: Option<Line<50>>,
    errors: &mut Vec<FieldError>,
) -> Result<Option<Uuid>> {
    let Some(unit) = references::named(write, place, code.as_deref(), errors).await? else { return Ok(None) };
    // The lock keeps the unit from ending meanwhile.
    let unit = unit::Entity::find_by_id(unit.id).lock_shared().one(write).await?.filter(|unit| unit.active);
    if unit.is_none() {
        let ended = FieldCode::UnknownUnit.because("ส่วนราชการนี้ไม่มีอยู่แล้ว", "must be a unit that still exists");
        errors.push(FieldError::at(place, ended));
    }
    Ok(unit.map(|unit| unit.id))
}
