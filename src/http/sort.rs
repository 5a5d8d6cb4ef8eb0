//! `sort` of a list: columns by their names, a minus in front for the other direction.

use std::borrow::Cow;
use std::marker::PhantomData;

use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, EntityTrait, Order};
use serde::{Deserialize, Deserializer, de};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::cursor::Key;

/// Records whose list can be ordered: those of a table, or what is made of the rows of a table `E`.
pub trait Sortable<E: EntityTrait = Self> {
    /// What clients call its records.
    const RECORDS: &str;

    /// Columns, each with the name of the field that the JSON has it in; that of a field within an object is its path with underscores.
    const BY: &'static [(&'static str, E::Column)];
}

/// A column to order by.
pub struct Sort<R: Sortable<E>, E: EntityTrait = R> {
    column: E::Column,
    order: Order,
    records: PhantomData<R>,
}

/// The order that a client asks for, or else that of the list.
pub fn order<R: Sortable<E>, E: EntityTrait>(
    sort: Option<&[Sort<R, E>]>,
    otherwise: &[(E::Column, Order)],
) -> Vec<(E::Column, Order)> {
    let asked = |sort: &[Sort<R, E>]| sort.iter().map(|by| (by.column, by.order.clone())).collect();
    sort.map_or_else(|| otherwise.to_vec(), asked)
}

impl<'de, R: Sortable<E>, E: EntityTrait> Deserialize<'de> for Sort<R, E> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        let (name, order) = text.strip_prefix('-').map_or((&*text, Order::Asc), |name| (name, Order::Desc));
        let column = R::BY.iter().find(|(known, _)| *known == name);
        column
            .map(|(_, column)| Self { column: *column, order, records: PhantomData })
            .ok_or_else(|| de::Error::custom("is not a column to order by"))
    }
}

impl<R: Sortable<E>, E: EntityTrait> PartialSchema for Sort<R, E> {
    fn schema() -> RefOr<Schema> {
        let names = R::BY.iter().map(|(name, _)| *name);
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(format!("What {} can be ordered by.", R::RECORDS)))
            .enum_values(Some(names.flat_map(|name| [name.to_owned(), format!("-{name}")])))
            .into()
    }
}

impl<R: Sortable<E>, E: EntityTrait> ToSchema for Sort<R, E> {}

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
