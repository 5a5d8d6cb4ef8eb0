//! Elements and texts of XML. Documents with errors are read up to the error, those with entities of their own not at all.

use std::borrow::Cow;

use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::{bytes, text};

/// A name with its prefix, and a value.
pub type Attribute = (String, String);

/// What `visit` meets.
pub enum Node<'a> {
    Element {
        name: &'a str,
        attributes: &'a [Attribute],
    },
    /// A text in the element named; lists of RDF stand for the element that they are in.
    Text {
        name: &'a str,
        text: &'a str,
    },
}

/// Elements within elements.
const DEEPEST: usize = 256;

/// Attributes of an element. Each costs many times its bytes.
const MOST_ATTRIBUTES: usize = 1000;

/// The value of an attribute, or else of one that has this name behind a prefix.
pub fn attribute<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a str> {
    let exact = attributes.iter().find(|(full, _)| full == name);
    exact.or_else(|| attributes.iter().find(|(full, _)| local(full) == name)).map(|(_, value)| &**value)
}

/// A name without its prefix.
pub fn local(full: &str) -> &str {
    full.rsplit(':').next().unwrap_or(full)
}

/// Visits the elements and texts. `None` if it cannot be read to its end.
pub fn visit(content: &[u8], mut each: impl FnMut(Node)) -> Option<()> {
    let content = if content.starts_with(&[0xFF, 0xFE]) || content.starts_with(&[0xFE, 0xFF]) {
        Cow::Owned(text::decode(content).unwrap_or_default().into_bytes())
    } else {
        Cow::Borrowed(bytes::trim_padding(content))
    };
    if content.contains(&0) {
        return None;
    }
    let mut reader = Reader::from_reader(&*content);
    reader.config_mut().check_end_names = false;
    let (mut names, mut text): (Vec<String>, String) = (Vec::new(), String::new());
    loop {
        match reader.read_event().ok()? {
            Event::Decl(declaration) if !is_readable(&declaration) => return None,
            Event::Start(element) if names.len() < DEEPEST => {
                names.push(open(&element, &mut each)?);
                text.clear();
            }
            Event::Empty(element) => drop(open(&element, &mut each)?),
            Event::Text(part) => text.push_str(&part.decode().unwrap_or_default()),
            Event::CData(part) => text.push_str(&part.decode().unwrap_or_default()),
            Event::GeneralRef(reference) => text.push_str(&resolved(&reference)),
            Event::End(_) => {
                let name = names.iter().rev().find(|name| !name.starts_with("rdf:"));
                if let Some(name) = name.filter(|_| !text.trim().is_empty()) {
                    each(Node::Text { name, text: text.trim() });
                }
                text.clear();
                names.pop();
            }
            // Entities of its own could stand for anything.
            Event::Start(_) | Event::DocType(_) => return None,
            Event::Eof => return Some(()),
            _ => {}
        }
    }
}

/// Whether the encoding writes names and keywords as ASCII does. UTF-16 has been decoded.
fn is_readable(declaration: &BytesDecl) -> bool {
    let Some(Ok(encoding)) = declaration.encoding() else { return true };
    let encoding = encoding.to_ascii_lowercase();
    [&b"utf-8"[..], b"utf-16", b"us-ascii", b"iso-8859-", b"windows-", b"tis-620"]
        .iter()
        .any(|known| encoding.starts_with(known))
}

fn open(element: &BytesStart, each: &mut impl FnMut(Node)) -> Option<String> {
    let name = String::from_utf8_lossy(element.name().as_ref()).into_owned();
    let attributes: Vec<Attribute> = element
        .attributes()
        .with_checks(false)
        .flatten()
        .take(MOST_ATTRIBUTES + 1)
        .map(|attribute| {
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map(Cow::into_owned);
            (String::from_utf8_lossy(attribute.key.as_ref()).into_owned(), value.unwrap_or_default())
        })
        .collect();
    if attributes.len() > MOST_ATTRIBUTES {
        return None;
    }
    each(Node::Element { name: &name, attributes: &attributes });
    Some(name)
}

fn resolved(reference: &BytesRef) -> String {
    match reference.resolve_char_ref() {
        Ok(Some(c)) => c.to_string(),
        _ => match &**reference {
            b"amp" => "&".into(),
            b"lt" => "<".into(),
            b"gt" => ">".into(),
            b"quot" => "\"".into(),
            b"apos" => "'".into(),
            _ => String::new(),
        },
    }
}
