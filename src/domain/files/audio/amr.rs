//! AMR and AMR-WB (RFC 4867, section 5): a header, then frames of one channel.

use super::super::signature;
use super::super::types::{Examined, Media, Unfit};

/// The length of a frame with its header by its type; 0 where there is none.
const NARROW: [usize; 16] = [13, 14, 16, 18, 20, 21, 27, 32, 6, 7, 6, 6, 0, 0, 0, 1];
const WIDE: [usize; 16] = [18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 0, 0, 0, 0, 1, 1];

/// Walks the frames to the end; at least one must be whole.
pub fn examine(file: &[u8]) -> Result<Examined, Unfit> {
    let (mut rest, lengths) = match (file.strip_prefix(b"#!AMR\n"), file.strip_prefix(b"#!AMR-WB\n")) {
        (Some(rest), _) => (rest, NARROW),
        (_, Some(rest)) => (rest, WIDE),
        _ => return Err(Unfit::Unknown),
    };
    let length = |rest: &[u8]| {
        // Zero would be a damaged frame of the lowest rate; it is padding.
        let header = *rest.first().filter(|header| **header & 0x83 == 0 && **header != 0)?;
        lengths.get(usize::from(header >> 3)).copied().filter(|length| *length > 0)
    };
    let mut frames = 0;
    while let Some(after) = length(rest).and_then(|length| rest.get(length..)) {
        rest = after;
        frames += 1;
    }
    if frames == 0 {
        return Err(Unfit::Unknown);
    }
    let is_cut = length(rest).is_some_and(|length| rest.len() < length);
    Ok(Examined::of(Media::Amr, if is_cut { signature::recognized(rest) } else { signature::foreign(rest) }))
}
