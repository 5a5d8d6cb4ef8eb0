//! Plain text: UTF-8, UTF-16 with a byte order mark, and Windows-874 (TIS-620), in which older Thai programs write. Pages
//! (HTML, SVG, XML) are not.

use super::bytes;
use super::types::{Examined, Finding, Media, Unfit};

/// How far into a text readers look for a page.
const PAGE_WITHIN: usize = 1024;

/// Decodes all of it. Control characters and pages are refused.
pub fn examine(file: &[u8]) -> Result<Examined, Unfit> {
    let text = decode(file).ok_or(Unfit::Unknown)?;
    if text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{C}' | '\u{1A}')) {
        return Err(Unfit::Unknown);
    }
    let end = text.char_indices().nth(PAGE_WITHIN).map_or(text.len(), |(at, _)| at);
    let start = text.get(..end).unwrap_or_default();
    // Who writes about `<script>` in a sentence sends no page.
    let begins_page = |line: &str| line.trim_start().strip_prefix('<').is_some_and(|tag| is_tag(tag, &PAGES_WITHIN));
    if is_page(start.as_bytes()) || start.split(['\n', '\r', '\u{C}']).any(begins_page) {
        return Err(Unfit::Ambiguous);
    }
    let findings = text.starts_with("#!/").then_some(Finding::Executable);
    Ok(Examined::of(Media::Text, findings))
}

/// As `examine`, for a file that begins as another type does: a word behind the first tells a text from a mere header.
pub fn examine_words(file: &[u8]) -> Result<Examined, Unfit> {
    let text = decode(file).ok_or(Unfit::Unknown)?;
    let has_words = text.split_whitespace().skip(1).any(|word| word.contains(char::is_alphabetic));
    if has_words { examine(file) } else { Err(Unfit::Unknown) }
}

/// The text of a file, whatever its encoding.
pub fn decode(file: &[u8]) -> Option<String> {
    match file {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => match std::str::from_utf8(file) {
            Ok(text) => Some(text.trim_start_matches('\u{FEFF}').to_owned()),
            Err(_) => windows_874(file),
        },
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let text = String::from_utf16(&pairs.iter().map(|pair| unit(*pair)).collect::<Vec<_>>()).ok()?;
    odd.is_empty().then_some(text)
}

/// Text of which most other letters than English ones are Thai: else any bytes would be text.
fn windows_874(bytes: &[u8]) -> Option<String> {
    let text: String = bytes.iter().map(|byte| thai(*byte)).collect::<Option<_>>()?;
    let other = text.chars().filter(|c| !c.is_ascii()).count();
    let letters = text.chars().filter(|c| matches!(c, '\u{E01}'..='\u{E4E}')).count();
    // Thai words are several letters long.
    let runs = bytes.windows(2).filter(|pair| pair.iter().all(|byte| matches!(byte, 0xA1..=0xEE))).count();
    (letters * 2 > other && runs * 2 > letters).then_some(text)
}

fn thai(byte: u8) -> Option<char> {
    match byte {
        b'\t' | b'\n' | b'\r' | b' '..=b'~' => Some(char::from(byte)),
        0x80 => Some('€'),
        0x85 => Some('…'),
        0x91..=0x97 => ['‘', '’', '“', '”', '•', '–', '—'].get(usize::from(byte - 0x91)).copied(),
        0xA0 => Some('\u{A0}'),
        0xA1..=0xDA | 0xDF..=0xFB => char::from_u32(0xE00 + u32::from(byte) - 0xA0),
        _ => None,
    }
}

/// How pages begin (WHATWG MIME Sniffing, 7.1), and drawings. `<a@b.com>` is an address, `<somchai>` a name in a chat.
const PAGES: [&[u8]; 20] = [
    b"!--",
    b"!doctype",
    b"?xml",
    b"a",
    b"b",
    b"body",
    b"br",
    b"div",
    b"font",
    b"h1",
    b"head",
    b"html",
    b"iframe",
    b"img",
    b"p",
    b"script",
    b"style",
    b"svg",
    b"table",
    b"title",
];

/// Which of them make a page of what they stand in.
const PAGES_WITHIN: [&[u8]; 5] = [b"!doctype", b"html", b"iframe", b"script", b"svg"];

/// Whether content begins as HTML, SVG or XML does.
pub fn is_page(content: &[u8]) -> bool {
    let content = bytes::start(content, PAGE_WITHIN);
    let content = content.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(content).trim_ascii_start();
    content.strip_prefix(b"<").is_some_and(|tag| is_tag(tag, &PAGES))
}

/// Whether a page is within, wherever it begins.
pub fn has_page(content: &[u8]) -> bool {
    memchr::memchr_iter(b'<', content).any(|at| content.get(at + 1..).is_some_and(|tag| is_tag(tag, &PAGES_WITHIN)))
}

fn is_tag(tag: impl AsRef<[u8]>, names: &[&[u8]]) -> bool {
    let tag = tag.as_ref();
    names.iter().any(|name| {
        let is_named = tag.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
        let ends = |end: &u8| end.is_ascii_whitespace() || b">/".contains(end);
        is_named && (*name == b"!--" || tag.get(name.len()).is_none_or(ends))
    })
}

/// Whether a page or drawing runs something when it is opened.
pub fn has_script(content: &[u8]) -> bool {
    let content = content.to_ascii_lowercase();
    [&b"<script"[..], b":script", b"javascript:", b"onload", b"onerror", b"onclick", b"onbegin"]
        .iter()
        .any(|sign| bytes::contains(&content, sign))
}

#[cfg(test)]
mod tests {
    use super::super::types::examine as of;
    use super::*;

    #[test]
    fn a_text_is_a_text_and_a_page_is_none() {
        for fine in [
            "ปลาทู",
            "BMW สีแดง",
            "\u{FEFF}a\tb\r\n",
            "a < b",
            "<3",
            "ID is 5",
            "<a@b.co>",
            "<som> hi",
            "see %PDF-1.4",
            "ID3",
            "a <script>x</script>",
            "I'm free on Monday",
            "The wide road was closed",
            "The free ticket",
            "OggS is how Ogg begins",
            "RIFF a, WAVE b",
            "RIFFabcdWAVE files",
            "RIFFabcdWEBP files",
            "#!AMR\nis how AMR begins",
            "ID3 tags",
            "%PDF-1.4 คืออะไร",
            "BM of the bank",
            "GIF89a is old",
            "PK means",
        ] {
            assert_eq!(of(fine.as_bytes()).map(|it| it.media), Ok(Media::Text), "{fine}");
        }
        for page in [
            "<html>",
            " \n<svg onload=x>",
            "\u{FEFF}<?xml version=\"1.0\"?>",
            "<!DOCTYPE html>",
            "a\n \t<script>x</script>",
            "a\r<svg onload=x>",
            "<!-- a --><p>",
            "<!-- a -->\n<html>",
        ] {
            assert_eq!(of(page.as_bytes()), Err(Unfit::Ambiguous), "{page}");
        }
        for wrong in [&b"a\0b"[..], b"\xFF\xFE\x00", b"MZ\x90\x00", b"\x1B[2J", b"GIF89a\x01\x00", b"\xDB\xDC"] {
            assert_eq!(of(wrong), Err(Unfit::Unknown), "{wrong:?}");
        }
    }

    #[test]
    fn thai_text_is_read_in_its_encodings() {
        let line = "เรียกรับเงิน 500 บาท";
        let utf16: Vec<u8> = line.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&[&[0xFF, 0xFE][..], &utf16].concat()).as_deref(), Some(line));
        let old: Vec<u8> =
            line.chars().map(|c| if c.is_ascii() { c as u8 } else { (c as u32 - 0xE00 + 0xA0) as u8 }).collect();
        assert_eq!(decode(&old).as_deref(), Some(line));
    }
}
