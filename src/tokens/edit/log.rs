//! The log of edits, one JSON object a line, by which they are done again.
//!
//! The edits of one run stand together, after a line that says from which state of the index to which they lead: a log knows
//! the index that it began with and the one that it ends with.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::{EditError, LogError};
use super::operation::Edit;
use super::stamp::Stamp;
use super::state::State;

/// The edits of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Number of its first line, from 1.
    line: usize,
    /// The index before.
    pub from: Stamp,
    /// The index afterwards.
    pub to: Stamp,
    /// In the order in which they were done.
    pub edits: Vec<Edit>,
}

/// A log: runs, each of which goes on where the one before ended.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Log(pub Vec<Run>);

/// The line before the edits of a run.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    from: Stamp,
    to: Stamp,
    /// How many edits follow.
    edits: usize,
}

impl Log {
    /// Reads a log.
    ///
    /// # Errors
    /// [`LogError`] names the line that is no edit, or where something is missing.
    pub fn parse(text: &str) -> Result<Self, LogError> {
        let mut runs: Vec<Run> = Vec::new();
        let mut missing = 0;
        for (line, text) in text.lines().enumerate().map(|(line, text)| (line + 1, text)) {
            if text.trim().is_empty() {
                continue;
            }
            let no_edit = |source| LogError::Line { line, source };
            let value: Value = serde_json::from_str(text).map_err(no_edit)?;
            match runs.last_mut().filter(|_| missing > 0) {
                Some(run) => {
                    run.edits.push(serde_json::from_value(value).map_err(no_edit)?);
                    missing -= 1;
                }
                None if value.get("edit").is_some() => {
                    let edit: Result<Edit, _> = serde_json::from_value(value);
                    return Err(edit.map_or_else(no_edit, |_| LogError::Headless { line }));
                }
                None => {
                    let Head { from, to, edits } = serde_json::from_value(value).map_err(no_edit)?;
                    if let Some(before) = runs.last().filter(|run| run.to != from) {
                        return Err(LogError::Gap { line, from, before: before.to.clone() });
                    }
                    missing = edits;
                    runs.push(Run { line, from, to, edits: Vec::new() });
                }
            }
        }
        match runs.last().filter(|_| missing > 0) {
            Some(run) => Err(LogError::Short { line: run.line, missing }),
            None => Ok(Self(runs)),
        }
    }

    /// The index that it begins with; none of an empty log.
    pub fn begins(&self) -> Option<&Stamp> {
        self.0.first().map(|run| &run.from)
    }

    /// The index that it ends with.
    pub fn ends(&self) -> Option<&Stamp> {
        self.0.last().map(|run| &run.to)
    }

    /// All edits, in order.
    pub fn edits(&self) -> impl Iterator<Item = &Edit> {
        self.0.iter().flat_map(|run| &run.edits)
    }

    /// Does everything again, on the index that it begins with: neither a model nor the items are needed.
    ///
    /// # Errors
    /// [`EditError::Step`] names the line of the first edit that does not fit, [`EditError::Result`] that of the first run that
    /// leads elsewhere than it says.
    pub fn replay(&self, state: &mut State) -> Result<(), EditError> {
        for run in &self.0 {
            for (edit, line) in run.edits.iter().zip(run.line + 1..) {
                done_again(state, edit).map_err(|source| EditError::Step { line, source: source.into() })?;
            }
            let found = state.stamp();
            if found != run.to {
                return Err(EditError::Result { line: run.line, found, expected: run.to.clone() });
            }
        }
        Ok(())
    }
}

/// Does an edit, and checks that its item is in the company that it had then.
fn done_again(state: &mut State, edit: &Edit) -> Result<(), EditError> {
    state.apply(edit)?;
    let (found, expected) = (state.sharing_of(edit)?, edit.sharing);
    match edit.operation.items().first() {
        Some(id) if found != expected => Err(EditError::Sharing { id: id.clone(), found, expected }),
        _ => Ok(()),
    }
}

/// The lines of a run: edits that led from one state of an index to another.
pub fn lines(from: Stamp, to: Stamp, edits: &[Edit]) -> String {
    let head = serde_json::to_string(&Head { from, to, edits: edits.len() }).expect("a stamp is plain");
    let edits = edits.iter().map(|edit| serde_json::to_string(edit).expect("an edit is plain"));
    std::iter::once(head).chain(edits).map(|line| line + "\n").collect()
}
