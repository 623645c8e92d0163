//! The catalogue of codewords that FlashRec's `--sid-vocab-file` reads: `{"12,3,250": 1, …}`. Written after reading its source.

use std::io::{self, Write};

use super::codes::codes;
use super::error::HandoverError;
use super::sorted::Sorted;
use crate::tokens::Columns;

/// The file of the catalogue.
pub(super) const FILE: &str = "catalog.json";

/// Codewords by the numbers in their tokens.
pub(super) struct Catalogue {
    sorted: Sorted,
    /// The numbers as they are written, in their order.
    texts: Vec<String>,
}

impl Catalogue {
    /// The codewords of an index.
    pub(super) fn new(index: Columns) -> Result<Self, HandoverError> {
        let codes = codes(&index, "FlashRec")?;
        let mut order: Vec<usize> = (0..codes.len()).collect();
        order.sort_unstable_by_key(|&token| codes[token]);
        let mut ranks = vec![0; codes.len()];
        order.iter().zip(0..).for_each(|(&token, rank)| ranks[token] = rank);
        let texts = order.iter().map(|&token| codes[token].to_string()).collect();
        Ok(Self { sorted: Sorted::new(index, &ranks, codes.len())?, texts })
    }

    /// Writes each codeword once, in sorted order.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let (mut line, mut before, mut written) = (String::new(), "{\n\"", Ok(()));
        self.sorted.prefixes(self.sorted.width(), |place| {
            for column in &self.sorted.columns {
                line += before;
                line += &self.texts[column.get(place) as usize];
                before = ",";
            }
            line += "\": 1";
            before = ",\n\"";
            if line.len() > 1 << 16 && written.is_ok() {
                written = out.write_all(line.as_bytes());
                line.clear();
            }
        });
        written?;
        out.write_all(line.as_bytes())?;
        out.write_all(b"\n}\n")
    }
}
