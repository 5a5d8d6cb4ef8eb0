//! `sort` of a list: columns by their names, a minus in front for the other direction.

use std::borrow::Cow;

use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, EntityTrait, Order};
use serde::{Deserialize, Deserializer, de};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::cursor::Key;

/// A table whose list can be ordered.
pub trait Sortable: EntityTrait {
    /// What clients call its records.
    const RECORDS: &str;

    /// Columns, each with the name of the field that the JSON has it in; that of a field within an object is its path with underscores.
    const BY: &'static [(&'static str, Self::Column)];
}

/// A column to order by.
pub struct Sort<E: Sortable> {
    column: E::Column,
    order: Order,
}

/// The order that a client asks for, or else that of the list.
pub fn order<E: Sortable>(sort: Option<&[Sort<E>]>, otherwise: &[(E::Column, Order)]) -> Vec<(E::Column, Order)> {
    let asked = |sort: &[Sort<E>]| sort.iter().map(|by| (by.column, by.order.clone())).collect();
    sort.map_or_else(|| otherwise.to_vec(), asked)
}

impl<'de, E: Sortable> Deserialize<'de> for Sort<E> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        let (name, order) = text.strip_prefix('-').map_or((&*text, Order::Asc), |name| (name, Order::Desc));
        let column = E::BY.iter().find(|(known, _)| *known == name);
        column
            .map(|(_, column)| Self { column: *column, order })
            .ok_or_else(|| de::Error::custom("is not a column to order by"))
    }
}

impl<E: Sortable> PartialSchema for Sort<E> {
    fn schema() -> RefOr<Schema> {
        let names = E::BY.iter().map(|(name, _)| *name);
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(format!("What {} can be ordered by.", E::RECORDS)))
            .enum_values(Some(names.flat_map(|name| [name.to_owned(), format!("-{name}")])))
            .into()
    }
}

impl<E: Sortable> ToSchema for Sort<E> {}

/// The condition that a row stands after `values` in `order`, in which rows without a value are the last.
pub fn after<C: ColumnTrait>(order: &[(C, Order)], values: &[Key]) -> Condition {
    let mut any = Condition::any();
    for (index, (column, direction)) in order.iter().enumerate() {
        let mut all = Condition::all();
        for ((column, _), value) in order[..index].iter().zip(values) {
            all = all.add(match value {
                Key::Null => column.is_null(),
                value => column.eq(value.clone()),
            });
        }
        let value = match values.get(index) {
            None => break,
            Some(Key::Null) => continue,
            Some(value) => value.clone(),
        };
        let beyond: SimpleExpr = match direction {
            Order::Desc => Expr::col(column.as_column_ref()).lt(value),
            _ => Expr::col(column.as_column_ref()).gt(value),
        };
        let beyond = if column.def().is_null() { beyond.or(column.is_null()) } else { beyond };
        any = any.add(all.add(beyond));
    }
    any
}
