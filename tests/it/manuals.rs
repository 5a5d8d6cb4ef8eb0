//! Manuals for people name codes, and the problems that they meet, as the API does.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::Path;

use prongsai::auth::scope::Role;
use serde_json::Value;

use crate::complaints::open;
use crate::examples::are_to_be_written;
use crate::support::{Service, spawn};

/// The manuals that have tables of codes.
const MANUALS: [&str; 2] = ["officers", "administrators"];

/// A table: its headings, and a row with the name of each code and what is said of it.
fn table(headings: &str, codes: &Value, [code, name, told]: [&str; 3]) -> String {
    let mut table = format!("{headings}\n|---|---|---|\n");
    for row in codes.as_array().unwrap() {
        let text = |field: &str| row[field]["th"].as_str().unwrap();
        writeln!(table, "| {} | `{}` | {} |", text(name), row[code].as_str().unwrap(), text(told)).unwrap();
    }
    table
}

/// The table of each list of codes, and that of the problems.
async fn tables(service: &Service) -> HashMap<String, String> {
    let of_codes = |list: &Value| table("| ชื่อ | รหัส | ความหมาย |", &list["values"], ["value", "label", "meaning"]);
    let lists = service.all("/v1/code-lists").await;
    let lists = lists.iter().map(|list| (list["schema"].as_str().unwrap().to_owned(), of_codes(list)));
    let problems = service.get("/problems").send().await.expect(200).json();
    let problems = table("| ข้อความ | รหัส | วิธีแก้ |", &problems["problems"], ["code", "title", "remedy"]);
    lists.chain([("Problem".to_owned(), problems)]).collect()
}

/// The manual with each table after the comment that names it.
fn with_tables(manual: &str, tables: &HashMap<String, String>) -> String {
    let mut lines = manual.lines().peekable();
    let mut written = String::new();
    while let Some(line) = lines.next() {
        writeln!(written, "{line}").unwrap();
        let Some(name) = line.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->")) else { continue };
        while lines.next_if(|line| line.starts_with('|')).is_some() {}
        written.push_str(tables.get(name).unwrap_or_else(|| panic!("there is no table {name}")));
    }
    written
}

#[tokio::test]
async fn the_manuals_have_the_codes_and_problems_of_the_api() {
    let tables = tables(&spawn().await).await;
    for manual in MANUALS {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/{manual}.th.md"));
        let now = std::fs::read_to_string(&path).unwrap();
        let right = with_tables(&now, &tables);
        if are_to_be_written() {
            std::fs::write(path, right).unwrap();
        } else {
            assert!(now == right, "docs/{manual}.th.md is of other codes: run make openapi");
        }
    }
}

/// The commands of the front pages that need nothing from the answer to another: `...` stands for such.
#[tokio::test]
async fn the_commands_of_the_front_pages_work() {
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    let editor = service.token(Role::Editor);
    for page in ["README.md", "README.th.md"] {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap();
        let mut tried = 0;
        let commands = text.split("```").skip(1).step_by(2).flat_map(|block| block.split("curl ").skip(1));
        for command in commands.filter(|command| !command.contains("\"...\"")) {
            let Some((_, rest)) = command.split_once("localhost:8080") else { continue };
            let path = rest.split(['\'', ' ', '\n']).next().unwrap();
            let body = rest.split_once("--json '").and_then(|(_, body)| body.split('\'').next());
            let request = match body.map(|body| serde_json::from_str::<Value>(body).unwrap()) {
                Some(body) => service.post(path).once().json(&body),
                None => service.get(path),
            };
            let tokens = [("$OFFICER", &officer.token), ("$EDITOR_TOKEN", &editor)];
            let token = tokens.into_iter().find(|(name, _)| rest.contains(name));
            let request = token.into_iter().fold(request, |request, (_, token)| request.token(token));
            let answer = request.send().await;
            assert!((200..300).contains(&answer.status), "{page}: {path}: {}", answer.text());
            tried += 1;
        }
        assert_eq!(tried, 6, "{page}");
    }
}
