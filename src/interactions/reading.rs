//! What a file of interactions was read as.

use std::fmt;

use serde::Serialize;

use super::Fault;
use crate::base::words::counted;

/// What was read as what, and how much of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reading {
    /// File.
    pub file: String,
    /// What its records are.
    pub form: String,
    /// Column of users; none where the form itself says who the user is.
    pub user: Option<String>,
    /// Column of items, or of the item that follows a history.
    pub item: Option<String>,
    /// Column of lists of items.
    pub list: Option<String>,
    /// Column of times, by which interactions are sorted; without one they keep the file's order.
    pub time: Option<String>,
    /// Columns that were not used.
    pub left_out: Vec<String>,
    /// Number of users.
    pub users: usize,
    /// Number of interactions.
    pub interactions: usize,
    /// Different items that are not in the index.
    pub unknown_items: usize,
    /// Interactions with them.
    pub unknown_interactions: usize,
    /// Malformed records left out.
    pub skipped: u64,
    /// What is wrong with the first few.
    pub first_skipped: Vec<Fault>,
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.form)?;
        let parts = [("user", &self.user), ("item", &self.item), ("items", &self.list), ("time", &self.time)];
        for (i, (part, column)) in parts.into_iter().filter_map(|(part, column)| Some((part, column.as_ref()?))).enumerate() {
            write!(f, "{} {part} ← {column}", if i == 0 { ":" } else { "," })?;
        }
        if self.user.is_some() && self.time.is_none() {
            f.write_str(", in the file's order")?;
        }
        if !self.left_out.is_empty() {
            write!(f, ", not used: {}", self.left_out.join(", "))?;
        }
        write!(f, "; {}, {}", counted(self.users, "user"), counted(self.interactions, "interaction"))?;
        if self.unknown_items > 0 {
            let share = 100.0 * self.unknown_interactions as f64 / self.interactions as f64;
            write!(f, ", {} not in the index ({share:.2} % of interactions)", counted(self.unknown_items, "item"))?;
        }
        if self.skipped > 0 {
            write!(f, "; {} skipped:", counted(self.skipped, "malformed record"))?;
            self.first_skipped.iter().try_for_each(|fault| write!(f, "\n  {fault}"))?;
        }
        Ok(())
    }
}
