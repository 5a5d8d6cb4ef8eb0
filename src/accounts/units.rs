//! The units that an account or client works for.

use entity::codes::Label;
use entity::texts::Texts;
use entity::{subject_unit, unit};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QuerySelect, Select,
};
use uuid::Uuid;

use crate::db::Write;
use crate::domain::field_code::FieldCode;
use crate::domain::rule::Rules;
use crate::domain::text::Line;
use crate::domain::units::{UnitCodes, Units};
use crate::error::{Error, Result};
use crate::http::spreadsheet::Cell;
use crate::references;
use crate::revisions::Resource;

/// Each account or client of `table` with the codes of its units as one more column.
pub fn with_units<E: EntityTrait>(select: Select<E>, table: &str, backend: DbBackend) -> Select<E> {
    let array = match backend {
        DbBackend::Postgres => "coalesce(json_agg(unit.code ORDER BY unit.code COLLATE \"C\"), '[]')",
        _ => "json_group_array(unit.code ORDER BY unit.code)",
    };
    select.expr_as(
        Expr::cust(format!(
            "(SELECT {array} FROM subject_unit JOIN unit ON unit.id = subject_unit.unit_id \
             WHERE subject_unit.subject_id = {table}.id)"
        )),
        "units",
    )
}

/// Makes these, and no others, the units of a subject. That it works for all is in its own row.
pub async fn link(write: &Write, subject: Uuid, units: &UnitCodes) -> Result<()> {
    let codes: &[_] = if let Units::Some(codes) = units { codes } else { &[] };
    let mut errors = Vec::new();
    let units = references::all_named(write, "/units", codes, &mut errors).await?;
    let row = |unit: unit::Model| subject_unit::ActiveModel { subject_id: Set(subject), unit_id: Set(unit.id) };
    let rows: Vec<_> = units.into_iter().map(row).collect();
    if !errors.is_empty() {
        return Err(Error::in_body(errors));
    }
    subject_unit::Entity::delete_many().filter(subject_unit::Column::SubjectId.eq(subject)).exec(write).await?;
    if !rows.is_empty() {
        subject_unit::Entity::insert_many(rows).exec_without_returning(write).await?;
    }
    Ok(())
}

/// The units of a subject, for its tokens.
pub async fn granted(db: &impl ConnectionTrait, subject: Uuid, all_units: bool) -> Result<Units<Uuid>> {
    if all_units {
        return Ok(Units::All);
    }
    let links = subject_unit::Entity::find().filter(subject_unit::Column::SubjectId.eq(subject)).all(db).await?;
    Ok(Units::Some(links.into_iter().map(|link| link.unit_id).collect()))
}

/// The units of a subject as clients see them.
pub fn shown(all_units: bool, codes: &Texts) -> UnitCodes {
    if all_units { Units::All } else { Units::Some(codes.0.iter().cloned().map(Line::from).collect()) }
}

/// The rules for the units of somebody whose rights depend on units, or do not.
pub fn check(rules: Rules, units: &UnitCodes, rights_depend_on_units: bool) -> Rules {
    let unused = FieldCode::NotForThis
        .because("สิทธิ์ที่ให้ไม่ขึ้นกับส่วนราชการ จึงต้องไม่ระบุ", "must be left out: none of the rights depends on units");
    let is_twice = matches!(units, Units::Some(codes) if twice(codes));
    rules.require(!is_twice, "units", FieldCode::Duplicate).require(
        units.is_none() || rights_depend_on_units,
        "units",
        unused,
    )
}

/// The units as a cell of a table.
pub fn cell(units: &UnitCodes) -> Cell {
    match units {
        Units::All => Cell::Code("all".to_owned(), Label::new("ทุกส่วนราชการ", "all units")),
        Units::Some(codes) => Cell::records(Resource::Units, codes),
    }
}

/// Whether a list has an item twice.
pub fn twice<T: PartialEq>(units: &[T]) -> bool {
    units.iter().enumerate().any(|(index, unit)| units[..index].contains(unit))
}
