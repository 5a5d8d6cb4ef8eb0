//! ETags, and conditional requests: what `If-Match` and `If-None-Match` say (RFC 9110, section 13.1).

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::{FromRequest, HttpRequest};
use data_encoding::HEXLOWER;
use futures_util::future::{Ready, ready};
use serde::Serialize;

use crate::domain::merkle::{Hash, sha256};
use crate::domain::notation;
use crate::error::{Code, Error, FieldError, Result};

/// The versions of a record that a change may be made to, from `If-Match`.
#[derive(Clone)]
pub enum IfMatch {
    Any,
    Versions(Vec<i32>),
}

impl IfMatch {
    fn of(request: &HttpRequest) -> Result<Option<Self>> {
        Ok(entity_tags(request.headers(), &header::IF_MATCH)?.map(|tags| match tags {
            EntityTags::Any => Self::Any,
            EntityTags::These(tags) => Self::Versions(tags.iter().filter_map(|tag| version_of(tag)).collect()),
        }))
    }

    /// Rejects a change if the record has changed since the client read it.
    pub fn check(&self, version: i32) -> Result<()> {
        match self {
            Self::Any => Ok(()),
            Self::Versions(versions) if versions.contains(&version) => Ok(()),
            Self::Versions(_) => Err(Code::PreconditionFailed.into()),
        }
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
#[derive(Clone)]
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

/// What such a header names.
#[derive(Debug, PartialEq)]
pub enum EntityTags {
    Any,
    /// With their quotes, and `W/` before those that are weak.
    These(Vec<String>),
}

impl EntityTags {
    /// The ETag that `If-None-Match` names a state by, if it does: itself, or that of the same answer compressed. The comparison is
    /// the weak one of RFC 9110, section 8.8.3.2.
    pub fn matching(&self, etag: &HeaderValue) -> Option<HeaderValue> {
        let EntityTags::These(known) = self else { return Some(etag.clone()) };
        let state = etag.to_str().ok()?.trim_end_matches('"');
        let names = |tag: &&str| {
            let rest = tag.strip_prefix(state);
            rest.is_some_and(|rest| ["\"", "-gzip\"", "-br\"", "-deflate\""].contains(&rest))
        };
        let tag = known.iter().map(|tag| tag.trim_start_matches("W/")).find(names)?;
        HeaderValue::from_str(tag).ok()
    }
}

/// Its form: `*`, or entity tags (section 8.8.3) with commas between; a list may have empty elements (section 5.6.1).
pub const ENTITY_TAGS: &str = r#"^[ \t]*(\*|(,[ \t]*)*(W/)?"[!#-~]*"([ \t]*,([ \t]*(W/)?"[!#-~]*")?)*)[ \t]*$"#;
pub const LONGEST_TAGS: usize = 1000;

const BLANKS: [char; 2] = [' ', '\t'];

/// The value of such a header, if it is there. A tag without its quotes is an error, not one that never matches.
pub fn entity_tags(headers: &HeaderMap, name: &'static header::HeaderName) -> Result<Option<EntityTags>> {
    if !headers.contains_key(name) {
        return Ok(None);
    }
    let values: Option<Vec<&str>> = headers.get_all(name).map(|value| value.to_str().ok()).collect();
    let text = values.map(|values| values.join(",")).filter(|text| text.len() <= LONGEST_TAGS);
    let tags =
        text.and_then(|text| if text.trim_matches(BLANKS) == "*" { Some(EntityTags::Any) } else { split_tags(&text) });
    tags.map(Some).ok_or_else(|| {
        let name = if name == header::IF_MATCH { "If-Match" } else { "If-None-Match" };
        FieldError::header(name, notation::violation(name)).into()
    })
}

/// A comma may stand within the quotes of a tag, and nothing between two commas.
fn split_tags(text: &str) -> Option<EntityTags> {
    let mut tags = Vec::new();
    let mut rest = text;
    loop {
        let tag = rest.trim_start_matches([' ', '\t', ',']);
        if tag.is_empty() {
            return (!tags.is_empty()).then_some(EntityTags::These(tags));
        }
        let opened = tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"')?;
        let (inner, after) = opened.split_once('"')?;
        if !inner.bytes().all(|b| b.is_ascii_graphic()) {
            return None;
        }
        tags.push(tag[..tag.len() - after.len()].to_owned());
        rest = after.trim_start_matches(BLANKS);
        if !rest.is_empty() && !rest.starts_with(',') {
            return None;
        }
    }
}

/// The record's version stands first in its ETag. A weak tag is as good: proxies that compress an answer weaken ours on its way
/// out, and the version that it names is the same. (RFC 9110, section 13.1.1, asks for strong ones since others may name no version.)
fn version_of(tag: &str) -> Option<i32> {
    let tag = tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"')?.strip_suffix('"')?;
    tag.split(['.', '-']).next()?.parse().ok()
}

/// An ETag of the content alone.
pub fn content_tag(body: &[u8]) -> String {
    digest_tag(sha256(&[body]))
}

/// The same of content with this SHA-256.
pub fn digest_tag(sha256: Hash) -> String {
    format!("\"h{}\"", shortened(sha256))
}

/// The ETag of a record: its version, which is what `If-Match` looks at, and its content.
pub fn record_tag(version: i32, record: &impl Serialize) -> Result<String> {
    let content = serde_json::to_vec(record).map_err(Error::internal)?;
    Ok(format!("\"{version}.{}\"", shortened(sha256(&[&content]))))
}

fn shortened(sha256: Hash) -> String {
    HEXLOWER.encode(&sha256[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_number_in_front_of_the_etag() {
        for (tag, version) in [
            ("\"3\"", Some(3)),
            ("\"3.5-gzip\"", Some(3)),
            ("\"3-br\"", Some(3)),
            ("W/\"3.5\"", Some(3)),
            ("\"\"", None),
        ] {
            assert_eq!(version_of(tag), version, "{tag}");
        }
    }

    #[test]
    fn a_list_of_entity_tags_is_split_at_the_commas_between_them() {
        for (text, tags) in [
            ("\"1\"", Some(vec!["\"1\""])),
            ("\"a,b\" , W/\"2\"", Some(vec!["\"a,b\"", "W/\"2\""])),
            ("\"\"", Some(vec!["\"\""])),
            ("1", None),
            ("\"1", None),
            ("\"1\" \"2\"", None),
            ("\"1\",", Some(vec!["\"1\""])),
            (" ,, \"1\",\t,W/\"2\"\t, ", Some(vec!["\"1\"", "W/\"2\""])),
            (",", None),
            ("\"a b\"", None),
            ("", None),
        ] {
            let tags = tags.map(|tags| EntityTags::These(tags.into_iter().map(str::to_owned).collect()));
            assert_eq!(split_tags(text), tags, "{text}");
        }
    }
}
