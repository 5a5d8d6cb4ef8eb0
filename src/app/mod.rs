//! The application as a whole: the only place that knows every resource.

pub mod config;
pub mod demo;
pub mod document;
pub mod import;
pub mod jobs;
pub mod migrated;
pub mod moved;
pub mod register;
pub mod resources;
pub mod server;
pub mod shutdown;
mod storage;
pub mod website;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use serde_json::Value;

use crate::audit_log::AuditLog;
use crate::audit_log::checkpoint_file::CheckpointFile;
use crate::auth::Auth;
use crate::auth::attempts::Attempts;
use crate::auth::failures::Failures;
use crate::auth::oidc::Provider;
use crate::auth::password::Passwords;
use crate::auth::people::People;
use crate::auth::revocation::Revocations;
use crate::auth::token::Tokens;
use crate::cases::Cases;
use crate::cases::blobs::Blobs;
use crate::cases::vault::{ContentKeys, Vault};
use crate::conditions::Condition;
use crate::crypto::aead::SivKey;
use crate::crypto::keys::{KeyRing, SigningKey};
use crate::db::Db;
use crate::db::hourly::Hourly;
use crate::e_services::open311;
use crate::error::{Error, Result};
use crate::fetch::{FetchSettings, Fetcher};
use crate::http::Http;
use crate::http::body::{self, Body};
use crate::http::callers::Callers;
use crate::http::idempotency::IdempotencyKeys;
use crate::http::list::Pages;
use crate::http::middleware::admission::Admission;
use crate::http::middleware::cache::ResponseCache;
use crate::http::middleware::cors::Cors;
use crate::http::middleware::denials::Denials;
use crate::http::middleware::rate_limit::RateLimits;
use crate::http::middleware::validation::Routes;
use crate::http::multipart::Uploads;
use crate::http::upload_quota::UploadQuota;
use crate::openapi::served::Documents;
use crate::state::{App, Site, Statistics};
use crate::{audit, clock};
use config::Settings;

/// The secrets of a deployment, and the files that they come from, to be read again.
pub struct Keys {
    pub tokens: KeyRing,
    pub tokens_file: Option<PathBuf>,
    pub audit: SigningKey,
    /// Where the newest checkpoints are kept outside the database.
    pub checkpoints: Option<CheckpointFile>,
    pub content: ContentKeys,
    pub content_file: Option<PathBuf>,
}

/// How long a request waits for its write, which continues afterwards. Waiting for a connection or a lock times out
/// earlier.
const DEADLINE: Duration = Duration::from_secs(5);

/// The application on a database that has the schema. It knows the revisions, and has compared the log with its last checkpoint
/// and the newest one outside the database.
pub async fn build(db: Arc<Db>, keys: Keys, settings: &Settings, public_url: String) -> Result<App, String> {
    let text = |error: Error| error.to_string();
    document::publish();
    db.load_revisions().await.map_err(|error| error.to_string())?;
    let (issuer, broken) = (settings.issuer.clone(), db.log_is_broken.clone());
    let audit = AuditLog::new(keys.audit, issuer, keys.checkpoints, broken, resources::RECORDS);
    let key = audit.key.clone();
    let kept = audit.kept().await.map_err(text)?;
    // Other processes may be writing: read all parts of the log in one snapshot.
    let moment = db.snapshot().await.map_err(|error| error.to_string())?;
    if let Some(broken) = audit::store::inconsistency(&moment, &audit.verifier(), kept.as_ref()).await.map_err(text)? {
        db.break_log(broken);
    }
    drop(moment);
    let clock = clock::Watch::start(&db).await.map_err(text)?;
    let database = db.identity().await.map_err(|error| error.to_string())?;
    let _ = db.deadline.set(DEADLINE);
    let blobs = Blobs::open(&settings.files, &key.derive("attachments"), &database)?;
    let http = http(&db, &key, settings, public_url.clone())?;
    let cases = Cases {
        db: db.clone(),
        vault: Vault::new(keys.content, keys.content_file),
        custodians: settings.custodians.clone(),
        blobs,
        receipts_key: key.derive("receipts"),
        challenge_key: key.derive("challenges"),
        settings: settings.cases,
        boundary: settings.boundary.clone(),
        retention: settings.retention.clone(),
        readings: Hourly::default(),
    };
    let tokens = Tokens::new(keys.tokens, &settings.issuer);
    let fetcher = settings.link_check.clone().and_then(|checks| fetcher(&db, checks, &public_url));
    let auth = auth(&db, &key, tokens, keys.tokens_file, settings).await?;
    Ok(App {
        auth: Data::new(auth),
        audit,
        http,
        cases: Arc::new(cases),
        clock,
        fetcher,
        statistics: Statistics::default(),
        site: Site {
            documents: Documents::new(&document::DOCUMENT, &document::THAI, public_url.clone()),
            public_url,
            public_url_is_set: settings.public_url.is_some(),
            security_contact: settings.security_contact.clone(),
            collections: document::collections(),
            has_website: settings.website.is_some(),
        },
        db,
    })
}

/// A value of no request as a `T`, checked as the API checks bodies.
pub fn checked<T: Body>(value: Value) -> Result<T> {
    document::publish();
    body::checked(value)
}

/// The checks of links, where they are possible: everything else goes on without them.
fn fetcher(db: &Db, checks: FetchSettings, public_url: &str) -> Option<Fetcher> {
    Fetcher::new(checks, public_url)
        .inspect_err(|error| {
            tracing::error!(error, "links are not checked");
            db.conditions.begin(Condition::LinksUnchecked, db.now());
        })
        .ok()
}

async fn auth(
    db: &Db,
    key: &SigningKey,
    tokens: Tokens,
    signing_keys_file: Option<PathBuf>,
    settings: &Settings,
) -> Result<Auth, String> {
    let revocations = Revocations::default();
    revocations.refresh(db).await.map_err(|error| error.to_string())?;
    let provider = settings.oidc.clone().map(Provider::new).transpose()?;
    if let Some(provider) = &provider
        && let Err(error) = provider.keys.refresh().await
    {
        tracing::warn!(error, "the identity provider's keys could not be read; those of before stay");
    }
    let people = People::default();
    people.refresh(db).await.map_err(|error| error.to_string())?;
    for code in provider.iter().flat_map(|provider| provider.unknown_units(&people)) {
        tracing::warn!(code, "--oidc-units: there is no such unit: it gives people of the group nothing");
    }
    Ok(Auth {
        tokens,
        signing_keys_file,
        revocations,
        provider,
        people,
        passwords: Passwords::default(),
        second_factor_roles: settings.second_factor_roles.clone(),
        attempts: Attempts::new(key),
        failures: Failures::default(),
    })
}

fn http(db: &Arc<Db>, key: &SigningKey, settings: &Settings, public_url: String) -> Result<Http, String> {
    let cursor_key = SivKey::of(&key.secret("cursor")).map_err(|error| error.to_string())?;
    Ok(Http {
        admission: Data::new(Admission::new(db.clone())),
        cache: Data::new(ResponseCache::new(db.clone(), settings.cache_bytes)),
        callers: Data::new(Callers::new(&settings.limits.trusted_proxies)?),
        cors: Data::new(Cors::new(&settings.cors_origins)),
        denials: Data::new(Denials::new(db.clone())),
        idempotency: Data::new(IdempotencyKeys::new(key.derive("idempotency keys"))),
        pages: Data::new(Pages { db: db.clone(), cursor_key, public_url }),
        rate_limits: Data::new(RateLimits::new(&settings.limits)),
        routes: Data::new(Routes::of(&document::DOCUMENT).with(open311::specification())),
        shutdown: Data::default(),
        upload_quota: Data::new(UploadQuota::new(settings.files.daily_bytes)),
        uploads: Data::new(Uploads { largest: settings.files.largest }),
    })
}
