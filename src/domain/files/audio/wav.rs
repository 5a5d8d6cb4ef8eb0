//! WAV (RIFF/WAVE) and RF64 (EBU Tech 3306). Recorders that are switched off leave lengths of nothing or of everything.

use super::super::riff::Chunk;
use super::super::types::{Examined, Media, Unfit};
use super::super::{bytes, signature};

/// Chunks: no recorder writes more.
const MOST_CHUNKS: usize = 1000;

/// Walks the chunks to the end; a format and data must be among them.
pub fn examine(file: &[u8]) -> Result<Examined, Unfit> {
    let (chunks, rest) = parse(file);
    let has = |name: &[u8]| chunks.iter().any(|chunk| chunk.name == name);
    if !has(b"fmt ") || !has(b"data") {
        return Err(Unfit::Unknown);
    }
    let mut findings = signature::foreign(rest);
    // Some chunks are XML.
    let others = chunks.iter().filter(|chunk| ![&b"data"[..], b"iXML", b"axml"].contains(&chunk.name));
    findings.extend(others.filter_map(|chunk| signature::of(chunk.content)));
    Ok(Examined::of(Media::Wav, findings))
}

/// The chunks, and what follows them. The length of the whole is not looked at: it is often wrong.
pub fn parse(file: &[u8]) -> (Vec<Chunk<'_>>, &[u8]) {
    let mut rest = file.get(12..).unwrap_or_default();
    let (mut chunks, mut long) = (Vec::new(), None);
    while chunks.len() < MOST_CHUNKS {
        let Some(chunk) = chunk(rest, long) else { break };
        if chunk.name == b"ds64" {
            long = bytes::array(chunk.content, 8).map(u64::from_le_bytes);
        }
        let end = 8 + chunk.content.len();
        // Not every program pads.
        let is_padded = chunk.content.len() % 2 == 1 && rest.get(end).is_some_and(|byte| *byte == 0);
        rest = rest.get(end + usize::from(is_padded)..).unwrap_or_default();
        chunks.push(chunk);
    }
    (chunks, rest)
}

fn chunk(rest: &[u8], long: Option<u64>) -> Option<Chunk<'_>> {
    let name = rest.get(..4).filter(|name| name.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' '))?;
    if name != b"data" {
        return Chunk::read(rest);
    }
    let content = rest.get(8..)?;
    let length = match (bytes::le32(rest, 4)?, long) {
        (0, _) | (u32::MAX, None) => content.len(),
        (u32::MAX, Some(long)) => usize::try_from(long).unwrap_or(usize::MAX),
        (length, _) => usize::try_from(length).ok()?,
    };
    Some(Chunk { name, content: bytes::start(content, length) })
}
