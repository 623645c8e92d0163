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
use modules::Crate;
use read::{Sources, read};

use crate::fault::Fault;
use crate::graph::Graph;
use crate::order::Order;

/// A crate whose sources have been read.
#[derive(Debug)]
pub struct Checked {
    sources: Sources,
    imports: Vec<Import>,
}

impl Checked {
    /// Reads a crate from its root file and the text of all files, by path.
    pub fn new(root: &str, texts: &BTreeMap<String, String>) -> Self {
        let sources = read(root, texts);
        let imports = imports(&sources.tree);
        Self { sources, imports }
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
        let mut faults = BTreeSet::new();
        let tree = &self.sources.tree;
        let tops: BTreeMap<&str, &str> =
            tree.modules[0].children.iter().map(|(name, module)| (name.as_str(), tree.modules[*module].file.as_str())).collect();
        let named: BTreeSet<&str> = order.names().collect();
        for (name, file) in tops.iter().filter(|(name, _)| !named.contains(*name)) {
            faults.insert(Fault::new(*file, 1, format!("the order of modules in {page} does not name the module `{name}`")));
        }
        for name in named.iter().filter(|name| !tops.contains_key(*name)) {
            faults.insert(Fault::new(page, order.line, format!("the order of modules names `{name}`, which is no module")));
        }
        let mut known = BTreeSet::new();
        let (written, derived): (Vec<&Import>, Vec<&Import>) = self.imports.iter().partition(|import| import.written);
        for import in written.into_iter().chain(derived) {
            let faulty = objections(tree, import, order);
            for (to, reason) in faulty {
                // A name that a `use` has brought is no further fault.
                if known.insert((import.file.clone(), to)) || import.written {
                    faults.insert(Fault::new(&import.file, import.line, format!("imports `{}`: {reason}", import.path)));
                }
            }
        }
        faults.into_iter().collect()
    }

    /// Groups of files that import each other.
    pub fn cycles(&self) -> Vec<Fault> {
        let mut graph = Graph::default();
        let (written, derived): (Vec<&Import>, Vec<&Import>) = self.imports.iter().partition(|import| import.written);
        for import in written.into_iter().filter(|import| !import.test) {
            import.files.iter().for_each(|file| graph.add(&import.file, import.line, &import.path, file));
        }
        for import in derived.into_iter().filter(|import| !import.test) {
            let new: Vec<&String> = import.files.iter().filter(|file| !graph.imports(&import.file, file)).collect();
            new.into_iter().for_each(|file| graph.add(&import.file, import.line, &import.path, file));
        }
        graph.faults()
    }
}

/// Top-level modules that an import may not reach, and why.
fn objections(tree: &Crate, import: &Import, order: &Order) -> BTreeMap<String, String> {
    let Some(own) = &import.top else { return BTreeMap::new() };
    let reached = import.reached.iter().filter_map(|to| Some((to.clone(), order.objection(own, to)?)));
    let mut objections: BTreeMap<String, String> = reached.collect();
    if import.files.contains(&tree.modules[0].file) {
        objections.insert("crate".to_owned(), "the crate's root may import every module, so none may import from it".to_owned());
    }
    objections
}
