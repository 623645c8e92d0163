//! What one file defines, imports and names.

use std::collections::BTreeSet;

use syn::ext::IdentExt;
use syn::visit::{self, Visit};
use syn::{Expr, Ident, Item, Stmt, UseTree, Visibility};

use super::attributes;
use super::locals;
use super::modules::{Crate, Mention, Module, Use};
use super::tokens::{self, TokenPath};

/// `mod name;`
#[derive(Debug)]
pub struct Declared {
    pub name: String,
    pub parent: usize,
    pub test: bool,
    /// What `#[path]` says.
    pub paths: Vec<String>,
}

/// Adds the module of a file, with the modules and blocks in it, and returns the modules that it declares.
pub fn add(tree: &mut Crate, module: Module, syntax: &syn::File) -> Vec<Declared> {
    let mut scanner = Scanner { test: module.test, tree, current: 0, bound: BTreeSet::new(), declared: Vec::new() };
    scanner.inside(module, |scanner| scanner.visit_file(syntax));
    scanner.declared
}

struct Scanner<'a> {
    tree: &'a mut Crate,
    /// The module or block that is being read.
    current: usize,
    test: bool,
    /// Local variables of the function that is being read.
    bound: BTreeSet<String>,
    declared: Vec<Declared>,
}

impl Scanner<'_> {
    fn module(&mut self) -> &mut Module {
        &mut self.tree.modules[self.current]
    }

    /// Adds a module or block and reads what is in it.
    fn inside(&mut self, module: Module, visit: impl FnOnce(&mut Self)) {
        let (outer, test, new) = (self.current, self.test, self.tree.modules.len());
        if let (Some(parent), false) = (module.parent, module.block) {
            self.tree.modules[parent].children.push((module.name.clone(), new));
        }
        (self.current, self.test) = (new, module.test);
        self.tree.modules.push(module);
        visit(self);
        (self.current, self.test) = (outer, test);
    }

    /// A module or block in this file.
    fn nested(&mut self, name: String, block: bool) -> Module {
        let (parent, test, file) = (Some(self.current), self.test, self.module().file.clone());
        Module { name, file, parent, block, test, ..Module::default() }
    }

    fn mention(&mut self, path: Vec<String>, invoked: bool, line: usize) {
        let alone = path.len() == 1 && !invoked;
        let keyword = alone && matches!(path[0].as_str(), "self" | "Self" | "super" | "crate");
        let variable = alone && self.bound.contains(&path[0]);
        if !(keyword || variable) {
            let test = self.test;
            self.module().mentions.push(Mention { path, invoked, line, test });
        }
    }

    fn mention_all(&mut self, paths: Vec<TokenPath>) {
        for TokenPath { segments, invoked, line } in paths {
            self.mention(segments, invoked, line);
        }
    }

    fn add_uses(&mut self, tree: &UseTree, prefix: &[String], exported: bool) {
        let joined = |ident: &Ident| [prefix, &[ident.unraw().to_string()]].concat();
        let (path, name, end) = match tree {
            UseTree::Path(path) => return self.add_uses(&path.tree, &joined(&path.ident), exported),
            UseTree::Group(group) => return group.items.iter().for_each(|tree| self.add_uses(tree, prefix, exported)),
            UseTree::Glob(glob) => (prefix.to_vec(), None, glob.star_token.spans[0]),
            UseTree::Name(name) if name.ident == "self" => (prefix.to_vec(), prefix.last().cloned(), name.ident.span()),
            UseTree::Name(name) => (joined(&name.ident), Some(name.ident.unraw().to_string()), name.ident.span()),
            UseTree::Rename(rename) => {
                let path = if rename.ident == "self" { prefix.to_vec() } else { joined(&rename.ident) };
                (path, Some(rename.rename.to_string()), rename.ident.span())
            }
        };
        let (line, test) = (end.start().line, self.test);
        self.module().uses.push(Use { path, name, exported, line, test });
    }

    /// What the body of a `macro_rules!` names: from the crate's root on wherever it is used, other names only there.
    fn define_macro(&mut self, ident: &Ident, body: proc_macro2::TokenStream) {
        let test = self.test;
        let paths = tokens::paths(body).into_iter();
        let (absolute, relative): (Vec<_>, Vec<_>) = paths.partition(|path| path.segments[0] == "crate");
        self.mention_all(absolute);
        let mention = |path: TokenPath| Mention { path: path.segments, invoked: path.invoked, line: path.line, test };
        self.module().macros.insert(ident.to_string(), relative.into_iter().map(mention).collect());
    }

    /// Reads something with local variables.
    fn with_locals(&mut self, locals: BTreeSet<String>, visit: impl FnOnce(&mut Self)) {
        let outer = self.bound.clone();
        self.bound.extend(locals);
        visit(self);
        self.bound = outer;
    }
}

impl<'ast> Visit<'ast> for Scanner<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        let (attrs, defined) = attributes::of_item(item);
        if let Some((name, kind)) = defined {
            self.module().items.entry(name.unraw().to_string()).or_default().push(kind);
        }
        let outer = self.test;
        self.test |= attributes::is_test(attrs);
        visit::visit_item(self, item);
        self.test = outer;
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let name = item.ident.unraw().to_string();
        let outer = self.test;
        self.test |= name == "tests";
        if let Some((_, items)) = &item.content {
            let module = self.nested(name, false);
            self.inside(module, |scanner| items.iter().for_each(|item| scanner.visit_item(item)));
        } else {
            let paths = attributes::paths(&item.attrs);
            self.declared.push(Declared { name, parent: self.current, test: self.test, paths });
        }
        self.test = outer;
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if item.leading_colon.is_none() {
            self.add_uses(&item.tree, &[], !matches!(item.vis, Visibility::Inherited));
        }
    }

    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        match &item.ident {
            Some(ident) => self.define_macro(ident, item.mac.tokens.clone()),
            None => self.visit_macro(&item.mac),
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.with_locals(locals::of(|visitor| visitor.visit_item_fn(item)), |scanner| visit::visit_item_fn(scanner, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        let outer = self.test;
        self.test |= attributes::is_test(&item.attrs);
        self.with_locals(locals::of(|visitor| visitor.visit_impl_item_fn(item)), |scanner| {
            visit::visit_impl_item_fn(scanner, item);
        });
        self.test = outer;
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.with_locals(locals::of(|visitor| visitor.visit_trait_item_fn(item)), |scanner| {
            visit::visit_trait_item_fn(scanner, item);
        });
    }

    fn visit_block(&mut self, block: &'ast syn::Block) {
        if block.stmts.iter().any(|statement| matches!(statement, Stmt::Item(_))) {
            let module = self.nested(String::new(), true);
            self.inside(module, |scanner| visit::visit_block(scanner, block));
        } else {
            visit::visit_block(self, block);
        }
    }

    /// A function that is called is named even where a variable has its name: `let level = level();`
    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let Expr::Path(function) = &*call.func
            && let Some(name) = function.path.get_ident()
        {
            let outer = std::mem::take(&mut self.bound);
            self.mention(vec![name.unraw().to_string()], false, name.span().start().line);
            self.bound = outer;
        }
        visit::visit_expr_call(self, call);
    }

    /// A constant in a pattern looks like a variable.
    fn visit_pat_ident(&mut self, pattern: &'ast syn::PatIdent) {
        if !locals::is_variable(&pattern.ident) {
            self.mention(vec![pattern.ident.to_string()], false, pattern.ident.span().start().line);
        }
        visit::visit_pat_ident(self, pattern);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none()
            && let Some(first) = path.segments.first()
        {
            let segments = path.segments.iter().map(|segment| segment.ident.unraw().to_string()).collect();
            self.mention(segments, false, first.ident.span().start().line);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, invocation: &'ast syn::Macro) {
        let segments: Vec<String> = invocation.path.segments.iter().map(|segment| segment.ident.unraw().to_string()).collect();
        let line = invocation.path.segments[0].ident.span().start().line;
        self.mention(segments, true, line);
        self.mention_all(tokens::paths(invocation.tokens.clone()));
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        self.mention_all(attributes::mentions(attribute));
    }

    /// `pub(in path)` names where an item is seen, not what it needs.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}
}
