//! What items and their attributes say about modules and imports.

use syn::{Attribute, Expr, Ident, Item, Lit, Meta};

use super::modules::Kind;
use super::tokens::{self, TokenPath};

/// Attributes whose words are not names of the crate.
const BUILT_IN: [&str; 12] =
    ["allow", "cfg", "cfg_attr", "deny", "deprecated", "doc", "expect", "inline", "must_use", "path", "target_feature", "warn"];

/// Whether an item is compiled for tests alone: `#[cfg(test)]`.
pub fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg") && matches!(&attribute.meta, Meta::List(list) if list.tokens.to_string() == "test")
    })
}

/// Files that `#[path = "…"]` names, under a condition or not.
pub fn paths(attributes: &[Attribute]) -> Vec<String> {
    let mut found = Vec::new();
    for attribute in attributes {
        match &attribute.meta {
            Meta::NameValue(pair) if pair.path.is_ident("path") => found.extend(string(&pair.value)),
            Meta::List(list) if list.path.is_ident("cfg_attr") => {
                // `cfg_attr(condition, path = "…")`: the condition has no `path`.
                let text = list.tokens.to_string();
                let value = text.rsplit_once("path = \"").and_then(|(_, rest)| rest.split_once('"'));
                found.extend(value.map(|(path, _)| path.to_owned()));
            }
            _ => {}
        }
    }
    found
}

fn string(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

/// Paths of the crate that an attribute may name: those in its tokens, and in the strings of serde's.
pub fn mentions(attribute: &Attribute) -> Vec<TokenPath> {
    let Meta::List(list) = &attribute.meta else { return Vec::new() };
    if BUILT_IN.iter().any(|name| list.path.is_ident(name)) {
        return Vec::new();
    }
    let mut found = tokens::paths(list.tokens.clone());
    found.retain(|path| path.segments.len() > 1);
    if list.path.is_ident("serde") {
        found.extend(tokens::strings(list.tokens.clone()));
    }
    found
}

/// An item's attributes, and what it defines.
pub fn of_item(item: &Item) -> (&[Attribute], Option<(&Ident, Kind)>) {
    match item {
        Item::Const(item) => (&item.attrs, Some((&item.ident, Kind::Value))),
        Item::Enum(item) => (&item.attrs, Some((&item.ident, Kind::Type))),
        Item::Fn(item) => (&item.attrs, Some((&item.sig.ident, Kind::Value))),
        Item::Impl(item) => (&item.attrs, None),
        Item::Macro(item) => (&item.attrs, item.ident.as_ref().map(|ident| (ident, Kind::Macro))),
        Item::Mod(item) => (&item.attrs, None),
        Item::Static(item) => (&item.attrs, Some((&item.ident, Kind::Value))),
        Item::Struct(item) => (&item.attrs, Some((&item.ident, Kind::Type))),
        Item::Trait(item) => (&item.attrs, Some((&item.ident, Kind::Type))),
        Item::TraitAlias(item) => (&item.attrs, Some((&item.ident, Kind::Type))),
        Item::Type(item) => (&item.attrs, Some((&item.ident, Kind::Type))),
        Item::Union(item) => (&item.attrs, Some((&item.ident, Kind::Type))),
        Item::Use(item) => (&item.attrs, None),
        _ => (&[], None),
    }
}
