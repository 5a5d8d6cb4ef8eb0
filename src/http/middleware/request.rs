//! Request id, language, HEAD, panics, access log, and headers of every response.

use std::any::Any;
use std::error::Error as _;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::ResponseError;
use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use futures_util::FutureExt;
use tracing::Instrument;
use uuid::Uuid;

use crate::error::{Code, Error};
use crate::http::context::{Context, REQUEST, REQUEST_ID, accepted_language, part};
use crate::http::middleware::validation::Routes;
use crate::http::negotiation::Format;
use crate::http::query;

pub async fn identify(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody, BoxBody>>, actix_web::Error> {
    let started = Instant::now();
    let id = request_id(request.headers());
    let method = request.method().clone();
    // The connection leaves the body of an answer to HEAD out by itself.
    if method == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    if let Some(uri) = query::as_meant(request.uri()) {
        request.head_mut().uri = uri;
    }
    let routes = part::<Routes>(request.request()).ok();
    let context = Context {
        request_id: id.clone(),
        language: accepted_language(request.headers()),
        errors: routes.and_then(|routes| routes.error_format(request.path())),
    };
    // The lines of everything that happens for this request have its id, also those of tasks that it spawns in this span.
    let span = tracing::error_span!("request", request_id = id);
    let answered = async {
        let answer = AssertUnwindSafe(next.call(request)).catch_unwind().await;
        let mut answer = match answer {
            Ok(Ok(answer)) => into_problem(answer),
            Ok(Err(error)) => return Err(finish_error(error, &id, &method, started)),
            Err(panic) => {
                let panic = Error::internal(format!("a panic: {}", message_of(&*panic)));
                return Err(finish_error(panic.into(), &id, &method, started));
            }
        };
        mark_encoded(answer.headers_mut());
        finish(answer.headers_mut(), &id);
        // Asking for the pattern takes as long as routing: only where a line has it.
        let route = || answer.request().match_pattern();
        log_cause(answer.response().error(), route);
        log(&method, route, answer.status(), started);
        Ok(answer)
    };
    REQUEST.scope(context, answered).instrument(span).await
}

fn message_of(panic: &dyn Any) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("of no text")
}

/// Logs what has led to an error of the service or of its database: the only line that has it.
fn log_cause(error: Option<&actix_web::Error>, route: impl FnOnce() -> Option<String>) {
    let Some(error) = error.and_then(|error| error.as_error::<Error>()) else { return };
    let Some(cause) = error.source() else { return };
    let (code, route) = (error.code().name(), route().unwrap_or_else(unrouted));
    if error.code() == Code::Internal {
        tracing::error!(code, route, cause, "the service has failed");
    } else {
        tracing::warn!(code, route, cause, "the request could not be served now");
    }
}

/// Keeps a caller's id where it is well-formed and makes one otherwise.
fn request_id(headers: &HeaderMap) -> String {
    headers
        .get(&REQUEST_ID)
        .and_then(|value| value.to_str().ok())
        .filter(|id| (8..=128).contains(&id.len()))
        .filter(|id| id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)))
        .map_or_else(|| Uuid::now_v7().to_string(), str::to_owned)
}

/// Turns an error that a library wrote in its own words into a problem.
fn into_problem<B: MessageBody>(answer: ServiceResponse<B>) -> ServiceResponse<EitherBody<B, BoxBody>> {
    let status = answer.status();
    // Errors of OAuth and of Open311 have a shape of their own.
    let ours = ["application/problem+json", "application/json", Format::Xml.media_type()];
    let message = answer.headers().get(header::CONTENT_TYPE).is_some_and(|kind| ours.iter().any(|ours| kind == ours));
    if message || !(status.is_client_error() || status.is_server_error()) {
        return answer.map_into_left_body();
    }
    let code = Code::ALL.iter().copied().find(|code| code.status() == status.as_u16()).unwrap_or(match status {
        status if status.is_client_error() => Code::MalformedRequest,
        _ => Code::Internal,
    });
    let request = answer.request().clone();
    ServiceResponse::new(request, Error::from(code).error_response()).map_into_right_body()
}

/// An error of a middleware, or a panic, has no response and no request: both the response and its log lines are made here.
fn finish_error(error: actix_web::Error, id: &str, method: &Method, started: Instant) -> actix_web::Error {
    let mut answer = match error.as_error::<Error>() {
        Some(error) => error.error_response(),
        None => Error::from(Code::Internal).error_response(),
    };
    finish(answer.headers_mut(), id);
    log_cause(Some(&error), || None);
    log(method, || None, answer.status(), started);
    actix_web::error::InternalError::from_response(error, answer).into()
}

/// A strong ETag names bytes, and the encoded ones are others (RFC 9110, section 8.8.3.3). `If-Match` and
/// `If-None-Match` look at what stands before the suffix.
fn mark_encoded(headers: &mut HeaderMap) {
    let Some(encoding) = headers.get(header::CONTENT_ENCODING).and_then(|value| value.to_str().ok()) else { return };
    let Some(etag) = headers.get(header::ETAG).and_then(|value| value.to_str().ok()) else { return };
    let marked = format!("{}-{encoding}\"", etag.trim_end_matches('"'));
    if let Ok(marked) = HeaderValue::from_str(&marked) {
        headers.insert(header::ETAG, marked);
    }
}

fn finish(headers: &mut HeaderMap, id: &str) {
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        let nothing = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
        headers.insert(header::CONTENT_SECURITY_POLICY, nothing);
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    }
}

/// The access log line: the operation, and nothing of the request's content or its caller.
fn log(method: &Method, route: impl FnOnce() -> Option<String>, status: StatusCode, started: Instant) {
    let micros = || u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    // Its fields are computed only where the line is written.
    tracing::info!(%method, route = route().unwrap_or_else(unrouted), status = status.as_u16(), micros = micros(), "request");
}

/// In place of a route that no request has.
fn unrouted() -> String {
    "-".to_owned()
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;
    use actix_web::test::{TestRequest, call_service, init_service, try_call_service};
    use actix_web::{App, HttpResponse, middleware, web};
    use serde_json::json;

    use super::*;
    use crate::domain::message::Language;
    use crate::http::specification::{ErrorBody, ErrorFormat, OtherSpecification};

    #[actix_web::test]
    async fn a_panic_is_a_500_with_a_problem_and_the_service_goes_on() {
        let calm = || async { HttpResponse::Ok().finish() };
        let panics = || async { if true { panic!("this is part of the test") } else { HttpResponse::Ok().finish() } };
        let app = App::new()
            .wrap(middleware::from_fn(identify))
            .route("/panic", web::get().to(panics))
            .route("/", web::get().to(calm));
        let app = init_service(app).await;
        let request = |path| TestRequest::get().uri(path).to_request();
        let error = try_call_service(&app, request("/panic")).await.err().unwrap();
        let answer = error.error_response();
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(answer.headers().get(header::CONTENT_TYPE).unwrap(), "application/problem+json");
        assert!(answer.headers().contains_key(&REQUEST_ID));
        assert_eq!(call_service(&app, request("/")).await.status(), StatusCode::OK);
    }

    #[actix_web::test]
    async fn what_another_specification_describes_has_its_errors_wherever_they_are_made() {
        let errors = |_: &str| -> ErrorFormat {
            |error, _| ErrorBody {
                status: StatusCode::IM_A_TEAPOT,
                media_type: "text/xml; charset=utf-8",
                body: error.code().name().into(),
            }
        };
        let other = OtherSpecification { root: "/other", operations: Vec::new(), errors };
        let panics = || async { if true { panic!("this is part of the test") } else { HttpResponse::Ok().finish() } };
        let app = App::new()
            .app_data(web::Data::new(Routes::of(&json!({})).with(other)))
            .wrap(middleware::from_fn(async |request: ServiceRequest, next: Next<BoxBody>| {
                match request.path().ends_with("/away") {
                    true => Err(Error::from(Code::Unavailable).into()),
                    false => next.call(request).await,
                }
            }))
            .wrap(middleware::from_fn(identify))
            .service(
                web::scope("/{place}")
                    .route("/panic", web::get().to(panics))
                    .route("/library", web::get().to(|| async { HttpResponse::NotFound().body("nothing") }))
                    .route(
                        "/handler",
                        web::get().to(|| async { Err::<HttpResponse, Error>(Code::Unpublished.into()) }),
                    ),
            );
        let app = init_service(app).await;
        for (path, code, status) in [
            ("panic", "internal_error", 500),
            ("away", "unavailable", 503),
            ("library", "not_found", 404),
            ("handler", "unpublished", 410),
        ] {
            for (place, kind, status) in
                [("other", "text/xml; charset=utf-8", 418), ("others", "application/problem+json", status)]
            {
                let request = TestRequest::get().uri(&format!("/{place}/{path}")).to_request();
                let answer = match try_call_service(&app, request).await {
                    Ok(answer) => answer.into_parts().1.map_into_boxed_body(),
                    Err(error) => error.error_response(),
                };
                assert_eq!(answer.headers().get(header::CONTENT_TYPE).unwrap(), kind, "{place}/{path}");
                assert_eq!(answer.status(), status, "{place}/{path}");
                let body = to_bytes(answer.into_body()).await.unwrap();
                let body = String::from_utf8(body.to_vec()).unwrap();
                assert!(body == code || body.contains(&format!("\"code\":\"{code}\"")), "{place}/{path}: {body}");
            }
        }
    }

    #[test]
    fn the_language_is_thai_unless_english_weighs_more() {
        for (accepted, language) in [
            ("", Language::Thai),
            ("en", Language::English),
            ("en-GB,th;q=0.9", Language::English),
            ("th,en;q=0.8", Language::Thai),
            ("en;q=0.3, th;q=0.7", Language::Thai),
            ("fr", Language::Thai),
            ("en;q=x", Language::Thai),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(accepted));
            assert_eq!(accepted_language(&headers), language, "{accepted:?}");
        }
    }
}
