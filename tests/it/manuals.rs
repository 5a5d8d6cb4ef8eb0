//! Manuals for people name statuses and steps as the API does.

use std::fmt::Write;
use std::path::Path;

use serde_json::Value;

use crate::examples::are_to_be_written;
use crate::support::spawn;

/// The manual with the table of each list of codes after the comment that names it.
fn with_tables(manual: &str, lists: &[Value]) -> String {
    let mut lines = manual.lines().peekable();
    let mut written = String::new();
    while let Some(line) = lines.next() {
        writeln!(written, "{line}").unwrap();
        let Some(name) = line.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->")) else { continue };
        let list = lists.iter().find(|list| list["schema"] == name);
        let list = list.unwrap_or_else(|| panic!("there is no list of codes {name}"));
        while lines.next_if(|line| line.starts_with('|')).is_some() {}
        written.push_str("| ชื่อ | รหัส | ความหมาย |\n|---|---|---|\n");
        for code in list["values"].as_array().unwrap() {
            let text = |of: &Value| of["th"].as_str().unwrap().to_owned();
            let value = code["value"].as_str().unwrap();
            writeln!(written, "| {} | `{value}` | {} |", text(&code["label"]), text(&code["meaning"])).unwrap();
        }
    }
    written
}

#[tokio::test]
async fn the_officers_manual_has_the_statuses_and_steps_of_the_api() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/officers.th.md");
    let manual = std::fs::read_to_string(&path).unwrap();
    let service = spawn().await;
    let right = with_tables(&manual, &service.all("/v1/code-lists").await);
    if are_to_be_written() {
        std::fs::write(path, right).unwrap();
        return;
    }
    assert!(manual == right, "docs/officers.th.md is of other codes: run make openapi");
}
