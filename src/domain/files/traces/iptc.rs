//! IPTC-IIM in the resources of Photoshop, which agencies, newspapers and social networks write.

use super::super::bytes;
use super::{Found, TraceKind};

const MOST_RESOURCES: usize = 200;
const MOST_DATASETS: usize = 200;

/// The identifier of the resource that holds it.
const IPTC: u16 = 0x0404;

pub fn resources(mut rest: &[u8], found: &mut Found) {
    for _ in 0..MOST_RESOURCES {
        let Some((identifier, content, after)) = resource(rest) else { return };
        if identifier == IPTC {
            datasets(content, found);
        }
        rest = after;
    }
}

/// An identifier, a name and a content, both padded to even lengths.
fn resource(rest: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let rest = rest.strip_prefix(b"8BIM")?;
    let name = (1 + usize::from(*rest.get(2)?)).next_multiple_of(2);
    let length = usize::try_from(bytes::be32(rest, 2 + name)?).ok()?;
    let content = rest.get(6 + name..)?;
    let after = content.get(length.checked_next_multiple_of(2)?..).unwrap_or_default();
    Some((bytes::be16(rest, 0)?, content.get(..length)?, after))
}

fn datasets(mut rest: &[u8], found: &mut Found) {
    for _ in 0..MOST_DATASETS {
        let [0x1C, record, number, high, low, after @ ..] = rest else { return };
        let Some((value, after)) = after.split_at_checked(usize::from(u16::from_be_bytes([*high, *low]))) else {
            return;
        };
        let kind = match (record, number) {
            (2, 80 | 116 | 118 | 122) => Some(TraceKind::Person),
            (2, 110 | 115) => Some(TraceKind::Organisation),
            (2, 90 | 92 | 95 | 101) => Some(TraceKind::Place),
            (2, 55 | 60) => Some(TraceKind::Time),
            (2, 65) => Some(TraceKind::Software),
            (2, 5 | 25 | 40 | 105 | 120) => Some(TraceKind::Comment),
            _ => None,
        };
        kind.into_iter().for_each(|kind| found.add_bytes(kind, value));
        rest = after;
    }
}
