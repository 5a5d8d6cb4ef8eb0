//! The application: its state, its routes, the layers around them, and serving.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_cors::Cors;
use actix_web::dev::Server;
use actix_web::http::header;
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{Bytes, Data};
use actix_web::{App as ActixApp, HttpResponse, HttpServer, web};
use aws_lc_rs::hmac;
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::auth::key::SigningKey;
use crate::auth::token::Tokens;
use crate::cache::{self, Answers};
use crate::config::Settings;
use crate::db::Db;
use crate::error::{Code, Error};
use crate::gate::{self, Gate};
use crate::{agency, edge, fiscal_years, measures, meta, openapi, projects, reports, statistics, units};

/// What every handler can reach.
pub struct App {
    pub db: Arc<Db>,
    pub tokens: Tokens,
    pub cursor_key: hmac::Key,
    pub answers: Answers,
    pub gate: Gate,
    pub openapi_json: Bytes,
    pub openapi_yaml: Bytes,
    /// Where clients reach us, without a slash at the end.
    pub public_url: String,
    pub security_contact: Option<String>,
}

pub type State = Data<App>;

/// Every operation. Registering a handler is documenting it.
pub fn routes(config: &mut ServiceConfig) {
    agency::routes(config);
    units::routes(config);
    fiscal_years::routes(config);
    measures::routes(config);
    projects::routes(config);
    statistics::routes(config);
    reports::routes(config);
    meta::routes(config);
}

impl App {
    pub fn new(db: Arc<Db>, key: &SigningKey, settings: &Settings, public_url: String) -> Self {
        Self {
            db,
            tokens: Tokens::new(key, &settings.issuer),
            cursor_key: key.derive("cursor"),
            answers: Answers::with_capacity(settings.cache_bytes),
            gate: Gate::of(&openapi::DOCUMENT),
            openapi_json: openapi::to_json().into(),
            openapi_yaml: openapi::to_yaml().into(),
            public_url,
            security_contact: settings.security_contact.clone(),
        }
    }
}

/// The server on a socket that is bound already. It stops on SIGTERM and SIGINT, after the requests that it has accepted.
pub fn server(app: State, settings: &Settings, listener: TcpListener) -> std::io::Result<Server> {
    tokio::spawn(app.db.clone().follow_revisions());
    let origins = settings.cors_origins.clone();
    let server = HttpServer::new(move || {
        ActixApp::new()
            .app_data(app.clone())
            .wrap(from_fn(gate::gate))
            .wrap(from_fn(cache::reads))
            .wrap(Compress::default())
            .wrap(cors(&origins))
            .wrap(from_fn(edge::edge))
            .default_service(web::to(|| async { Err::<HttpResponse, _>(Error::from(Code::NotFound)) }))
            .into_utoipa_app()
            .configure(routes)
            .into_app()
            .service(openapi::docs())
    });
    server
        .workers(settings.workers)
        .client_request_timeout(Duration::from_secs(5))
        // Longer than proxies keep idle connections, so that none is closed just as it is used again.
        .keep_alive(Duration::from_secs(75))
        .shutdown_timeout(30)
        .listen(listener)
        .map(HttpServer::run)
}

/// Configured origins exactly, no credentials, the useful headers exposed.
fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allowed_methods(["GET", "HEAD", "POST", "PATCH", "DELETE"])
        .allowed_headers([
            header::ACCEPT,
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_MATCH,
            header::IF_NONE_MATCH,
            header::HeaderName::from_static("idempotency-key"),
            edge::REQUEST_ID,
        ])
        .expose_headers(["ETag", "Link", "Location", "Retry-After", "X-Request-Id", "Idempotency-Replayed"])
        .max_age(3600);
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}
