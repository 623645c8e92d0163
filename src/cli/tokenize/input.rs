//! The input of a run: a catalogue with its text encoder, or a file of embeddings.

use anyhow::ensure;

use super::input_args::InputArgs;
use super::source::Source;
use crate::cli::cached_encoder::CachedEncoder;
use crate::cli::output::describe_engine;
use crate::cli::text_model;
use crate::model::{Model, TextConfig};
use crate::tokens::lock::Reads;
use crate::vectors::{self, EmbeddingError};

/// Where items come from, and the encoder if they are texts.
pub struct Input<'a> {
    pub source: Source<'a>,
    pub encoder: Option<Box<CachedEncoder>>,
    /// The text model and template of the embeddings, where they are known.
    pub made_by: Option<TextConfig>,
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
