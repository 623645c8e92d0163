//! The order of modules: a line such as `base ← {a, b} ← c` in ARCHITECTURE.md. A module imports from its left;
//! modules in one pair of braces are siblings and do not import each other.

use std::collections::BTreeMap;

/// The order, and where it is written down.
#[derive(Debug, Clone)]
pub struct Order {
    ranks: BTreeMap<String, usize>,
    /// Line of the page on which the order begins, from 1.
    pub line: usize,
}

impl Order {
    /// The order in the first fenced block of a Markdown page that holds nothing else.
    ///
    /// # Errors
    /// If the page has no such block, or names a module twice.
    pub fn from_markdown(page: &str) -> Result<Self, String> {
        let mut open: Option<(usize, String)> = None;
        for (number, line) in page.lines().enumerate() {
            if line.trim_start().starts_with("```") {
                let Some((start, block)) = open.take() else {
                    open = Some((number + 2, String::new()));
                    continue;
                };
                if is_order(&block) {
                    return Ok(Self { line: start, ..Self::parse(&block)? });
                }
            } else if let Some((_, block)) = &mut open {
                block.push_str(line);
                block.push('\n');
            }
        }
        Err("no fenced block holds an order of modules, such as `base ← {a, b} ← c`".to_owned())
    }

    /// The order itself; `<-` is as good as `←`.
    ///
    /// # Errors
    /// If it is malformed or names a module twice.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut ranks = BTreeMap::new();
        for (rank, level) in text.replace("<-", "←").split('←').enumerate() {
            let level = level.trim();
            let braced = level.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            for name in braced.map_or(vec![level], |inner| inner.split(',').collect()) {
                let name = name.trim();
                if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                    return Err(format!("the order of modules: `{level}` is neither a module nor modules in braces"));
                }
                if ranks.insert(name.to_owned(), rank).is_some() {
                    return Err(format!("the order of modules names `{name}` twice"));
                }
            }
        }
        Ok(Self { ranks, line: 1 })
    }

    /// Every module that the order names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.ranks.keys().map(String::as_str)
    }

    /// Why the module `from` may not import from `to`, if it may not. Modules that the order does not name are
    /// reported elsewhere.
    pub fn objection(&self, from: &str, to: &str) -> Option<String> {
        let (own, other) = (self.ranks.get(from)?, self.ranks.get(to)?);
        if from == to || other < own {
            None
        } else if other == own {
            Some(format!("`{from}` and `{to}` are siblings in the order of modules and do not import each other"))
        } else {
            Some(format!("`{to}` is to the right of `{from}` in the order of modules"))
        }
    }
}

fn is_order(block: &str) -> bool {
    let arrows = block.contains('←') || block.contains("<-");
    arrows && block.chars().all(|c| c.is_ascii_alphanumeric() || c.is_whitespace() || "_{},←<-".contains(c))
}
