//! Writing an index in memory, with its lockfile.

use std::io::{self, Write};
use std::path::Path;

use super::beside::lock_beside;
use super::file::{Lock, sum};
use crate::base::files::{Destination, Draft};
use crate::tables::is_named_parquet;
use crate::tokens::{Index, IndexWriter, Store, token_number, write_index};

/// What to know where an index is in its place and what belongs to it is not.
pub const LEFT: &str =
    "the index was written; what belongs to it waits beside it under another name, and the next run finds it there";

/// An index and its lockfile under other names, complete and ready to be put in their places: the index first, because a later
/// run finds the lockfile where it was left. A pipe has no lockfile. The name says whether the index is Parquet or JSON.
///
/// # Errors
/// What the system says.
pub fn drafts(out: &Path, index: &Index, lock: Option<&Lock>) -> io::Result<Vec<Draft>> {
    let destination = Destination::resolve(out)?;
    let mut lock_draft = None;
    if let (Some(path), Some(lock)) = (destination.file().map(lock_beside), lock) {
        let lock = Lock { index: sum(index.rows()), ..lock.clone() };
        let mut draft = Draft::create(&Destination::resolve(&path)?)?;
        draft.write_all(lock.to_json().as_bytes())?;
        draft.settle()?;
        lock_draft = Some(draft);
    }
    let mut draft = Draft::create(&destination)?;
    write(&mut draft, index, is_named_parquet(out))?;
    draft.settle()?;
    Ok([Some(draft), lock_draft].into_iter().flatten().collect())
}

fn write(out: &mut Draft, index: &Index, as_table: bool) -> io::Result<()> {
    if as_table {
        let code = |token: &String| token_number(token).and_then(|number| number.try_into().ok()).unwrap_or(0);
        let codes: Vec<u32> = index.vocabulary.iter().map(code).collect();
        let codes: Vec<u32> = index.tokens.iter().map(|&token| codes[token as usize]).collect();
        let rows = index.rows().zip(codes.chunks_exact(index.width));
        return write_index(out, rows.map(|((id, tokens), codes)| (id, tokens.map(String::from).collect(), codes))).map(drop);
    }
    let mut writer = IndexWriter::new(out)?;
    index.rows().try_for_each(|(id, tokens)| writer.push(id, &tokens.collect::<Vec<_>>()))?;
    writer.finish().map(drop)
}
