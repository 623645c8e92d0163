//! What can be wrong with a catalogue: file, line, byte, and what to do next.

use std::fmt;

use serde::Serialize;

use crate::base::words::counted;
use crate::tables::{Place, TableError};

/// The formats that are read here, in words.
const READ: &str =
    if cfg!(feature = "parquet") { "JSONL, a JSON array, CSV, TSV or Parquet" } else { "JSONL, a JSON array, CSV or TSV" };

/// A catalogue that cannot be read. `name` is its file name.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// Nothing in it.
    #[error("{name}: the file is empty. Expected items as {}", READ)]
    Empty {
        /// File.
        name: String,
    },
    /// A header without rows, an empty array, or malformed records only.
    #[error("{name}: no items up to {at}: {why}")]
    NoItems {
        /// File.
        name: String,
        /// Its end.
        at: At,
        /// What there was instead.
        why: String,
        /// Records that were malformed.
        skipped: u64,
    },
    /// Another kind of file.
    #[error("{name}: this is {what}, not a catalogue. {}", .remedy.replace("FILE", .name))]
    Foreign {
        /// File.
        name: String,
        /// What it looks like.
        what: &'static str,
        /// What to do with FILE.
        remedy: &'static str,
    },
    /// An option that says nothing of this kind of file.
    #[error("{name}: this is {what}, to which {option} does not apply. Leave the option out")]
    Unfit {
        /// File.
        name: String,
        /// What it is.
        what: &'static str,
        /// The option.
        option: &'static str,
    },
    /// Neither its name nor its content tells the format.
    #[error(
        "{name}: cannot tell the format from the name or the content. Name it .jsonl, .json, .csv or .tsv, or give the format (--format csv)"
    )]
    UnknownFormat {
        /// File.
        name: String,
    },
    /// UTF-16 instead of UTF-8.
    #[error("{name}: byte {byte}: the file is {encoding}, expected UTF-8. Convert it: iconv -f UTF-16 -t UTF-8 FILE > NEW")]
    Utf16 {
        /// File.
        name: String,
        /// Where it shows.
        byte: u64,
        /// UTF-16LE or UTF-16BE.
        encoding: &'static str,
    },
    /// A table without a column for ids.
    #[error("{name}: no id column among: {}. {advice}", .columns.join(", "))]
    NoIdColumn {
        /// File.
        name: String,
        /// Columns found.
        columns: Vec<String>,
        /// What to do.
        advice: String,
    },
    /// A part was to be read from a field that occurs nowhere.
    #[error(
        "{name}: there is no field \"{field}\" to read the {part} from.{} The fields are: {}",
        .nearest.as_ref().map(|name| did_you_mean(part, name)).unwrap_or_default(),
        shortened(.fields)
    )]
    NoField {
        /// File.
        name: String,
        /// The part of an item.
        part: &'static str,
        /// The field that was named.
        field: String,
        /// A field with a name much like it.
        nearest: Option<String>,
        /// The fields that there are.
        fields: Vec<String>,
    },
    /// Malformed records, and the rule is to stop.
    #[error("{name}: malformed records; the first:{}\n{}{}", lines(.faults), .advice, lossy_hint(.faults))]
    Malformed {
        /// File.
        name: String,
        /// The first few.
        faults: Vec<Fault>,
        /// What to do.
        advice: &'static str,
    },
    /// A repeated id, and the rule is to stop.
    #[error("{name}: {at}: the id \"{id}\" was there before. {remedy}")]
    Duplicate {
        /// File.
        name: String,
        /// The second one.
        at: At,
        /// The id.
        id: String,
        /// What to do.
        remedy: &'static str,
    },
    /// The system cannot read the file, or it is a damaged Parquet file.
    #[error(transparent)]
    Table(#[from] TableError),
    /// An item without text, and the rule is to stop.
    #[error(
        "{name}: {at}: item \"{id}\" has no text. Give it some, leave such items out (--no-text leave-out) or embed a placeholder (--no-text placeholder)"
    )]
    NoText {
        /// File.
        name: String,
        /// Where it begins.
        at: At,
        /// Its id.
        id: String,
    },
}

/// Where a record begins: `line 3 (byte 70)`, or in Parquet `row 2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum At {
    /// In a file of text.
    Line {
        /// From 1.
        line: u64,
        /// In the file, from 0.
        byte: u64,
    },
    /// In a file of columns.
    Row {
        /// From 0.
        row: u64,
    },
}

/// One malformed record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where.
    #[serde(flatten)]
    pub at: At,
    /// What is wrong.
    #[serde(serialize_with = "as_text")]
    pub kind: FaultKind,
    /// How the record begins, control characters escaped.
    pub excerpt: String,
}

/// What is wrong with a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    /// Not JSON.
    #[error("bad JSON: {0}")]
    Json(String),
    /// JSON, but no object.
    #[error("expected an object with an item's fields")]
    NotAnObject,
    /// Not UTF-8.
    #[error("byte 0x{value:02x} is not UTF-8 (Latin-1?)")]
    NotUtf8 {
        /// The offending byte.
        value: u8,
    },
    /// A quoted field that never ends.
    #[error("the quote opened here is never closed")]
    UnclosedQuote,
    /// A row with more or fewer fields than the header.
    #[error("{}, the header has {expected}", counted(*.found, "field"))]
    Ragged {
        /// Fields of the header.
        expected: usize,
        /// Fields of the row.
        found: usize,
    },
    /// No id, or an empty one.
    #[error("no id")]
    NoId,
    /// An id that is neither string nor number.
    #[error("the id is neither a string nor a number")]
    BadId,
    /// Too big for one record.
    #[error("longer than {limit} bytes")]
    TooLong {
        /// Longest record.
        limit: usize,
    },
    /// The file ends inside a record or array.
    #[error("the file ends before this closes: cut short?")]
    Truncated,
}

impl From<Place> for At {
    fn from(Place { line, byte }: Place) -> Self {
        Self::Line { line, byte }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { line, byte } => write!(f, "line {line} (byte {byte})"),
            Self::Row { row } => write!(f, "row {row}"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.at, self.kind, self.excerpt)
    }
}

impl Fault {
    /// A fault at a place, with the beginning of the record.
    pub(super) fn new(at: impl Into<At>, kind: FaultKind, record: &[u8]) -> Self {
        Self { at: at.into(), kind, excerpt: excerpt(record) }
    }
}

impl FaultKind {
    /// Bad JSON, in the parser's words but for the place, which it counts from the record's beginning.
    pub(crate) fn json(error: &serde_json::Error) -> Self {
        let message = error.to_string();
        Self::Json(message.rsplit_once(" at line ").map_or(message.as_str(), |(words, _)| words).into())
    }
}

/// The first 80 characters, control characters escaped: a terminal shows them as they are.
fn excerpt(record: &[u8]) -> String {
    let head = String::from_utf8_lossy(&record[..record.len().min(400)]);
    let head = head.trim();
    let mut text: String = head.chars().take(80).flat_map(show).collect();
    if head.chars().nth(80).is_some() {
        text.push('…');
    }
    text
}

fn show(c: char) -> Vec<char> {
    // Bidirectional controls would reorder the terminal's line.
    let hidden = c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if hidden { c.escape_default().collect() } else { vec![c] }
}

fn lines(faults: &[Fault]) -> String {
    faults.iter().map(|fault| format!("\n  {fault}")).collect()
}

/// What to do about malformed records among good ones.
pub(super) const SKIP: &str = "Correct them, or skip them (--skip-bad)";
/// What to do about a file of which nothing can be read from there on.
pub(super) const WHOLE: &str = "Nothing can be read from there on: correct the file, or fetch it again";

/// What to do where all records are malformed: skipping them would leave nothing.
pub(super) fn dialect_advice(faults: &[Fault]) -> &'static str {
    let unquoted = |fault: &Fault| {
        let inside = fault.excerpt.strip_prefix('{').map(str::trim_start);
        inside.is_some_and(|inside| inside.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
    };
    if faults.iter().all(unquoted) {
        return "These are objects as JavaScript writes them, with names that are not in quotes. Write them with JSON.stringify";
    }
    if faults.iter().all(|fault| fault.kind == FaultKind::NoId) {
        return "None of the records has an id. Name the field that is (--field id=NAME), or number the items (--number-items)";
    }
    "No record so far is good: this may be another format than its name says (--format), or one that unitok does not read. Expected \
     JSON, CSV or TSV"
}

/// A field by its right name, as it is typed.
fn did_you_mean(part: &str, name: &str) -> String {
    let plain = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    let quote = if plain { "" } else { "\"" };
    format!(" Did you mean --field {quote}{part}={name}{quote}?")
}

/// Names in a row, the first few of many.
fn shortened(names: &[String]) -> String {
    const SHOWN: usize = 30;
    let more = if names.len() > SHOWN { format!(" and {} more", names.len() - SHOWN) } else { String::new() };
    names[..names.len().min(SHOWN)].join(", ") + &more
}

fn lossy_hint(faults: &[Fault]) -> &'static str {
    let bytes = faults.iter().any(|f| matches!(f.kind, FaultKind::NotUtf8 { .. }));
    if bytes { "; read other encodings with --lossy, or convert the file to UTF-8" } else { "" }
}

fn as_text<S: serde::Serializer>(kind: &FaultKind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(kind)
}
