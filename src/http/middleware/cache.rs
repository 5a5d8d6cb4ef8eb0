//! Conditional requests, and the in-memory cache of public responses, valid until a resource that they depend on
//! changes.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use moka::sync::Cache;

use crate::db::Db;
use crate::error::Error;
use crate::http::context::{accepted_language, is_anonymous, part};
use crate::http::etag::{EntityTags, content_tag, entity_tags};
use crate::http::middleware::validation::Route;
use crate::http::params::joined;
use crate::http::response::DependsOn;
use crate::http::route::Kind;
use crate::revisions::RevisionSet;

const PUBLIC: HeaderValue =
    HeaderValue::from_static("public, max-age=60, stale-while-revalidate=300, stale-if-error=86400");

const PRIVATE: HeaderValue = HeaderValue::from_static("private, no-store");

/// Longer addresses are answered, but not kept.
const LONGEST_KEY: usize = 1024;

/// Public answers by address, `Accept` and language, bounded in bytes.
pub struct ResponseCache {
    db: Arc<Db>,
    kept: Cache<String, Arc<Kept>>,
}

struct Kept {
    depends_on: DependsOn,
    at: RevisionSet,
    headers: Vec<(HeaderName, HeaderValue)>,
    etag: HeaderValue,
    /// None of a body in a file, which is sent once: only that it is unchanged is answered again.
    body: Option<Bytes>,
}

impl ResponseCache {
    pub fn new(db: Arc<Db>, bytes: u64) -> Self {
        let weigh = |key: &String, kept: &Arc<Kept>| {
            let body = kept.body.as_ref().map_or(0, Bytes::len);
            u32::try_from(key.len() + body + 512).unwrap_or(u32::MAX)
        };
        Self { db, kept: Cache::builder().max_capacity(bytes).weigher(weigh).build() }
    }
}

pub async fn reads(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let cache = part::<ResponseCache>(request.request())?.clone();
    if request.method() != Method::GET {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let route = Route::of(&request)?;
    // What is about the service itself has no ETag, and so no condition either (RFC 9110, section 13.2.1).
    let known = match entity_tags(request.headers(), &header::IF_NONE_MATCH) {
        Ok(known) => known,
        Err(_) if !route.is_documented() || route.kinds.has_any(&[Kind::Metadata, Kind::Probe]) => None,
        Err(error) => return Ok(request.error_response(error)),
    };
    let key = key_of(&request);
    if let Some(kept) = key.as_ref().and_then(|key| cache.kept.get(key))
        && kept.at.still_holds(kept.depends_on.resources, &cache.db.revisions)
        && let Some(answer) = kept.again(known.as_ref())
    {
        return Ok(request.into_response(answer));
    }
    let public = is_anonymous(request.headers());
    let at = cache.db.revisions.snapshot();
    let answer = next.call(request).await?;
    let depends_on = answer.response().extensions().get::<DependsOn>().copied();
    let Some(depends_on) = depends_on.filter(|_| answer.status() == StatusCode::OK) else {
        return Ok(answer.map_into_boxed_body());
    };
    let (request, answer) = answer.into_parts();
    let (answer, body) = answer.into_parts();
    debug_assert!(!public || !depends_on.resources.iter().any(|resource| resource.is_confidential()));
    let own = answer.headers().get(header::ETAG).cloned();
    // What never changes says so itself.
    let policy = answer.headers().get(header::CACHE_CONTROL).filter(|_| public).cloned();
    let headers = answer.headers().iter().filter(|(name, _)| ![header::ETAG, header::CACHE_CONTROL].contains(*name));
    let mut headers: Vec<_> = headers.map(|(name, value)| (name.clone(), value.clone())).collect();
    headers.push((header::CACHE_CONTROL, policy.unwrap_or(if public { PUBLIC } else { PRIVATE })));
    headers.push((header::VARY, HeaderValue::from_static("Accept")));
    let body = body.try_into_bytes();
    let etag = match (own, &body) {
        (Some(etag), _) => etag,
        // Revisions would tell of writes to records that the caller may not see.
        (None, Ok(body)) if !public => HeaderValue::from_str(&content_tag(body))?,
        (None, Err(_)) if !public => return Err(Error::internal("a stream without an ETag").into()),
        (None, _) => {
            // No record's ETag begins with a letter.
            let (tag, format) = (at.tag(depends_on.resources), depends_on.format.extension());
            HeaderValue::from_str(&format!("\"r{tag}-{format}\""))?
        }
    };
    let (bytes, body) = match body {
        Ok(bytes) => (Some(bytes.clone()), BoxBody::new(bytes)),
        Err(file) => (None, file.boxed()),
    };
    let kept = Arc::new(Kept { depends_on, at, headers, etag, body: bytes });
    let answer = kept.not_modified(known.as_ref()).unwrap_or_else(|| kept.whole(body));
    // A response that depends on no resource has no known time of change.
    if let Some(key) = key.filter(|_| !depends_on.resources.is_empty()) {
        cache.kept.insert(key, kept);
    }
    Ok(ServiceResponse::new(request, answer))
}

/// Responses to a request with a token are never cached.
fn key_of(request: &ServiceRequest) -> Option<String> {
    if !is_anonymous(request.headers()) {
        return None;
    }
    let accepted = joined(request.headers(), &header::ACCEPT).unwrap_or_default();
    let address = request.uri().path_and_query()?.as_str();
    let language = accepted_language(request.headers()).tag();
    (accepted.len() + address.len() < LONGEST_KEY).then(|| format!("{language}\n{accepted}\n{address}"))
}

impl Kept {
    /// The answer to another request, if it can be given.
    fn again(&self, known: Option<&EntityTags>) -> Option<HttpResponse> {
        self.not_modified(known).or_else(|| Some(self.whole(BoxBody::new(self.body.clone()?))))
    }

    fn whole(&self, body: BoxBody) -> HttpResponse {
        self.head(StatusCode::OK, self.etag.clone()).set_body(body)
    }

    /// For a client that has the body already.
    fn not_modified(&self, known: Option<&EntityTags>) -> Option<HttpResponse> {
        let mut answer = self.head(StatusCode::NOT_MODIFIED, known?.matching(&self.etag)?);
        for name in [header::CONTENT_TYPE, header::LINK, header::CONTENT_DISPOSITION] {
            answer.headers_mut().remove(name);
        }
        Some(answer)
    }

    fn head(&self, status: StatusCode, etag: HeaderValue) -> HttpResponse {
        let mut answer = HttpResponse::new(status);
        let headers: &mut HeaderMap = answer.headers_mut();
        headers.insert(header::ETAG, etag);
        for (name, value) in &self.headers {
            headers.append(name.clone(), value.clone());
        }
        answer
    }
}
