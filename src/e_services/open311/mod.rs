//! Open311 GeoReport v2 (<https://wiki.open311.org/GeoReport_v2>) at `/open311/v2`: the e-services that are marked so and the requests
//! for them, for other cities' tools. The same records as under `/v1`, without anything personal. What it looks like is that
//! specification's to say, so it is not in our document.

mod asked;
mod attachments;
mod definition;
mod discovery;
mod errors;
mod fields;
mod instants;
mod messages;
mod multipart;
mod program;
mod question;
mod requests;
mod services;
mod submit;
mod updates;
mod xml;

use std::convert::Infallible;

use actix_web::dev::{HttpServiceFactory, Payload};
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{FromRequest, HttpRequest, HttpResponse, Resource as Address, Responder, web};
use chrono::{DateTime, SecondsFormat, Utc};
use futures_util::future::{Ready, ready};
use serde_json::Value;

use crate::domain::message::Language;
use crate::error::{Code, Error, Result};
use crate::http::context;
use crate::http::negotiation::Format;
use crate::http::response::ReadResponse;
use crate::http::route::{Kind, Kinds};
use crate::http::specification::OtherSpecification;
use crate::revisions::Resource;

/// Which of the two endpoints is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    Production,
    /// Checks everything, writes nothing.
    Test,
}

pub fn service() -> impl HttpServiceFactory {
    let endpoint = |path: &str, endpoint: Endpoint| {
        web::scope(path)
            .app_data(web::Data::new(endpoint))
            .service(discovery_address())
            .service(address("/services", "GET, HEAD").get(services::services))
            .service(address("/services/{name}", "GET, HEAD").get(services::definition))
            .service(address("/requests", "GET, HEAD, POST").get(requests::requests).post(submit::create))
            .service(address("/requests/{name}", "GET, HEAD").get(requests::request))
            .service(address("/tokens/{name}", "GET, HEAD").get(requests::token))
            .service(address("/servicerequestupdates", "GET, HEAD, POST").get(updates::updates).post(messages::create))
            .default_service(web::to(nothing))
    };
    web::scope("/open311")
        .service(discovery_address())
        .service(endpoint("/v2", Endpoint::Production))
        .service(endpoint("/test/v2", Endpoint::Test))
        .default_service(web::to(nothing))
}

/// What the middlewares have to know of it: it is not in the document, which says so of all other addresses.
pub fn specification() -> OtherSpecification {
    let intake: Kinds = [Kind::RequestIntake].into_iter().collect();
    let paths = ["v2/requests.json", "v2/requests.xml", "test/v2/requests.json", "test/v2/requests.xml"];
    let operations = paths.map(|path| (Method::POST, format!("/open311/{path}"), intake)).to_vec();
    OtherSpecification { root: "/open311", operations, errors: errors::format_at }
}

async fn nothing() -> Result<HttpResponse> {
    Err(Code::NotFound.into())
}

fn discovery_address() -> Address {
    address("/discovery", "GET, HEAD").get(discovery::discovery)
}

/// An address in both formats, with the methods that it has.
fn address(path: &str, allow: &'static str) -> Address {
    let other = move || {
        let error = Error::from(Code::MethodNotAllowed).header(header::ALLOW, HeaderValue::from_static(allow));
        ready(Err::<HttpResponse, _>(error))
    };
    web::resource(format!("{path}.{{format:json|xml}}")).default_service(web::to(other))
}

/// What stands in an address: what is asked for, and in which format.
struct Segments {
    name: String,
    format: Format,
}

impl FromRequest for Segments {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let name = request.match_info().get("name").unwrap_or_default().to_owned();
        ready(Ok(Self { name, format: format_at(request.path()) }))
    }
}

/// The format that an address ends with.
fn format_at(path: &str) -> Format {
    if path.ends_with(".json") { Format::Json } else { Format::Xml }
}

/// All of it in one value: of several the middlewares keep the first.
const VARY: HeaderValue = HeaderValue::from_static("Accept, Accept-Language, Authorization");

/// An answer in the format that the address ends with.
struct Answer {
    format: Format,
    status: StatusCode,
    depends_on: &'static [Resource],
    /// The outermost element in XML.
    root: &'static str,
    value: Result<Value>,
}

impl Answer {
    fn new(segments: &Segments, root: &'static str, value: Result<Value>) -> Self {
        Self { format: segments.format, status: StatusCode::OK, depends_on: &[], root, value }
    }

    /// Something that was read, kept for as long as it is so.
    fn read(segments: &Segments, root: &'static str, depends_on: &'static [Resource], value: Result<Value>) -> Self {
        Self { depends_on, ..Self::new(segments, root, value) }
    }
}

fn rendered(format: Format, root: &str, value: &Value) -> Result<Vec<u8>> {
    match format {
        Format::Xml => xml::document(root, value).map_err(Error::internal),
        _ => serde_json::to_vec(value).map_err(Error::internal),
    }
}

impl Responder for Answer {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let Self { format, status, depends_on, root, value } = self;
        match value.and_then(|value| rendered(format, root, &value)) {
            Ok(body) if depends_on.is_empty() => {
                HttpResponse::build(status).insert_header((header::CONTENT_TYPE, format.media_type())).body(body)
            }
            Ok(body) => {
                let read = ReadResponse::new(body, format, depends_on).by_content();
                let mut answer = read.respond_to(request);
                answer.headers_mut().insert(header::VARY, VARY);
                answer
            }
            Err(error) => HttpResponse::from_error(error),
        }
    }
}

/// The language of the answer.
fn language() -> Language {
    context::current().language
}

fn time(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}
