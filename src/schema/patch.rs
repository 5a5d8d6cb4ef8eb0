//! The schema of a merge patch.

use serde_json::{Map, Value, json};

/// The schema of a merge patch (RFC 7396) of what `schema` describes: nothing is required, what was optional may be null.
pub fn patch_of(mut schema: Value) -> Value {
    let required = schema.as_object_mut().and_then(|schema| schema.remove("required"));
    let required: Vec<&str> = required.iter().filter_map(Value::as_array).flatten().filter_map(Value::as_str).collect();
    let optional = |name: &str| !required.contains(&name);
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        for (name, property) in properties {
            if let Value::Object(property) = property {
                property.remove("default");
                if optional(name) {
                    make_nullable(property);
                }
            }
        }
    }
    // What is optional is what mostly changes.
    if let Some(Value::Object(example)) = schema.get_mut("example")
        && example.keys().any(|name| optional(name))
    {
        example.retain(|name, _| optional(name));
    }
    schema
}

fn make_nullable(property: &mut Map<String, Value>) {
    if let Some(Value::String(kind)) = property.get("type") {
        let kinds = json!([kind, "null"]);
        property.insert("type".to_owned(), kinds);
    } else if let Some(reference) = property.remove("$ref") {
        property.insert("oneOf".to_owned(), json!([{ "type": "null" }, { "$ref": reference }]));
    }
}
