//! Foreign content by its signature: executables, archives, OLE objects, pages. Used where a format ends, or leaves room.

use std::collections::BTreeSet;

use super::archive::zip;
use super::types::Finding;
use super::{bytes, text};

const SIGNATURES: [(&[u8], Finding); 20] = [
    (b"PK\x03\x04", Finding::Archive),
    (b"PK\x05\x06", Finding::Archive),
    (RAR, Finding::Archive),
    (SEVEN_ZIP, Finding::Archive),
    (b"\x1F\x8B\x08", Finding::Archive),
    (b"BZh", Finding::Archive),
    (b"\xFD7zXZ\0", Finding::Archive),
    (b"MSCF\0\0\0\0", Finding::Archive),
    (b"MZ", Finding::Executable),
    (b"\x7FELF", Finding::Executable),
    (b"\xFE\xED\xFA\xCE", Finding::Executable),
    (b"\xFE\xED\xFA\xCF", Finding::Executable),
    (b"\xCE\xFA\xED\xFE", Finding::Executable),
    (b"\xCF\xFA\xED\xFE", Finding::Executable),
    (b"\xCA\xFE\xBA\xBE", Finding::Executable),
    (b"#!/", Finding::Executable),
    (OLE, Finding::EmbeddedObject),
    (PDF, Finding::HiddenData),
    (b"GIF8", Finding::HiddenData),
    (b"{\\rtf", Finding::HiddenData),
];

/// How the header of a PDF begins.
pub const PDF: &[u8] = b"%PDF-";

/// Where readers of PDF look for its header.
pub const PDF_HEADER_WITHIN: usize = 1024;

const RAR: &[u8] = b"Rar!\x1A\x07";
const SEVEN_ZIP: &[u8] = b"7z\xBC\xAF\x27\x1C";
const OLE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
const DOS_STUB: &[u8] = b"This program cannot be run in DOS mode";

/// What content is by how it begins.
pub fn of(content: &[u8]) -> Option<Finding> {
    let known = SIGNATURES.iter().find(|(signature, _)| content.starts_with(signature)).map(|(_, finding)| *finding);
    known.or_else(|| text::is_page(content).then_some(Finding::HiddenData))
}

/// What is anywhere in a file whose type is known: archives, programs for Windows, and a document or page that other
/// readers would see first. Only signatures so long that sound and pictures do not have them by chance.
pub fn within(file: &[u8]) -> BTreeSet<Finding> {
    let mut findings = BTreeSet::new();
    if zip::is_within(file) || bytes::contains(file, RAR) || bytes::contains(file, SEVEN_ZIP) {
        findings.insert(Finding::Archive);
    }
    if bytes::contains(file, DOS_STUB) {
        findings.insert(Finding::Executable);
    }
    let start = bytes::start(file, PDF_HEADER_WITHIN);
    if bytes::contains(start, PDF) || text::has_page(start) {
        findings.insert(Finding::HiddenData);
    }
    findings
}

/// What is recognized in bytes that belong to no known part of the file; nothing if they are padding.
pub fn recognized(rest: &[u8]) -> BTreeSet<Finding> {
    let content = bytes::trim_padding(rest);
    let mut findings: BTreeSet<_> = [of(rest), of(content)].into_iter().flatten().collect();
    if bytes::contains(content, RAR) || bytes::contains(content, SEVEN_ZIP) || bytes::contains(content, b"PK\x03\x04") {
        findings.insert(Finding::Archive);
    }
    if bytes::contains(content, DOS_STUB) {
        findings.insert(Finding::Executable);
    }
    if bytes::contains(content, OLE) {
        findings.insert(Finding::EmbeddedObject);
    }
    if bytes::contains(content, PDF) || text::has_page(content) {
        findings.insert(Finding::HiddenData);
    }
    findings
}

/// As `recognized`, but what nobody knows is hidden data.
pub fn foreign(rest: &[u8]) -> BTreeSet<Finding> {
    let mut findings = recognized(rest);
    if findings.is_empty() && !bytes::trim_padding(rest).is_empty() {
        findings.insert(Finding::HiddenData);
    }
    findings
}
