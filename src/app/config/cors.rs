//! Settings of cross-origin requests.

use clap::Args;
use url::Url;

use super::errors::ConfigErrors;

/// Which websites may do more than read what is published.
#[derive(Args, Clone, Debug)]
pub struct CorsArgs {
    /// Origins of websites whose scripts may use a token and send (CORS), separated by commas. What is published can be read
    /// from every origin
    #[arg(long, env = "PRONGSAI_CORS_ORIGINS", value_delimiter = ',')]
    pub cors_origins: Vec<String>,
}

impl CorsArgs {
    pub(super) fn check(&self) -> Result<Vec<String>, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        let origins: Vec<_> =
            self.cors_origins.iter().map(|origin| origin.trim().trim_end_matches('/').to_owned()).collect();
        for origin in &origins {
            let is_origin = Url::parse(origin).is_ok_and(|url| url.origin().ascii_serialization() == *origin);
            if !is_origin || origin.contains('*') {
                errors.add([format!("--cors-origins: {origin:?} is not an origin such as https://www.example.go.th")]);
            }
        }
        errors.none_or(origins)
    }
}
