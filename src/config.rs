//! Settings, from flags and environment. Every fault is reported at once, and no secret is ever printed.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use url::Url;

use crate::auth::key::SigningKey;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Json,
    Pretty,
}

/// Where the database is.
#[derive(Args, Clone, Debug)]
pub struct DatabaseArgs {
    /// `sqlite:PATH`, or `postgres://USER:PASSWORD@HOST/NAME`
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, default_value = "sqlite:data/prongsai.db")]
    pub database_url: String,
}

/// Who signs tokens.
#[derive(Args, Clone, Debug)]
pub struct KeyArgs {
    /// File with the Ed25519 private key (PKCS #8 PEM) that signs tokens; `prongsai keygen` makes one
    #[arg(long, env = "PRONGSAI_SIGNING_KEY", value_name = "FILE")]
    pub signing_key: Option<PathBuf>,
    /// Who issues the tokens: the `iss` that they carry
    #[arg(long, env = "PRONGSAI_ISSUER", default_value = "prongsai")]
    pub issuer: String,
}

#[derive(Args, Clone, Debug)]
pub struct ServeArgs {
    #[command(flatten)]
    pub database: DatabaseArgs,
    #[command(flatten)]
    pub key: KeyArgs,
    /// Address and port to listen on
    #[arg(long, env = "PRONGSAI_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: String,
    /// Where clients reach the service, if not where it listens; links in answers begin with it
    #[arg(long, env = "PRONGSAI_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Origins whose pages may call the API from a browser, with commas between
    #[arg(long, env = "PRONGSAI_CORS_ORIGINS", value_delimiter = ',')]
    pub cors_origins: Vec<String>,
    /// Where to report a weakness (RFC 9116): a mailto: or https: address
    #[arg(long, env = "PRONGSAI_SECURITY_CONTACT")]
    pub security_contact: Option<String>,
    /// Threads that answer requests; by default one per core
    #[arg(long, env = "PRONGSAI_WORKERS")]
    pub workers: Option<String>,
    /// MiB of public answers kept in memory
    #[arg(long, env = "PRONGSAI_CACHE_MIB", default_value = "16")]
    pub cache_mib: String,
    /// How log lines are written
    #[arg(long, env = "PRONGSAI_LOG_FORMAT", value_enum, default_value = "json")]
    pub log_format: LogFormat,
    /// Which log lines are written: error, warn, info, debug
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
    pub cache_bytes: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            issuer: "prongsai".to_owned(),
            public_url: None,
            cors_origins: Vec::new(),
            security_contact: None,
            workers: cores(),
            cache_bytes: 16 << 20,
        }
    }
}

impl ServeArgs {
    /// Settings and signing key, or everything that is wrong with them.
    pub fn check(&self) -> Result<(Settings, SigningKey), Vec<String>> {
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
        if tracing_subscriber::EnvFilter::try_new(&self.log).is_err() {
            faults.push(format!("--log: {:?} is not a level", self.log));
        }
        let key = self.key.read().map_err(|fault| faults.push(fault)).ok();
        match key.filter(|_| faults.is_empty()) {
            None => Err(faults),
            Some(key) => Ok((
                Settings {
                    issuer: self.key.issuer.clone(),
                    public_url: self.public_url.as_deref().map(|url| url.trim_end_matches('/').to_owned()),
                    cors_origins: self.cors_origins.clone(),
                    security_contact: self.security_contact.clone(),
                    workers: workers.and_then(|count| usize::try_from(count).ok()).unwrap_or_else(cores),
                    cache_bytes: cache_mib << 20,
                },
                key,
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

impl KeyArgs {
    pub fn read(&self) -> Result<SigningKey, String> {
        let Some(file) = &self.signing_key else {
            return Err("--signing-key: is required; `prongsai keygen FILE` makes one".to_owned());
        };
        let pem =
            std::fs::read_to_string(file).map_err(|error| format!("--signing-key: {}: {error}", file.display()))?;
        SigningKey::from_pem(&pem).map_err(|fault| format!("--signing-key: {} {fault}", file.display()))
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
