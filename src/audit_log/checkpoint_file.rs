//! The newest checkpoints outside the database, in a file beside the audit key. A log that does not continue the newest of
//! them was replaced, as by the restore of an older copy of the database.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Value, json};

use super::checkpoint::Checkpoint;
use crate::crypto::keys::SigningKey;
use crate::crypto::owner_file::{self, at};
use crate::crypto::signed_note::Verifier;

pub struct CheckpointFile {
    path: PathBuf,
    origin: String,
    verifier: Verifier,
}

/// A line of the file, as an export has it.
#[derive(Deserialize)]
struct Line {
    note: String,
    /// Whether it is the first one after a restore: those before it are of another log.
    #[serde(default)]
    after_restore: bool,
}

/// Bytes beyond which the older half goes: the checkpoints of five months, one an hour.
const MOST: usize = 1 << 20;

impl CheckpointFile {
    /// Opens the file, or makes it. Refuses one that has something else in it, which would be lost one day.
    pub fn open(path: PathBuf, key: &SigningKey, origin: &str) -> Result<Self, String> {
        let file = Self { path, origin: origin.to_owned(), verifier: Verifier::of(key, origin) };
        let (_, text) = file.read()?;
        owner_file::sync_name(&file.path)?;
        // Where there is no whole line yet, a process was killed while it wrote its first one.
        if text.contains('\n') && file.last_first(&text).next().is_none() {
            let place = file.path.display();
            return Err(format!("{place}: has no checkpoint of the log {origin} that the audit key has signed"));
        }
        Ok(file)
    }

    /// The checkpoint of the most events since the last restore. It need not be the last line: an older one may have been put there.
    pub fn newest(&self) -> Result<Option<Checkpoint>, String> {
        Ok(self.newest_of(&self.read()?.1))
    }

    /// All checkpoints in the file, the last one first.
    pub fn all(&self) -> Result<Vec<Checkpoint>, String> {
        Ok(self.last_first(&self.read()?.1).map(|(checkpoint, _)| checkpoint).collect())
    }

    /// Appends a checkpoint, unless the newest one covers as much: another process of this machine may use the file as well.
    pub fn keep(&self, note: &str) -> Result<(), String> {
        let size = Checkpoint::parse(note)?.size;
        let (file, text) = self.read()?;
        let is_covered = self.newest_of(&text).is_some_and(|newest| newest.size >= size);
        if is_covered { Ok(()) } else { self.append(file, text, json!({ "kind": "checkpoint", "note": note })) }
    }

    /// Appends a checkpoint as the newest one, although one before it covers more.
    pub fn keep_after_restore(&self, note: &str) -> Result<(), String> {
        let (file, text) = self.read()?;
        self.append(file, text, json!({ "kind": "checkpoint", "note": note, "after_restore": true }))
    }

    fn append(&self, mut file: File, mut text: String, line: Value) -> Result<(), String> {
        let before = text.len();
        // The last line may be half of one, of a process that was killed.
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(&format!("{line}\n"));
        if text.len() > MOST {
            let newer = text.floor_char_boundary(text.len() - MOST / 2);
            let (_, lines) = text[newer..].split_once('\n').unwrap_or_default();
            return owner_file::replace(&self.path, lines);
        }
        file.write_all(&text.as_bytes()[before..]).and_then(|()| file.sync_all()).map_err(at(&self.path))
    }

    /// The file, which no other process changes until it is closed, and its text.
    fn read(&self) -> Result<(File, String), String> {
        let read = || -> io::Result<(File, String)> {
            let mut file = self.locked()?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok((file, String::from_utf8_lossy(&bytes).into_owned()))
        };
        read().map_err(at(&self.path))
    }

    fn locked(&self) -> io::Result<File> {
        loop {
            // A device takes every line and keeps none, a pipe waits for ever.
            if std::fs::metadata(&self.path).is_ok_and(|there| !there.is_file()) {
                return Err(io::Error::other("is not a regular file"));
            }
            let file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(&self.path)?;
            file.lock()?;
            // Another process may have put a shorter file in its place meanwhile.
            if std::fs::metadata(&self.path)?.ino() == file.metadata()?.ino() {
                return Ok(file);
            }
        }
    }

    fn newest_of(&self, text: &str) -> Option<Checkpoint> {
        let mut newest: Option<Checkpoint> = None;
        for (checkpoint, is_first) in self.last_first(text) {
            newest = Some(match newest {
                Some(newest) if newest.size >= checkpoint.size => newest,
                _ => checkpoint,
            });
            if is_first {
                break;
            }
        }
        newest
    }

    /// The checkpoints of this log that this key has signed, and whether each is the first one after a restore. Other lines, such as
    /// half a line, are skipped.
    fn last_first(&self, text: &str) -> impl Iterator<Item = (Checkpoint, bool)> {
        let lines = text.lines().rev().filter_map(|line| serde_json::from_str::<Line>(line).ok());
        let opened = |line: Line| Some((Checkpoint::open(&line.note, &self.verifier).ok()?, line.after_restore));
        lines.filter_map(opened).filter(|(checkpoint, _)| checkpoint.origin == self.origin)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use chrono::DateTime;

    use super::*;

    fn key() -> SigningKey {
        SigningKey::generate(DateTime::UNIX_EPOCH).unwrap()
    }

    fn checkpoint(size: u64) -> Checkpoint {
        Checkpoint { origin: "prongsai".to_owned(), size, root: [7; 32] }
    }

    fn sizes(file: &CheckpointFile) -> Vec<u64> {
        file.all().unwrap().into_iter().map(|checkpoint| checkpoint.size).collect()
    }

    #[test]
    fn the_newest_checkpoint_is_kept_for_the_owner_alone_behind_half_a_line() {
        let (key, folder) = (key(), tempfile::tempdir().unwrap());
        let path = folder.path().join("audit.pem.checkpoints");
        let open = || CheckpointFile::open(path.clone(), &key, "prongsai").unwrap();
        assert_eq!(open().newest(), Ok(None));
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::write(&path, "{\"kind\":\"checkpo").unwrap();
        open().keep(&checkpoint(3).sign(&key)).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, [text.as_bytes(), b"{\"kind\":\"checkpoint\",\"note\":\"prongsai\\n5\\n\xe2"].concat())
            .unwrap();
        assert_eq!(open().newest(), Ok(Some(checkpoint(3))));
        for size in [5, 4, 5] {
            open().keep(&checkpoint(size).sign(&key)).unwrap();
        }
        assert_eq!(sizes(&open()), [5, 3]);
        open().keep_after_restore(&checkpoint(4).sign(&key)).unwrap();
        assert_eq!(sizes(&open()), [4, 5, 3]);
        assert_eq!(open().newest(), Ok(Some(checkpoint(4))));
        // An older one that is put behind the newest hides nothing.
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        let older = text.lines().find(|line| line.contains("\\n3\\n")).unwrap();
        std::fs::write(&path, format!("{text}{older}\n")).unwrap();
        assert_eq!(open().newest(), Ok(Some(checkpoint(4))));
    }

    #[test]
    fn a_file_with_something_else_in_it_is_refused_and_stays_as_it_is() {
        let (key, folder) = (key(), tempfile::tempdir().unwrap());
        let path = folder.path().join("file");
        let strangers = format!("{}\n", json!({ "kind": "checkpoint", "note": checkpoint(3).sign(&self::key()) }));
        for text in [key.to_pem(), strangers] {
            std::fs::write(&path, &text).unwrap();
            assert!(CheckpointFile::open(path.clone(), &key, "prongsai").is_err(), "{text}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
        assert!(CheckpointFile::open(folder.path().to_owned(), &key, "prongsai").is_err());
        assert!(CheckpointFile::open(folder.path().join("nowhere/file"), &key, "prongsai").is_err());
    }

    #[test]
    fn the_file_keeps_its_newest_lines() {
        let (key, folder) = (key(), tempfile::tempdir().unwrap());
        let path = folder.path().join("file");
        let file = CheckpointFile::open(path.clone(), &key, "prongsai").unwrap();
        file.keep(&checkpoint(1).sign(&key)).unwrap();
        let line = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, line.repeat(MOST / line.len())).unwrap();
        file.keep(&checkpoint(2).sign(&key)).unwrap();
        let length = usize::try_from(path.metadata().unwrap().len()).unwrap();
        assert!(length <= MOST / 2 && length > MOST / 2 - line.len(), "{length}");
        assert_eq!(sizes(&file)[..2], [2, 1]);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}
