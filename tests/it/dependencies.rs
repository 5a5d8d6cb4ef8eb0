//! The crates that the service is built from: their licences, where they come from, and which are there in two versions.
//! `cargo metadata` reads Cargo.lock and asks no registry.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Licences whose terms a program under MIT can keep.
const LICENCES: [&str; 12] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Zlib",
];

/// Crates that two of our dependencies want in different versions. Each is compiled more than once: before a new one is added, see
/// with `cargo tree --duplicates` whether an older release of the dependency, or one feature less, does without.
const DUPLICATES: [&str; 32] = [
    "atoi",
    "base64",
    "block-buffer",
    "chacha20",
    "const-oid",
    "cpufeatures",
    "crypto-common",
    "darling",
    "darling_core",
    "darling_macro",
    "digest",
    "getrandom",
    "hashbrown",
    "heck",
    "hkdf",
    "hmac",
    "http",
    "hybrid-array",
    "itertools",
    "miniz_oxide",
    "num-bigint",
    "rand",
    "rand_chacha",
    "rand_core",
    "sha2",
    "spin",
    "syn",
    "thiserror",
    "thiserror-impl",
    "typed-path",
    "untrusted",
    "zip",
];

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// All packages that are compiled for this machine, those of the tests included.
fn packages() -> Vec<Value> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--format-version=1", "--locked", "--offline", "--filter-platform=host-tuple"]);
    let output = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    serde_json::from_value(metadata["packages"].take()).unwrap()
}

fn text<'a>(package: &'a Value, field: &str) -> &'a str {
    package[field].as_str().unwrap_or_default()
}

/// Whether an SPDX expression can be kept with [`LICENCES`] alone. It is read as alternatives that are all required, without its
/// parentheses, which is never laxer than what it says. Older crates write `/` for `OR`.
fn is_allowed(expression: &str) -> bool {
    let expression = expression.replace(['(', ')'], "").replace('/', " OR ");
    let mut required = expression.split(" AND ");
    required.all(|part| part.split(" OR ").any(|licence| LICENCES.contains(&licence.trim())))
}

#[test]
fn every_licence_goes_with_ours() {
    for package in packages() {
        assert!(is_allowed(text(&package, "license")), "{}: {}", text(&package, "name"), package["license"]);
    }
}

#[test]
fn an_expression_is_allowed_if_one_of_its_alternatives_is() {
    for allowed in ["MIT", "Apache-2.0 OR GPL-2.0-only", "(GPL-3.0-only OR MIT) AND ISC", "Unlicense/MIT"] {
        assert!(is_allowed(allowed), "{allowed}");
    }
    for refused in ["", "GPL-3.0-only", "MIT AND GPL-3.0-only", "(MIT OR ISC) AND OpenSSL", "AGPL-3.0-only"] {
        assert!(!is_allowed(refused), "{refused}");
    }
}

#[test]
fn every_crate_is_of_the_workspace_or_the_registry() {
    for package in packages() {
        let source = package["source"].as_str();
        let is_ours = source.is_none() && text(&package, "manifest_path").starts_with(env!("CARGO_MANIFEST_DIR"));
        assert!(is_ours || source == Some(REGISTRY), "{} comes from {}", text(&package, "name"), package["source"]);
    }
}

#[test]
fn every_dependency_of_ours_has_a_version() {
    for package in packages().iter().filter(|package| package["source"].is_null()) {
        for dependency in package["dependencies"].as_array().unwrap() {
            let is_ours = dependency["path"].is_string();
            assert!(is_ours || dependency["req"] != "*", "{}: {}", text(package, "name"), dependency["name"]);
        }
    }
}

#[test]
fn no_crate_is_there_twice_without_being_known() {
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in packages() {
        versions.entry(text(&package, "name").into()).or_default().insert(text(&package, "version").into());
    }
    versions.retain(|_, versions| versions.len() > 1);
    let found: Vec<_> = versions.keys().map(String::as_str).collect();
    assert_eq!(found, DUPLICATES, "found on the left, known on the right: {versions:#?}");
}
