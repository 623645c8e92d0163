//! Writers of index files (as LC-Rec, LETTER and MiniOneRec read them), of CSV, and of `added_tokens.json`.

use std::collections::BTreeSet;
use std::io::{self, Write};

/// Writes `{"item id": ["<a_12>", …], …}`, one item a line, without keeping the index in memory.
///
/// All ids must differ: [`super::Index`] refuses a file with a repeated id.
#[derive(Debug)]
pub struct IndexWriter<W: Write> {
    out: W,
    items: usize,
}

impl<W: Write> IndexWriter<W> {
    /// Starts an index.
    pub fn new(mut out: W) -> io::Result<Self> {
        out.write_all(b"{")?;
        Ok(Self { out, items: 0 })
    }

    /// Writes one item.
    pub fn push<S: AsRef<str> + serde::Serialize>(&mut self, id: &str, tokens: &[S]) -> io::Result<()> {
        self.out.write_all(if self.items == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut self.out, id)?;
        self.out.write_all(b": [")?;
        for (position, token) in tokens.iter().enumerate() {
            if position > 0 {
                self.out.write_all(b", ")?;
            }
            serde_json::to_writer(&mut self.out, token)?;
        }
        self.out.write_all(b"]")?;
        self.items += 1;
        Ok(())
    }

    /// Ends the index and returns the writer.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.write_all(b"\n}\n")?;
        self.out.flush()?;
        Ok(self.out)
    }
}

/// Writes a table of codewords as CSV, one item a row, without keeping it in memory. Cells that a spreadsheet would run as a
/// formula are escaped.
///
/// The crate `csv` is not used here because it would add 15 kB to the page's first load: its writer can leave numbers
/// unquoted, and parses floats for that.
#[derive(Debug)]
pub struct CsvWriter<W: Write> {
    out: W,
}

impl<W: Write> CsvWriter<W> {
    /// Starts a table of codewords of `width` tokens: `item,token_1,…`.
    pub fn new(out: W, width: usize) -> io::Result<Self> {
        let mut writer = Self { out };
        let columns: Vec<String> = (1..=width).map(|position| format!("token_{position}")).collect();
        writer.push("item", &columns)?;
        Ok(writer)
    }

    /// Writes one item.
    pub fn push<S: AsRef<str>>(&mut self, id: &str, tokens: &[S]) -> io::Result<()> {
        self.cell(id)?;
        for token in tokens {
            self.out.write_all(b",")?;
            self.cell(token.as_ref())?;
        }
        self.out.write_all(b"\n")
    }

    /// Ends the table and returns the writer.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }

    /// Writes a cell, quoted where its characters would otherwise end it.
    fn cell(&mut self, cell: &str) -> io::Result<()> {
        let cell = escape_formula(cell);
        if cell.contains(['"', ',', '\n', '\r']) {
            write!(self.out, "\"{}\"", cell.replace('"', "\"\""))
        } else {
            self.out.write_all(cell.as_bytes())
        }
    }
}

/// The cell with a leading apostrophe if a spreadsheet would run it as a formula (OWASP, «CSV injection»); otherwise the
/// cell itself.
fn escape_formula(cell: &str) -> std::borrow::Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}").into() } else { cell.into() }
}

/// `added_tokens.json` in the form of Hugging Face's tokenizers: `{"<a_0>": first_id, …}`.
///
/// Tokens are numbered in sorted order from `first_id`, the size of the language model's own vocabulary. These are the
/// numbers that LC-Rec's `tokenizer.add_tokens(sorted(new_tokens))` gives.
pub fn added_tokens(tokens: impl IntoIterator<Item = String>, first_id: u64) -> String {
    numbered_tokens(tokens.into_iter().collect::<BTreeSet<_>>(), first_id)
}

/// As [`added_tokens`], in the order that they have.
pub fn numbered_tokens(tokens: impl IntoIterator<Item = String>, first_id: u64) -> String {
    let numbered = tokens.into_iter().zip(first_id..).map(|(token, id)| (token, id.into()));
    let map: serde_json::Map<String, serde_json::Value> = numbered.collect();
    serde_json::to_string_pretty(&map).expect("a map of numbers is JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_reads_back_with_awkward_ids() {
        let mut writer = IndexWriter::new(Vec::new()).unwrap();
        writer.push("a \"quoted\" \u{202e}id\n", &["<a_1>", "<b_2>"]).unwrap();
        writer.push("7", &["<a_0>", "<b_0>"]).unwrap();
        let bytes = writer.finish().unwrap();
        let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(value["a \"quoted\" \u{202e}id\n"][1], "<b_2>");
        assert_eq!(value["7"][0], "<a_0>");
    }

    #[test]
    fn csv_cells_that_are_formulas_are_escaped() {
        assert_eq!(
            read_back(&["=1+1", "+1", "-1", "@x", "\tx", "\rx", "a=b"]),
            ["'=1+1", "'+1", "'-1", "'@x", "'\tx", "'\rx", "a=b"]
        );
    }

    #[test]
    fn csv_cells_read_back_as_they_were() {
        let ids = ["plain", "", "a, \"b\"", "\"", "two\nlines", "two\rlines", "1,5", "7", "é 日本", " spaces "];
        assert_eq!(read_back(&ids), ids);
    }

    /// Ids of a written table, as the crate `csv` reads them.
    fn read_back(ids: &[&str]) -> Vec<String> {
        let mut writer = CsvWriter::new(Vec::new(), 1).unwrap();
        for id in ids {
            writer.push(id, &["<a_1>"]).unwrap();
        }
        let bytes = writer.finish().unwrap();
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        assert_eq!(reader.headers().unwrap(), ["item", "token_1"].as_slice());
        reader.records().map(|record| record.unwrap()[0].to_string()).collect()
    }

    #[test]
    fn added_tokens_are_numbered_in_sorted_order_as_lc_rec_does() {
        let json = added_tokens(["<b_0>", "<a_10>", "<a_2>", "<a_2>"].map(String::from), 32_000);
        let map: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&json).unwrap();
        let pairs: Vec<(&str, u64)> = map.iter().map(|(k, v)| (k.as_str(), v.as_u64().unwrap())).collect();
        assert_eq!(pairs, [("<a_10>", 32_000), ("<a_2>", 32_001), ("<b_0>", 32_002)]);
    }
}
