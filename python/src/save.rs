//! Writing an index, where another may be.

use std::path::Path;

use pyo3::prelude::*;
use unitok::model::Model;
use unitok::tokens::Index;
use unitok::tokens::lock::{Drafts, Lock, ReplaceError, Replaced, claim, read_place};

use crate::errors::{OrRaise, warn};
use crate::threads;

const ADVICE: &str = "leave out replace=False, or give another path";

/// Writes an index with its lockfile, if it has one; `model` made it, where that is at hand. With `replace`, Python's warnings say
/// what becomes of the items of an index that is there; without it, an exception says so, and that index stays as it is.
///
/// # Errors
/// What the system says; or without `replace`, items would move.
pub fn save(
    py: Python<'_>,
    path: &Path,
    index: &Index,
    (lock, model): (Option<&Lock>, Option<&Model>),
    replace: bool,
) -> PyResult<()> {
    let _claim = threads::run(py, || claim(path))?.or_raise()?;
    let replaced = threads::run(py, || replaced(path, (lock, model), replace))?.or_raise()?;
    let mut lock = lock.cloned();
    if let Some(replaced) = replaced {
        if let Some(lock) = &mut lock {
            replaced.unknown_text(&lock.making, "the index that is saved").map_or(Ok(()), |note| warn(py, note))?;
            lock.making = replaced.making(lock.making.clone());
        }
        let changes = threads::run(py, || replaced.carry_over(index, lock.as_mut(), |_| true))?;
        if replace {
            replaced.warnings(&changes).into_iter().try_for_each(|text| warn(py, text))?;
        } else {
            replaced.ensure_unmoved(changes, ADVICE).or_raise()?;
        }
    }
    let write = || Drafts::new(path, index, lock.as_ref()).map(|drafts| drafts.commit(None));
    threads::run(py, write)?.or_raise()?.or_raise()
}

/// The index that is at `path`. If it is not to be replaced, it must be possible to compare it.
fn replaced(
    path: &Path,
    (lock, model): (Option<&Lock>, Option<&Model>),
    replace: bool,
) -> Result<Option<Replaced>, ReplaceError> {
    let Some(there) = read_place(path, !replace)? else { return Ok(None) };
    let extends = |before: &str| model.is_some_and(|model| model.extends(before));
    let replaced = Replaced::new(there, lock.map(|lock| &lock.making), extends);
    if !replace {
        replaced.ensure_alike("the one that is saved", ADVICE)?;
    }
    Ok(Some(replaced))
}
