//! What videos and sound in boxes tell: QuickTime's and iTunes' metadata, and the time of the recording.

use chrono::DateTime;

use super::super::boxes::{self, Part};
use super::super::bytes;
use super::{Found, TraceKind};

/// From 1904, where QuickTime's time begins, to 1970.
const EPOCH: u64 = 2_082_844_800;

const MOST_ITEMS: usize = 200;

pub fn boxes(file: &[u8], found: &mut Found) {
    let Some(moov) = boxes::at(file, &[b"moov"]) else { return };
    if let Some(time) = boxes::at(moov, &[b"mvhd"]).and_then(created) {
        found.add(TraceKind::Time, &time);
    }
    let user_data = boxes::at(moov, &[b"udta"]).map(|content| boxes::walk(content).0).unwrap_or_default();
    user_data.iter().take(MOST_ITEMS).for_each(|part| item(part, found));
    let itunes =
        boxes::at(moov, &[b"udta", b"meta", b"ilst"]).map(|content| boxes::walk(content).0).unwrap_or_default();
    for part in itunes.iter().take(MOST_ITEMS) {
        // Behind the type and the language of the value.
        let value = boxes::at(part.content, &[b"data"]).and_then(|value| value.get(8..)).unwrap_or_default();
        if part.kind == *b"covr" {
            found.add(TraceKind::Picture, "cover");
        }
        kind(part.kind).into_iter().for_each(|kind| found.add_bytes(kind, value));
    }
    for meta in [boxes::at(moov, &[b"meta"]), boxes::at(moov, &[b"udta", b"meta"])].into_iter().flatten() {
        keyed(meta, found);
    }
}

/// An item of QuickTime or 3GPP.
fn item(part: &Part, found: &mut Found) {
    match &part.kind {
        b"loci" => location(part.content).into_iter().for_each(|place| found.add(TraceKind::Place, &place)),
        // Behind version, flags and language.
        b"auth" | b"titl" | b"dscp" | b"cprt" | b"perf" => {
            let kind = if matches!(&part.kind, b"auth" | b"perf") { TraceKind::Person } else { TraceKind::Comment };
            found.add_bytes(kind, part.content.get(6..).unwrap_or_default());
        }
        // Behind length and language.
        _ => {
            let length = usize::from(bytes::be16(part.content, 0).unwrap_or_default());
            let value = bytes::start(part.content.get(4..).unwrap_or_default(), length);
            kind(part.kind).into_iter().for_each(|kind| found.add_bytes(kind, value));
        }
    }
}

fn kind(code: [u8; 4]) -> Option<TraceKind> {
    let [0xA9, code @ ..] = code else { return None };
    Some(match &code {
        b"xyz" => TraceKind::Place,
        b"day" => TraceKind::Time,
        b"mak" | b"mod" => TraceKind::Device,
        b"swr" | b"too" | b"enc" => TraceKind::Software,
        b"ART" | b"aut" | b"wrt" | b"prf" | b"dir" | b"cpy" => TraceKind::Person,
        b"nam" | b"cmt" | b"des" | b"inf" | b"alb" => TraceKind::Comment,
        _ => return None,
    })
}

/// Items of Apple and Android: a list of keys, and values by their number.
fn keyed(meta: &[u8], found: &mut Found) {
    let list = |name| boxes::at(meta, &[name]).unwrap_or_default();
    let mut keys = Vec::new();
    let mut rest = list(b"keys").get(8..).unwrap_or_default();
    while let Some(key) = sized(&mut rest).filter(|_| keys.len() < MOST_ITEMS) {
        keys.push(super::utf8(key.get(4..).unwrap_or_default()));
    }
    let mut rest = list(b"ilst");
    for _ in 0..MOST_ITEMS {
        let Some(value) = sized(&mut rest) else { break };
        let key = bytes::be32(value, 0).and_then(|number| keys.get(usize::try_from(number).ok()?.checked_sub(1)?));
        let text = boxes::at(value.get(4..).unwrap_or_default(), &[b"data"]).and_then(|data| data.get(8..));
        if let (Some(key), Some(text)) = (key, text) {
            found.add_named(key, &super::utf8(text));
        }
    }
}

/// What follows a length, which counts itself.
fn sized<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(bytes::be32(rest, 0)?).ok()?;
    let (sized, after) = rest.split_at_checked(length)?;
    *rest = after;
    sized.get(4..)
}

/// 3GPP TS 26.244: a name, a role, and longitude before latitude in 65536ths of a degree.
fn location(content: &[u8]) -> Option<String> {
    let name = content.get(6..)?;
    let numbers = name.get(name.iter().position(|byte| *byte == 0)? + 2..)?;
    let degrees = |at| bytes::array(numbers, at).map(|degrees| f64::from(i32::from_be_bytes(degrees)) / 65536.0);
    super::coordinates(degrees(4)?, degrees(0)?)
}

fn created(mvhd: &[u8]) -> Option<String> {
    let seconds = if mvhd.first() == Some(&1) { bytes::be64(mvhd, 4)? } else { bytes::be32(mvhd, 4)?.into() };
    // Programs without a clock leave zero, in either count.
    let seconds = seconds.checked_sub(EPOCH).filter(|seconds| *seconds > 0 && *seconds < 1 << 34)?;
    let time = DateTime::from_timestamp(i64::try_from(seconds).ok()?, 0)?;
    Some(time.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quicktime_counts_from_1904() {
        let at = |seconds: u64| created(&[&[0; 4][..], &((seconds + EPOCH) as u32).to_be_bytes()].concat());
        assert_eq!(at(951_782_400).as_deref(), Some("2000-02-29T00:00:00Z"));
        assert_eq!(at(1_767_323_045).as_deref(), Some("2026-01-02T03:04:05Z"));
        assert_eq!(at(0), None);
    }
}
