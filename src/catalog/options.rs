//! How a catalogue is to be read.

use serde::{Deserialize, Serialize};

use super::Named;

/// File formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One JSON object a line.
    Jsonl,
    /// One JSON array of objects, streamed.
    Json,
    /// Comma- (or semicolon-) separated values with a header.
    Csv,
    /// Tab-separated values with a header; RecBole's `name:type` headers too.
    Tsv,
}

impl Format {
    /// The format named by a file's extension, if it names one; `.gz` after it is passed over.
    pub fn from_extension(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        match name.strip_suffix(".gz").unwrap_or(&name).rsplit_once('.')?.1 {
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "json" => Some(Self::Json),
            "csv" => Some(Self::Csv),
            "tsv" | "tab" | "item" => Some(Self::Tsv),
            _ => None,
        }
    }
}

/// What a malformed record does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Malformed {
    /// Ends the reading with an error that shows the first few.
    #[default]
    Stop,
    /// Is left out, counted and reported.
    Skip,
}

/// What a second item with the same id does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Duplicates {
    /// Is left out and counted: the first wins.
    #[default]
    First,
    /// Ends the reading with an error.
    Stop,
}

/// Options of [`super::open`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Given format, or guessed from the name and the first byte.
    pub format: Option<Format>,
    /// The byte between the fields of a CSV or TSV file; found by the first records where it is not given.
    pub delimiter: Option<u8>,
    /// Rule for malformed records.
    pub malformed: Malformed,
    /// Replace bytes that are not UTF-8 by `U+FFFD`, rather than call the record malformed.
    pub lossy: bool,
    /// Rule for repeated ids.
    pub duplicates: Duplicates,
    /// Fields that are parts of an item under other than the usual names.
    pub fields: Vec<Named>,
    /// Numbers the items that have no id, from 0, instead of refusing them.
    pub number: bool,
    /// Takes the first row of a CSV or TSV file for an item. Its columns are then called `column 1`, `column 2` and so on.
    pub headerless: bool,
}
