//! The numbers that tokens got in an earlier hand-over, which a decoder has learned.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use super::error::HandoverError;
use crate::base::ids::IdList;

/// The file with every token and its number.
pub(super) const ADDED_TOKENS: &str = "added_tokens.json";

/// The file with the ids of the items, in the order of their numbers.
pub(super) const IDS: &str = "ids.json";

/// The tokens of an earlier hand-over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    path: PathBuf,
    /// In the order of their numbers.
    tokens: Vec<String>,
    /// Number of the first.
    first: u64,
}

impl Earlier {
    /// Reads `added_tokens.json`, or that of a folder.
    ///
    /// # Errors
    /// It cannot be read, or is not `{"token": number, …}` with numbers that follow each other.
    pub fn read(path: &Path) -> Result<Self, HandoverError> {
        let path = if path.is_dir() { path.join(ADDED_TOKENS) } else { path.into() };
        let wrong = |what: String| HandoverError::Earlier { path: path.clone(), what };
        let json = fs::read(&path).map_err(|error| wrong(error.to_string()))?;
        let numbers: HashMap<String, u32> = serde_json::from_slice(&json).map_err(|error| wrong(error.to_string()))?;
        let mut numbers: Vec<(u64, String)> = numbers.into_iter().map(|(token, number)| (number.into(), token)).collect();
        numbers.sort_unstable();
        let first = numbers.first().map_or(0, |(number, _)| *number);
        if let Some((number, token)) = (first..).zip(&numbers).find_map(|(next, pair)| (pair.0 != next).then_some(pair)) {
            return Err(wrong(format!("{token} has the number {number}, which does not follow the number before it")));
        }
        let tokens = numbers.into_iter().map(|(_, token)| token).collect();
        Ok(Self { path, tokens, first })
    }

    /// What lies in a folder, if anything does.
    ///
    /// # Errors
    /// As [`Earlier::read`].
    pub(super) fn in_folder(folder: &Path) -> Result<Option<Self>, HandoverError> {
        match fs::metadata(folder.join(ADDED_TOKENS)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            _ => Self::read(folder).map(Some),
        }
    }

    /// The tokens, in the order of their numbers.
    pub(super) fn tokens(&self) -> &[String] {
        &self.tokens
    }

    /// Number of the first.
    pub(super) fn first(&self) -> u64 {
        self.first
    }

    /// Checks that every token keeps its number if `tokens` are numbered from `first`.
    ///
    /// # Errors
    /// [`HandoverError::Moved`] names the first that does not.
    pub fn check(&self, tokens: &[String], first: u64) -> Result<(), HandoverError> {
        for (place, token) in self.tokens.iter().enumerate() {
            if tokens.get(place) != Some(token) || first != self.first {
                let now = tokens.iter().position(|other| other == token);
                return Err(self.moved(token, self.first + place as u64, now.map(|place| first + place as u64)));
            }
        }
        Ok(())
    }

    /// The error for a token that would get another number.
    pub(super) fn moved(&self, token: &str, before: u64, after: Option<u64>) -> HandoverError {
        let after = after.map_or("none".into(), |number| number.to_string());
        HandoverError::Moved { path: self.path.clone(), token: token.into(), before, after }
    }
}

/// Checks that the items that a hand-over in `folder` has keep their numbers, by which sequences were written.
///
/// # Errors
/// [`HandoverError::Item`] names the first that does not; or its ids cannot be read.
pub(super) fn check_items(folder: &Path, ids: &IdList) -> Result<(), HandoverError> {
    let path = folder.join(IDS);
    let json = match fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        json => json?,
    };
    let before: IdList =
        serde_json::from_slice(&json).map_err(|error| HandoverError::Earlier { path: path.clone(), what: error.to_string() })?;
    let mut moved = (0..).zip(before.iter()).filter(|(number, id)| ids.get(*number) != Some(id));
    match moved.next() {
        Some((number, id)) => Err(HandoverError::Item { path, id: id.into(), number }),
        None => Ok(()),
    }
}
