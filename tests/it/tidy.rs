//! The house rules that a program can check.

use std::fs;
use std::path::{Path, PathBuf};

const RESOURCES: [&str; 13] = [
    "accounts",
    "agency",
    "audit",
    "units",
    "fiscal_years",
    "holidays",
    "measures",
    "projects",
    "complaints",
    "e_services",
    "statistics",
    "reports",
    "meta",
];

/// Those that read many.
const READERS: [&str; 3] = ["audit", "statistics", "reports"];

fn files(folder: &str) -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
    assert!(!found.is_empty());
    found
}

/// What resources stand on, in a folder.
const PLATFORM: [&str; 6] = ["auth", "backup", "cases", "cli", "db", "domain"];

#[test]
fn every_folder_of_src_is_a_resource_or_is_known() {
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let known = !path.is_dir() || RESOURCES.contains(&&*name) || PLATFORM.contains(&&*name);
        assert!(known, "src/{name} is neither a resource nor one of {PLATFORM:?}");
    }
}

#[test]
fn resources_do_not_import_each_other() {
    for resource in RESOURCES.iter().filter(|name| !READERS.contains(name)) {
        for (path, text) in files(&format!("src/{resource}")) {
            for other in RESOURCES.iter().filter(|other| *other != resource) {
                assert!(!text.contains(&format!("crate::{other}::")), "{} imports {other}", path.display());
            }
        }
    }
}

#[test]
fn the_rules_know_neither_web_nor_database() {
    for (path, text) in files("src/domain") {
        for foreign in ["crate::", "actix", "sea_orm", "db::now", "Utc::now"] {
            assert!(!text.contains(foreign), "{} uses {foreign}", path.display());
        }
    }
}

#[test]
fn no_migration_imports_the_entities() {
    for (path, text) in files("migration/src") {
        assert!(!text.contains("entity::"), "{}", path.display());
    }
}

#[test]
fn every_module_says_what_lives_in_it() {
    for folder in ["src", "entity/src", "migration/src"] {
        for (path, text) in files(folder) {
            assert!(text.starts_with("//!"), "{} has no //!", path.display());
        }
    }
}

#[test]
fn no_file_outgrows_its_idea() {
    for (path, text) in files("src") {
        assert!(text.lines().count() <= 420, "{} has {} lines", path.display(), text.lines().count());
    }
}
