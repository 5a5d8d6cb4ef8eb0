//! Open311 GeoReport v2 (<https://wiki.open311.org/GeoReport_v2>) at `/open311/v2`: the e-services that are marked so and the requests
//! for them, for other cities' tools. The same records as under `/v1`, without anything personal. What it looks like is that
//! specification's to say, so it is not in our document.

mod definition;
mod read;
mod submit;
mod xml;

use std::collections::HashMap;

use actix_web::dev::{HttpServiceFactory, Payload};
use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder, web};
use chrono::{DateTime, SecondsFormat, Utc};
use futures_util::future::{Ready, ready};
use serde_json::{Value, json};

use crate::answer::Read;
use crate::app::State;
use crate::edge;
use crate::error::{Code, Error, Place, Result};
use crate::format::Format;
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
            .route("/discovery.{format}", web::get().to(discovery))
            .route("/services.{format}", web::get().to(read::services))
            .route("/services/{name}.{format}", web::get().to(read::definition))
            .route("/requests.{format}", web::get().to(read::requests))
            .route("/requests.{format}", web::post().to(submit::create))
            .route("/requests/{name}.{format}", web::get().to(read::request))
            .route("/tokens/{name}.{format}", web::get().to(read::token))
            .default_service(web::to(nothing))
    };
    web::scope("/open311")
        .route("/discovery.{format}", web::get().to(discovery))
        .service(endpoint("/v2", Endpoint::Production))
        .service(endpoint("/test/v2", Endpoint::Test))
        .default_service(web::to(nothing))
}

/// What stands in an address: what is asked for, and in which format.
struct Segments {
    name: String,
    format: Option<Format>,
}

impl FromRequest for Segments {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let segment = |name: &str| request.match_info().get(name).unwrap_or_default();
        let format = match segment("format") {
            "json" => Some(Format::Json),
            "xml" => Some(Format::Xml),
            _ => None,
        };
        ready(Ok(Self { name: segment("name").to_owned(), format }))
    }
}

/// What stands behind the question mark.
type Asked = web::Query<HashMap<String, String>>;

/// An answer in the format that the address ends with.
struct Answer {
    format: Option<Format>,
    status: StatusCode,
    made_of: &'static [Resource],
    /// The outermost element in XML.
    root: &'static str,
    value: Result<Value>,
}

impl Answer {
    fn new(segments: &Segments, root: &'static str, value: Result<Value>) -> Self {
        Self { format: segments.format, status: StatusCode::OK, made_of: &[], root, value }
    }

    /// Something that was read, kept for as long as it is so.
    fn read(segments: &Segments, root: &'static str, made_of: &'static [Resource], value: Result<Value>) -> Self {
        Self { made_of, ..Self::new(segments, root, value) }
    }
}

fn rendered(format: Format, root: &str, value: &Value) -> Result<Vec<u8>> {
    match format {
        Format::Xml => xml::document(root, value).map_err(|_| Code::Internal.into()),
        _ => serde_json::to_vec(value).map_err(|_| Code::Internal.into()),
    }
}

impl Responder for Answer {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let format = self.format.unwrap_or(Format::Xml);
        let value = self.value.and_then(|value| self.format.map(|_| value).ok_or_else(|| Code::NotFound.into()));
        match value.and_then(|value| rendered(format, self.root, &value)) {
            Ok(body) if self.made_of.is_empty() => {
                HttpResponse::build(self.status).insert_header((header::CONTENT_TYPE, format.media_type())).body(body)
            }
            Ok(body) => Read { body, format, made_of: self.made_of, etag: None, link: None, file_name: None }
                .by_content()
                .respond_to(request),
            Err(error) => refused(format, &error),
        }
    }
}

/// An error as the specification has it: a list of codes and descriptions, a fault each.
fn refused(format: Format, error: &Error) -> HttpResponse {
    let status = match error.code().status() {
        422 => 400,
        status => status,
    };
    let (_, language) = edge::current();
    let described = |description: String| json!({ "code": status, "description": description });
    let faults = error.faults().iter().map(|fault| {
        let place = match &fault.place {
            Place::Pointer(place) => parameter_of(place),
            Place::Parameter(place) => place.clone(),
            Place::Header(place) => (*place).to_owned(),
        };
        described(format!("{place}: {}", fault.said.speak(language)))
    });
    let mut errors: Vec<Value> = faults.collect();
    if errors.is_empty() {
        errors.push(described(error.said().speak(language).to_owned()));
    }
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = rendered(format, "errors", &errors.into()).unwrap_or_default();
    let mut answer = HttpResponse::build(status);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        answer.insert_header((header::RETRY_AFTER, "1"));
    }
    answer.insert_header((header::CONTENT_TYPE, format.media_type())).body(body)
}

/// The parameter that a field of ours is sent as.
fn parameter_of(pointer: &str) -> String {
    match pointer.trim_start_matches("#/") {
        "place" => "lat, long, address_string".to_owned(),
        "place/latitude" => "lat".to_owned(),
        "place/longitude" => "long".to_owned(),
        "place/address" => "address_string".to_owned(),
        "applicant/name" => "first_name, last_name".to_owned(),
        "day" => format!("attribute[{}]", definition::DAY),
        other => match other.split_once('/') {
            Some(("form", field)) => format!("attribute[{field}]"),
            Some(("applicant", field)) => field.to_owned(),
            _ => other.to_owned(),
        },
    }
}

async fn nothing() -> HttpResponse {
    refused(Format::Xml, &Code::NotFound.into())
}

fn time(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Service discovery (<https://wiki.open311.org/Service_Discovery>).
async fn discovery(app: State, segments: Segments) -> impl Responder {
    let endpoint = |kind: &str, path: &str| {
        json!({
            "specification": "http://wiki.open311.org/GeoReport_v2",
            "url": format!("{}/open311/{path}", app.public_url),
            "changeset": CHANGESET,
            "type": kind,
            "formats": ["text/xml", "application/json"],
        })
    };
    let value = json!({
        "changeset": CHANGESET,
        "contact": app.security_contact,
        "key_service": "No key is needed: api_key is taken and not looked at.",
        "endpoints": [endpoint("production", "v2"), endpoint("test", "test/v2")],
    });
    Answer::new(&segments, "discovery", Ok(value))
}

/// When what the discovery says last changed.
const CHANGESET: &str = "2026-11-26T00:00:00Z";
