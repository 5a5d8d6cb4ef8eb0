//! What handlers take from a request beside its body, parsed and checked: by the time a handler runs, its arguments are right.

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::{Ready, ready};
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::domain::fiscal_year::FiscalYear;
use crate::error::{Code, Error, Fault, Place, Result, Said};
use crate::shape::{self, QueryShape};

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
        serde_path_to_error::deserialize(values).map(Self).map_err(|error| {
            let said = Said::new("ค่าไม่ถูกต้อง", "does not have the right form");
            Error::in_parameters(vec![Fault::parameter(&error.path().to_string(), "bad_format", said)])
        })
    }
}

/// What can stand in a path.
pub trait Segment: Sized {
    const NAME: &str;
    fn read(text: &str) -> Result<Self, Said>;
}

impl Segment for Uuid {
    const NAME: &str = "id";

    fn read(text: &str) -> Result<Self, Said> {
        Uuid::try_parse(text).map_err(|_| Said::new("ต้องเป็น UUID", "must be a UUID"))
    }
}

impl Segment for FiscalYear {
    const NAME: &str = "year";

    fn read(text: &str) -> Result<Self, Said> {
        let number = text.parse::<i64>().ok();
        let canonical = number.filter(|number| number.to_string() == text);
        canonical.and_then(|number| i32::try_from(number).ok()).and_then(|year| Self::try_from(year).ok()).ok_or_else(
            || {
                let (th, en) = shape::year_hint(&number.into());
                Said::new(th, en)
            },
        )
    }
}

/// The one parameter of a path.
pub struct Path<T>(pub T);

impl<T: Segment> FromRequest for Path<T> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().get(T::NAME).unwrap_or_default();
        ready(
            T::read(text)
                .map(Self)
                .map_err(|said| Error::in_parameters(vec![Fault::parameter(T::NAME, "bad_format", said)])),
        )
    }
}

/// The versions of a record that a change may be made to, from `If-Match` (RFC 9110, section 13.1.1).
pub enum IfMatch {
    Any,
    Versions(Vec<i32>),
}

impl IfMatch {
    /// Refuses a change of a record that is no longer as the client has read it.
    pub fn check(&self, version: i32) -> Result<()> {
        match self {
            Self::Any => Ok(()),
            Self::Versions(versions) if versions.contains(&version) => Ok(()),
            Self::Versions(_) => Err(Code::PreconditionFailed.into()),
        }
    }
}

impl IfMatch {
    fn of(request: &HttpRequest) -> Result<Option<Self>> {
        Ok(entity_tags(request.headers(), &header::IF_MATCH)?.map(|tags| match &*tags {
            "*" => Self::Any,
            tags => Self::Versions(tags.split(',').filter_map(version_of).collect()),
        }))
    }
}

impl FromRequest for IfMatch {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request).and_then(|given| given.ok_or(Code::PreconditionRequired.into())))
    }
}

/// The same where it may be left out. An `Option` of actix would take one that cannot be read for none.
pub struct OptionalIfMatch(Option<IfMatch>);

impl OptionalIfMatch {
    pub fn check(&self, version: i32) -> Result<()> {
        self.0.as_ref().map_or(Ok(()), |given| given.check(version))
    }
}

impl FromRequest for OptionalIfMatch {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(IfMatch::of(request).map(Self))
    }
}

/// What `If-Match` and `If-None-Match` can be (RFC 9110, section 13.1): `*`, or entity tags with commas between.
pub const ENTITY_TAGS: &str = r#"^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$"#;
pub const LONGEST_TAGS: usize = 1000;

/// The value of such a header, if it is there. A tag without its quotes is an error, not one that never matches.
pub fn entity_tags(headers: &HeaderMap, name: &header::HeaderName) -> Result<Option<String>> {
    let Some(tags) = joined(headers, name) else { return Ok(None) };
    if tags == "*" || (tags.len() <= LONGEST_TAGS && are_tags(&tags)) {
        return Ok(Some(tags));
    }
    let said = Said::new(
        "ต้องเป็น ETag ตามที่ได้รับ รวมเครื่องหมายคำพูด หรือ *",
        "must be an ETag as it was received, with its quotes, or *",
    );
    let name = if name == header::IF_MATCH { "If-Match" } else { "If-None-Match" };
    Err(Error::in_parameters(vec![Fault { place: Place::Header(name), code: "bad_format", said }]))
}

fn are_tags(tags: &str) -> bool {
    tags.split(',').all(|tag| {
        let tag = tag.trim_matches(' ');
        let tag = tag.strip_prefix("W/").unwrap_or(tag);
        let inner = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
        inner.is_some_and(|inner| inner.bytes().all(|b| b.is_ascii_graphic() && b != b'"'))
    })
}

/// All values of a header that is a list.
pub fn joined(headers: &HeaderMap, name: &header::HeaderName) -> Option<String> {
    let values: Vec<&str> = headers.get_all(name).filter_map(|value| value.to_str().ok()).collect();
    (!values.is_empty()).then(|| values.join(","))
}

/// The record's version stands first in its ETag. Weak tags never match here.
fn version_of(tag: &str) -> Option<i32> {
    let tag = tag.trim().strip_prefix('"')?.strip_suffix('"')?;
    tag.split(['.', '-']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_number_in_front_of_the_etag() {
        for (tag, version) in [
            ("\"3\"", Some(3)),
            (" \"3.5\" ", Some(3)),
            ("\"3.5-gzip\"", Some(3)),
            ("\"3-br\"", Some(3)),
            ("W/\"3\"", None),
            ("3", None),
            ("\"\"", None),
        ] {
            assert_eq!(version_of(tag), version, "{tag}");
        }
    }
}
