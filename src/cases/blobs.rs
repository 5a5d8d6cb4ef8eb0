//! Blob storage of attachments: a folder or an S3 bucket, under random names, in pieces encrypted under the case's key.
//! Each piece authenticates its file, its position and whether it is the last, so that none can be dropped, moved or
//! replaced.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Bytes;
use aws_lc_rs::hmac;
use data_encoding::HEXLOWER;
use entity::case_event::Side;
use entity::case_file;
use futures_util::{Stream, StreamExt, stream};
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt, RetryConfig};
use url::Url;
use uuid::Uuid;

use super::attachments::small::Decoding;
use super::free_space::FreeSpace;
use super::vault::CaseKey;
use crate::crypto::aead::{SEALING, random};
use crate::error::{Code, Error, Result, with_causes};
use crate::http::memory_budget::{FileMemory, MemoryBudget, PIECE};

/// Pieces of a download that are in memory at once: sealed, opened, waiting to be taken, and being sent.
pub(super) const UNDER_WAY: usize = 4;

/// What is kept, and how much of it.
#[derive(Clone, Debug)]
pub struct FileSettings {
    /// A folder, or `s3://bucket/prefix`.
    pub place: String,
    /// Bytes of one file.
    pub largest: usize,
    /// Of each side of a case.
    pub per_case: u64,
    /// Bytes of each side of a case.
    pub per_case_bytes: Option<u64>,
    /// Bytes that an IP address may send in a day.
    pub daily_bytes: Option<u64>,
    /// Bytes of all cases together that the office has done nothing about yet.
    pub unhandled_bytes: Option<u64>,
    /// Bytes that are left free on the disk.
    pub free_bytes: u64,
}

impl Default for FileSettings {
    fn default() -> Self {
        Self {
            place: "data/attachments".to_owned(),
            largest: 10 << 20,
            per_case: 10,
            per_case_bytes: None,
            daily_bytes: None,
            unhandled_bytes: None,
            free_bytes: 0,
        }
    }
}

pub struct Blobs {
    pub(super) store: Arc<dyn ObjectStore>,
    /// Of this deployment's key and of this database alone: the sweep of another deployment, or of another database under the
    /// same key, never sees what is in it.
    pub(super) folder: String,
    /// Where half-written files of a local store would lie.
    pub(super) local: Option<PathBuf>,
    pub memory: FileMemory,
    pub decoding: Decoding,
    pub(super) space: Arc<FreeSpace>,
    pub settings: FileSettings,
}

impl Blobs {
    /// `key` is the deployment's own, `database` the identity of its database.
    pub fn open(settings: &FileSettings, key: &hmac::Key, database: &str) -> Result<Self, String> {
        let folder = HEXLOWER.encode(&hmac::sign(key, format!("folder {database}").as_bytes()).as_ref()[..8]);
        let store = open_store(&settings.place)?;
        let local = (!settings.place.starts_with("s3://")).then(|| PathBuf::from(&settings.place).join(&folder));
        let disk = local.as_ref().map(|_| PathBuf::from(&settings.place));
        let space = Arc::new(FreeSpace::new(disk, settings.free_bytes));
        let memory = FileMemory::new(settings.largest);
        Ok(Self { store, folder, local, memory, decoding: Decoding::default(), space, settings: settings.clone() })
    }

    /// The folder of a local store.
    pub fn folder(&self) -> Option<&std::path::Path> {
        self.local.as_ref().and_then(|folder| folder.parent())
    }

    /// Stores a file; gives the name of its object.
    pub async fn put(&self, key: CaseKey, id: Uuid, bytes: Bytes) -> Result<String> {
        let object = format!("{}/{}", self.folder, HEXLOWER.encode(&random::<16>()?));
        let space = self.space.clone();
        let sealing = move || Ok((space.take(sealed_size(bytes.len()))?, seal(&key, id, &bytes)?));
        let sealed: Result<_> = tokio::task::spawn_blocking(sealing).await.map_err(Error::internal)?;
        let (_taken, sealed) = sealed?;
        self.store.put(&Path::from(&*object), sealed.into_iter().collect()).await.map_err(away)?;
        Ok(object)
    }

    /// A file for one of the sides, once each of its pieces was opened and so found to be what was sent. None is kept: to be sent
    /// they are read again.
    pub async fn get(&self, key: CaseKey, file: case_file::Model, side: Side) -> Result<Opened> {
        let mut room = self.room(side);
        room.take(size_of(&file)?.min(UNDER_WAY * PIECE))?;
        self.open_each(&key, &file, |_| ()).await?;
        Ok(Opened { store: self.store.clone(), key, file, room })
    }

    fn room(&self, side: Side) -> MemoryBudget {
        MemoryBudget::new(match side {
            Side::Sender => &self.memory.downloads,
            Side::Office => &self.memory.office,
        })
    }

    /// A file in one piece for one of the sides, with room for another that is made of it.
    pub async fn get_whole(
        &self,
        key: &CaseKey,
        file: &case_file::Model,
        side: Side,
    ) -> Result<(Vec<u8>, MemoryBudget)> {
        let (size, mut room) = (size_of(file)?, self.room(side));
        room.take(3 * size)?;
        let mut whole = Vec::with_capacity(size);
        self.open_each(key, file, |piece| whole.extend(piece)).await?;
        Ok((whole, room))
    }

    async fn open_each(&self, key: &CaseKey, file: &case_file::Model, mut take: impl FnMut(Vec<u8>)) -> Result<()> {
        let (size, found) = (size_of(file)?, self.store.get(&Path::from(&*file.object)).await);
        let found = found.map_err(|error| unreadable(file, error))?;
        let count = pieces_of(size);
        if found.meta.size != sealed_size(size) {
            return Err(damaged(file));
        }
        let (mut stream, mut sealed, mut number) = (found.into_stream(), Vec::new(), 0);
        while let Some(part) = stream.next().await {
            sealed.extend_from_slice(&part.map_err(|error| unreadable(file, error))?);
            while number < count && sealed.len() >= sealed_length(size, number) {
                let rest = sealed.split_off(sealed_length(size, number));
                take(open(key, file, size, number, &sealed)?);
                (sealed, number) = (rest, number + 1);
            }
        }
        if number == count && sealed.is_empty() { Ok(()) } else { Err(damaged(file)) }
    }

    /// Removes an object that will have no row. If this fails, the sweep removes it later.
    pub async fn remove(&self, object: &str) {
        if let Err(error) = self.store.delete(&Path::from(object)).await {
            tracing::warn!(%error, "a file that is not needed could not be removed");
        }
    }
}

/// The folder, which is made where there is none, or the bucket.
pub fn open_store(place: &str) -> Result<Arc<dyn ObjectStore>, String> {
    let message = |error: &dyn std::error::Error| format!("the place of attachments, {place}: {}", with_causes(error));
    if place.starts_with("s3://") {
        let url = Url::parse(place).map_err(|error| message(&error))?;
        let bucket = AmazonS3Builder::from_env().with_url(url.as_str()).with_retry(patience()).build();
        let bucket = bucket.map_err(|error| message(&error))?;
        let prefix = Path::from_url_path(url.path()).map_err(|error| message(&error))?;
        return Ok(Arc::new(PrefixStore::new(bucket, prefix)));
    }
    use std::os::unix::fs::DirBuilderExt;
    let mut make = std::fs::DirBuilder::new();
    make.recursive(true).mode(0o700).create(place).map_err(|error| message(&error))?;
    let store = LocalFileSystem::new_with_prefix(place).map_err(|error| message(&error))?;
    Ok(Arc::new(store.with_fsync(true)))
}

/// Bytes of the object of a file of so many bytes.
pub fn sealed_size(size: usize) -> u64 {
    (size + pieces_of(size) * SEALING) as u64
}

/// Whether an object is the whole file of this id and size, sealed under this key.
pub fn is_sealed_whole(key: &CaseKey, id: Uuid, size: usize, object: &[u8]) -> bool {
    let count = pieces_of(size);
    let opens = |(number, piece)| key.open_bytes(&place(id, number, number + 1 == count), piece).is_some();
    object.len() as u64 == sealed_size(size) && object.chunks(PIECE + SEALING).enumerate().all(opens)
}

/// A file that was stored, as it was sent.
pub struct Opened {
    store: Arc<dyn ObjectStore>,
    key: CaseKey,
    file: case_file::Model,
    room: MemoryBudget,
}

impl Opened {
    /// For an answer, with the room that the pieces under way take. Each is read when it is needed: no connection to a bucket
    /// stays open for a client that is slow.
    pub fn into_pieces(self) -> (impl Stream<Item = Result<Bytes>> + Send + 'static, MemoryBudget) {
        let Self { store, key, file, room } = self;
        let pieces = stream::try_unfold((store, key, file, 0), |(store, key, file, number)| async move {
            let size = size_of(&file)?;
            if number == pieces_of(size) {
                return Ok(None);
            }
            let start = (number * (PIECE + SEALING)) as u64;
            let range = start..start + sealed_length(size, number) as u64;
            let sealed = store.get_range(&Path::from(&*file.object), range).await;
            let sealed = sealed.map_err(|error| unreadable(&file, error))?;
            let piece = Bytes::from(open(&key, &file, size, number, &sealed)?);
            Ok(Some((piece, (store, key, file, number + 1))))
        });
        (pieces, room)
    }
}

/// An unavailable bucket is reported to the client, which retries, instead of waited for.
fn patience() -> RetryConfig {
    RetryConfig { max_retries: 2, retry_timeout: Duration::from_secs(5), ..RetryConfig::default() }
}

fn seal(key: &CaseKey, id: Uuid, bytes: &[u8]) -> Result<Vec<Bytes>> {
    let count = pieces_of(bytes.len());
    let piece = |(number, piece): (usize, &[u8])| key.seal_bytes(&place(id, number, number + 1 == count), piece);
    bytes.chunks(PIECE).enumerate().map(piece).map(|sealed| sealed.map(Bytes::from)).collect()
}

fn pieces_of(size: usize) -> usize {
    size.div_ceil(PIECE)
}

fn size_of(file: &case_file::Model) -> Result<usize> {
    usize::try_from(file.size).map_err(Error::internal)
}

/// Bytes of a stored piece of a file of `size` bytes.
fn sealed_length(size: usize, number: usize) -> usize {
    (size - PIECE * number).min(PIECE) + SEALING
}

fn open(key: &CaseKey, file: &case_file::Model, size: usize, number: usize, sealed: &[u8]) -> Result<Vec<u8>> {
    let is_last = number + 1 == pieces_of(size);
    key.open_bytes(&place(file.id, number, is_last), sealed).ok_or_else(|| damaged(file))
}

fn place(id: Uuid, number: usize, is_last: bool) -> Vec<u8> {
    [b"case_file\n", &id.as_bytes()[..], &(number as u64).to_be_bytes(), &[u8::from(is_last)]].concat()
}

fn damaged(file: &case_file::Model) -> Error {
    tracing::error!(file = %file.id, "a stored file is missing or not the one that was sent");
    Code::Damaged.into()
}

fn unreadable(file: &case_file::Model, error: object_store::Error) -> Error {
    match error {
        object_store::Error::NotFound { .. } => damaged(file),
        error => away(error),
    }
}

pub(super) fn away(error: object_store::Error) -> Error {
    tracing::error!(%error, "the place of attachments cannot be used");
    let mut cause: Option<&dyn std::error::Error> = Some(&error);
    while let Some(source) = cause {
        match source.downcast_ref::<std::io::Error>().map(std::io::Error::kind) {
            Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => return Code::StorageFull.into(),
            Some(ErrorKind::ReadOnlyFilesystem) => return Code::ReadOnly.into(),
            _ => cause = source.source(),
        }
    }
    Code::Unavailable.into()
}
