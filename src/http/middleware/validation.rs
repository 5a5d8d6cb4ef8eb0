//! Validates requests against the published document before any handler runs: unknown paths, methods, parameters and
//! media types are rejected here for every operation.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::domain::field_code::FieldCode;
use crate::domain::message::Message;
use crate::error::{Code, Error, FieldError, Result};
use crate::http::context::part;
use crate::http::deprecation::Deprecation;
use crate::http::middleware::missing;
use crate::http::negotiation;
use crate::http::params::joined;
use crate::http::query;
use crate::http::route::{Kind, Kinds, is_file};
use crate::http::specification::{ErrorFormat, OtherSpecification};

/// The document as far as it decides who gets in.
pub struct Routes {
    /// Those without parameters, by their path.
    fixed: HashMap<String, Arc<Address>>,
    /// Those with parameters.
    templates: Vec<Arc<Address>>,
    others: Vec<OtherSpecification>,
}

/// The route of a request: where the document has its address, if it has, and of which kinds the operation is.
#[derive(Clone)]
pub struct Route {
    address: Option<Arc<Address>>,
    pub kinds: Kinds,
}

struct Address {
    path: String,
    /// Segments of the path; none stands for a parameter.
    segments: Vec<Option<String>>,
    /// What a 404 says here that has nothing else to say.
    missing: Option<Message>,
    operations: Vec<Operation>,
}

struct Operation {
    method: &'static str,
    kinds: Kinds,
    deprecation: Option<Deprecation>,
    parameters: Vec<String>,
    media_types: Vec<String>,
}

const METHODS: [&str; 4] = ["GET", "POST", "PATCH", "DELETE"];

impl Routes {
    pub fn of(document: &Value) -> Self {
        let paths = document["paths"].as_object().into_iter().flatten();
        let is_listed = |path: &str| document["paths"][path]["get"].is_object();
        let (mut fixed, mut templates) = (HashMap::new(), Vec::new());
        for (path, item) in paths {
            let address = Arc::new(Address::of(path, item, missing::of_record(path, item, is_listed)));
            if path.contains('{') {
                templates.push(address);
            } else {
                fixed.insert(path.clone(), address);
            }
        }
        Self { fixed, templates, others: Vec::new() }
    }

    /// Adds addresses that the document does not have.
    pub fn with(mut self, other: OtherSpecification) -> Self {
        self.others.push(other);
        self
    }

    /// How errors are written at a path, where they are no problem details.
    pub fn error_format(&self, path: &str) -> Option<ErrorFormat> {
        let is_below =
            |root: &str| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let other = self.others.iter().find(|other| is_below(other.root))?;
        Some((other.errors)(path))
    }

    /// The documented path that is nearest to one that is not.
    pub fn near(&self, path: &str) -> Option<&str> {
        let known = self.fixed.values().chain(&self.templates).map(|address| &*address.path);
        missing::path_near(path, known)
    }

    fn route(&self, method: &Method, path: &str) -> Route {
        // As the router reads it: an address may be written with escapes, and an escaped slash separates nothing.
        let segments = path.split('/').map(|segment| percent_decode_str(segment).decode_utf8_lossy());
        let segments: Vec<_> = segments.collect();
        let decoded = segments.join("/");
        let method = if method == Method::HEAD { &Method::GET } else { method };
        // `/v1/measures/batch` goes before `/v1/measures/{id}`.
        let fixed = self.fixed.get(&decoded).filter(|address| address.segments.len() == segments.len());
        if let Some(address) = fixed.or_else(|| self.find(&segments)) {
            let kinds = address.operation(method).map(|operation| operation.kinds).unwrap_or_default();
            return Route { address: Some(address.clone()), kinds };
        }
        if is_file(&decoded) {
            return Route { address: None, kinds: [Kind::Probe].into_iter().collect() };
        }
        let mut others = self.others.iter().flat_map(|other| &other.operations);
        let other = others.find(|(known, address, _)| known == method && *address == decoded);
        Route { address: None, kinds: other.map(|(_, _, kinds)| *kinds).unwrap_or_default() }
    }

    fn find(&self, segments: &[Cow<str>]) -> Option<&Arc<Address>> {
        let fits = |address: &&Arc<Address>| {
            address.segments.len() == segments.len()
                && address.segments.iter().zip(segments).all(|(known, segment)| match known {
                    Some(known) => known == segment,
                    None => !segment.is_empty(),
                })
        };
        let parameters = |address: &&Arc<Address>| address.segments.iter().filter(|known| known.is_none()).count();
        self.templates.iter().filter(fits).min_by_key(parameters)
    }
}

impl Route {
    /// It is looked up by the first middleware that asks, and kept in the request's extensions for the others.
    pub fn of(request: &ServiceRequest) -> Result<Self> {
        if let Some(route) = request.extensions().get::<Self>() {
            return Ok(route.clone());
        }
        let route = part::<Routes>(request.request())?.route(request.method(), request.path());
        request.extensions_mut().insert(route.clone());
        Ok(route)
    }

    pub fn is_documented(&self) -> bool {
        self.address.is_some()
    }

    /// The 404 of this address, in place of one that does not say what is missing.
    fn missing(&self, answer: &ServiceResponse<impl MessageBody>) -> Option<Error> {
        let error = answer.response().error()?.as_error::<Error>()?;
        let is_bare = error.code() == Code::NotFound && error.detail().is_none();
        let message = self.address.as_ref()?.missing.clone().filter(|_| is_bare)?;
        Some(Code::NotFound.explained(message))
    }

    fn deprecation(&self, method: &Method) -> Option<Deprecation> {
        self.address.as_ref()?.operation(method)?.deprecation
    }

    /// Nothing, where a handler is to answer; or an answer to `OPTIONS`.
    fn check(&self, request: &ServiceRequest) -> Result<Option<HttpResponse>> {
        let method = request.method();
        let Some(address) = &self.address else { return Ok(None) };
        let Some(operation) = address.operation(method) else { return address.elsewhere(method).map(Some) };
        query::refuse_other_encodings(request.query_string().as_bytes())?;
        if operation.parameters.is_empty() {
            // Of others the handler reads the whole query, and names what is unknown with all else that is wrong.
            let unknown: Vec<_> = url::form_urlencoded::parse(request.query_string().as_bytes())
                .map(|(name, _)| FieldError::parameter(&name, FieldCode::UnknownParameter))
                .collect();
            if !unknown.is_empty() {
                return Err(Error::in_parameters(unknown));
            }
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
            return Err(Code::NotAcceptable.because(
                format!("มีข้อมูลเฉพาะในรูปแบบ {kinds} โปรดระบุในส่วนหัว Accept"),
                format!("The operation has only {kinds}: ask for it in the header Accept."),
            ));
        }
        Ok(None)
    }
}

impl Address {
    fn of(path: &str, item: &Value, missing: Option<Message>) -> Self {
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
                kinds: Kinds::of(operation),
                deprecation: Deprecation::of(operation),
                parameters: parameters
                    .filter(|parameter| parameter["in"] == "query")
                    .filter_map(|parameter| parameter["name"].as_str().map(str::to_owned))
                    .collect(),
                media_types: kinds.map(|(kind, _)| kind.clone()).collect(),
            })
        });
        Self { path: path.to_owned(), segments, missing, operations: operations.collect() }
    }

    fn operation(&self, method: &Method) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.method == method.as_str())
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
        let methods = methods.join(", ");
        let error = Code::MethodNotAllowed.because(
            format!("ที่อยู่นี้ไม่รองรับวิธีเรียกใช้นี้ วิธีที่ใช้ได้คือ {methods}"),
            format!("This address has no operation for the method. It takes {methods}."),
        );
        Err(error.header(header::ALLOW, allow))
    }
}

/// Answers every request for a path that nothing is at.
pub async fn no_such_path(request: HttpRequest) -> Result<HttpResponse> {
    let near = part::<Routes>(&request)?.near(request.path());
    Err(Code::NotFound.explained(missing::of_path(near)))
}

pub async fn validate(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let route = Route::of(&request)?;
    match route.check(&request) {
        Ok(None) => {
            let deprecation = route.deprecation(request.method());
            let mut answer = next.call(request).await?;
            if let Some(deprecation) = deprecation.filter(|_| answer.status().is_success()) {
                deprecation.tell(answer.headers_mut());
            }
            if let Some(missing) = route.missing(&answer) {
                return Ok(answer.error_response(missing).map_into_right_body());
            }
            Ok(answer.map_into_left_body())
        }
        Ok(Some(answer)) => Ok(request.into_response(answer).map_into_right_body()),
        Err(error) => Ok(request.error_response(error).map_into_right_body()),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::{TestRequest, call_service, init_service};
    use actix_web::{App, middleware, web};
    use serde_json::json;

    use super::*;
    use crate::http::route::Kind;

    #[actix_web::test]
    async fn a_deprecated_operation_says_since_when_and_until_when_it_is_served() {
        let dates = json!({ "since": "2027-01-01", "sunset": "2028-01-01" });
        let document = json!({ "paths": { "/old": { "get": { "x-deprecation": dates } }, "/new": { "get": {} } } });
        let answer = || async { HttpResponse::Ok().finish() };
        let app = App::new()
            .app_data(web::Data::new(Routes::of(&document)))
            .wrap(middleware::from_fn(validate))
            .route("/old", web::get().to(answer))
            .route("/new", web::get().to(answer));
        let app = init_service(app).await;
        let expected = [Some("@1798736400"), Some("Fri, 31 Dec 2027 17:00:00 GMT")];
        for (path, expected) in [("/old", expected), ("/new", [None, None]), ("/old?x=1", [None, None])] {
            let answer = call_service(&app, TestRequest::get().uri(path).to_request()).await;
            let header = |name| answer.headers().get(name).map(|value| value.to_str().unwrap());
            assert_eq!(["deprecation", "sunset"].map(header), expected, "{path}");
        }
    }

    #[test]
    fn a_route_is_found_however_its_address_is_written() {
        let document = json!({ "paths": {
            "/things/lookup": { "post": { "x-kind": ["lookup"] } },
            "/things/{id}": { "get": { "x-kind": ["file"] } },
        } });
        let of = |kind| Kinds::from_iter([kind]);
        let operations = vec![(Method::POST, "/other.json".to_owned(), of(Kind::RequestIntake))];
        let errors = |_: &str| -> ErrorFormat { |_, _| unreachable!() };
        let routes = Routes::of(&document).with(OtherSpecification { root: "/other", operations, errors });
        let none = Kinds::default();
        for (method, path, is_documented, kinds) in [
            (Method::POST, "/things/lookup", true, of(Kind::Lookup)),
            (Method::POST, "/things/%6C%6fokup", true, of(Kind::Lookup)),
            (Method::GET, "/things/lookup", true, none),
            (Method::GET, "/things/1", true, of(Kind::File)),
            (Method::HEAD, "/things/1", true, of(Kind::File)),
            (Method::GET, "/things/1%2F2", true, of(Kind::File)),
            (Method::GET, "/things/", false, none),
            (Method::POST, "/things%2Flookup", false, none),
            (Method::POST, "/things/1/lookup", false, none),
            (Method::POST, "/other%2Ejson", false, of(Kind::RequestIntake)),
            (Method::GET, "/other.json", false, none),
        ] {
            let route = routes.route(&method, path);
            assert_eq!((route.is_documented(), route.kinds), (is_documented, kinds), "{method} {path}");
        }
    }
}
