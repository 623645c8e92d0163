//! Runs `unitok edit`.

use anyhow::{anyhow, ensure};
use clap::ArgMatches;

use super::args::Args;
use super::{explain, log, operations, output};
use crate::cli::index_file::{self, LockArg};
use crate::cli::output::Outcome;
use crate::tokens::edit::State;

/// Runs the command; `given` is what was typed.
pub fn run(args: &Args, given: &ArgMatches) -> anyhow::Result<Outcome> {
    let typed = operations::typed(given);
    ensure!(
        args.explain || args.replay.is_some() || !typed.is_empty(),
        "nothing to do: --explain says why items share tokens; --reassign, --split, --merge, --remove, --pin and --replay change them"
    );
    ensure!(
        args.out.is_none() || args.replay.is_some() || args.log.is_some(),
        "edits that are written are logged: give --log FILE too"
    );
    ensure!(
        !args.explain || !args.input.catalogue.items.is_empty(),
        "--explain compares the words of items: give --items, the catalogue that the index is of"
    );
    let _claims = args.claim()?;
    let mut locked = index_file::read(&args.index, LockArg::default())?;
    if args.explain {
        return explain::run(args, &locked);
    }
    let index = if args.replay.is_some() { std::mem::take(&mut locked.index) } else { locked.index.clone() };
    let mut state = State::new(index, locked.lock.as_ref());
    let from = state.stamp();
    // Before work that may take long.
    let earlier = args.log.as_ref().map(|path| log::continued(path, &locked.name, &from)).transpose()?.unwrap_or_default();
    let (state, edits) = match &args.replay {
        Some(path) => {
            let log = log::read(path)?;
            log::check_begin(&log, path, &locked.name, &from)?;
            log.replay(&mut state).map_err(|error| anyhow!("{}, {error}", path.display()))?;
            (state, log.edits().cloned().collect())
        }
        None => operations::run(args, &locked, operations::with_files(typed, &state)?, state)?,
    };
    output::write_and_print(args, &locked, (earlier, from), state, &edits)?;
    Ok(Outcome::Done)
}
