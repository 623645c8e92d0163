//! Local variables, which hide functions of the same name.

use std::collections::BTreeSet;

use syn::Ident;
use syn::visit::{self, Visit};

/// Names that patterns bind in whatever is visited: parameters, `let`, arms, closures.
pub fn of(visit: impl FnOnce(&mut Locals)) -> BTreeSet<String> {
    let mut locals = Locals::default();
    visit(&mut locals);
    locals.0
}

/// Whether an identifier in a pattern is a variable and not a constant, as far as its case tells.
pub fn is_variable(ident: &Ident) -> bool {
    !ident.to_string().starts_with(char::is_uppercase)
}

/// Collects the variables.
#[derive(Debug, Default)]
pub struct Locals(BTreeSet<String>);

impl<'ast> Visit<'ast> for Locals {
    fn visit_pat_ident(&mut self, pattern: &'ast syn::PatIdent) {
        if is_variable(&pattern.ident) {
            self.0.insert(pattern.ident.to_string());
        }
        visit::visit_pat_ident(self, pattern);
    }
}
