//! Ogg (RFC 3533): pages of Vorbis, Opus, FLAC or Speex.

use super::super::types::{Examined, Media, Unfit};
use super::super::{bytes, signature};

/// How the first page of each codec begins.
const CODECS: [&[u8]; 4] = [b"\x01vorbis", b"OpusHead", b"\x7FFLAC", b"Speex   "];

/// Walks the pages to the end; the first must be of a codec for sound.
pub fn examine(file: &[u8]) -> Result<Examined, Unfit> {
    let (first, mut rest) = page(file).ok_or(Unfit::Unknown)?;
    if !CODECS.iter().any(|codec| first.starts_with(codec)) || !rest.starts_with(b"OggS") {
        return Err(Unfit::Unknown);
    }
    while let Some((_, after)) = page(rest) {
        rest = after;
    }
    // A recording that was cut off ends within a page.
    let findings = if rest.starts_with(b"OggS\0") { signature::recognized(rest) } else { signature::foreign(rest) };
    Ok(Examined::of(Media::Ogg, findings))
}

/// What a page holds, and what follows it.
pub fn page(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let header = rest.strip_prefix(b"OggS\0")?;
    let segments = usize::from(*header.get(21)?);
    let length: usize = header.get(22..22 + segments)?.iter().map(|length| usize::from(*length)).sum();
    header.get(22 + segments..)?.split_at_checked(length)
}

/// What the first pages hold, one after the other: the headers of the codec.
pub fn headers(file: &[u8]) -> Vec<u8> {
    let mut rest = file;
    let pages = std::iter::from_fn(|| {
        let (content, after) = page(rest)?;
        rest = after;
        Some(bytes::start(content, 1 << 16))
    });
    pages.take(4).collect::<Vec<_>>().concat()
}
