//! The files of a backup: for their owner alone, and on disk before the manifest names them.

use std::collections::BTreeSet;
use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::HEXLOWER;

use super::at;
use super::manifest::Entry;

/// A backup that is being made.
pub struct Target {
    root: PathBuf,
    folders: BTreeSet<PathBuf>,
    pub files: Vec<Entry>,
}

impl Target {
    /// Takes a folder, which must be empty or not there.
    pub fn at(root: &Path) -> Result<Self, String> {
        let failed = |error: io::Error| at(root)(&error);
        // The path names a file to SQLite, which parses a path that begins with `file:` as a URI.
        let root = std::path::absolute(root).map_err(failed)?;
        if root.exists() && root.read_dir().map_err(failed)?.next().is_some() {
            return Err(at(&root)(&"is not empty; a backup needs a folder of its own"));
        }
        DirBuilder::new().recursive(true).mode(0o700).create(&root).map_err(failed)?;
        std::fs::set_permissions(&root, Permissions::from_mode(0o700)).map_err(failed)?;
        let folders = [root.parent().unwrap_or(&root), &root].map(Path::to_owned);
        Ok(Self { root, folders: folders.into(), files: Vec::new() })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn path(&self, name: &str) -> Result<PathBuf, String> {
        within(&self.root, name)
    }

    /// A new, empty file.
    pub fn create(&mut self, name: &str) -> Result<File, String> {
        let path = self.path(name)?;
        let failed = |error: io::Error| at(&path)(&error);
        for folder in path.ancestors().skip(1).take_while(|folder| *folder != self.root) {
            DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
            self.folders.insert(folder.to_owned());
        }
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(failed)
    }

    /// Takes a file that was written into the backup, once it is on disk.
    pub fn add(&mut self, name: &str) -> Result<u64, String> {
        let path = self.path(name)?;
        let entry = File::open(&path).and_then(|file| {
            file.sync_all()?;
            let (size, sha256) = hash(file)?;
            Ok(Entry { name: name.to_owned(), size, sha256 })
        });
        let entry = entry.map_err(|error| at(&path)(&error))?;
        let size = entry.size;
        self.files.push(entry);
        Ok(size)
    }

    pub fn sync(&self) -> Result<(), String> {
        self.folders.iter().try_for_each(|folder| sync(folder))
    }
}

/// Writes the entries of a folder to disk (fsync).
pub fn sync(folder: &Path) -> Result<(), String> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| at(folder)(&error))
}

/// Size and SHA-256.
pub fn hash(mut file: impl Read) -> io::Result<(u64, String)> {
    let (mut context, mut size, mut buffer) = (Context::new(&SHA256), 0, vec![0; 1 << 20]);
    loop {
        let length = file.read(&mut buffer)?;
        if length == 0 {
            return Ok((size, HEXLOWER.encode(context.finish().as_ref())));
        }
        context.update(&buffer[..length]);
        size += length as u64;
    }
}

/// The path of a name, which cannot lead out of the folder.
pub fn within(folder: &Path, name: &str) -> Result<PathBuf, String> {
    let is_inside = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    if name.is_empty() || !is_inside {
        return Err(format!("{name:?} is not the name of a file in a backup"));
    }
    Ok(folder.join(name))
}

/// Every file of a folder, by its name within it; what is neither file nor folder as well.
pub fn names(folder: &Path) -> Result<BTreeSet<String>, String> {
    let (mut found, mut folders) = (BTreeSet::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        let failed = |error: io::Error| at(&next)(&error);
        for entry in next.read_dir().map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let path = entry.path();
            if entry.file_type().map_err(failed)?.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap_or(&path).display().to_string());
            }
        }
    }
    Ok(found)
}
