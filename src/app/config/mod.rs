//! Settings, from flags and environment. Every error is reported at once, and no secret is ever printed.

pub mod cases;
pub mod cors;
pub mod demo;
mod errors;
pub mod files;
pub mod keys;
pub mod limits;
pub mod links;
pub mod oidc;
pub mod serve;
pub mod website;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::auth::oidc::OidcSettings;
use crate::auth::scope::Role;
use crate::cases::blobs::FileSettings;
use crate::cases::custodians::Custodians;
use crate::cases::deadline::CaseSettings;
use crate::db::url_error;
use crate::domain::place::Boundary;
use crate::domain::retention::Retention;
use crate::fetch::FetchSettings;
use crate::http::middleware::rate_limit::LimitSettings;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Json,
    Pretty,
}

/// Where the database is.
#[derive(Args, Clone, Debug)]
pub struct DatabaseArgs {
    /// `sqlite:PATH`, or `postgres://USER:PASSWORD@HOST/NAME`
    #[arg(
        long,
        env = "DATABASE_URL",
        hide_env_values = true,
        default_value = "sqlite:data/prongsai.db",
        global = true
    )]
    pub database_url: String,
}

/// What the service runs with, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    pub issuer: String,
    pub public_url: Option<String>,
    pub cors_origins: Vec<String>,
    pub security_contact: Option<String>,
    pub workers: usize,
    /// Between SIGTERM and the end of taking requests.
    pub drain: Duration,
    pub cache_bytes: u64,
    pub second_factor_roles: Vec<Role>,
    pub limits: LimitSettings,
    pub oidc: Option<OidcSettings>,
    pub cases: CaseSettings,
    pub retention: Retention,
    /// Without them only anonymous complaints are taken.
    pub custodians: Option<Custodians>,
    pub files: FileSettings,
    /// How links are checked; none where they are not.
    pub link_check: Option<FetchSettings>,
    /// Where service requests may be for; everywhere without it.
    pub boundary: Option<Boundary>,
    /// The folder of the website; there is none without it.
    pub website: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            issuer: "prongsai".to_owned(),
            public_url: None,
            cors_origins: Vec::new(),
            security_contact: None,
            workers: cores(),
            drain: Duration::from_secs(3),
            cache_bytes: 16 << 20,
            second_factor_roles: vec![Role::Custodian, Role::Admin],
            limits: LimitSettings::default(),
            oidc: None,
            cases: CaseSettings::default(),
            retention: Retention::default(),
            custodians: None,
            files: FileSettings::default(),
            link_check: None,
            boundary: None,
            website: None,
        }
    }
}

impl DatabaseArgs {
    /// Why this can be no database.
    pub fn url_error(&self) -> Option<String> {
        url_error(&self.database_url).map(|error| format!("--database-url: {error}"))
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
