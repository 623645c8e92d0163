//! What users did with items, mixed into the items' vectors (`--interactions`).

use std::path::Path;

use anyhow::ensure;

use crate::base::words::{counted, verb};
use crate::interactions::{self, Options};
use crate::model::Cooccurrence;
use crate::vectors::cooccurrence::enrich;

/// The vectors `rows [ids][width]` with what the interactions of a file say of their items, of norm 1. What
/// `unitok recommend` tests on, the last two interactions of each user, is left out. A note says how many items have a
/// history.
///
/// # Errors
/// A file that cannot be read or that has no two of these items near each other.
pub fn mix(rows: &[f32], width: usize, ids: &[String], path: &Path, how: &Cooccurrence) -> anyhow::Result<(Vec<f32>, String)> {
    let (sequences, _) = interactions::open(path, ids, &Options::default())?;
    let enriched = enrich(rows, width, sequences.histories(), how);
    ensure!(
        enriched.with_history > 0,
        "{}: no two of the items are near each other in it. Give the interactions with these items, under the same ids",
        path.display()
    );
    let with = enriched.with_history;
    let note = format!("{}: {with} of {} {} a history", path.display(), counted(ids.len(), "item"), verb(with, "has", "have"));
    Ok((enriched.rows, note))
}
