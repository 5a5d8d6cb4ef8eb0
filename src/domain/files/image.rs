//! Pictures by their containers: where they end, and a copy without what they tell beside the picture. Nothing is decoded.

use super::types::{Media, Unfit};

pub fn is_picture(media: Media) -> bool {
    matches!(media, Media::Jpeg | Media::Png | Media::Webp)
}

pub fn is_jpeg(file: &[u8]) -> Result<(), Unfit> {
    let (segments, mut rest) = jpeg(file).ok_or(Unfit::Unknown)?;
    // Telephones put further pictures behind the first, say so in it (CIPA DC-007), and they are pictures to the end.
    let tells = segments.iter().any(|segment| segment.is(0xE2, b"MPF\0"));
    while tells && !rest.is_empty() {
        (_, rest) = jpeg(rest).ok_or(Unfit::Ambiguous)?;
    }
    if rest.is_empty() { Ok(()) } else { Err(Unfit::Ambiguous) }
}

pub fn is_png(file: &[u8]) -> Result<(), Unfit> {
    let (_, rest) = png(file).ok_or(Unfit::Unknown)?;
    if rest.is_empty() { Ok(()) } else { Err(Unfit::Ambiguous) }
}

pub fn is_webp(file: &[u8]) -> Result<(), Unfit> {
    let (_, rest) = webp(file).ok_or(Unfit::Unknown)?;
    if rest.is_empty() { Ok(()) } else { Err(Unfit::Ambiguous) }
}

/// The picture alone: no place, time, device, thumbnail or comment. Which way is up stays.
pub fn without_metadata(media: Media, file: &[u8]) -> Option<Vec<u8>> {
    match media {
        Media::Jpeg => Some(bare_jpeg(&jpeg(file)?.0)),
        Media::Png => Some(bare_png(&png(file)?.0)),
        Media::Webp => Some(bare_webp(&webp(file)?.0)),
        _ => None,
    }
}

/// Segments or chunks: no camera makes more, and each costs memory of its own.
const MOST_PARTS: usize = 10_000;

/// A segment of a JPEG (ITU-T T.81, annex B), and of a scan what it holds.
struct Segment<'a> {
    marker: u8,
    /// From the marker on.
    bytes: &'a [u8],
}

impl Segment<'_> {
    fn is(&self, marker: u8, name: &[u8]) -> bool {
        self.marker == marker && self.bytes.get(4..).is_some_and(|content| content.starts_with(name))
    }
}

/// The segments up to the end of the image, and what follows.
fn jpeg(file: &[u8]) -> Option<(Vec<Segment<'_>>, &[u8])> {
    let mut rest = file.strip_prefix(&[0xFF, 0xD8])?;
    let mut segments: Vec<Segment> = Vec::new();
    loop {
        while rest.starts_with(&[0xFF, 0xFF]) {
            rest = &rest[1..];
        }
        let (first, marker) = (*rest.first()?, *rest.get(1)?);
        if first != 0xFF || matches!(marker, 0x00 | 0x01 | 0xD0..=0xD8) {
            return None;
        }
        if marker == 0xD9 {
            let has_scan = segments.iter().any(|segment| segment.marker == 0xDA);
            return has_scan.then_some((segments, &rest[2..]));
        }
        let mut length = 2 + usize::from(u16::from_be_bytes(rest.get(2..4)?.try_into().ok()?));
        if length < 4 {
            return None;
        }
        if marker == 0xDA {
            let ends = |pair: &[u8]| pair[0] == 0xFF && !matches!(pair[1], 0x00 | 0xD0..=0xD7 | 0xFF);
            length += rest.get(length..)?.windows(2).position(ends)?;
        }
        if segments.len() == MOST_PARTS {
            return None;
        }
        segments.push(Segment { marker, bytes: rest.get(..length)? });
        rest = &rest[length..];
    }
}

fn bare_jpeg(segments: &[Segment]) -> Vec<u8> {
    let mut bare = vec![0xFF, 0xD8];
    for segment in segments {
        match segment.marker {
            // Its first fourteen bytes; a small picture may follow.
            0xE0 if segment.is(0xE0, b"JFIF\0") && segment.bytes.len() >= 18 => {
                bare.extend([0xFF, 0xE0, 0, 16]);
                bare.extend(&segment.bytes[4..16]);
                bare.extend([0, 0]);
            }
            // How colours are coded.
            0xEE if segment.is(0xEE, b"Adobe") && segment.bytes.len() == 16 => bare.extend(segment.bytes),
            0xE1 => bare.extend(orientation(segment.bytes).map(upright).into_iter().flatten()),
            0xE0..=0xFE => {}
            _ => bare.extend(segment.bytes),
        }
    }
    bare.extend([0xFF, 0xD9]);
    bare
}

/// Which way is up, if a segment is EXIF and says it.
fn orientation(segment: &[u8]) -> Option<u8> {
    let tiff = segment.get(4..)?.strip_prefix(b"Exif\0\0")?;
    let is_big = tiff.starts_with(b"MM");
    let short = |at: usize| {
        let bytes = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if is_big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    };
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

/// A chunk of a PNG or a WebP, whole.
struct Chunk<'a> {
    name: &'a [u8],
    content: &'a [u8],
    bytes: &'a [u8],
}

const PNG: &[u8] = b"\x89PNG\r\n\x1A\n";

/// The chunks of a PNG up to its end (W3C PNG, section 5), and what follows.
fn png(file: &[u8]) -> Option<(Vec<Chunk<'_>>, &[u8])> {
    let mut rest = file.strip_prefix(PNG)?;
    let mut chunks: Vec<Chunk> = Vec::new();
    while chunks.len() < MOST_PARTS {
        let length = u32::from_be_bytes(rest.get(..4)?.try_into().ok()?) as usize;
        let bytes = rest.get(..length.checked_add(12)?)?;
        let chunk = Chunk { name: &bytes[4..8], content: &bytes[8..8 + length], bytes };
        rest = &rest[bytes.len()..];
        let ends = chunk.name == b"IEND";
        chunks.push(chunk);
        if ends {
            let begins = chunks[0].name == b"IHDR" && chunks.iter().any(|chunk| chunk.name == b"IDAT");
            return begins.then_some((chunks, rest));
        }
    }
    None
}

fn bare_png(chunks: &[Chunk]) -> Vec<u8> {
    const KEPT: [&[u8]; 12] =
        [b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"acTL", b"fcTL", b"fdAT", b"IDAT", b"IEND"];
    let kept = chunks.iter().filter(|chunk| KEPT.contains(&chunk.name));
    [PNG].into_iter().chain(kept.map(|chunk| chunk.bytes)).collect::<Vec<_>>().concat()
}

/// The chunks of a WebP (RFC 9649), and what follows.
fn webp(file: &[u8]) -> Option<(Vec<Chunk<'_>>, &[u8])> {
    let length = u32::from_le_bytes(file.strip_prefix(b"RIFF")?.get(..4)?.try_into().ok()?) as usize;
    let chunks = riff(file.get(8..length.checked_add(8)?)?.strip_prefix(b"WEBP")?)?;
    let begins = [b"VP8 ", b"VP8L", b"VP8X"].iter().any(|name| chunks.first().is_some_and(|it| it.name == &name[..]));
    begins.then_some((chunks, &file[length + 8..]))
}

fn riff(mut rest: &[u8]) -> Option<Vec<Chunk<'_>>> {
    let mut chunks = Vec::new();
    while !rest.is_empty() {
        if chunks.len() == MOST_PARTS {
            return None;
        }
        let length = u32::from_le_bytes(rest.get(4..8)?.try_into().ok()?) as usize;
        let bytes = rest.get(..length.checked_next_multiple_of(2)?.checked_add(8)?)?;
        chunks.push(Chunk { name: &bytes[..4], content: &bytes[8..8 + length], bytes });
        rest = &rest[bytes.len()..];
    }
    Some(chunks)
}

fn bare_webp(chunks: &[Chunk]) -> Vec<u8> {
    // That a colour profile, EXIF or XMP is there.
    const TELLS: u8 = 0x20 | 0x08 | 0x04;
    let mut body = b"WEBP".to_vec();
    for chunk in chunks {
        match chunk.name {
            b"VP8X" if !chunk.content.is_empty() => {
                let flags = body.len() + 8;
                body.extend(chunk.bytes);
                body[flags] &= !TELLS;
            }
            b"ANMF" => add(&mut body, chunk.name, &frame(chunk.content)),
            b"VP8 " | b"VP8L" | b"ALPH" | b"ANIM" => body.extend(chunk.bytes),
            _ => {}
        }
    }
    let mut bare = Vec::new();
    add(&mut bare, b"RIFF", &body);
    bare
}

/// A frame of an animation: sixteen bytes, then chunks of its own.
fn frame(content: &[u8]) -> Vec<u8> {
    let (head, parts) = content.split_at_checked(16).unwrap_or((content, &[]));
    let parts = riff(parts).unwrap_or_default();
    let kept = parts.iter().filter(|chunk| [b"VP8 ", b"VP8L", b"ALPH"].iter().any(|name| chunk.name == &name[..]));
    [head].into_iter().chain(kept.map(|chunk| chunk.bytes)).collect::<Vec<_>>().concat()
}

fn add(bytes: &mut Vec<u8>, name: &[u8], content: &[u8]) {
    bytes.extend(name);
    bytes.extend((content.len() as u32).to_le_bytes());
    bytes.extend(content);
    bytes.resize(bytes.len().next_multiple_of(2), 0);
}

#[cfg(test)]
mod tests {
    use super::super::types::find;
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
        assert_eq!(Media::of(&file), Ok(Media::Jpeg));
        let bare = without_metadata(Media::Jpeg, &file).unwrap();
        assert!(find(&bare, b"GPS").is_none() && find(&bare, b"abc").is_none());
        assert_eq!(Media::of(&bare), Ok(Media::Jpeg));
        assert_eq!(jpeg(&bare).unwrap().0.iter().find_map(|part| orientation(part.bytes)), Some(6));
        assert_eq!(without_metadata(Media::Jpeg, &bare).unwrap(), bare);
        let plain = photo(&[]);
        assert_eq!(without_metadata(Media::Jpeg, &plain).unwrap(), plain);
    }

    #[test]
    fn nothing_may_follow_a_picture_but_the_further_pictures_that_it_tells_of() {
        let (plain, tells) = (photo(&[]), photo(&[segment(0xE2, b"MPF\0")]));
        assert_eq!(Media::of(&[&tells[..], &plain].concat()), Ok(Media::Jpeg));
        for (file, rest) in [(&plain, &plain[..]), (&plain, b"%PDF-1.7"), (&tells, b"x"), (&plain, b"\0")] {
            assert_eq!(Media::of(&[file, rest].concat()), Err(Unfit::Ambiguous));
        }
        assert_eq!(Media::of(&plain[..plain.len() - 1]), Err(Unfit::Unknown));
        assert_eq!(Media::of(&photo(&[segment(0xFE, b"%PDF-1.7")])), Err(Unfit::Ambiguous));
    }

    #[test]
    fn a_png_keeps_what_is_seen() {
        let chunk =
            |name: &[u8], content: &[u8]| [&(content.len() as u32).to_be_bytes()[..], name, content, &[0; 4]].concat();
        let (head, data, end) = (chunk(b"IHDR", &[0; 13]), chunk(b"IDAT", b"abc"), chunk(b"IEND", b""));
        let message = [chunk(b"tEXt", b"GPS"), chunk(b"eXIf", b"GPS"), chunk(b"tIME", b"GPS"), chunk(b"prVt", b"GPS")];
        let file = [PNG, &head, &message.concat(), &data, &end].concat();
        assert_eq!(Media::of(&file), Ok(Media::Png));
        assert_eq!(without_metadata(Media::Png, &file).unwrap(), [PNG, &head, &data, &end].concat());
        assert_eq!(Media::of(&[&file[..], b"x"].concat()), Err(Unfit::Ambiguous));
        assert_eq!(Media::of(&file[..file.len() - 4]), Err(Unfit::Unknown));
        let very_many = chunk(b"prVt", b"").repeat(MOST_PARTS);
        assert_eq!(Media::of(&[PNG, &head, &very_many, &data, &end].concat()), Err(Unfit::Unknown));
    }

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
        assert_eq!(Media::of(&file), Ok(Media::Webp));
        let bare = chunks(&[(b"VP8X", &flags(0x02)), (b"ANIM", &[0; 6]), (b"ANMF", &bare_frame)]);
        assert_eq!(without_metadata(Media::Webp, &file).unwrap(), bare);
        assert_eq!(Media::of(&[&file[..], b"xx"].concat()), Err(Unfit::Ambiguous));
    }
}
