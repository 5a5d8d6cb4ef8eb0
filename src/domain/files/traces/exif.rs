//! EXIF (CIPA DC-008): directories of a TIFF. Each is read once, so that no chain of them costs more than its bytes.

use super::super::bytes;
use super::{Found, LARGEST_VALUE, TraceKind};

const MOST_FIELDS: u16 = 500;

/// Fields that are text, in the main directory and in that of EXIF.
const TEXTS: [(u16, TraceKind); 14] = [
    (0x0132, TraceKind::Time),
    (0x9003, TraceKind::Time),
    (0x9004, TraceKind::Time),
    (0xA431, TraceKind::SerialNumber),
    (0xA435, TraceKind::SerialNumber),
    (0xC62F, TraceKind::SerialNumber),
    (0xA434, TraceKind::Device),
    (0x013C, TraceKind::Device),
    (0x0131, TraceKind::Software),
    (0x013B, TraceKind::Person),
    (0x8298, TraceKind::Person),
    (0xA430, TraceKind::Person),
    (0x010E, TraceKind::Comment),
    (0x9286, TraceKind::Comment),
];

/// Fields of Windows, in UTF-16.
const WIDE_TEXTS: [(u16, TraceKind); 4] = [
    (0x9C9B, TraceKind::Comment),
    (0x9C9C, TraceKind::Comment),
    (0x9C9D, TraceKind::Person),
    (0x9C9F, TraceKind::Comment),
];

struct Tiff<'a> {
    bytes: &'a [u8],
    is_big: bool,
}

struct Field<'a> {
    tag: u16,
    value: &'a [u8],
}

pub fn tiff(bytes: &[u8], found: &mut Found) {
    let tiff = Tiff { bytes, is_big: bytes.starts_with(b"MM") };
    let Some((main, next)) = tiff.long(4).map(|at| tiff.directory(at)) else { return };
    let exif = tiff.pointed(&main, 0x8769);
    let gps = tiff.pointed(&main, 0x8825);
    if let Some(place) = tiff.place(&gps) {
        found.add(TraceKind::Place, &place);
    }
    let device = [0x010F, 0x0110].map(|tag| super::utf8(field(&main, tag).unwrap_or_default()));
    found.add(TraceKind::Device, &device.join(" "));
    for (tag, kind) in TEXTS {
        let value = field(&main, tag).or_else(|| field(&exif, tag)).unwrap_or_default();
        // A comment says its encoding in eight bytes.
        let text = if tag == 0x9286 { value.get(8..).unwrap_or_default() } else { value };
        found.add_bytes(kind, text);
    }
    for (tag, kind) in WIDE_TEXTS {
        found.add_bytes(kind, &[&[0xFF, 0xFE], field(&main, tag).unwrap_or_default()].concat());
    }
    let (thumbnail, _) = next.map(|at| tiff.directory(at)).unwrap_or_default();
    if field(&thumbnail, 0x0201).is_some() {
        found.add(TraceKind::Picture, "thumbnail");
    }
}

/// The start of a value: one can be as long as the file, and be in many fields.
fn field<'a>(fields: &[Field<'a>], tag: u16) -> Option<&'a [u8]> {
    fields.iter().find(|field| field.tag == tag).map(|field| bytes::start(field.value, LARGEST_VALUE))
}

impl<'a> Tiff<'a> {
    fn short(&self, at: usize) -> Option<u16> {
        if self.is_big { bytes::be16(self.bytes, at) } else { bytes::le16(self.bytes, at) }
    }

    fn long(&self, at: usize) -> Option<usize> {
        let long = if self.is_big { bytes::be32(self.bytes, at) } else { bytes::le32(self.bytes, at) };
        long.and_then(|long| usize::try_from(long).ok())
    }

    /// The fields of a directory, and where the next one is.
    fn directory(&self, at: usize) -> (Vec<Field<'a>>, Option<usize>) {
        let count = self.short(at).unwrap_or_default();
        let entry = |index: u16| at + 2 + 12 * usize::from(index);
        let fields = (0..count.min(MOST_FIELDS)).filter_map(|index| self.field(entry(index))).collect();
        (fields, self.long(entry(count)).filter(|at| *at > 0))
    }

    fn field(&self, at: usize) -> Option<Field<'a>> {
        let unit = match self.short(at + 2)? {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 => 4,
            5 | 10 | 12 => 8,
            _ => return None,
        };
        let length = self.long(at + 4)?.checked_mul(unit)?;
        let start = if length <= 4 { at + 8 } else { self.long(at + 8)? };
        Some(Field { tag: self.short(at)?, value: self.bytes.get(start..start.checked_add(length)?)? })
    }

    fn pointed(&self, fields: &[Field<'a>], tag: u16) -> Vec<Field<'a>> {
        let at = field(fields, tag).and_then(|value| Tiff { bytes: value, ..*self }.long(0));
        at.map(|at| self.directory(at).0).unwrap_or_default()
    }

    /// In degrees, as maps take it.
    fn place(&self, gps: &[Field<'a>]) -> Option<String> {
        let degrees = |reference: u16, value: u16| {
            let value = Tiff { bytes: field(gps, value)?, ..*self };
            let part = |at: usize| {
                let (numerator, denominator) = (value.long(at)? as f64, value.long(at + 4)? as f64);
                Some(if denominator == 0.0 { 0.0 } else { numerator / denominator })
            };
            let degrees = part(0)? + part(8).unwrap_or(0.0) / 60.0 + part(16).unwrap_or(0.0) / 3600.0;
            let is_negative = matches!(field(gps, reference)?.first()?, b'S' | b'W');
            Some(if is_negative { -degrees } else { degrees })
        };
        let (latitude, longitude) = (degrees(1, 2)?, degrees(3, 4)?);
        // Cameras without a fix leave zeros.
        super::coordinates(latitude, longitude).filter(|_| latitude != 0.0 || longitude != 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_of_a_value_is_copied_than_it_can_tell() {
        let fields = [Field { tag: 0x010F, value: &[b'a'; 2 * LARGEST_VALUE] }];
        assert_eq!(field(&fields, 0x010F).map(<[u8]>::len), Some(LARGEST_VALUE));
    }
}
