//! The application: its state, its routes, the layers around them, and serving.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use actix_cors::Cors;
use actix_web::dev::Server;
use actix_web::http::header;
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{Bytes, Data};
use actix_web::{App as ActixApp, HttpResponse, HttpServer, web};
use aws_lc_rs::hmac;
use tokio::sync::Semaphore;
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::admission::{self, Admission};
use crate::auth::key::{KeyRing, SigningKey};
use crate::auth::oidc::Provider;
use crate::auth::password::Passwords;
use crate::auth::scope::Role;
use crate::auth::standing::Standing;
use crate::auth::token::Tokens;
use crate::cache::{self, Answers};
use crate::cases::custodians::Custodians;
use crate::cases::deadline::CaseSettings;
use crate::cases::files::Files;
use crate::cases::vault::{ContentKeys, Vault};
use crate::config::Settings;
use crate::db::Db;
use crate::denials::{self, Denials};
use crate::domain::place::Boundary;
use crate::domain::retention::Retention;
use crate::e_services::form::Forms;
use crate::e_services::open311;
use crate::error::{Code, Error};
use crate::gate::{self, Gate};
use crate::limits::{self, Limits};
use crate::note::Verifier;
use crate::shutdown::{self, Shutdown};
use crate::{
    accounts, agency, audit, clock, complaints, e_services, edge, fiscal_years, holidays, jobs, measures, meta,
    openapi, projects, quiet, reports, statistics, units,
};

/// What every handler can reach.
pub struct App {
    pub db: Arc<Db>,
    pub tokens: Tokens,
    pub standing: Standing,
    /// The municipality's own identity provider.
    pub provider: Option<Provider>,
    pub passwords: Passwords,
    /// Signs the log's checkpoints. What lasts is sealed under keys that are derived from it.
    pub audit_key: Arc<SigningKey>,
    /// The whole log was found to be the one that was signed.
    pub log_was_read: OnceLock<()>,
    pub attempts_key: hmac::Key,
    pub cursor_key: hmac::Key,
    pub idempotency_key: hmac::Key,
    pub receipts_key: hmac::Key,
    pub challenge_key: hmac::Key,
    pub vault: Vault,
    pub custodians: Option<Custodians>,
    pub files: Files,
    pub cases: CaseSettings,
    /// Code of the unit that new complaints come to.
    pub intake_unit: Option<String>,
    /// Where service requests may be for; everywhere without it.
    pub boundary: Option<Boundary>,
    pub retention: Retention,
    pub second_factor_roles: Vec<Role>,
    pub admission: Admission,
    pub clock: clock::Watch,
    pub limits: Limits,
    pub denials: Denials,
    pub shutdown: Shutdown,
    /// One at a time: an export reads everything.
    pub exports: Semaphore,
    /// One at a time: so does a recount.
    pub recounts: Semaphore,
    pub public_recounts: Semaphore,
    pub answers: Answers,
    pub forms: Forms,
    pub gate: Gate,
    pub openapi_json: Bytes,
    pub openapi_yaml: Bytes,
    /// Where clients reach us, without a slash at the end.
    pub public_url: String,
    pub security_contact: Option<String>,
}

/// The secrets of a deployment.
pub struct Keys {
    pub tokens: KeyRing,
    pub audit: SigningKey,
    pub content: ContentKeys,
    /// Where they come from, to be read again.
    pub content_file: Option<PathBuf>,
}

pub type State = Data<App>;

/// Every operation. Registering a handler is documenting it.
pub fn routes(config: &mut ServiceConfig) {
    accounts::routes(config);
    agency::routes(config);
    audit::routes(config);
    units::routes(config);
    fiscal_years::routes(config);
    holidays::routes(config);
    measures::routes(config);
    projects::routes(config);
    complaints::routes(config);
    e_services::routes(config);
    statistics::routes(config);
    reports::routes(config);
    meta::routes(config);
}

impl App {
    /// The application on a database that has the schema: knows what is there, and has held the log against what was signed.
    pub async fn new(db: Arc<Db>, keys: Keys, settings: &Settings, public_url: String) -> Result<Self, String> {
        let told = |error: Error| error.to_string();
        db.load_revisions().await.map_err(|error| error.to_string())?;
        let standing = Standing::default();
        standing.refresh(&db).await.map_err(told)?;
        let verifier = Verifier::of(&keys.audit, &settings.issuer);
        // Others may be writing: the parts of the log are looked at as they were at one moment.
        let moment = db.snapshot().await.map_err(|error| error.to_string())?;
        if let Some(fault) = audit::store::fault(&moment, &verifier).await.map_err(told)? {
            db.break_log(fault);
        }
        drop(moment);
        let clock = clock::Watch::start(&db).await.map_err(told)?;
        let database = db.identity().await.map_err(|error| error.to_string())?;
        let _ = db.deadline.set(DEADLINE);
        let provider = settings.oidc.clone().map(Provider::new).transpose()?;
        if let Some(provider) = &provider {
            refresh(provider).await;
        }
        Ok(Self {
            provider,
            tokens: Tokens::new(keys.tokens, &settings.issuer),
            standing,
            passwords: Passwords::default(),
            attempts_key: keys.audit.derive("login attempts"),
            cursor_key: keys.audit.derive("cursor"),
            idempotency_key: keys.audit.derive("idempotency keys"),
            receipts_key: keys.audit.derive("receipts"),
            challenge_key: keys.audit.derive("challenges"),
            vault: Vault::new(keys.content, keys.content_file),
            custodians: settings.custodians.clone(),
            files: Files::open(&settings.files, &keys.audit.derive("attachments"), &database)?,
            cases: settings.cases,
            intake_unit: settings.intake_unit.clone(),
            boundary: settings.boundary.clone(),
            retention: settings.retention.clone(),
            audit_key: Arc::new(keys.audit),
            second_factor_roles: settings.second_factor_roles.clone(),
            admission: Admission::default(),
            clock,
            log_was_read: OnceLock::new(),
            limits: Limits::new(&settings.limits)?,
            denials: Denials::default(),
            shutdown: Shutdown::default(),
            exports: Semaphore::new(1),
            recounts: Semaphore::new(1),
            public_recounts: Semaphore::new(1),
            answers: Answers::with_capacity(settings.cache_bytes),
            forms: Forms::default(),
            gate: Gate::of(&openapi::DOCUMENT),
            openapi_json: openapi::to_json().into(),
            openapi_yaml: openapi::to_yaml().into(),
            public_url,
            security_contact: settings.security_contact.clone(),
            db,
        })
    }
}

async fn refresh(provider: &Provider) {
    if let Err(fault) = provider.refresh().await {
        tracing::warn!(fault, "the identity provider's keys could not be read; those of before stay");
    }
}

/// Connections of each worker: more wait to be accepted.
const MOST_CONNECTIONS: usize = 2048;

/// How long a request waits for its write, which goes on. What waits for a connection or a lock is refused sooner.
const DEADLINE: Duration = Duration::from_secs(5);

/// The server on a socket that is bound already. What ends it is in [`shutdown::serve`].
pub fn server(
    app: State,
    keys: Option<PathBuf>,
    settings: &Settings,
    listener: TcpListener,
) -> std::io::Result<Server> {
    jobs::start(&app, keys);
    let origins = settings.cors_origins.clone();
    let server = HttpServer::new(move || {
        ActixApp::new()
            .app_data(app.clone())
            .wrap(from_fn(gate::gate))
            .wrap(from_fn(admission::reads))
            .wrap(from_fn(cache::reads))
            .wrap(Compress::default())
            .wrap(from_fn(denials::record))
            .wrap(from_fn(limits::limit))
            .wrap(from_fn(admission::writes))
            .wrap(cors(&origins))
            .wrap(from_fn(edge::edge))
            // Outside of all that makes answers: all heads are as they go out.
            .wrap(from_fn(quiet::quiet))
            .wrap(from_fn(shutdown::close_connections))
            .default_service(web::to(|| async { Err::<HttpResponse, _>(Error::from(Code::NotFound)) }))
            .into_utoipa_app()
            .configure(routes)
            .into_app()
            .service(openapi::docs())
            .service(open311::service())
    });
    server
        .workers(settings.workers)
        .max_connections(MOST_CONNECTIONS)
        .client_request_timeout(Duration::from_secs(5))
        // Longer than proxies keep idle connections, so that none is closed just as it is used again.
        .keep_alive(Duration::from_secs(75))
        .disable_signals()
        .shutdown_timeout(shutdown::timeout(settings.drain))
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
        .expose_headers([
            "ETag",
            "Link",
            "Location",
            "Retry-After",
            "X-Request-Id",
            "Idempotency-Replayed",
            "RateLimit",
            "RateLimit-Policy",
        ])
        .max_age(3600);
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}
