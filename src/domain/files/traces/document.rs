//! What documents tell: the properties of Office's and of PDF's, and who commented and changed.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::super::archive::zip;
use super::super::pdf::object;
use super::super::pdf::token::{self, Tokens};
use super::super::types::Finding;
use super::super::xml;
use super::{Found, TraceKind, picture};

/// Bytes of a part, unpacked.
const LARGEST_PART: usize = 4 << 20;

/// Bytes of all parts that are read, unpacked.
const LARGEST: usize = 16 << 20;

const PROPERTIES: [(&[u8], TraceKind); 8] = [
    (b"Author", TraceKind::Person),
    (b"Company", TraceKind::Organisation),
    (b"Creator", TraceKind::Software),
    (b"Producer", TraceKind::Software),
    (b"CreationDate", TraceKind::Time),
    (b"ModDate", TraceKind::Time),
    (b"Subject", TraceKind::Comment),
    (b"Keywords", TraceKind::Comment),
];

pub fn pdf(file: &[u8], found: &mut Found) {
    picture::exif_within(file, found);
    let mut is_encrypted = false;
    // What was read until a bomb was met has been told.
    let unread = object::visit(file, |body| {
        is_encrypted |= token::names(body).any(|name| *name == *b"Encrypt");
        dictionary(body, found);
        BTreeSet::new()
    });
    if is_encrypted {
        // So are its strings: what was read of them tells nothing.
        *found = Found::default();
        found.add(TraceKind::Unread, "encrypted");
    } else if unread.is_err() || unread.is_ok_and(|unread| unread.contains(&Finding::Encrypted)) {
        found.add(TraceKind::Unread, "objects");
    }
}

fn dictionary(body: &[u8], found: &mut Found) {
    let (mut is_properties, mut is_annotation, mut is_field) = (false, false, false);
    for name in token::names(body) {
        match &*name {
            b"Producer" | b"Creator" | b"Author" | b"CreationDate" => is_properties = true,
            b"Annot" => is_annotation = true,
            b"FT" | b"Widget" => is_field = true,
            _ => {}
        }
    }
    // The title of a comment is who wrote it; that of a form's field is the field.
    let is_comment = is_annotation && !is_field;
    if !is_properties && !is_comment {
        return;
    }
    let mut last: Option<Cow<[u8]>> = None;
    for token in Tokens::of(body) {
        let kind = match last.as_deref() {
            Some(b"T") => is_comment.then_some(TraceKind::Person),
            Some(b"Title") => is_properties.then_some(TraceKind::Comment),
            Some(name) => PROPERTIES.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind),
            None => None,
        };
        if let Some((kind, value)) = kind.and_then(|kind| Some((kind, token.string()?))) {
            found.add_bytes(kind, &value);
        }
        last = token.name();
    }
}

pub fn ooxml(file: &[u8], found: &mut Found) {
    let Ok(archive) = zip::open(file) else { return };
    let mut left = LARGEST;
    for entry in &archive.entries {
        if entry.name.starts_with("docprops/thumbnail") {
            found.add(TraceKind::Picture, "thumbnail");
        }
        let Some(kind) = Kind::of(&entry.name) else { continue };
        let most = LARGEST_PART.min(left);
        let content = entry.start(most);
        let content = content.as_deref();
        left -= content.map_or(0, <[u8]>::len);
        let read = content.and_then(|content| match kind {
            Kind::Properties => properties(content, found),
            Kind::Authors => authors(content, found),
            Kind::Photo => {
                picture::jpeg(content, found);
                Some(())
            }
        });
        if read.is_none() || content.is_some_and(|content| content.len() == most) {
            found.add(TraceKind::Unread, &entry.name);
        }
    }
}

/// A part that tells something.
enum Kind {
    Properties,
    /// Comments and changes, and those who made them.
    Authors,
    Photo,
}

impl Kind {
    fn of(name: &str) -> Option<Self> {
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
        match name {
            "docprops/core.xml" | "docprops/app.xml" | "docprops/custom.xml" => Some(Self::Properties),
            _ if name.ends_with(".xml") && AUTHORS.iter().any(|start| name.starts_with(start)) => Some(Self::Authors),
            _ if name.contains("/media/") && (name.ends_with(".jpg") || name.ends_with(".jpeg")) => Some(Self::Photo),
            _ => None,
        }
    }
}

/// `None` if it could not be read to its end.
fn properties(content: &[u8], found: &mut Found) -> Option<()> {
    xml::visit(content, |node| {
        if let xml::Node::Text { name, text } = node {
            found.add_named(name, text);
        }
    })
}

/// `None` if it could not be read to its end.
fn authors(content: &[u8], found: &mut Found) -> Option<()> {
    xml::visit(content, |node| match node {
        xml::Node::Element { name, attributes } => {
            let is_author = name.ends_with(":cmAuthor") || name.ends_with(":author");
            let author = xml::attribute(attributes, "author")
                .or_else(|| xml::attribute(attributes, "displayName"))
                .or_else(|| xml::attribute(attributes, "name").filter(|_| is_author));
            author.into_iter().for_each(|author| found.add(TraceKind::Person, author));
        }
        xml::Node::Text { name: "author", text } => found.add(TraceKind::Person, text),
        xml::Node::Text { .. } => {}
    })
}
