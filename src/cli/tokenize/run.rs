//! Runs `unitok tokenize`: from the input through the engine and the collision policy to the outputs.

use std::time::Instant;

use anyhow::ensure;
use clap::ArgMatches;

use super::append::Published;
use super::args::Args;
use super::batch::{Batch, Embeddings, Unembedded};
use super::gathered::Gathered;
use super::input::Input;
use super::joined::Joined;
use super::lock::{lock, making};
use super::output::{Finished, write};
use super::pins::Pins;
use super::selection::{Beside, Selection};
use super::summary::{Clock, Earlier, summarise};
use super::{replaced, stages};
use crate::base::ids::IdList;
use crate::cli::histories::mix;
use crate::cli::items::NO_TEXT;
use crate::cli::model_arg::Loaded;
use crate::cli::output::{Outcome, describe_engine};
use crate::cli::{interrupt, progress};
use crate::engine::{AnyEngine, Engine, Tokenized, Want};
use crate::model::Model;
use crate::tokens::lock::Lock;
use crate::tokens::{Codewords, CollisionReport, Schema, Taken, resolve_beside};

/// Items that were read and got tokens.
struct Read {
    ids: IdList,
    fingerprints: Vec<u32>,
    tokens: Tokenized,
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
    if let Some(published) = &mut published {
        published.check_ids(&args, &input)?;
        making = published.making(&args, &input, making, &loaded.model)?;
    }
    let before = replaced::read(&args)?;
    let mut pins = Pins::open(&args, before.as_ref(), &making, &loaded.model, &schema)?;
    let replaced = before.map(|before| replaced::open(before, &args, &making, &loaded.model)).transpose()?;
    if let Some(replaced) = &replaced {
        making = replaced::making(replaced, &args, making);
    }
    let mut selection = published.as_ref().map(|published| Selection::new(published, &schema, &args)).transpose()?;
    let mut read = tokenize_all(&args, &loaded, &engine, &mut input, (selection.as_mut(), pins.as_mut()), &mut clock)?;
    let (joined, collisions) = place(&args, &loaded.model, &schema, &mut read, (selection.as_mut(), pins.as_ref()))?;
    let compared = replaced.as_ref().map(|replaced| replaced::compare(replaced, &args, &joined)).transpose()?;
    let (changes, kept) = compared.unzip();
    let Joined { ids, codewords, fingerprints, pinned, retired } = joined;
    let finished = Finished { ids, tokens: read.tokens, codewords, collisions };
    write(&args, &finished, || {
        let mut lock = Lock { pinned, retired, ..lock(&finished, &schema, making, fingerprints) };
        kept.into_iter().for_each(|(retired, pinned)| lock.keep(retired, pinned));
        lock
    })?;
    clock.total = started.elapsed().as_secs_f64();
    let earlier = Earlier {
        appended: selection.map(|selection| selection.counts),
        pinned: pins.map(|pins| pins.kept()),
        replaced: replaced.zip(changes),
    };
    summarise(&args, &loaded, &engine.info(), &mut input.source, &finished, &earlier, &clock)?;
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
) -> anyhow::Result<Read> {
    let want = Want {
        latents: args.collisions.needs_latents(),
        reconstruction: args.details.is_some(),
        margins: args.details.is_some(),
        residual_norms: args.details.is_some(),
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
    Ok(Read { ids, fingerprints, tokens: gathered.tokens })
}

/// Gives the items that were read codewords beside those that stay, and joins the two.
fn place(
    args: &Args,
    model: &Model,
    schema: &Schema,
    read: &mut Read,
    (selection, pins): (Option<&mut Selection<'_>>, Option<&Pins>),
) -> anyhow::Result<(Joined, CollisionReport)> {
    let Read { ids, fingerprints, tokens } = read;
    let resolve = |tokens: &mut Tokenized, published: &Codewords, retired: &Codewords| {
        resolve_all(args, model, tokens, schema, Taken { published, retired })
    };
    let none = Codewords::default();
    if let Some(selection) = selection {
        selection.check_same(args.same_items)?;
        let placed = selection.settle(&schema.codewords(tokens), (ids, fingerprints))?;
        let mut placed = tokens.subset(placed);
        let Beside { published, retired } = selection.beside(ids, args.reuse)?;
        let (codewords, report) = resolve(&mut placed, &published, &retired)?;
        return Ok((selection.join(&codewords, (ids, fingerprints))?, report));
    }
    if let Some(pins) = pins {
        let (codewords, report) = resolve(tokens, &pins.codewords(), &none)?;
        return Ok((pins.join(&codewords, (ids, fingerprints)), report));
    }
    let (codewords, report) = resolve(tokens, &none, &none)?;
    let (ids, fingerprints) = (std::mem::take(ids), std::mem::take(fingerprints));
    Ok((Joined { ids, codewords, fingerprints, ..Joined::default() }, report))
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
