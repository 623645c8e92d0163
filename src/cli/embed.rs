//! `unitok embed`: reads catalogues, embeds the items' texts and writes a file of embeddings.

mod partial;
mod source;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::ensure;
use indicatif::ProgressBar;

use self::partial::{EarlierRun, Partial, journal_path};
use self::source::Source;
use super::cached_encoder::CachedEncoder;
use super::claims::{Claims, Plan};
use super::items::{ItemArgs, ItemStream, NO_TEXT};
use super::output::{Outcome, describe_engine, print, say, warn};
use super::{interrupt, progress, text_model};
use crate::base::files::Destination;
use crate::base::ids::IdList;
use crate::base::parallel::threads;
use crate::base::words::counted;
use crate::compute::Device;
use crate::model::TextConfig;
use crate::text::AnyTextEncoder;
use crate::vectors::{Element, Saver};

/// Items that each thread embeds before rows are written and Ctrl-C is checked: a few seconds of work.
const WINDOW: usize = 256;

/// Arguments.
#[derive(Debug, clap::Args)]
#[command(mut_arg("items", |items| items.required(true)))]
pub struct Args {
    #[command(flatten)]
    catalogue: ItemArgs,
    /// Where to write the embeddings: a .npy, .safetensors or .parquet file. The ids of FILE.npy go into FILE.npy.ids.txt.
    /// To - (stdout) or a pipe without such a name goes safetensors
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Folder of the text model (config.json, tokenizer.json, model.safetensors)
    #[arg(long, value_name = "DIR")]
    text_model: Option<PathBuf>,
    /// Where to embed: auto (a hardware GPU if there is one), cpu or gpu
    #[arg(long, value_name = "DEVICE", default_value_t)]
    device: Device,
    /// Tokens in a batch on the CPU. Changes memory and speed, not the embeddings
    #[arg(long, value_name = "TOKENS", default_value_t = 192, value_parser = clap::value_parser!(u32).range(1..=1 << 20))]
    batch: u32,
    /// Store 16-bit floats, which take half the space
    #[arg(long)]
    half: bool,
    /// Continue an interrupted run
    #[arg(long)]
    resume: bool,
    /// Discard an interrupted run and start over
    #[arg(long, conflicts_with = "resume")]
    force: bool,
    /// Print no progress and no summary
    #[arg(long)]
    quiet: bool,
    /// Print the summary as JSON on stdout
    #[arg(long)]
    json: bool,
}

impl Args {
    /// Claims the output and what lies beside it.
    fn claim(&self) -> anyhow::Result<Claims> {
        let destination = Destination::resolve(&self.out)?;
        let beside = [Saver::ids_beside(&destination)?, destination.file().map(journal_path)];
        Plan::default()
            .reads("--items", self.catalogue.items.iter().cloned())
            .reads("--template", self.catalogue.template.iter().cloned())
            .reads("--text-model", text_model::files(self.text_model.as_deref()))
            .writes_also("--out", destination, beside.into_iter().flatten())?
            .claim(self.json)
    }

    /// The rows of the run, those of an earlier one included.
    fn open_partial(&self, claims: &Claims, encoder: &AnyTextEncoder) -> anyhow::Result<Partial> {
        let earlier = match (self.force, self.resume) {
            (true, _) => EarlierRun::Discard,
            (_, true) => EarlierRun::Resume,
            _ => EarlierRun::Refuse,
        };
        let output = &claims.outputs()[0];
        let file = output.destination().file().zip(output.lock());
        match (file, Source::new(&self.catalogue, encoder)?) {
            (Some((out, lock)), Some(source)) => Partial::open(out, lock, source, encoder.width(), earlier),
            _ => Partial::unnamed(file, encoder.width(), earlier),
        }
    }
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<Outcome> {
    let claims = args.claim()?;
    let mut items = args.catalogue.stream()?;
    let encoder = text_model::load(args.text_model.as_deref(), args.device)?.batch_tokens(args.batch as usize);
    if !args.quiet {
        say(&describe_engine(&encoder.info()));
    }
    if let Some(fields) = items.news_of_fields().filter(|_| !args.quiet) {
        say(&fields);
    }
    let partial = args.open_partial(&claims, &encoder)?;
    interrupt::listen();
    let earlier_rows = partial.rows();
    let mut work = Work { args, encoder: CachedEncoder::new(encoder), earlier_rows, partial, ids: IdList::default() };
    let started = Instant::now();
    let outcome = work.embed_all(&mut items, started).and_then(|()| work.save());
    if outcome.is_ok() || work.partial.rows() == 0 {
        work.partial.remove();
    } else if let Err(error) = work.partial.save() {
        warn(&format!("the last seconds of work could not be saved: {error:#}"));
    }
    outcome?;
    work.summarise(&mut items, started.elapsed().as_secs_f64())?;
    Ok(Outcome::Done)
}

/// A run in progress.
struct Work<'a> {
    args: &'a Args,
    encoder: CachedEncoder,
    partial: Partial,
    /// Rows that an earlier run has embedded.
    earlier_rows: usize,
    /// Ids of all rows, those of the earlier run included.
    ids: IdList,
}

impl Work<'_> {
    /// Reads all items and embeds those that are not done yet.
    fn embed_all(&mut self, items: &mut ItemStream<'_>, started: Instant) -> anyhow::Result<()> {
        let bar = bar(self.args.catalogue.total_bytes()?, self.args.quiet);
        let mut texts = Vec::with_capacity(WINDOW * threads());
        while let Some((item, text)) = items.next().transpose()? {
            self.ids.push(&item.id);
            if self.ids.len() <= self.earlier_rows {
                continue;
            }
            texts.push(text);
            if texts.len() == texts.capacity() {
                self.embed(&mut texts)?;
                bar.set_message(format!("{:.0} items/s", self.rate(started.elapsed().as_secs_f64())));
                bar.set_position(items.bytes_read());
            }
        }
        self.embed(&mut texts)?;
        bar.finish_and_clear();
        ensure!(!self.ids.is_empty(), "{NO_TEXT}: there is nothing to embed. Check the field names (--field) and the --template");
        ensure!(self.ids.len() == self.partial.rows(), "the catalogues changed while they were read: start over with --force");
        Ok(())
    }

    /// Embeds texts and writes their rows, then stops with an error if the user pressed Ctrl-C.
    fn embed(&mut self, texts: &mut Vec<String>) -> anyhow::Result<()> {
        if !texts.is_empty() {
            self.partial.append(&self.encoder.embed(texts)?)?;
            texts.clear();
        }
        let rows = self.partial.rows();
        let next = if self.partial.is_resumable() { "continue with --resume" } else { "nothing was written" };
        ensure!(!interrupt::requested(), "stopped after {}; {next}", counted(rows, "item"));
        Ok(())
    }

    /// Items per second of this run.
    fn rate(&self, seconds: f64) -> f64 {
        (self.partial.rows() - self.earlier_rows) as f64 / seconds
    }

    /// Writes the output, completely or not at all.
    fn save(&self) -> anyhow::Result<()> {
        let element = if self.args.half { Element::F16 } else { Element::F32 };
        let text = TextConfig {
            encoder: text_model::name(self.args.text_model.as_deref()),
            encoder_sha256: self.encoder().digests().weights.clone(),
            template: self.args.catalogue.template()?,
        };
        let mut saver = Saver::create(&self.args.out, self.encoder().width(), element, Some(text))?;
        for (id, row) in self.ids.iter().zip(self.partial.read_rows()?) {
            saver.push(id, &row?)?;
        }
        Ok(saver.finish()?)
    }

    fn encoder(&self) -> &AnyTextEncoder {
        self.encoder.encoder()
    }

    fn summarise(&self, items: &mut ItemStream<'_>, seconds: f64) -> anyhow::Result<()> {
        let (rows, out) = (self.ids.len(), self.args.out.display());
        let rate = self.rate(seconds);
        if !self.args.quiet {
            items.news_of_fields().iter().for_each(|fields| say(fields));
            say(&items.summary());
            say(&format!("embedded {} in {seconds:.1} s ({rate:.0} items/s): {out}", counted(rows, "item")));
            if let Ok(Some(ids)) = Destination::resolve(&self.args.out).and_then(|out| Saver::ids_beside(&out)) {
                say(&format!("ids: {}", ids.display()));
            }
        }
        if self.args.json {
            let summary = serde_json::json!({
                "out": self.args.out.to_string_lossy(), "rows": rows, "width": self.encoder().width(), "seconds": seconds, "items_per_second": rate,
                "encoder_sha256": self.encoder().digests().weights, "engine": self.encoder().info(), "read": items.report(), "input": { "fields": items.fields() },
            });
            print(&summary.to_string())?;
        }
        Ok(())
    }
}

/// A bar over the bytes of the catalogue that shows the rate in items.
fn bar(bytes: u64, quiet: bool) -> ProgressBar {
    let bar = progress::bytes(bytes, "embedding", quiet);
    bar.set_style(progress::style("embedding [{bar:32}] {percent}% · {msg} · {eta} left"));
    bar
}
