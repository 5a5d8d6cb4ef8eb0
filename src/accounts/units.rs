//! The units that an account or client works for.

use entity::{subject_unit, unit};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QuerySelect, Select,
};
use uuid::Uuid;

use crate::db::Write;
use crate::domain::text::Line;
use crate::error::{Error, Result};
use crate::references;

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

/// Makes these, and no others, the units of a subject.
pub async fn link(write: &Write, subject: Uuid, codes: &[Line<50>]) -> Result<()> {
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

pub async fn ids(db: &impl ConnectionTrait, subject: Uuid) -> Result<Vec<Uuid>> {
    let links = subject_unit::Entity::find().filter(subject_unit::Column::SubjectId.eq(subject)).all(db).await?;
    Ok(links.into_iter().map(|link| link.unit_id).collect())
}

/// Whether a list names a unit twice.
pub fn twice(units: &[Line<50>]) -> bool {
    units.iter().enumerate().any(|(index, unit)| units[..index].contains(unit))
}
