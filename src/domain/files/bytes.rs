//! Integers and searches in untrusted bytes. Nothing here panics: what is not there is `None`.

use memchr::memmem;

/// `N` bytes at an offset.
pub fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

pub fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    array(bytes, at).map(u16::from_be_bytes)
}

pub fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_be_bytes)
}

pub fn be64(bytes: &[u8], at: usize) -> Option<u64> {
    array(bytes, at).map(u64::from_be_bytes)
}

pub fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    array(bytes, at).map(u16::from_le_bytes)
}

pub fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_le_bytes)
}

/// Whether a part is within. Linear in the length of the file.
pub fn contains(file: &[u8], part: &[u8]) -> bool {
    memmem::find(file, part).is_some()
}

/// The bytes of pairs of hexadecimal digits; what is between the digits is left out.
pub fn unhexed(content: &[u8]) -> Vec<u8> {
    let mut digits = content.iter().filter_map(|digit| hex(*digit));
    // PDF takes a missing last digit as zero.
    std::iter::from_fn(|| Some(digits.next()? << 4 | digits.next().unwrap_or(0))).collect()
}

/// A hexadecimal digit.
pub fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// What cards, telephones and transfers append: NUL, erased flash memory, white space, DOS's end of file.
pub fn is_padding(byte: u8) -> bool {
    matches!(byte, 0 | 0xFF | 0x1A) || byte.is_ascii_whitespace()
}

/// Without the padding in front.
pub fn trim_padding(bytes: &[u8]) -> &[u8] {
    let padding = bytes.iter().take_while(|byte| is_padding(**byte)).count();
    bytes.get(padding..).unwrap_or_default()
}

/// The first bytes, or all if there are fewer.
pub fn start(bytes: &[u8], most: usize) -> &[u8] {
    bytes.get(..most).unwrap_or(bytes)
}
