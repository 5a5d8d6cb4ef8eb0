//! References to units by their code.

use std::collections::{HashMap, HashSet};

use entity::unit::{Column, Entity, Model};
use sea_orm::sea_query::{IntoColumnRef, Query, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::db::{Write, sql};
use crate::domain::field_code::FieldCode;
use crate::domain::text::Line;
use crate::error::{FieldError, Result};

/// The unit with the code that is given at a place of a body, if one is; an error where there is no such unit.
pub async fn named(
    write: &Write,
    place: &str,
    code: Option<&str>,
    errors: &mut Vec<FieldError>,
) -> Result<Option<Model>> {
    let Some(code) = code else { return Ok(None) };
    let found = Entity::find().filter(Column::Code.eq(code)).one(write).await?;
    if found.is_none() {
        errors.push(unknown(place));
    }
    Ok(found)
}

/// The units with the codes of a list at a place of a body, in its order; an error for each code that is not a unit's.
pub async fn all_named(
    write: &Write,
    place: &str,
    codes: &[Line<50>],
    errors: &mut Vec<FieldError>,
) -> Result<Vec<Model>> {
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    let found = Entity::find().filter(Column::Code.is_in(codes.iter().map(|code| &**code))).all(write).await?;
    let found: HashMap<&str, &Model> = found.iter().map(|unit| (&*unit.code, unit)).collect();
    let mut units = Vec::new();
    for (index, code) in codes.iter().enumerate() {
        match found.get(&**code) {
            Some(unit) => units.push((*unit).clone()),
            None => errors.push(unknown(&format!("{place}/{index}"))),
        }
    }
    Ok(units)
}

/// A unit with all that stand above and below it.
pub async fn branch(db: &impl ConnectionTrait, unit: Uuid) -> Result<HashSet<Uuid>> {
    let units = Entity::find().select_only().columns([Column::Id, Column::ParentId]);
    let parents: HashMap<Uuid, Option<Uuid>> =
        units.into_tuple::<(Uuid, Option<Uuid>)>().all(db).await?.into_iter().collect();
    let above = |unit: Uuid| std::iter::successors(Some(unit), |unit| parents.get(unit).copied().flatten());
    let below = parents.keys().copied().filter(|other| above(*other).any(|above| above == unit));
    Ok(above(unit).chain(below).collect())
}

fn unknown(place: &str) -> FieldError {
    FieldError::at(place, FieldCode::UnknownUnit)
}

/// The code of the unit that a column refers to, as part of another query.
pub fn code_of(column: impl IntoColumnRef) -> SimpleExpr {
    sql::referred(Column::Code, Column::Id, column)
}

/// The id of the unit with a code, as part of another query.
pub fn id_of(code: &str) -> SelectStatement {
    Query::select().column(Column::Id).from(Entity).and_where(Column::Code.eq(code)).to_owned()
}
