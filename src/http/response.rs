//! Responses of handlers: to reads and to writes.

use std::path::Path;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::http::negotiation::Format;
use crate::http::spool::Body;
use crate::revisions::Resource;

/// Content security policy of our own pages: inline style, nothing else.
pub const PAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

/// Response to a GET. The resources it depends on determine its ETag and how long the public cache keeps it.
pub struct ReadResponse {
    pub body: Body,
    pub format: Format,
    pub depends_on: &'static [Resource],
    pub etag: Option<String>,
    pub link: Option<String>,
    /// Name of the file that a browser saves, without its extension.
    pub file_name: Option<String>,
}

/// The resources that a response depends on, for the cache.
#[derive(Clone, Copy)]
pub struct DependsOn {
    pub resources: &'static [Resource],
    pub format: Format,
}

impl ReadResponse {
    pub fn new(body: impl Into<Body>, format: Format, depends_on: &'static [Resource]) -> Self {
        Self { body: body.into(), format, depends_on, etag: None, link: None, file_name: None }
    }

    pub fn json(value: &impl Serialize, depends_on: &'static [Resource]) -> Result<Self> {
        let body = serde_json::to_vec(value).map_err(Error::internal)?;
        Ok(Self::new(body, Format::Json, depends_on))
    }

    /// With an ETag of the content alone, so that changes which are not visible in it are not disclosed.
    pub fn by_content(self) -> Self {
        Self { etag: Some(self.body.etag()), ..self }
    }

    /// A single record, whose ETag is its own.
    pub fn record(value: &impl Serialize, etag: String, depends_on: &'static [Resource]) -> Result<Self> {
        Ok(Self { etag: Some(etag), ..Self::json(value, depends_on)? })
    }
}

impl Responder for ReadResponse {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        // That of bytes is made by the cache, where it is needed.
        let etag = self.etag.or_else(|| self.body.is_file().then(|| self.body.etag()));
        let body = match self.body.send(request) {
            Ok(body) => body,
            Err(error) => return HttpResponse::from_error(error),
        };
        let mut answer = HttpResponse::Ok();
        answer.insert_header((header::CONTENT_TYPE, self.format.media_type()));
        if let Some(etag) = etag {
            answer.insert_header((header::ETAG, etag));
        }
        if let Some(link) = self.link {
            answer.insert_header((header::LINK, link));
        }
        if let Some(name) = self.file_name.filter(|_| self.format.is_file()) {
            let name = Path::new(&name).with_extension(self.format.extension());
            answer.insert_header((header::CONTENT_DISPOSITION, disposition(&name.to_string_lossy())));
        }
        if self.format == Format::Html {
            answer.insert_header((header::CONTENT_SECURITY_POLICY, PAGE_POLICY));
        }
        answer.extensions_mut().insert(DependsOn { resources: self.depends_on, format: self.format });
        answer.body(body)
    }
}

/// Both spellings of a file name (RFC 6266): plain ASCII, and UTF-8 for those who read it.
pub fn disposition(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || ".-".contains(c) { c } else { '_' }).collect();
    let coded: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", coded.replace('+', "%20"))
}

/// Response to a write. It is what an idempotency key stores.
pub struct WriteResponse {
    pub status: StatusCode,
    pub location: Option<String>,
    pub etag: Option<String>,
    pub body: String,
    pub replayed: bool,
}

impl WriteResponse {
    fn new(status: StatusCode, value: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_string(value).map_err(Error::internal)?;
        Ok(Self { status, location: None, etag: None, body, replayed: false })
    }

    pub fn created(value: &impl Serialize, location: String, etag: String) -> Result<Self> {
        Ok(Self { location: Some(location), etag: Some(etag), ..Self::new(StatusCode::CREATED, value)? })
    }

    /// Created without a `Location`: several records, or a record that only a receipt can read.
    pub fn all_created(value: &impl Serialize) -> Result<Self> {
        Self::new(StatusCode::CREATED, value)
    }

    pub fn changed(value: &impl Serialize, etag: String) -> Result<Self> {
        Ok(Self { etag: Some(etag), ..Self::new(StatusCode::OK, value)? })
    }

    pub fn done(value: &impl Serialize) -> Result<Self> {
        Self::new(StatusCode::OK, value)
    }

    pub fn no_content() -> Self {
        Self { status: StatusCode::NO_CONTENT, location: None, etag: None, body: String::new(), replayed: false }
    }
}

impl Responder for WriteResponse {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status);
        if let Some(location) = self.location {
            answer.insert_header((header::LOCATION, location));
        }
        if let Some(etag) = self.etag {
            answer.insert_header((header::ETAG, etag));
        }
        if self.replayed {
            answer.insert_header(("idempotency-replayed", "true"));
        }
        if self.body.is_empty() {
            return answer.finish();
        }
        answer.insert_header((header::CONTENT_TYPE, Format::Json.media_type())).body(self.body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thai_file_name_is_sent_in_both_spellings() {
        assert_eq!(
            disposition("รายงาน 2567.csv"),
            "attachment; filename=\"_______2567.csv\"; filename*=UTF-8''%E0%B8%A3%E0%B8%B2%E0%B8%A2%E0%B8%87%E0%B8%B2%E0%B8%99%202567.csv"
        );
    }
}
