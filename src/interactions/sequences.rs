//! Interaction sequences: a user, then item ids in time order, one user a line.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};

/// Sequences over items that are known by their row in a list of ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sequences {
    /// Item rows of each user in time order; none for an item that the list lacks.
    pub users: Vec<Vec<Option<u32>>>,
}

/// A file that holds no sequences.
#[derive(Debug, thiserror::Error)]
pub enum SequencesError {
    /// The system failed.
    #[error("cannot read the sequences: {0}")]
    Io(#[from] std::io::Error),
    /// A line that is not text.
    #[error(
        "sequences, line {line}: byte {byte} is not UTF-8. A line is a user, then item ids in time order, separated by spaces"
    )]
    NotUtf8 {
        /// Line, from 1.
        line: usize,
        /// Byte in the line, from 1.
        byte: usize,
    },
    /// No users.
    #[error("the sequences are empty: a line is a user, then item ids in time order, separated by spaces")]
    Empty,
    /// Not one item in common.
    #[error("no item of the {users} sequences is in the index (the first has «{example}»): are these the same catalogue's ids?")]
    Foreign {
        /// Number of users.
        users: usize,
        /// An item id as read.
        example: String,
    },
}

impl Sequences {
    /// Reads sequences line by line; an item is the row of its id in `ids`.
    ///
    /// # Errors
    /// [`SequencesError`], naming the line.
    pub fn read(input: impl Read, ids: &[String]) -> Result<Self, SequencesError> {
        let rows: HashMap<&str, u32> = ids.iter().zip(0..).map(|(id, row)| (id.as_str(), row)).collect();
        let mut users = Vec::new();
        let mut example = None;
        for (number, line) in BufReader::new(input).split(b'\n').enumerate() {
            let line = line?;
            let text = std::str::from_utf8(&line)
                .map_err(|error| SequencesError::NotUtf8 { line: number + 1, byte: error.valid_up_to() + 1 })?;
            let mut words = text.trim_start_matches('\u{feff}').split_whitespace();
            if words.next().is_none() {
                continue;
            }
            let items: Vec<Option<u32>> = words.clone().map(|id| rows.get(id).copied()).collect();
            example = example.or_else(|| words.next().map(str::to_string));
            users.push(items);
        }
        match example {
            None => Err(SequencesError::Empty),
            Some(example) if users.iter().flatten().all(Option::is_none) => {
                Err(SequencesError::Foreign { users: users.len(), example })
            }
            Some(_) => Ok(Self { users }),
        }
    }
}
