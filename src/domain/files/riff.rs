//! Chunks of RIFF, in which WebP and WAV are.

use super::bytes;

/// A chunk, without its header.
pub struct Chunk<'a> {
    pub name: &'a [u8],
    pub content: &'a [u8],
}

impl<'a> Chunk<'a> {
    /// The first chunk, if all of it is there.
    pub fn read(rest: &'a [u8]) -> Option<Self> {
        let length = usize::try_from(bytes::le32(rest, 4)?).ok()?;
        Some(Self { name: rest.get(..4)?, content: rest.get(8..)?.get(..length)? })
    }

    pub fn is(&self, names: &[&[u8; 4]]) -> bool {
        names.iter().any(|name| self.name == &name[..])
    }
}
