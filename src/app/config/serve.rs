//! The flags of `prongsai serve`, and the settings and keys that they make.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use url::Url;

use super::cases::CaseArgs;
use super::cors::CorsArgs;
use super::errors::{ConfigErrors, listed, number};
use super::files::FileArgs;
use super::keys::{AuditLogArgs, ContentKeyArgs, CustodianKeyArgs, KeyArgs, RetentionArgs};
use super::limits::LimitArgs;
use super::links::LinkArgs;
use super::oidc::OidcArgs;
use super::website::WebsiteArgs;
use super::{DatabaseArgs, LogFormat, Settings, cores};
use crate::app::Keys;
use crate::auth::scope::Role;

/// The flags of `prongsai serve`. Numbers are parsed by `check`: clap would stop at the first error.
#[derive(Args, Clone, Debug)]
pub struct ServeArgs {
    #[command(flatten)]
    pub database: DatabaseArgs,
    #[command(flatten)]
    pub key: KeyArgs,
    #[command(flatten)]
    pub audit: AuditLogArgs,
    #[command(flatten)]
    pub content: ContentKeyArgs,
    #[command(flatten)]
    pub custodians: CustodianKeyArgs,
    #[command(flatten)]
    pub oidc: OidcArgs,
    /// Address and port to listen on
    #[arg(long, env = "PRONGSAI_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: String,
    /// Public URL of the service, used in links; needed unless the service listens on a loopback address, which is the default
    #[arg(long, env = "PRONGSAI_PUBLIC_URL")]
    pub public_url: Option<String>,
    #[command(flatten)]
    pub cors: CorsArgs,
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
    #[command(flatten)]
    pub limits: LimitArgs,
    #[command(flatten)]
    pub cases: CaseArgs,
    #[command(flatten)]
    pub retention: RetentionArgs,
    #[command(flatten)]
    pub files: FileArgs,
    #[command(flatten)]
    pub links: LinkArgs,
    #[command(flatten)]
    pub website: WebsiteArgs,
    /// Format of the log lines
    #[arg(long, env = "PRONGSAI_LOG_FORMAT", value_enum, default_value = "json")]
    pub log_format: LogFormat,
    /// Level of the log: error, warn, info, debug
    #[arg(long, env = "PRONGSAI_LOG", default_value = "info")]
    pub log: String,
}

impl ServeArgs {
    /// Settings and keys, or everything that is wrong with them.
    pub fn check(&self) -> Result<(Settings, Keys), Vec<String>> {
        match (self.settings(), self.keys()) {
            (Ok(settings), Ok(keys)) => Ok((settings, keys)),
            (settings, keys) => Err([settings.err(), keys.err()].into_iter().flatten().flat_map(Vec::from).collect()),
        }
    }

    fn settings(&self) -> Result<Settings, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        errors.add(self.database.url_error());
        errors.value(self.check_listen());
        errors.value(self.check_log());
        let workers = self.workers.as_deref().map(|text| number("--workers", text, 1..=256));
        let cache_mib: u64 = errors.value(number("--cache-mib", &self.cache_mib, 1..=4096));
        let settings = Settings {
            issuer: errors.value(self.key.issuer()),
            public_url: errors.value(self.public_url()),
            cors_origins: errors.value(self.cors.check()),
            security_contact: errors.value(self.security_contact()),
            workers: errors.value(workers.transpose()).unwrap_or_else(cores),
            drain: Duration::from_secs(errors.value(number("--drain-seconds", &self.drain_seconds, 0..=8))),
            cache_bytes: cache_mib << 20,
            second_factor_roles: errors.value(self.second_factor_roles()),
            limits: errors.value(self.limits.check()),
            oidc: errors.value(self.oidc.check()),
            cases: errors.value(self.cases.check()),
            retention: errors.value(self.retention.read()),
            custodians: errors.value(self.custodians.read()),
            files: errors.value(self.files.check(&self.database)),
            link_check: errors.value(self.links.check()),
            boundary: errors.value(self.cases.read_boundary()),
            website: errors.value(self.website.check()),
        };
        errors.none_or(settings)
    }

    fn keys(&self) -> Result<Keys, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        let tokens = errors.value(self.key.read().map(Some));
        let audit = errors.value(self.audit.open(&self.key.issuer).map(Some));
        if let (Some(tokens), Some((audit, _))) = (&tokens, &audit)
            && tokens.keys().iter().any(|key| key.id() == audit.id())
        {
            errors.add(["--audit-key: is a key of --signing-key; make another one".to_owned()]);
        }
        let content = errors.value(self.content.read().map(Some));
        let (tokens_file, content_file) = (self.key.signing_key.clone(), self.content.content_keys.clone());
        match tokens.zip(audit).zip(content).filter(|_| errors.is_empty()) {
            Some(((tokens, (audit, checkpoints)), content)) => {
                Ok(Keys { tokens, tokens_file, audit, checkpoints: Some(checkpoints), content, content_file })
            }
            None => Err(errors),
        }
    }

    fn check_listen(&self) -> Result<(), String> {
        let error = |_| format!("--listen: {:?} is not an address and port such as 127.0.0.1:8080", self.listen);
        let address = self.listen.parse::<SocketAddr>().map_err(error)?.ip().to_canonical();
        if self.public_url.is_none() && !address.is_loopback() {
            let listen = &self.listen;
            return Err(format!(
                "--public-url: is needed with --listen {listen}: links would lead to http://{listen}, which others cannot reach"
            ));
        }
        Ok(())
    }

    fn check_log(&self) -> Result<(), String> {
        let levels = ["error", "warn", "info", "debug", "trace", "off"];
        let has_level = levels.iter().any(|level| self.log.to_lowercase().contains(level));
        let is_filter = has_level && tracing_subscriber::EnvFilter::try_new(&self.log).is_ok();
        is_filter.then_some(()).ok_or_else(|| format!("--log: {:?} is not a level", self.log))
    }

    fn public_url(&self) -> Result<Option<String>, String> {
        let Some(address) = &self.public_url else { return Ok(None) };
        match Url::parse(address) {
            Ok(url)
                if ["http", "https"].contains(&url.scheme()) && url.query().is_none() && url.fragment().is_none() =>
            {
                Ok(Some(address.trim_end_matches('/').to_owned()))
            }
            _ => Err(format!("--public-url: {address:?} is not an http or https address without a query")),
        }
    }

    fn security_contact(&self) -> Result<Option<String>, String> {
        let is_address = |contact: &String| contact.starts_with("mailto:") || contact.starts_with("https://");
        match self.security_contact.clone() {
            Some(contact) if !is_address(&contact) => {
                Err(format!("--security-contact: {contact:?} is neither a mailto: nor an https: address"))
            }
            contact => Ok(contact),
        }
    }

    fn second_factor_roles(&self) -> Result<Vec<Role>, ConfigErrors> {
        listed(&self.second_factor_roles, |role| {
            Role::named(role).ok_or_else(|| format!("--second-factor-roles: {role:?} is not a role"))
        })
    }
}
