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
    /// Bytes of attachments per case and side, in MiB; 0 for no limit
    #[arg(long, env = "PRONGSAI_ATTACHMENTS_MIB_PER_CASE", value_name = "MIB", default_value = "50")]
    pub attachments_mib_per_case: String,
    /// Bytes of attachments per IP address and day (UTC), in MiB; 0 for no limit. Whoever has a token has none
    #[arg(long, env = "PRONGSAI_ATTACHMENTS_MIB_PER_DAY", value_name = "MIB", default_value = "200")]
    pub attachments_mib_per_day: String,
    /// Bytes of all attachments of cases that the office has done nothing about yet, in MiB; 0 for no limit. Once there
    /// are so many the public can attach nothing until officers have dealt with some; complaints are always accepted
    #[arg(long, env = "PRONGSAI_UNHANDLED_ATTACHMENTS_MIB", value_name = "MIB", default_value = "4096")]
    pub unhandled_attachments_mib: String,
    /// Space that attachments leave free on their disk, in MiB; 0 for none. With less, attachments are rejected, and
    /// complaints are still accepted
    #[arg(long, env = "PRONGSAI_FREE_DISK_MIB", value_name = "MIB", default_value = "1024")]
    pub free_disk_mib: String,
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
            per_case_bytes: errors.value(bytes("--attachments-mib-per-case", &self.attachments_mib_per_case)),
            daily_bytes: errors.value(bytes("--attachments-mib-per-day", &self.attachments_mib_per_day)),
            unhandled_bytes: errors.value(bytes("--unhandled-attachments-mib", &self.unhandled_attachments_mib)),
            free_bytes: errors.value(bytes("--free-disk-mib", &self.free_disk_mib)).unwrap_or_default(),
        };
        errors.none_or(settings)
    }
}

/// A number of MiB in bytes; none for 0.
fn bytes(flag: &str, mib: &str) -> Result<Option<u64>, String> {
    let mib: u64 = number(flag, mib, 0..=1 << 30)?;
    Ok((mib > 0).then_some(mib << 20))
}

/// The folder of attachments that goes with a database.
pub fn beside(database_url: &str) -> String {
    if !database_url.starts_with("sqlite:") {
        return FileSettings::default().place;
    }
    db::file_of(database_url).with_file_name("attachments").display().to_string()
}
