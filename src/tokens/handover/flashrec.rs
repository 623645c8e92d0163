//! The catalogue of codewords that FlashRec's `--sid-vocab-file` reads: `{"12,3,250": 1, …}`. Written after reading its source.

use std::io::{self, Write};

use super::error::HandoverError;
use crate::tokens::{Index, letters, token_number};

/// `[items][width]` codes: the numbers in the tokens.
pub(super) fn codes(index: &Index) -> Result<Vec<usize>, HandoverError> {
    let code = |(at, &token): (usize, &u32)| {
        let (text, position) = (&index.vocabulary[token as usize], at % index.width);
        let number = token_number(text).filter(|number| *text == format!("<{}_{number}>", letters(position)));
        number.ok_or_else(|| HandoverError::Number { token: text.clone(), position: position + 1, target: "FlashRec" })
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
