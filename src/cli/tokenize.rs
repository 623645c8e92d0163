//! `unitok tokenize`: items or their vectors in, an index of tokens out.
//!
//! ```text
//! items ─ texts ─ vectors ┐
//! embeddings ─────────────┴ engine ─ codes (kept) ─ collision policy ─ index, CSV, details
//! ```
//!
//! Reading, embedding and encoding go on side by side. Only ids and codes are kept, so that memory grows by about a hundred bytes an item.

mod input;
mod output;
mod stages;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::ensure;

use self::input::{Input, Source};
use super::items::ItemArgs;
use super::model_arg::{Loaded, ModelArg};
use super::{Outcome, describe_engine, interrupt, progress};
use crate::base::ids::IdList;
use crate::compute::{Device, DeviceInfo};
use crate::engine::cpu::CpuEngine;
use crate::engine::{AnyEngine, Engine, Tokenized, Want};
use crate::model::Model;
use crate::tokens::{CodeVocabulary, Codewords, CollisionReport, Layout, Policy, Schema, resolve_watched};

/// Arguments.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("input").required(true).args(["items", "embeddings"]))]
pub struct Args {
    #[command(flatten)]
    model: ModelArg,
    #[command(flatten)]
    catalogue: ItemArgs,
    /// Vectors instead of items: a .npy, .safetensors or .parquet file, as `unitok embed` writes them
    #[arg(long, value_name = "FILE")]
    embeddings: Option<PathBuf>,
    /// Where the index goes: {"item id": ["<a_12>", …]}, or a table of item_id, tokens and codes if it ends in .parquet
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Where to run, the text model too: auto (a hardware GPU if there is one), cpu or gpu
    #[arg(long, value_name = "DEVICE", default_value_t)]
    device: Device,
    /// Chains of codes followed side by side: more than 1 finds tokens with less error, on the CPU
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    beam: u16,
    /// What becomes of items with the same codeword: keep, suffix, sinkhorn or assign
    #[arg(long, value_name = "POLICY", default_value_t)]
    collisions: Policy,
    /// Order of a codeword: expert-last, expert-first or with-shared
    #[arg(long, value_name = "LAYOUT", default_value_t)]
    layout: Layout,
    /// Code tokens of two experts: shared or per-expert
    #[arg(long, value_name = "KIND", default_value_t)]
    code_vocabulary: CodeVocabulary,
    /// Also write codes, experts, gates, residual norms and margins of each item, one JSON object a line
    #[arg(long, value_name = "FILE")]
    details: Option<PathBuf>,
    /// Also write the index as CSV (formulas escaped)
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Also write every token with a number, for a language model's tokenizer
    #[arg(long, value_name = "FILE")]
    added_tokens: Option<PathBuf>,
    /// Number of the first added token: the size of the language model's vocabulary
    #[arg(long, value_name = "NUMBER", default_value_t = 0, requires = "added_tokens")]
    first_token: u64,
    /// Folder of the text model (config.json, tokenizer.json, model.safetensors)
    #[arg(long, value_name = "DIR")]
    text_model: Option<PathBuf>,
    /// Only errors on stderr
    #[arg(long)]
    quiet: bool,
    /// Print the summary as JSON on stdout
    #[arg(long)]
    json: bool,
}

/// Everything that a run came to.
struct Finished {
    ids: IdList,
    tokens: Tokenized,
    codewords: Codewords,
    collisions: CollisionReport,
}

/// Seconds spent in all and in the tokenizer alone.
#[derive(Default)]
struct Clock {
    all: f64,
    engine: f64,
}

/// Runs the command.
pub fn run(args: Args) -> anyhow::Result<Outcome> {
    args.check_outputs()?;
    let loaded = args.model.load()?;
    let schema = Schema::new(&loaded.model.config.model, args.layout, args.code_vocabulary)?;
    let mut input = Input::open(&args, &loaded.model)?;
    let engine = args.engine(&loaded.model)?;
    args.say(&format!("model {}; {}", loaded.name(), describe_engine(&engine.info())));
    interrupt::listen();
    let started = Instant::now();
    let mut clock = Clock::default();
    let (ids, mut tokens) = tokenize_all(&args, &loaded, &engine, &mut input, &mut clock)?;
    let (codewords, collisions) = resolve_all(&args, &loaded.model, &mut tokens, &schema)?;
    let finished = Finished { ids, tokens, codewords, collisions };
    output::write(&args, &finished)?;
    clock.all = started.elapsed().as_secs_f64();
    args.summarise(&loaded, &engine.info(), &input.source, &finished, &clock)?;
    Ok(Outcome::Done)
}

/// Runs the engine over all batches and keeps what the policy and the outputs need.
fn tokenize_all(
    args: &Args,
    loaded: &Loaded,
    engine: &AnyEngine,
    input: &mut Input<'_>,
    clock: &mut Clock,
) -> anyhow::Result<(IdList, Tokenized)> {
    let want = Want {
        latents: args.collisions.needs_latents(),
        reconstruction: args.details.is_some(),
        margins: args.details.is_some(),
    };
    let mut tokens = Tokenized::empty(&loaded.model.config.model, want);
    tokens.z_hat = None;
    let mut ids = IdList::default();
    let bar = input.source.bar(args.quiet);
    stages::run(&mut input.source, input.memo.as_deref_mut(), |batch| {
        let started = Instant::now();
        tokens.append(pollster::block_on(engine.tokenize(&batch.values, want))?);
        clock.engine += started.elapsed().as_secs_f64();
        batch.ids.iter().for_each(|id| ids.push(id));
        ensure!(!interrupt::requested(), "stopped; nothing was written");
        bar.set_position(batch.position);
        Ok(())
    })?;
    bar.finish_and_clear();
    ensure!(
        !ids.is_empty(),
        "no item has any text: there is nothing to tokenize. Check the field names, or pass --no-text placeholder"
    );
    Ok((ids, tokens))
}

/// Applies the collision policy, with progress where it takes long.
fn resolve_all(
    args: &Args,
    model: &Model,
    tokens: &mut Tokenized,
    schema: &Schema,
) -> anyhow::Result<(Codewords, CollisionReport)> {
    let bar = progress::items(0, "collisions", args.quiet);
    let watch = |done: usize, of: usize| {
        bar.set_length(of as u64);
        bar.set_position(done as u64);
        !interrupt::requested()
    };
    let resolved = resolve_watched(model, tokens, schema, args.collisions, &watch);
    bar.finish_and_clear();
    ensure!(!interrupt::requested(), "stopped; nothing was written");
    Ok(resolved?)
}

impl Args {
    /// Folders that are not there are better known now than after an hour of work.
    fn check_outputs(&self) -> anyhow::Result<()> {
        let outputs = [Some(&self.out), self.details.as_ref(), self.csv.as_ref(), self.added_tokens.as_ref()];
        let outputs: Vec<&PathBuf> = outputs.into_iter().flatten().collect();
        for (i, path) in outputs.iter().enumerate() {
            let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
            ensure!(folder.is_dir(), "cannot write {}: there is no folder {}", path.display(), folder.display());
            ensure!(!path.is_dir(), "cannot write {}: it is a folder", path.display());
            ensure!(!outputs[..i].contains(path), "two outputs have the same name: {}", path.display());
        }
        Ok(())
    }

    fn engine(&self, model: &Model) -> anyhow::Result<AnyEngine> {
        if self.beam == 1 {
            return Ok(pollster::block_on(AnyEngine::select(model, self.device, false))?);
        }
        ensure!(self.device != Device::Gpu, "--beam {} runs on the CPU: leave out --device gpu", self.beam);
        let engine = CpuEngine::with_beam(model, self.beam.into())?.because("beam search runs on the CPU");
        Ok(AnyEngine::Cpu(Box::new(engine)))
    }

    fn say(&self, text: &str) {
        if !self.quiet {
            eprintln!("{text}");
        }
    }

    fn summarise(
        &self,
        loaded: &Loaded,
        engine: &DeviceInfo,
        input: &Source<'_>,
        done: &Finished,
        clock: &Clock,
    ) -> anyhow::Result<()> {
        let (items, report) = (done.ids.len(), &done.collisions);
        let engine_rate = items as f64 / clock.engine.max(1e-9);
        self.say(&input.report());
        self.say(&format!(
            "tokenized {items} items in {:.1} s (the tokenizer alone: {engine_rate:.0} items/s): {}",
            clock.all,
            self.out.display()
        ));
        self.say(&describe_collisions(report));
        if self.json {
            let summary = serde_json::json!({
                "out": self.out, "items": items, "unique_codewords": items - report.collisions_after,
                "model": loaded.name(), "layout": self.layout, "code_vocabulary": self.code_vocabulary, "collisions": report,
                "engine": engine, "seconds": clock.all, "engine_items_per_second": engine_rate, "input": input.summary(),
            });
            super::print(&summary.to_string())?;
        }
        Ok(())
    }
}

fn describe_collisions(report: &CollisionReport) -> String {
    let share = |collisions: usize| 100.0 * collisions as f64 / report.items as f64;
    let mut text = format!(
        "collisions: {} ({:.2} %), largest bucket {}",
        report.collisions_before,
        share(report.collisions_before),
        report.max_bucket_before
    );
    if report.policy != Policy::Keep {
        text += &format!(
            "; after {}: {} ({:.2} %), largest bucket {}",
            report.policy,
            report.collisions_after,
            share(report.collisions_after),
            report.max_bucket_after
        );
    }
    if let (Some(before), Some(after)) = (report.q_before, report.q_after) {
        text += &format!("; {} items moved, quantisation error {before:.4} → {after:.4}", report.moved);
    }
    text
}
