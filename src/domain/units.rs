//! The units that somebody works for.

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ArrayBuilder, OneOfBuilder, Type};
use utoipa::openapi::{ObjectBuilder, Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::text::Line;

/// All units, said explicitly, or those of a list. A list without any is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Units<T> {
    All,
    #[serde(untagged)]
    Some(Vec<T>),
}

impl<T> Default for Units<T> {
    fn default() -> Self {
        Units::Some(Vec::new())
    }
}

impl<T> Units<T> {
    pub fn is_none(&self) -> bool {
        matches!(self, Units::Some(units) if units.is_empty())
    }
}

impl<T: PartialEq> Units<T> {
    pub fn reach(&self, unit: &T) -> bool {
        match self {
            Units::All => true,
            Units::Some(units) => units.contains(unit),
        }
    }

    pub fn includes(&self, others: &Self) -> bool {
        match others {
            Units::All => matches!(self, Units::All),
            Units::Some(others) => others.iter().all(|unit| self.reach(unit)),
        }
    }
}

/// Units by their codes, as clients see them.
pub type UnitCodes = Units<Line<50>>;

impl PartialSchema for UnitCodes {
    fn schema() -> RefOr<Schema> {
        let all = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["all"]));
        let codes = ArrayBuilder::new().items(Ref::from_schema_name(Line::<50>::name())).max_items(Some(50));
        let described = OneOfBuilder::new().description(Some(
            "The text `all`, or a list of codes of units. With an empty list, roles and scopes that depend on units give nothing.",
        ));
        described.item(all).item(codes).into()
    }
}

impl ToSchema for UnitCodes {
    fn name() -> std::borrow::Cow<'static, str> {
        "UnitCodes".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Line::<50>::name().into(), Line::<50>::schema()));
    }
}
