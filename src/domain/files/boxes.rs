//! Boxes of ISO base media files (ISO/IEC 14496-12) and QuickTime: MP4, MOV, M4A, 3GP, HEIC and AVIF.

use super::types::{Examined, Media, Unfit};
use super::{bytes, samsung, signature};

/// A box, without its header.
#[derive(Clone, Copy)]
pub struct Part<'a> {
    pub kind: [u8; 4],
    pub content: &'a [u8],
}

/// Boxes of one level. No recorder makes more.
const MOST_PARTS: usize = 10_000;

const FIRST: [&[u8; 4]; 8] = [b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"uuid", b"pnot"];

/// Whether the first box is one that files begin with.
pub fn begins(file: &[u8]) -> bool {
    FIRST.iter().any(|kind| bytes::array(file, 4) == Some(**kind))
}

/// Walks the boxes of the file; its type is by its brands.
pub fn examine(file: &[u8]) -> Result<Examined, Unfit> {
    let (parts, end) = walk(file);
    let has = |kind: &[u8; 4]| parts.iter().any(|part| part.kind == *kind);
    let brands = parts.iter().find(|part| part.kind == *b"ftyp").map(|part| part.content);
    let media = brands.map_or(Some(Media::Mov), media).ok_or(Unfit::Unknown)?;
    let walks = match media {
        Media::Heic | Media::Avif => has(b"meta") || has(b"moov"),
        // A recording that was cut off has no directory.
        _ => has(b"moov") || has(b"moof") || brands.is_some() && has(b"mdat"),
    };
    if !walks {
        return Err(Unfit::Unknown);
    }
    let (rest, mut findings) = samsung::without_trailer(file.get(end..).unwrap_or_default());
    let is_cut = [b"moov", b"moof", b"mfra", b"free", b"skip"].iter().any(|kind| bytes::array(rest, 4) == Some(**kind));
    findings.extend(if is_cut { signature::recognized(rest) } else { signature::foreign(rest) });
    for part in parts.iter().filter(|part| ![*b"moov", *b"moof", *b"meta", *b"ftyp"].contains(&part.kind)) {
        let content = if part.kind == *b"uuid" { part.content.get(16..).unwrap_or_default() } else { part.content };
        // Sound and video can begin with any two bytes.
        let is_chance = part.kind == *b"mdat" && has(b"moov") && content.starts_with(b"MZ");
        findings.extend(signature::of(content).filter(|_| !is_chance));
    }
    Ok(Examined::of(media, findings))
}

/// Where a video ends that begins here.
pub fn video(bytes: &[u8]) -> Option<usize> {
    let (parts, end) = walk(bytes);
    let begins = parts.first().is_some_and(|part| part.kind == *b"ftyp");
    (begins && parts.iter().any(|part| [*b"moov", *b"moof", *b"mdat"].contains(&part.kind))).then_some(end)
}

/// The type by the brands of `ftyp`: the major one first; HEIF's general brand is told by the compatible ones.
fn media(brands: &[u8]) -> Option<Media> {
    let major = bytes::array(brands, 0)?;
    let compatible = |brand: &[u8; 4]| brands.as_chunks::<4>().0.iter().skip(2).take(64).any(|it| it == brand);
    match &major {
        b"avif" | b"avis" => Some(Media::Avif),
        b"mif1" | b"msf1" if compatible(b"avif") || compatible(b"avis") => Some(Media::Avif),
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" => Some(Media::Heic),
        b"qt  " => Some(Media::Mov),
        b"M4A " | b"M4B " | b"M4P " => Some(Media::M4a),
        [b'3', b'g', b'p' | b'2' | b'r' | b's' | b'e', _] => Some(Media::ThreeGp),
        // Raw pictures of Canon, JPEG 2000, JPEG XL.
        b"crx " | b"jp2 " | b"jpx " | b"jxl " => None,
        _ => Some(Media::Mp4),
    }
}

/// The boxes of a file or of a box's content, and where they end.
pub fn walk(bytes: &[u8]) -> (Vec<Part<'_>>, usize) {
    let (mut parts, mut at) = (Vec::new(), 0);
    while parts.len() < MOST_PARTS {
        let Some((part, length)) = bytes.get(at..).and_then(next) else { break };
        parts.push(part);
        at += length;
    }
    (parts, at)
}

/// The content of the first box with such a path.
pub fn at<'a>(bytes: &'a [u8], path: &[&[u8; 4]]) -> Option<&'a [u8]> {
    path.iter().try_fold(bytes, |content, kind| {
        let content = if content.starts_with(&[0; 4]) { content.get(4..)? } else { content };
        walk(content).0.iter().find(|part| part.kind == **kind).map(|part| part.content)
    })
}

fn next(rest: &[u8]) -> Option<(Part<'_>, usize)> {
    let kind = bytes::array(rest, 4)?;
    if !kind.iter().all(|byte| byte.is_ascii_graphic() || matches!(byte, b' ' | 0xA9)) {
        return None;
    }
    let (header, length) = match bytes::be32(rest, 0)? {
        // To the end of the file; of other kinds it would be padding that looks like it.
        0 if kind == *b"mdat" => (8, rest.len()),
        1 => (16, usize::try_from(bytes::be64(rest, 8)?).ok()?),
        length => (8, usize::try_from(length).ok()?),
    };
    // What is recorded when the battery ends is shorter than it was to become.
    let length = if kind == *b"mdat" { length.min(rest.len()) } else { length };
    Some((Part { kind, content: rest.get(header..length)? }, length))
}
