//! What documents tell: the properties of Office's and of PDF's, and who commented and changed.

use std::collections::BTreeSet;

use super::super::archive::zip::{self, Entry};
use super::super::pdf::object;
use super::super::pdf::token::{Token, Tokens, string, unescaped};
use super::super::{bytes, xml};
use super::{Found, TraceKind, picture};

/// Bytes of a part, unpacked.
const LARGEST_PART: usize = 4 << 20;

/// Bytes of all parts that are read, unpacked.
const LARGEST: usize = 32 << 20;

const PROPERTIES: [&str; 8] =
    ["Author", "Creator", "Producer", "CreationDate", "ModDate", "Subject", "Keywords", "Company"];

pub fn pdf(file: &[u8], found: &mut Found) {
    // The strings of an encrypted document are encrypted.
    if bytes::contains(file, b"/Encrypt") {
        return;
    }
    picture::exif_within(file, found);
    // What was read until a bomb was met has been told.
    let _ = object::visit(file, |body| {
        dictionary(body, found);
        BTreeSet::new()
    });
}

fn dictionary(body: &[u8], found: &mut Found) {
    let name = |token| if let Token::Name(name) = token { Some(name) } else { None };
    let names: Vec<&[u8]> = Tokens::of(body).filter_map(name).collect();
    let has = |name: &[u8]| names.contains(&name);
    let is_properties = ["Producer", "Creator", "Author", "CreationDate"].iter().any(|name| has(name.as_bytes()));
    // The title of a comment is who wrote it; that of a form's field is the field.
    let is_comment = has(b"Annot") && !has(b"FT") && !has(b"Widget");
    if !is_properties && !is_comment {
        return;
    }
    let mut last = String::new();
    for token in Tokens::of(body) {
        if let Some(value) = string(token) {
            match &*last {
                "T" if is_comment => found.add_bytes(TraceKind::Person, &value),
                "Title" if is_properties => found.add_bytes(TraceKind::Comment, &value),
                name if PROPERTIES.contains(&name) => {
                    let kind = if name == "Creator" { Some(TraceKind::Software) } else { super::kind(name) };
                    kind.into_iter().for_each(|kind| found.add_bytes(kind, &value));
                }
                _ => {}
            }
        }
        last = if let Token::Name(name) = token {
            String::from_utf8_lossy(&unescaped(name)).into_owned()
        } else {
            String::new()
        };
    }
}

pub fn ooxml(file: &[u8], found: &mut Found) {
    let Ok(archive) = zip::open(file) else { return };
    let mut left = LARGEST;
    for entry in &archive.entries {
        let content = || entry.content(LARGEST_PART.min(left)).ok().flatten().unwrap_or_default();
        let read = match part(entry) {
            Part::Properties => properties(content(), found),
            Part::Authors => authors(content(), found),
            Part::Photo => {
                let photo = content();
                picture::jpeg(&photo, found);
                photo.len()
            }
            Part::Thumbnail => {
                found.add(TraceKind::Picture, "thumbnail");
                0
            }
            Part::Other => 0,
        };
        left -= read;
    }
}

enum Part {
    Properties,
    /// Comments and changes, and those who made them.
    Authors,
    Photo,
    Thumbnail,
    Other,
}

fn part(entry: &Entry) -> Part {
    const AUTHORS: [&str; 8] = [
        "word/document",
        "word/comments",
        "word/footnotes",
        "word/people",
        "xl/comments",
        "xl/persons/",
        "ppt/commentauthors",
        "ppt/authors",
    ];
    let name = &*entry.name;
    match name {
        "docprops/core.xml" | "docprops/app.xml" | "docprops/custom.xml" => Part::Properties,
        _ if name.starts_with("docprops/thumbnail") => Part::Thumbnail,
        _ if name.ends_with(".xml") && AUTHORS.iter().any(|start| name.starts_with(start)) => Part::Authors,
        _ if name.contains("/media/") && (name.ends_with(".jpg") || name.ends_with(".jpeg")) => Part::Photo,
        _ => Part::Other,
    }
}

/// How many bytes have been read.
fn properties(content: Vec<u8>, found: &mut Found) -> usize {
    // What was read up to an error has been told.
    let _ = xml::visit(&content, |node| {
        if let xml::Node::Text { name, text } = node {
            found.add_named(name, text);
        }
    });
    content.len()
}

/// How many bytes have been read.
fn authors(content: Vec<u8>, found: &mut Found) -> usize {
    // What was read up to an error has been told.
    let _ = xml::visit(&content, |node| match node {
        xml::Node::Element { name, attributes } => {
            let is_author = name.ends_with(":cmAuthor") || name.ends_with(":author");
            let author = xml::attribute(attributes, "author")
                .or_else(|| xml::attribute(attributes, "displayName"))
                .or_else(|| xml::attribute(attributes, "name").filter(|_| is_author));
            author.into_iter().for_each(|author| found.add(TraceKind::Person, author));
        }
        xml::Node::Text { name: "author", text } => found.add(TraceKind::Person, text),
        xml::Node::Text { .. } => {}
    });
    content.len()
}
