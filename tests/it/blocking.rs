//! Files block the thread that reads them, and async code shares its thread: it reads files within `spawn_blocking`. Functions are
//! followed by their names, methods are not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

/// Parts of the program that answer no requests: commands do one thing after the other.
const COMMANDS: [&str; 2] = ["src/backup", "src/cli"];

/// What of the standard library and of tempfile blocks.
const BLOCKS: [&str; 5] = ["fs", "File", "OpenOptions", "DirBuilder", "tempfile"];

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Code {
    #[default]
    Plain,
    Async,
    /// A closure in async code: it is called by what it was handed to, such as `spawn_blocking`.
    HandedOver,
}

/// The calls of a function, by the last two names of each.
#[derive(Default)]
struct Reader {
    /// The type of an `impl`, or the module.
    within: String,
    code: Code,
    /// Of async code.
    awaited: Vec<(String, String)>,
    /// Of functions that are not async, each with the function's own name.
    plain: Vec<((String, String), (String, String))>,
    function: String,
}

impl Reader {
    fn of(module: &str, text: &str) -> Self {
        let mut reader = Self { within: module.to_owned(), ..Self::default() };
        reader.visit_file(&syn::parse_file(text).unwrap());
        reader
    }

    fn scope(&mut self, code: Code, visit: impl FnOnce(&mut Self)) {
        let outside = std::mem::replace(&mut self.code, code);
        visit(self);
        self.code = outside;
    }

    fn function(&mut self, signature: &syn::Signature, visit: impl FnOnce(&mut Self)) {
        let outside = std::mem::replace(&mut self.function, signature.ident.to_string());
        let code = if signature.asyncness.is_some() { Code::Async } else { Code::Plain };
        self.scope(code, visit);
        self.function = outside;
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let syn::Type::Path(path) = &*item.self_ty else { return visit::visit_item_impl(self, item) };
        let name = path.path.segments.last().unwrap().ident.to_string();
        let outside = std::mem::replace(&mut self.within, name);
        visit::visit_item_impl(self, item);
        self.within = outside;
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig, |reader| visit::visit_item_fn(reader, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig, |reader| visit::visit_impl_item_fn(reader, item));
    }

    fn visit_expr_async(&mut self, block: &'ast syn::ExprAsync) {
        self.scope(Code::Async, |reader| visit::visit_expr_async(reader, block));
    }

    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        let code = match self.code {
            _ if closure.asyncness.is_some() => Code::Async,
            Code::Plain => Code::Plain,
            Code::Async | Code::HandedOver => Code::HandedOver,
        };
        self.scope(code, |reader| visit::visit_expr_closure(reader, closure));
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if module.ident != "tests" {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let syn::Expr::Path(function) = &*call.func {
            let mut names = function.path.segments.iter().rev().map(|segment| segment.ident.to_string());
            let (name, within) = (names.next().unwrap(), names.next().unwrap_or_default());
            let within = if within == "Self" || within.is_empty() { self.within.clone() } else { within };
            // tokio::fs is for async code.
            if names.next().is_none_or(|crate_name| crate_name != "tokio") {
                let called = (within, name);
                match self.code {
                    Code::Async => self.awaited.push(called),
                    Code::Plain => self.plain.push(((self.within.clone(), self.function.clone()), called)),
                    Code::HandedOver => {}
                }
            }
        }
        visit::visit_expr_call(self, call);
    }
}

/// The calls of async code that block, by module: of the library, or of a function that calls it.
fn blocking<'a>(sources: impl IntoIterator<Item = (&'a str, String)>) -> BTreeMap<String, Vec<String>> {
    let read: Vec<_> = sources.into_iter().map(|(module, text)| (module, Reader::of(module, &text))).collect();
    let mut blocks = BTreeSet::new();
    loop {
        let does = |(within, name): &(String, String)| {
            BLOCKS.contains(&&**within) || blocks.contains(&(within.clone(), name.clone()))
        };
        let calls = read.iter().flat_map(|(_, reader)| &reader.plain);
        let new: BTreeSet<_> = calls.filter(|(_, called)| does(called)).map(|(caller, _)| caller.clone()).collect();
        let found = |reader: &Reader| {
            let calls = reader.awaited.iter().filter(|called| does(called));
            calls.map(|(within, name)| format!("{within}::{name}")).collect::<Vec<_>>()
        };
        if new.is_subset(&blocks) {
            let found = read.iter().map(|(module, reader)| ((*module).to_owned(), found(reader)));
            return found.filter(|(_, calls)| !calls.is_empty()).collect();
        }
        blocks.extend(new);
    }
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !COMMANDS.iter().any(|part| path.ends_with(part)) {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn no_async_code_reads_or_writes_a_file_on_its_own_thread() {
    let mut all = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
    assert!(all.len() > 100);
    let module = |path: &'_ PathBuf| {
        let stem = path.file_stem().unwrap();
        let name = if stem == "mod" { path.parent().unwrap().file_name().unwrap() } else { stem };
        name.to_str().unwrap().to_owned()
    };
    let named: Vec<_> = all.iter().map(|path| (module(path), fs::read_to_string(path).unwrap())).collect();
    let found = blocking(named.iter().map(|(module, text)| (&**module, text.clone())));
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_call_that_blocks_is_found() {
    let keys = "impl KeyRing { pub fn read() { fs::read(\"keys\") } } fn open() { KeyRing::read() }";
    for (text, blocks) in [
        ("async fn f() { std::fs::read(\"keys\").unwrap(); }", true),
        ("use std::fs; impl A { async fn f() { fs::write(\"a\", \"b\").unwrap(); } }", true),
        ("fn f() { spawn(async { std::fs::File::open(\"keys\").unwrap() }); }", true),
        ("async fn f() { let g = async || { File::open(\"keys\") }; }", true),
        ("async fn f() { tempfile::tempfile(); }", true),
        ("async fn f() { KeyRing::read(); }", true),
        ("async fn f() { keys::open(); }", true),
        ("impl A { fn g() { fs::read(\"a\"); } async fn f() { Self::g(); } }", true),
        ("fn f() { std::fs::read(\"keys\").unwrap(); }", false),
        ("async fn f() { spawn_blocking(|| std::fs::read(\"keys\")).await; }", false),
        ("async fn f() { spawn_blocking(move || KeyRing::read()).await; } async fn g() { jobs::f().await; }", false),
        ("async fn f() { tokio::fs::read(\"keys\").await; }", false),
        ("mod tests { async fn f() { std::fs::read(\"keys\"); } }", false),
    ] {
        let found = blocking([("keys", keys.to_owned()), ("jobs", text.to_owned())]);
        assert_eq!(found.contains_key("jobs"), blocks, "{text}: {found:?}");
    }
}
