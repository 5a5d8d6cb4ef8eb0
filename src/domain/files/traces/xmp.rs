//! XMP (ISO 16684-1): packets of RDF.

use memchr::memmem;

use super::super::{bytes, xml};
use super::Found;

const MOST_PACKETS: usize = 4;

const LARGEST: usize = 1 << 20;

pub fn packets(file: &[u8], found: &mut Found) {
    for at in memmem::find_iter(file, b"<x:xmpmeta").take(MOST_PACKETS) {
        let packet = bytes::start(file.get(at..).unwrap_or_default(), LARGEST);
        let end = memmem::find(packet, b"</x:xmpmeta>").map_or(packet.len(), |end| end + 12);
        // What was read up to an error has been told.
        let _ = xml::visit(bytes::start(packet, end), |node| match node {
            xml::Node::Element { attributes, .. } => {
                attributes.iter().for_each(|(name, value)| found.add_named(name, value));
            }
            xml::Node::Text { name, text } => found.add_named(name, text),
        });
    }
}
