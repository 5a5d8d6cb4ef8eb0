//! Cross-origin resource sharing (<https://fetch.spec.whatwg.org/#http-cors-protocol>): which websites may read an answer, and
//! which requests their scripts may send.
//!
//! What a GET without a token returns is published: every origin may read it. All else is of the configured origins. No answer
//! allows credentials of the browser: there are no cookies, and a script sends its token itself.

use actix_web::HttpResponse;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::middleware::Next;

use crate::error::{Code, Error, Result};
use crate::http::context::{is_anonymous, part};

/// Headers of answers that scripts may read, beside those that they always may.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Allow, Content-Disposition, Deprecation, ETag, Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Policy, \
     Retry-After, Sunset, WWW-Authenticate, X-Request-Id",
);

/// Headers that every origin may send with a read: those of conditional requests, and those that libraries add to trace requests.
/// Neither `*` nor `Content-Type` nor `Idempotency-Key` may be among them: a browser keeps the headers for the whole address, and
/// with these would send a POST of JSON from any website without another preflight.
const READ_HEADERS: HeaderValue = HeaderValue::from_static(
    "Accept, Accept-Language, b3, baggage, Cache-Control, If-None-Match, Pragma, sentry-trace, traceparent, tracestate, \
     X-B3-Flags, X-B3-ParentSpanId, X-B3-Sampled, X-B3-SpanId, X-B3-TraceId, X-Request-Id, X-Requested-With",
);

/// Headers that configured origins may send: any. `*` does not stand for `Authorization`, and older browsers do not know it.
const ALL_HEADERS: HeaderValue = HeaderValue::from_static(
    "*, Accept, Accept-Language, Authorization, b3, baggage, Cache-Control, Content-Type, Idempotency-Key, If-Match, \
     If-None-Match, Pragma, Prongsai-Visitor, sentry-trace, traceparent, tracestate, X-B3-Flags, X-B3-ParentSpanId, \
     X-B3-Sampled, X-B3-SpanId, X-B3-TraceId, X-Request-Id, X-Requested-With",
);

const ANY_ORIGIN: HeaderValue = HeaderValue::from_static("*");

/// Seconds for which a browser may keep the answer to a preflight.
const MAX_AGE: u32 = 3600;

/// The configured origins.
pub struct Cors {
    origins: Vec<HeaderValue>,
}

impl Cors {
    pub fn new(origins: &[String]) -> Self {
        // Settings that are no origin were rejected before.
        Self { origins: origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()).collect() }
    }

    /// The origin of a request, if it is a configured one.
    fn configured(&self, request: &ServiceRequest) -> Option<HeaderValue> {
        let origin = request.headers().get(header::ORIGIN)?;
        self.origins.contains(origin).then(|| origin.clone())
    }
}

/// Outside of the layers that make answers, those to faults as well: says which origins may read an answer.
pub async fn share(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let is_read = is_read(request.method().as_str().as_bytes());
    let is_public = is_read && is_anonymous(request.headers());
    let origin = match is_public {
        true => Some(ANY_ORIGIN),
        // `preflight` answers these.
        false if asked_method(&request).is_some() => None,
        false => part::<Cors>(request.request())?.configured(&request),
    };
    // What is public is the same for every origin, so that a shared cache keeps it once.
    let vary = match (is_read, is_public) {
        (true, true) => "Authorization",
        (true, false) => "Authorization, Origin",
        (false, _) => "Origin",
    };
    let finish = |headers: &mut HeaderMap| {
        if let Some(origin) = origin {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        }
        headers.append(header::VARY, HeaderValue::from_static(vary));
    };
    match next.call(request).await {
        Ok(mut answer) => {
            finish(answer.headers_mut());
            Ok(answer)
        }
        Err(error) => {
            let mut answer = error.error_response();
            finish(answer.headers_mut());
            Err(InternalError::from_response(error, answer).into())
        }
    }
}

/// Answers preflights: with the methods that the address has, as far as the origin may use them.
pub async fn preflight(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let Some(method) = asked_method(&request) else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    let configured = part::<Cors>(request.request())?.configured(&request);
    let is_public = is_read(method.as_bytes()) && !asks_for_token(request.headers());
    let origin = request.headers().get(header::ORIGIN).cloned();
    let answer = next.call(request).await?;
    // Only of an address that exists are there methods.
    let Some(allow) = answer.headers().get(header::ALLOW).cloned() else { return Ok(answer.map_into_left_body()) };
    let (request, _) = answer.into_parts();
    let (origin, headers) = match configured {
        Some(origin) => (origin, ALL_HEADERS),
        None if is_public => (ANY_ORIGIN, READ_HEADERS),
        None => {
            let answer = HttpResponse::from_error(not_allowed(origin.as_ref()));
            return Ok(ServiceResponse::new(request, answer).map_into_right_body());
        }
    };
    let may_all = origin != ANY_ORIGIN;
    let methods = allow.to_str().unwrap_or_default().split(", ");
    let methods = methods.filter(|method| *method != "OPTIONS" && (may_all || is_read(method.as_bytes())));
    let methods = methods.collect::<Vec<_>>().join(", ");
    let mut answer = HttpResponse::NoContent();
    answer
        .insert_header((header::ALLOW, allow))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, origin))
        .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, methods))
        .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, headers))
        .insert_header((header::ACCESS_CONTROL_MAX_AGE, MAX_AGE));
    Ok(ServiceResponse::new(request, answer.finish()).map_into_right_body())
}

/// The method that a preflight asks for; nothing of other requests.
fn asked_method(request: &ServiceRequest) -> Option<String> {
    let asked = request.headers().get(header::ACCESS_CONTROL_REQUEST_METHOD)?;
    let is_preflight = request.method() == Method::OPTIONS && request.headers().contains_key(header::ORIGIN);
    is_preflight.then(|| String::from_utf8_lossy(asked.as_bytes()).into_owned())
}

/// Names of methods are sensitive to case.
fn is_read(method: &[u8]) -> bool {
    [&b"GET"[..], b"HEAD"].contains(&method)
}

fn asks_for_token(headers: &HeaderMap) -> bool {
    let asked = headers.get_all(header::ACCESS_CONTROL_REQUEST_HEADERS);
    let mut names = asked.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    names.any(|name| name.trim_ascii().eq_ignore_ascii_case(b"authorization"))
}

/// Pages cannot read it, but those who look for the reason can.
fn not_allowed(origin: Option<&HeaderValue>) -> Error {
    let origin = String::from_utf8_lossy(origin.map(HeaderValue::as_bytes).unwrap_or_default());
    let origin: String = origin.chars().take(200).collect();
    Code::OriginNotAllowed.because(
        format!("เว็บไซต์ {origin} อ่านได้เฉพาะข้อมูลที่เผยแพร่โดยไม่ใช้โทเคน ผู้ดูแลระบบอนุญาตเพิ่มได้ด้วย --cors-origins"),
        format!(
            "Scripts of {origin} may only read published data, without a token. The operator allows more with \
             --cors-origins."
        ),
    )
}

#[cfg(test)]
mod tests {
    use actix_web::test::{TestRequest, init_service, try_call_service};
    use actix_web::{App, middleware, web};

    use super::*;
    use crate::http::middleware::request;

    #[actix_web::test]
    async fn a_fault_of_the_service_is_readable_as_well() {
        let panics = || async { if true { panic!("this is part of the test") } else { HttpResponse::Ok().finish() } };
        let app = App::new()
            .wrap(middleware::from_fn(request::identify))
            .wrap(middleware::from_fn(share))
            .route("/", web::get().to(panics));
        let app = init_service(app).await;
        let error = try_call_service(&app, TestRequest::get().uri("/").to_request()).await.err().unwrap();
        let answer = error.error_response();
        assert_eq!(answer.status(), 500);
        assert_eq!(answer.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN), Some(&ANY_ORIGIN));
    }
}
