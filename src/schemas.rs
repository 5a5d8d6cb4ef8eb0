//! The schemas of the document, put in order: named from the inside out, written once, limited, none left over.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

pub fn tidy(document: Value) -> Value {
    let mut document = renamed(document);
    patch_deeply(&mut document["components"]["schemas"]);
    limit(&mut document);
    let schemas = document["components"]["schemas"].clone();
    share(&mut document, &schemas);
    for name in all(&schemas) {
        share_within(&mut document["components"]["schemas"][name], &schemas);
    }
    prune(&mut document);
    document
}

/// An example of what a schema allows, made of those of its parts where it has none itself.
pub fn example(schema: &Value, schemas: &Value) -> Value {
    let schema = resolved(schema, schemas);
    if let Some(example) = schema.get("example").or_else(|| schema["examples"].get(0)).or_else(|| schema["enum"].get(0))
    {
        return example.clone();
    }
    if let Some(properties) = schema["properties"].as_object() {
        let parts = properties.iter().map(|(name, property)| (name.clone(), example(property, schemas)));
        return parts.collect::<Map<_, _>>().into();
    }
    schema.get("items").map_or(Value::Null, |items| json!([example(items, schemas)]))
}

fn all(schemas: &Value) -> impl Iterator<Item = &String> {
    schemas.as_object().into_iter().flat_map(Map::keys)
}

fn resolved<'a>(schema: &'a Value, schemas: &'a Value) -> &'a Value {
    let name = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next());
    name.map_or(schema, |name| &schemas[name])
}

/// Generic types are named from the inside out: `List_Measure` is `MeasureList`.
fn renamed(document: Value) -> Value {
    let mut text = document.to_string();
    for name in all(&document["components"]["schemas"]) {
        if let Some((outer, inner)) = name.split_once('_') {
            let better = format!("{}{outer}", inner.replace('_', ""));
            text = text.replace(&format!("\"{name}\""), &format!("\"{better}\""));
            text = text.replace(&format!("schemas/{name}\""), &format!("schemas/{better}\""));
        }
    }
    serde_json::from_str(&text).unwrap_or(document)
}

/// A merge patch goes into objects within the record as well: nothing in them is required either.
fn patch_deeply(schemas: &mut Value) {
    let whole = schemas.clone();
    let mut parts = Map::new();
    for name in all(&whole).filter(|name| name.ends_with("Patch")) {
        for property in schemas[name]["properties"].as_object_mut().into_iter().flat_map(Map::values_mut) {
            let Some(part) = property["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) else {
                continue;
            };
            if let Some(mut fields) = whole[part].as_object().filter(|fields| fields.contains_key("required")).cloned()
            {
                fields.remove("required");
                let name = format!("{part}Patch");
                *property = json!({ "$ref": format!("#/components/schemas/{name}") });
                parts.insert(name, fields.into());
            }
        }
    }
    if let Some(schemas) = schemas.as_object_mut() {
        schemas.extend(parts);
    }
}

/// The length that a format implies, said for tools that do not know the format.
fn limit(value: &mut Value) {
    let longest = match value["format"].as_str() {
        Some("uuid") => Some(36),
        Some("date") => Some(10),
        Some("date-time") => Some(35),
        _ => None,
    };
    if let (Some(longest), Value::Object(schema)) = (longest, &mut *value) {
        schema.entry("maxLength").or_insert(json!(longest));
    }
    each_part(value, &mut limit);
}

/// A type argument is written out where it stands: a reference says the same and gives clients one type.
fn share(value: &mut Value, schemas: &Value) {
    if value.get("schemas").is_some() {
        return;
    }
    let same = value.get("properties").and_then(|_| all(schemas).find(|name| schemas[*name] == *value));
    match same {
        Some(name) => *value = json!({ "$ref": format!("#/components/schemas/{name}") }),
        None => share_within(value, schemas),
    }
}

fn share_within(value: &mut Value, schemas: &Value) {
    each_part(value, &mut |part| share(part, schemas));
}

/// What nothing refers to is dropped.
fn prune(document: &mut Value) {
    loop {
        let mut used = BTreeSet::new();
        references(document, &mut used);
        let Some(schemas) = document["components"]["schemas"].as_object_mut() else { return };
        let before = schemas.len();
        schemas.retain(|name, _| used.contains(&format!("#/components/schemas/{name}")));
        if schemas.len() == before {
            return;
        }
    }
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

fn each_part(value: &mut Value, act: &mut dyn FnMut(&mut Value)) {
    match value {
        Value::Object(fields) => fields.values_mut().for_each(act),
        Value::Array(items) => items.iter_mut().for_each(act),
        _ => {}
    }
}
