//! `unitok recommend evaluate`: an index and sequences → how well the items are recommended.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use clap::ArgMatches;
use clap::parser::ValueSource;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::report::{as_json, as_table};
use super::watch::Watch;
use crate::base::words::{counted, verb};
use crate::catalog::{self, Item, ReadOptions};
use crate::cli::index_file::{self, LockArg};
use crate::cli::interrupt;
use crate::cli::output::{Outcome as Exit, print, say};
use crate::compare::tokenizers::Tokenizer;
use crate::compare::tokenizers::identifiers::Identifier;
use crate::interactions::{self, Named, Options};
use crate::learn::fingerprint::differences;
use crate::learn::folder::{Claim, RunFolder};
use crate::recommend::dataset::Dataset;
use crate::recommend::kind::{Kind, Size};
use crate::recommend::recommender::Listing;
use crate::recommend::session::{Ended, Job, Outcome, fingerprint_of, run as run_job};
use crate::tables;
use crate::tokens::Index;

/// What a run leaves in its folder: figures, and all that they were made from.
const FILES: [&str; 2] = ["result.json", "outcome.json"];
/// Share of the items that the cold split keeps from training, and the seed that draws them.
const COLD: (f64, u64) = (0.1, 1);

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Index file of any tokenizer: JSON as {"item id": ["<a_12>", ...], ...}, or .parquet. Its items are those that are
    /// recommended. Or, with --items: itemid (a token an item), random (four random codes an item), p5-tid (words of the
    /// title) or p5-semid (names of the category).
    #[arg(long, value_name = "FILE")]
    index: PathBuf,
    /// Catalogue of the items, for an index that is made of it.
    #[arg(long, value_name = "FILE")]
    items: Option<PathBuf>,
    #[command(flatten)]
    lock: LockArg,
    /// Interactions, in any of the forms that `unitok audit` reads.
    #[arg(long, value_name = "FILE")]
    sequences: PathBuf,
    /// Column of the interactions with an unusual name, for example item=product. PART is user, item or time. May be given
    /// several times.
    #[arg(long = "sequence-field", value_name = "PART=NAME")]
    sequence_fields: Vec<Named>,
    /// Skip and count malformed interactions, instead of stopping at the first.
    #[arg(long)]
    skip_bad: bool,
    /// Which recommender: popularity, popularity-by-code, graph, mf, lightgcn, sasrec (sasrec-bce and sasrec-sampled have other
    /// losses), bert4rec, dec (a decoder-only transformer over codewords) or t5 (the paper's encoder-decoder). Only
    /// popularity-by-code, dec and t5 read tokens.
    #[arg(long, value_name = "KIND", default_value_t = Kind::Dec)]
    recommender: Kind,
    /// reduced (width 64, two layers, about a dozen epochs), or full (as the papers have it).
    #[arg(long, value_name = "SIZE", default_value_t)]
    size: Size,
    /// Seeds; with several, the interval is over users and seeds.
    #[arg(long = "seed", value_name = "N", num_args = 1.., default_values_t = [1])]
    seeds: Vec<u64>,
    /// leave-one-out: a user's last item is asked for. cold: a tenth of the items is kept from training, and only users whose
    /// last item is one of them are asked.
    #[arg(long, value_name = "SPLIT", value_parser = ["leave-one-out", "cold"], default_value = "leave-one-out")]
    split: String,
    /// Leave the items of a user's history out of the list.
    #[arg(long)]
    mask_history: bool,
    /// Epochs at most, instead of those of the size.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    epochs: Option<u32>,
    /// Folder for checkpoints, logs and results, a folder in it for each seed. Without it nothing is written.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Go on with an interrupted run in the folder.
    #[arg(long, requires = "out")]
    resume: bool,
    /// Overwrite what the folder holds.
    #[arg(long, requires = "out", conflicts_with = "resume")]
    force: bool,
    /// Print the results as one JSON object.
    #[arg(long)]
    json: bool,
    /// Print no progress.
    #[arg(long)]
    quiet: bool,
}

/// Runs the command; `given` is what was typed.
pub fn run(args: &Args, given: &ArgMatches) -> anyhow::Result<Exit> {
    args.check_heeded(given)?;
    let index = args.read_index()?;
    let options = Options { named: args.sequence_fields.clone(), skip_malformed: args.skip_bad };
    let (sequences, reading) = interactions::open(&args.sequences, &index.ids, &options)?;
    let dataset = match args.split.as_str() {
        "cold" => Dataset::cold_items(&sequences, index.items(), COLD.0, COLD.1),
        _ => Dataset::leave_one_out(&sequences, index.items()),
    };
    let dataset = dataset.with_context(|| reading.file.clone())?;
    if !args.quiet {
        say(&reading.to_string());
        say(&describe(&dataset, &index));
    }
    interrupt::listen();
    let mut outcomes = Vec::new();
    for &seed in &args.seeds {
        outcomes.push(args.one(&dataset, &index, seed)?);
    }
    let runs = args.seeds.iter().zip(&outcomes).map(|(&seed, outcome)| args.result(seed, outcome)).collect();
    let title =
        format!("{} on {}, {}", args.recommender, index_file::name(&args.index), counted(outcomes[0].record.users, "user"));
    print(&if args.json { as_json(&reading, &outcomes, runs)? } else { as_table(title, &outcomes)? })?;
    Ok(Exit::Done)
}

impl Args {
    /// The index: of a file, or made of a catalogue.
    fn read_index(&self) -> anyhow::Result<Index> {
        let named = Identifier::ALL.into_iter().find(|identifier| self.index == Path::new(identifier.name()));
        match (named, &self.items) {
            (None, None) => {
                let locked = index_file::read(&self.index, self.lock)?;
                locked.check_interactions(&self.sequences)?;
                Ok(locked.index)
            }
            (None, Some(_)) => bail!(
                "--items does not apply to a file of --index: its ids are the items. Leave it out, or pass --index {}",
                Identifier::ALL.map(|identifier| identifier.name()).join("|")
            ),
            (Some(identifier), None) => {
                bail!("--index {} is made of a catalogue: pass it with --items (a file of that name is ./{0})", identifier.name())
            }
            (Some(identifier), Some(path)) => {
                let items = catalog::open(path, &ReadOptions::default())?.collect::<Result<Vec<Item>, _>>()?;
                identifier.index(&items, self.seeds[0]).with_context(|| path.display().to_string())
            }
        }
    }

    /// Refuses options that would have no effect.
    fn check_heeded(&self, given: &ArgMatches) -> anyhow::Result<()> {
        let typed = |id: &str| given.value_source(id) == Some(ValueSource::CommandLine);
        let kind = self.recommender;
        if !kind.has_epochs() {
            let unheeded = [("seeds", "--seed"), ("size", "--size"), ("epochs", "--epochs")];
            if let Some((_, option)) = unheeded.into_iter().find(|(id, _)| typed(id)) {
                bail!("{option} does not apply to --recommender {kind}: nothing in it is trained or drawn. Leave it out");
            }
        }
        let mut seeds = self.seeds.clone();
        seeds.sort_unstable();
        seeds.dedup();
        ensure!(seeds.len() == self.seeds.len(), "a seed is given twice: it would give the same figures again");
        ensure!(
            !tables::is_stdin(&self.index) || !tables::is_stdin(&self.sequences),
            "standard input (-) can be one of the inputs only"
        );
        Ok(())
    }

    fn one(&self, dataset: &Dataset, index: &Index, seed: u64) -> anyhow::Result<Outcome> {
        let job = Job {
            kind: self.recommender,
            size: self.size,
            seed,
            epochs: self.epochs.map(|epochs| epochs as usize),
            listing: Listing { mask_history: self.mask_history },
            dataset,
            index: Some(index),
        };
        let Some(path) = self.out.as_ref().map(|out| out.join(format!("seed-{seed}"))) else {
            return self.train(&job, None)?.context("stopped; nothing was saved. With --out DIR a run can be resumed");
        };
        let fingerprint = fingerprint_of(&job)?;
        if let Some(kept) = self.resume.then(|| kept(&path)).flatten() {
            let differences = differences(&kept.fingerprint, &fingerprint);
            ensure!(
                kept.fingerprint == fingerprint,
                "{} was made with other settings or data; choose another --out, or overwrite it with --force:\n{differences}",
                path.display()
            );
            return Ok(kept.outcome);
        }
        let folder = RunFolder::claim(&path, &FILES, Claim { resume: self.resume, force: self.force })?;
        let outcome = self.train(&job, Some(&folder))?;
        let outcome =
            outcome.with_context(|| format!("stopped; saved in {}. Go on with the same command and --resume", path.display()))?;
        let bytes = serde_json::to_vec(&Kept { fingerprint, outcome })?;
        // What is read back may differ in a last digit: all sessions report that.
        let kept: Kept = serde_json::from_slice(&bytes)?;
        folder.write(FILES[0], &serde_json::to_vec_pretty(&self.result(seed, &kept.outcome))?)?;
        folder.write(FILES[1], &bytes)?;
        folder.clear_checkpoints()?;
        Ok(kept.outcome)
    }

    /// Trains and tests; none if it was stopped.
    fn train(&self, job: &Job<'_>, folder: Option<&RunFolder>) -> anyhow::Result<Option<Outcome>> {
        let mut watch = Watch::new(self.quiet || self.json);
        let ended = run_job(job, folder, &mut watch);
        watch.finish();
        Ok(match ended? {
            Ended::Interrupted(_) => None,
            Ended::Finished(outcome) => Some(*outcome),
        })
    }

    /// A run as JSON, by the names that results of `unitok compare` have.
    fn result(&self, seed: u64, outcome: &Outcome) -> serde_json::Value {
        let mut object = json!({
            "index": index_file::name(&self.index), "sequences": index_file::name(&self.sequences), "recommender": self.recommender,
            "size": self.size, "seed": seed, "split": self.split, "mask_history": self.mask_history,
        });
        let record = serde_json::to_value(&outcome.record).expect("a record is plain");
        object.as_object_mut().zip(record.as_object()).into_iter().for_each(|(object, record)| object.extend(record.clone()));
        object
    }
}

/// A finished run, kept for when only some of the seeds are done.
#[derive(Serialize, Deserialize)]
struct Kept {
    fingerprint: String,
    outcome: Outcome,
}

/// The finished run in a folder, if there is one that can be read.
fn kept(folder: &Path) -> Option<Kept> {
    serde_json::from_slice(&std::fs::read(folder.join(FILES[1])).ok()?).ok()
}

fn describe(dataset: &Dataset, index: &Index) -> String {
    let interactions: usize = dataset.users().iter().map(|user| user.training.len()).sum();
    let short = match dataset.short_users {
        0 => String::new(),
        users => format!("; {} {} too few interactions", counted(users, "user"), verb(users, "has", "have")),
    };
    let unknown = match dataset.unknown {
        0 => String::new(),
        unknown => {
            format!(
                "; {} with items that the index lacks: left out of histories, misses as targets",
                counted(unknown, "interaction")
            )
        }
    };
    let [users, items] = [(dataset.users().len(), "user"), (index.items(), "item")].map(|(n, what)| counted(n, what));
    format!("{users}, {items}, {}{short}{unknown}", counted(interactions, "training interaction"))
}
