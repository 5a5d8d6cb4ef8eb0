//! The OpenAPI document: collected from the handlers, completed with what all operations share.

use std::sync::LazyLock;

use actix_web::App as ActixApp;
use actix_web::guard;
use actix_web::http::header;
use actix_web::middleware::DefaultHeaders;
use actix_web::{HttpRequest, HttpResponse};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use utoipa::OpenApi;
use utoipa::openapi::security::{ClientCredentials, Flow, Http, HttpAuthScheme, OAuth2, Scopes, SecurityScheme};
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::{Config, SwaggerUi, Url};

use super::resources;
use crate::auth::scope::{self, Row};
use crate::domain::field_code::FieldCode;
use crate::domain::message::{Language, Message};
use crate::error::Code;
use crate::http::problem::{self, Problem};
use crate::http::route::{Kind, Kinds};
use crate::openapi::{examples, links, operation, schemas, thai, yaml};
use crate::schema;
use crate::statistics::{
    ComplaintBreakdown, ComplaintFigures, EServiceBreakdown, EServiceFigures, MeasureFigures, ProjectFigures,
};

/// Swagger UI with what it needs, from the binary alone.
const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                           img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Prongsai",
        description = include_str!("../openapi/description.md"),
        // Its website and mail are data of the agency, which a document made at compile time does not know.
        contact(name = "The municipality that runs this service; `GET /v1/agency` returns its address and mail"),
        license(name = "MIT", identifier = "MIT"),
    ),
    // OWASP's API9 wants the environment named, and API2 the RFC by its name without a space.
    servers((url = "/", description = "The deployment that serves this document: production, staging or local")),
    components(schemas(
        Problem,
        // Types of a generic one, which are named by nothing else.
        ComplaintBreakdown,
        ComplaintFigures,
        EServiceBreakdown,
        EServiceFigures,
        MeasureFigures,
        ProjectFigures
    )),
)]
struct Base;

/// The whole document, as it is published.
pub static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let mut document = schemas::published(COLLECTED.clone());
    examples::add(&mut document);
    document
});

/// The same with a name for every schema that a handler uses.
static COLLECTED: LazyLock<Value> = LazyLock::new(document);

/// Makes its schemas those that requests are checked against.
pub fn publish() {
    schema::publish(|| &COLLECTED["components"]["schemas"]);
}

fn document() -> Value {
    let (_, api) =
        ActixApp::new().into_utoipa_app().openapi(Base::openapi()).configure(resources::register).split_for_parts();
    let mut document = json!(api);
    let tag = |(name, description): &(&str, &str)| json!({ "name": name, "description": description });
    document["tags"] = resources::TAGS.iter().map(tag).collect();
    document["info"]["summary"] =
        json!("Integrity measures, projects, complaints and e-services of a Thai municipality");
    document["info"]["version"] = json!(env!("CARGO_PKG_VERSION"));
    document["components"]["securitySchemes"] = security_schemes(Language::English);
    document["components"]["responses"] = problems(Language::English);
    document["components"]["headers"] = headers();
    describe_field_codes(&mut document["components"]["schemas"]["FieldProblem"]["properties"]["code"]);
    let schemas = document["components"]["schemas"].clone();
    for (_, item) in document["paths"].as_object_mut().into_iter().flatten() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            operation::complete(method, operation, &schemas);
        }
    }
    links::add(&mut document);
    schemas::tidy(document)
}

/// The same with Thai texts.
pub static THAI: LazyLock<Value> = LazyLock::new(|| {
    let mut document = DOCUMENT.clone();
    document["components"]["securitySchemes"] = security_schemes(Language::Thai);
    document["components"]["responses"] = problems(Language::Thai);
    thai::translated(document).unwrap_or_else(|_| DOCUMENT.clone())
});

pub fn to_json() -> String {
    format!("{:#}\n", *DOCUMENT)
}

pub fn to_yaml() -> String {
    yaml::of(&DOCUMENT)
}

/// What can be read without a token and without knowing a record: paths and summaries.
pub fn collections() -> Vec<(String, String)> {
    let paths = DOCUMENT["paths"].as_object().into_iter().flatten();
    let paths = paths.filter(|(path, _)| path.starts_with("/v1/") && !path.contains('{'));
    let public = paths.filter_map(|(path, item)| {
        let read = &item["get"];
        let security = read["security"].as_array()?;
        let is_public = security.is_empty() || security.contains(&json!({}));
        let is_published = is_public && !Kinds::of(read).has(Kind::Challenge);
        is_published.then(|| (path.clone(), read["summary"].as_str().unwrap_or_default().to_owned()))
    });
    public.collect()
}

/// `/docs`, where the document can be read and tried out.
pub fn docs() -> impl actix_web::dev::HttpServiceFactory {
    let documents = [Url::with_primary("English", "/openapi.json", true), Url::new(THAI_NAME, "/openapi.th.json")];
    let config = Config::new(documents).try_it_out_enabled(true).display_request_duration(true);
    let policy = DefaultHeaders::new().add((header::CONTENT_SECURITY_POLICY, DOCS_POLICY));
    actix_web::web::scope("/docs")
        .wrap(policy)
        .route(
            "",
            actix_web::web::get().to(|request: HttpRequest| async move {
                let place = match request.query_string() {
                    "" => "/docs/".to_owned(),
                    query => format!("/docs/?{query}"),
                };
                HttpResponse::PermanentRedirect().insert_header((header::LOCATION, place)).finish()
            }),
        )
        .route(
            "/",
            actix_web::web::get().guard(guard::fn_guard(asks_for_thai)).to(|| async {
                let name = utf8_percent_encode(THAI_NAME, NON_ALPHANUMERIC);
                let place = format!("/docs/?urls.primaryName={name}");
                HttpResponse::TemporaryRedirect().insert_header((header::LOCATION, place)).finish()
            }),
        )
        .service(SwaggerUi::new("/{_:.*}").config(config))
}

/// The name of the Thai document in Swagger UI, which opens it by that name.
const THAI_NAME: &str = "ไทย";

fn asks_for_thai(context: &guard::GuardContext<'_>) -> bool {
    context.head().uri.query() == Some("lang=th")
}

fn security_schemes(language: Language) -> Value {
    json!({ "bearer": bearer(language), "oauth2": oauth2(language) })
}

fn bearer(language: Language) -> SecurityScheme {
    let scope = |Row { name, name_th, meaning, roles, of_units, guarded }: &Row| {
        let for_units = Message::new(" ในส่วนราชการของตน", " for their units");
        let of_units = of_units.iter().map(|role| format!("{}{}", role.name(), for_units.localized(language)));
        let roles = roles.iter().map(|role| role.name()).chain(of_units).collect::<Vec<_>>().join(", ");
        let guard = Message::new(" ผู้ดูแลระบบคนเดียวให้ไม่ได้", ". No admin gives it alone");
        let guard = if *guarded { guard.localized(language) } else { "" };
        match language {
            Language::Thai => format!("- `{name}`: {name_th} ({roles}){guard}"),
            Language::English => format!("- `{name}`, {name_th} ({roles}): {meaning}{guard}"),
        }
    };
    let scopes: Vec<_> = scope::ALL.iter().map(scope).collect();
    let about = Message::new(
        "โทเคน (RFC 9068 ตรวจตาม RFC8725) ที่มีสิทธิ์ของการเรียกใช้นั้น บุคคลขอโทเคนที่ `POST /v1/login`",
        "An access token (RFC 9068, validated as RFC8725 requires) with the scope of the operation. People get one with \
         `POST /v1/login`.",
    );
    let mut http = Http::new(HttpAuthScheme::Bearer);
    http.bearer_format = Some("JWT".to_owned());
    http.description = Some(format!("{}\n\n{}", about.localized(language), scopes.join("\n")));
    SecurityScheme::Http(http)
}

/// The flow in which programs get a token.
fn oauth2(language: Language) -> SecurityScheme {
    let meaning = |row: &Row| if language == Language::Thai { row.name_th } else { row.meaning };
    let scopes = Scopes::from_iter(scope::ALL.iter().map(|row| (row.name, meaning(row))));
    let flow = Flow::ClientCredentials(ClientCredentials::new("/oauth/token", scopes));
    let about = Message::new(
        "โทเคนแบบเดียวกันสำหรับโปรแกรม (RFC 9068 ตรวจตาม RFC8725)",
        "The same access token for programs (RFC 9068, validated as RFC8725 requires).",
    );
    SecurityScheme::OAuth2(OAuth2::with_description([flow], about.localized(language)))
}

/// One shared answer per status, with the codes that it can carry.
fn problems(language: Language) -> Value {
    let mut answers = Map::new();
    for code in Code::ALL {
        let (status, name) = (code.status(), code.name());
        let answer = answers.entry(format!("Problem{status}")).or_insert_with(|| {
            json!({
                "description": "",
                "headers": operation::headers(&[&["X-Request-Id"], operation::LIMITS].concat()),
                "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" }, "examples": {} } },
            })
        });
        let message = answer["description"].as_str().unwrap_or_default().to_owned();
        let message = if message.is_empty() { message } else { format!("{message}\n") };
        answer["description"] = json!(format!("{message}`{name}`: {}", code.meaning().localized(language)));
        let example = json!({ "value": problem::example(*code, Language::Thai) });
        answer["content"]["application/problem+json"]["examples"][name] = example;
        let header = match status {
            401 | 403 => "WWW-Authenticate",
            405 => "Allow",
            // Only of a request that still runs.
            409 => {
                answer["headers"]["Retry-After"] = headers()["Retry-After"].clone();
                answer["headers"]["Retry-After"]["required"] = json!(false);
                continue;
            }
            429 | 503 => "Retry-After",
            _ => continue,
        };
        answer["headers"][header] = json!({ "$ref": format!("#/components/headers/{header}") });
    }
    answers.into()
}

/// The set is open: a client that meets a new code shows `detail`. So it is no `enum`, which generated clients are strict about.
fn describe_field_codes(schema: &mut Value) {
    let codes = FieldCode::ALL.iter();
    let lines =
        codes.clone().map(|code| format!("- `{}`: {}", code.name(), code.message().localized(Language::English)));
    let description = schema["description"].as_str().unwrap_or_default();
    schema["description"] = json!(format!("{description}\n\n{}", lines.collect::<Vec<_>>().join("\n")));
    schema["x-extensible-enum"] = codes.map(|code| code.name()).collect();
}

fn headers() -> Value {
    let text = |description: &str, example: &str| {
        json!({
            "description": description,
            "schema": { "type": "string", "maxLength": 4096 },
            "example": example,
        })
    };
    let required = |mut header: Value| {
        header["required"] = json!(true);
        header
    };
    json!({
        "X-Request-Id": required(text("Id of the request: the one that the caller sent, if it is well-formed, or a new one.", "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11")),
        "ETag": required(text("Version of the response, for `If-None-Match`; of a single record also for `If-Match`.", "\"3.1\"")),
        "Cache-Control": required(text("How long the response can be cached.", "public, max-age=60")),
        "Link": text("Address of the next page (RFC 8288).", "</v1/measures?cursor=abc>; rel=\"next\""),
        "Location": required(text("Address of the new record.", "/v1/measures/01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11")),
        "Content-Disposition": text("Name of the file, if the response is a file.", "attachment; filename=\"measures.csv\""),
        "Idempotency-Replayed": text("`true` if this is the stored response to an earlier request with the same key.", "true"),
        "RateLimit": text("Remaining requests, and seconds until the limit is reset (draft-ietf-httpapi-ratelimit-headers). Without a token, only the 429 response has it, because callers can share an address.", "\"reads\";r=1199;t=60"),
        "RateLimit-Policy": text("Limit of requests, and its period in seconds. By default each caller has 1200 reads, 300 writes and 30 logins in 60 seconds, and 60 new complaints and 60 new service requests in 600.", "\"reads\";q=1200;w=60"),
        "WWW-Authenticate": required(text("How to authenticate (RFC 6750).", "Bearer realm=\"prongsai\"")),
        "Allow": required(text("Methods of this address.", "GET, HEAD, OPTIONS")),
        "Retry-After": required(text("Number of seconds to wait before the next attempt.", "1")),
    })
}
