//! Feeds (Atom, RFC 4287).

use chrono::{DateTime, SecondsFormat};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use crate::error::{Error, Result};

/// A feed. Its address is its id.
pub struct Feed {
    pub address: String,
    pub title: String,
    pub author: String,
    /// The latest first.
    pub entries: Vec<Entry>,
}

pub struct Entry {
    pub id: String,
    pub title: String,
    /// RFC 3339.
    pub updated: String,
    /// Where it can be read.
    pub link: Option<String>,
    pub content: String,
}

impl Feed {
    pub fn to_xml(&self) -> Result<Vec<u8>> {
        self.write().map_err(Error::internal)
    }

    fn write(&self) -> std::io::Result<Vec<u8>> {
        let updated = self.entries.first().map(|entry| entry.updated.clone());
        let updated = updated.unwrap_or_else(|| DateTime::UNIX_EPOCH.to_rfc3339_opts(SecondsFormat::Secs, true));
        let mut writer = Writer::new(Vec::new());
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
        let feed = writer.create_element("feed").with_attribute(("xmlns", "http://www.w3.org/2005/Atom"));
        feed.write_inner_content(|writer| {
            text(writer, "id", &self.address)?;
            text(writer, "title", &self.title)?;
            text(writer, "updated", &updated)?;
            writer.create_element("author").write_inner_content(|writer| text(writer, "name", &self.author))?;
            link(writer, "self", &self.address)?;
            self.entries.iter().try_for_each(|entry| {
                writer.create_element("entry").write_inner_content(|writer| entry.write(writer)).map(drop)
            })
        })?;
        Ok(writer.into_inner())
    }
}

impl Entry {
    fn write(&self, writer: &mut Writer<Vec<u8>>) -> std::io::Result<()> {
        text(writer, "id", &self.id)?;
        text(writer, "title", &self.title)?;
        text(writer, "updated", &self.updated)?;
        if let Some(address) = &self.link {
            link(writer, "alternate", address)?;
        }
        text(writer, "content", &self.content)
    }
}

fn text(writer: &mut Writer<Vec<u8>>, name: &str, text: &str) -> std::io::Result<()> {
    writer.create_element(name).write_text_content(BytesText::new(text))?;
    Ok(())
}

fn link(writer: &mut Writer<Vec<u8>>, relation: &str, address: &str) -> std::io::Result<()> {
    let link = writer.create_element("link").with_attribute(("rel", relation));
    link.with_attribute(("href", address)).write_empty()?;
    Ok(())
}
