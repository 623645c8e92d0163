//! How a text of interactions is laid out: its separator, whether it has a header, and whether a line is one interaction
//! or all that a user did.
//!
//! Lines of a user and its items, separated by white space, have no mark of their own, so everything else must show
//! itself: a header by its names, rows by their width and by a user who comes back or a last value that is a time.

use std::collections::HashSet;

use super::names::{is_header, is_usual};
use super::part::{Columns, Named};
use super::rows::Known;
use super::time;
use crate::tables::split;

/// Lines that are looked at.
const LINES: usize = 1000;
/// Values of a row: user, item, rating, time, and perhaps one more.
const WIDTHS: std::ops::RangeInclusive<usize> = 3..=5;
/// The least number that is taken for a time without a name: seconds in 1973.
const LEAST_TIME: f64 = 1e8;
/// Most different values of a rating.
const RATINGS: usize = 21;
/// Types in RecBole's headers; those of lists end in `_seq`.
const TYPES: [&str; 4] = ["token", "token_seq", "float", "float_seq"];

/// What stands between the values of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Separator {
    /// One character; a value may be quoted.
    Char(u8),
    /// `::`, as in MovieLens.
    Colons,
    /// White space.
    Space,
}

/// The layout of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Layout {
    /// A header with names, then rows.
    Header(Separator),
    /// Rows without a header; which column is which, if it is clear.
    Rows(Separator, Option<Columns>),
    /// A user and its items in each line.
    Lines(Separator),
}

impl Separator {
    /// The values of a line.
    pub(super) fn split(self, line: &str) -> Vec<String> {
        match self {
            Self::Char(delimiter) => split(line, delimiter),
            Self::Colons => line.trim_end().split("::").map(Into::into).collect(),
            Self::Space => line.split_whitespace().map(Into::into).collect(),
        }
    }

    fn is_in(self, line: &str) -> bool {
        match self {
            Self::Char(delimiter) => line.as_bytes().contains(&delimiter),
            Self::Colons => line.contains("::"),
            Self::Space => true,
        }
    }
}

/// A column's name without its RecBole type, and whether the type is that of a list.
pub(super) fn untyped(name: &str) -> (&str, bool) {
    match name.trim().rsplit_once(':') {
        Some((name, kind)) if TYPES.contains(&kind) => (name, kind.ends_with("_seq")),
        _ => (name.trim(), false),
    }
}

impl Layout {
    /// The layout of a file that begins with `head`.
    pub(super) fn of(head: &str, known: &Known<'_>, named: &[Named]) -> Self {
        let lines: Vec<&str> = head.lines().filter(|line| !line.trim().is_empty()).take(LINES).collect();
        if let Some(separator) = lines.first().and_then(|line| header(line, known, named)) {
            return Self::Header(separator);
        }
        let is_known = |id: &str| known.row(id).is_some();
        let as_words = lines.iter().any(|line| line.split_whitespace().skip(1).any(is_known));
        let separator = separator(&lines, as_words);
        let rows: Vec<Vec<String>> = lines.iter().map(|line| separator.split(line)).collect();
        let columns = columns(&rows, known, as_words);
        if columns.is_some() || !named.is_empty() {
            return Self::Rows(separator, columns);
        }
        // A tab after the user, and blanks between its items, are lines of words too.
        Self::Lines(if separator == Separator::Char(b'\t') { Separator::Space } else { separator })
    }
}

/// The separator of a header: with it the line has the names of a user and an item, or of RecBole's types, or at least
/// one usual name and no item.
fn header(line: &str, known: &Known<'_>, named: &[Named]) -> Option<Separator> {
    let characters = [b'\t', b',', b';', b'|'].map(Separator::Char);
    let all = characters.into_iter().chain([Separator::Colons, Separator::Space]);
    let names = |separator: Separator| separator.split(line);
    let untyped_names = |separator| names(separator).iter().map(|name| untyped(name).0.to_string()).collect::<Vec<_>>();
    let is_typed = |separator: &Separator| names(*separator).iter().all(|name| untyped(name).0.len() < name.trim().len());
    let is_like_one = |separator: &Separator| {
        let names = untyped_names(*separator);
        names.len() > 1 && names.iter().any(|name| is_usual(name)) && names.iter().all(|name| known.row(name).is_none())
    };
    all.clone()
        .find(|&separator| is_header(&untyped_names(separator), named))
        .or_else(|| all.clone().find(is_typed))
        .or_else(|| characters.into_iter().find(is_like_one))
}

/// The separator of lines without a header. Where items are found `as_words`, only a tab can be meant otherwise.
fn separator(lines: &[&str], as_words: bool) -> Separator {
    let in_all = |separator: &Separator| lines.iter().all(|line| separator.is_in(line));
    let others = [Separator::Colons, Separator::Char(b','), Separator::Char(b';'), Separator::Char(b'|')];
    let candidates = std::iter::once(Separator::Char(b'\t')).chain(others.into_iter().filter(|_| !as_words));
    candidates.into_iter().find(in_all).unwrap_or(Separator::Space)
}

/// Which column is which in rows without a header; none where lines are a user and its items.
fn columns(rows: &[Vec<String>], known: &Known<'_>, as_words: bool) -> Option<Columns> {
    let width = rows.first()?.len();
    if rows.iter().any(|row| row.len() != width) {
        return None;
    }
    let values = |column: usize| rows.iter().map(move |row| row[column].trim());
    let is_known = |id: &str| known.row(id).is_some();
    if width == 2 && !as_words {
        let swapped = !values(1).any(is_known) && values(0).any(is_known);
        let is_list = |text: &str| text.contains([',', ' ', '|']);
        return match (swapped, values(1).any(is_list)) {
            (true, _) => Some(Columns { user: 1, item: Some(0), ..Columns::default() }),
            (false, true) => Some(Columns { list: Some(1), ..Columns::default() }),
            (false, false) => None,
        };
    }
    // Dates are anywhere, numbers that are times behind the ids; words are more likely items unless they are the last.
    let is_date = |column: usize| values(column).all(|text| text.parse::<f64>().is_err() && time::parse(text).is_some());
    let is_time = |column: usize| {
        let least = if as_words { width - 1 } else { 2 };
        is_date(column) || (column >= least && values(column).all(|text| looks_like_a_time(text) && !is_known(text)))
    };
    let (times, ids): (Vec<usize>, Vec<usize>) = (0..width).partition(|&column| is_time(column));
    if ids.len() < 2 || !(WIDTHS.contains(&width) || times.iter().any(|&column| is_date(column))) {
        return None;
    }
    // The second is the item, unless none of its values is known and some of a later column are, or else of the first.
    let later = ids[2..].iter().copied().filter(|&column| !is_rating(values(column)));
    let candidates = std::iter::once(ids[1]).chain(later).chain([ids[0]]);
    let item = candidates.into_iter().find(|&column| values(column).any(is_known)).unwrap_or(ids[1]);
    let user = if item == ids[0] { ids[1] } else { ids[0] };
    let time = times.last().copied();
    let comes_back = values(user).collect::<HashSet<_>>().len() < rows.len();
    let are_items = (2..width).all(|column| values(column).all(is_known) && !is_rating(values(column)));
    if time.is_none() && (!comes_back || are_items) {
        return None;
    }
    // Small numbers after a rating are times too: the order of a user's interactions.
    let order = (width == 4 && values(3).all(|text| time::parse(text).is_some())).then_some(3);
    Some(Columns { user, item: Some(item), time: time.or(order), ..Columns::default() })
}

fn looks_like_a_time(text: &str) -> bool {
    time::parse(text).is_some_and(|time| time >= LEAST_TIME || text.parse::<f64>().is_err())
}

fn is_rating<'a>(values: impl Iterator<Item = &'a str>) -> bool {
    let different: HashSet<&str> = values.take(LINES).collect();
    different.len() <= RATINGS && different.iter().all(|text| text.parse::<f64>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(text: &str) -> Layout {
        let ids: Vec<String> = (1..=20).map(|id| id.to_string()).chain(["a", "b", "c", "x,1"].map(Into::into)).collect();
        Layout::of(text, &Known::new(&ids), &[])
    }

    #[test]
    fn lines_of_users_stay_lines() {
        for text in [
            "u 1 2 3 4 1\nv 1 1 1 2 3\n",
            "1 2 3 4 5 6\n2 1 3 4 5 6\n3 1 2 4 5 6 7\n",
            "u\t1\t2\t3\nv\t4\t5\t6\n",
            "u\t1 2 3\nv\t4 5 6\n",
            "u 1 2 3 4\nv 4 3 2 1\n",
            "{x 1 2 3\ny 1 2\n",
            "user 1 2 3 4 5\nitem 1 2 3 4 5\n",
            "u,1 x,1 2 3\nv,2 x,1 3 4\n",
            "a 1\nb 2\n",
            "u 900000001 900000002 3\nv 900000001 900000002 900000003\n",
        ] {
            assert_eq!(layout(text), Layout::Lines(Separator::Space), "{text}");
        }
        assert_eq!(layout("u,1,2,3,4\nv,3,2\n"), Layout::Lines(Separator::Char(b',')));
    }

    #[test]
    fn headers_are_known_by_their_names() {
        for (text, separator) in [
            ("user_id:token\titem_id:token\ttimestamp:float\n1\t2\t3\n", Separator::Char(b'\t')),
            ("uid:token\tx:token_seq\n1\t2 3\n", Separator::Char(b'\t')),
            ("userId,movieId,rating,timestamp\n1,2,3,4\n", Separator::Char(b',')),
            ("\"User-ID\";\"ISBN\";\"Book-Rating\"\n1;2;0\n", Separator::Char(b';')),
            ("user item time\n1 2 3\n", Separator::Space),
            ("kunde,product_id\n1,2\n", Separator::Char(b',')),
        ] {
            assert_eq!(layout(text), Layout::Header(separator), "{text}");
        }
    }

    #[test]
    fn rows_without_a_header_are_known_by_their_width_and_values() {
        let columns = |user, item, time| Some(Columns { user, item: Some(item), time, ..Columns::default() });
        for (text, separator, expected) in [
            ("7\t1\t5\t890899122\n8\t2\t3\t886377261\n", Separator::Char(b'\t'), columns(0, 1, Some(3))),
            ("1::12::5::978300760\n1::3::3::978302109\n", Separator::Colons, columns(0, 1, Some(3))),
            ("A1,a,5.0,1369699200\nA2,b,4.0,1369699201\n", Separator::Char(b','), columns(0, 1, Some(3))),
            ("a,A1,5.0,1369699200\nb,A1,4.0,1369699201\n", Separator::Char(b','), columns(1, 0, Some(3))),
            ("7 1 5 890899122\n7 2 3 886377261\n", Separator::Space, columns(0, 1, Some(3))),
            ("7 1 5\n7 2 3\n8 1 1\n", Separator::Space, columns(0, 1, None)),
            ("7,1,5,0\n7,2,3,1\n8,1,1,0\n", Separator::Char(b','), columns(0, 1, Some(3))),
            ("7,a,2024-05-31\n8,b,2024-05-30\n", Separator::Char(b','), columns(0, 1, Some(2))),
            (
                "7\t2010-10-19T23:55:27Z\t30.2\t-97.7\ta\n8\t2010-10-18T22:17:43Z\t30.3\t-97.8\tb\n",
                Separator::Char(b'\t'),
                columns(0, 4, Some(1)),
            ),
            ("900000001,a,5,view,1511658000\n900000002,b,5,cart,1511658010\n", Separator::Char(b','), columns(0, 1, Some(4))),
        ] {
            assert_eq!(layout(text), Layout::Rows(separator, expected), "{text}");
        }
        let list = Some(Columns { list: Some(1), ..Columns::default() });
        assert_eq!(layout("u,\"['a', 'b']\"\nv,\"['c']\"\n"), Layout::Rows(Separator::Char(b','), list));
        assert_eq!(layout("u\ta,b,c\nv\tc,b,a,a\n"), Layout::Rows(Separator::Char(b'\t'), list));
    }
}
