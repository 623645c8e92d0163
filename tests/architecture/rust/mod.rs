//! The rules for Rust: the order of modules, and no cycles of files.

mod attributes;
mod imports;
mod locals;
mod modules;
mod read;
mod resolve;
mod scan;
mod tokens;

use std::collections::{BTreeMap, BTreeSet};

use imports::{Import, imports};
use read::{Sources, read};

use crate::fault::Fault;
use crate::graph::Graph;
use crate::order::Order;

/// A crate whose sources have been read.
#[derive(Debug)]
pub struct Checked {
    /// Its root file.
    root: String,
    sources: Sources,
    imports: Vec<Import>,
}

impl Checked {
    /// Reads a crate from its root file and the text of all files, by path.
    pub fn new(root: &str, texts: &BTreeMap<String, String>) -> Self {
        let sources = read(root, texts);
        let imports = imports(&sources.tree);
        Self { root: root.to_owned(), sources, imports }
    }

    /// Files that do not parse or are missing, and those of `texts` that no module declares, which no check would see.
    /// Files in `apart` are the roots of other crates.
    pub fn unread(&self, texts: &BTreeMap<String, String>, apart: &[&str]) -> Vec<Fault> {
        let left = texts.keys().filter(|file| !self.sources.files.contains(*file) && !apart.contains(&file.as_str()));
        let left = left.map(|file| Fault::new(file, 1, "no module declares this file"));
        self.sources.faults.iter().cloned().chain(left.filter(|fault| !self.is_faulty(&fault.file))).collect()
    }

    fn is_faulty(&self, file: &str) -> bool {
        self.sources.faults.iter().any(|fault| fault.file == file)
    }

    /// Imports against the order of modules, which is written in `page`; modules that it does not name, and names in it
    /// that are no module.
    pub fn order(&self, order: &Order, page: &str) -> Vec<Fault> {
        let tops = self.sources.tree.tops();
        let named: BTreeSet<&str> = order.names().collect();
        let unnamed = tops.iter().filter(|(name, _)| !named.contains(*name));
        let unnamed = unnamed.map(|(name, file)| {
            Fault::new(*file, 1, format!("the order of modules in {page} does not name the module `{name}`"))
        });
        let absent = named.iter().filter(|name| !tops.contains_key(*name));
        let absent =
            absent.map(|name| Fault::new(page, order.line, format!("the order of modules names `{name}`, which is no module")));
        let mut faults: Vec<Fault> = unnamed.chain(absent).chain(self.imports_against(order)).collect();
        faults.sort();
        faults
    }

    /// One fault for each line and each module that it may not reach.
    fn imports_against(&self, order: &Order) -> Vec<Fault> {
        let mut paths: BTreeMap<(&str, usize, String), BTreeSet<&str>> = BTreeMap::new();
        let mut known = BTreeSet::new();
        for import in self.written_first() {
            for (to, reason) in objections(import, &self.root, order) {
                // A name that a `use` has brought is no further fault.
                if known.insert((&import.file, to)) || import.written {
                    paths.entry((&import.file, import.line, reason)).or_default().insert(&import.path);
                }
            }
        }
        let fault = |((file, line, reason), paths): ((&str, usize, String), BTreeSet<&str>)| {
            let paths: Vec<String> = paths.iter().map(|path| format!("`{path}`")).collect();
            Fault::new(file, line, format!("imports {}: {reason}", paths.join(", ")))
        };
        paths.into_iter().map(fault).collect()
    }

    /// Imports as they are written, then what uses the names that they brought.
    fn written_first(&self) -> impl Iterator<Item = &Import> {
        let (written, derived): (Vec<&Import>, Vec<&Import>) = self.imports.iter().partition(|import| import.written);
        written.into_iter().chain(derived)
    }

    /// Groups of files that import each other.
    pub fn cycles(&self) -> Vec<Fault> {
        let mut graph = Graph::default();
        for import in self.written_first().filter(|import| !import.test) {
            for file in &import.files {
                if import.written || !graph.imports(&import.file, file) {
                    graph.add(&import.file, import.line, &import.path, file);
                }
            }
        }
        graph.faults()
    }
}

/// Top-level modules that an import may not reach, and why.
fn objections(import: &Import, root: &str, order: &Order) -> BTreeMap<String, String> {
    let Some(own) = &import.top else { return BTreeMap::new() };
    let reached = import.reached.iter().filter_map(|to| Some((to.clone(), order.objection(own, to)?)));
    let mut objections: BTreeMap<String, String> = reached.collect();
    if import.files.contains(root) {
        objections.insert("crate".to_owned(), "the crate's root may import every module, so none may import from it".to_owned());
    }
    objections
}
