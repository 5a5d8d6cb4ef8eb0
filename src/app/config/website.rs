//! The setting of the website.

use std::path::PathBuf;

use clap::Args;

/// Which website the service serves.
#[derive(Args, Clone, Debug)]
pub struct WebsiteArgs {
    /// Folder with a website, which is served at /website/; its page is index.html. Browsers that open / are led there
    #[arg(long, env = "PRONGSAI_WEBSITE", value_name = "FOLDER")]
    pub website: Option<PathBuf>,
}

impl WebsiteArgs {
    pub(super) fn check(&self) -> Result<Option<PathBuf>, String> {
        match &self.website {
            Some(folder) if !folder.join("index.html").is_file() => {
                Err(format!("--website: {} has no index.html", folder.display()))
            }
            folder => Ok(folder.clone()),
        }
    }
}
