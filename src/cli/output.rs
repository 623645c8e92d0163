//! How a command ends, and what it writes.

use crate::base::files::{synced, temporary_beside};
use crate::compute::DeviceInfo;

/// How a command that did not fail ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It did its work.
    Done,
    /// It did its work, and a check that the user asked for said no.
    CheckFailed,
}

/// Writes `text` and a newline to stdout; a closed pipe is an error that [`main`](super::main) forgives.
pub fn print(text: &str) -> anyhow::Result<()> {
    use std::io::Write;
    writeln!(std::io::stdout().lock(), "{text}")?;
    Ok(())
}

/// Which engine runs, for people.
pub fn describe_engine(info: &DeviceInfo) -> String {
    let software = if info.software { ", a software renderer" } else { "" };
    let reason = info.reason.as_ref().map_or_else(String::new, |reason| format!(" ({reason})"));
    format!("engine {}: {}{software}, {}{reason}", info.kind, info.name, info.backend)
}

/// Writes a file whole or not at all: a temporary file beside it, synced, then renamed.
pub fn write_atomic(
    path: &std::path::Path,
    write: impl FnOnce(&mut (dyn std::io::Write + Send)) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    use anyhow::Context;
    let cannot = || format!("cannot write {}", path.display());
    let mut out = std::io::BufWriter::new(temporary_beside(path).with_context(cannot)?);
    write(&mut out)?;
    synced(out).and_then(|file| file.persist(path).map_err(|e| e.error)).with_context(cannot)?;
    Ok(())
}
