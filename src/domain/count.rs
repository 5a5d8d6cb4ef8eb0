//! How many of something there are, as documents say it.

use std::borrow::Cow;

use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

/// The largest whole number that every JSON reader keeps exactly (RFC 8259, section 6).
const LARGEST: i64 = (1 << 53) - 1;

/// The schema of a number of things.
pub struct Count;

impl PartialSchema for Count {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
            .minimum(Some(0))
            .maximum(Some(LARGEST))
            .description(Some("How many there are."))
            .examples([6])
            .into()
    }
}

impl ToSchema for Count {
    fn name() -> Cow<'static, str> {
        "Count".into()
    }
}
