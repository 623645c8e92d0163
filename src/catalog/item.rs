//! One item of a catalogue, as read.

/// An item. Absent fields are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Item {
    /// The catalogue's own id, as a string.
    pub id: String,
    /// Title or name.
    pub title: String,
    /// Brand.
    pub brand: String,
    /// Categories.
    pub categories: Categories,
    /// Free text.
    pub description: String,
}

/// Categories as catalogues give them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Categories {
    /// None given.
    #[default]
    None,
    /// A list of paths from general to particular (a list of lists, or a string with `>`).
    Paths(Vec<Vec<String>>),
    /// An unordered list of tags.
    Tags(Vec<String>),
}
