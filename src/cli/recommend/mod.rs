//! `unitok recommend`: recommenders over the tokens of an index.

mod evaluate;
mod report;
mod watch;

use clap::{ArgMatches, Subcommand};

use super::output::Outcome;

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Train a recommender on the tokens of an index, and score it item by item.
    Evaluate(evaluate::Args),
}

/// Runs the command; `given` is what was typed.
pub fn run(args: Args, given: &ArgMatches) -> anyhow::Result<Outcome> {
    let given = given.subcommand().expect("the parser asks for one").1;
    match args.command {
        Command::Evaluate(args) => evaluate::run(&args, given),
    }
}
