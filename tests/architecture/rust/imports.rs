//! Every import of a crate, with what it stands for.

use std::collections::BTreeSet;

use super::modules::{Crate, Mention, Use};
use super::resolve::{self, Found};

/// A `use`, or a path in code, that leads somewhere in the crate.
#[derive(Debug)]
pub struct Import {
    pub file: String,
    pub line: usize,
    /// The path as it is written.
    pub path: String,
    /// The top-level module that it stands in; none in the root.
    pub top: Option<String>,
    /// Top-level modules that it leads to or through.
    pub reached: BTreeSet<String>,
    /// Files that define what it names, as far as this file needs them: a module that only passes on what its own
    /// submodules define does not.
    pub files: BTreeSet<String>,
    /// Whether it is a `use` or a path from `crate`, `super` or `self`, and not a name that another import brought.
    pub written: bool,
    pub test: bool,
}

/// All imports, in the order of the modules.
pub fn imports(tree: &Crate) -> Vec<Import> {
    let mut imports = Vec::new();
    for (index, module) in tree.modules.iter().enumerate() {
        imports.extend(module.uses.iter().filter_map(|import| of_use(tree, index, import)));
        for mention in &module.mentions {
            of_mention(tree, index, mention, &mut imports);
        }
    }
    imports
}

fn of_use(tree: &Crate, module: usize, import: &Use) -> Option<Import> {
    let mut found = resolve::resolve(tree, module, &import.path);
    if import.exported {
        found.defined.retain(|definer| !tree.is_below(*definer, module));
    }
    let glob = if import.name.is_none() { "::*" } else { "" };
    let path = format!("{}{glob}", import.path.join("::"));
    new(tree, module, path, import.line, import.test, true, &found)
}

/// A path, and, where a macro is invoked, what its body names here.
fn of_mention(tree: &Crate, module: usize, mention: &Mention, imports: &mut Vec<Import>) {
    let (mut open, mut done) = (vec![mention.clone()], BTreeSet::new());
    while let Some(Mention { path, invoked, .. }) = open.pop() {
        let found = if invoked { resolve::resolve_macro(tree, module, &path) } else { resolve::resolve(tree, module, &path) };
        let written = matches!(path[0].as_str(), "crate" | "super" | "self");
        imports.extend(new(tree, module, path.join("::"), mention.line, mention.test, written, &found));
        for found in found.macros.into_iter().filter(|_| invoked) {
            if done.insert(found.clone()) {
                open.extend(resolve::body(tree, &found).iter().cloned());
            }
        }
    }
}

fn new(tree: &Crate, module: usize, path: String, line: usize, test: bool, written: bool, found: &Found) -> Option<Import> {
    let file = &tree.modules[module].file;
    let top = tree.top(module).map(str::to_owned);
    let reached = found.passed.iter().filter_map(|passed| tree.top(*passed)).map(str::to_owned).collect();
    let files =
        found.defined.iter().map(|definer| tree.modules[*definer].file.clone()).filter(|definer| definer != file).collect();
    let import = Import { file: file.clone(), line, path, top, reached, files, written, test };
    let leads_away = !import.files.is_empty() || import.reached.iter().any(|to| import.top.as_ref() != Some(to));
    leads_away.then_some(import)
}
