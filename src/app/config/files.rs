//! Settings of attachments: their storage, size and number.

use clap::Args;

use super::DatabaseArgs;
use super::errors::{ConfigErrors, number};
use crate::cases::blobs::FileSettings;
use crate::db;
use crate::http::multipart::MOST_MIB;

/// Where files are.
#[derive(Args, Clone, Debug)]
pub struct AttachmentArgs {
    /// Storage of attachments, encrypted: a folder, or s3://BUCKET/PREFIX with AWS_ACCESS_KEY_ID and so on; the default
    /// is a folder beside the SQLite file, or data/attachments
    #[arg(long, env = "PRONGSAI_ATTACHMENTS", value_name = "FOLDER|URL")]
    pub attachments: Option<String>,
}

/// Attachments of complaints and service requests.
#[derive(Args, Clone, Debug)]
pub struct FileArgs {
    #[command(flatten)]
    pub attachments: AttachmentArgs,
    /// Largest attachment, in MiB
    #[arg(long, env = "PRONGSAI_ATTACHMENT_MIB", default_value = "10")]
    pub attachment_mib: String,
    /// Attachments per case and side
    #[arg(long, env = "PRONGSAI_ATTACHMENTS_PER_CASE", default_value = "10")]
    pub attachments_per_case: String,
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

impl FileArgs {
    pub(super) fn check(&self, database: &DatabaseArgs) -> Result<FileSettings, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        let mib: usize = errors.value(number("--attachment-mib", &self.attachment_mib, 1..=MOST_MIB));
        let settings = FileSettings {
            place: errors.value(self.attachments.place(database)),
            largest: mib << 20,
            per_case: errors.value(number("--attachments-per-case", &self.attachments_per_case, 1..=1000)),
        };
        errors.none_or(settings)
    }
}

/// The folder of attachments that goes with a database.
pub fn beside(database_url: &str) -> String {
    if !database_url.starts_with("sqlite:") {
        return FileSettings::default().place;
    }
    db::file_of(database_url).with_file_name("attachments").display().to_string()
}
