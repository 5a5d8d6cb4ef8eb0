//! Filters that take several values, with commas between: codes, ids, years and numbers.

use std::ops::Deref;

use serde::Deserialize;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};
use utoipa::openapi::{KnownFormat, RefOr, Schema, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use crate::domain::code::RecordCode;
use crate::domain::fiscal_year::FiscalYear;

/// As many as a statement of the database takes without effort, and more than anybody selects.
const MOST: usize = 50;

pub type Codes = Several<RecordCode>;
pub type Ids = Several<Uuid>;
pub type FiscalYears = Several<FiscalYear>;
pub type Numbers<const MOST: i32> = Several<Number<MOST>>;

/// The values of a filter: one to [`MOST`].
#[derive(Clone, Debug, Deserialize)]
pub struct Several<T>(Vec<T>);

impl<T> Deref for Several<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl Codes {
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|code| &**code)
    }
}

impl Ids {
    pub fn ids(&self) -> impl Iterator<Item = Uuid> {
        self.iter().copied()
    }
}

impl FiscalYears {
    pub fn numbers(&self) -> impl Iterator<Item = i32> {
        self.iter().map(|year| year.number())
    }
}

/// A number from 1 to `MOST`.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Number<const MOST: i32>(i32);

impl<const MOST: i32> Numbers<MOST> {
    pub fn numbers(&self) -> impl Iterator<Item = i32> {
        self.iter().map(|number| number.0)
    }
}

/// What a filter can take several of.
pub trait Value {
    fn schema() -> RefOr<Schema>;
}

impl Value for RecordCode {
    fn schema() -> RefOr<Schema> {
        let code = ObjectBuilder::new().schema_type(Type::String).max_length(Some(Self::LONGEST));
        code.pattern(Some(Self::PATTERN)).examples(["legal"]).into()
    }
}

impl Value for Uuid {
    fn schema() -> RefOr<Schema> {
        let id = ObjectBuilder::new().schema_type(Type::String).max_length(Some(36));
        id.format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid))).into()
    }
}

impl Value for FiscalYear {
    fn schema() -> RefOr<Schema> {
        <Self as PartialSchema>::schema()
    }
}

impl<const MOST: i32> Value for Number<MOST> {
    fn schema() -> RefOr<Schema> {
        let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(MOST));
        number.format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32))).into()
    }
}

impl<T: Value> PartialSchema for Several<T> {
    fn schema() -> RefOr<Schema> {
        ArrayBuilder::new().items(T::schema()).min_items(Some(1)).max_items(Some(MOST)).into()
    }
}

impl<T: Value> ToSchema for Several<T> {}
