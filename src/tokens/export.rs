//! Index files as LC-Rec, LETTER and MiniOneRec read them, CSV, and `added_tokens.json`.

use std::collections::BTreeSet;
use std::io::{self, Write};

/// Writes `{"item id": ["<a_12>", …], …}`, one item a line, without holding the index.
///
/// Ids must differ; [`super::Index`] refuses a file where they do not.
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

    /// Ends the index and hands the writer back.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.write_all(b"\n}\n")?;
        self.out.flush()?;
        Ok(self.out)
    }
}

/// Writes the CSV header for codewords of `width` tokens: `item,token_1,…`.
pub fn write_csv_header<W: Write>(out: &mut csv::Writer<W>, width: usize) -> csv::Result<()> {
    let columns = (1..=width).map(|position| format!("token_{position}"));
    out.write_record(std::iter::once("item".to_string()).chain(columns))
}

/// Writes one item as a CSV record, formulas escaped.
pub fn write_csv_row<W: Write, S: AsRef<str>>(out: &mut csv::Writer<W>, id: &str, tokens: &[S]) -> csv::Result<()> {
    let cells = std::iter::once(id).chain(tokens.iter().map(AsRef::as_ref));
    cells.map(escape_formula).try_for_each(|cell| out.write_field(cell.as_bytes()))?;
    // An empty record ends the one that the fields began.
    out.write_record(None::<&[u8]>)
}

/// A cell that a spreadsheet would run as a formula, defused by a leading apostrophe
/// (OWASP, «CSV injection»); any other cell as it is.
pub fn escape_formula(cell: &str) -> std::borrow::Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}").into() } else { cell.into() }
}

/// `added_tokens.json` in the form of Hugging Face's tokenizers: `{"<a_0>": first_id, …}`.
///
/// Tokens are numbered in sorted order from `first_id`, the size of the language model's own
/// vocabulary: what LC-Rec's `tokenizer.add_tokens(sorted(new_tokens))` gives.
pub fn added_tokens(tokens: impl IntoIterator<Item = String>, first_id: u64) -> String {
    let sorted: BTreeSet<String> = tokens.into_iter().collect();
    let numbered = sorted.into_iter().zip(first_id..).map(|(token, id)| (token, id.into()));
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
    fn csv_cells_that_are_formulas_are_defused() {
        let mut out = csv::Writer::from_writer(Vec::new());
        write_csv_header(&mut out, 1).unwrap();
        for id in ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "plain, \"id\"", "a=b"] {
            write_csv_row(&mut out, id, &["<a_1>"]).unwrap();
        }
        let text = String::from_utf8(out.into_inner().unwrap()).unwrap();
        let mut cells = csv::Reader::from_reader(text.as_bytes());
        let ids: Vec<String> = cells.records().map(|r| r.unwrap()[0].to_string()).collect();
        assert_eq!(ids, ["'=1+1", "'+1", "'-1", "'@x", "'\tx", "'\rx", "plain, \"id\"", "a=b"]);
    }

    #[test]
    fn added_tokens_are_numbered_in_sorted_order_as_lc_rec_does() {
        let json = added_tokens(["<b_0>", "<a_10>", "<a_2>", "<a_2>"].map(String::from), 32_000);
        let map: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&json).unwrap();
        let pairs: Vec<(&str, u64)> = map.iter().map(|(k, v)| (k.as_str(), v.as_u64().unwrap())).collect();
        assert_eq!(pairs, [("<a_10>", 32_000), ("<a_2>", 32_001), ("<b_0>", 32_002)]);
    }
}
