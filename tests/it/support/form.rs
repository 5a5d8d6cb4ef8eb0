//! Forms with files (RFC 7578), written and read.

use serde_json::{Map, Value, json};

use super::ask::text;
use super::document::value_of;

/// Draws the line between the parts.
const BOUNDARY: &str = "zzzzzzzzzzzz-a-part-of-the-form";

#[derive(Clone, Default)]
pub struct Form(Vec<u8>);

impl Form {
    pub fn new() -> Self {
        Self::default()
    }

    /// The form of an example, which has the content of a file as a text.
    pub fn of(example: &Value) -> Self {
        example.as_object().unwrap().iter().fold(Self::new(), |form, (name, value)| match &**name {
            "file" => form.file("บันทึก.txt", text(value).as_bytes()),
            name => form.field(name, &text(value)),
        })
    }

    pub fn field(self, name: &str, value: &str) -> Self {
        self.part(&format!("name=\"{name}\""), value.as_bytes())
    }

    pub fn file(self, name: &str, file: &[u8]) -> Self {
        self.part(&format!("name=\"file\"; filename=\"{name}\""), file)
    }

    fn part(mut self, names: &str, content: &[u8]) -> Self {
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {names}\r\n\r\n");
        self.0.extend([head.as_bytes(), content, b"\r\n"].concat());
        self
    }

    /// The media type and the body.
    pub fn finish(mut self) -> (String, Vec<u8>) {
        self.0.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
        (format!("multipart/form-data; boundary={BOUNDARY}"), self.0)
    }
}

/// What a form says, as its schema means it; nothing where it is no form of ours.
pub fn read(schema: &Value, body: &[u8]) -> Option<Value> {
    let text = String::from_utf8_lossy(body);
    let whole = text.strip_suffix(&format!("--{BOUNDARY}--\r\n"))?;
    let mut fields = Map::new();
    for part in whole.split(&format!("--{BOUNDARY}\r\n")).skip(1) {
        let (head, content) = part.strip_suffix("\r\n")?.split_once("\r\n\r\n")?;
        let name = head.split("name=\"").nth(1)?.split('"').next()?.to_owned();
        let value = if name == "file" { json!(content) } else { value_of(&schema["properties"][&name], content) };
        if fields.insert(name, value).is_some() {
            return None;
        }
    }
    Some(fields.into())
}
