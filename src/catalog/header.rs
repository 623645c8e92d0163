//! What to do about a table whose header has no name of an id.

use super::Part;
use super::names::{id_names, lookup, recbole_type};

/// The advice that fits a header: the first line is JSON, its names are separated by something else, or it is no header.
pub(super) fn header_advice(columns: &[String]) -> String {
    let first = columns.first().map_or("", |first| first.trim());
    if first.starts_with(['{', '[']) {
        return "This line is JSON, not a header: --format jsonl, or json if the file is one array".into();
    }
    if let [line] = columns
        && let Some(delimiter) = delimiter(line)
    {
        let shown = if delimiter.is_control() { format!("$'\\x{:02x}'", delimiter as u32) } else { format!("'{delimiter}'") };
        return format!("If {delimiter:?} separates the names: --delimiter {shown}");
    }
    if first.starts_with(|c: char| c.is_ascii_digit()) {
        let colons = if columns.iter().any(|column| column.contains("::")) { ", :: replaced by a tab," } else { "" };
        return format!(
            "If this line is an item already (--no-header), the file{colons} needs a line of names above it, such as id and \
             title, one for each field"
        );
    }
    format!("Expected one of {}, or name the id field (--field id=NAME), or number the items (--number-items)", id_names())
}

/// The character by which a line falls into the most known names, of which one is that of an id.
fn delimiter(line: &str) -> Option<char> {
    let part = |name: &str| {
        let name = recbole_type(name).map_or(name, |kind| &name[..name.len() - kind.len() - 1]);
        lookup(name, &[], &[]).map(|found| found.0)
    };
    let parts = |c: char| line.split(c).filter_map(part);
    let separates = |c: &char| c.is_ascii() && !c.is_alphanumeric() && !matches!(c, '_' | '"' | '-' | '\n' | '\r');
    line.chars().filter(separates).filter(|&c| parts(c).any(|part| part == Part::Id)).max_by_key(|&c| parts(c).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_advice_fits_the_first_line() {
        for (columns, expected) in [
            (&["id^title^brand"][..], "--delimiter '^'"),
            (&["id title"], "--delimiter ' '"),
            (&["id\u{1}title"], r"--delimiter $'\x01'"),
            (&["item_id:token,title:token"], "--delimiter ','"),
            (&["{\"id\":1", "title:\"A\"}"], "--format jsonl"),
            (&["1::Toy Story (1995)::Comedy"], ":: replaced by a tab"),
            (&["1", "Toy Story (1995)"], "a line of names above it"),
            (&["Title", "Price"], "--field id=NAME"),
        ] {
            let columns: Vec<String> = columns.iter().map(ToString::to_string).collect();
            assert!(header_advice(&columns).contains(expected), "{columns:?}: {}", header_advice(&columns));
        }
    }
}
