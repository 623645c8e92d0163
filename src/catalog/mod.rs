//! Reading items from JSONL, JSON, CSV, TSV and Parquet.
//!
//! ```text
//! JSON lines or array ─ json_records ┐
//!           CSV, TSV ─ csv ──────────┼ records ─ reader ─ Item
//!            Parquet ─ parquet ──────┘
//! ```
//!
//! [`open`] reads a file, [`from_reader`] and [`from_bytes`] anything else. Every format is a source of records
//! (`records`); what a field is named and how its value is cleaned is the same for all (`fields`); rules for malformed
//! records and repeated ids, and the counts, are the [`Reader`]'s. Memory does not grow with the file, except for 64 bits
//! for each id seen.

mod categories;
mod columns;
mod csv;
mod elements;
mod error;
mod fields;
mod header;
#[cfg(feature = "parquet")]
mod id_column;
mod item;
mod json;
mod json_records;
mod languages;
mod literal;
mod mapping;
mod markup;
mod names;
mod open;
mod options;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(feature = "files")]
mod parts;
mod reader;
mod records;
mod report;
mod separators;
mod shape;
mod sniff;
mod source;
mod told;
mod values;

pub use columns::Columns;
pub(crate) use elements::{Elements, Holder};
pub use error::{At, CatalogError, Fault, FaultKind};
#[cfg(feature = "cli")]
pub(crate) use fields::is_typed;
#[cfg(feature = "parquet")]
pub(crate) use id_column::{ID_COLUMN, check_id_type, id, id_column};
pub use item::{Categories, Item};
pub(crate) use literal::to_json;
pub use mapping::{FieldUse, Named, Part};
pub use markup::{has_markup, without_markup};
pub(crate) use names::id_rank;
#[cfg(feature = "files")]
pub use open::open;
pub use open::{from_bytes, from_reader};
pub use options::{Duplicates, Format, Malformed, ReadOptions};
pub use reader::Reader;
pub use report::Report;
pub use told::{describe_fields, unread};
