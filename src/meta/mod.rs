//! The service itself: entry point, health, OpenAPI document, problem descriptions.

mod openapi;
pub mod pages;
mod problems;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::audit_log::Broken;
use crate::conditions::Condition;
use crate::error::{Code, Error, Result};
use crate::http::middleware::shutdown::Phase;
use crate::http::negotiation::{self, Format};
use crate::http::params::Query;
use crate::http::route::Kind;
use crate::state::{App, State};
use problems::{Shown, explain};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(get_index)
        .service(get_collections)
        .service(get_liveness)
        .service(get_readiness)
        .configure(openapi::routes)
        .service(get_api_catalog)
        .service(get_security_txt)
        .service(problems::get_problems)
        .service(problems::get_problem);
}

/// A small JSON answer of the service about itself.
fn json(value: &impl Serialize) -> Result<HttpResponse> {
    let body = serde_json::to_vec(value).map_err(Error::internal)?;
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "application/json")).body(body))
}

/// The addresses of the service.
#[derive(Serialize, ToSchema)]
struct Index {
    /// Name of the service.
    #[schema(max_length = 100, example = "Prongsai")]
    title: &'static str,
    /// Version of the service.
    #[schema(max_length = 20, example = "0.1.0")]
    version: &'static str,
    /// Address of the documentation, for people.
    #[schema(format = "uri", max_length = 500, example = "http://127.0.0.1:8080/docs/")]
    docs: String,
    /// Address of the OpenAPI document, for programs.
    #[schema(format = "uri", max_length = 500, example = "http://127.0.0.1:8080/openapi.json")]
    openapi: String,
    /// Collections that need no token.
    #[schema(max_items = 200)]
    collections: Vec<Collection>,
}

/// A collection that needs no token.
#[derive(Serialize, ToSchema)]
struct Collection {
    /// Absolute address of the collection.
    #[schema(format = "uri", max_length = 500, example = "http://127.0.0.1:8080/v1/measures")]
    url: String,
    /// Summary of the operation in the OpenAPI document.
    #[schema(max_length = 200, example = "List measures")]
    summary: String,
}

/// Get the index of the service
///
/// Returns the name and version of the service, and the addresses of the documentation, of the OpenAPI document and of
/// all collections that need no token. The `Link` header names the first two as well (RFC 8288). A browser
/// (`Accept: text/html`) is led to the website, if the service has one, and gets a page otherwise.
#[utoipa::path(
    tag = "meta",
    extensions(("x-kind" = json!([Kind::Metadata, Kind::Index]))),
    params(Shown),
    responses(
        (status = 200, content((Index = "application/json"), (String = "text/html"))),
        (status = 303, description = "The website, for browsers.", headers(("Location" = String, description = "Address of the website."))),
    ),
)]
#[get("/")]
async fn get_index(app: State, request: HttpRequest, shown: Query<Shown>) -> Result<HttpResponse> {
    if app.site.has_website && Format::wanted(None, &request, negotiation::EXPLANATION)? == Format::Html {
        let mut answer = HttpResponse::SeeOther();
        return Ok(answer
            .insert_header((header::LOCATION, "website/"))
            .insert_header((header::VARY, "Accept"))
            .finish());
    }
    explain(&request, &shown.0, |language| pages::index(language, &app.site.collections), || index(&app))
}

/// Get the index of version 1
///
/// Returns the same as `GET /`, always as JSON.
#[utoipa::path(
    tag = "meta",
    extensions(("x-kind" = json!([Kind::Metadata, Kind::Index]))),
    responses((status = 200, body = Index)),
)]
#[get("/v1")]
async fn get_collections(app: State) -> Result<HttpResponse> {
    index(&app)
}

fn index(app: &App) -> Result<HttpResponse> {
    let url = &app.site.public_url;
    let collection =
        |(path, summary): &(String, String)| Collection { url: format!("{url}{path}"), summary: summary.clone() };
    let mut answer = json(&Index {
        title: "Prongsai",
        version: env!("CARGO_PKG_VERSION"),
        docs: format!("{url}/docs/"),
        openapi: format!("{url}/openapi.json"),
        collections: app.site.collections.iter().map(collection).collect(),
    })?;
    let link = format!(
        "<{url}/openapi.json>; rel=\"service-desc\", <{url}/docs/>; rel=\"service-doc\", \
         <{url}/.well-known/api-catalog>; rel=\"api-catalog\""
    );
    answer.headers_mut().insert(header::LINK, link.parse().map_err(Error::internal)?);
    Ok(answer)
}

/// The process is running.
#[derive(Serialize, ToSchema)]
struct Liveness {
    /// Always `ok`.
    #[schema(max_length = 20, example = "ok")]
    status: &'static str,
}

/// The state of the service.
#[derive(Serialize, ToSchema)]
struct Readiness {
    /// `ok`, `degraded` while something needs an operator, or `read_only` while nothing can be written.
    #[schema(max_length = 20, example = "ok")]
    status: &'static str,
    /// Conditions that need an operator. Empty if there are none.
    #[schema(required = false, max_items = 50)]
    conditions: Vec<ReadinessCondition>,
    /// The background jobs of this process.
    #[schema(required = false, max_items = 50)]
    jobs: Vec<ReadinessJob>,
}

/// A background job.
#[derive(Serialize, ToSchema)]
struct ReadinessJob {
    /// Name of the job.
    #[schema(max_length = 50, example = "retention")]
    job: &'static str,
    /// Time of its last success; null before the first.
    #[schema(required, example = "2026-11-28T05:00:00Z")]
    last_succeeded_at: Option<DateTime<Utc>>,
}

/// A condition that needs an operator.
#[derive(Serialize, ToSchema)]
struct ReadinessCondition {
    /// `storage_full`, `attachments_full`, `storage_low`, `read_only`, `log_broken`, `schema_changed`, `clock_ahead`,
    /// `clock_behind`, `files_unclaimed`, `links_unchecked`, `destruction_unapproved` or `job_failed`. docs/operations.md describes what to do.
    #[schema(max_length = 50, example = "storage_low")]
    code: &'static str,
    /// Name of the background job that failed; null for other conditions.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, max_length = 50, example = "retention")]
    job: Option<&'static str>,
    /// Why the audit log is broken, and what to do; null for other conditions.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        value_type = String,
        required = false,
        max_length = 500,
        example = "the audit log is not the one that was signed: change nothing, and call the auditors"
    )]
    reason: Option<&'static str>,
    /// Time since when the condition holds.
    began_at: DateTime<Utc>,
}

/// Check that the process is running
///
/// Returns 200 for as long as the process can respond. Does not query the database.
#[utoipa::path(tag = "meta", extensions(("x-kind" = json!([Kind::Probe]))), responses((status = 200, body = Liveness)))]
#[get("/health/live")]
async fn get_liveness() -> Result<HttpResponse> {
    json(&Liveness { status: "ok" })
}

/// Check that the service can handle requests
///
/// Returns 503 while the database is unavailable, and while the service shuts down (`shutting_down`). `status` is
/// `read_only` while nothing can be written. `conditions` give the reason, and list everything else that needs an
/// operator.
#[utoipa::path(
    tag = "meta",
    extensions(("x-kind" = json!([Kind::Probe]))),
    responses((status = 200, body = Readiness)),
)]
#[get("/health/ready")]
async fn get_readiness(app: State) -> Result<HttpResponse> {
    if app.http.shutdown.phase() != Phase::Serving {
        return Err(Code::ShuttingDown.into());
    }
    if !app.db.is_ready().await {
        return Err(Code::Unavailable.into());
    }
    let held = app.db.conditions.all();
    let status = match &held[..] {
        [] => "ok",
        held if held.iter().any(|(condition, _)| condition.stops_writes()) => "read_only",
        _ => "degraded",
    };
    let conditions = held.into_iter().map(|(condition, since)| ReadinessCondition {
        code: condition.code(),
        job: condition.job(),
        reason: app.audit.broken.get().filter(|_| condition == Condition::LogBroken).map(Broken::reason),
        began_at: since,
    });
    let jobs = app.db.conditions.jobs().into_iter();
    let jobs = jobs.map(|(job, last_succeeded_at)| ReadinessJob { job, last_succeeded_at });
    json(&Readiness { status, conditions: conditions.collect(), jobs: jobs.collect() })
}

/// List the APIs of this host
///
/// Returns a link set (RFC 9264) at the well-known address of RFC 9727, for programs that find APIs by host name.
#[utoipa::path(
    tag = "meta",
    extensions(("x-kind" = json!([Kind::Metadata]))),
    responses((status = 200, body = Object, content_type = "application/linkset+json")),
)]
#[get("/.well-known/api-catalog")]
async fn get_api_catalog(app: State) -> HttpResponse {
    let url = &app.site.public_url;
    let linkset = serde_json::json!({ "linkset": [{
        "anchor": format!("{url}/"),
        "service-desc": [{ "href": format!("{url}/openapi.json"), "type": "application/json" }],
        "service-doc": [{ "href": format!("{url}/docs/"), "type": "text/html" }],
        "status": [{ "href": format!("{url}/health/ready"), "type": "application/json" }],
    }] });
    HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "application/linkset+json")).body(linkset.to_string())
}

/// Get the contact for reporting vulnerabilities
///
/// Returns security.txt (RFC 9116), or 404 until a contact is configured.
#[utoipa::path(
    tag = "meta",
    extensions(("x-kind" = json!([Kind::Metadata]))),
    responses((status = 200, body = String, content_type = "text/plain"), (status = 404)),
)]
#[get("/.well-known/security.txt")]
async fn get_security_txt(app: State) -> Result<HttpResponse> {
    let contact = app.site.security_contact.as_ref().ok_or(Code::NotFound)?;
    let expires = (app.db.now() + chrono::TimeDelta::days(180)).format("%Y-%m-%dT00:00:00Z");
    let text = format!(
        "Contact: {contact}\nExpires: {expires}\nPreferred-Languages: th, en\nCanonical: {}/.well-known/security.txt\n",
        app.site.public_url
    );
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "text/plain; charset=utf-8")).body(text))
}
