//! Settings, from flags and environment. Every fault is reported at once, and no secret is ever printed.

pub mod keys;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use url::Url;

use crate::app::Keys;
use crate::app::config::keys::{AuditKeyArgs, ContentKeyArgs, CustodianKeyArgs, KeyArgs, RetentionArgs};
use crate::auth::oidc::{KeySource, OidcSettings};
use crate::auth::scope::Role;
use crate::cases::blobs::FileSettings;
use crate::cases::custodians::Custodians;
use crate::cases::deadline::CaseSettings;
use crate::db;
use crate::domain::place::Boundary;
use crate::domain::retention::Retention;
use crate::http::middleware::rate_limit::LimitSettings;
use crate::http::multipart::MOST_MIB;

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

/// Where files are.
#[derive(Args, Clone, Debug)]
pub struct AttachmentArgs {
    /// Storage of attachments, encrypted: a folder, or s3://BUCKET/PREFIX with AWS_ACCESS_KEY_ID and so on; the default
    /// is a folder beside the SQLite file, or data/attachments
    #[arg(long, env = "PRONGSAI_ATTACHMENTS", value_name = "FOLDER|URL")]
    pub attachments: Option<String>,
}

/// The municipality's own identity provider.
#[derive(Args, Clone, Debug)]
pub struct OidcArgs {
    /// Issuer (`iss`) of your own identity provider (OpenID Connect), whose tokens are accepted as well
    #[arg(long, env = "PRONGSAI_OIDC_ISSUER", value_name = "URL")]
    pub oidc_issuer: Option<String>,
    /// Keys of the identity provider: an https URL, read every five minutes, or a file
    #[arg(long, env = "PRONGSAI_OIDC_JWKS", value_name = "URL|FILE")]
    pub oidc_jwks: Option<String>,
    /// Required audience (`aud`) of the identity provider's tokens
    #[arg(long, env = "PRONGSAI_OIDC_AUDIENCE", default_value = "prongsai")]
    pub oidc_audience: String,
    /// Claim that contains a person's groups
    #[arg(long, env = "PRONGSAI_OIDC_ROLES_CLAIM", default_value = "groups")]
    pub oidc_roles_claim: String,
    /// Role of each group, such as web-team=editor, separated by commas
    #[arg(long, env = "PRONGSAI_OIDC_ROLES", default_value = "", value_name = "GROUP=ROLE")]
    pub oidc_roles: String,
    /// File with additional trusted certificates (PEM) for the identity provider
    #[arg(long, env = "PRONGSAI_OIDC_CA", value_name = "FILE")]
    pub oidc_ca: Option<PathBuf>,
}

#[derive(Args, Clone, Debug)]
pub struct ServeArgs {
    #[command(flatten)]
    pub database: DatabaseArgs,
    #[command(flatten)]
    pub key: KeyArgs,
    #[command(flatten)]
    pub audit: AuditKeyArgs,
    #[command(flatten)]
    pub content: ContentKeyArgs,
    #[command(flatten)]
    pub custodians: CustodianKeyArgs,
    #[command(flatten)]
    pub oidc: OidcArgs,
    /// Address and port to listen on
    #[arg(long, env = "PRONGSAI_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: String,
    /// Public URL of the service, used in links; the default is the listen address
    #[arg(long, env = "PRONGSAI_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Origins allowed by CORS, separated by commas
    #[arg(long, env = "PRONGSAI_CORS_ORIGINS", value_delimiter = ',')]
    pub cors_origins: Vec<String>,
    /// Contact for vulnerability reports (RFC 9116): a mailto: or https: address
    #[arg(long, env = "PRONGSAI_SECURITY_CONTACT")]
    pub security_contact: Option<String>,
    /// Threads that answer requests; by default one per core
    #[arg(long, env = "PRONGSAI_WORKERS")]
    pub workers: Option<String>,
    /// Seconds after SIGTERM in which requests are still accepted, while the service is not ready and closes
    /// connections; 0 to 8
    #[arg(long, env = "PRONGSAI_DRAIN_SECONDS", default_value = "3")]
    pub drain_seconds: String,
    /// Size of the cache of public responses, in MiB
    #[arg(long, env = "PRONGSAI_CACHE_MIB", default_value = "16")]
    pub cache_mib: String,
    /// Roles that are not granted without a second factor, separated by commas; empty for none
    #[arg(long, env = "PRONGSAI_SECOND_FACTOR_ROLES", default_value = "custodian,admin")]
    pub second_factor_roles: String,
    /// Rate limit of reads per caller, as requests per seconds, such as 1200/60s; `off` for none
    #[arg(long, env = "PRONGSAI_LIMIT_READS", default_value = "1200/60s")]
    pub limit_reads: String,
    /// Rate limit of writes per caller
    #[arg(long, env = "PRONGSAI_LIMIT_WRITES", default_value = "300/60s")]
    pub limit_writes: String,
    /// Rate limit of logins and token requests per caller
    #[arg(long, env = "PRONGSAI_LIMIT_LOGINS", default_value = "30/60s")]
    pub limit_logins: String,
    /// Rate limit of new complaints per caller: an IP address, an officer, or a client that submits for its visitors
    #[arg(long, env = "PRONGSAI_LIMIT_COMPLAINTS", default_value = "60/600s")]
    pub limit_complaints: String,
    /// Rate limit of new service requests per caller
    #[arg(long, env = "PRONGSAI_LIMIT_REQUESTS", default_value = "60/600s")]
    pub limit_requests: String,
    /// IP addresses of trusted reverse proxies, separated by commas; only their X-Forwarded-For is used
    #[arg(long, env = "PRONGSAI_TRUSTED_PROXIES", default_value = "")]
    pub trusted_proxies: String,
    /// Working days until the first answer to a complaint is due
    #[arg(long, env = "PRONGSAI_FIRST_ANSWER_DAYS", default_value = "15")]
    pub first_answer_days: String,
    /// Working days until the conclusion of a complaint is due
    #[arg(long, env = "PRONGSAI_CONCLUSION_DAYS", default_value = "60")]
    pub conclusion_days: String,
    /// Days in which a closed case can be reopened
    #[arg(long, env = "PRONGSAI_REOPEN_DAYS", default_value = "30")]
    pub reopen_days: String,
    /// Code of the unit that receives new complaints; without it only officers of all units see them until they are
    /// forwarded
    #[arg(long, env = "PRONGSAI_INTAKE_UNIT", value_name = "CODE")]
    pub intake_unit: Option<String>,
    /// Difficulty of the proof of work for complaints without a token, in zero bits of a hash; each bit doubles the
    /// work; 0 for none
    #[arg(long, env = "PRONGSAI_CHALLENGE_BITS", default_value = "16")]
    pub challenge_bits: String,
    /// GeoJSON file with the municipality's area (Polygon or MultiPolygon); places outside of it are rejected
    #[arg(long, env = "PRONGSAI_BOUNDARY", value_name = "FILE")]
    pub boundary: Option<PathBuf>,
    #[command(flatten)]
    pub retention: RetentionArgs,
    #[command(flatten)]
    pub attachments: AttachmentArgs,
    /// Largest attachment, in MiB
    #[arg(long, env = "PRONGSAI_ATTACHMENT_MIB", default_value = "10")]
    pub attachment_mib: String,
    /// Attachments per case and side
    #[arg(long, env = "PRONGSAI_ATTACHMENTS_PER_CASE", default_value = "10")]
    pub attachments_per_case: String,
    /// Format of the log lines
    #[arg(long, env = "PRONGSAI_LOG_FORMAT", value_enum, default_value = "json")]
    pub log_format: LogFormat,
    /// Level of the log: error, warn, info, debug
    #[arg(long, env = "PRONGSAI_LOG", default_value = "info")]
    pub log: String,
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
    /// Code of the unit that new complaints come to.
    pub intake_unit: Option<String>,
    /// Where service requests may be for; everywhere without it.
    pub boundary: Option<Boundary>,
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
            intake_unit: None,
            boundary: None,
        }
    }
}

impl ServeArgs {
    /// Settings and keys, or everything that is wrong with them.
    pub fn check(&self) -> Result<(Settings, Keys), Vec<String>> {
        let mut faults = Vec::new();
        let mut number = |flag: &str, text: &str, range: std::ops::RangeInclusive<u64>| match text.parse() {
            Ok(number) if range.contains(&number) => number,
            _ => {
                faults.push(format!("{flag}: {text:?} is not a number from {} to {}", range.start(), range.end()));
                0
            }
        };
        let cache_mib = number("--cache-mib", &self.cache_mib, 1..=4096);
        let workers = self.workers.as_deref().map(|text| number("--workers", text, 1..=256));
        let drain_seconds = number("--drain-seconds", &self.drain_seconds, 0..=8);
        let challenge_bits = number("--challenge-bits", &self.challenge_bits, 0..=28);
        let attachment_mib = number("--attachment-mib", &self.attachment_mib, 1..=MOST_MIB as u64);
        let per_case = number("--attachments-per-case", &self.attachments_per_case, 1..=1000);
        let mut days = |flag: &str, text: &str| u32::try_from(number(flag, text, 1..=1000)).unwrap_or(1);
        let cases = CaseSettings {
            first_answer_days: days("--first-answer-days", &self.first_answer_days),
            conclusion_days: days("--conclusion-days", &self.conclusion_days),
            reopen_days: days("--reopen-days", &self.reopen_days),
            challenge_bits: u32::try_from(challenge_bits).unwrap_or_default(),
        };
        let place = self.attachments.place(&self.database);
        let place = place.map_err(|fault| faults.push(fault)).unwrap_or_default();
        let files = FileSettings { place, largest: (attachment_mib << 20) as usize, per_case };
        faults.extend(self.database.fault());
        if self.listen.parse::<std::net::SocketAddr>().is_err() {
            faults.push(format!("--listen: {:?} is not an address and port such as 127.0.0.1:8080", self.listen));
        }
        let web = |address: &str| Url::parse(address).is_ok_and(|url| ["http", "https"].contains(&url.scheme()));
        if let Some(address) = self.public_url.as_deref().filter(|address| !web(address)) {
            faults.push(format!("--public-url: {address:?} is not an http or https address"));
        }
        for origin in &self.cors_origins {
            if Url::parse(origin).map(|url| url.origin().ascii_serialization()).as_ref() != Ok(origin) {
                faults.push(format!("--cors-origins: {origin:?} is not an origin such as https://www.example.go.th"));
            }
        }
        if let Some(contact) = self.security_contact.as_deref()
            && !contact.starts_with("mailto:")
            && !contact.starts_with("https://")
        {
            faults.push(format!("--security-contact: {contact:?} is neither a mailto: nor an https: address"));
        }
        let levels = ["error", "warn", "info", "debug", "trace", "off"];
        let has_level = levels.iter().any(|level| self.log.to_lowercase().contains(level));
        if !has_level || tracing_subscriber::EnvFilter::try_new(&self.log).is_err() {
            faults.push(format!("--log: {:?} is not a level", self.log));
        }
        if self.key.issuer.is_empty()
            || self.key.issuer.contains(|c: char| c == '+' || c.is_whitespace() || c.is_control())
        {
            faults.push(format!("--issuer: {:?} must be a name without spaces and +", self.key.issuer));
        }
        let mut limit = |flag: &str, text: &str| match text {
            "off" => None,
            text => text.parse().map_err(|fault| faults.push(format!("{flag}: {fault}"))).ok(),
        };
        let reads = limit("--limit-reads", &self.limit_reads);
        let writes = limit("--limit-writes", &self.limit_writes);
        let logins = limit("--limit-logins", &self.limit_logins);
        let complaints = limit("--limit-complaints", &self.limit_complaints);
        let requests = limit("--limit-requests", &self.limit_requests);
        let mut trusted_proxies = Vec::new();
        for address in listed(&self.trusted_proxies) {
            match address.parse() {
                Ok(address) => trusted_proxies.push(address),
                Err(_) => faults.push(format!("--trusted-proxies: {address:?} is not an address")),
            }
        }
        let mut second_factor_roles = Vec::new();
        for role in listed(&self.second_factor_roles) {
            match Role::named(role) {
                Some(role) => second_factor_roles.push(role),
                None => faults.push(format!("--second-factor-roles: {role:?} is not a role")),
            }
        }
        let boundary = self.boundary.as_deref().map(|file| {
            let text = std::fs::read_to_string(file).map_err(|error| error.to_string());
            text.and_then(|text| Boundary::parse(&text))
                .map_err(|fault| format!("--boundary: {}: {fault}", file.display()))
        });
        let boundary = boundary.transpose().map_err(|fault| faults.push(fault)).ok().flatten();
        let retention = self.retention.read().map_err(|fault| faults.push(fault)).unwrap_or_default();
        let oidc = self.oidc.check().map_err(|told| faults.extend(told)).ok().flatten();
        let tokens = self.key.read().map_err(|fault| faults.push(fault)).ok();
        let audit = self.audit.read().map_err(|fault| faults.push(fault)).ok();
        if let (Some(tokens), Some(audit)) = (&tokens, &audit)
            && tokens.keys().iter().any(|key| key.id() == audit.id())
        {
            faults.push("--audit-key: is a key of --signing-key; make another one".to_owned());
        }
        let content = self.content.read().map_err(|fault| faults.push(fault)).ok();
        let custodians = self.custodians.read().map_err(|fault| faults.push(fault)).ok().flatten();
        match tokens.zip(audit).zip(content).filter(|_| faults.is_empty()) {
            None => Err(faults),
            Some(((tokens, audit), content)) => Ok((
                Settings {
                    issuer: self.key.issuer.clone(),
                    public_url: self.public_url.as_deref().map(|url| url.trim_end_matches('/').to_owned()),
                    cors_origins: self.cors_origins.clone(),
                    security_contact: self.security_contact.clone(),
                    workers: workers.and_then(|count| usize::try_from(count).ok()).unwrap_or_else(cores),
                    drain: Duration::from_secs(drain_seconds),
                    cache_bytes: cache_mib << 20,
                    second_factor_roles,
                    limits: LimitSettings { reads, writes, logins, complaints, requests, trusted_proxies },
                    oidc,
                    cases,
                    retention,
                    custodians,
                    files,
                    intake_unit: self.intake_unit.clone(),
                    boundary,
                },
                Keys {
                    tokens,
                    tokens_file: self.key.signing_key.clone(),
                    audit,
                    content,
                    content_file: self.content.content_keys.clone(),
                },
            )),
        }
    }
}

impl DatabaseArgs {
    /// Why this can be no database. The address may hold a password, so it is not repeated.
    pub fn fault(&self) -> Option<String> {
        let known =
            ["sqlite:", "postgres://", "postgresql://"].iter().any(|start| self.database_url.starts_with(start));
        (!known).then(|| "--database-url: must begin with sqlite: or postgres://".to_owned())
    }
}

impl AttachmentArgs {
    /// The place that goes with a database, unless another is named.
    pub fn place(&self, database: &DatabaseArgs) -> Result<String, String> {
        let place = self.attachments.clone().unwrap_or_else(|| beside(&database.database_url));
        if place.is_empty() || (place.contains("://") && !place.starts_with("s3://")) {
            return Err(format!("--attachments: {place:?} is neither a folder nor s3://BUCKET/PREFIX"));
        }
        Ok(place)
    }
}

impl OidcArgs {
    /// The provider, if one is configured, or everything that is wrong with it.
    fn check(&self) -> Result<Option<OidcSettings>, Vec<String>> {
        let Some(issuer) = self.oidc_issuer.clone() else {
            let idle = self.oidc_jwks.is_some() || !self.oidc_roles.is_empty() || self.oidc_ca.is_some();
            return if idle {
                Err(vec!["--oidc-issuer: is required with the other --oidc settings".to_owned()])
            } else {
                Ok(None)
            };
        };
        let mut faults = Vec::new();
        let keys = match self.oidc_jwks.as_deref() {
            None => {
                faults.push("--oidc-jwks: is required with --oidc-issuer".to_owned());
                KeySource::File(PathBuf::new())
            }
            Some(url) if url.starts_with("https://") => KeySource::Url(url.to_owned()),
            Some(url) if url.contains("://") => {
                faults.push(format!("--oidc-jwks: {url:?} is not an https address"));
                KeySource::File(PathBuf::new())
            }
            Some(file) => KeySource::File(file.into()),
        };
        let mut roles = Vec::new();
        for pair in listed(&self.oidc_roles) {
            match pair.split_once('=').and_then(|(group, role)| Some((group.to_owned(), Role::named(role)?))) {
                Some(pair) => roles.push(pair),
                None => faults.push(format!("--oidc-roles: {pair:?} is not GROUP=ROLE with a role of ours")),
            }
        }
        if roles.is_empty() && faults.is_empty() {
            faults.push("--oidc-roles: is required with --oidc-issuer: nobody would have a role".to_owned());
        }
        let settings = OidcSettings {
            issuer,
            audience: self.oidc_audience.clone(),
            keys,
            roles_claim: self.oidc_roles_claim.clone(),
            roles,
            ca: self.oidc_ca.clone(),
        };
        // What the files hold is found out when they are read.
        if faults.is_empty() { Ok(Some(settings)) } else { Err(faults) }
    }
}

/// The folder of attachments that goes with a database.
pub fn beside(database_url: &str) -> String {
    if !database_url.starts_with("sqlite:") {
        return FileSettings::default().place;
    }
    db::file_of(database_url).with_file_name("attachments").display().to_string()
}

/// What stands between commas.
fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
