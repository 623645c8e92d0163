//! Which column is the user, the item and the time: by the names that data sets use, and by the ids that are known.

use super::SequencesError;
use super::cell::{Cell, is_bracketed};
use super::names::{ITEMS, LISTS, TIMES, USERS, position, rank};
use super::part::{Columns, Named, Part};
use super::rows::{Known, Rows, Sample};
use super::time;

/// Finds the columns of `rows`, of which `sample` are the first.
///
/// # Errors
/// One is missing, or does not hold what it should.
pub(super) fn find(rows: &dyn Rows, sample: &[Sample], known: &Known<'_>, named: &[Named]) -> Result<Columns, SequencesError> {
    let search = Search { rows, sample, known, named };
    let by_position = rows.columns();
    let user = match (search.named(Part::User)?, by_position) {
        (Some(user), _) => user,
        (None, Some(columns)) => columns.user,
        (None, None) => search.usual(USERS).into_iter().next().ok_or_else(|| search.missing(Part::User))?,
    };
    let (item, list) = match (search.named(Part::Item)?, by_position) {
        (Some(item), _) if search.is_list(item) => (None, Some(item)),
        (Some(item), _) => (Some(item), None),
        (None, Some(columns)) => (columns.item, columns.list),
        (None, None) => search.items()?,
    };
    let asked = search.asks_for(Part::Time);
    let time = match (item, list) {
        (Some(item), Some(list)) if asked => {
            let column = |column: usize| rows.names()[column].clone();
            return Err(SequencesError::Samples { name: rows.name().into(), list: column(list), item: column(item) });
        }
        // A list has one time for all its items, which says nothing of their order.
        (_, Some(_)) if !asked => None,
        _ => search.time(by_position)?,
    };
    Ok(Columns { user, item, list, time })
}

/// What columns are sought in.
struct Search<'a> {
    rows: &'a dyn Rows,
    sample: &'a [Sample],
    known: &'a Known<'a>,
    named: &'a [Named],
}

impl Search<'_> {
    fn asks_for(&self, part: Part) -> bool {
        self.named.iter().any(|named| named.part == part && !named.column.is_empty())
    }

    /// The column that was named for a part.
    fn named(&self, part: Part) -> Result<Option<usize>, SequencesError> {
        let Some(named) = self.named.iter().find(|named| named.part == part && !named.column.is_empty()) else { return Ok(None) };
        let not_there = || SequencesError::NotThere {
            name: self.rows.name().into(),
            part,
            column: named.column.clone(),
            columns: self.rows.names().to_vec(),
        };
        position(self.rows.names(), &named.column).map(Some).ok_or_else(not_there)
    }

    /// Columns with one of the usual names, the preferred first.
    fn usual(&self, usual: &[&str]) -> Vec<usize> {
        let ranked = self.rows.names().iter().enumerate().filter_map(|(column, name)| Some((rank(name, usual)?, column)));
        let mut ranked: Vec<_> = ranked.collect();
        ranked.sort_unstable();
        ranked.into_iter().map(|(_, column)| column).collect()
    }

    fn missing(&self, part: Part) -> SequencesError {
        SequencesError::NoColumn { name: self.rows.name().into(), part, columns: self.rows.names().to_vec() }
    }

    fn cells(&self, column: usize) -> impl Iterator<Item = &Cell<'static>> {
        self.sample.iter().map(move |row| row.cell(column)).filter(|cell| **cell != Cell::Missing)
    }

    /// How many entries of a column are known items.
    fn known_entries(&self, column: usize) -> usize {
        self.cells(column).flat_map(Cell::entries).filter(|id| self.known.row(id).is_some()).count()
    }

    /// How many cells of a column are known items as they stand.
    fn known_cells(&self, column: usize) -> usize {
        self.cells(column).filter(|cell| matches!(cell, Cell::Text(text) if self.known.row(text).is_some())).count()
    }

    /// Whether cells hold several items: by type, by name, by brackets, or because only their parts are known items.
    fn is_list(&self, column: usize) -> bool {
        let listed = |cell: &Cell<'_>| match cell {
            Cell::List(_) => true,
            Cell::Text(text) => is_bracketed(text),
            Cell::Missing | Cell::Other => false,
        };
        self.rows.is_typed_list(column)
            || self.cells(column).any(listed)
            || rank(&self.rows.names()[column], LISTS).is_some()
            || (self.known_cells(column) == 0 && self.known_entries(column) > 0)
    }

    /// The columns of an item, and of a list of items: of each the one with the most known ids, the preferred name on a tie.
    fn items(&self) -> Result<(Option<usize>, Option<usize>), SequencesError> {
        let usual = [ITEMS, LISTS].map(|names| self.usual(names)).concat();
        let (lists, single): (Vec<usize>, Vec<usize>) = usual.into_iter().partition(|&column| self.is_list(column));
        let best = |columns: Vec<usize>, known: &dyn Fn(usize) -> usize| {
            let ranked = columns.into_iter().map(|column| (known(column), column)).rev();
            ranked.max_by_key(|found| found.0)
        };
        let item = best(single, &|column| self.known_cells(column));
        let list = best(lists, &|column| self.known_entries(column));
        match (item, list) {
            (None, None) => Err(self.missing(Part::Item)),
            // Titles beside ids, under a name that other files use for ids.
            (Some((0, _)), Some((1.., list))) => Ok((None, Some(list))),
            (Some((1.., item)), Some((0, _))) => Ok((Some(item), None)),
            (item, list) => Ok((item.map(|found| found.1), list.map(|found| found.1))),
        }
    }

    /// The column of times: the first whose values are such.
    fn time(&self, by_position: Option<Columns>) -> Result<Option<usize>, SequencesError> {
        if self.named.iter().any(|named| named.part == Part::Time && named.column.is_empty()) {
            return Ok(None);
        }
        let columns = match (self.named(Part::Time)?, by_position) {
            (Some(column), _) => vec![column],
            (None, Some(columns)) => return Ok(columns.time),
            (None, None) => self.usual(TIMES),
        };
        let not_a_time = |&column: &usize| self.cells(column).find(|cell| !is_time(cell));
        if let Some(&column) = columns.iter().find(|column| not_a_time(column).is_none()) {
            return Ok(Some(column));
        }
        let Some(&column) = columns.first() else { return Ok(None) };
        let value = not_a_time(&column).map_or_else(String::new, |cell| cell.entries().join(" "));
        Err(SequencesError::NoTimes { name: self.rows.name().into(), column: self.rows.names()[column].clone(), value })
    }
}

fn is_time(cell: &Cell<'_>) -> bool {
    matches!(cell, Cell::Text(text) if time::parse(text).is_some())
}
