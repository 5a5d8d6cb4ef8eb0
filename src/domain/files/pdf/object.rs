//! Objects of a PDF wherever they stand, by `obj` rather than by the cross-reference tables, which readers rebuild if they
//! are wrong. Of streams only object streams are unpacked.

use std::collections::BTreeSet;

use memchr::memmem;
use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_zlib_with_limit};

use super::super::bytes;
use super::super::types::{Finding, Unfit};
use super::token::{Token, Tokens, is_space, names};

/// Bytes of all streams of objects, unpacked.
const LARGEST: usize = 8 << 20;

const MOST_STREAMS: usize = 5000;

/// Collects what `inspect` finds in the dictionaries of all objects; `Encrypted` if some could not be read. Objects that
/// overlap very much are not followed.
pub fn visit(pdf: &[u8], mut inspect: impl FnMut(&[u8]) -> BTreeSet<Finding>) -> Result<BTreeSet<Finding>, Unfit> {
    let mut findings = BTreeSet::new();
    let mut left = (pdf.len() * 4).saturating_add(1 << 20);
    let (mut unpacked, mut streams) = (LARGEST, 0);
    for start in starts(pdf) {
        let rest = pdf.get(start..).unwrap_or_default();
        let (body, stream) = split(bytes::start(rest, left));
        left -= body.len();
        findings.extend(inspect(body));
        if let Some(stream) = stream.filter(|_| holds_objects(body)) {
            streams += 1;
            if streams > MOST_STREAMS {
                left = 0;
            }
            let packed = bytes::start(rest.get(stream..).unwrap_or_default(), left);
            let packed = bytes::start(packed, memmem::find(packed, b"endstream").unwrap_or(packed.len()));
            left -= packed.len();
            let (content, is_whole) = content(body, packed, unpacked)?;
            unpacked -= content.len();
            findings.extend(inspect(&content));
            if !is_whole {
                findings.insert(Finding::Encrypted);
            }
        }
        if left == 0 {
            findings.insert(Finding::Encrypted);
            break;
        }
    }
    Ok(findings)
}

/// Behind each `obj` of an object and each `trailer`.
fn starts(pdf: &[u8]) -> impl Iterator<Item = usize> {
    let objects = memmem::find_iter(pdf, b"obj").filter(|at| {
        let before = at.checked_sub(1).and_then(|at| pdf.get(at));
        before.is_some_and(|byte| is_space(*byte) || byte.is_ascii_digit())
    });
    objects.map(|at| at + 3).chain(memmem::find_iter(pdf, b"trailer").map(|at| at + 7))
}

/// What belongs to the object, and where its stream begins if it has one.
fn split(rest: &[u8]) -> (&[u8], Option<usize>) {
    let mut tokens = Tokens::of(rest);
    let mut depth = 0_usize;
    while let Some(token) = tokens.next() {
        match token {
            Token::DictionaryStart => depth += 1,
            Token::DictionaryEnd => depth = depth.saturating_sub(1),
            Token::Keyword(b"stream") if depth == 0 => {
                return (bytes::start(rest, tokens.at), Some(tokens.at));
            }
            // Another object begins, from which on it is looked at anew.
            Token::Keyword(b"obj") => break,
            Token::Keyword(keyword) if depth == 0 && (keyword.starts_with(b"endobj") || keyword == b"startxref") => {
                break;
            }
            _ => {}
        }
    }
    (bytes::start(rest, tokens.at), None)
}

fn holds_objects(body: &[u8]) -> bool {
    names(body).any(|name| *name == *b"ObjStm")
}

/// A stream of objects, unpacked as far as it can be, and whether that is all of it.
fn content(body: &[u8], packed: &[u8], most: usize) -> Result<(Vec<u8>, bool), Unfit> {
    const SHORT: [&[u8]; 6] = [b"Fl", b"LZW", b"AHx", b"A85", b"RL", b"Crypt"];
    let filters: Vec<_> =
        names(body).filter(|name| name.ends_with(b"Decode") || SHORT.contains(&&**name)).take(2).collect();
    let is_predicted = names(body).any(|name| *name == *b"Predictor");
    match filters.iter().map(|name| &**name).collect::<Vec<_>>()[..] {
        [] => Ok((bytes::start(packed, most).to_vec(), packed.len() <= most)),
        [b"FlateDecode" | b"Fl"] if !is_predicted => inflate(packed, most),
        _ => Ok((Vec::new(), false)),
    }
}

fn inflate(packed: &[u8], most: usize) -> Result<(Vec<u8>, bool), Unfit> {
    let packed = packed.strip_prefix(b"\r").unwrap_or(packed);
    let packed = packed.strip_prefix(b"\n").unwrap_or(packed);
    match decompress_to_vec_zlib_with_limit(packed, most) {
        Ok(content) => Ok((content, true)),
        // The streams of a long document are too large only together.
        Err(failed) if failed.status == TINFLStatus::HasMoreOutput && most == LARGEST => Err(Unfit::Bomb),
        Err(failed) => Ok((failed.output, false)),
    }
}
