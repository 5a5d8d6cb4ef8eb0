//! Office Open XML (ISO/IEC 29500): which document an archive is, and what in it is active. Only the content types, the
//! relationships, drawings, pages, and what can have fields of DDE are unpacked, and of all other parts the first bytes.

use std::collections::BTreeSet;

use super::super::types::{Examined, Finding, Media, Unfit};
use super::super::{bytes, signature, text, xml};
use super::zip::{self, Archive, Entry};

/// Bytes of a part that is read, unpacked.
const LARGEST_PART: usize = 1 << 20;

/// Bytes of a part that people write, unpacked.
const LARGEST_TEXT: usize = 4 << 20;

/// Bytes of all parts that are read, unpacked.
const LARGEST: usize = 8 << 20;

const MOST_PARTS: usize = 500;

/// By the end of a relationship's type, in small letters.
const RELATIONSHIPS: [(&str, Finding); 7] = [
    ("/vbaproject", Finding::Macros),
    ("/xlmacrosheet", Finding::Macros),
    ("/xlintlmacrosheet", Finding::Macros),
    ("/control", Finding::ActiveX),
    ("/oleobject", Finding::EmbeddedObject),
    ("/package", Finding::EmbeddedFile),
    ("/afchunk", Finding::EmbeddedFile),
];

type Inspect = fn(&[u8]) -> BTreeSet<Finding>;

/// Opens the archive, and inspects its parts within limits.
pub fn examine(file: &[u8]) -> Result<Examined, Unfit> {
    let archive = zip::open(file)?;
    let media = media(&archive).ok_or(Unfit::Unknown)?;
    let mut examined = Examined::of(media, archive.findings.iter().copied());
    let (mut parts, mut left) = (0, LARGEST);
    for entry in &archive.entries {
        examined.findings.extend(by_name(&entry.name));
        examined.findings.extend(by_start(entry));
        let Some((inspect, largest)) = inspect(&entry.name) else { continue };
        parts += 1;
        let most = if parts > MOST_PARTS { 0 } else { largest.min(left) };
        match entry.content(most)? {
            Some(content) => {
                left -= content.len();
                examined.findings.extend(inspect(&content));
            }
            None => drop(examined.findings.insert(Finding::Encrypted)),
        }
    }
    // Where a part is stored rather than packed, readers of PDF would take the document for theirs.
    if bytes::contains(bytes::start(file, signature::PDF_HEADER_WITHIN), signature::PDF) {
        examined.findings.insert(Finding::HiddenData);
    }
    Ok(examined)
}

/// Which document an archive is, by its folders.
fn media(archive: &Archive) -> Option<Media> {
    let has = |start: &str| archive.entries.iter().any(|entry| entry.name.starts_with(start));
    match (has("[content_types].xml"), has("word/"), has("xl/"), has("ppt/")) {
        (true, true, false, false) => Some(Media::Docx),
        (true, false, true, false) => Some(Media::Xlsx),
        (true, false, false, true) => Some(Media::Pptx),
        _ => None,
    }
}

fn by_name(name: &str) -> Option<Finding> {
    match name {
        _ if name.ends_with("vbaproject.bin") || name.contains("/macrosheets/") => Some(Finding::Macros),
        _ if name.contains("/activex/") => Some(Finding::ActiveX),
        _ if name.contains("/embeddings/") && name.ends_with(".bin") => Some(Finding::EmbeddedObject),
        _ if name.contains("/embeddings/") => Some(Finding::EmbeddedFile),
        _ => None,
    }
}

/// Programs, objects and archives, whatever their names. Parts are pages by right.
fn by_start(entry: &Entry) -> Option<Finding> {
    let Some(start) = entry.start(64) else { return Some(Finding::Encrypted) };
    let is_embedded = entry.name.contains("/embeddings/");
    let is_compressed_picture = entry.name.ends_with("z") && start.starts_with(b"\x1F\x8B\x08");
    signature::of(&start).filter(|finding| match finding {
        Finding::HiddenData => start.starts_with(signature::PDF) && !is_embedded,
        // An embedded document is an archive as well.
        Finding::Archive => !(is_compressed_picture || is_embedded && start.starts_with(zip::ENTRY)),
        _ => true,
    })
}

/// How a part is inspected that has to be read, and how much of it.
fn inspect(name: &str) -> Option<(Inspect, usize)> {
    const TEXTS: [&str; 5] = ["word/document", "word/header", "word/footer", "word/footnotes", "word/endnotes"];
    let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    let begins = |starts: &[&str]| starts.iter().any(|start| name.starts_with(start));
    match name {
        "[content_types].xml" => Some((content_types, LARGEST_PART)),
        _ if ends(&[".rels"]) => Some((relationships, LARGEST_PART)),
        _ if ends(&[".svg", ".htm", ".html", ".xhtml", ".mht", ".mhtml"]) => Some((drawing, LARGEST_PART)),
        _ if begins(&TEXTS) && ends(&[".xml"]) => Some((fields, LARGEST_TEXT)),
        _ if begins(&["xl/externallinks/"]) && ends(&[".xml"]) => Some((fields, LARGEST_PART)),
        _ => None,
    }
}

fn content_types(content: &[u8]) -> BTreeSet<Finding> {
    let mut findings = BTreeSet::new();
    let read = xml::visit(content, |node| {
        let xml::Node::Element { attributes, .. } = node else { return };
        let content_type = xml::attribute(attributes, "ContentType").unwrap_or_default().to_ascii_lowercase();
        if content_type.contains("vbaproject") || content_type.contains("macrosheet") {
            findings.insert(Finding::Macros);
        }
        if content_type.contains("activex") {
            findings.insert(Finding::ActiveX);
        }
    });
    findings.extend(read.is_none().then_some(Finding::Encrypted));
    findings
}

fn relationships(content: &[u8]) -> BTreeSet<Finding> {
    let mut findings = BTreeSet::new();
    let read = xml::visit(content, |node| {
        let xml::Node::Element { attributes, .. } = node else { return };
        let kind = xml::attribute(attributes, "Type").unwrap_or_default().to_ascii_lowercase();
        let is_external =
            xml::attribute(attributes, "TargetMode").is_some_and(|mode| mode.trim().eq_ignore_ascii_case("External"));
        if is_external && !kind.ends_with("/hyperlink") {
            findings.insert(Finding::RemoteContent);
        }
        let known = RELATIONSHIPS.iter().find(|(end, _)| !is_external && kind.ends_with(end));
        findings.extend(known.map(|(_, finding)| *finding));
    });
    findings.extend(read.is_none().then_some(Finding::Encrypted));
    findings
}

/// Dynamic Data Exchange, by which a field of Word or a cell of Excel starts a program.
fn fields(content: &[u8]) -> BTreeSet<Finding> {
    let (mut field, mut has_link) = (String::new(), false);
    let is_dde = |field: &str| field.trim_start().get(..3).is_some_and(|start| start.eq_ignore_ascii_case("DDE"));
    let read = xml::visit(content, |node| match node {
        xml::Node::Element { name, attributes } => match xml::local(name) {
            "ddeLink" => has_link = true,
            "fldSimple" => has_link |= xml::attribute(attributes, "instr").is_some_and(is_dde),
            // Where a field begins or ends; what is between can be in several pieces.
            "fldChar" => {
                has_link |= is_dde(&field);
                field.clear();
            }
            _ => {}
        },
        xml::Node::Text { name, text } if xml::local(name) == "instrText" => field.push_str(text),
        xml::Node::Text { .. } => {}
    });
    has_link |= is_dde(&field);
    let findings = [has_link.then_some(Finding::LaunchAction), read.is_none().then_some(Finding::Encrypted)];
    findings.into_iter().flatten().collect()
}

fn drawing(content: &[u8]) -> BTreeSet<Finding> {
    text::has_script(content).then_some(Finding::Script).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use ::zip::ZipWriter;
    use ::zip::write::SimpleFileOptions;

    use super::super::super::types::examine as of;
    use super::*;

    fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in entries {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    const TYPES: (&str, &[u8]) = ("[Content_Types].xml", b"<Types/>");

    #[test]
    fn documents_are_known_by_their_folders() {
        let media = |entries: &[_]| of(&archive(entries)).map(|it| it.media);
        assert_eq!(media(&[TYPES, ("word/document.xml", b"<w/>")]), Ok(Media::Docx));
        assert_eq!(media(&[("xl/workbook.xml", b"<x/>"), TYPES]), Ok(Media::Xlsx));
        assert_eq!(media(&[TYPES, ("ppt/presentation.xml", b"<p/>")]), Ok(Media::Pptx));
        assert_eq!(media(&[("word/document.xml", b"<w/>")]), Err(Unfit::Unknown));
        assert_eq!(media(&[TYPES, ("a.txt", b"a")]), Err(Unfit::Unknown));
    }

    #[test]
    fn what_grows_in_a_document_is_refused() {
        let with = |name, content: &[u8]| of(&archive(&[TYPES, ("word/document.xml", b"<w/>"), (name, content)]));
        assert_eq!(with("word/media/big.xml", &vec![0; 8 << 20]), Err(Unfit::Bomb));
        assert_eq!(with("word/../../a", b"x"), Err(Unfit::Unknown));
        let many: Vec<String> = (0..=2000).map(|no| format!("word/{no}")).collect();
        let many: Vec<_> = many.iter().map(|name| (&**name, &b""[..])).chain([TYPES]).collect();
        assert_eq!(of(&archive(&many)), Err(Unfit::Bomb));
    }
}
