//! Bodies that are written for one response. A long one goes into an unlinked temporary file, so that it takes no more memory
//! than a short one, however slowly it is read.

use std::env;
use std::fs::File;
use std::io::{self, BufWriter, IntoInnerError, Read, Seek, Write};

use actix_web::HttpRequest;
use actix_web::body::BoxBody;
use actix_web::web::Bytes;
use aws_lc_rs::digest::{Context, SHA256};
use futures_util::{Stream, stream};
use tempfile::{SpooledData, SpooledTempFile};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::spawn_blocking;

use crate::domain::merkle::Hash;
use crate::error::{Code, Error, Result};
use crate::http::context::is_anonymous;
use crate::http::download;
use crate::http::etag::{content_tag, digest_tag};
use crate::http::memory_budget::{PIECE, too_many_files};
use crate::revisions::Resource;

/// Bytes of a body that is in memory at most, where a file is allowed.
const SHORT: usize = 1024 * 1024;

/// How many files are sent at once, so that clients that read slowly do not fill the disk. The office has places of its own.
const PLACES: usize = 32;
static PUBLIC: Semaphore = Semaphore::const_new(PLACES);
static OFFICE: Semaphore = Semaphore::const_new(PLACES);

/// Where a body is while it is written and sent.
#[derive(Clone, Copy, PartialEq)]
pub enum Keep {
    /// In memory or in a temporary file.
    Anywhere,
    /// What is encrypted in the database is never in plain text on a disk.
    InMemory,
}

pub enum Body {
    Bytes(Vec<u8>),
    File { file: File, size: usize, etag: String },
}

/// Where a body is written to.
pub type Out<'a> = &'a mut (dyn Write + Send);

/// What is written, with its SHA-256.
struct Spool {
    file: SpooledTempFile,
    digest: Context,
}

impl Keep {
    /// By what a response depends on: what nothing is said of may be encrypted.
    pub fn by(depends_on: &[Resource]) -> Self {
        let is_encrypted = depends_on.is_empty() || depends_on.iter().any(|resource| resource.is_encrypted());
        if is_encrypted { Self::InMemory } else { Self::Anywhere }
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl Body {
    /// Written off the threads that answer requests.
    pub async fn write(keep: Keep, write: impl FnOnce(Out<'_>) -> io::Result<()> + Send + 'static) -> Result<Self> {
        let most = if keep == Keep::Anywhere { SHORT } else { usize::MAX };
        let written = off_thread(move || {
            let spool = Spool { file: SpooledTempFile::new(most), digest: Context::new(&SHA256) };
            let mut out = BufWriter::with_capacity(PIECE, spool);
            write(&mut out)?;
            let mut spool = out.into_inner().map_err(IntoInnerError::into_error)?;
            let size = spool.file.stream_position()?;
            spool.file.rewind()?;
            Ok((spool, size))
        });
        let (spool, size) = written.await.map_err(if keep == Keep::Anywhere { unusable } else { Error::internal })?;
        match spool.file.into_inner() {
            SpooledData::InMemory(bytes) => Ok(Self::Bytes(bytes.into_inner())),
            SpooledData::OnDisk(file) => {
                let size = usize::try_from(size).map_err(Error::internal)?;
                let sha256 = Hash::try_from(spool.digest.finish().as_ref()).map_err(Error::internal)?;
                Ok(Self::File { file, size, etag: digest_tag(sha256) })
            }
        }
    }

    /// An ETag of the content alone.
    pub fn etag(&self) -> String {
        match self {
            Self::Bytes(bytes) => content_tag(bytes),
            Self::File { etag, .. } => etag.clone(),
        }
    }

    pub fn is_file(&self) -> bool {
        matches!(self, Self::File { .. })
    }

    /// The body of the answer to a request.
    pub fn send(self, request: &HttpRequest) -> Result<BoxBody> {
        match self {
            Self::Bytes(bytes) => Ok(BoxBody::new(bytes)),
            Self::File { file, size, .. } => send(file, size, request),
        }
    }
}

/// Sends a file from where it stands to its end.
pub fn send(file: File, size: usize, request: &HttpRequest) -> Result<BoxBody> {
    let place = if is_anonymous(request.headers()) { PUBLIC.try_acquire() } else { OFFICE.try_acquire() };
    Ok(download::body(size, pieces(file, place.map_err(|_| too_many_files())?), None))
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.digest.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The place is free again when the file is closed.
fn pieces(file: File, place: SemaphorePermit<'static>) -> impl Stream<Item = Result<Bytes>> + Send {
    stream::try_unfold((file, place), |(file, place)| async move {
        let read = off_thread(move || {
            let mut piece = Vec::with_capacity(PIECE);
            (&file).take(PIECE as u64).read_to_end(&mut piece)?;
            Ok((piece, file))
        });
        let (piece, file) = read.await.map_err(unusable)?;
        Ok((!piece.is_empty()).then(|| (Bytes::from(piece), (file, place))))
    })
}

/// Files block the thread that reads and writes them.
pub async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}

/// For a temporary file: the disk is full, say.
pub fn unusable(error: io::Error) -> Error {
    let folder = env::temp_dir();
    tracing::error!(%error, folder = %folder.display(), "a temporary file cannot be used");
    Code::Unavailable.into()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use actix_web::body::to_bytes;
    use actix_web::http::header;
    use actix_web::test::TestRequest;

    use super::*;

    async fn written(keep: Keep, lines: usize) -> Body {
        let line = |number| format!("{number:0>1023}\n");
        let write = move |out: Out<'_>| (0..lines).try_for_each(|number| out.write_all(line(number).as_bytes()));
        Body::write(keep, write).await.unwrap()
    }

    #[actix_web::test]
    async fn a_long_body_is_in_a_file_and_has_the_same_bytes_and_etag_as_in_memory() {
        let of_office = TestRequest::get().insert_header((header::AUTHORIZATION, "Bearer x")).to_http_request();
        for (lines, is_file) in [(0, false), (1024, false), (1025, true)] {
            let (bytes, anywhere) = (written(Keep::InMemory, lines).await, written(Keep::Anywhere, lines).await);
            assert_eq!((bytes.is_file(), anywhere.is_file()), (false, is_file), "{lines}");
            assert_eq!(bytes.etag(), anywhere.etag());
            let bytes = to_bytes(bytes.send(&of_office).unwrap()).await.unwrap();
            assert_eq!(bytes.iter().filter(|byte| **byte == b'\n').count(), lines);
            assert_eq!(to_bytes(anywhere.send(&of_office).unwrap()).await.unwrap(), bytes);
        }
    }

    #[actix_web::test]
    async fn the_public_takes_no_place_of_the_office_and_each_is_free_again_after_the_file() {
        let public = TestRequest::get().to_http_request();
        let long = || written(Keep::Anywhere, 1025);
        let mut sent = Vec::new();
        for _ in 0..PLACES {
            sent.push(long().await.send(&public).unwrap());
        }
        assert_eq!(long().await.send(&public).err().unwrap().code(), Code::Unavailable);
        assert_eq!(OFFICE.available_permits(), PLACES);
        assert!(written(Keep::Anywhere, 1).await.send(&public).is_ok());
        // One is read, the others are not wanted any more.
        assert!(to_bytes(sent.pop().unwrap()).await.is_ok());
        assert!(long().await.send(&public).is_ok());
        drop(sent);
        let free = PUBLIC.acquire_many(u32::try_from(PLACES).unwrap());
        assert!(tokio::time::timeout(Duration::from_secs(10), free).await.is_ok());
    }

    #[actix_web::test]
    async fn a_full_disk_is_unavailable_and_not_a_fault_of_the_service() {
        type Write = fn(Out<'_>) -> io::Result<()>;
        let write: [Write; 2] = [|_| Err(io::ErrorKind::StorageFull.into()), |_| panic!("so does the library")];
        for write in write {
            assert_eq!(Body::write(Keep::Anywhere, write).await.err().unwrap().code(), Code::Unavailable);
            assert_eq!(Body::write(Keep::InMemory, write).await.err().unwrap().code(), Code::Internal);
        }
    }

    #[test]
    fn what_may_be_encrypted_is_kept_in_memory() {
        assert!(Keep::by(&[Resource::Measures]) == Keep::Anywhere);
        assert!(Keep::by(&[]) == Keep::InMemory);
        assert!(Keep::by(&[Resource::Units, Resource::ServiceRequests]) == Keep::InMemory);
    }
}
