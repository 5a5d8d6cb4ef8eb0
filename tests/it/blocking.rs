//! Files block the thread that reads them, and async code shares its thread: it reads files within `spawn_blocking` or a
//! function that is not async.

use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

/// Parts of the program that answer no requests: commands do one thing after the other.
const COMMANDS: [&str; 2] = ["src/backup", "src/cli"];

/// The places of async code that use `std::fs` directly.
#[derive(Default)]
struct Reader {
    is_async: bool,
    found: Vec<String>,
}

impl Reader {
    fn of(text: &str) -> Vec<String> {
        let mut reader = Self::default();
        reader.visit_file(&syn::parse_file(text).unwrap());
        reader.found
    }

    fn within(&mut self, is_async: bool, visit: impl FnOnce(&mut Self)) {
        let outside = std::mem::replace(&mut self.is_async, is_async);
        visit(self);
        self.is_async = outside;
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.within(item.sig.asyncness.is_some(), |reader| visit::visit_item_fn(reader, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.within(item.sig.asyncness.is_some(), |reader| visit::visit_impl_item_fn(reader, item));
    }

    fn visit_expr_async(&mut self, block: &'ast syn::ExprAsync) {
        self.within(true, |reader| visit::visit_expr_async(reader, block));
    }

    /// A closure is called where it was handed to, such as by `spawn_blocking`.
    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        self.within(closure.asyncness.is_some(), |reader| visit::visit_expr_closure(reader, closure));
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if module.ident != "tests" {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let syn::Expr::Path(function) = &*call.func {
            let names: Vec<String> = function.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            let is_of_files = |name: &String| ["fs", "File", "OpenOptions", "DirBuilder"].contains(&&**name);
            if self.is_async
                && names.len() > 1
                && names[..names.len() - 1].iter().any(is_of_files)
                && names[0] != "tokio"
            {
                self.found.push(names.join("::"));
            }
        }
        visit::visit_expr_call(self, call);
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
    let found = all.iter().map(|path| (path, Reader::of(&fs::read_to_string(path).unwrap())));
    let found: Vec<_> = found.filter(|(_, calls)| !calls.is_empty()).collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_file_that_blocks_is_found() {
    for (text, blocks) in [
        ("async fn f() { std::fs::read(\"keys\").unwrap(); }", true),
        ("use std::fs; impl A { async fn f() { fs::write(\"a\", \"b\").unwrap(); } }", true),
        ("fn f() { spawn(async { std::fs::File::open(\"keys\").unwrap() }); }", true),
        ("async fn f() { let g = async || { File::open(\"keys\") }; }", true),
        ("fn f() { std::fs::read(\"keys\").unwrap(); }", false),
        ("async fn f() { spawn_blocking(|| std::fs::read(\"keys\")).await; }", false),
        ("async fn f() { tokio::fs::read(\"keys\").await; }", false),
        ("mod tests { async fn f() { std::fs::read(\"keys\"); } }", false),
    ] {
        assert_eq!(!Reader::of(text).is_empty(), blocks, "{text}");
    }
}
