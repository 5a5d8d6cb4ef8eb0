//! Samsung's trailer behind pictures: blocks, a directory of them (`SEFH`), its length and `SEFT`. One block can be the
//! video of a motion photo.

use std::collections::BTreeSet;

use memchr::memmem;

use super::types::Finding;
use super::{bytes, signature};

const MOST_BLOCKS: usize = 200;

/// What stands before the trailer, and what is dangerous in the trailer or behind it. Without one: all of it.
pub fn without_trailer(rest: &[u8]) -> (&[u8], BTreeSet<Finding>) {
    parse(rest).unwrap_or((rest, BTreeSet::new()))
}

fn parse(rest: &[u8]) -> Option<(&[u8], BTreeSet<Finding>)> {
    let end = memmem::rfind(rest, b"SEFT")?;
    let length = usize::try_from(bytes::le32(rest, end.checked_sub(4)?)?).ok()?;
    let start = end.checked_sub(4)?.checked_sub(length)?;
    let directory = rest.get(start..end)?.strip_prefix(b"SEFH")?;
    let count = usize::try_from(bytes::le32(directory, 4)?).ok()?.min(MOST_BLOCKS);
    let mut first = start;
    let mut findings = signature::foreign(rest.get(end + 4..)?);
    for at in (0..count).map(|index| 8 + 12 * index) {
        let offset = usize::try_from(bytes::le32(directory, at + 4)?).ok()?;
        let begin = start.checked_sub(offset)?;
        let block = rest.get(begin..start)?.get(..usize::try_from(bytes::le32(directory, at + 8)?).ok()?)?;
        first = first.min(begin);
        // Two zeros, a kind, the name's length and the name stand before its content.
        let content = 8 + usize::try_from(bytes::le32(block, 4)?).ok()?.min(block.len());
        findings.extend(block.get(content..).and_then(signature::of));
    }
    Some((rest.get(..first)?, findings))
}
