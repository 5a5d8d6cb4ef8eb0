//! Extractors for path and query parameters: a handler receives only valid arguments.

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{FromRequest, HttpRequest};
use entity::codes::Coded;
use entity::report::ReportSubject;
use futures_util::future::{Ready, ready};
use sea_orm::ColumnTrait;
use sea_orm::sea_query::SimpleExpr;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};
use uuid::Uuid;

use crate::domain::field_code::{FieldCode, Violation};
use crate::domain::fiscal_year::{ERA, FiscalYear};
use crate::domain::ita::ItemCode;
use crate::domain::notation;
use crate::domain::usual_holidays::CalendarYear;
use crate::error::{Code, Error, FieldError, Result};
use crate::schema::describe::year_hint;
use crate::schema::validate::QueryShape;

/// The parameters of a query, all of them known and right.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + IntoParams + 'static> FromRequest for Query<T> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let values = QueryShape::of::<T>().read(request.query_string()).map_err(Error::in_parameters);
        ready(values.and_then(Self::of))
    }
}

impl<T: DeserializeOwned> Query<T> {
    /// Takes what belongs to `T` out of values that were checked already.
    pub fn of(values: Value) -> Result<Self> {
        serde_path_to_error::deserialize(values)
            .map(Self)
            .map_err(|error| FieldError::parameter(&error.path().to_string(), FieldCode::BadFormat).into())
    }
}

/// What can stand in a path.
pub trait Segment: Sized {
    const NAME: &str;
    fn read(text: &str) -> Result<Self, Violation>;
}

impl Segment for Uuid {
    const NAME: &str = "id";

    fn read(text: &str) -> Result<Self, Violation> {
        // Of its several forms the one with hyphens (RFC 9562, section 4), as documents write it.
        let id = Uuid::try_parse(text).ok().filter(|_| text.len() == 36);
        id.ok_or_else(|| notation::violation("uuid"))
    }
}

impl Segment for FiscalYear {
    const NAME: &str = "year";

    fn read(text: &str) -> Result<Self, Violation> {
        let number = text.parse::<i64>().ok();
        let canonical = number.filter(|number| number.to_string() == text);
        canonical
            .and_then(|number| i32::try_from(number).ok())
            .and_then(|year| Self::try_from(year).ok())
            .ok_or_else(|| Violation { code: FieldCode::FiscalYearOutOfRange, message: year_hint(&number.into()) })
    }
}

impl Segment for CalendarYear {
    const NAME: &str = "calendar_year";

    fn read(text: &str) -> Result<Self, Violation> {
        let number = text.parse::<i32>().ok().filter(|number| number.to_string() == text);
        number.and_then(Self::of).ok_or_else(|| match number.and_then(|year| Self::of(year.checked_sub(ERA)?)) {
            Some(meant) => FieldCode::NotPlausible.because(
                format!("{text} เป็นปี พ.ศ. ให้ใช้ปี ค.ศ. {meant}"),
                format!("{text} is a Buddhist-era year: write the Gregorian year {meant}"),
            ),
            None => FieldCode::NotPlausible
                .because("ต้องเป็นปี ค.ศ. 1957 ถึง 2157", "must be a year of the Gregorian calendar from 1957 to 2157"),
        })
    }
}

impl Segment for ItemCode {
    const NAME: &str = "item";

    /// A code that cannot be is as unknown as one that no item has.
    fn read(text: &str) -> Result<Self, Violation> {
        Ok(text.parse().unwrap_or(Self::NONE))
    }
}

/// A code.
impl Segment for String {
    const NAME: &str = "code";

    fn read(text: &str) -> Result<Self, Violation> {
        Ok(as_code(text).to_owned())
    }
}

/// The subject of a report as addresses write it, with hyphens.
pub struct ReportSlug(Option<ReportSubject>);

impl ReportSlug {
    pub fn subject(&self) -> Result<ReportSubject> {
        self.0.ok_or_else(|| Code::NotFound.into())
    }
}

impl Segment for ReportSlug {
    const NAME: &str = "subject";

    fn read(text: &str) -> Result<Self, Violation> {
        Ok(Self(ReportSubject::of_code(&as_code(text).replace('-', "_"))))
    }
}

impl PartialSchema for ReportSlug {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).max_length(Some(50)).pattern(Some("^[a-z]+(-[a-z]+)*$")).into()
    }
}

impl ToSchema for ReportSlug {}

/// A record by its id or by its code: neither ever changes.
pub enum IdOrCode {
    Id(Uuid),
    Code(String),
}

impl IdOrCode {
    /// The row that is meant, of a table with these columns.
    pub fn is<C: ColumnTrait>(&self, id: C, code: C) -> SimpleExpr {
        match self {
            Self::Id(value) => id.eq(*value),
            Self::Code(value) => code.eq(value),
        }
    }
}

impl Segment for IdOrCode {
    const NAME: &str = "id";

    /// What looks like an id is one, although a code may look like it, too.
    fn read(text: &str) -> Result<Self, Violation> {
        Ok(Uuid::read(text).map_or_else(|_| Self::Code(as_code(text).to_owned()), Self::Id))
    }
}

impl PartialSchema for IdOrCode {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .max_length(Some(50))
            .pattern(Some("^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$"))
            .into()
    }
}

impl ToSchema for IdOrCode {}

/// A text as a code. One that cannot be is as unknown as one that is not there.
pub fn as_code(text: &str) -> &str {
    let is_code = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if is_code { text } else { "" }
}

/// The parameters of a path: one, or a tuple of several.
pub struct Path<T>(pub T);

/// What the parameters of a path are read as. The errors of all parameters are returned.
pub trait Segments: Sized {
    fn read_from(request: &HttpRequest, errors: &mut Vec<FieldError>) -> Option<Self>;
}

impl<T: Segment> Segments for T {
    fn read_from(request: &HttpRequest, errors: &mut Vec<FieldError>) -> Option<Self> {
        let text = request.match_info().get(T::NAME).unwrap_or_default();
        T::read(text).map_err(|violation| errors.push(FieldError::parameter(T::NAME, violation))).ok()
    }
}

impl<A: Segment, B: Segment> Segments for (A, B) {
    fn read_from(request: &HttpRequest, errors: &mut Vec<FieldError>) -> Option<Self> {
        let both = (A::read_from(request, errors), B::read_from(request, errors));
        both.0.zip(both.1)
    }
}

impl<T: Segments> FromRequest for Path<T> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut errors = Vec::new();
        ready(T::read_from(request, &mut errors).map(Self).ok_or_else(|| Error::in_parameters(errors)))
    }
}

/// All values of a header that is a list.
pub fn joined(headers: &HeaderMap, name: &header::HeaderName) -> Option<String> {
    let values: Vec<&str> = headers.get_all(name).filter_map(|value| value.to_str().ok()).collect();
    (!values.is_empty()).then(|| values.join(","))
}
