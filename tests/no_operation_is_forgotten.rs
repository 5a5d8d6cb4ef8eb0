//! Runs after the test binary `it` (cargo goes by the alphabet), which notes what it has seen: every status that the document gives an operation must
//! have been answered to some test, except those that need a fault of ours.

use std::collections::HashSet;

use serde_json::Value;

/// A body that does not arrive (408), a fault of ours (500), a database that is away (503): tested where they arise, not
/// on every operation.
const RARE: [&str; 3] = ["408", "500", "503"];

#[test]
fn every_documented_status_of_every_operation_was_seen() {
    let seen = std::fs::read_to_string(concat!(env!("CARGO_TARGET_TMPDIR"), "/seen")).unwrap_or_default();
    let seen: HashSet<&str> = seen.lines().collect();
    let document: Value = serde_json::from_str(include_str!("../openapi/openapi.json")).unwrap();
    let mut missing = Vec::new();
    for operation in document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values())
    {
        let id = operation["operationId"].as_str().unwrap();
        for status in
            operation["responses"].as_object().unwrap().keys().filter(|status| !RARE.contains(&status.as_str()))
        {
            let line = format!("{id} {status}");
            if !seen.contains(line.as_str()) {
                missing.push(line);
            }
        }
    }
    assert!(missing.is_empty(), "no test of the last run of `cargo test --test it` has seen\n{}", missing.join("\n"));
}
