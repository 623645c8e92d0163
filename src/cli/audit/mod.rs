//! `unitok audit`: measures an index of item tokens.

mod categories;
mod popularity;
mod quality;
mod unchanged;

use std::path::PathBuf;

use anyhow::ensure;
use serde_json::{Map, Value, json};

use super::index_file::{self, LockArg, Locked};
use super::output::{Outcome, print, say};
use super::reading::{HEADING as READING, ReadingArgs};
use crate::audit::quality::{Quality, quality};
use crate::audit::{Codes, Report, Table, audit, markdown, terminal};
use crate::base::words::counted;
use crate::interactions::{self, Named, Options, Reading};
use crate::recommend::{Popularity, popularity};
use crate::tables;
use categories::Catalogue;
use quality::Vectors;

/// Arguments.
#[derive(Debug, clap::Args)]
#[command(mut_args(needs_a_file), group(clap::ArgGroup::new("records").multiple(true)))]
pub struct Args {
    /// Index file of any tokenizer: JSON as {"item id": ["<a_12>", ...], ...}, or .parquet with an item's id and its list
    /// of tokens in each row. Also gzip, a folder of .parquet parts, or - for standard input.
    index: PathBuf,
    /// Catalogue of the items; adds the prefix purity of their categories. May be given several times.
    #[arg(long, value_name = "FILE", group = "records")]
    items: Vec<PathBuf>,
    /// Interactions; adds popularity baselines, and how well the tokens tell what users do next. Lines of a user and its items in order of time, JSON {"user": [items]}, or a
    /// table or JSON objects with a user, an item and perhaps a time in each (CSV, TSV, RecBole, MovieLens, JSONL, Parquet).
    #[arg(long, value_name = "FILE", group = "records")]
    sequences: Option<PathBuf>,
    /// Column of the interactions with an unusual name, for example item=product. PART is user, item or time; NAME may be
    /// a number, from 1, where there is no header. May be given several times. time= keeps the order of the file.
    #[arg(long = "sequence-field", value_name = "PART=NAME", requires = "sequences")]
    sequence_fields: Vec<Named>,
    /// Vectors of the items (.npy, .npz, .safetensors, .parquet), best those that the index was made from; adds whether near
    /// items share their first tokens.
    #[arg(long, value_name = "FILE", group = "records")]
    embeddings: Option<PathBuf>,
    /// Name of the vectors in the file of --embeddings, where it has several: a column, a tensor or an array.
    #[arg(long, value_name = "NAME", requires = "embeddings")]
    array: Option<String>,
    /// Vocabulary size that utilisation is measured against: one number for all positions, or one for
    /// each (256,256,256,256,10). By default, the largest number in a position's tokens plus one; from
    /// 64 on it is rounded up to a power of two, from 256 on to a multiple of 256.
    #[arg(long, value_name = "T", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..=1 << 24))]
    codes: Vec<u32>,
    /// Print the report as one JSON object.
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Print the report as Markdown tables.
    #[arg(long)]
    markdown: bool,
    /// Exit with code 1 if the collision rate (1 - codewords/items) is above R, a number from 0 to 1.
    #[arg(long, value_name = "R", value_parser = rate)]
    max_collision: Option<f64>,
    /// Print no report, only set the exit code.
    #[arg(long, short, conflicts_with_all = ["json", "markdown"])]
    quiet: bool,
    #[command(flatten)]
    lock: LockArg,
    #[command(flatten)]
    reading: ReadingArgs,
}

/// Options of reading say how a catalogue is read, and --skip-bad how interactions are too: without them they mean nothing.
fn needs_a_file(arg: clap::Arg) -> clap::Arg {
    match (arg.get_help_heading(), arg.get_id().as_str()) {
        (Some(READING), "skip_bad") => arg.requires("records"),
        (Some(READING), _) => arg.requires("items"),
        _ => arg,
    }
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<Outcome> {
    let inputs = std::iter::once(&args.index).chain(&args.items).chain(&args.sequences).chain(&args.embeddings);
    ensure!(inputs.filter(|path| tables::is_stdin(path)).count() < 2, "standard input (-) can be one of the inputs only");
    let locked = index_file::read(&args.index, args.lock)?;
    let index = &locked.index;
    let mut report = audit(index, &vocabulary_sizes(&args.codes))?;
    let mut inputs = Inputs::default();
    if !args.items.is_empty() {
        let mut catalogue = Catalogue::read(&locked, &args.items, &args.reading)?;
        report.prefix_purity = catalogue.take_purity();
        inputs.notes.extend(catalogue.note(index));
        inputs.items = Some(catalogue);
    }
    if let Some(path) = &args.embeddings {
        let vectors = Vectors::read(&locked, path, args.array.as_deref(), args.reading.skip_bad)?;
        inputs.notes.extend(vectors.note());
        inputs.embeddings = Some(vectors);
    }
    let quality = inputs.measure(&locked, &report, args)?;
    let mut extra_tables: Vec<Table> = inputs.sequences.iter().map(|(popularity, _)| popularity::table(popularity)).collect();
    extra_tables.extend(quality::tables(&quality));
    let name = &index_file::name(&args.index);
    if args.json {
        print(&inputs.json(&report, &quality)?)?;
    } else if !args.quiet {
        inputs.say();
        let text = if args.markdown { markdown } else { terminal };
        print(text(&report, &extra_tables, name).trim_end())?;
    }
    match args.max_collision {
        Some(limit) if report.collision_rate > limit => {
            say(&format!(
                "check failed: the collision rate is {:.4} ({}, {}), above --max-collision {limit}",
                report.collision_rate,
                counted(report.items, "item"),
                counted(report.unique_codewords, "different codeword")
            ));
            Ok(Outcome::CheckFailed)
        }
        _ => Ok(Outcome::Done),
    }
}

/// What was read beside the index.
#[derive(Default)]
struct Inputs {
    items: Option<Catalogue>,
    sequences: Option<(Popularity, Reading)>,
    embeddings: Option<Vectors>,
    /// What the reader of the report must know of them.
    notes: Vec<String>,
}

impl Inputs {
    /// Measures what can be had without training, and popularity where there are interactions.
    fn measure(&mut self, locked: &Locked, report: &Report, args: &Args) -> anyhow::Result<Quality> {
        let index = &locked.index;
        let vectors = self.embeddings.as_ref().map(Vectors::by_item);
        let Some(path) = &args.sequences else { return Ok(quality(index, report, None, vectors.as_deref())) };
        locked.check_interactions(path)?;
        let options = Options { named: args.sequence_fields.clone(), skip_malformed: args.reading.skip_bad };
        let (sequences, reading) = interactions::open(path, &index.ids, &options)?;
        let named = |error| anyhow::anyhow!("{}: {error}", reading.file);
        let popularity = popularity(index, &sequences).map_err(named)?;
        let split = sequences.leave_one_out().map_err(named)?;
        let measured = quality(index, report, Some(&split), vectors.as_deref());
        self.sequences = Some((popularity, reading));
        Ok(measured)
    }

    /// Says what was read as what.
    fn say(&self) {
        let items = self.items.iter().map(|items| format!("{}\nread {}{}", items.fields, items.report, items.fields.unread()));
        let sequences = self.sequences.iter().map(|(_, reading)| reading.to_string());
        let vectors = self.embeddings.iter().map(Vectors::said);
        items.chain(sequences).chain(vectors).chain(self.notes.iter().cloned()).for_each(|line| say(&line));
    }

    /// The report as one object: baselines and quality before the verdict on collapse, what was read at the end.
    fn json(&self, report: &Report, quality: &Quality) -> anyhow::Result<String> {
        let Value::Object(mut object) = serde_json::to_value(report)? else { unreachable!("a report is an object") };
        let verdict = object.keys().position(|key| key == "collapsed").unwrap_or(object.len());
        let mut read = Map::new();
        object.shift_insert(verdict, "quality".into(), serde_json::to_value(quality)?);
        if let Some((popularity, reading)) = &self.sequences {
            object.shift_insert(verdict, "popularity".into(), serde_json::to_value(popularity)?);
            read.insert("sequences".into(), serde_json::to_value(reading)?);
        }
        if let Some(items) = &self.items {
            read.insert("items".into(), serde_json::to_value(items)?);
        }
        if let Some(vectors) = &self.embeddings {
            read.insert("embeddings".into(), serde_json::to_value(vectors)?);
        }
        if !read.is_empty() {
            read.insert("notes".into(), json!(self.notes));
            object.insert("read".into(), read.into());
        }
        Ok(serde_json::to_string_pretty(&object)?)
    }
}

/// A share as it is typed.
pub(super) fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| "not a number".to_string())?;
    if (0.0..=1.0).contains(&rate) { Ok(rate) } else { Err("a rate is between 0 and 1".into()) }
}

fn vocabulary_sizes(sizes: &[u32]) -> Codes {
    match sizes {
        [] => Codes::Inferred,
        [size] => Codes::All(*size as usize),
        sizes => Codes::Each(sizes.iter().map(|&size| size as usize).collect()),
    }
}
