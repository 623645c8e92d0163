//! The command line: one file a subcommand. Typed arguments here, meaning in the library.
//!
//! Exit codes: 0 done, 1 a check said no, 2 an error. `--json` output goes to stdout alone,
//! everything else to stderr.

mod audit;
mod bench;
mod cached_encoder;
mod default_model;
mod embed;
mod info;
pub mod interrupt;
mod items;
mod model_arg;
mod output;
pub mod progress;
mod text_model;
mod tokenize;
#[cfg(feature = "train")]
mod train;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use output::Outcome;

/// One item tokenizer for every recommendation domain.
#[derive(Debug, Parser)]
#[command(name = "unitok", version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Turn item texts into embedding vectors.
    Embed(embed::Args),
    /// Train a tokenizer.
    #[cfg(feature = "train")]
    Train(train::Args),
    /// Turn items or embeddings into tokens.
    Tokenize(tokenize::Args),
    /// Measure any index of item tokens.
    Audit(audit::Args),
    /// Time a stage on this machine, and hold its results to the float64 reference.
    Bench(bench::Args),
    /// Describe a model: shapes, parameters, domains, measured quality.
    Info(info::Args),
}

/// Parses the arguments, runs the command, maps the outcome to an exit code.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        Command::Embed(args) => embed::run(&args),
        #[cfg(feature = "train")]
        Command::Train(args) => train::run(args),
        Command::Tokenize(args) => tokenize::run(args),
        Command::Audit(args) => audit::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Info(args) => info::run(args),
    };
    match result {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::CheckFailed) => ExitCode::from(1),
        // `unitok … | head` closes our output: that is how the reader says «enough».
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", told(&error));
            ExitCode::from(2)
        }
    }
}

/// What went wrong and why; a cause that was told already, as some errors tell theirs, is left out.
fn told(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |told, cause| match told.as_str() {
        "" => cause,
        said if said.ends_with(&cause) => told,
        said => format!("{said}: {cause}"),
    })
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = error.chain().find_map(|cause| cause.downcast_ref::<std::io::Error>());
    io.is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    #[test]
    fn a_cause_is_told_once() {
        #[derive(Debug, thiserror::Error)]
        #[error("x.npy: {source}")]
        struct Io {
            source: std::io::Error,
        }
        let cause = || Io { source: std::io::Error::other("gone") };
        assert_eq!(super::told(&cause().into()), "x.npy: gone");
        let error = Err::<(), _>(cause()).context("cannot embed").unwrap_err();
        assert_eq!(super::told(&error), "cannot embed: x.npy: gone");
    }
}
