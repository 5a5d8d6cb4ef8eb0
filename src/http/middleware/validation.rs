//! Validates requests against the published document before any handler runs: unknown paths, methods, parameters and
//! media types are rejected here for every operation.

use actix_web::HttpResponse;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::Next;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::error::{Code, Error, Location, Result};
use crate::http::context::part;
use crate::http::negotiation;
use crate::http::params::joined;
use crate::schema::validate;

/// The document as far as it decides who gets in.
pub struct Routes(Vec<Address>);

struct Address {
    /// Segments of the path; none stands for a parameter.
    segments: Vec<Option<String>>,
    operations: Vec<Operation>,
}

struct Operation {
    method: &'static str,
    parameters: Vec<String>,
    media_types: Vec<String>,
}

const METHODS: [&str; 4] = ["GET", "POST", "PATCH", "DELETE"];

impl Routes {
    pub fn of(document: &Value) -> Self {
        let paths = document["paths"].as_object().into_iter().flatten();
        Self(paths.map(|(path, item)| Address::of(path, item)).collect())
    }

    fn find(&self, path: &str) -> Option<&Address> {
        let path = percent_decode_str(path).decode_utf8_lossy();
        let segments: Vec<&str> = path.split('/').collect();
        let fits = |address: &&Address| {
            address.segments.len() == segments.len()
                && address.segments.iter().zip(&segments).all(|(known, segment)| match known {
                    Some(known) => known == segment,
                    None => !segment.is_empty(),
                })
        };
        // `/v1/measures/batch` goes before `/v1/measures/{id}`.
        self.0.iter().filter(fits).min_by_key(|address| address.segments.iter().filter(|known| known.is_none()).count())
    }

    /// Nothing, where a handler is to answer; or an answer to `OPTIONS`.
    fn check(&self, request: &ServiceRequest) -> Result<Option<HttpResponse>> {
        let method = request.method();
        let Some(address) = self.find(request.path()) else { return Ok(None) };
        let operation = address.operations.iter().find(|operation| operation.method == method.as_str());
        let Some(operation) = operation else { return address.elsewhere(method).map(Some) };
        let unknown: Vec<_> = url::form_urlencoded::parse(request.query_string().as_bytes())
            .filter(|(name, _)| !operation.parameters.iter().any(|known| known == name))
            .map(|(name, _)| validate::unknown_parameter(Location::Parameter(name.into_owned())))
            .collect();
        if !unknown.is_empty() {
            return Err(Error::in_parameters(unknown));
        }
        let accepted = joined(request.headers(), &header::ACCEPT).unwrap_or_default();
        let media_types = &operation.media_types;
        let acceptable =
            media_types.is_empty() || media_types.iter().any(|kind| negotiation::weight(&accepted, kind) > 0.0);
        // An explicit `format` parameter takes precedence over `Accept`.
        let named =
            operation.parameters.iter().any(|name| name == "format") && request.query_string().contains("format=");
        if !acceptable && !named {
            let kinds = media_types.join(", ");
            return Err(Code::NotAcceptable.because(format!("มีเฉพาะ {kinds}"), format!("only {kinds} is there")));
        }
        Ok(None)
    }
}

impl Address {
    fn of(path: &str, item: &Value) -> Self {
        let segments = path.split('/').map(|part| (!part.starts_with('{')).then(|| part.to_owned())).collect();
        let operations = METHODS.into_iter().filter_map(|method| {
            let operation = item.get(method.to_ascii_lowercase())?;
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let answers = operation["responses"].as_object().into_iter().flatten();
            let kinds = answers
                .filter(|(status, _)| status.starts_with('2'))
                .flat_map(|(_, answer)| answer["content"].as_object().into_iter().flatten());
            Some(Operation {
                method,
                parameters: parameters
                    .filter(|parameter| parameter["in"] == "query")
                    .filter_map(|parameter| parameter["name"].as_str().map(str::to_owned))
                    .collect(),
                media_types: kinds.map(|(kind, _)| kind.clone()).collect(),
            })
        });
        Self { segments, operations: operations.collect() }
    }

    /// Where a method has no operation: an empty answer to `OPTIONS`, or a refusal.
    fn elsewhere(&self, method: &Method) -> Result<HttpResponse> {
        let mut methods: Vec<_> = self.operations.iter().map(|operation| operation.method).collect();
        if methods.contains(&"GET") {
            methods.push("HEAD");
        }
        methods.push("OPTIONS");
        let allow = HeaderValue::from_str(&methods.join(", ")).map_err(Error::internal)?;
        if method == Method::OPTIONS {
            return Ok(HttpResponse::NoContent().insert_header((header::ALLOW, allow)).finish());
        }
        Err(Error::from(Code::MethodNotAllowed).header(header::ALLOW, allow))
    }
}

pub async fn validate(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    match part::<Routes>(request.request())?.check(&request) {
        Ok(None) => Ok(next.call(request).await?.map_into_left_body()),
        Ok(Some(answer)) => Ok(request.into_response(answer).map_into_right_body()),
        Err(error) => Ok(request.error_response(error).map_into_right_body()),
    }
}
