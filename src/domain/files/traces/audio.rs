//! What recordings of sound tell: ID3, Vorbis comments, and the chunks of WAV.

use memchr::memmem;

use super::super::audio::{mpeg, ogg, wav};
use super::super::bytes;
use super::super::riff::Chunk;
use super::{Found, LARGEST_VALUE, TraceKind};

const MOST_FRAMES: usize = 500;

pub fn mpeg(file: &[u8], found: &mut Found) {
    if let Some(content) = mpeg::tag_content(file) {
        id3(file.get(3).copied().unwrap_or_default(), content, found);
    }
    let first_version = file.len().checked_sub(128).and_then(|at| file.get(at..)?.strip_prefix(b"TAG"));
    if let Some(tag) = first_version {
        let field = |from: usize, to: usize| tag.get(from..to).unwrap_or_default();
        found.add_bytes(TraceKind::Person, field(30, 60));
        found.add_bytes(TraceKind::Comment, field(0, 30));
        found.add_bytes(TraceKind::Comment, field(94, 122));
        found.add_bytes(TraceKind::Time, field(90, 94));
    }
}

/// Frames of ID3v2. Version 2 has names of three letters, version 4 counts in seven bits.
fn id3(version: u8, mut rest: &[u8], found: &mut Found) {
    for _ in 0..MOST_FRAMES {
        let (name_length, header) = if version == 2 { (3, 6) } else { (4, 10) };
        let Some(name) = rest.get(..name_length).filter(|name| name.iter().all(u8::is_ascii_alphanumeric)) else {
            return;
        };
        let shift = if version == 4 { 7 } else { 8 };
        let digits = rest.get(name_length..2 * name_length).unwrap_or_default();
        let size = digits.iter().fold(0_usize, |size, digit| size << shift | usize::from(*digit));
        let Some(content) = rest.get(header..).and_then(|rest| rest.get(..size)) else { return };
        frame(name, content, found);
        rest = rest.get(header + size..).unwrap_or_default();
    }
}

fn frame(name: &[u8], content: &[u8], found: &mut Found) {
    let kind = match name {
        b"TPE1" | b"TPE2" | b"TPE3" | b"TCOM" | b"TEXT" | b"TOWN" | b"TENC" | b"TCOP" | b"TP1" | b"TCM" | b"TEN" => {
            TraceKind::Person
        }
        b"TPUB" | b"TPB" => TraceKind::Organisation,
        b"TSSE" | b"TSS" => TraceKind::Software,
        b"TDRC" | b"TYER" | b"TDAT" | b"TDEN" | b"TDTG" | b"TYE" => TraceKind::Time,
        b"TIT2" | b"TALB" | b"TT2" | b"COMM" | b"COM" => TraceKind::Comment,
        b"APIC" | b"PIC" => return found.add(TraceKind::Picture, "cover"),
        b"TXXX" | b"TXX" => {
            let text = text(content);
            return if let Some((key, value)) = text.split_once('\0') {
                found.add_named(key, value)
            };
        }
        _ => return,
    };
    let text = text(content);
    if kind == TraceKind::Comment && name.starts_with(b"COM") {
        // A language of three letters, a description, and the comment.
        return found.add(kind, text.rsplit('\0').find(|part| !part.is_empty()).unwrap_or_default());
    }
    found.add(kind, &text);
}

/// The first byte says the encoding. Thai programs write Windows-874 for what should be Latin-1.
fn text(content: &[u8]) -> String {
    let content = bytes::start(content, LARGEST_VALUE);
    match content {
        [1, bytes @ ..] => wide(bytes, u16::from_le_bytes),
        [2, bytes @ ..] => wide(bytes, u16::from_be_bytes),
        [3, bytes @ ..] => String::from_utf8_lossy(bytes).into_owned(),
        [_, bytes @ ..] => match super::text::decode(bytes.strip_suffix(b"\0").unwrap_or(bytes)) {
            Some(text) => text,
            None => bytes.iter().map(|byte| char::from(*byte)).collect(),
        },
        [] => String::new(),
    }
}

fn wide(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let unit = if bytes.starts_with(&[0xFE, 0xFF]) { u16::from_be_bytes } else { unit };
    let units: Vec<u16> = bytes.as_chunks::<2>().0.iter().map(|pair| unit(*pair)).collect();
    String::from_utf16_lossy(&units).replace('\u{FEFF}', "")
}

pub fn ogg(file: &[u8], found: &mut Found) {
    let headers = ogg::headers(file);
    let behind = |name: &[u8]| memmem::find(&headers, name).map(|at| at + name.len());
    let start = behind(b"\x03vorbis").or_else(|| behind(b"OpusTags")).or_else(|| {
        // The comments of FLAC follow its first page, behind four bytes; those of Speex are the second page.
        let first = ogg::page(file).map_or(0, |(content, _)| content.len());
        Some(if headers.starts_with(b"\x7FFLAC") { first + 4 } else { first })
    });
    let mut rest = start.and_then(|start| headers.get(start..)).unwrap_or_default();
    found.add_bytes(TraceKind::Software, counted(&mut rest).unwrap_or_default());
    rest = rest.get(4..).unwrap_or_default();
    for _ in 0..MOST_FRAMES {
        let Some(comment) = counted(&mut rest) else { break };
        if let Some((key, value)) = super::utf8(comment).split_once('=') {
            let is_picture = key.eq_ignore_ascii_case("METADATA_BLOCK_PICTURE");
            if is_picture { found.add(TraceKind::Picture, "cover") } else { found.add_named(key, value) }
        }
    }
}

/// What follows a length.
fn counted<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(bytes::le32(rest, 0)?).ok()?;
    let (counted, after) = rest.get(4..)?.split_at_checked(length)?;
    *rest = after;
    Some(counted)
}

pub fn wav(file: &[u8], found: &mut Found) {
    for chunk in wav::parse(file).0 {
        match (chunk.name, chunk.content) {
            (b"LIST", content) => content.strip_prefix(b"INFO").into_iter().for_each(|items| list(items, found)),
            (b"id3 " | b"ID3 ", tag) => mpeg(tag, found),
            // EBU Tech 3285: a description, an originator and its reference, a date.
            (b"bext", content) => {
                let field = |from: usize, to: usize| content.get(from..to).unwrap_or_default();
                found.add_bytes(TraceKind::Comment, field(0, 256));
                found.add_bytes(TraceKind::Device, field(256, 288));
                found.add_bytes(TraceKind::SerialNumber, field(288, 320));
                found.add_bytes(TraceKind::Time, field(320, 338));
            }
            _ => {}
        }
    }
}

fn list(mut rest: &[u8], found: &mut Found) {
    for _ in 0..MOST_FRAMES {
        let Some(item) = Chunk::read(rest) else { return };
        let kind = match item.name {
            b"IART" | b"IENG" | b"ITCH" | b"ICOP" => Some(TraceKind::Person),
            b"ISFT" => Some(TraceKind::Software),
            b"ICRD" => Some(TraceKind::Time),
            b"INAM" | b"ICMT" | b"ISBJ" | b"IKEY" => Some(TraceKind::Comment),
            b"ISRC" => Some(TraceKind::Organisation),
            _ => None,
        };
        kind.into_iter().for_each(|kind| found.add_bytes(kind, item.content));
        rest = rest.get(8 + item.content.len().next_multiple_of(2)..).unwrap_or_default();
    }
}
