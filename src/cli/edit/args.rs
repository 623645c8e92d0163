//! The arguments of `unitok edit`.

use std::path::PathBuf;

use super::log;
use crate::base::files::{Destination, Identity};
use crate::cli::claims::{Claims, Plan};
use crate::cli::index_file;
use crate::cli::model_arg::ModelArg;
use crate::cli::tokenize::InputArgs;
use crate::tokens::lock::check_name;

/// Arguments.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("input").args(["items", "embeddings"]))]
pub struct Args {
    /// Index that `unitok tokenize` wrote, with its lockfile beside it.
    pub(super) index: PathBuf,
    #[command(flatten)]
    pub(super) model: ModelArg,
    #[command(flatten)]
    pub(super) input: InputArgs,
    /// Tell which words would separate the items that share their tokens; needs --items.
    #[arg(long, conflicts_with_all = ["pin", "unpin", "reassign", "split", "merge", "remove", "replay", "out"])]
    pub(super) explain: bool,
    /// Keep the tokens of an item, whatever later edits and `tokenize --append --retokenize` do. This and the options below may
    /// be given several times, and are done in the order in which they stand.
    #[arg(long, value_name = "ID")]
    pub(super) pin: Vec<String>,
    /// Take back --pin.
    #[arg(long, value_name = "ID")]
    pub(super) unpin: Vec<String>,
    /// Give an item the free tokens that add least distortion.
    #[arg(long, value_name = "ID")]
    pub(super) reassign: Vec<String>,
    /// Give each item that shares its tokens with this one tokens of its own.
    #[arg(long, value_name = "ID")]
    pub(super) split: Vec<String>,
    /// Give the items of two codewords, each named by an item, the one of the two that adds less distortion.
    #[arg(long, value_name = "ID", num_args = 2)]
    pub(super) merge: Vec<String>,
    /// Take an item out of the index, or the items that a file names, one a line. Needs no --items. Nobody else gets its tokens
    /// (see --reuse); if it is appended again, it gets them back, unless it shared them with an item that stays.
    #[arg(long, value_name = "ID|FILE")]
    pub(super) remove: Vec<String>,
    /// Let --reassign and --split also give tokens that another item had before, by which whoever holds old tokens would read the
    /// wrong item. Without it such tokens are retired: the lockfile keeps them for the items that left them.
    #[arg(long, conflicts_with = "replay")]
    pub(super) reuse: bool,
    /// Do again what a log of edits says, on the index that it was begun with. Needs neither a model nor items.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["pin", "unpin", "reassign", "split", "merge", "remove"])]
    pub(super) replay: Option<PathBuf>,
    /// Where to write the index; it may be the same file. Without it edits are only priced; with it they are logged (--log), unless
    /// they come from a log.
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Where to write the log of the edits, one JSON object a line. A log that is there is continued, if it ends with this index:
    /// a log knows the index that it begins with and the one that it ends with.
    #[arg(long, value_name = "FILE", requires = "out", conflicts_with = "replay")]
    pub(super) log: Option<PathBuf>,
    /// Print the result as one JSON object.
    #[arg(long)]
    pub(super) json: bool,
}

impl Args {
    /// Claims the outputs. The index may be written over: the log tells what it was.
    pub(super) fn claim(&self) -> anyhow::Result<Claims> {
        let is_in_place = self.out.as_ref().is_some_and(|out| Identity::of(out) == Identity::of(&self.index));
        let mut plan = Plan::default()
            .reads("the index", Some(self.index.clone()).filter(|_| !is_in_place))
            .reads("--items", self.input.catalogue.items.iter().cloned())
            .reads("--embeddings", self.input.embeddings.iter().cloned())
            .reads("--replay", self.replay.iter().cloned());
        if let Some(out) = &self.out {
            check_name(out)?;
            let destination = Destination::resolve(out)?;
            let lock = destination.file().map(index_file::lock_beside);
            plan = plan.writes_also("--out", destination, lock)?;
        }
        if let Some(log) = &self.log {
            let (index, file) = (self.index.clone(), log.clone());
            plan = plan.writes("--log", log)?.recovers(move || log::recover(&index, &file));
        }
        plan.claim(self.json)
    }
}
