//! Codewords as the numbers in their tokens, for targets that know no others.

use super::error::HandoverError;
use crate::tokens::{Columns, letters, token_number};

/// `[vocabulary]` the number in each token: 12 of `<a_12>`.
///
/// # Errors
/// At some position an item has a token that is not one of that position's.
pub(super) fn codes(index: &Columns, target: &'static str) -> Result<Vec<usize>, HandoverError> {
    let mut codes = vec![0; index.vocabulary.len()];
    for position in 0..index.width() {
        for (token, _) in (0..).zip(index.used(position)).filter(|(_, used)| *used) {
            let text = &index.vocabulary[token];
            let wrong = || HandoverError::Number { token: text.clone(), position: position + 1, target };
            codes[token] = code(text, position).ok_or_else(wrong)?;
        }
    }
    Ok(codes)
}

/// The number of a token, if it is one of this position: 12 of `<a_12>` at the first.
pub(super) fn code(token: &str, position: usize) -> Option<usize> {
    let number = token_number(token)?;
    (token == format!("<{}_{number}>", letters(position))).then_some(number)
}
