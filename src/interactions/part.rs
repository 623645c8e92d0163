//! The parts of an interaction, and the columns that they are in.

use std::fmt;
use std::str::FromStr;

/// A part of an interaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Who.
    User,
    /// With which item, or items.
    Item,
    /// When.
    Time,
}

/// A column that was named to be a part, instead of the usual names; for the time, no column where the name is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The part.
    pub part: Part,
    /// Name of the column as in the file, or its number from 1 where the file has no header.
    pub column: String,
}

/// The columns that are read, by number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Columns {
    pub user: usize,
    /// An item in each row; the last of the row's items where there is a list too.
    pub item: Option<usize>,
    /// A list of items in each row.
    pub list: Option<usize>,
    pub time: Option<usize>,
}

impl FromStr for Named {
    type Err = String;

    /// `item=name`: the column `name` is the item.
    fn from_str(text: &str) -> Result<Self, String> {
        let (part, column) = text.split_once('=').ok_or("expected PART=NAME, as in item=product")?;
        let part = match part {
            "user" => Part::User,
            "item" => Part::Item,
            "time" => Part::Time,
            _ => return Err("the part is one of user, item and time".into()),
        };
        if column.trim().is_empty() && part != Part::Time {
            return Err(format!("every interaction has its {part}: name the column"));
        }
        Ok(Self { part, column: column.trim().into() })
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::User => "user",
            Self::Item => "item",
            Self::Time => "time",
        })
    }
}
