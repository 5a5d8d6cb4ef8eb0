//! What pictures tell: EXIF, comments, and further pictures inside.

use memchr::memmem;

use super::super::image::{jpeg, png, webp};
use super::super::{boxes, bytes, samsung};
use super::{Found, TraceKind, exif, iptc};

/// Photos within a file whose EXIF is read.
const MOST_PHOTOS: usize = 10;

/// Digits of a profile that is written in text.
const MOST_DIGITS: usize = 1 << 17;

/// EXIF with its header, and the header of TIFF behind it.
const HEADED: [&[u8]; 2] = [b"Exif\0\0MM\0\x2A", b"Exif\0\0II\x2A\0"];

/// What libavif writes: an offset of zero, and TIFF whose directory follows its header.
const BARE: [&[u8]; 2] = [b"\0\0\0\0MM\0\x2A\0\0\0\x08", b"\0\0\0\0II\x2A\0\x08\0\0\0"];

pub fn jpeg(file: &[u8], found: &mut Found) {
    let Some(picture) = jpeg::parse(file) else { return };
    for segment in &picture.segments {
        if let Some(tiff) = segment.named(0xE1, jpeg::EXIF) {
            exif::tiff(tiff, found);
        }
        if let Some(resources) = segment.named(0xED, b"Photoshop 3.0\0") {
            iptc::resources(resources, found);
        }
        if let Some(comment) = segment.named(0xFE, b"") {
            found.add_bytes(TraceKind::Comment, comment);
        }
        if segment.named(0xE2, b"MPF\0").is_some() {
            found.add(TraceKind::Picture, "further picture");
        }
    }
    let rest = picture.rest;
    let video = memmem::find(bytes::start(rest, 1 << 16), b"ftyp").and_then(|at| rest.get(at.checked_sub(4)?..));
    if video.is_some_and(|video| boxes::video(video).is_some()) || bytes::contains(rest, b"MotionPhoto_Data") {
        found.add(TraceKind::Picture, "video");
    }
    if samsung::without_trailer(rest).0.len() < rest.len() {
        found.add(TraceKind::Device, "Samsung");
    }
}

pub fn png(file: &[u8], found: &mut Found) {
    let chunks = png::parse(file).map(|(chunks, _)| chunks).unwrap_or_default();
    for chunk in chunks {
        match (chunk.name, chunk.content) {
            (b"eXIf", tiff) => exif::tiff(tiff, found),
            (b"tEXt" | b"iTXt", content) => keyword(content, found),
            (b"tIME", [high, low, month, day, hour, minute, second, ..]) => {
                let year = u16::from_be_bytes([*high, *low]);
                let time = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z");
                found.add(TraceKind::Time, &time);
            }
            _ => {}
        }
    }
}

/// A keyword, and a text behind the last zero.
fn keyword(content: &[u8], found: &mut Found) {
    let mut parts = content.split(|byte| *byte == 0);
    let (Some(keyword), Some(text)) = (parts.next(), parts.next_back()) else { return };
    if [&b"Raw profile type exif"[..], b"Raw profile type APP1"].contains(&keyword) {
        // ImageMagick writes a name and a length before it, each on a line.
        let digits = text.splitn(4, |byte| *byte == b'\n').nth(3).unwrap_or_default();
        let profile = bytes::unhexed(bytes::start(digits, MOST_DIGITS));
        exif::tiff(profile.strip_prefix(jpeg::EXIF).unwrap_or(&profile), found);
    } else {
        found.add_named(&super::utf8(keyword), &super::utf8(text));
    }
}

pub fn webp(file: &[u8], found: &mut Found) {
    let chunks = webp::parse(file).map(|(chunks, _)| chunks).unwrap_or_default();
    for chunk in chunks.iter().filter(|chunk| chunk.name == b"EXIF") {
        exif::tiff(chunk.content.strip_prefix(jpeg::EXIF).unwrap_or(chunk.content), found);
    }
}

pub fn heif(file: &[u8], found: &mut Found) {
    exif_within(file, found);
    exif_behind(BARE, 4, file, found);
    if boxes::walk(file).0.iter().any(|part| part.kind == *b"mpvd") {
        found.add(TraceKind::Picture, "video");
    }
}

/// EXIF wherever it stands in HEIF, or in a photo within a PDF, by a header that is not by chance.
pub fn exif_within(file: &[u8], found: &mut Found) {
    exif_behind(HEADED, jpeg::EXIF.len(), file, found);
}

/// The TIFF of each start, so many bytes into it.
fn exif_behind(starts: [&[u8]; 2], skipped: usize, file: &[u8], found: &mut Found) {
    for start in starts {
        for at in memmem::find_iter(file, start).take(MOST_PHOTOS) {
            exif::tiff(file.get(at + skipped..).unwrap_or_default(), found);
        }
    }
}
