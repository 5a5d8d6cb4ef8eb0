//! Frames of MPEG audio, layers II and III (ISO/IEC 11172-3, 13818-3), and of AAC in ADTS (ISO/IEC 13818-7), with the
//! tags that stand before, between and behind them.

use memchr::memmem;

use super::super::types::{Examined, Media, Unfit};
use super::super::{bytes, signature};

/// How ID3v2 begins.
const ID3: &[u8] = b"ID3";

/// Whether a tag, or two frames, stand at the beginning.
pub fn begins(file: &[u8]) -> bool {
    id3(file).is_some()
        || frame(file).is_some_and(|(_, length)| file.get(length..).is_some_and(|rest| frame(rest).is_some()))
}

/// Walks tags and frames to the end; two frames must follow each other.
pub fn examine(file: &[u8]) -> Result<Examined, Unfit> {
    let mut rest = behind_tags(file);
    let (media, first) = frame(rest).ok_or(Unfit::Unknown)?;
    let follows = rest.get(first..).and_then(frame).is_some_and(|(next, _)| next == media);
    if !follows {
        return Err(Unfit::Unknown);
    }
    let mut examined = Examined::of(media, None);
    while !rest.is_empty() {
        rest = behind_frames(media, rest);
        let tagged = behind_tags(rest);
        if tagged.len() < rest.len() {
            rest = tagged;
            continue;
        }
        // A frame that was cut off, or something else up to the next frames.
        let next = frames_again(media, rest).unwrap_or(rest.len());
        let (between, after) = rest.split_at_checked(next).unwrap_or((rest, &[]));
        let is_cut = after.is_empty() && frame(between).is_some_and(|(_, length)| length > between.len());
        examined.findings.extend(if is_cut { signature::recognized(between) } else { signature::foreign(between) });
        rest = after;
    }
    examined.findings.extend(tag_content(file).and_then(|tag| signature::of(bytes::trim_padding(tag))));
    Ok(examined)
}

fn behind_frames(media: Media, mut rest: &[u8]) -> &[u8] {
    while let Some((_, length)) = frame(rest).filter(|(kind, _)| *kind == media) {
        match rest.get(length..) {
            Some(after) => rest = after,
            None => break,
        }
    }
    rest
}

/// Where two frames follow each other again.
fn frames_again(media: Media, rest: &[u8]) -> Option<usize> {
    let is_frame = |at: usize| rest.get(at..).and_then(frame).filter(|(kind, _)| *kind == media);
    memchr::memchr_iter(0xFF, rest)
        .filter(|at| *at > 0)
        .find(|at| is_frame(*at).and_then(|(_, length)| is_frame(at + length)).is_some())
}

/// Tags and padding: ID3v2 in front; ID3v1, APE and Lyrics3 behind.
fn behind_tags(mut rest: &[u8]) -> &[u8] {
    loop {
        let length = id3(rest).or_else(|| ape(rest)).or_else(|| lyrics(rest)).or_else(|| id3v1(rest));
        let padding = rest.iter().take_while(|byte| matches!(byte, 0 | b' ' | b'\r' | b'\n' | 0x1A)).count();
        match length.or(Some(padding).filter(|length| *length > 0)).and_then(|length| rest.get(length..)) {
            Some(after) => rest = after,
            None => return rest,
        }
    }
}

/// What ID3v2 holds.
pub fn tag_content(file: &[u8]) -> Option<&[u8]> {
    file.get(10..id3(file)?)
}

/// The length of ID3v2 with its header and footer.
fn id3(rest: &[u8]) -> Option<usize> {
    let [major, minor, flags, size @ ..] = bytes::array::<7>(rest.strip_prefix(ID3)?, 0)?;
    let is_synchsafe = size.iter().all(|byte| *byte < 0x80);
    let size = size.iter().fold(0, |size, byte| size << 7 | usize::from(*byte));
    let footer = if flags & 0x10 == 0 { 0 } else { 10 };
    (matches!(major, 2..=4) && minor != 0xFF && flags & 0x0F == 0 && is_synchsafe).then_some(10 + size + footer)
}

fn id3v1(rest: &[u8]) -> Option<usize> {
    match rest {
        [b'T', b'A', b'G', b'+', ..] => Some(227),
        [b'T', b'A', b'G', ..] => Some(128),
        _ => None,
    }
}

/// The length of APE's tag: a header of 32 bytes, and what it counts.
fn ape(rest: &[u8]) -> Option<usize> {
    let header = rest.strip_prefix(b"APETAGEX")?;
    let size = usize::try_from(bytes::le32(header, 4)?).ok()?;
    // A footer alone counts what is before it.
    let is_header = bytes::le32(header, 12)? & 0x2000_0000 != 0;
    Some(if is_header { size.checked_add(32)? } else { 32 })
}

fn lyrics(rest: &[u8]) -> Option<usize> {
    rest.strip_prefix(b"LYRICSBEGIN")?;
    let end =
        [&b"LYRICS200"[..], b"LYRICSEND"].iter().find_map(|end| memmem::find(bytes::start(rest, 1 << 16), end))?;
    Some(end + 9)
}

/// What a frame is of and its length, by its header.
fn frame(rest: &[u8]) -> Option<(Media, usize)> {
    let header = bytes::be32(rest, 0)?;
    if header >> 20 == 0xFFF && header >> 17 & 0b11 == 0 {
        return adts(rest).map(|length| (Media::Aac, length));
    }
    if header >> 21 != 0x7FF {
        return None;
    }
    let (version, layer) = (header >> 19 & 0b11, header >> 17 & 0b11);
    let rate = match (version, layer) {
        (0b11, 0b10) => [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
        (0b11, 0b01) => [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
        (0b00 | 0b10, 0b01 | 0b10) => [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
        _ => return None,
    };
    let rate: usize = *rate.get(usize::try_from(header >> 12 & 0xF).ok()?.checked_sub(1)?)?;
    let frequency: usize = *[44_100, 48_000, 32_000].get(usize::try_from(header >> 10 & 0b11).ok()?)?;
    let frequency = match version {
        0b11 => frequency,
        0b10 => frequency / 2,
        _ => frequency / 4,
    };
    let samples = if version != 0b11 && layer == 0b01 { 72_000 } else { 144_000 };
    Some((Media::Mp3, samples * rate / frequency + usize::try_from(header >> 9 & 1).ok()?))
}

fn adts(rest: &[u8]) -> Option<usize> {
    let header = bytes::be64(rest, 0).or_else(|| Some(u64::from(bytes::be32(rest, 0)?) << 32))?;
    let frequency = header >> 42 & 0xF;
    let length = usize::try_from(header >> 21 & 0x1FFF).ok()?;
    (frequency < 13 && length >= 7).then_some(length)
}
