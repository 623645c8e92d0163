//! How a catalogue is read: the same options wherever a command reads one.

use clap::ValueEnum;

use crate::catalog::{Duplicates, Format, Malformed, Named, Part, ReadOptions};

/// Heading of the options for reading a catalogue, in help texts.
pub const HEADING: &str = "Reading a catalogue";

/// Options for reading a catalogue.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct ReadingArgs {
    /// Field with an unusual name, for example title=product_name. PART is id, title, brand, categories or description. May
    /// be given several times. An empty NAME leaves the part out
    #[arg(help_heading = HEADING, long = "field", value_name = "PART=NAME")]
    pub fields: Vec<Named>,
    /// Number the items that have no id, from 0
    #[arg(help_heading = HEADING, long)]
    pub number_items: bool,
    /// Read the first row of a CSV file as an item. Its columns are "column 1", "column 2" and so on: name them by --field
    #[arg(help_heading = HEADING, long)]
    pub no_header: bool,
    /// Skip and count malformed records or rows, instead of stopping at the first
    #[arg(help_heading = HEADING, long)]
    pub skip_bad: bool,
    /// Replace bytes that are not UTF-8, instead of treating them as malformed
    #[arg(help_heading = HEADING, long)]
    pub lossy: bool,
    /// Format of the catalogue [default: by the file's name and content]
    #[arg(help_heading = HEADING, long, value_enum, value_name = "FORMAT")]
    pub format: Option<FormatName>,
    /// Character between the fields of a CSV file: one character, or comma, semicolon, tab or pipe [default: the one that
    /// fits the first records]
    #[arg(help_heading = HEADING, long, value_name = "CHARACTER", value_parser = delimiter)]
    pub delimiter: Option<u8>,
    /// Write ids as NAME/ID, so that those of several catalogues differ. NAME is the file's name, or its folder's for
    /// items.jsonl. An index made with it knows its items by these ids: append to it with files of the same names, and this option
    #[arg(help_heading = HEADING, long)]
    pub prefix_ids: bool,
    /// What to do with a repeated id [default: keep the first within a file, stop if two files share an id]
    #[arg(help_heading = HEADING, long, value_enum, value_name = "RULE")]
    pub duplicates: Option<DuplicateRule>,
}

/// [`Format`] on the command line. Parquet is known by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FormatName {
    /// One JSON object a line
    Jsonl,
    /// A JSON array of objects, or an object of them
    Json,
    /// A table with a header; the delimiter is found
    Csv,
    /// A table with a header, separated by tabs
    Tsv,
}

/// [`Duplicates`] on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DuplicateRule {
    /// Keep the first and count the others
    First,
    /// Stop with an error
    Stop,
}

impl ReadingArgs {
    /// The field that was named for the ids.
    pub fn id_field(&self) -> Option<&str> {
        self.fields.iter().find(|named| named.part == Part::Id).map(|named| named.field.as_str())
    }

    /// The options for the reader of one file.
    pub fn options(&self) -> ReadOptions {
        ReadOptions {
            format: self.format.map(Into::into),
            delimiter: self.delimiter,
            malformed: if self.skip_bad { Malformed::Skip } else { Malformed::Stop },
            lossy: self.lossy,
            duplicates: if self.duplicates == Some(DuplicateRule::Stop) { Duplicates::Stop } else { Duplicates::First },
            fields: self.fields.clone(),
            number: self.number_items,
            headerless: self.no_header,
        }
    }
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Jsonl => Self::Jsonl,
            FormatName::Json => Self::Json,
            FormatName::Csv => Self::Csv,
            FormatName::Tsv => Self::Tsv,
        }
    }
}

/// A delimiter as it is typed.
fn delimiter(text: &str) -> Result<u8, String> {
    match (text, text.as_bytes()) {
        ("tab" | "\\t", _) => Ok(b'\t'),
        ("comma", _) => Ok(b','),
        ("semicolon", _) => Ok(b';'),
        ("pipe", _) => Ok(b'|'),
        (_, &[byte]) if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n') => Ok(byte),
        _ => Err("expected one ASCII character other than a quote, or comma, semicolon, tab or pipe".into()),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn delimiters_are_characters_or_names() {
        let typed = [",", ";", "|", "\t", "\\t", "tab", "comma", "semicolon", "pipe", "^"];
        assert_eq!(typed.map(|text| super::delimiter(text).unwrap()), *b",;|\t\t\t,;|^");
        for wrong in ["", "::", "\"", "\n", "é", "colon"] {
            super::delimiter(wrong).unwrap_err();
        }
    }
}
