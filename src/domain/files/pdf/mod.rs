//! PDF (ISO 32000): where it begins and ends, and which of its objects do something. Pages are not looked at.

pub mod object;
pub mod token;

use std::collections::BTreeSet;

use memchr::memmem;

use super::types::{Examined, Finding, Media, Unfit};
use super::{bytes, signature, text};

const END: &[u8] = b"%%EOF";

/// What a name in a dictionary means. Links to the web are usual.
const NAMES: [(&[u8], Finding); 14] = [
    (b"JavaScript", Finding::Script),
    (b"JS", Finding::Script),
    (b"Launch", Finding::LaunchAction),
    (b"ImportData", Finding::LaunchAction),
    (b"GoToR", Finding::RemoteContent),
    (b"SubmitForm", Finding::RemoteContent),
    (b"GoToE", Finding::EmbeddedFile),
    (b"EmbeddedFile", Finding::EmbeddedFile),
    (b"EmbeddedFiles", Finding::EmbeddedFile),
    // Neither a stream nor its annotation must say that it is one.
    (b"EF", Finding::EmbeddedFile),
    (b"FileAttachment", Finding::EmbeddedFile),
    (b"RichMedia", Finding::EmbeddedFile),
    (b"RichMediaContent", Finding::EmbeddedFile),
    (b"Encrypt", Finding::Encrypted),
];

/// Whether readers find a PDF in the file: a header where they look for it, and objects.
pub fn is_within(file: &[u8]) -> bool {
    let objects = header(file).and_then(|at| file.get(at..));
    objects.is_some_and(|rest| [&b"startxref"[..], b" obj"].iter().any(|sign| bytes::contains(rest, sign)))
}

/// Finds the header, the last end, and what the objects do. What stands before the header must be no other format.
pub fn examine(file: &[u8]) -> Result<Examined, Unfit> {
    let (before, pdf) = header(file).and_then(|at| file.split_at_checked(at)).ok_or(Unfit::Unknown)?;
    if !is_within(file) {
        return Err(Unfit::Unknown);
    }
    let before = bytes::trim_padding(before.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(before));
    if signature::of(before).is_some() || text::has_page(before) {
        return Err(Unfit::Ambiguous);
    }
    let mut findings: BTreeSet<_> = (!before.is_empty()).then_some(Finding::HiddenData).into_iter().collect();
    findings.extend(signature::within(file).into_iter().filter(|finding| *finding == Finding::Archive));
    findings.extend(trailer(pdf));
    findings.extend(object::visit(pdf, findings_in)?);
    Ok(Examined::of(Media::Pdf, findings))
}

fn header(file: &[u8]) -> Option<usize> {
    memmem::find(bytes::start(file, signature::PDF_HEADER_WITHIN), signature::PDF)
}

/// What is behind the last end, if it is no update that was cut off.
fn trailer(pdf: &[u8]) -> BTreeSet<Finding> {
    let end = memmem::rfind(pdf, END).map_or(pdf.len(), |at| at + END.len());
    let rest = pdf.get(end..).unwrap_or_default();
    let is_update = bytes::trim_padding(rest).first().is_some_and(u8::is_ascii_digit) && bytes::contains(rest, b" obj");
    if is_update { signature::recognized(rest) } else { signature::foreign(rest) }
}

fn findings_in(body: &[u8]) -> BTreeSet<Finding> {
    let known = |name: &[u8]| NAMES.iter().find(|(known, _)| *known == name).map(|(_, finding)| *finding);
    token::names(body).filter_map(|name| known(&name)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::types::examine as of;
    use super::*;

    #[test]
    fn names_are_found_however_they_are_written_and_words_are_not() {
        let with =
            |object: &str| of(format!("%PDF-1.7\n1 0 obj\n{object}\nendobj\n%%EOF\n").as_bytes()).unwrap().findings;
        for script in [
            "<</S/JavaScript/JS(app.alert(1))>>",
            "<< /S /J#61vaScript >>",
            "<< /A (unbalanced \\() /JS 5 0 R >>",
            "<< /A (a (b) c) /JS 5 0 R >>",
            "<< /A (1 0 obj < ) /JS (x) >>",
            "<< /A (1 0 obj % ) /JS (x) >>",
            "<< /A endobj /JS (x) >>",
            "% (\n<< /JS (x) >>",
            "<< /A <28> /JS (x) >>",
        ] {
            assert_eq!(with(script), [Finding::Script].into(), "{script}");
        }
        for fine in [
            "<< /Title (about /JS and /JavaScript) >>",
            "<< /S /URI /URI (https://a.go.th/JavaScript) >>",
            "<< /Length 30 >> stream\nBT (see /JS /Launch ) Tj /JS ET\nendstream",
            "<< /JSON 1 /LaunchPad 2 >>",
        ] {
            assert_eq!(with(fine), BTreeSet::new(), "{fine}");
        }
    }
}
