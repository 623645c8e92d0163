//! Runs `unitok tokenize`: from the input through the engine and the collision policy to the outputs.

use std::time::Instant;

use anyhow::ensure;
use clap::ArgMatches;

use super::append::Published;
use super::args::Args;
use super::gathered::Gathered;
use super::input::{Batch, Embeddings, Input, Source, Unembedded};
use super::lock::{lock, making};
use super::output::{Finished, write};
use super::pins::{Kept, Pins};
use super::replaced::{Changes, Replaced};
use super::selection::{Counts, Selection};
use super::stages;
use crate::base::ids::IdList;
use crate::cli::histories::mix;
use crate::cli::items::NO_TEXT;
use crate::cli::model_arg::Loaded;
use crate::cli::output::{Outcome, describe_engine, print};
use crate::cli::{interrupt, progress};
use crate::compute::DeviceInfo;
use crate::engine::{AnyEngine, Engine, Tokenized, Want};
use crate::model::Model;
use crate::tokens::lock::Lock;
use crate::tokens::{Codewords, CollisionReport, Policy, Schema, Taken, resolve_beside};

/// Seconds that a run took.
#[derive(Default)]
struct Clock {
    total: f64,
    /// In the engine alone.
    engine: f64,
}

/// What the run left as it was.
struct Beside {
    appended: Option<Counts>,
    pinned: Option<Kept>,
    replaced: Option<Changes>,
}

/// Runs the command; `given` is what was typed.
pub fn run(mut args: Args, given: &ArgMatches) -> anyhow::Result<Outcome> {
    args.check_heeded(given)?;
    args.check_in_place()?;
    args.input.catalogue.may_be_empty = args.append.is_some();
    let _claims = args.claim()?;
    let mut published = Published::open(&mut args, given)?;
    let loaded = args.model.load()?;
    check_interactions(&args, &loaded.model)?;
    let schema = Schema::new(&loaded.model.config.model, args.layout, args.code_vocabulary)?;
    let mut input = Input::open(&args.input, &loaded.model)?;
    let engine = args.engine(&loaded.model)?;
    args.say(&format!("model {}; {}", loaded.name(), describe_engine(&engine.info())));
    interrupt::listen();
    let started = Instant::now();
    let mut clock = Clock::default();
    let mut making = making(&args, &loaded, &input)?;
    let mut earlier = Codewords::default();
    if let Some(published) = &mut published {
        published.check_ids(&args, &input)?;
        making = published.making(&args, making, &loaded.model)?;
        earlier = published.codewords(&schema, args.collisions)?;
    }
    let mut pins = Pins::open(&args, &making, &loaded.model, &schema)?;
    let earlier_index = Replaced::open(&args, &making, &loaded.model)?;
    let mut selection = published.as_ref().map(|published| Selection::new(published, args.retokenize));
    let (mut ids, mut fingerprints, mut tokens) =
        tokenize_all(&args, &loaded, &engine, &mut input, (selection.as_mut(), pins.as_mut()), &mut clock)?;
    if let Some(pins) = &pins {
        earlier = pins.codewords();
    }
    let mut retired = Codewords::default();
    if let Some(selection) = &selection {
        selection.check_same(args.same_items)?;
        let beside = selection.beside(earlier, &schema, args.collisions, args.reuse)?;
        (earlier, retired) = (beside.published, beside.retired);
    }
    let taken = Taken { published: &earlier, retired: &retired };
    let (mut codewords, collisions) = resolve_all(&args, &loaded.model, &mut tokens, &schema, taken)?;
    let mut retired = Vec::new();
    if let Some(selection) = &mut selection {
        let joined = selection.join(earlier, &codewords, (&schema, args.collisions), (&ids, &fingerprints))?;
        (ids, codewords, fingerprints, retired) = (joined.ids, joined.codewords, joined.fingerprints, joined.retired);
    }
    let mut pinned = published.as_ref().map(Published::pinned).unwrap_or_default();
    if let Some(pins) = &pins {
        (ids, codewords, fingerprints) = pins.join(&ids, &codewords, &fingerprints);
        pinned = pins.pinned();
    }
    let replaced = earlier_index.map(|earlier| earlier.check(&args, &ids, &codewords)).transpose()?;
    if let Some((_, left)) = &replaced {
        retired.clone_from(left);
    }
    let finished = Finished { ids, tokens, codewords, collisions };
    write(&args, &finished, || Lock { pinned, retired, ..lock(&finished, &schema, making, fingerprints) })?;
    clock.total = started.elapsed().as_secs_f64();
    let beside = Beside {
        appended: selection.map(|selection| selection.counts),
        pinned: pins.map(|pins| pins.kept()),
        replaced: replaced.map(|(changes, _)| changes),
    };
    summarise(&args, &loaded, &engine.info(), &mut input.source, &finished, &beside, &clock)?;
    Ok(Outcome::Done)
}

/// Runs the engine over all batches and keeps what the policy and the outputs need.
fn tokenize_all(
    args: &Args,
    loaded: &Loaded,
    engine: &AnyEngine,
    input: &mut Input<'_>,
    (mut selection, mut pins): (Option<&mut Selection<'_>>, Option<&mut Pins>),
    clock: &mut Clock,
) -> anyhow::Result<(IdList, Vec<u32>, Tokenized)> {
    let want = Want {
        latents: args.collisions.needs_latents(),
        reconstruction: args.details.is_some(),
        margins: args.details.is_some(),
    };
    let empty = Tokenized { z_hat: None, ..Tokenized::empty(&loaded.model.config.model, want) };
    let mut gathered = Gathered::new(empty);
    let (mut ids, mut fingerprints) = (IdList::default(), Vec::new());
    let bar = input.source.bar(args.input.quiet);
    let mut encode = |mut batch: Batch| {
        pins.iter_mut().for_each(|pins| pins.take(&mut batch));
        let started = Instant::now();
        gathered.add(batch.embeddings, |rows| pollster::block_on(engine.tokenize(rows, want)))?;
        clock.engine += started.elapsed().as_secs_f64();
        batch.ids.iter().for_each(|id| ids.push(id));
        fingerprints.extend(batch.fingerprints);
        ensure!(!interrupt::requested(), "stopped; nothing was written");
        bar.set_position(batch.position);
        Ok(())
    };
    let appends = selection.is_some();
    let select = |batch: &mut Unembedded| {
        if let Some(selection) = &mut selection {
            selection.select(batch);
        }
    };
    match &args.interactions {
        None => stages::run(&mut input.source, input.encoder.as_deref_mut(), select, encode)?,
        Some(path) => {
            let how = loaded.model.config.cooccurrence.unwrap_or_default();
            let (all, values) = whole(input)?;
            let (values, note) = mix(&values, loaded.model.config.model.input, &all.ids, path, &how)?;
            args.say(&note);
            encode(Batch { embeddings: Embeddings::Each(values), ..all })?;
        }
    }
    bar.finish_and_clear();
    // Only a catalogue can get here without items: a file of embeddings without rows is refused by its reader.
    ensure!(
        appends || !ids.is_empty() || pins.is_some_and(|pins| !pins.is_empty()),
        "{NO_TEXT}: there is nothing to tokenize. Check the field names (--field), or pass --no-text placeholder"
    );
    Ok((ids, fingerprints, gathered.tokens))
}

/// All batches in one: a history is of the whole catalogue.
fn whole(input: &mut Input<'_>) -> anyhow::Result<(Batch, Vec<f32>)> {
    let mut all = Batch { ids: Vec::new(), fingerprints: Vec::new(), embeddings: Embeddings::Each(Vec::new()), position: 0 };
    let mut values = Vec::new();
    while let Some(batch) = input.source.next_batch()? {
        values.extend_from_slice(&batch.vectors(input.encoder.as_deref_mut())?);
        all.ids.extend(batch.ids);
        all.fingerprints.extend(batch.fingerprints);
        all.position = batch.position;
        ensure!(!interrupt::requested(), "stopped; nothing was written");
    }
    Ok((all, values))
}

/// Refuses interactions for a model that does not read them, and says what a model that does goes without.
fn check_interactions(args: &Args, model: &Model) -> anyhow::Result<()> {
    let reads = model.config.cooccurrence.is_some();
    ensure!(
        reads || args.interactions.is_none(),
        "this tokenizer reads texts alone: leave out --interactions, or train one with --set histories.role=input"
    );
    if reads && args.interactions.is_none() {
        args.say("this tokenizer also reads what users did: without --interactions, its tokens say less");
    }
    Ok(())
}

/// Applies the collision policy, with a progress bar if it takes long.
fn resolve_all(
    args: &Args,
    model: &Model,
    tokens: &mut Tokenized,
    schema: &Schema,
    taken: Taken<'_>,
) -> anyhow::Result<(Codewords, CollisionReport)> {
    let bar = progress::items(0, "collisions", args.input.quiet);
    let watch = |done: usize, total: usize| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
        !interrupt::requested()
    };
    let resolved = resolve_beside(model, tokens, schema, args.collisions, taken, &watch);
    bar.finish_and_clear();
    ensure!(!interrupt::requested(), "stopped; nothing was written");
    Ok(resolved?)
}

/// Prints what was done, as text on stderr and with `--json` on stdout.
fn summarise(
    args: &Args,
    loaded: &Loaded,
    engine: &DeviceInfo,
    input: &mut Source<'_>,
    done: &Finished,
    beside: &Beside,
    clock: &Clock,
) -> anyhow::Result<()> {
    let (items, report) = (done.ids.len(), &done.collisions);
    let tokenized = done.tokens.items;
    let engine_rate = tokenized as f64 / clock.engine.max(1e-9);
    args.say(&input.report());
    args.say(&format!(
        "tokenized {tokenized} items in {:.1} s (the tokenizer alone: {engine_rate:.0} items/s): {}",
        clock.total,
        args.out().display()
    ));
    beside.appended.iter().flat_map(|counts| counts.describe(args.retokenize, args.reuse)).for_each(|line| args.say(&line));
    beside.pinned.iter().flat_map(Kept::describe).for_each(|line| args.say(&line));
    beside.replaced.iter().filter_map(Changes::describe).for_each(|line| args.say(&line));
    args.say(&describe_collisions(report));
    if args.json {
        let summary = serde_json::json!({
            "out": args.out().to_string_lossy(), "items": items, "unique_codewords": items - report.collisions_after,
            "model": loaded.name(), "layout": args.layout, "code_vocabulary": args.code_vocabulary, "collisions": report,
            "engine": engine, "seconds": clock.total, "engine_items_per_second": engine_rate, "input": input.summary(),
            "append": beside.appended, "pinned": beside.pinned, "replaced": beside.replaced,
        });
        print(&summary.to_string())?;
    }
    Ok(())
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
        text += &format!("; {} moved, quantisation error {before:.4} → {after:.4}", report.moved);
    }
    text
}
