//! The OpenAPI document, with the contact of the agency that runs the service.

use actix_web::http::header;
use actix_web::{HttpResponse, get};
use entity::agency;
use sea_orm::EntityTrait;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::domain::message::{Language, Message};
use crate::error::Result;
use crate::http::negotiation::Format;
use crate::http::response::DependsOn;
use crate::openapi::served::{Contact, Form};
use crate::revisions::Resource;
use crate::state::{App, State};

pub fn routes(config: &mut ServiceConfig) {
    config.service(get_openapi_json).service(get_openapi_yaml).service(get_openapi_th_json);
}

/// Get this document as JSON
///
/// Returns the OpenAPI 3.1 document. The service checks every request against it. `info.contact` is that of the agency.
#[utoipa::path(
    tag = "meta",
    responses((status = 200, body = Object, content_type = "application/json")),
)]
#[get("/openapi.json")]
async fn get_openapi_json(app: State) -> Result<HttpResponse> {
    document(&app, Form::Json).await
}

/// Get this document as YAML
///
/// Returns the content of `GET /openapi.json` as YAML, for reading in an editor.
#[utoipa::path(
    tag = "meta",
    responses((status = 200, body = String, content_type = "application/yaml")),
)]
#[get("/openapi.yaml")]
async fn get_openapi_yaml(app: State) -> Result<HttpResponse> {
    document(&app, Form::Yaml).await
}

/// Get this document in Thai
///
/// Returns the content of `GET /openapi.json` with Thai texts. Descriptions of schemas and their fields are in English.
#[utoipa::path(
    tag = "meta",
    responses((status = 200, body = Object, content_type = "application/json")),
)]
#[get("/openapi.th.json")]
async fn get_openapi_th_json(app: State) -> Result<HttpResponse> {
    document(&app, Form::Thai).await
}

/// The document with the contact of the agency, or a neutral one where the agency cannot be read.
async fn document(app: &App, form: Form) -> Result<HttpResponse> {
    const NEUTRAL: i64 = -1;
    let (documents, revision) = (&app.site.documents, app.db.revisions.of(Resource::Agency));
    let text = match documents.written(form, revision) {
        Some(text) => text,
        None => {
            let agency = agency::Entity::find().one(app.db.reader()).await.unwrap_or_default();
            let revision = if agency.is_some() { revision } else { NEUTRAL };
            let contact = agency.map(|agency| contact(agency, form.language()));
            documents.write(form, revision, contact)
        }
    };
    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::CONTENT_TYPE, form.media_type())).insert_header((header::ETAG, text.etag.as_str()));
    // It is kept with the documents, and not once more by the cache of responses.
    answer.extensions_mut().insert(DependsOn { resources: &[], format: Format::Json });
    Ok(answer.body(text.body.clone()))
}

fn contact(agency: agency::Model, language: Language) -> Contact {
    let english = agency.name_en.unwrap_or_else(|| agency.name_th.clone());
    let name = Message::new(agency.name_th, english).localized(language).to_owned();
    Contact { name, url: agency.website, email: agency.email }
}
