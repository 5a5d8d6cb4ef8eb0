//! Open311's answers as XML: the same values as in JSON, in which each item of a list is an element of its own name.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use serde_json::Value;

/// A value as a document.
pub fn document(root: &str, value: &Value) -> std::io::Result<Vec<u8>> {
    let mut writer = Writer::new(Vec::new());
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    element(&mut writer, root, value)?;
    Ok(writer.into_inner())
}

fn element(writer: &mut Writer<Vec<u8>>, name: &str, value: &Value) -> std::io::Result<()> {
    let element = writer.create_element(name);
    match value {
        Value::Null => element.write_empty()?,
        Value::Object(fields) => element.write_inner_content(|writer| {
            fields.iter().try_for_each(|(name, field)| self::element(writer, name, field))
        })?,
        Value::Array(items) => element.write_inner_content(|writer| {
            items.iter().try_for_each(|item| self::element(writer, one_of(name), item))
        })?,
        Value::String(text) => element.write_text_content(BytesText::new(&allowed(text)))?,
        other => element.write_text_content(BytesText::new(&other.to_string()))?,
    };
    Ok(())
}

/// A text without the characters that XML has no way to write (XML 1.0, section 2.2): an error may quote what a client sent.
fn allowed(text: &str) -> String {
    let is_allowed = |char: &char| matches!(char, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..);
    text.chars().map(|char| if is_allowed(&char) { char } else { char::REPLACEMENT_CHARACTER }).collect()
}

/// The name of an item of a list.
fn one_of(list: &str) -> &str {
    match list {
        "service_requests" => "request",
        "service_request_updates" => "request_update",
        list => list.strip_suffix('s').unwrap_or(list),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_have_elements_of_their_own_and_texts_are_escaped() {
        let value =
            json!([{ "service_request_id": "A<B\u{1}\u{FFFF}", "account_id": null, "lat": 15.186, "open": true }]);
        let text = String::from_utf8(document("service_requests", &value).unwrap()).unwrap();
        assert_eq!(
            text,
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><service_requests><request><service_request_id>A&lt;B\u{FFFD}\u{FFFD}\
             </service_request_id><account_id/><lat>15.186</lat><open>true</open></request></service_requests>"
        );
    }
}
