//! The rules of the house that a program can check.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{Item, UseTree};

/// The layers of src/, the lowest first, as ARCHITECTURE.md draws them. A module uses what stands in the layers below its own.
/// `RESOURCES` stands for every folder that is named nowhere else.
const LAYERS: [&[&str]; 19] = [
    &["domain"],
    &["error", "revisions", "conditions"],
    &["crypto"],
    &["audit_log"],
    &["db"],
    &["auth", "clock", "fetch"],
    &["schema"],
    &["http"],
    &["evidence", "openapi", "publication", "references"],
    &["cases"],
    &["state"],
    &["RESOURCES"],
    &["audit", "conversions", "holidays", "retention", "statistics", "work"],
    &["reports"],
    &["publications"],
    &["ita"],
    &["changes"],
    &["app", "backup"],
    &["cli"],
];

/// The largest part of the files of src/ that may use each other in a circle.
const LARGEST_CIRCLE: f64 = 0.2;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

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
    walk(&root().join(folder), &mut found);
    assert!(!found.is_empty());
    found
}

/// A module by its path from the crate's root.
type Module = Vec<String>;

/// What each module of a crate uses of the same crate: full paths, from `use` trees and from paths in the code. Tests are left
/// out.
struct Uses {
    paths: BTreeMap<Module, BTreeSet<Module>>,
}

impl Uses {
    fn of(sources: impl IntoIterator<Item = (Module, String)>) -> Self {
        let mut paths = BTreeMap::new();
        for (module, text) in sources {
            let mut reader = Reader { module: module.clone(), ..Reader::default() };
            reader.visit_file(&syn::parse_file(&text).unwrap());
            paths.insert(module, reader.resolved());
        }
        Self { paths }
    }

    fn of_src() -> Self {
        let src = root().join("src");
        Self::of(files("src").into_iter().map(|(path, text)| {
            let path = path.strip_prefix(&src).unwrap().with_extension("");
            let mut module: Module = path.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
            module.pop_if(|last| ["mod", "lib"].contains(&&**last));
            (module, text)
        }))
    }

    /// The modules that a module uses.
    fn modules(&self, module: &Module) -> BTreeSet<&Module> {
        let longest = |path: &Module| {
            (1..=path.len()).rev().find_map(|length| self.paths.get_key_value(&path[..length])).map(|(known, _)| known)
        };
        self.paths[module].iter().filter_map(longest).filter(|used| *used != module).collect()
    }

    /// The arrows that go up or sideways between the folders and files directly below the crate's root.
    fn faults(&self) -> Vec<String> {
        let level = |name: &str| {
            let is_named = |layer: &&[&str]| layer.contains(&name);
            LAYERS.iter().position(is_named).or_else(|| LAYERS.iter().position(|layer| layer == &["RESOURCES"]))
        };
        let mut faults = Vec::new();
        for (module, paths) in self.paths.iter().filter(|(module, _)| !module.is_empty()) {
            for path in paths {
                let (from, to) = (&module[0], &path[0]);
                let is_module = self.paths.keys().any(|known| known.first() == Some(to));
                if is_module && from != to && level(to) >= level(from) {
                    faults.push(format!("{} -> {}", module.join("::"), path.join("::")));
                }
            }
        }
        faults
    }

    /// The modules of the largest circle: each uses each other, perhaps through others.
    fn largest_circle(&self) -> BTreeSet<&Module> {
        let reach = |from| {
            let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
            while let Some(module) = next.pop() {
                next.extend(self.modules(module).into_iter().filter(|used| seen.insert(*used)));
            }
            seen
        };
        let reached: BTreeMap<_, _> = self.paths.keys().map(|module| (module, reach(module))).collect();
        let circle = |module: &Module| -> BTreeSet<&Module> {
            reached[module].iter().copied().filter(|other| reached[*other].contains(module)).collect()
        };
        self.paths.keys().map(circle).max_by_key(BTreeSet::len).unwrap_or_default()
    }
}

#[derive(Default)]
struct Reader {
    module: Module,
    /// Names that `use` has brought into the file, and the modules declared in it.
    names: BTreeMap<String, Module>,
    paths: Vec<Module>,
}

impl Reader {
    /// A path from the root, if it begins in this crate.
    fn absolute(&self, path: &[String]) -> Option<Module> {
        let (first, rest) = path.split_first()?;
        let mut base = match &**first {
            // The command line is a crate of its own.
            "crate" | "prongsai" => Module::new(),
            "self" => self.module.clone(),
            "super" => self.module[..self.module.len().checked_sub(1)?].to_vec(),
            name => self.names.get(name)?.clone(),
        };
        for part in rest {
            match &**part {
                "super" => drop(base.pop()),
                "self" | "*" => {}
                part => base.push(part.to_owned()),
            }
        }
        Some(base)
    }

    fn expand(&mut self, tree: &UseTree, before: &[String]) {
        let with = |part: String| [before, &[part]].concat();
        match tree {
            UseTree::Path(path) => self.expand(&path.tree, &with(path.ident.to_string())),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.expand(tree, before)),
            UseTree::Glob(_) => self.bring(None, &with("*".to_owned())),
            UseTree::Name(name) if name.ident == "self" => self.bring(before.last().cloned(), before),
            UseTree::Name(name) => self.bring(Some(name.ident.to_string()), &with(name.ident.to_string())),
            UseTree::Rename(rename) => self.bring(Some(rename.rename.to_string()), &with(rename.ident.to_string())),
        }
    }

    fn bring(&mut self, name: Option<String>, path: &[String]) {
        let Some(path) = self.absolute(path) else { return };
        if let Some(name) = name {
            self.names.insert(name, path.clone());
        }
        self.paths.push(path);
    }

    fn resolved(self) -> BTreeSet<Module> {
        self.paths.into_iter().filter(|path| !path.is_empty()).collect()
    }
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && matches!(&attribute.meta, syn::Meta::List(list) if list.tokens.to_string() == "test")
    })
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_file(&mut self, file: &'ast syn::File) {
        for item in &file.items {
            if let Item::Mod(module) = item {
                let path = [&self.module[..], &[module.ident.to_string()]].concat();
                self.names.insert(module.ident.to_string(), path);
            }
        }
        // Names first: a path may stand before the `use` that it needs.
        for item in &file.items {
            if let Item::Use(item) = item {
                self.expand(&item.tree, &[]);
            }
        }
        visit::visit_file(self, file);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.expand(&item.tree, &[]);
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_test(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if parts.len() > 1 {
            self.bring(None, &parts);
        }
        visit::visit_path(self, path);
    }

    /// The arguments of macros are tokens: what looks like a path is one.
    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        let text = item.tokens.to_string().replace(" :: ", "::");
        for word in text.split(|c: char| !(c.is_alphanumeric() || "_:".contains(c))) {
            let parts: Vec<String> = word.split("::").map(str::to_owned).collect();
            if parts.len() > 1 && parts.iter().all(|part| !part.is_empty()) {
                self.bring(None, &parts);
            }
        }
        visit::visit_macro(self, item);
    }
}

fn source(module: &str, text: &str) -> (Module, String) {
    (module.split("::").map(str::to_owned).collect(), text.to_owned())
}

#[test]
fn a_module_uses_only_what_stands_below_it() {
    let faults = Uses::of_src().faults();
    assert!(faults.is_empty(), "arrows up or sideways:\n{}", faults.join("\n"));
}

#[test]
fn an_arrow_up_or_sideways_is_found_however_it_is_written() {
    let known =
        || [source("units::store", "pub fn named() {}"), source("units", "pub mod store;"), source("http::list", "")];
    for (from, text) in [
        ("measures", "use crate::units::store::named;"),
        ("measures", "use crate::units;"),
        ("measures", "use crate::{http, units::{self, store}};"),
        ("measures", "use crate::units as others;"),
        ("measures", "fn f() { use crate::units::store; }"),
        ("measures", "fn f() { crate::units::store::named() }"),
        ("measures::dto", "fn f() { super::super::units::store::named() }"),
        ("measures", "fn f() -> Vec<crate::units::store::Row> { Vec::new() }"),
        ("measures", "fn f() { println!(\"{}\", crate::units::store::named()); }"),
        ("measures", "mod inner { fn f() { crate::units::store::named() } }"),
        ("http::list", "use crate::units;"),
        ("domain::text", "use crate::http::list;"),
    ] {
        let sources = known().into_iter().filter(|(module, _)| module.join("::") != from).chain([source(from, text)]);
        let faults = Uses::of(sources).faults();
        assert!(faults.iter().any(|fault| fault.starts_with(&format!("{from} -> "))), "{from}: {text}: {faults:?}");
    }
    let allowed = "use crate::http::list; #[cfg(test)] mod tests { use crate::units; }";
    assert_eq!(Uses::of(known().into_iter().chain([source("measures", allowed)])).faults(), Vec::<String>::new());
}

#[test]
fn few_files_use_each_other_in_a_circle() {
    let uses = Uses::of_src();
    let circle = uses.largest_circle();
    let part = circle.len() as f64 / uses.paths.len() as f64;
    assert!(part <= LARGEST_CIRCLE, "{} of {} files: {circle:?}", circle.len(), uses.paths.len());
}

#[test]
fn a_circle_is_found_through_others() {
    let sources = [
        source("a", "use crate::b::x;"),
        source("b", "use crate::c;"),
        source("c", "fn f() { crate::a::g() }"),
        source("d", "use crate::a;"),
    ];
    let uses = Uses::of(sources);
    let circle: Vec<_> = uses.largest_circle().into_iter().map(|module| module.join("::")).collect();
    assert_eq!(circle, ["a", "b", "c"]);
}

#[test]
fn the_layers_are_the_folders_and_files_there_are() {
    let named: BTreeSet<&str> = LAYERS.iter().flat_map(|layer| layer.iter().copied()).collect();
    for name in named.iter().filter(|name| **name != "RESOURCES") {
        let is_there = root().join("src").join(name).is_dir() || root().join(format!("src/{name}.rs")).is_file();
        assert!(is_there, "src/{name} is a layer and not there");
    }
    for entry in fs::read_dir(root().join("src")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if ["lib", "main"].contains(&&*name) || named.contains(&*name) {
            continue;
        }
        let module = fs::read_to_string(path.join("mod.rs")).unwrap_or_default();
        assert!(module.contains("pub fn routes("), "src/{name} is in no layer, and no resource: it has no routes");
    }
}

#[test]
fn the_rules_are_pure() {
    for (path, text) in files("src/domain") {
        for foreign in ["actix", "sea_orm", "machine_now", "Utc::now", "std::fs", "tokio"] {
            assert!(!text.contains(foreign), "{} uses {foreign}", path.display());
        }
    }
}

/// What other programs or the machine compare with their own clock.
const BY_THE_MACHINES_CLOCK: [&str; 8] = [
    "db/time.rs",
    "auth/mod.rs",
    "accounts/grants.rs",
    "accounts/oauth.rs",
    "app/demo/mod.rs",
    "app/jobs.rs",
    "cli/keys.rs",
    "http/callers.rs",
];

#[test]
fn the_time_of_records_is_the_databases() {
    for (path, text) in files("src") {
        let may = BY_THE_MACHINES_CLOCK.iter().any(|file| path.ends_with(file));
        assert!(may || !text.contains("machine_now()"), "{}: use Db::now", path.display());
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

/// Lines without unit tests: at most 420 in any file, and 300 in 95 of 100.
#[test]
fn no_file_outgrows_its_idea() {
    let length = |text: &str| text.split("#[cfg(test)]").next().unwrap_or_default().lines().count();
    let mut lengths: Vec<_> = files("src").into_iter().map(|(path, text)| (length(&text), path)).collect();
    lengths.sort();
    let (longest, path) = lengths.last().unwrap();
    assert!(*longest <= 420, "{} has {longest} lines", path.display());
    let (length, path) = &lengths[lengths.len() * 95 / 100];
    assert!(*length <= 300, "one in twenty files has more than {length} lines: {}", path.display());
}

#[test]
fn no_internal_error_drops_its_cause() {
    for (path, text) in files("src") {
        let dropped = text.split("map_err(|_|").skip(1).any(|rest| {
            let end = rest.find(['\n', '?']).unwrap_or(rest.len());
            rest[..end].contains("Internal")
        });
        assert!(!dropped, "{} drops the cause of an internal error: map_err(Error::internal)", path.display());
    }
}

#[test]
fn the_map_fits_on_a_few_screens() {
    let lines = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap().lines().count();
    assert!(lines <= 150, "ARCHITECTURE.md has {lines} lines");
}
