//! The catalogue of codewords that FlashRec's `--sid-vocab-file` reads: `{"12,3,250": 1, …}`. Written after reading its source.

use std::io::{self, Write};

use super::error::HandoverError;
use crate::tokens::{Index, letters, token_number};

/// `[items][width]` codes: the numbers in the tokens.
pub(super) fn codes(index: &Index) -> Result<Vec<usize>, HandoverError> {
    let place = |token: &String| {
        let number = token_number(token)?;
        Some(((0..index.width).find(|&position| *token == format!("<{}_{number}>", letters(position)))?, number))
    };
    let places: Vec<Option<(usize, usize)>> = index.vocabulary.iter().map(place).collect();
    let code = |(at, &token): (usize, &u32)| match places[token as usize] {
        Some((position, number)) if position == at % index.width => Ok(number),
        _ => Err(HandoverError::Number {
            token: index.vocabulary[token as usize].clone(),
            position: at % index.width + 1,
            target: "FlashRec",
        }),
    };
    index.tokens.iter().enumerate().map(code).collect()
}

/// Writes each codeword once, in sorted order.
pub(super) fn write(out: &mut dyn Write, index: &Index, codes: &[usize]) -> io::Result<()> {
    let mut codewords: Vec<&[usize]> = codes.chunks_exact(index.width).collect();
    codewords.sort_unstable();
    codewords.dedup();
    for (codeword, before) in codewords.into_iter().zip(std::iter::once("{").chain(std::iter::repeat(","))) {
        let numbers: Vec<String> = codeword.iter().map(usize::to_string).collect();
        write!(out, "{before}\n\"{}\": 1", numbers.join(","))?;
    }
    out.write_all(b"\n}\n")
}
