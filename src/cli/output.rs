//! How a command ends, and how it writes its output.

use std::io::Write;

use crate::compute::DeviceInfo;

/// How a command that did not fail ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It did its work.
    Done,
    /// It did its work, and a check failed.
    CheckFailed,
}

/// Writes `text` and a newline to stdout; a closed pipe is an error that [`main`](super::main) forgives.
pub fn print(text: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout().lock(), "{text}")?;
    Ok(())
}

/// One line that says which engine runs, and why.
pub fn describe_engine(info: &DeviceInfo) -> String {
    let software = if info.software { ", a software renderer" } else { "" };
    let reason = info.reason.as_ref().map_or_else(String::new, |reason| format!(" ({reason})"));
    format!("engine {}: {}{software}, {}{reason}", info.kind, info.name, info.backend)
}
