//! The codewords of an index as numbers of a schema, so that new items can be placed beside them.

use super::index::Index;
use super::layout::{Codewords, Schema, letters};
use super::lock::Retired;

/// A token that the schema does not have at its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "item «{id}» has {} at position {position}, where this tokenizer and layout have {expected}: give the tokenizer and the layout that the index was made with",
    if token.is_empty() { "no token".into() } else { format!("the token «{token}»") }
)]
pub struct ForeignToken {
    /// The item.
    pub id: String,
    /// Its token; empty where it has none.
    pub token: String,
    /// Place of the token, from 1.
    pub position: usize,
    /// What could be there.
    pub expected: String,
}

/// The codewords of an index that was made by `schema`, with a number as their last token if `suffix` says so.
///
/// # Errors
/// [`ForeignToken`] names the first token that the schema does not have at its place.
pub fn published(index: &Index, schema: &Schema, suffix: bool) -> Result<Codewords, ForeignToken> {
    let mut sizes = schema.sizes.clone();
    if suffix {
        sizes.push(usize::MAX);
    }
    let known: Vec<Option<(usize, u32)>> = index.vocabulary.iter().map(|token| parsed(token, sizes.len())).collect();
    let mut values = Vec::with_capacity(index.tokens.len());
    for (item, row) in index.ids.iter().enumerate().map(|(item, id)| (id, index.row(item))) {
        for position in 0..row.len().max(sizes.len()) {
            let size = sizes.get(position).copied().unwrap_or(0);
            let number = row.get(position).and_then(|&token| known[token as usize]);
            match number.filter(|&(place, number)| place == position && (number as usize) < size) {
                Some((_, number)) => values.push(number),
                None => {
                    let token = row.get(position).map_or("", |&token| &index.vocabulary[token as usize]);
                    return Err(ForeignToken {
                        id: item.clone(),
                        token: token.into(),
                        position: position + 1,
                        expected: expected(position, size),
                    });
                }
            }
        }
    }
    Ok(Codewords { sizes: bounded(sizes, &values), values })
}

/// Codewords that no item has any more, as numbers; otherwise as [`published`].
///
/// # Errors
/// As [`published`]; the item is the last that had the codeword.
pub fn retired_codewords(retired: &[Retired], schema: &Schema, suffix: bool) -> Result<Codewords, ForeignToken> {
    let mut sizes = schema.sizes.clone();
    sizes.extend(suffix.then_some(usize::MAX));
    let mut values = Vec::new();
    for Retired { item, tokens, .. } in retired {
        for position in 0..tokens.len().max(sizes.len()) {
            let size = sizes.get(position).copied().unwrap_or(0);
            let token = tokens.get(position).map_or("", String::as_str);
            let number = parsed(token, sizes.len()).filter(fits(position, size));
            values.push(number.ok_or_else(|| foreign(item, token, position, size))?.1);
        }
    }
    Ok(Codewords { sizes: bounded(sizes, &values), values })
}

/// The sizes, where a suffix has as many numbers as are used.
fn bounded(mut sizes: Vec<usize>, values: &[u32]) -> Vec<usize> {
    let width = sizes.len();
    if let Some(size) = sizes.last_mut().filter(|size| **size == usize::MAX) {
        *size = values.iter().skip(width - 1).step_by(width).max().map_or(0, |&largest| largest as usize + 1);
    }
    sizes
}

fn fits(position: usize, size: usize) -> impl Fn(&(usize, u32)) -> bool {
    move |&(place, number)| place == position && (number as usize) < size
}

fn foreign(id: &str, token: &str, position: usize, size: usize) -> ForeignToken {
    ForeignToken { id: id.into(), token: token.into(), position: position + 1, expected: expected(position, size) }
}

/// Position and number of `<c_12>`, if it is written as [`Codewords::tokens`] writes it at one of `width` positions.
fn parsed(token: &str, width: usize) -> Option<(usize, u32)> {
    let (letter, number) = token.strip_prefix('<')?.strip_suffix('>')?.split_once('_')?;
    let position = (0..width).find(|&position| letters(position) == letter)?;
    let value: u32 = number.parse().ok()?;
    (value.to_string() == number).then_some((position, value))
}

fn expected(position: usize, size: usize) -> String {
    let letter = letters(position);
    match size {
        0 => "none".into(),
        usize::MAX => format!("<{letter}_0>, <{letter}_1>, …"),
        size => format!("<{letter}_0> to <{letter}_{}>", size - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tokens_as_they_are_written_are_read() {
        let cases = [("<a_0>", Some((0, 0))), ("<c_12>", Some((2, 12))), ("<d_1>", None), ("<a_01>", None), ("<a_-1>", None)];
        for (token, found) in cases.into_iter().chain([("a_1", None), ("<a_>", None), ("<_1>", None), ("<a_99999999999>", None)])
        {
            assert_eq!(parsed(token, 3), found, "{token}");
        }
    }
}
