//! The arguments of `unitok tokenize`, and the checks that need no input.

use std::path::{Path, PathBuf};

use anyhow::ensure;
use clap::ArgMatches;

use super::input_args::InputArgs;
use crate::base::files::{Destination, Identity};
use crate::catalog::Part;
use crate::cli::claims::{Claims, Plan};
use crate::cli::drivers::without_noise;
use crate::cli::index_file::{LockArg, lock_beside};
use crate::cli::model_arg::ModelArg;
use crate::cli::text_model;
use crate::cli::unheeded::{self, Rule};
use crate::compute::Device;
use crate::engine::AnyEngine;
use crate::engine::cpu::CpuEngine;
use crate::model::Model;
use crate::tokens::lock::{BEAMS, check_name};
use crate::tokens::{CodeVocabulary, Layout, Policy};
use crate::vectors::ids_path;

/// No language model has so many tokens, and what follows stays a number that JSON holds exactly.
const MOST_FIRST_TOKEN: u64 = 1 << 52;

/// Arguments.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("input").required(true).args(["items", "embeddings"]))]
#[command(mut_arg("ignore_lock", |arg| arg.requires("append")))]
pub struct Args {
    #[command(flatten)]
    pub(super) model: ModelArg,
    #[command(flatten)]
    pub(super) input: InputArgs,
    /// What users did with the items, for a tokenizer that reads it (it was trained with histories.role=input), in any form that
    /// `unitok audit --sequences` reads. Items without a history, or all without this file, are tokenized by their texts alone.
    /// The last two interactions of each user are left out, for `unitok recommend` to test on
    #[arg(long, value_name = "FILE")]
    pub(super) interactions: Option<PathBuf>,
    /// Where to write the index: JSON as {"item id": ["<a_12>", …]}, or a table of item_id, tokens and codes if the name ends
    /// in .parquet. A pipe or - (stdout) is written to as well; so it is for the other outputs. FILE.lock beside it says what it
    /// was made of
    #[arg(long, value_name = "FILE", required_unless_present = "append")]
    pub(super) out: Option<PathBuf>,
    /// An index whose items keep their tokens: of the items that are read, those that it lacks get tokens beside them, in
    /// places that are free. Options not given are those that it was made with. Written to --out, or else in its place
    #[arg(long, value_name = "INDEX", conflicts_with_all = ["details", "interactions"])]
    pub(super) append: Option<PathBuf>,
    /// With --append, also give new tokens to items whose text or vector changed. One whose text is again what it was gets the
    /// tokens back that it had
    #[arg(long, requires = "append")]
    pub(super) retokenize: bool,
    /// Write nothing, and end with exit code 1, where an index is whose items would then have other tokens, or be gone. Without it
    /// such an index is written over, and a warning says how many items that are. It must have its lockfile beside it, which says
    /// what its tokens mean
    #[arg(long)]
    pub(super) no_replace: bool,
    /// With --append, go on where most of the items that the index knows have another text or vector, as in a file of changes.
    /// Without it they are taken for items of another catalogue with the same ids
    #[arg(long, requires = "append")]
    pub(super) same_items: bool,
    /// With --append, let new items have tokens that another item had before, by which whoever holds old tokens would read the
    /// wrong item. Without it such tokens are retired: the lockfile keeps them for the items that left them, which get them back
    /// if they return. --collisions keep, which moves no item, only says how many are passed on
    #[arg(long, requires = "append")]
    pub(super) reuse: bool,
    #[command(flatten)]
    pub(super) lock: LockArg,
    /// Number of code chains that beam search follows: more than 1 finds codes with less error, and runs on the CPU
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u16).range(i64::from(*BEAMS.start())..=i64::from(*BEAMS.end())))]
    pub(super) beam: u16,
    /// What to do with items that share a codeword. keep: nothing. suffix: one more token for every item, its number among
    /// those that share (as TIGER does). sinkhorn: choose their last codes anew, spread evenly (as LC-Rec does). assign:
    /// give them different last codes at the least added error
    #[arg(long, value_name = "POLICY", default_value_t)]
    pub(super) collisions: Policy,
    /// Order of the tokens in a codeword. expert-last: codes, then the expert (as in the paper). expert-first: the expert,
    /// then its codes. with-shared: as expert-last, then the codes of the shared expert
    #[arg(long, value_name = "LAYOUT", default_value_t)]
    pub(super) layout: Layout,
    /// Tokens of the experts' codes. shared: all experts have the same. per-expert: each has tokens of its own, so there are
    /// more of them
    #[arg(long, value_name = "KIND", default_value_t)]
    pub(super) code_vocabulary: CodeVocabulary,
    /// Also write each item's codes, experts, gates, residual norms and margins, one JSON object per line
    #[arg(long, value_name = "FILE")]
    pub(super) details: Option<PathBuf>,
    /// Also write the index as CSV, with ids that a spreadsheet would take for formulas escaped
    #[arg(long, value_name = "FILE")]
    pub(super) csv: Option<PathBuf>,
    /// Also write all tokens with their numbers, for adding them to a language model's tokenizer
    #[arg(long, value_name = "FILE")]
    pub(super) added_tokens: Option<PathBuf>,
    /// Number of the first added token, usually the size of the language model's vocabulary
    #[arg(long, value_name = "NUMBER", default_value_t = 0, requires = "added_tokens", value_parser = clap::value_parser!(u64).range(..=MOST_FIRST_TOKEN))]
    pub(super) first_token: u64,
    /// Print the summary as JSON on stdout
    #[arg(long)]
    pub(super) json: bool,
}

/// What has no effect with either kind of input.
const UNHEEDED: [Rule; 2] = [
    Rule {
        input: ("embeddings", "--embeddings"),
        options: &[
            ("template", "vectors are not made from texts; it belongs to `unitok embed`"),
            ("no_text", "vectors are not made from texts; it belongs to `unitok embed`"),
            ("text_model", "vectors are not made from texts; it belongs to `unitok embed`"),
            ("prefix_ids", "it tells the ids of several catalogues apart, and this is one file"),
            ("duplicates", "a repeated id is an error there, or is left out with --skip-bad"),
            ("number_items", "rows without ids are always numbered; with --field id= also those that have some"),
            ("lossy", "it is about the text of a catalogue"),
            ("no_header", "it is about a catalogue in CSV"),
            ("format", "a file of vectors is known by its first bytes"),
            ("delimiter", "a file of vectors has none"),
        ],
    },
    Rule { input: ("items", "--items"), options: &[("array", "it names the vectors in a file of --embeddings")] },
];

impl Args {
    /// Refuses options that would have no effect; `given` is what was typed.
    pub(super) fn check_heeded(&self, given: &ArgMatches) -> anyhow::Result<()> {
        unheeded::refuse(given, &UNHEEDED)?;
        let other = self.input.catalogue.reading.fields.iter().find(|named| named.part != Part::Id);
        let other = other.filter(|_| self.input.embeddings.is_some());
        ensure!(
            other.is_none(),
            "--field {} does not apply to --embeddings: of vectors only the ids are read (--field id=NAME). Leave it out",
            other.map_or(String::new(), |named| format!("{}={}", named.part.name(), named.field))
        );
        Ok(())
    }

    /// Claims the outputs, before work that may take an hour.
    pub(super) fn claim(&self) -> anyhow::Result<Claims> {
        check_name(self.out())?;
        let text_model = self.input.embeddings.is_none().then(|| text_model::files(self.input.text_model.as_deref()));
        let mut plan = Plan::default()
            .reads("--items", self.input.catalogue.items.iter().cloned())
            .reads("--embeddings", self.input.embeddings.iter().flat_map(|path| [path.clone(), ids_path(path)]))
            .reads("--interactions", self.interactions.iter().cloned())
            .reads("--template", self.input.catalogue.template.iter().cloned())
            .reads("--model", self.model.files())
            .reads("--text-model", text_model.into_iter().flatten())
            .reads("--append", self.append.iter().filter(|_| !self.is_in_place()).cloned())
            .writes_also("--out", Destination::resolve(self.out())?, self.lock_path()?)?;
        let more = [("--details", &self.details), ("--csv", &self.csv), ("--added-tokens", &self.added_tokens)];
        for (option, path) in more {
            if let Some(path) = path {
                plan = plan.writes(option, path)?;
            }
        }
        plan.claim(self.json)
    }

    /// Where the index goes.
    pub(super) fn out(&self) -> &Path {
        self.out.as_ref().or(self.append.as_ref()).expect("the parser asks for one of them")
    }

    /// Whether the index of --append is written anew.
    pub(super) fn is_in_place(&self) -> bool {
        self.append.as_ref().is_some_and(|path| Identity::of(path) == Identity::of(self.out()))
    }

    /// Where the lockfile of the index goes; none beside a pipe.
    pub(super) fn lock_path(&self) -> anyhow::Result<Option<PathBuf>> {
        Ok(Destination::resolve(self.out())?.file().map(lock_beside))
    }

    /// The engine that `--beam` and `--device` select.
    pub(super) fn engine(&self, model: &Model) -> anyhow::Result<AnyEngine> {
        if self.beam == 1 {
            return Ok(without_noise(|| pollster::block_on(AnyEngine::select(model, self.input.device, false)))?);
        }
        ensure!(self.input.device != Device::Gpu, "--beam {} runs on the CPU: leave out --device gpu", self.beam);
        let engine = CpuEngine::with_beam(model, self.beam.into())?.with_reason("beam search runs on the CPU");
        Ok(AnyEngine::Cpu(Box::new(engine)))
    }

    /// Prints `text` on stderr, unless `--quiet` was given.
    pub(super) fn say(&self, text: &str) {
        self.input.say(text);
    }
}
