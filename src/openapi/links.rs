//! Links between operations (OpenAPI 3.1, Link Object): which answers hold what an operation on a single record needs, so
//! that tools find their way from a list or a new record to all that can be done with it.

use serde_json::{Map, Value, json};

use crate::schema::validate::escaped;

/// Links every collection of the document with its records.
pub fn add(document: &mut Value) {
    let known = document.clone();
    let Some(paths) = known["paths"].as_object() else { return };
    let records = paths.keys().filter_map(|path| {
        let (collection, name) = path.strip_suffix('}')?.rsplit_once("/{")?;
        paths.contains_key(collection).then_some((path, collection, name))
    });
    for (record, collection, name) in records {
        let below = format!("{record}/");
        let of_the_record = paths.iter().filter(|(path, _)| *path == record || path.starts_with(&below));
        let operations: Vec<&Value> =
            of_the_record.flat_map(|(_, item)| item.as_object().into_iter().flat_map(Map::values)).collect();
        let reading = [&paths[record]["get"]];
        let changing: Vec<_> = operations.iter().copied().filter(|operation| **operation != *reading[0]).collect();
        // What a record calls its own year.
        let field = if name == "year" { "fiscal_year" } else { name };
        let answers = [
            (collection, "post", "201", format!("$response.body#/{field}"), &operations[..]),
            (collection, "get", "200", format!("$response.body#/items/0/{field}"), &reading[..]),
            (record, "get", "200", format!("$request.path.{name}"), &changing[..]),
        ];
        for (path, method, status, id, operations) in answers {
            let place = format!("/paths/{}/{method}/responses/{status}", escaped(path));
            // Whoever sends a complaint is given a receipt, and no id. Not every collection is a list.
            let needed = if method == "get" { "items" } else { name };
            let lacks = || !known.pointer(&place).is_some_and(|answer| has(&known, answer, needed));
            if operations.is_empty() || (path == collection && lacks()) {
                continue;
            }
            if let Some(answer) = document.pointer_mut(&place) {
                let links = operations.iter().map(|operation| link(operation, name, &id));
                answer["links"] = links.collect::<Map<_, _>>().into();
            }
        }
    }
}

/// Whether the body of an answer has what names the record.
fn has(document: &Value, answer: &Value, name: &str) -> bool {
    let schema = answer["content"]["application/json"]["schema"]["$ref"].as_str();
    let schema = schema.and_then(|place| document.pointer(place.strip_prefix('#')?));
    schema.is_some_and(|schema| schema["properties"].get(name).is_some())
}

/// A link to an operation on the record that is named so, as it is in the answer where a change needs to know that.
fn link(operation: &Value, by: &str, id: &str) -> (String, Value) {
    let name = operation["operationId"].as_str().unwrap_or_default();
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let parameters = parameters.filter_map(|parameter| match parameter["name"].as_str()? {
        parameter if parameter == by => Some((by.to_owned(), json!(id))),
        "If-Match" => Some(("If-Match".to_owned(), json!("$response.header.ETag"))),
        _ => None,
    });
    let parameters: Map<_, _> = parameters.collect();
    (name.to_owned(), json!({ "operationId": name, "parameters": parameters }))
}
