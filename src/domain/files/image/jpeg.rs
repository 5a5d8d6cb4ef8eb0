//! JPEG (ITU-T T.81, annex B): its segments, what telephones append to it, and a copy without metadata.

use std::collections::BTreeSet;

use memchr::memmem;

use super::super::types::{Examined, Finding, Media, Unfit};
use super::super::{boxes, bytes, samsung, signature};
use super::MOST_PARTS;

/// A segment, and of a scan what it holds.
pub struct Segment<'a> {
    marker: u8,
    /// From the marker on.
    bytes: &'a [u8],
}

impl<'a> Segment<'a> {
    /// The content behind a name, if the segment has this marker and name.
    pub fn named(&self, marker: u8, name: &[u8]) -> Option<&'a [u8]> {
        self.bytes.get(4..).filter(|_| self.marker == marker)?.strip_prefix(name)
    }

    fn is_scan(&self) -> bool {
        self.marker == 0xDA
    }
}

/// A JPEG up to its end, or as far as it can be read.
pub struct Jpeg<'a> {
    pub segments: Vec<Segment<'a>>,
    /// What follows the end of the image, or cannot be read where the end is missing.
    pub rest: &'a [u8],
    has_end: bool,
}

/// How a segment of EXIF begins.
pub const EXIF: &[u8] = b"Exif\0\0";
/// How a segment of XMP begins.
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";

/// Further pictures behind the first: no telephone makes more.
const MOST_PICTURES: usize = 100;

/// Walks the segments, and what telephones append to them.
pub fn examine(file: &[u8]) -> Result<Examined, Unfit> {
    let jpeg = parse(file).ok_or(Unfit::Unknown)?;
    if !jpeg.has_end {
        // A transfer was cut off.
        return Ok(Examined::of(Media::Jpeg, signature::recognized(jpeg.rest)));
    }
    Ok(Examined::of(Media::Jpeg, trailer(&jpeg)).with_view())
}

/// A copy without metadata, if the picture is whole.
pub fn without_metadata(file: &[u8]) -> Option<Vec<u8>> {
    parse(file).filter(|jpeg| jpeg.has_end).map(|jpeg| bare(&jpeg.segments))
}

/// The segments up to the end of the image. Without that end there must be a scan.
pub fn parse(file: &[u8]) -> Option<Jpeg<'_>> {
    let mut rest = file.strip_prefix(&[0xFF, 0xD8])?;
    let mut segments: Vec<Segment> = Vec::new();
    let mut has_scan = false;
    loop {
        let fill = rest.iter().take_while(|byte| **byte == 0xFF).count();
        rest = rest.get(fill.saturating_sub(1)..)?;
        if let Some(rest) = rest.strip_prefix(&[0xFF, 0xD9]).filter(|_| has_scan) {
            return Some(Jpeg { segments, rest, has_end: true });
        }
        match segment(rest).filter(|_| segments.len() < MOST_PARTS) {
            Some(segment) => {
                rest = rest.get(segment.bytes.len()..)?;
                has_scan |= segment.is_scan();
                segments.push(segment);
            }
            None => return has_scan.then_some(Jpeg { segments, rest, has_end: false }),
        }
    }
}

fn segment(rest: &[u8]) -> Option<Segment<'_>> {
    let (first, marker) = (*rest.first()?, *rest.get(1)?);
    if first != 0xFF || matches!(marker, 0x00 | 0x01 | 0xD0..=0xD9 | 0xFF) {
        return None;
    }
    let mut length = 2 + usize::from(bytes::be16(rest, 2)?);
    if length < 4 {
        return None;
    }
    if marker == 0xDA {
        let data = rest.get(length..)?;
        let ends = |at: &usize| data.get(at + 1).is_some_and(|next| !matches!(next, 0x00 | 0xD0..=0xD7 | 0xFF));
        length += memchr::memchr_iter(0xFF, data).find(ends).unwrap_or(data.len());
    }
    Some(Segment { marker, bytes: rest.get(..length)? })
}

/// What is dangerous behind the image. Further pictures that it announces (CIPA DC-007, GContainer), the video of a
/// motion photo, Samsung's trailer and padding are not.
fn trailer(jpeg: &Jpeg) -> BTreeSet<Finding> {
    let announces = jpeg.segments.iter().any(|segment| {
        let xmp = segment.named(0xE1, XMP);
        segment.named(0xE2, b"MPF\0").is_some() || xmp.is_some_and(|xmp| bytes::contains(xmp, b"Container:Directory"))
    });
    let (before, mut findings) = samsung::without_trailer(jpeg.rest);
    let mut rest = before;
    for _ in 0..MOST_PICTURES {
        if let Some(picture) = further_picture(rest).filter(|_| announces) {
            rest = picture.rest;
            if !picture.has_end {
                findings.extend(signature::recognized(rest));
                return findings;
            }
        } else if let Some(after) = behind_video(rest) {
            rest = after;
        } else {
            break;
        }
    }
    findings.extend(signature::foreign(rest));
    findings
}

/// The picture behind padding, whose last byte can be the first of a marker.
fn further_picture(rest: &[u8]) -> Option<Jpeg<'_>> {
    let padding = rest.len() - bytes::trim_padding(rest).len();
    parse(rest.get(padding.checked_sub(1)?..)?)
}

/// What follows the video behind padding, which the length of the video's first box can look like.
fn behind_video(rest: &[u8]) -> Option<&[u8]> {
    let content = bytes::trim_padding(rest);
    let kind = rest.len() - content.len() + memmem::find(bytes::start(content, 8), b"ftyp")?;
    let video = rest.get(kind.checked_sub(4)?..)?;
    video.get(boxes::video(video)?..)
}

fn bare(segments: &[Segment]) -> Vec<u8> {
    let mut bare = vec![0xFF, 0xD8];
    for segment in segments {
        let content = segment.bytes.get(4..).unwrap_or_default();
        match (segment.marker, content) {
            // Its first fourteen bytes; a small picture may follow.
            (0xE0, head) if head.starts_with(b"JFIF\0") && head.len() >= 14 => {
                bare.extend([0xFF, 0xE0, 0, 16]);
                bare.extend(bytes::start(head, 12));
                bare.extend([0, 0]);
            }
            // How colours are coded.
            (0xEE, adobe) if adobe.starts_with(b"Adobe") && adobe.len() == 12 => bare.extend(segment.bytes),
            (0xE1, _) => bare.extend(orientation(segment).map(upright).into_iter().flatten()),
            (0xE0..=0xFE, _) => {}
            _ => bare.extend(segment.bytes),
        }
    }
    bare.extend([0xFF, 0xD9]);
    bare
}

/// Which way is up, if a segment is EXIF and says it.
fn orientation(segment: &Segment) -> Option<u8> {
    let tiff = segment.named(0xE1, EXIF)?;
    let is_big = tiff.starts_with(b"MM");
    let short = |at: usize| if is_big { bytes::be16(tiff, at) } else { bytes::le16(tiff, at) };
    let (high, low) = if is_big { (4, 6) } else { (6, 4) };
    let directory = usize::from(short(high)?) << 16 | usize::from(short(low)?);
    let entries = (0..usize::from(short(directory)?)).map(|index| directory + 2 + 12 * index);
    let entry = entries.take(1000).find(|at| short(*at) == Some(0x0112))?;
    short(entry + 8).and_then(|up| u8::try_from(up).ok()).filter(|up| (1..=8).contains(up))
}

/// EXIF that says which way is up, and nothing else.
fn upright(orientation: u8) -> [u8; 36] {
    let mut segment = *b"\xFF\xE1\x00\x22Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0";
    segment[29] = orientation;
    segment
}

#[cfg(test)]
mod tests {
    use super::super::super::types::examine as of;
    use super::*;

    fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
        let length = (content.len() as u16 + 2).to_be_bytes();
        [&[0xFF, marker], &length[..], content].concat()
    }

    fn photo(extra: &[Vec<u8>]) -> Vec<u8> {
        let scan = [segment(0xDA, &[1, 1, 0, 0, 63, 0]), vec![1, 0xFF, 0, 2, 0xFF, 0xD0, 3]].concat();
        [vec![0xFF, 0xD8], extra.concat(), segment(0xC0, &[8; 9]), scan, vec![0xFF, 0xD9]].concat()
    }

    #[test]
    fn a_jpeg_keeps_its_picture_and_which_way_is_up_and_nothing_else() {
        let exif =
            b"Exif\0\0II\x2A\0\x08\0\0\0\x02\0\x0F\x01\x02\0\x04\0\0\0GPS\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
        let jfif = b"JFIF\0\x01\x02\0\0\x01\0\x01\x01\x01abc";
        let extra = [segment(0xE0, jfif), segment(0xE1, exif), segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0GPS")];
        let file = photo(&[&extra[..], &[segment(0xFE, b"GPS"), segment(0xED, b"GPS")]].concat());
        assert_eq!(of(&file), Ok(Examined::of(Media::Jpeg, []).with_view()));
        let bare = without_metadata(&file).unwrap();
        assert!(!bytes::contains(&bare, b"GPS") && !bytes::contains(&bare, b"abc"));
        assert_eq!(of(&bare), Ok(Examined::of(Media::Jpeg, []).with_view()));
        assert_eq!(parse(&bare).unwrap().segments.iter().find_map(orientation), Some(6));
        assert_eq!(without_metadata(&bare).unwrap(), bare);
        let plain = photo(&[]);
        assert_eq!(without_metadata(&plain).unwrap(), plain);
    }

    #[test]
    fn a_view_ends_where_the_picture_does() {
        let plain = photo(&[]);
        assert_eq!(without_metadata(&[&plain[..], b"Rar!\x1A\x07\x00"].concat()).unwrap(), plain);
        assert_eq!(without_metadata(&plain[..plain.len() - 1]), None);
    }
}
