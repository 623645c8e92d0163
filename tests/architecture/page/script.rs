//! The imports of a script.

use super::lexer::{Kind, Token, tokens};

/// An import of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// What stands between the quotes; none for a dynamic import of what is known only when it runs.
    pub path: Option<String>,
    pub line: usize,
    /// Whether it stands in a comment, for the type checker alone.
    pub type_only: bool,
}

/// Static and dynamic imports, `export … from`, and the types that comments import.
pub fn imports(text: &str) -> Vec<Import> {
    let mut found = Vec::new();
    let all = tokens(text);
    let (comments, code): (Vec<Token>, Vec<Token>) = all.into_iter().partition(|token| matches!(token.kind, Kind::Comment(_)));
    collect(&code, false, &mut found);
    for comment in comments {
        if let Kind::Comment(text) = &comment.kind {
            // The apostrophes of prose would open strings, so a comment is read from each import on.
            for (at, _) in text.match_indices("import") {
                let line = comment.line + text[..at].matches('\n').count();
                let rest = statement(&text[at..]);
                let tokens: Vec<Token> =
                    tokens(rest).into_iter().map(|token| Token { line: line + token.line - 1, ..token }).collect();
                let whole = text[..at].ends_with('@') || rest["import".len()..].trim_start().starts_with('(');
                if whole {
                    collect(&tokens, true, &mut found);
                }
            }
        }
    }
    found.sort_by_key(|import| import.line);
    found
}

/// As much of a comment as an import may take: to the end of its path.
fn statement(text: &str) -> &str {
    let end = text.match_indices(['\'', '"']).nth(1).map_or(text.len(), |(at, _)| at + 1);
    &text[..end]
}

fn collect(tokens: &[Token], type_only: bool, found: &mut Vec<Import>) {
    for (at, token) in tokens.iter().enumerate() {
        let member = at > 0 && tokens[at - 1].kind == Kind::Mark('.');
        let Kind::Word(word) = &token.kind else { continue };
        let rest = &tokens[at + 1..];
        let path = match word.as_str() {
            _ if member => None,
            "import" => imported(rest),
            "export" => exported(rest),
            _ => None,
        };
        found.extend(path.map(|path| Import { path, line: token.line, type_only }));
    }
}

/// The path behind `import`: of `import '…'`, `import … from '…'` or `import('…')`; nothing of `import.meta`, or where
/// `import` names a property.
fn imported(rest: &[Token]) -> Option<Option<String>> {
    match &rest.first()?.kind {
        Kind::Text(path) => Some(Some(path.clone())),
        Kind::Mark('(') => Some(match rest.get(1).map(|token| &token.kind) {
            Some(Kind::Text(path)) => Some(path.clone()),
            _ => None,
        }),
        Kind::Mark('{' | '*') | Kind::Word(_) => from(rest).map(Some),
        _ => None,
    }
}

/// The path behind `export { … } from`, `export * from` or `export type { … } from`; nothing of other exports.
fn exported(rest: &[Token]) -> Option<Option<String>> {
    let named = match &rest.first()?.kind {
        Kind::Mark('{' | '*') => true,
        Kind::Word(word) => word == "type",
        _ => false,
    };
    named.then(|| from(rest)).flatten().map(Some)
}

/// The path behind the first `from`, before which only names, braces, commas and stars stand.
fn from(rest: &[Token]) -> Option<String> {
    for (at, token) in rest.iter().enumerate() {
        match &token.kind {
            Kind::Word(word) if word == "from" => {
                if let Some(Token { kind: Kind::Text(path), .. }) = rest.get(at + 1) {
                    return Some(path.clone());
                }
            }
            Kind::Word(_) | Kind::Mark('{' | '}' | ',' | '*') => {}
            _ => return None,
        }
    }
    None
}
