//! The document in Thai: the texts of th.json in place of the English ones. Descriptions of schemas and of their fields stay in
//! English.

use serde_json::{Map, Value, json};

const TEXTS: &str = include_str!("th.json");

/// What stays as it is: schemas are in English, examples are data.
const UNTRANSLATED: [&str; 4] = ["schema", "schemas", "example", "examples"];

/// The same document with Thai texts.
pub fn translated(mut document: Value) -> serde_json::Result<Value> {
    let texts: Value = serde_json::from_str(TEXTS)?;
    for (name, text) in texts["info"].as_object().into_iter().flatten() {
        document["info"][name] = text.clone();
    }
    document["info"]["description"] = json!(include_str!("description.th.md"));
    for tag in document["tags"].as_array_mut().into_iter().flatten() {
        let text = tag["name"].as_str().and_then(|name| texts["tags"].get(name)).cloned();
        tag["description"] = text.unwrap_or_else(|| tag["description"].clone());
    }
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    for operation in paths.flat_map(|(_, item)| item.as_object_mut().into_iter().flat_map(Map::values_mut)) {
        let text = &texts["operations"][operation["operationId"].as_str().unwrap_or_default()];
        if let Some(summary) = text.get("summary") {
            operation["summary"] = summary.clone();
        }
        let access = operation["description"].as_str().and_then(|text| text.rsplit_once("**Access:** "));
        if let (Some(description), Some((_, access))) = (text["description"].as_str(), access) {
            operation["description"] = json!(format!("{description}\n\n**สิทธิ์:** {}", access_in_thai(access)));
        }
    }
    describe(&mut document, &texts["texts"]);
    Ok(document)
}

/// Descriptions that many places share, by their English text: of parameters, headers, bodies and responses.
fn describe(value: &mut Value, texts: &Value) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(description)) = fields.get_mut("description")
                && let Some(Value::String(thai)) = texts.get(description.replace('\n', " "))
            {
                thai.clone_into(description);
            }
            let parts = fields.iter_mut().filter(|(name, _)| !UNTRANSLATED.contains(&name.as_str()));
            parts.for_each(|(_, part)| describe(part, texts));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| describe(item, texts)),
        _ => {}
    }
}

/// Roles and scopes are codes in both languages.
fn access_in_thai(access: &str) -> String {
    let words = [
        ("public, or a token with ", "ทุกคน หรือโทเคนที่มีสิทธิ์ "),
        ("public; a token with ", "ทุกคน โทเคนที่มีสิทธิ์ "),
        (" sees more", " เห็นข้อมูลเพิ่ม"),
        ("any valid token", "โทเคนใดก็ได้"),
        ("program (", "โปรแกรม ("),
        (" or ", " หรือ "),
    ];
    let text = access.trim_end_matches('.').to_owned();
    // A scope may begin with the same letters.
    if text == "public" {
        return "ทุกคน".to_owned();
    }
    words.iter().fold(text, |text, (english, thai)| text.replace(english, thai))
}
