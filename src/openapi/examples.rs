//! Examples of answers: what the demo answers, as a test takes it (tests/it/examples.rs).

use std::sync::LazyLock;

use serde_json::{Map, Value};

/// By operation, status and media type. A file that cannot be read is as an empty one: the document
/// is then written without, and the examples after it.
static EXAMPLES: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../openapi/examples.json")).unwrap_or_default());

/// Gives each answer of the document its example.
pub fn add(document: &mut Value) {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    for operation in paths.flat_map(|(_, item)| item.as_object_mut().into_iter().flat_map(Map::values_mut)) {
        let examples = &EXAMPLES[operation["operationId"].as_str().unwrap_or_default()];
        for (status, answer) in operation["responses"].as_object_mut().into_iter().flatten() {
            for (kind, content) in answer.get_mut("content").and_then(Value::as_object_mut).into_iter().flatten() {
                if let Some(example) = examples[status].get(kind) {
                    content["example"] = example.clone();
                }
            }
        }
    }
}
