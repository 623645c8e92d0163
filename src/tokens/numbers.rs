//! Numbers of tokens: those written in them, as in `<a_12>`, where possible.

use std::collections::HashMap;

use super::Index;

/// The last run of digits in a token as a number; none without digits, or where the number is too large for `usize`.
pub fn token_number(token: &str) -> Option<usize> {
    let end = token.rfind(|c: char| c.is_ascii_digit())? + 1;
    let start =
        token[..end].rfind(|c: char| !c.is_ascii_digit()).map_or(0, |i| i + token[i..].chars().next().map_or(1, char::len_utf8));
    token[start..end].parse().ok()
}

impl Index {
    /// `[items][width]` numbers of the tokens, where `sizes` is `[width]` the vocabulary size of each position. The tokens of
    /// a position have the numbers written in them if these are distinct, otherwise numbers in order of appearance.
    pub fn numbers(&self, sizes: &[usize]) -> Vec<u32> {
        let mut numbers = vec![0; self.tokens.len()];
        for (p, &size) in sizes.iter().enumerate() {
            let column = self.written_numbers(p, size).unwrap_or_else(|| self.numbers_by_appearance(p));
            numbers.iter_mut().skip(p).step_by(self.width).zip(column).for_each(|(number, of_item)| *number = of_item);
        }
        numbers
    }

    /// `[items]` numbers written in the tokens of a position, all below `size`. None where a token has no such number,
    /// or two tokens have the same (`<x_1>`, `<y_1>`).
    fn written_numbers(&self, position: usize, size: usize) -> Option<Vec<u32>> {
        let mut tokens: HashMap<usize, u32> = HashMap::new();
        let number = |&token: &u32| {
            let number = token_number(&self.vocabulary[token as usize]).filter(|&number| number < size)?;
            (*tokens.entry(number).or_insert(token) == token).then_some(number as u32)
        };
        self.column(position).map(number).collect()
    }

    /// `[items]` tokens of a position, numbered in the order in which they appear there.
    fn numbers_by_appearance(&self, position: usize) -> Vec<u32> {
        let mut numbers: HashMap<u32, u32> = HashMap::new();
        let number = |&token: &u32| {
            let next = numbers.len() as u32;
            *numbers.entry(token).or_insert(next)
        };
        self.column(position).map(number).collect()
    }

    /// `[items]` tokens of a position, as indices into the vocabulary.
    fn column(&self, position: usize) -> impl Iterator<Item = &u32> {
        self.tokens.iter().skip(position).step_by(self.width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_a_token_is_its_last_digits() {
        let cases =
            [("<a_12>", Some(12)), ("12", Some(12)), ("<l2_007>", Some(7)), ("é9ü", Some(9)), ("plain", None), ("", None)];
        for (token, expected) in cases {
            assert_eq!(token_number(token), expected, "{token}");
        }
        assert_eq!(token_number("<a_99999999999999999999999>"), None);
    }

    #[test]
    fn tokens_without_distinct_numbers_are_numbered_by_appearance() {
        let rows = [["<a_7>", "red", "<x_1>"], ["<a_2>", "blue", "<y_1>"], ["<a_7>", "red", "<y_1>"]];
        let rows = rows.iter().enumerate().map(|(i, row)| (i.to_string(), row.map(String::from).to_vec()));
        let index = Index::from_rows(rows).unwrap();
        assert_eq!(index.numbers(&[8, 2, 2]), [7, 0, 0, 2, 1, 1, 7, 0, 1]);
        // A vocabulary too small for the written numbers.
        assert_eq!(index.numbers(&[7, 2, 2])[..3], [0, 0, 0]);
    }
}
