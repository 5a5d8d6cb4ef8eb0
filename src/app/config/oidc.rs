//! The identity provider of the municipality (OpenID Connect).

use std::path::PathBuf;

use chrono::TimeDelta;
use clap::Args;

use super::errors::{ConfigErrors, listed, number};
use crate::auth::oidc::keys::KeySource;
use crate::auth::oidc::{GroupUnits, OidcSettings};
use crate::auth::scope::Role;

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
    /// Unit of each group by its code, such as legal-team=legal, or GROUP=all for every unit, separated by commas. A person in
    /// none of these groups sees and changes nothing that is not published. The code of no unit gives nothing
    #[arg(long, env = "PRONGSAI_OIDC_UNITS", default_value = "", value_name = "GROUP=CODE")]
    pub oidc_units: String,
    /// Longest lifetime of the identity provider's tokens, from `iat` to `exp`, in minutes; 1 to 720
    #[arg(long, env = "PRONGSAI_OIDC_TOKEN_MINUTES", default_value = "60")]
    pub oidc_token_minutes: String,
    /// File with additional trusted certificates (PEM) for the identity provider
    #[arg(long, env = "PRONGSAI_OIDC_CA", value_name = "FILE")]
    pub oidc_ca: Option<PathBuf>,
}

impl OidcArgs {
    /// The provider, if one is configured. The contents of its files are checked when they are read.
    pub(super) fn check(&self) -> Result<Option<OidcSettings>, ConfigErrors> {
        let Some(issuer) = self.oidc_issuer.clone() else {
            let lists = [&self.oidc_roles, &self.oidc_units];
            let idle = self.oidc_jwks.is_some() || lists.iter().any(|list| !list.is_empty()) || self.oidc_ca.is_some();
            let error = || ConfigErrors::from("--oidc-issuer: is required with the other --oidc settings".to_owned());
            return if idle { Err(error()) } else { Ok(None) };
        };
        let mut errors = ConfigErrors::default();
        let keys = errors.value(self.keys().map(Some));
        let roles = errors.value(self.roles());
        if roles.is_empty() && errors.is_empty() {
            errors.add(["--oidc-roles: is required with --oidc-issuer: nobody would have a role".to_owned()]);
        }
        let units = errors.value(self.units());
        let minutes = errors.value(number("--oidc-token-minutes", &self.oidc_token_minutes, 1..=720));
        let settings = keys.map(|keys| OidcSettings {
            issuer,
            audience: self.oidc_audience.clone(),
            keys,
            roles_claim: self.oidc_roles_claim.clone(),
            roles,
            units,
            longest: TimeDelta::minutes(minutes),
            ca: self.oidc_ca.clone(),
        });
        errors.none_or(settings)
    }

    fn keys(&self) -> Result<KeySource, String> {
        match self.oidc_jwks.as_deref() {
            None => Err("--oidc-jwks: is required with --oidc-issuer".to_owned()),
            Some(url) if url.starts_with("https://") => Ok(KeySource::Url(url.to_owned())),
            Some(url) if url.contains("://") => Err(format!("--oidc-jwks: {url:?} is not an https address")),
            Some(file) => Ok(KeySource::File(file.into())),
        }
    }

    fn roles(&self) -> Result<Vec<(String, Role)>, ConfigErrors> {
        listed(&self.oidc_roles, |pair| {
            let read = pair.split_once('=').and_then(|(group, role)| Some((group.to_owned(), Role::named(role)?)));
            read.ok_or_else(|| format!("--oidc-roles: {pair:?} is not GROUP=ROLE with a role of ours"))
        })
    }

    fn units(&self) -> Result<Vec<(String, GroupUnits)>, ConfigErrors> {
        listed(&self.oidc_units, |pair| match pair.split_once('=') {
            Some((group, "all")) => Ok((group.to_owned(), GroupUnits::All)),
            Some((group, code)) if !code.is_empty() => Ok((group.to_owned(), GroupUnits::Unit(code.to_owned()))),
            _ => Err(format!("--oidc-units: {pair:?} is not GROUP=CODE or GROUP=all")),
        })
    }
}
