//! Backups: a folder with a copy of the database, the files that its rows name, and a manifest, which is written last. A folder
//! without a manifest is a backup that was not finished. A backup is made while the service runs; verifying never writes to it.

/// The copy that a migration begins with.
pub mod before_migration;
/// Making one.
pub mod create;
/// What is in one.
pub mod manifest;
/// Restoring one.
pub mod restore;
/// Verifying one.
pub mod verify;

mod contents;
mod folder;
mod postgres;
mod sqlite;

/// Where files are kept within a backup, under the names of their objects.
const ATTACHMENTS: &str = "attachments";

/// A message that begins with the place that it is about.
fn at(place: &(impl AsRef<std::path::Path> + ?Sized)) -> impl Fn(&dyn std::fmt::Display) -> String {
    let place = place.as_ref().display().to_string();
    move |error| format!("{place}: {error}")
}
