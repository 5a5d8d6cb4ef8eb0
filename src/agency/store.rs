//! Queries and updates of the agency.

use entity::agency::{Column, Entity, Model};
use entity::unit;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, IntoActiveModel,
    QuerySelect, Select,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::dto::{AgencyInput, IntakeUnitsInput};
use crate::audit_log::append::{Logged, without_defaults};
use crate::db::Write;
use crate::db::select::Selected;
use crate::domain::field_code::FieldCode;
use crate::domain::text::Line;
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

pub async fn update(write: &Write, row: Row, mut input: AgencyInput) -> Result<Row> {
    let IntakeUnitsInput { integrity, general } = input.intake_units.take().unwrap_or_default();
    let mut errors = Vec::new();
    let integrity_unit = intake_unit(write, "/intake_units/integrity", integrity, &mut errors).await?;
    let general_unit = intake_unit(write, "/intake_units/general", general, &mut errors).await?;
    let version = row.agency.version + 1;
    let mut agency = row.agency.into_active_model();
    errors.extend(input.fill(&mut agency, bangkok_day(write.now)));
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
