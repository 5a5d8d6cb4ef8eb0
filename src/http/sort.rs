//! `sort` of a list: columns by their names, a minus in front for the other direction.

use std::borrow::Cow;

use sea_orm::{EntityTrait, IdenStatic, Order};
use serde::{Deserialize, Deserializer, de};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A table whose list can be ordered.
pub trait Sortable: EntityTrait {
    /// What clients call its records.
    const RECORDS: &str;

    const BY: &'static [Self::Column];
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
        let column = E::BY.iter().copied().find(|column| column.as_str() == name);
        column.map(|column| Self { column, order }).ok_or_else(|| de::Error::custom("is not a column to order by"))
    }
}

impl<E: Sortable> PartialSchema for Sort<E> {
    fn schema() -> RefOr<Schema> {
        let names = E::BY.iter().map(|column| column.as_str());
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(format!("What {} can be ordered by.", E::RECORDS)))
            .enum_values(Some(names.flat_map(|name| [name.to_owned(), format!("-{name}")])))
            .into()
    }
}

impl<E: Sortable> ToSchema for Sort<E> {}
