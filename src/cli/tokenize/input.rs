//! Batches of ids and vectors, from a catalogue by way of the text encoder or from a file of vectors.

use anyhow::ensure;
use indicatif::ProgressBar;
use serde_json::{Value, json};

use super::args::Args;
use crate::base::parallel::threads;
use crate::cli::cached_encoder::Memo;
use crate::cli::items::ItemStream;
use crate::cli::output::describe_engine;
use crate::cli::{interrupt, progress, text_model};
use crate::model::Model;
use crate::model::TextConfig;
use crate::vectors::{self, BadRows, ReadOptions};

/// Items embedded between two looks at Ctrl-C, for each thread: about a second.
const ITEMS: usize = 128;
/// Vectors in a batch: a few megabytes.
const ROWS: usize = 4096;

/// Some items, encoded next.
pub struct Batch {
    pub ids: Vec<String>,
    /// `[ids][width]`.
    pub values: Vec<f32>,
    /// Bytes or rows read up to here, for progress.
    pub position: u64,
}

/// Some items as read.
pub struct Read {
    ids: Vec<String>,
    content: Content,
    position: u64,
}

enum Content {
    Texts(Vec<String>),
    /// `[ids][width]`.
    Vectors(Vec<f32>),
}

impl Read {
    /// The items with their vectors.
    pub fn embedded(self, memo: Option<&mut Memo>) -> anyhow::Result<Batch> {
        let values = match (self.content, memo) {
            (Content::Vectors(values), _) => values,
            (Content::Texts(texts), Some(memo)) => memo.embed(&texts)?,
            (Content::Texts(_), None) => unreachable!("an input of texts has an encoder"),
        };
        Ok(Batch { ids: self.ids, values, position: self.position })
    }
}

/// Where items come from, and for texts what embeds them.
pub struct Input<'a> {
    pub source: Source<'a>,
    pub memo: Option<Box<Memo>>,
}

/// A catalogue or a file of vectors.
pub enum Source<'a> {
    Items { stream: Box<ItemStream<'a>>, bytes: u64 },
    Vectors(Box<vectors::Reader<'static>>),
}

impl<'a> Input<'a> {
    /// Opens what the arguments name, and checks that it suits the model.
    pub fn open(args: &'a Args, model: &Model) -> anyhow::Result<Self> {
        let (trained, width) = (&model.config.text, model.config.model.input);
        if let Some(path) = &args.embeddings {
            let bad_rows = if args.catalogue.skip_bad { BadRows::Drop } else { BadRows::Stop };
            let reader = Box::new(vectors::open(path, ReadOptions { width: Some(width), bad_rows })?);
            if let Some(made_by) = reader.text() {
                warn_of_differences(args, trained, made_by);
            }
            return Ok(Self { source: Source::Vectors(reader), memo: None });
        }
        // The model was trained on texts of its own template.
        let stream = Box::new(args.catalogue.stream_with(&trained.template)?);
        let memo = Box::new(Memo::new(text_model::load(args.text_model.as_deref(), args.device)?));
        let found = memo.encoder().width();
        ensure!(
            found == width,
            "the text model gives vectors of width {found}, the tokenizer reads {width}: use the text model that it was trained with ({})",
            trained.encoder
        );
        let made_by = TextConfig {
            encoder: text_model::name(args.text_model.as_deref()),
            encoder_sha256: memo.encoder().digests().weights.clone(),
            template: stream.template().clone(),
        };
        warn_of_differences(args, trained, &made_by);
        args.say(&format!("text model {}; {}", made_by.encoder, describe_engine(&memo.encoder().info())));
        Ok(Self { source: Source::Items { bytes: args.catalogue.total_bytes()?, stream }, memo: Some(memo) })
    }
}

impl Source<'_> {
    /// The next items; nothing at the end.
    pub fn next_batch(&mut self) -> anyhow::Result<Option<Read>> {
        match self {
            Self::Items { stream, .. } => next_texts(stream),
            Self::Vectors(reader) => Ok(reader.next_chunk(ROWS)?.map(|chunk| Read {
                ids: chunk.rows.iter().map(|&row| reader.id(row)).collect(),
                content: Content::Vectors(chunk.values),
                position: chunk.rows.last().map_or(0, |&row| row as u64 + 1),
            })),
        }
    }

    /// A bar over the positions of batches.
    pub fn bar(&self, quiet: bool) -> ProgressBar {
        match self {
            Self::Items { bytes, .. } => progress::bytes(*bytes, "tokenizing", quiet),
            Self::Vectors(reader) => progress::items(reader.layout().rows as u64, "tokenizing", quiet),
        }
    }

    /// What was read and left out, for people.
    pub fn report(&self) -> String {
        match self {
            Self::Items { stream, .. } => format!("read {}", stream.report()),
            Self::Vectors(reader) => {
                let (dropped, first) = reader.dropped();
                let examples: String = first.iter().map(|fault| format!("\n  {fault}")).collect();
                format!("read {} rows, {dropped} dropped{examples}", reader.layout().rows)
            }
        }
    }

    /// The same for programs.
    pub fn summary(&self) -> Value {
        match self {
            Self::Items { stream, .. } => json!(stream.report()),
            Self::Vectors(reader) => {
                let (dropped, first) = reader.dropped();
                json!({ "rows": reader.layout().rows, "dropped": dropped, "first_dropped": first })
            }
        }
    }
}

fn next_texts(stream: &mut ItemStream<'_>) -> anyhow::Result<Option<Read>> {
    let (mut ids, mut texts) = (Vec::new(), Vec::new());
    for next in stream.by_ref().take(ITEMS * threads()) {
        let (item, text) = next?;
        ids.push(item.id);
        texts.push(text);
        ensure!(!interrupt::requested(), "stopped; nothing was written");
    }
    let position = stream.bytes_read();
    Ok((!ids.is_empty()).then_some(Read { ids, content: Content::Texts(texts), position }))
}

/// Vectors of another encoder have the right shape and the wrong meaning.
fn warn_of_differences(args: &Args, trained: &TextConfig, found: &TextConfig) {
    let known = !trained.encoder_sha256.is_empty() && !found.encoder_sha256.is_empty();
    if known && trained.encoder_sha256 != found.encoder_sha256 {
        args.say(&format!(
            "warning: the tokenizer was trained with the text model {} (sha256 {}), these vectors are of {} ({}): tokens may differ",
            trained.encoder,
            head(&trained.encoder_sha256),
            found.encoder,
            head(&found.encoder_sha256)
        ));
    }
    if trained.template != found.template {
        args.say("warning: the tokenizer was trained on texts of another template: tokens may differ");
    }
}

fn head(digest: &str) -> String {
    digest.chars().take(12).collect()
}
