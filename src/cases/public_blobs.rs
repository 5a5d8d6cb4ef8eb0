//! Public files beside the sealed ones: as they were sent, since everybody may read them, and compared with their hash each time.

use actix_web::web::Bytes;
use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::HEXLOWER;
use entity::public_file;
use futures_util::{Stream, StreamExt, stream};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use super::blobs::{Blobs, UNDER_WAY, away};
use crate::crypto::aead::random;
use crate::domain::merkle::{Hash, sha256};
use crate::error::{Code, Error, Result};
use crate::http::memory_budget::{MemoryBudget, PIECE};

impl Blobs {
    /// Stores a file that everybody may read; gives the name of its object.
    pub async fn put_public(&self, bytes: Bytes) -> Result<String> {
        let object = format!("{}/{}", self.folder, HEXLOWER.encode(&random::<16>()?));
        let (space, size) = (self.space.clone(), bytes.len() as u64);
        let taken = tokio::task::spawn_blocking(move || space.take(size)).await.map_err(Error::internal)??;
        self.store.put(&Path::from(&*object), bytes.into()).await.map_err(away)?;
        drop(taken);
        Ok(object)
    }

    /// A public file in pieces, once it was found to be the one that was published, with the room that the pieces under way take.
    /// None is kept: to be sent they are read again, and each must be the one that was read before.
    pub async fn get_public(
        &self,
        file: public_file::Model,
    ) -> Result<(impl Stream<Item = Result<Bytes>> + Send + 'static, MemoryBudget)> {
        let size = usize::try_from(file.size).map_err(Error::internal)?;
        let mut room = MemoryBudget::new(&self.memory.public);
        room.take(size.min(UNDER_WAY * PIECE))?;
        let hashes = self.hashes(&file).await?;
        let store = self.store.clone();
        let pieces =
            stream::try_unfold((store, file, hashes.into_iter(), 0), |(store, file, mut hashes, start)| async move {
                let Some(hash) = hashes.next() else { return Ok(None) };
                let piece = piece(&*store, &file, start, hash).await?;
                let end = start + piece.len() as u64;
                Ok(Some((piece, (store, file, hashes, end))))
            });
        Ok((pieces, room))
    }

    /// The hashes of the pieces of a file that is the one that was published.
    async fn hashes(&self, file: &public_file::Model) -> Result<Vec<Hash>> {
        let found = self.store.get(&Path::from(&*file.object)).await.map_err(|error| unreadable(file, error))?;
        if i32::try_from(found.meta.size).ok() != Some(file.size) {
            return Err(damaged(file));
        }
        let (mut stream, mut gathered) = (found.into_stream(), Vec::new());
        let (mut whole, mut hashes) = (Context::new(&SHA256), Vec::new());
        while let Some(part) = stream.next().await {
            let part = part.map_err(|error| unreadable(file, error))?;
            whole.update(&part);
            gathered.extend_from_slice(&part);
            while gathered.len() >= PIECE {
                let rest = gathered.split_off(PIECE);
                hashes.push(sha256(&[&gathered]));
                gathered = rest;
            }
        }
        if !gathered.is_empty() {
            hashes.push(sha256(&[&gathered]));
        }
        let is_same = HEXLOWER.encode(whole.finish().as_ref()) == file.sha256;
        if is_same { Ok(hashes) } else { Err(damaged(file)) }
    }
}

async fn piece(store: &dyn ObjectStore, file: &public_file::Model, start: u64, hash: Hash) -> Result<Bytes> {
    let end = u64::try_from(file.size).map_err(Error::internal)?.min(start + PIECE as u64);
    let piece = store.get_range(&Path::from(&*file.object), start..end).await;
    let piece = piece.map_err(|error| unreadable(file, error))?;
    if sha256(&[&piece]) == hash { Ok(piece) } else { Err(damaged(file)) }
}

fn damaged(file: &public_file::Model) -> Error {
    tracing::error!(file = %file.id, "a public file is missing or not the one that was published");
    Code::Damaged.into()
}

fn unreadable(file: &public_file::Model, error: object_store::Error) -> Error {
    match error {
        object_store::Error::NotFound { .. } => damaged(file),
        error => away(error),
    }
}
