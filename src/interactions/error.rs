//! What can be wrong with a file of interactions: file, place, and what to do next.

use std::fmt;

use serde::Serialize;

use super::Part;
use crate::base::words::counted;
use crate::catalog::At;
use crate::tables::TableError;

/// A file that holds no usable sequences. `name` is its file name.
#[derive(Debug, thiserror::Error)]
pub enum SequencesError {
    /// The system failed, or a Parquet file is damaged.
    #[error(transparent)]
    Table(#[from] TableError),
    /// Another kind of file.
    #[error("{name}: this is {what}, not a file of interactions. {remedy}")]
    Foreign {
        /// File.
        name: String,
        /// What it looks like.
        what: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// A record that cannot be read.
    #[error("{name}: {fault}\nCorrect it, or skip such records (--skip-bad)")]
    Malformed {
        /// File.
        name: String,
        /// Where, and what is wrong.
        fault: Fault,
    },
    /// A file that cannot be read on.
    #[error("{name}: {fault}. Write or fetch the file again")]
    Broken {
        /// File.
        name: String,
        /// Where, and what is wrong.
        fault: Fault,
    },
    /// No interactions.
    #[error(
        "{name}: no interactions. Expected lines of a user and its items in time order, a table with a user and an item in each row, or JSON {{\"user\": [items]}}"
    )]
    Empty {
        /// File.
        name: String,
    },
    /// A table in which no column is the one that is needed.
    #[error("{name}: no column of {part}s among: {}. Say which one it is: --sequence-field {part}=NAME", .columns.join(", "))]
    NoColumn {
        /// File.
        name: String,
        /// What is missing.
        part: Part,
        /// Columns found.
        columns: Vec<String>,
    },
    /// A column that was named and does not exist.
    #[error("{name}: no column {column} (--sequence-field {part}={column}) among: {}", .columns.join(", "))]
    NotThere {
        /// File.
        name: String,
        /// What it should be.
        part: Part,
        /// Its name.
        column: String,
        /// Columns found.
        columns: Vec<String>,
    },
    /// Columns were named, and the file has none.
    #[error("{name}: these are {form}, which have no columns to name: leave out --sequence-field")]
    NoColumns {
        /// File.
        name: String,
        /// The form of the file.
        form: &'static str,
    },
    /// A column that should be a time and is not.
    #[error(
        "{name}: column {column} does not hold times: «{value}» is neither a number nor a date like 2024-05-31 or 2024-05-31T12:00:00Z. Name another column (--sequence-field time=NAME), or keep the order of the file (--sequence-field time=)"
    )]
    NoTimes {
        /// File.
        name: String,
        /// Column.
        column: String,
        /// The first value.
        value: String,
    },
    /// A time was named for rows that keep the file's order.
    #[error(
        "{name}: rows with a history ({list}) and the item after it ({item}) are joined in the file's order. Leave out --sequence-field time, or read the item alone: --sequence-field item={item}"
    )]
    Samples {
        /// File.
        name: String,
        /// Column of lists.
        list: String,
        /// Column of items.
        item: String,
    },
    /// Not one item in common.
    #[error(
        "{name}: of {} not one is in the index: its first is «{found}», the index begins with «{known}». Are these ids of the same catalogue{}", counted(*.items, "different item"), column_hint(.column)
    )]
    Strangers {
        /// File.
        name: String,
        /// Different items.
        items: usize,
        /// An item id as read.
        found: String,
        /// An id of the index.
        known: String,
        /// The column of items, if the file is a table.
        column: Option<String>,
    },
    /// No user has enough interactions.
    #[error("no user has the {least} interactions that a split needs: of {} the longest, «{user}», has {longest}", counted(*.users, "user"))]
    Short {
        /// Interactions that a user needs.
        least: usize,
        /// Number of users.
        users: usize,
        /// Most interactions of a user.
        longest: usize,
        /// That user.
        user: String,
    },
}

/// One malformed record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where it is.
    #[serde(flatten)]
    pub at: At,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.what)
    }
}

fn column_hint(column: &Option<String>) -> String {
    column.as_ref().map_or_else(
        || "?".into(),
        |column| format!(", and is {column} the column of items? Another one is named by --sequence-field item=NAME"),
    )
}
