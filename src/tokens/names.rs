//! Choices that users give by name: layouts, code vocabularies and collision policies.

use super::TokensError;

/// The choice called `name` in a table of names.
///
/// # Errors
/// [`TokensError::Name`], which lists the names; `what` says what they are names of.
pub fn by_name<T: Copy>(table: &[(&str, T)], what: &'static str, name: &str) -> Result<T, TokensError> {
    let found = table.iter().find(|choice| choice.0 == name).map(|choice| choice.1);
    let choices = || table.iter().map(|choice| choice.0).collect::<Vec<_>>().join(", ");
    found.ok_or_else(|| TokensError::Name { what, name: name.into(), choices: choices() })
}

/// The name of a choice.
pub fn name_of<T: PartialEq>(table: &[(&'static str, T)], choice: &T) -> &'static str {
    table.iter().find(|named| named.1 == *choice).map_or("", |named| named.0)
}
