//! How a command ends, and what it prints: results on stdout, messages on stderr.
//!
//! Nobody may listen any more: a message to a closed stderr is dropped, where `eprintln!` would panic. Clippy refuses
//! `eprintln!` and `println!` in this crate.

use std::io::{self, Write};

use anyhow::Context;

use crate::compute::DeviceInfo;

/// How a command that did not fail ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It did its work.
    Done,
    /// It did its work, and a check failed.
    CheckFailed,
}

/// A check that was asked for said no before anything was done: the program ends with exit code 1.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

/// Writes `text` and a newline to stdout; a closed pipe is an error that [`main`](super::main) forgives.
pub fn print(text: &str) -> anyhow::Result<()> {
    writeln!(io::stdout().lock(), "{text}").context("cannot write stdout")
}

/// A message on stderr.
pub fn say(text: &str) {
    // In one piece, so that lines of several threads do not mix.
    let _ = io::stderr().lock().write_all(format!("{text}\n").as_bytes());
}

/// A warning on stderr.
pub fn warn(text: &str) {
    say(&format!("warning: {text}"));
}

/// One line that says which engine runs, and why.
pub fn describe_engine(info: &DeviceInfo) -> String {
    let software = if info.software { ", a software renderer" } else { "" };
    let reason = info.reason.as_ref().map_or_else(String::new, |reason| format!(" ({reason})"));
    format!("engine {}: {}{software}, {}{reason}", info.kind, info.name, info.backend)
}
