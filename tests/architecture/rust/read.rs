//! From sources to [`Crate`]: follows `mod` declarations from the root file on, whatever `cfg` says of them.

use std::collections::{BTreeMap, BTreeSet};

use super::modules::{Crate, Module};
use super::scan::{self, Declared};
use crate::fault::Fault;

/// A crate, and what is wrong with its sources.
#[derive(Debug, Default)]
pub struct Sources {
    pub tree: Crate,
    /// Files that belong to the crate.
    pub files: BTreeSet<String>,
    pub faults: Vec<Fault>,
}

/// Reads a crate from the text of its files, by path.
pub fn read(root: &str, texts: &BTreeMap<String, String>) -> Sources {
    let mut sources = Sources::default();
    let mut waiting = vec![Module { file: root.to_owned(), ..Module::default() }];
    while let Some(module) = waiting.pop() {
        let declared = read_file(&mut sources, texts, module);
        waiting.extend(declared.iter().flat_map(|declared| modules(&sources.tree, texts, declared)));
    }
    sources
}

/// Adds a module and those that stand in the same file; returns those that it declares.
fn read_file(sources: &mut Sources, texts: &BTreeMap<String, String>, module: Module) -> Vec<Declared> {
    let file = module.file.clone();
    let fault = match texts.get(&file).map(|text| syn::parse_file(text)) {
        None => Fault::new(file, 1, "a `mod` declaration asks for this file, which is not there"),
        Some(Err(error)) => Fault::new(file, error.span().start().line, format!("does not parse: {error}")),
        Some(Ok(syntax)) => {
            sources.files.insert(file);
            return scan::add(&mut sources.tree, module, &syntax);
        }
    };
    sources.faults.push(fault);
    Vec::new()
}

/// The modules that a declaration may mean: several where `#[path]` depends on a condition.
fn modules(tree: &Crate, texts: &BTreeMap<String, String>, declared: &Declared) -> Vec<Module> {
    let Declared { name, parent, test, paths } = declared;
    let module = |file| Module { name: name.clone(), file, parent: Some(*parent), test: *test, ..Module::default() };
    let (folder, inline) = folder(tree, *parent);
    if !paths.is_empty() {
        return paths.iter().map(|path| module(join(&[&folder, &inline, path]))).collect();
    }
    let file = &tree.modules[*parent].file;
    let stem = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".rs");
    let stem = if matches!(stem, "mod" | "lib" | "main") { "" } else { stem };
    let base = join(&[&folder, stem, &inline, name]);
    let in_folder = format!("{base}/mod.rs");
    vec![module(if texts.contains_key(&in_folder) { in_folder } else { format!("{base}.rs") })]
}

/// The folder of a module's file, and the way from the file's own module to it.
fn folder(tree: &Crate, module: usize) -> (String, String) {
    let file = &tree.modules[module].file;
    let (mut inline, mut module) = (String::new(), tree.real(module));
    while let Some(parent) = tree.parent(module).filter(|parent| tree.modules[*parent].file == *file) {
        inline = join(&[&tree.modules[module].name, &inline]);
        module = parent;
    }
    (file.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned(), inline)
}

fn join(parts: &[&str]) -> String {
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("/")
}
