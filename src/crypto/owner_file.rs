//! Files that their owner alone reads: keys, and what stands beside them.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// A new file.
pub fn create(file: &Path, text: &str) -> Result<(), String> {
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    let written = opened.and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
    written.map_err(at(file))
}

/// Whoever reads the file meanwhile sees the old one or the new one, whole.
pub fn replace(file: &Path, text: &str) -> Result<(), String> {
    let mut written = tempfile::NamedTempFile::new_in(folder_of(file)).map_err(at(file))?;
    written.write_all(text.as_bytes()).map_err(at(file))?;
    let old = std::fs::metadata(file).map_err(at(file))?;
    written.as_file().set_permissions(old.permissions()).map_err(at(file))?;
    std::os::unix::fs::chown(written.path(), Some(old.uid()), Some(old.gid())).map_err(at(file))?;
    written.as_file().sync_all().map_err(at(file))?;
    written.persist(file).map_err(|error| at(file)(error.error))?;
    sync_name(file)
}

/// Writes the name of a file to disk (fsync).
pub fn sync_name(file: &Path) -> Result<(), String> {
    File::open(folder_of(file)).and_then(|folder| folder.sync_all()).map_err(at(file))
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A message that begins with the file.
pub fn at(file: &Path) -> impl Fn(io::Error) -> String {
    let file = file.display().to_string();
    move |error| format!("{file}: {error}")
}
