//! Links between operations (OpenAPI 3.1, Link Object): which answers hold what an operation on a single record needs, so
//! that tools find their way from a list or a new record to all that can be done with it.

use serde_json::{Map, Value, json};

use crate::schema::validate::escaped;

/// Links every answer that names a record with what can be done with it.
pub fn add(document: &mut Value) {
    let known = document.clone();
    let Some(paths) = known["paths"].as_object() else { return };
    let records = paths.keys().filter_map(|path| {
        let (collection, name) = path.strip_suffix('}')?.rsplit_once("/{")?;
        Some((path, collection, name))
    });
    for (record, collection, name) in records {
        let below = format!("{record}/");
        let of_the_record = paths.iter().filter(|(path, _)| *path == record || path.starts_with(&below));
        let operations: Vec<&Value> =
            of_the_record.flat_map(|(_, item)| item.as_object().into_iter().flat_map(Map::values)).collect();
        let reading = [&paths[record]["get"]];
        let changing: Vec<_> = operations.iter().copied().filter(|operation| **operation != *reading[0]).collect();
        // What a record calls its own year, and an item its code.
        let field = match name {
            "year" => "fiscal_year",
            "item" | "guide" => "code",
            name => name,
        };
        let mut answers = vec![(record, place(record, "get", "200"), format!("$request.path.{name}"), &changing[..])];
        for path in paths.keys().filter(|path| names_records(path, collection)) {
            for (method, status) in [("post", "201"), ("get", "200")] {
                let place = place(path, method, status);
                let Some(answer) = known.pointer(&place) else { continue };
                if method == "post" && has(&known, answer, field) {
                    answers.push((path, place, format!("$response.body#/{field}"), &operations));
                } else if has(&known, answer, "items") {
                    answers.push((path, place, format!("$response.body#/items/0/{field}"), &reading));
                }
                // Whoever sends a complaint is given a receipt, and no id. Not every collection is a list.
            }
        }
        for (path, place, id, operations) in answers {
            let known = operations.iter().filter(|operation| is_known(operation, name, path));
            let links: Map<_, _> = known.map(|operation| link(operation, name, &id)).collect();
            if let Some(answer) = document.pointer_mut(&place).filter(|_| !links.is_empty()) {
                answer["links"] = links.into();
            }
        }
    }
}

/// Where the document has an answer.
fn place(path: &str, method: &str, status: &str) -> String {
    format!("/paths/{}/{method}/responses/{status}", escaped(path))
}

/// Whether the answers of a path name records of a collection: its own, those of a batch, and those that belong to another
/// record, as `/v1/users/{id}/approvals` to `/v1/user-approvals`.
fn names_records(path: &str, collection: &str) -> bool {
    if path == collection || path.strip_suffix("/batch") == Some(collection) {
        return true;
    }
    let Some((owners, part)) = path.strip_prefix("/v1/").and_then(|path| path.split_once("/{id}/")) else {
        return false;
    };
    let owner = owners.trim_end_matches('s');
    collection == format!("/v1/{part}") || collection == format!("/v1/{owner}-{part}")
}

/// Whether the body of an answer has what names the record.
fn has(document: &Value, answer: &Value, name: &str) -> bool {
    let schema = answer["content"]["application/json"]["schema"]["$ref"].as_str();
    let schema = schema.and_then(|place| document.pointer(place.strip_prefix('#')?));
    schema.is_some_and(|schema| schema["properties"].get(name).is_some())
}

/// Whether an answer at a path tells all parameters of an operation's path, beside that which names the record.
fn is_known(operation: &Value, by: &str, path: &str) -> bool {
    let mut parameters = operation["parameters"].as_array().into_iter().flatten();
    parameters.all(|parameter| {
        let name = parameter["name"].as_str().unwrap_or_default();
        parameter["in"] != "path" || name == by || path.contains(&format!("{{{name}}}"))
    })
}

/// A link to an operation on the record that is named so, as it is in the answer where a change needs to know that.
fn link(operation: &Value, by: &str, id: &str) -> (String, Value) {
    let name = operation["operationId"].as_str().unwrap_or_default();
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let parameters = parameters.filter_map(|parameter| match parameter["name"].as_str()? {
        parameter if parameter == by => Some((by.to_owned(), json!(id))),
        "If-Match" => Some(("If-Match".to_owned(), json!("$response.header.ETag"))),
        // A record below another is linked from an answer below the same.
        other if parameter["in"] == "path" => Some((other.to_owned(), json!(format!("$request.path.{other}")))),
        _ => None,
    });
    let parameters: Map<_, _> = parameters.collect();
    (name.to_owned(), json!({ "operationId": name, "parameters": parameters }))
}
