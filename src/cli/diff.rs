//! `unitok diff`: what changed from one index to the next.

use std::path::{Path, PathBuf};

use anyhow::ensure;
use serde::Serialize;

use super::audit::rate;
use super::claims::Plan;
use super::index_file::{self, LockArg, Locked};
use super::output::{Outcome, print, say};
use crate::audit::diff::{Affected, Change, Diff, Reasons, diff, diff_tables};
use crate::base::files::write_atomic;
use crate::base::words::{counted, verb};
use crate::interactions::{self, Named, Options};
use crate::tokens::Index;
use crate::tokens::lock::Difference;

/// Ids that are named of each kind of change.
const EXAMPLES: usize = 3;

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The earlier index, of any tokenizer and in any form that `unitok audit` reads.
    before: PathBuf,
    /// The later index.
    after: PathBuf,
    /// Interactions; adds how many of them are with items that moved or are new. In any form that `unitok audit` reads.
    #[arg(long, value_name = "FILE")]
    sequences: Option<PathBuf>,
    /// Column of the interactions with an unusual name, for example item=product. PART is user, item or time. May be given
    /// several times.
    #[arg(long = "sequence-field", value_name = "PART=NAME", requires = "sequences")]
    sequence_fields: Vec<Named>,
    /// Skip and count malformed interactions, instead of stopping at the first.
    #[arg(long, requires = "sequences")]
    skip_bad: bool,
    /// Which token of a codeword is the expert's, from 1; adds what moved by expert [default: what the lockfile of each index
    /// says]
    #[arg(long, value_name = "POSITION", value_parser = clap::value_parser!(u16).range(1..))]
    expert: Option<u16>,
    /// Also write every change, one JSON object a line: the item's id, what happened, and its tokens before and after.
    #[arg(long, value_name = "FILE")]
    changes: Option<PathBuf>,
    #[command(flatten)]
    lock: LockArg,
    /// Exit with code 1 if a larger share of the items of the first index than R, a number from 0 to 1, moved or is gone. Items
    /// that are new count for nothing.
    #[arg(long, value_name = "R", value_parser = rate)]
    max_churn: Option<f64>,
    /// Print the result as one JSON object.
    #[arg(long)]
    json: bool,
    /// Print no result, only set the exit code.
    #[arg(long, short, conflicts_with = "json")]
    quiet: bool,
}

/// One line of `--changes`.
#[derive(Default, Serialize)]
struct Line<'a> {
    id: &'a str,
    change: &'static str,
    /// Why it moved, where lockfiles tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// First tokens that stayed.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Vec<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Vec<&'a str>>,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<Outcome> {
    let _claims = args.claim()?;
    let sides = [&args.before, &args.after].map(|path| index_file::read(path, args.lock));
    let [before, after] = sides;
    let (before, after) = (before?, after?);
    let reasons = before.lock.as_ref().zip(after.lock.as_ref()).map(|(before, after)| Reasons::new(before, after));
    let place = |of: &Locked| args.expert.map(usize::from).or_else(|| of.lock.as_ref()?.expert).map(|position| position - 1);
    let expert = place(&before);
    let experts = expert.map(|before| [before, place(&after).unwrap_or(before)]);
    let (before, after) = (&before.index, &after.index);
    ensure!(
        expert.is_none_or(|place| place < before.width),
        "--expert {}: the codewords of {} have {}",
        expert.unwrap_or(0) + 1,
        index_file::shown(&args.before),
        counted(before.width, "token")
    );
    let mut found = diff(before, after, experts, reasons.as_ref())?;
    if let Some(path) = &args.sequences {
        let options = Options { named: args.sequence_fields.clone(), skip_malformed: args.skip_bad };
        let (sequences, reading) = interactions::open(path, &after.ids, &options)?;
        found.relearn.interactions = Some(Affected::count(&found.changes, &sequences, after.items()));
        if !args.quiet {
            say(&reading.to_string());
        }
    }
    if let Some(path) = &args.changes {
        write_changes(path, &found, before, after, reasons.as_ref())?;
    }
    if args.json {
        print(&serde_json::to_string_pretty(&found)?)?;
    } else if !args.quiet {
        print(args.text(&found, before, after).trim_end())?;
    }
    match args.max_churn {
        Some(limit) if found.churn > limit => {
            say(&format!(
                "check failed: of {} {} moved and {} {} gone (churn {:.4}), above --max-churn {limit}",
                counted(found.items_before, "item"),
                found.moved,
                found.removed,
                verb(found.removed, "is", "are"),
                found.churn
            ));
            Ok(Outcome::CheckFailed)
        }
        _ => Ok(Outcome::Done),
    }
}

impl Args {
    /// Checks that no file is read twice from standard input, and claims the file of `--changes`.
    fn claim(&self) -> anyhow::Result<super::claims::Claims> {
        let plan = Plan::default()
            .reads("the first index", [self.before.clone()])
            .reads("the second index", [self.after.clone()])
            .reads("--sequences", self.sequences.iter().cloned());
        match &self.changes {
            Some(path) => plan.writes("--changes", path)?,
            None => plan,
        }
        .claim(self.json)
    }

    /// The result for people.
    fn text(&self, found: &Diff, before: &Index, after: &Index) -> String {
        let mut text = format!(
            "{} → {}: {} → {}; {} added, {} removed, {} of {} moved (churn {:.2} %)\n",
            index_file::shown(&self.before),
            index_file::shown(&self.after),
            counted(found.items_before, "item"),
            found.items_after,
            found.added,
            found.removed,
            found.moved,
            found.common,
            100.0 * found.churn
        );
        for Difference { artefact, before, after } in found.differences.iter().flatten() {
            text += &format!("  {artefact}: {before} → {after}\n");
        }
        let lines = || found.changes.iter().map(|change| line(change, before, after));
        for kind in ["added", "removed", "moved"] {
            let ids: Vec<&str> = lines().filter(|line| line.change == kind).take(EXAMPLES).map(|line| line.id).collect();
            if !ids.is_empty() {
                text += &format!("  {kind}, for example: {}\n", ids.join(", "));
            }
        }
        diff_tables(found).iter().for_each(|table| text += &format!("\n{table}"));
        text
    }
}

/// A change with its texts.
fn line<'a>(change: &Change, before: &'a Index, after: &'a Index) -> Line<'a> {
    let words = |index: &'a Index, item: u32| {
        let row = index.row(item as usize).iter();
        Some(row.map(|&token| index.vocabulary[token as usize].as_str()).collect())
    };
    let id = |index: &'a Index, item: u32| index.ids[item as usize].as_str();
    match *change {
        Change::Added { after: new } => Line { id: id(after, new), change: "added", after: words(after, new), ..Line::default() },
        Change::Removed { before: old } => {
            Line { id: id(before, old), change: "removed", before: words(before, old), ..Line::default() }
        }
        Change::Moved { before: old, after: new, kept } => {
            let (before, after, id) = (words(before, old), words(after, new), id(after, new));
            Line { id, change: "moved", kept: Some(kept), before, after, ..Line::default() }
        }
    }
}

fn write_changes(path: &Path, found: &Diff, before: &Index, after: &Index, reasons: Option<&Reasons<'_>>) -> anyhow::Result<()> {
    write_atomic(path, |out| {
        for change in &found.changes {
            let reason = match (reasons, *change) {
                (Some(reasons), Change::Moved { before, after, .. }) => Some(reasons.of(before, after)),
                _ => None,
            };
            serde_json::to_writer(&mut *out, &Line { reason, ..line(change, before, after) })?;
            out.write_all(b"\n")?;
        }
        Ok(())
    })
}
