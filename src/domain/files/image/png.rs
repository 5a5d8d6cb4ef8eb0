//! PNG (W3C PNG, section 5): its chunks, and a copy without metadata.

use super::super::types::{Examined, Media, Unfit};
use super::super::{bytes, signature};
use super::MOST_PARTS;

/// How a file begins.
pub const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1A\n";

/// What is seen, and how.
const KEPT: [&[u8]; 12] =
    [b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"acTL", b"fcTL", b"fdAT", b"IDAT", b"IEND"];

/// A chunk; `content` is without its header and checksum.
pub struct Chunk<'a> {
    pub name: &'a [u8],
    pub content: &'a [u8],
    bytes: &'a [u8],
}

/// Walks the chunks to the end of the picture.
pub fn examine(file: &[u8]) -> Result<Examined, Unfit> {
    let (chunks, rest) = parse(file).ok_or(Unfit::Unknown)?;
    let private = chunks.iter().filter(|chunk| !KEPT.contains(&chunk.name));
    let mut findings = signature::foreign(rest);
    findings.extend(private.filter_map(|chunk| signature::of(chunk.content)));
    Ok(Examined::of(Media::Png, findings).with_view())
}

/// A copy without metadata, if the picture is whole.
pub fn without_metadata(file: &[u8]) -> Option<Vec<u8>> {
    let (chunks, _) = parse(file)?;
    let kept = chunks.iter().filter(|chunk| KEPT.contains(&chunk.name));
    Some([SIGNATURE].into_iter().chain(kept.map(|chunk| chunk.bytes)).collect::<Vec<_>>().concat())
}

/// The chunks up to the end of the picture, and what follows.
pub fn parse(file: &[u8]) -> Option<(Vec<Chunk<'_>>, &[u8])> {
    let mut rest = file.strip_prefix(SIGNATURE)?;
    let mut chunks: Vec<Chunk> = Vec::new();
    while chunks.len() < MOST_PARTS {
        let length = usize::try_from(bytes::be32(rest, 0)?).ok()?;
        let (bytes, after) = rest.split_at_checked(length.checked_add(12)?)?;
        let chunk = Chunk { name: bytes.get(4..8)?, content: bytes.get(8..8 + length)?, bytes };
        rest = after;
        let ends = chunk.name == b"IEND";
        chunks.push(chunk);
        if ends {
            let begins = chunks.first().is_some_and(|chunk| chunk.name == b"IHDR");
            let has_data = chunks.iter().any(|chunk| chunk.name == b"IDAT");
            return (begins && has_data).then_some((chunks, rest));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::super::types::{Finding, examine as of};
    use super::*;

    #[test]
    fn a_png_keeps_what_is_seen() {
        let chunk =
            |name: &[u8], content: &[u8]| [&(content.len() as u32).to_be_bytes()[..], name, content, &[0; 4]].concat();
        let (head, data, end) = (chunk(b"IHDR", &[0; 13]), chunk(b"IDAT", b"abc"), chunk(b"IEND", b""));
        let message = [chunk(b"tEXt", b"GPS"), chunk(b"eXIf", b"GPS"), chunk(b"tIME", b"GPS"), chunk(b"prVt", b"GPS")];
        let file = [SIGNATURE, &head, &message.concat(), &data, &end].concat();
        assert_eq!(of(&file), Ok(Examined::of(Media::Png, []).with_view()));
        assert_eq!(without_metadata(&file).unwrap(), [SIGNATURE, &head, &data, &end].concat());
        let hidden = Examined::of(Media::Png, [Finding::HiddenData]).with_view();
        assert_eq!(of(&[&file[..], b"x"].concat()), Ok(hidden));
        assert_eq!(of(&file[..file.len() - 4]), Err(Unfit::Unknown));
        let very_many = chunk(b"prVt", b"").repeat(MOST_PARTS);
        assert_eq!(of(&[SIGNATURE, &head, &very_many, &data, &end].concat()), Err(Unfit::Unknown));
    }
}
