//! The command line, one file for each subcommand. A subcommand reads its arguments and prints results; the work itself is
//! done by the library.
//!
//! Exit codes: 0 done, 1 a check failed, 2 an error. Only results go to stdout, as with `--json`; all messages go to stderr.

mod audit;
mod bench;
mod cached_encoder;
mod catalogue_fields;
mod claims;
#[cfg(feature = "train")]
mod compare;
mod diff;
#[cfg(feature = "train")]
mod domains;
mod drivers;
mod edit;
mod embed;
mod export;
#[cfg(feature = "train")]
mod extend;
mod file_hash;
mod histories;
mod index_file;
mod info;
mod info_lock;
pub mod interrupt;
mod items;
mod model_arg;
#[cfg(feature = "train")]
mod one_text_model;
mod output;
pub mod progress;
mod reading;
#[cfg(feature = "train")]
mod recommend;
mod text_model;
mod tokenize;
#[cfg(feature = "train")]
mod train;
mod unheeded;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use output::{Outcome, Refused, say};

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
    /// Tell what changed from one index to the next, and what a recommender must learn anew.
    Diff(diff::Args),
    /// Change a few tokens of an index on purpose, and tell beforehand what it costs.
    Edit(edit::Args),
    /// Train and score recommenders over the tokens of an index.
    #[cfg(feature = "train")]
    Recommend(recommend::Args),
    /// Compare tokenizers and recommenders over catalogues, as the paper does.
    #[cfg(feature = "train")]
    Compare(compare::Args),
    /// Hand an index over to a language model's tokenizer, or to a decoder that only generates its items.
    Export(export::Args),
    /// Time a stage on this machine, and compare its results with a float64 reference.
    Bench(bench::Args),
    /// Describe a model, an index, a file of embeddings or a catalogue.
    Info(info::Args),
}

/// Parses the arguments, runs the command, maps the outcome to an exit code.
pub fn main() -> ExitCode {
    #[cfg(target_arch = "x86_64")]
    if let Err(error) = crate::compute::cpu::simd::limit() {
        say(&format!("error: {error}"));
        return ExitCode::from(2);
    }
    let matches = Cli::command().get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let given = matches.subcommand().expect("the parser asks for one").1;
    let result = match cli.command {
        Command::Embed(args) => embed::run(&args),
        #[cfg(feature = "train")]
        Command::Train(args) => train::run(args),
        Command::Tokenize(args) => tokenize::run(args, given),
        Command::Audit(args) => audit::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Edit(args) => edit::run(&args, given),
        #[cfg(feature = "train")]
        Command::Recommend(args) => recommend::run(args, given),
        #[cfg(feature = "train")]
        Command::Compare(args) => compare::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Info(args) => info::run(args),
    };
    match result {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::CheckFailed) => ExitCode::from(1),
        // No error: `unitok … | head` closes the pipe when it has read enough. Other pipes that break are no broken pipes.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {}", message(&error)));
            ExitCode::from(if error.is::<Refused>() { 1 } else { 2 })
        }
    }
}

/// The error and its causes in one line. Some errors include their cause in their own text; it is not repeated.
fn message(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |message, cause| match message.as_str() {
        "" => cause,
        text if text.contains(&cause) => message,
        text => format!("{text}: {cause}"),
    })
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let mut io = error.chain().filter_map(|cause| cause.downcast_ref::<std::io::Error>());
    io.any(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    #[test]
    fn a_cause_appears_once_in_the_message() {
        #[derive(Debug, thiserror::Error)]
        #[error("x.npy: {source}")]
        struct Io {
            source: std::io::Error,
        }
        let cause = || Io { source: std::io::Error::other("gone") };
        assert_eq!(super::message(&cause().into()), "x.npy: gone");
        let error = Err::<(), _>(cause()).context("cannot embed").unwrap_err();
        assert_eq!(super::message(&error), "cannot embed: x.npy: gone");
        let index = crate::tokens::Index::from_text("[1]").unwrap_err();
        let said = format!("i.json: {index}");
        assert_eq!(super::message(&anyhow::Error::from(index).context("i.json")), said);
    }
}
