//! Files whose bytes never change, at permanent addresses.

use actix_web::body::BoxBody;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Responder};

use super::download::Download;
use super::etag::entity_tags;
use crate::error::{Error, Result};

/// For a file that is never deleted: browsers and proxies need not ask again.
pub const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// For a file that can be deleted: after five minutes browsers and proxies ask whether it is still there, and get a 304.
const WHILE_THERE: HeaderValue = HeaderValue::from_static("public, max-age=300, must-revalidate");

/// A file with its SHA-256 as the ETag, or that the client has it already.
pub struct Immutable {
    etag: HeaderValue,
    file: Option<Download>,
}

impl Immutable {
    /// Reads the file only if the client does not have it. `sha256` is in hexadecimal.
    pub async fn of(request: &HttpRequest, sha256: &str, read: impl Future<Output = Result<Download>>) -> Result<Self> {
        let etag = HeaderValue::from_str(&format!("\"{sha256}\"")).map_err(Error::internal)?;
        let known = entity_tags(request.headers(), &header::IF_NONE_MATCH)?;
        match known.and_then(|known| known.matching(&etag)) {
            Some(etag) => Ok(Self { etag, file: None }),
            None => Ok(Self { etag, file: Some(read.await?) }),
        }
    }
}

impl Responder for Immutable {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut answer = match self.file {
            Some(file) => file.respond_to(request),
            None => HttpResponse::NotModified().finish(),
        };
        answer.headers_mut().insert(header::ETAG, self.etag);
        answer.headers_mut().insert(header::CACHE_CONTROL, WHILE_THERE);
        answer
    }
}
