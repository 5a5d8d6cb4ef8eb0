//! WebP (RFC 9649): its chunks, and a copy without metadata.

use super::super::riff::Chunk;
use super::super::types::{Examined, Media, Unfit};
use super::super::{bytes, signature};
use super::MOST_PARTS;

/// Walks the chunks of the picture.
pub fn examine(file: &[u8]) -> Result<Examined, Unfit> {
    let (chunks, rest) = parse(file).ok_or(Unfit::Unknown)?;
    let private = chunks.iter().filter(|chunk| !chunk.is(&[b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"]));
    let mut findings = signature::foreign(rest);
    findings.extend(private.filter_map(|chunk| signature::of(chunk.content)));
    Ok(Examined::of(Media::Webp, findings).with_view())
}

/// The chunks, and what follows.
pub fn parse(file: &[u8]) -> Option<(Vec<Chunk<'_>>, &[u8])> {
    let length = usize::try_from(bytes::le32(file.strip_prefix(b"RIFF")?, 0)?).ok()?;
    let body = file.get(8..)?.strip_prefix(b"WEBP")?;
    let (chunks, rest) = riff(body, length.checked_sub(4)?)?;
    let begins = chunks.first().is_some_and(|chunk| chunk.is(&[b"VP8 ", b"VP8L", b"VP8X"]));
    begins.then_some((chunks, rest))
}

/// The chunks in so many bytes. Programs differ in whether the last pad byte is there, and counted.
fn riff(body: &[u8], length: usize) -> Option<(Vec<Chunk<'_>>, &[u8])> {
    let mut chunks = Vec::new();
    let mut at = 0;
    while at < length {
        if chunks.len() == MOST_PARTS {
            return None;
        }
        let chunk = Chunk::read(body.get(at..)?)?;
        let is_odd = chunk.content.len() % 2 == 1;
        at += 8 + chunk.content.len().checked_next_multiple_of(2)?;
        chunks.push(chunk);
        if at == length.checked_add(2)? && !is_odd || at > length.checked_add(2)? {
            return None;
        }
    }
    Some((chunks, body.get(at..).unwrap_or_default()))
}

/// A copy without metadata, if the picture is whole.
pub fn without_metadata(file: &[u8]) -> Option<Vec<u8>> {
    // That a colour profile, EXIF or XMP is there.
    const TELLS: u8 = 0x20 | 0x08 | 0x04;
    let mut body = b"WEBP".to_vec();
    for chunk in &parse(file)?.0 {
        match (chunk.name, chunk.content) {
            (b"VP8X", [flags, rest @ ..]) => add(&mut body, b"VP8X", &[&[flags & !TELLS], rest].concat()),
            (b"ANMF", content) => add(&mut body, b"ANMF", &frame(content)),
            (b"VP8 " | b"VP8L" | b"ALPH" | b"ANIM", content) => add(&mut body, chunk.name, content),
            _ => {}
        }
    }
    let mut bare = Vec::new();
    add(&mut bare, b"RIFF", &body);
    Some(bare)
}

/// A frame of an animation: sixteen bytes, then chunks of its own.
fn frame(content: &[u8]) -> Vec<u8> {
    let (head, parts) = content.split_at_checked(16).unwrap_or((content, &[]));
    let parts = riff(parts, parts.len()).map(|(chunks, _)| chunks).unwrap_or_default();
    let mut bare = head.to_vec();
    let kept = parts.iter().filter(|chunk| chunk.is(&[b"VP8 ", b"VP8L", b"ALPH"]));
    kept.for_each(|chunk| add(&mut bare, chunk.name, chunk.content));
    bare
}

fn add(bytes: &mut Vec<u8>, name: &[u8], content: &[u8]) {
    bytes.extend(name);
    bytes.extend(u32::try_from(content.len()).unwrap_or(u32::MAX).to_le_bytes());
    bytes.extend(content);
    bytes.resize(bytes.len().next_multiple_of(2), 0);
}

#[cfg(test)]
mod tests {
    use super::super::super::types::{Finding, examine as of};
    use super::*;

    #[test]
    fn a_webp_keeps_what_is_seen() {
        let chunks = |parts: &[(&[u8], &[u8])]| {
            let mut body = b"WEBP".to_vec();
            parts.iter().for_each(|(name, content)| add(&mut body, name, content));
            let mut file = Vec::new();
            add(&mut file, b"RIFF", &body);
            file
        };
        let mut inner = vec![0; 16];
        add(&mut inner, b"VP8 ", b"abc");
        let bare_frame = inner.clone();
        add(&mut inner, b"note", b"GPS");
        let flags = |flags: u8| [flags, 0, 0, 0, 1, 0, 0, 1, 0, 0];
        let file = chunks(&[
            (b"VP8X", &flags(0x2E)),
            (b"ICCP", b"GPS"),
            (b"ANIM", &[0; 6]),
            (b"ANMF", &inner),
            (b"EXIF", b"GPS"),
            (b"XMP ", b"GPS"),
        ]);
        assert_eq!(of(&file), Ok(Examined::of(Media::Webp, []).with_view()));
        let bare = chunks(&[(b"VP8X", &flags(0x02)), (b"ANIM", &[0; 6]), (b"ANMF", &bare_frame)]);
        assert_eq!(without_metadata(&file).unwrap(), bare);
        let hidden = Examined::of(Media::Webp, [Finding::HiddenData]).with_view();
        assert_eq!(of(&[&file[..], b"xx"].concat()), Ok(hidden));
    }
}
