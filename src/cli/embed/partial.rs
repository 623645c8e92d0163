//! Rows of an unfinished run, kept beside the output so that the run can be resumed: `<out>.partial`, which is locked
//! meanwhile, has the rows as raw f32; `<out>.partial.json`, the journal, says what they were made from and how many of
//! them are safely on disk. What comes from a pipe or goes into one cannot be resumed: its rows have no name.
//!
//! Rows are synced before the journal counts them, so a kill at any moment loses at most the work since the last save.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde::{Deserialize, Serialize};

use super::source::Source;
use crate::base::files::{Lock, beside, write_atomic};
use crate::base::words::counted;

/// Time between saves. Syncing a busy disk can take a second, and losing this much work costs little.
const SAVE_EVERY: Duration = Duration::from_secs(5);

#[derive(Serialize, Deserialize)]
struct Journal {
    source: Source,
    width: usize,
    /// Rows that are synced.
    rows: usize,
}

/// What to do with an interrupted run found beside the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EarlierRun {
    /// Continue where it stopped; an error if its source differs.
    Resume,
    /// Discard it.
    Discard,
    /// Report an error, because the user did not say what to do with it.
    Refuse,
}

/// The rows of a run in progress, and their journal.
pub struct Partial {
    /// What messages call the rows.
    name: PathBuf,
    file: File,
    width: usize,
    /// Rows written, synced or not.
    rows: usize,
    /// None for a run that cannot be resumed.
    journal: Option<(PathBuf, Journal)>,
    last_save: Option<Instant>,
}

/// The journal of the file `out`.
pub fn journal_path(out: &Path) -> PathBuf {
    beside(out, ".partial.json")
}

impl Partial {
    /// Rows in the locked file beside the output `out`, with those of an earlier run if it is to be resumed.
    ///
    /// # Errors
    /// There is an earlier run that cannot be resumed, or that the user did not mention; the files cannot be written.
    pub fn open(out: &Path, lock: &Lock, source: Source, width: usize, earlier: EarlierRun) -> anyhow::Result<Self> {
        let mut journal = Journal { source, width, rows: 0 };
        let journal_path = journal_path(out);
        let mut file = lock.file().try_clone()?;
        let bytes = file.metadata()?.len();
        if earlier != EarlierRun::Discard {
            journal.rows = earlier_rows(&journal_path, lock.path(), bytes, &journal, earlier)?;
        }
        file.set_len((journal.rows * width * 4) as u64)?;
        file.seek(SeekFrom::End(0))?;
        let rows = journal.rows;
        let journal = Some((journal_path, journal));
        let partial = Self { name: lock.path().into(), file, width, rows, journal, last_save: None };
        partial.save_journal()?;
        Ok(partial)
    }

    /// Rows without a name, in the folder of the output if that is a file.
    ///
    /// # Errors
    /// An interrupted run lies beside the output, and the user did not say that it may be discarded; the rows cannot be
    /// written.
    pub fn unnamed(out: Option<(&Path, &Lock)>, width: usize, earlier: EarlierRun) -> anyhow::Result<Self> {
        ensure!(
            earlier != EarlierRun::Resume,
            "--resume: a run that reads or writes a pipe cannot be continued. Start over without --resume"
        );
        if let Some((out, lock)) = out {
            let journal = journal_path(out);
            ensure!(
                earlier == EarlierRun::Discard || lock.file().metadata()?.len() == 0,
                "{} is left from an interrupted run: discard it with --force, or choose another --out",
                lock.path().display()
            );
            lock.file().set_len(0)?;
            let _ = std::fs::remove_file(journal);
        }
        let folder = out.and_then(|(out, _)| out.parent());
        let file = folder.map_or_else(tempfile::tempfile, tempfile::tempfile_in).context("cannot make a temporary file")?;
        Ok(Self { name: "a temporary file".into(), file, width, rows: 0, journal: None, last_save: None })
    }

    /// Number of rows written.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Whether an interrupted run can be continued.
    pub fn is_resumable(&self) -> bool {
        self.journal.is_some()
    }

    /// Appends whole rows, and syncs all rows every few seconds.
    ///
    /// # Errors
    /// The files cannot be written. Rows that were synced before stay valid.
    pub fn append(&mut self, values: &[f32]) -> anyhow::Result<()> {
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.file.write_all(&bytes).with_context(|| format!("cannot write {}", self.name.display()))?;
        self.rows += values.len() / self.width;
        if self.last_save.is_none_or(|time| time.elapsed() >= SAVE_EVERY) { self.save() } else { Ok(()) }
    }

    /// Syncs all rows and counts them in the journal.
    ///
    /// # Errors
    /// As [`append`](Self::append).
    pub fn save(&mut self) -> anyhow::Result<()> {
        self.last_save = Some(Instant::now());
        let Some((_, journal)) = &mut self.journal else { return Ok(()) };
        self.file.sync_data().with_context(|| format!("cannot write {}", self.name.display()))?;
        journal.rows = self.rows;
        self.save_journal()
    }

    /// All rows from the first on, `[width]` each.
    ///
    /// # Errors
    /// The file cannot be read again.
    pub fn read_rows(&self) -> anyhow::Result<impl Iterator<Item = std::io::Result<Vec<f32>>>> {
        let mut file = &self.file;
        file.rewind()?;
        let mut reader = BufReader::with_capacity(1 << 20, file);
        let mut bytes = vec![0; self.width * 4];
        Ok((0..self.rows).map(move |_| {
            reader.read_exact(&mut bytes)?;
            Ok(bytes.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect())
        }))
    }

    /// Empties the rows and removes the journal, once the output is complete; the empty file goes with its lock.
    pub fn remove(&self) {
        // The rows go first: a journal without rows is no interrupted run.
        let emptied = self.file.set_len(0);
        if let (Ok(()), Some((path, _))) = (emptied, &self.journal) {
            let _ = std::fs::remove_file(path);
        }
    }

    fn save_journal(&self) -> anyhow::Result<()> {
        let Some((path, journal)) = &self.journal else { return Ok(()) };
        write_atomic(path, |out| Ok(serde_json::to_writer_pretty(out, journal)?))
    }
}

/// Number of rows that the journal at `path` counts, if the run described by `now` may use them: of `partial`, which has
/// `bytes` bytes.
fn earlier_rows(path: &Path, partial: &Path, bytes: u64, now: &Journal, earlier: EarlierRun) -> anyhow::Result<usize> {
    // Nothing would be lost, so no decision is needed.
    if bytes == 0 {
        return Ok(0);
    }
    ensure!(
        path.exists(),
        "{} is in the way, and there is no journal of an interrupted run beside it: move it, or overwrite it with --force",
        partial.display()
    );
    let json = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let then: Journal = serde_json::from_slice(&json)
        .with_context(|| format!("{} is not the journal of an interrupted run: start over with --force", path.display()))?;
    if then.rows == 0 {
        return Ok(0);
    }
    let other_width = || (then.width != now.width).then(|| "the width".into());
    match (then.source.difference(&now.source).or_else(other_width), earlier) {
        (None, EarlierRun::Resume) => {
            let counted = then.rows as u64 * then.width as u64 * 4;
            let partial = partial.display();
            ensure!(bytes >= counted, "{partial} has {bytes} bytes, but its journal counts {counted}: start over with --force");
            Ok(then.rows)
        }
        (Some(difference), EarlierRun::Resume) => {
            bail!("cannot resume from {}, because {difference} has changed since: start over with --force", path.display())
        }
        (None, _) => bail!(
            "{} is left from an interrupted run ({} done): continue with --resume, or start over with --force",
            path.display(),
            counted(then.rows, "item")
        ),
        (Some(difference), _) => bail!(
            "{} is left from an interrupted run ({} done) with another state of {difference}: discard it with --force, or choose another --out",
            path.display(),
            counted(then.rows, "item")
        ),
    }
}
