//! Memory budget for file transfers of all requests together, in parts: none of them can take what another needs. It is
//! charged as data arrives, so an idle client holds nothing.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Code, Error, Result};

/// Bytes that are held at least, and of a piece of a stored file before it is sealed.
pub const PIECE: usize = 64 * 1024;

/// Memory of the parts, each with a permit for each [`PIECE`].
pub struct FileMemory {
    /// Uploads by receipt, once the receipt is known.
    pub uploads: Arc<Semaphore>,
    /// Uploads by receipt whose file stands before the receipt: whoever has none holds nothing but this.
    pub unannounced: Arc<Semaphore>,
    /// Downloads by receipt.
    pub downloads: Arc<Semaphore>,
    /// Downloads of public files.
    pub public: Arc<Semaphore>,
    /// What officers send and fetch.
    pub office: Arc<Semaphore>,
}

impl FileMemory {
    /// For files of at most so many bytes. While one is taken apart it is there three times over, with a little beside it.
    pub fn new(largest: usize) -> Self {
        let files = |count: usize| Arc::new(Semaphore::new(count * 3 * (largest.div_ceil(PIECE) + 1)));
        Self { uploads: files(4), unannounced: files(1), downloads: files(1), public: files(1), office: files(2) }
    }
}

/// What one request holds of it. It is free again when this is dropped.
pub struct MemoryBudget {
    memory: Arc<Semaphore>,
    taken: Option<OwnedSemaphorePermit>,
}

impl MemoryBudget {
    /// Of a semaphore with a permit for each [`PIECE`]; nothing is taken yet.
    pub fn new(memory: &Arc<Semaphore>) -> Self {
        Self { memory: memory.clone(), taken: None }
    }

    fn pieces(&self) -> usize {
        self.taken.as_ref().map_or(0, OwnedSemaphorePermit::num_permits)
    }

    /// Reserves this many bytes in total, or rejects the request with `Retry-After`.
    pub fn take(&mut self, bytes: usize) -> Result<()> {
        let more = bytes.div_ceil(PIECE).saturating_sub(self.pieces());
        let more = u32::try_from(more).map_err(|_| Code::TooLarge)?;
        if more == 0 {
            return Ok(());
        }
        let permit = self.memory.clone().try_acquire_many_owned(more).map_err(|_| too_many_files())?;
        match &mut self.taken {
            Some(taken) => taken.merge(permit),
            None => self.taken = Some(permit),
        }
        Ok(())
    }

    /// Gives back what is held beyond so many bytes.
    pub fn keep(&mut self, bytes: usize) {
        let beyond = self.pieces().saturating_sub(bytes.div_ceil(PIECE));
        drop(self.taken.as_mut().and_then(|taken| taken.split(beyond)));
    }
}

pub fn too_many_files() -> Error {
    Code::Unavailable.because(
        "ขณะนี้มีการรับส่งไฟล์จำนวนมาก โปรดลองใหม่ในอีกสักครู่",
        "Too many files are under way: try again after Retry-After seconds.",
    )
}
