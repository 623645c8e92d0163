//! Where items come from, batch by batch, and what is told of it.

use anyhow::ensure;
use indicatif::ProgressBar;
use serde_json::{Value, json};

use super::batch::{Content, Unembedded};
use crate::base::parallel::threads;
use crate::base::words::counted;
use crate::cli::items::ItemStream;
use crate::cli::{interrupt, progress};
use crate::tokens::lock::{of_text, of_vectors};
use crate::vectors;

/// Items in a batch of texts, for each thread. Embedding them takes about a second; Ctrl-C is checked in between.
const ITEMS: usize = 128;
/// Embeddings in a batch: a few megabytes.
const ROWS: usize = 4096;
/// A catalogue or a file of embeddings.
pub enum Source<'a> {
    /// A file of embeddings that has none.
    Nothing,
    Items {
        stream: Box<ItemStream<'a>>,
        bytes: u64,
    },
    Vectors(Box<vectors::Reader<'static>>),
}
impl Source<'_> {
    /// The next items, or nothing at the end.
    pub fn next_batch(&mut self) -> anyhow::Result<Option<Unembedded>> {
        match self {
            Self::Nothing => Ok(None),
            Self::Items { stream, .. } => next_texts(stream),
            Self::Vectors(reader) => Ok(reader.next_chunk(ROWS)?.map(|chunk| Unembedded {
                ids: chunk.rows.iter().map(|&row| reader.id(row)).collect(),
                fingerprints: of_vectors(&chunk.values, reader.layout().width),
                content: Content::Vectors(chunk.values),
                position: chunk.rows.last().map_or(0, |&row| row as u64 + 1),
            })),
        }
    }

    /// A progress bar for the positions of batches.
    pub fn bar(&self, quiet: bool) -> ProgressBar {
        match self {
            Self::Nothing => progress::items(0, "tokenizing", quiet),
            Self::Items { bytes, .. } => progress::bytes(*bytes, "tokenizing", quiet),
            Self::Vectors(reader) => progress::items(reader.layout().rows as u64, "tokenizing", quiet),
        }
    }

    /// What was read and what was left out, as text.
    pub fn report(&mut self) -> String {
        match self {
            Self::Nothing => "read 0 rows".into(),
            Self::Items { stream, .. } => {
                let fields = stream.news_of_fields().map(|fields| fields + "\n").unwrap_or_default();
                fields + &stream.summary()
            }
            Self::Vectors(reader) => {
                let (dropped, first) = reader.dropped();
                let examples: String = first.iter().map(|fault| format!("\n  {fault}")).collect();
                format!("read {}, {dropped} dropped{examples}", counted(reader.layout().rows, "row"))
            }
        }
    }

    /// What was read and what was left out, for the JSON summary.
    pub fn summary(&self) -> Value {
        match self {
            Self::Nothing => json!({ "rows": 0 }),
            Self::Items { stream, .. } => {
                let mut summary = json!(stream.report());
                summary["fields"] = json!(stream.fields());
                summary
            }
            Self::Vectors(reader) => {
                let (dropped, first) = reader.dropped();
                json!({
                    "rows": reader.layout().rows, "dropped": dropped, "first_dropped": first, "contents": reader.contents(),
                })
            }
        }
    }
}
fn next_texts(stream: &mut ItemStream<'_>) -> anyhow::Result<Option<Unembedded>> {
    let (mut ids, mut texts) = (Vec::new(), Vec::new());
    for next in stream.by_ref().take(ITEMS * threads()) {
        let (item, text) = next?;
        ids.push(item.id);
        texts.push(text);
        ensure!(!interrupt::requested(), "stopped; nothing was written");
    }
    let position = stream.bytes_read();
    let fingerprints = texts.iter().map(|text| of_text(text)).collect();
    Ok((!ids.is_empty()).then_some(Unembedded { ids, fingerprints, content: Content::Texts(texts), position }))
}
