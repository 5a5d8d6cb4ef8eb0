//! Settings of link checks.

use clap::Args;

use super::errors::{ConfigErrors, listed};
use super::limits::network;
use crate::fetch::FetchSettings;

/// Checks of the links in published records.
#[derive(Args, Clone, Debug)]
pub struct LinkArgs {
    /// Whether the links of published records are fetched once a day: `on` or `off`
    #[arg(long, env = "PRONGSAI_LINK_CHECK", value_name = "on|off", default_value = "on")]
    pub link_check: String,
    /// Addresses or networks that are not public and may be fetched from nevertheless, on any port, separated by commas, such
    /// as the web server of the municipality at 10.1.2.0/24
    #[arg(long, env = "PRONGSAI_LINK_CHECK_ALLOWED", value_name = "NETWORKS", default_value = "")]
    pub link_check_allowed: String,
}

impl LinkArgs {
    pub(super) fn check(&self) -> Result<Option<FetchSettings>, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        let allowed = errors.value(listed(&self.link_check_allowed, |text| network("--link-check-allowed", text)));
        let settings = match &*self.link_check {
            "on" => Some(FetchSettings { allowed, ..FetchSettings::default() }),
            "off" => None,
            other => {
                errors.add([format!("--link-check: {other:?} is neither on nor off")]);
                None
            }
        };
        errors.none_or(settings)
    }
}
