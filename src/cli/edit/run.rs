//! Runs `unitok edit`.

use std::collections::HashSet;

use anyhow::{Context, ensure};
use clap::ArgMatches;

use super::args::Args;
use super::{explain, log, operations, output};
use crate::cli::index_file::{self, LockArg};
use crate::cli::output::Outcome;
use crate::tokens::edit::replay;

/// Runs the command; `given` is what was typed.
pub fn run(args: &Args, given: &ArgMatches) -> anyhow::Result<Outcome> {
    let operations = operations::typed(given);
    ensure!(
        args.explain || args.replay.is_some() || !operations.is_empty(),
        "nothing to do: --explain says why items share tokens; --reassign, --split, --merge, --pin and --replay change them"
    );
    ensure!(
        args.out.is_none() || args.replay.is_some() || args.log.is_some(),
        "edits that are written are logged: give --log FILE too"
    );
    let _claims = args.claim()?;
    let locked = index_file::read(&args.index, LockArg::default())?;
    if args.explain {
        return explain::run(args, &locked);
    }
    let mut pinned: HashSet<String> = locked.lock.iter().flat_map(|lock| lock.pinned.iter().cloned()).collect();
    let (index, edits) = match &args.replay {
        Some(path) => {
            let edits = log::read(path)?;
            let index = replay(&locked.index, &edits, &mut pinned).with_context(|| path.display().to_string())?;
            (index, edits)
        }
        None => operations::run(args, &locked, operations, &mut pinned)?,
    };
    if let Some(out) = &args.out {
        output::write(out, args.log.as_deref(), &locked, &index, pinned, &edits)?;
    }
    output::print(args, &locked, &edits)?;
    Ok(Outcome::Done)
}
