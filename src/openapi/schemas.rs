//! Post-processing of the document's schemas: names, deduplication, limits, removal of unused ones.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::domain::dates;
use crate::schema::patch::patch_of;

pub fn tidy(document: Value) -> Value {
    let mut document = renamed(document);
    flatten(&mut document["components"]["schemas"]);
    patch_deeply(&mut document["components"]["schemas"]);
    limit(&mut document);
    let schemas = document["components"]["schemas"].clone();
    share(&mut document["paths"], &schemas);
    for name in all(&schemas) {
        share_parts(&mut document["components"]["schemas"][name], &schemas);
    }
    document
}

/// The document as clients read it. Bodies are checked against the schemas that it had before.
pub fn published(mut document: Value) -> Value {
    let schemas = document["components"]["schemas"].clone();
    inline(&mut document, &schemas);
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

/// The name that a schema refers to.
fn referred(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next())
}

fn resolved<'a>(schema: &'a Value, schemas: &'a Value) -> &'a Value {
    referred(schema).map_or(schema, |name| &schemas[name])
}

/// Generic types are named from the inside out: `List_Measure` is `MeasureList`.
fn renamed(document: Value) -> Value {
    let mut text = document.to_string();
    for name in all(&document["components"]["schemas"]) {
        if let Some((outer, inner)) = name.split_once('_') {
            let inner = inner.replace('_', "");
            let better = if outer == "Patch" { patch_name(&inner) } else { format!("{inner}{outer}") };
            text = text.replace(&format!("\"{name}\""), &format!("\"{better}\""));
            text = text.replace(&format!("schemas/{name}\""), &format!("schemas/{better}\""));
        }
    }
    serde_json::from_str(&text).unwrap_or(document)
}

/// A patch is of the record: that of `MeasureInput` is `MeasurePatch`.
fn patch_name(name: &str) -> String {
    format!("{}Patch", name.strip_suffix("Input").unwrap_or(name))
}

/// A text with a limit, such as `Line300`, is written out where it stands: a limit is no name for a type.
fn inline(value: &mut Value, schemas: &Value) {
    let text = referred(value).filter(|name| name.ends_with(|last: char| last.is_ascii_digit()));
    if let Some(Value::Object(text)) = text.map(|name| schemas[name].clone())
        && let Value::Object(here) = value
    {
        here.shift_remove("$ref");
        for (name, part) in text {
            here.entry(name).or_insert(part);
        }
    }
    each_part(value, &mut |part| inline(part, schemas));
}

/// A struct into which serde flattens another is one object, as its JSON is, also where it is a type argument.
fn flatten(schemas: &mut Value) {
    let known = schemas.clone();
    flatten_part(schemas, &known);
}

fn flatten_part(value: &mut Value, known: &Value) {
    each_part(value, &mut |part| flatten_part(part, known));
    let Some(parts) = value.get("allOf").and_then(Value::as_array).filter(|parts| parts.len() > 1) else { return };
    let (mut required, mut properties) = (Vec::new(), Map::new());
    for part in parts {
        let part = resolved(part, known);
        required.extend(part["required"].as_array().into_iter().flatten().cloned());
        properties.extend(part["properties"].as_object().cloned().unwrap_or_default());
    }
    let description = value["description"].clone();
    *value = json!({ "type": "object", "description": description, "required": required, "properties": properties });
}

/// A merge patch goes into the objects of a record as well, but not into those of its lists.
fn patch_deeply(schemas: &mut Value) {
    let mut patches: Vec<String> = all(schemas).filter(|name| name.ends_with("Patch")).cloned().collect();
    while let Some(patch) = patches.pop() {
        let mut properties = schemas[&patch]["properties"].clone();
        let fields = properties.as_object_mut().into_iter().flat_map(Map::values_mut);
        for field in fields.flat_map(|field| match field.get("oneOf") {
            Some(_) => field["oneOf"].as_array_mut().into_iter().flatten().collect(),
            None => vec![field],
        }) {
            let Some(part) = referred(field).filter(|part| schemas[*part].get("properties").is_some()) else {
                continue;
            };
            let name = patch_name(part);
            if schemas.get(&name).is_none() {
                schemas[&name] = patch_of(schemas[part].clone());
                patches.push(name.clone());
            }
            *field = json!({ "$ref": format!("#/components/schemas/{name}") });
        }
        schemas[&patch]["properties"] = properties;
    }
}

/// The length that a format implies, said for tools that do not know the format, and the years in which dates can be.
fn limit(value: &mut Value) {
    let longest = match value["format"].as_str() {
        Some("uuid") => Some(36),
        Some("date") => Some(10),
        Some("date-time") => Some(35),
        _ => None,
    };
    if let (Some(longest), Value::Object(schema)) = (longest, &mut *value) {
        schema.entry("maxLength").or_insert(json!(longest));
        if matches!(schema["format"].as_str(), Some("date" | "date-time")) {
            schema.entry("pattern").or_insert(json!(dates::PATTERN));
        }
    }
    each_part(value, &mut limit);
}

/// A type argument is written out where it stands: a reference says the same and gives clients one type.
fn share(value: &mut Value, schemas: &Value) {
    let same = value.get("properties").and_then(|_| all(schemas).find(|name| schemas[*name] == *value));
    match same {
        Some(name) => *value = json!({ "$ref": format!("#/components/schemas/{name}") }),
        None => share_parts(value, schemas),
    }
}

fn share_parts(value: &mut Value, schemas: &Value) {
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
