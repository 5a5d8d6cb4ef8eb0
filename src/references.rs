//! References to records by their code.

use entity::unit::{Column, Entity, Model};
use sea_orm::sea_query::{IntoColumnRef, Query, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::db::{Write, sql};
use crate::error::{FieldError, Message, Result};

/// The unit with the code that is given at a place of a body, if one is; a fault where there is no such unit.
pub async fn named(
    write: &Write,
    place: &str,
    code: Option<&str>,
    faults: &mut Vec<FieldError>,
) -> Result<Option<Model>> {
    let Some(code) = code else { return Ok(None) };
    let found = Entity::find().filter(Column::Code.eq(code)).one(write).await?;
    if found.is_none() {
        let said = Message::new("ไม่มีหน่วยที่ใช้รหัสนี้", "is not the code of a unit");
        faults.push(FieldError::at(place, "unknown_unit", said));
    }
    Ok(found)
}

/// The code of the unit that a column refers to, as part of another query.
pub fn code_of(column: impl IntoColumnRef) -> SimpleExpr {
    sql::referred(Column::Code, Column::Id, column)
}

/// The id of the unit with a code, as part of another query.
pub fn id_of(code: &str) -> SelectStatement {
    Query::select().column(Column::Id).from(Entity).and_where(Column::Code.eq(code)).to_owned()
}
