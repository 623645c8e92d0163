//! What a path stands for: the modules it leads through, and those that define what it names.

use std::collections::BTreeSet;

use super::modules::{Crate, Kind, Mention};

/// Where a path leads.
#[derive(Debug, Default, Clone)]
pub struct Found {
    /// Modules on the way, and at the end; those behind a re-export too.
    pub passed: BTreeSet<usize>,
    /// Modules that define what the path names, an item. A path to a module has none.
    pub defined: BTreeSet<usize>,
    /// Macros among what it names, by the defining module.
    pub macros: BTreeSet<(usize, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    Module(usize),
    /// Of a kind unknown where a macro may have defined it.
    Item {
        module: usize,
        name: String,
        kind: Option<Kind>,
    },
}

/// Resolves a path that stands in a module or block; finds nothing if it leads to another crate.
pub fn resolve(tree: &Crate, from: usize, path: &[String]) -> Found {
    Resolver { tree, passed: BTreeSet::new(), open: BTreeSet::new() }.found(from, path)
}

/// As [`resolve`], of a macro that is invoked: without an import, it is one that was defined further up in the text.
pub fn resolve_macro(tree: &Crate, from: usize, path: &[String]) -> Found {
    let mut found = resolve(tree, from, path);
    if let (true, [name]) = (found.macros.is_empty(), path) {
        let holds = |module: &usize| tree.modules[*module].macros.contains_key(name);
        let nearest = std::iter::successors(Some(from), |module| tree.modules[*module].parent).find(holds);
        found = Found::default();
        found.defined.extend(nearest);
        found.macros.extend(nearest.map(|module| (module, name.clone())));
    }
    found
}

/// The paths in a macro's body.
pub fn body<'a>(tree: &'a Crate, (module, name): &(usize, String)) -> &'a [Mention] {
    tree.modules[*module].macros.get(name).map_or(&[], Vec::as_slice)
}

struct Resolver<'a> {
    tree: &'a Crate,
    passed: BTreeSet<usize>,
    /// Imports that are being followed, which may be their own first segment: `use text::text`.
    open: BTreeSet<(usize, usize)>,
}

impl Resolver<'_> {
    fn found(mut self, from: usize, path: &[String]) -> Found {
        let mut found = Found::default();
        for target in self.path(from, path) {
            match target {
                Target::Module(module) => {
                    self.passed.insert(module);
                }
                Target::Item { module, name, kind } => {
                    self.passed.insert(module);
                    found.defined.insert(module);
                    found.macros.extend((kind == Some(Kind::Macro)).then_some((module, name)));
                }
            }
        }
        found.passed = self.passed;
        found
    }

    fn path(&mut self, from: usize, path: &[String]) -> Vec<Target> {
        let Some((first, rest)) = path.split_first() else { return Vec::new() };
        let mut targets = match first.as_str() {
            "crate" => vec![Target::Module(0)],
            "self" => vec![Target::Module(self.tree.real(from))],
            "super" => self.tree.parent(from).map(Target::Module).into_iter().collect(),
            name => self.in_scope(from, name),
        };
        for segment in rest {
            targets = targets.into_iter().flat_map(|target| self.step(target, segment)).collect();
        }
        targets
    }

    /// One segment further.
    fn step(&mut self, target: Target, segment: &str) -> Vec<Target> {
        let module = match target {
            Target::Module(module) => module,
            Target::Item { kind: Some(Kind::Value | Kind::Macro), .. } => return Vec::new(),
            item @ Target::Item { .. } => return vec![item],
        };
        match segment {
            "self" => return vec![Target::Module(module)],
            "super" => return self.tree.parent(module).map(Target::Module).into_iter().collect(),
            _ => {}
        }
        self.passed.insert(module);
        let found = self.member(module, segment);
        let unknown = Target::Item { module, name: segment.to_owned(), kind: None };
        if found.is_empty() { vec![unknown] } else { found }
    }

    /// What a name means in a module, or in a block and around it.
    fn in_scope(&mut self, mut scope: usize, name: &str) -> Vec<Target> {
        loop {
            let found = self.member(scope, name);
            match self.tree.modules[scope].parent {
                Some(parent) if found.is_empty() && self.tree.modules[scope].block => scope = parent,
                _ => return found,
            }
        }
    }

    /// What a module has by a name: its own, what it imports, and otherwise what its globs bring.
    fn member(&mut self, module: usize, name: &str) -> Vec<Target> {
        let tree = self.tree;
        let here = &tree.modules[module];
        let children = here.children.iter().filter(|(child, _)| child == name);
        let mut found: Vec<Target> = children.map(|(_, child)| Target::Module(*child)).collect();
        let kinds = here.items.get(name).into_iter().flatten();
        found.extend(kinds.map(|kind| Target::Item { module: tree.real(module), name: name.to_owned(), kind: Some(*kind) }));
        let mut imported = false;
        for (index, import) in here.uses.iter().enumerate().filter(|(_, import)| import.name.as_deref() == Some(name)) {
            imported = true;
            found.extend(self.follow(module, index, &import.path, None));
        }
        if found.is_empty() && !imported {
            for (index, import) in here.uses.iter().enumerate().filter(|(_, import)| import.name.is_none()) {
                found.extend(self.follow(module, index, &import.path, Some(name)));
            }
        }
        found.dedup();
        found
    }

    /// Follows an import, unless that is what is being done; of a glob, to the member of that name.
    fn follow(&mut self, module: usize, index: usize, path: &[String], member: Option<&str>) -> Vec<Target> {
        if !self.open.insert((module, index)) {
            return Vec::new();
        }
        let mut targets = self.path(module, path);
        if let Some(name) = member {
            let modules = targets.into_iter().filter_map(|target| match target {
                Target::Module(module) => Some(module),
                Target::Item { .. } => None,
            });
            targets = modules.flat_map(|module| self.member(module, name)).collect();
        }
        self.open.remove(&(module, index));
        targets
    }
}
