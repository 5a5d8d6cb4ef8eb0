//! Free space on the disk of attachments. Files are refused while there is still some: the database may be on the same disk,
//! and complaints need little.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{StatVfs, statvfs};

use crate::error::{Code, Result};

pub struct FreeSpace {
    /// None where files are in a bucket.
    folder: Option<PathBuf>,
    /// Bytes that files leave free; 0 where they may take all.
    floor: u64,
    /// Bytes of files that are being written.
    writing: AtomicU64,
}

/// Space of a file that is being written.
pub struct Taken {
    space: Arc<FreeSpace>,
    bytes: u64,
}

impl FreeSpace {
    pub fn new(folder: Option<PathBuf>, floor: u64) -> Self {
        Self { folder, floor, writing: AtomicU64::new(0) }
    }

    /// Takes the space of a file, if enough is free without it. It looks at the disk, so it blocks.
    pub fn take(self: &Arc<Self>, bytes: u64) -> Result<Taken> {
        // Counted first: of two that look at the same time each sees the other.
        let writing = self.writing.fetch_add(bytes, Ordering::SeqCst) + bytes;
        let taken = Taken { space: self.clone(), bytes };
        // A disk that cannot be looked at is found by the write to it.
        let left = self.folder.as_ref().filter(|_| self.floor > 0).and_then(|folder| statvfs(folder).ok());
        match left.as_ref().map(free_bytes) {
            Some(free) if free < self.floor.saturating_add(writing) => Err(Code::AttachmentsFull.into()),
            _ => Ok(taken),
        }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.space.writing.fetch_sub(self.bytes, Ordering::SeqCst);
    }
}

/// Bytes that a file system has for us.
pub fn free_bytes(about: &StatVfs) -> u64 {
    about.f_bavail.saturating_mul(about.f_frsize)
}
