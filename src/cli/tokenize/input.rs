//! Batches of ids and embeddings, from a catalogue by the text encoder or from a file of embeddings.

use std::borrow::Cow;

use anyhow::ensure;
use indicatif::ProgressBar;
use serde_json::{Value, json};

use super::input_args::InputArgs;
use crate::base::parallel::threads;
use crate::cli::cached_encoder::{CachedEncoder, Placed};
use crate::cli::items::ItemStream;
use crate::cli::output::describe_engine;
use crate::cli::{interrupt, progress, text_model};
use crate::model::{Model, TextConfig};
use crate::tokens::lock::{Reads, of_text, of_vectors};
use crate::vectors::{self, EmbeddingError};

/// Items in a batch of texts, for each thread. Embedding them takes about a second; Ctrl-C is checked in between.
const ITEMS: usize = 128;
/// Embeddings in a batch: a few megabytes.
const ROWS: usize = 4096;

/// Items with their embeddings, for the engine.
pub struct Batch {
    pub ids: Vec<String>,
    /// `[ids]` of what was read of each.
    pub fingerprints: Vec<u32>,
    pub embeddings: Embeddings,
    /// Bytes or rows read up to here, for progress.
    pub position: u64,
}

/// Embeddings of a batch.
pub enum Embeddings {
    /// `[ids][width]`.
    Each(Vec<f32>),
    /// Those of new texts, and where those of the items are.
    Placed(Placed),
}

/// Items as read, with texts that may still have to be embedded.
pub struct Unembedded {
    pub ids: Vec<String>,
    /// `[ids]` of what was read of each.
    pub fingerprints: Vec<u32>,
    content: Content,
    /// Bytes or rows read up to here, for progress.
    pub position: u64,
}

enum Content {
    Texts(Vec<String>),
    /// `[ids][width]`.
    Vectors(Vec<f32>),
}

impl Batch {
    /// Leaves the items for which `keep`, asked with id and fingerprint, says so.
    pub fn retain(&mut self, keep: impl FnMut(&str, u32) -> bool) {
        let kept = kept(&self.ids, &self.fingerprints, keep);
        retain(&mut self.ids, &kept, 1);
        retain(&mut self.fingerprints, &kept, 1);
        match &mut self.embeddings {
            Embeddings::Each(values) => {
                let width = values.len() / kept.len().max(1);
                retain(values, &kept, width);
            }
            // A new text stays, whether or not its item does: others may have it.
            Embeddings::Placed(placed) => retain(&mut placed.places, &kept, 1),
        }
    }
}

impl Unembedded {
    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Leaves the items for which `keep`, asked with id and fingerprint, says so.
    pub fn retain(&mut self, keep: impl FnMut(&str, u32) -> bool) {
        let kept = kept(&self.ids, &self.fingerprints, keep);
        let width = if let Content::Vectors(values) = &self.content { values.len() / kept.len().max(1) } else { 0 };
        retain(&mut self.ids, &kept, 1);
        retain(&mut self.fingerprints, &kept, 1);
        match &mut self.content {
            Content::Texts(texts) => retain(texts, &kept, 1),
            Content::Vectors(values) => retain(values, &kept, width),
        }
    }

    /// `[ids][width]` the embedding of each item. An input of texts needs an encoder.
    pub fn vectors(&self, encoder: Option<&mut CachedEncoder>) -> anyhow::Result<Cow<'_, [f32]>> {
        Ok(match (&self.content, encoder) {
            (Content::Vectors(values), _) => Cow::Borrowed(values),
            (Content::Texts(texts), Some(encoder)) => Cow::Owned(encoder.embed(texts)?),
            (Content::Texts(_), None) => unreachable!("an input of texts has an encoder"),
        })
    }

    /// The items with their embeddings. An input of texts needs an encoder.
    pub fn embedded(self, encoder: Option<&mut CachedEncoder>) -> anyhow::Result<Batch> {
        let embeddings = match (self.content, encoder) {
            (Content::Vectors(values), _) => Embeddings::Each(values),
            (Content::Texts(texts), Some(encoder)) => Embeddings::Placed(encoder.place(&texts)?),
            (Content::Texts(_), None) => unreachable!("an input of texts has an encoder"),
        };
        Ok(Batch { ids: self.ids, fingerprints: self.fingerprints, embeddings, position: self.position })
    }
}

/// Where items come from, and the encoder if they are texts.
pub struct Input<'a> {
    pub source: Source<'a>,
    pub encoder: Option<Box<CachedEncoder>>,
    /// The text model and template of the embeddings, where they are known.
    pub made_by: Option<TextConfig>,
}

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

impl<'a> Input<'a> {
    /// Opens the input that the arguments name, and checks that the model can read it.
    pub fn open(args: &'a InputArgs, model: &Model) -> anyhow::Result<Self> {
        let (trained, width) = (&model.config.text, model.config.model.input);
        if let Some(path) = &args.embeddings {
            let reader = match vectors::open(path, args.vectors(width)) {
                Err(EmbeddingError::Array { is_empty: true, .. }) if args.catalogue.may_be_empty => {
                    return Ok(Self { source: Source::Nothing, encoder: None, made_by: None });
                }
                reader => Box::new(reader?),
            };
            args.say(&format!("{}: {}", path.display(), reader.contents()));
            let made_by = reader.text().cloned();
            if let Some(made_by) = &made_by {
                warn_of_differences(args, trained, made_by);
            }
            return Ok(Self { source: Source::Vectors(reader), encoder: None, made_by });
        }
        // Unless the user gives another template, the one that the model was trained with.
        let mut stream = Box::new(args.catalogue.stream_with(&trained.template)?);
        stream.news_of_fields().into_iter().for_each(|fields| args.say(&fields));
        let encoder = Box::new(CachedEncoder::new(text_model::load(args.text_model.as_deref(), args.device)?));
        let found = encoder.encoder().width();
        // A tokenizer that was trained on vectors of unknown origin does not know.
        let encoder_name = if trained.encoder.is_empty() { String::new() } else { format!(" ({})", trained.encoder) };
        ensure!(
            found == width,
            "the text model gives vectors of width {found}, but the tokenizer reads width {width}: give the folder of the text model that it was trained with{encoder_name} (--text-model)"
        );
        let made_by = TextConfig {
            encoder: text_model::name(args.text_model.as_deref()),
            encoder_sha256: encoder.encoder().digests().weights.clone(),
            template: stream.template().clone(),
        };
        warn_of_differences(args, trained, &made_by);
        args.say(&format!("text model {}; {}", made_by.encoder, describe_engine(&encoder.encoder().info())));
        let source = Source::Items { bytes: args.catalogue.total_bytes()?, stream };
        Ok(Self { source, encoder: Some(encoder), made_by: Some(made_by) })
    }
}

impl Input<'_> {
    /// What of each item is read.
    pub fn reads(&self) -> Reads {
        if matches!(self.source, Source::Items { .. }) { Reads::Texts } else { Reads::Vectors }
    }
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
                format!("read {} rows, {dropped} dropped{examples}", reader.layout().rows)
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

/// `[ids]` which items `keep` chooses.
fn kept(ids: &[String], fingerprints: &[u32], mut keep: impl FnMut(&str, u32) -> bool) -> Vec<bool> {
    ids.iter().zip(fingerprints).map(|(id, &fingerprint)| keep(id, fingerprint)).collect()
}

/// Leaves the groups of `size` values that are `kept`.
fn retain<T>(values: &mut Vec<T>, kept: &[bool], size: usize) {
    let mut value = 0..;
    values.retain(|_| value.next().is_none_or(|value: usize| kept[value / size]));
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

/// Warns if the embeddings are from another encoder or template than the model was trained with: they have the right shape,
/// but mean something else.
fn warn_of_differences(args: &InputArgs, trained: &TextConfig, found: &TextConfig) {
    let known = !trained.encoder_sha256.is_empty() && !found.encoder_sha256.is_empty();
    if known && trained.encoder_sha256 != found.encoder_sha256 {
        args.say(&format!(
            "warning: the tokenizer was trained with the text model {} (sha256 {}), but these embeddings are from {} ({}): tokens may differ",
            trained.encoder,
            abbreviated(&trained.encoder_sha256),
            found.encoder,
            abbreviated(&found.encoder_sha256)
        ));
    }
    if trained.template != found.template {
        args.say("warning: the tokenizer was trained with another template for texts: tokens may differ");
    }
}

fn abbreviated(digest: &str) -> String {
    digest.chars().take(12).collect()
}
