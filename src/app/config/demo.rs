//! The flags of `prongsai demo`, and the settings that they make. Its keys and its data are in app/demo.rs.

use std::path::Path;
use std::time::Duration;

use clap::Args;

use super::cors::CorsArgs;
use super::errors::ConfigErrors;
use super::limits::LimitArgs;
use super::website::WebsiteArgs;
use super::{Settings, files};
use crate::app::{demo, website};

#[derive(Args, Clone, Debug)]
pub struct DemoArgs {
    /// Port to listen on, 0 for any that is free
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
    /// A database instead of the throw-away one; it is migrated and filled
    #[arg(long, hide_env_values = true)]
    pub database_url: Option<String>,
    /// Threads that answer requests; by default one per core
    #[arg(long)]
    pub workers: Option<usize>,
    /// Difficulty of the challenges for complaints and bookings, as of `serve`; without them 0
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=28))]
    pub challenge_bits: u32,
    /// Print one line of JSON when ready, for scripts
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub cors: CorsArgs,
    #[command(flatten)]
    pub limits: LimitArgs,
    #[command(flatten)]
    pub website: WebsiteArgs,
}

impl DemoArgs {
    /// Settings, and the address of the database, which is in `folder` unless another one is named.
    pub fn check(&self, folder: &Path) -> Result<(Settings, String), Vec<String>> {
        let mut errors = ConfigErrors::default();
        let url = self.database_url.clone().unwrap_or_else(|| demo::sqlite_in(folder));
        let beside = if url.starts_with("sqlite:") { url.clone() } else { demo::sqlite_in(folder) };
        let mut settings = Settings {
            cors_origins: errors.value(self.cors.check()),
            limits: errors.value(self.limits.check()),
            website: errors.value(self.website.check()),
            // So that /.well-known/security.txt has something to show.
            security_contact: Some("mailto:security@example.go.th".to_owned()),
            // A demonstration has no authenticator app.
            second_factor_roles: Vec::new(),
            // There is no other process to take over.
            drain: Duration::ZERO,
            ..Settings::default()
        };
        settings.workers = self.workers.unwrap_or(settings.workers);
        settings.cases.challenge_bits = self.challenge_bits;
        settings.files.place = files::beside(&beside);
        if settings.website.is_none() {
            let example = folder.join("website");
            errors.value(website::write_example(&example).map_err(|error| format!("{}: {error}", example.display())));
            settings.website = Some(example);
        }
        Ok(errors.none_or((settings, url))?)
    }
}
