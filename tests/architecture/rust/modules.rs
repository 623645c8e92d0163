//! A crate as its sources describe it: modules, what they define, import and name.

use std::collections::BTreeMap;

/// What a name stands for, as far as its further path depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A struct, enum, trait or alias: what follows in a path is one of its own items.
    Type,
    /// A function, constant or static.
    Value,
    /// A `macro_rules!` macro.
    Macro,
}

/// One name of a `use` declaration.
#[derive(Debug, Clone)]
pub struct Use {
    /// Segments, beginning with `crate`, `self`, `super` or a name in scope.
    pub path: Vec<String>,
    /// The name it brings into scope; none for a glob.
    pub name: Option<String>,
    /// Whether other modules can import it from here.
    pub exported: bool,
    pub line: usize,
    pub test: bool,
}

/// A path in code.
#[derive(Debug, Clone)]
pub struct Mention {
    pub path: Vec<String>,
    /// Whether a `!` follows.
    pub invoked: bool,
    pub line: usize,
    pub test: bool,
}

/// A module, or a block with items of its own, which scopes names as a module does.
#[derive(Debug, Default)]
pub struct Module {
    pub name: String,
    /// The file in which its items stand.
    pub file: String,
    pub parent: Option<usize>,
    /// Whether it is a block: names that it lacks are looked up around it.
    pub block: bool,
    /// Whether it is compiled for tests alone.
    pub test: bool,
    /// Several of one name, where `cfg` chooses.
    pub children: Vec<(String, usize)>,
    pub items: BTreeMap<String, Vec<Kind>>,
    /// Paths in the bodies of its macros, which are resolved where a macro is used.
    pub macros: BTreeMap<String, Vec<Mention>>,
    pub uses: Vec<Use>,
    pub mentions: Vec<Mention>,
}

/// The modules of a crate; the first is its root.
#[derive(Debug, Default)]
pub struct Crate {
    pub modules: Vec<Module>,
}

impl Crate {
    /// The module that a block stands in, or the module itself.
    pub fn real(&self, mut module: usize) -> usize {
        while let (true, Some(parent)) = (self.modules[module].block, self.modules[module].parent) {
            module = parent;
        }
        module
    }

    /// What `super` means in a module; the root has none.
    pub fn parent(&self, module: usize) -> Option<usize> {
        self.modules[self.real(module)].parent.map(|parent| self.real(parent))
    }

    /// Names of the modules that the root declares, and their files.
    pub fn tops(&self) -> BTreeMap<&str, &str> {
        let children = self.modules.first().into_iter().flat_map(|root| &root.children);
        children.map(|(name, module)| (name.as_str(), self.modules[*module].file.as_str())).collect()
    }

    /// The name of the top-level module that a module belongs to; none for the root.
    pub fn top(&self, module: usize) -> Option<&str> {
        let mut module = self.real(module);
        loop {
            let parent = self.parent(module)?;
            if self.parent(parent).is_none() {
                return Some(&self.modules[module].name);
            }
            module = parent;
        }
    }

    /// Whether a module lies anywhere below another.
    pub fn is_below(&self, module: usize, above: usize) -> bool {
        let above = self.real(above);
        let mut next = self.parent(module);
        while let Some(module) = next {
            if module == above {
                return true;
            }
            next = self.parent(module);
        }
        false
    }
}
