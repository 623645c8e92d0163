//! Paths in the tokens of a macro, which no grammar describes.

use proc_macro2::{Delimiter, Ident, Spacing, TokenStream, TokenTree};

/// A path as it stands among tokens.
#[derive(Debug)]
pub struct TokenPath {
    /// `$crate` counts as `crate`.
    pub segments: Vec<String>,
    /// Whether a `!` and a group follow.
    pub invoked: bool,
    pub line: usize,
}

/// Every path, those in nested groups included. Fields, methods, lifetimes, macro variables and paths that begin with
/// `::` are left out.
pub fn paths(stream: TokenStream) -> Vec<TokenPath> {
    let mut found = Vec::new();
    collect(stream, &mut found);
    found
}

fn collect(stream: TokenStream, found: &mut Vec<TokenPath>) {
    let tokens: Vec<TokenTree> = stream.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Ident(first) if begins_path(&tokens, at) => {
                let (path, next) = path(&tokens, at, first);
                found.push(path);
                at = next;
                continue;
            }
            TokenTree::Group(group) => collect(group.stream(), found),
            _ => {}
        }
        at += 1;
    }
}

fn is_punct(token: Option<&TokenTree>, expected: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == expected)
}

fn before(tokens: &[TokenTree], at: usize, distance: usize) -> Option<&TokenTree> {
    at.checked_sub(distance).map(|at| &tokens[at])
}

fn begins_path(tokens: &[TokenTree], at: usize) -> bool {
    let (last, second_last) = (before(tokens, at, 1), before(tokens, at, 2));
    let field = is_punct(last, '.') && !is_punct(second_last, '.');
    let continued = is_punct(last, ':') && is_punct(second_last, ':');
    let variable = is_punct(last, '$') && !matches!(&tokens[at], TokenTree::Ident(ident) if ident == "crate");
    !(field || continued || variable || is_punct(last, '\''))
}

/// The path that begins here, and the position behind it.
fn path(tokens: &[TokenTree], start: usize, first: &Ident) -> (TokenPath, usize) {
    let mut segments = vec![first.to_string()];
    let mut at = start + 1;
    while let Some(TokenTree::Ident(next)) = separated(tokens, at) {
        segments.push(next.to_string());
        at += 3;
    }
    let group = matches!(tokens.get(at + 1), Some(TokenTree::Group(group)) if group.delimiter() != Delimiter::None);
    let invoked = is_punct(tokens.get(at), '!') && group;
    (TokenPath { segments, invoked, line: first.span().start().line }, at)
}

/// The token behind a `::`.
fn separated(tokens: &[TokenTree], at: usize) -> Option<&TokenTree> {
    let joint =
        matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == ':' && punct.spacing() == Spacing::Joint);
    if joint && is_punct(tokens.get(at + 1), ':') { tokens.get(at + 2) } else { None }
}

/// Paths that stand in string literals, as in `#[serde(with = "module::path")]`.
pub fn strings(stream: TokenStream) -> Vec<TokenPath> {
    let literals = stream.into_iter().filter_map(|token| match token {
        TokenTree::Literal(literal) => Some((literal.to_string(), literal.span().start().line)),
        _ => None,
    });
    let paths = literals.map(|(text, line)| {
        let segments = text.trim_matches('"').split("::").map(str::to_owned).collect();
        TokenPath { segments, invoked: false, line }
    });
    paths.collect()
}
