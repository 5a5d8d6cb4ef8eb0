//! What a new resource costs. tests/new_resource.patch adds one; `make judge` applies it to a copy and runs all tests on SQLite.

use std::collections::BTreeMap;
use std::process::Command;

const PATCH: &str = include_str!("../new_resource.patch");

const MOST_FILES: usize = 10;
const MOST_LINES: usize = 16;

/// The lines that the patch adds to files that are there already, and those that it removes.
fn changed() -> BTreeMap<&'static str, Vec<&'static str>> {
    let file = |diff: &'static str| {
        let (name, hunks) = diff.split_once("\n--- a/")?.1.split_once("\n+++ b/")?;
        let is_change = |line: &&str| line.starts_with(['+', '-']);
        Some((name, hunks.lines().skip(1).filter(is_change).collect()))
    };
    PATCH.split("diff --git ").filter_map(file).collect()
}

#[test]
fn a_resource_is_a_folder_and_a_few_lines_that_contributing_names() {
    let changed = changed();
    let lines: Vec<_> = changed.values().flatten().collect();
    assert!(changed.len() <= MOST_FILES && lines.len() <= MOST_LINES, "{changed:#?}");
    assert!(lines.iter().all(|line| line.starts_with('+')), "{changed:#?}");
    let page = include_str!("../../CONTRIBUTING.md");
    let section = page.split("## ").find(|section| section.starts_with("Adding a resource")).unwrap();
    for file in changed.keys() {
        assert!(section.contains(&format!("`{file}`")), "CONTRIBUTING.md does not name {file}");
    }
}

#[test]
fn the_patch_fits_the_tree() {
    let arguments = ["apply", "--check", "tests/new_resource.patch"];
    let output = Command::new("git").args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
