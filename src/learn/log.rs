//! The metrics log: one JSON object a line, `metrics.jsonl` in the run's folder.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::train::TrainError;
use crate::train::recipes::unitok::checkpoint::write_atomic;

/// An append-only log.
#[derive(Debug)]
pub struct MetricsLog {
    path: PathBuf,
    out: BufWriter<File>,
}

/// A line of the log.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum Line<'a> {
    /// One step.
    Step(&'a crate::train::recipes::unitok::run::StepReport),
    /// An evaluation.
    Epoch(&'a crate::train::recipes::unitok::evaluate::Health),
}

impl MetricsLog {
    /// Opens the log, keeping the lines of steps up to `step`: a resumed run repeats the later ones.
    pub fn open(path: &Path, step: usize) -> Result<Self, TrainError> {
        let io = |e| TrainError::io(path, e);
        if path.exists() {
            let kept: Vec<String> = BufReader::new(File::open(path).map_err(io)?)
                .lines()
                .map_while(Result::ok)
                .filter(|line| step_of(line).is_some_and(|s| s <= step))
                .collect();
            let text: String = kept.iter().flat_map(|l| [l.as_str(), "\n"]).collect();
            write_atomic(path, text.as_bytes())?;
        }
        let file = OpenOptions::new().create(true).append(true).open(path).map_err(io)?;
        Ok(Self { path: path.into(), out: BufWriter::new(file) })
    }

    /// Appends a line.
    pub fn write(&mut self, line: &Line<'_>) -> Result<(), TrainError> {
        let json = serde_json::to_string(line).expect("a log line has only plain fields");
        writeln!(self.out, "{json}").map_err(|e| TrainError::io(&self.path, e))
    }

    /// Hands everything to the system.
    pub fn flush(&mut self) -> Result<(), TrainError> {
        self.out.flush().map_err(|e| TrainError::io(&self.path, e))
    }
}

/// The step of a line; `None` for a line cut short by a kill.
fn step_of(line: &str) -> Option<usize> {
    let value: serde_json::Value = serde_json::from_str(line).ok()?;
    value.get("step")?.as_u64().map(|s| s as usize)
}
