//! Rows of an unfinished run, kept beside the output so that the run can be resumed: `<out>.partial` has the rows as raw
//! f32, `<out>.partial.json`, the journal, says what they were made from and how many of them are safely on disk.
//!
//! Rows are synced before the journal counts them, so a kill at any moment loses at most the work since the last save.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::base::files::write_atomic;
use crate::cli::items::ItemArgs;
use crate::model::Template;
use crate::text::AnyTextEncoder;

/// Time between saves. Syncing a busy disk can take a second, and losing this much work costs little.
const SAVE_EVERY: Duration = Duration::from_secs(5);

/// Everything that determines the rows: two runs with equal sources give equal outputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Source {
    inputs: Vec<Input>,
    template: Template,
    /// Options that decide which records become items.
    rules: Value,
    tokenizer_sha256: String,
    encoder_sha256: String,
    /// `cpu` or `gpu`, because their results differ in the last bits. Journals from before this field are of the CPU.
    #[serde(default = "cpu")]
    device: String,
}

fn cpu() -> String {
    "cpu".into()
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Input {
    path: PathBuf,
    bytes: u64,
    sha256: String,
}

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
    rows_path: PathBuf,
    journal_path: PathBuf,
    file: File,
    journal: Journal,
    /// Rows written, synced or not.
    rows: usize,
    last_save: Option<Instant>,
}

impl Source {
    /// Describes the inputs of a run. Reads every file once, for its hash.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn new(args: &ItemArgs, encoder: &AnyTextEncoder) -> anyhow::Result<Self> {
        let digests = encoder.digests();
        Ok(Self {
            inputs: args.items.iter().map(|path| Input::new(path)).collect::<Result<_, _>>()?,
            template: args.template()?,
            rules: serde_json::json!({
                "no_text": format!("{:?}", args.no_text), "skip_bad": args.reading.skip_bad,
                "lossy": args.reading.lossy, "fields": args.reading.fields, "number": args.reading.number_items,
                "prefix_ids": args.reading.prefix_ids, "duplicates": format!("{:?}", args.reading.duplicates),
                "format": args.reading.format.map(|name| format!("{name:?}")), "delimiter": args.reading.delimiter,
            }),
            tokenizer_sha256: digests.tokenizer.clone(),
            encoder_sha256: digests.weights.clone(),
            device: encoder.info().kind.into(),
        })
    }

    /// Names the first part in which `now` differs from this earlier source.
    fn difference(&self, now: &Self) -> Option<String> {
        let files = |source: &Self| source.inputs.iter().map(|i| i.path.clone()).collect::<Vec<_>>();
        if files(self) != files(now) {
            return Some("the list of item files".into());
        }
        if let Some((_, input)) = self.inputs.iter().zip(&now.inputs).find(|(then, now)| then != now) {
            return Some(format!("the content of {}", input.path.display()));
        }
        let encoder = |s: &Self| (s.tokenizer_sha256.clone(), s.encoder_sha256.clone());
        let changes = [
            (self.template != now.template, "the template"),
            (
                self.rules != now.rules,
                "an option for reading items (--no-text, --skip-bad, --lossy, --field, --number-items, --prefix-ids or --duplicates)",
            ),
            (encoder(self) != encoder(now), "the text model"),
            (self.device != now.device, "the device (see --device)"),
        ];
        changes.into_iter().find(|(changed, _)| *changed).map(|(_, what)| what.into())
    }
}

impl Input {
    fn new(path: &Path) -> anyhow::Result<Self> {
        let describe = || -> std::io::Result<Self> {
            let mut hash = Sha256::new();
            let mut file = File::open(path)?;
            let mut buffer = vec![0; 1 << 16];
            let mut bytes = 0;
            loop {
                match file.read(&mut buffer)? {
                    0 => break,
                    n => {
                        hash.update(&buffer[..n]);
                        bytes += n as u64;
                    }
                }
            }
            let sha256 = hash.finalize().iter().map(|b| format!("{b:02x}")).collect();
            Ok(Self { path: path.into(), bytes, sha256 })
        };
        describe().with_context(|| format!("cannot read {}", path.display()))
    }
}

impl Partial {
    /// Opens the files beside `out`, with the rows of an earlier run if it is to be resumed.
    ///
    /// # Errors
    /// There is an earlier run that cannot be resumed, or that the user did not mention; the files cannot be written.
    pub fn open(out: &Path, source: Source, width: usize, earlier: EarlierRun) -> anyhow::Result<Self> {
        let beside = |suffix: &str| PathBuf::from(format!("{}{suffix}", out.display()));
        let (rows_path, journal_path) = (beside(".partial"), beside(".partial.json"));
        let mut journal = Journal { source, width, rows: 0 };
        if earlier != EarlierRun::Discard && journal_path.exists() {
            journal.rows = earlier_rows(&journal_path, &journal, earlier)?;
        }
        let file = File::options().read(true).write(true).create(true).truncate(false).open(&rows_path);
        let mut file = file.with_context(|| format!("cannot write {}", rows_path.display()))?;
        let synced_bytes = (journal.rows * width * 4) as u64;
        let file_bytes = file.metadata()?.len();
        ensure!(
            file_bytes >= synced_bytes,
            "{} has {file_bytes} bytes, but its journal counts {synced_bytes}: start over with --force",
            rows_path.display()
        );
        file.set_len(synced_bytes)?;
        file.seek(SeekFrom::End(0))?;
        let rows = journal.rows;
        let partial = Self { rows_path, journal_path, file, journal, rows, last_save: None };
        partial.save_journal()?;
        Ok(partial)
    }

    /// Number of rows written.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Appends whole rows, and syncs all rows every few seconds.
    ///
    /// # Errors
    /// The files cannot be written. Rows that were synced before stay valid.
    pub fn append(&mut self, values: &[f32]) -> anyhow::Result<()> {
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.file.write_all(&bytes).with_context(|| format!("cannot write {}", self.rows_path.display()))?;
        self.rows += values.len() / self.journal.width;
        if self.last_save.is_none_or(|time| time.elapsed() >= SAVE_EVERY) { self.save() } else { Ok(()) }
    }

    /// Syncs all rows and counts them in the journal.
    ///
    /// # Errors
    /// As [`append`](Self::append).
    pub fn save(&mut self) -> anyhow::Result<()> {
        self.file.sync_data().with_context(|| format!("cannot write {}", self.rows_path.display()))?;
        self.journal.rows = self.rows;
        self.last_save = Some(Instant::now());
        self.save_journal()
    }

    /// All rows from the first on, `[width]` each.
    ///
    /// # Errors
    /// The file cannot be read again.
    pub fn read_rows(&self) -> anyhow::Result<impl Iterator<Item = std::io::Result<Vec<f32>>>> {
        let mut reader = BufReader::with_capacity(1 << 20, File::open(&self.rows_path)?);
        let mut bytes = vec![0; self.journal.width * 4];
        Ok((0..self.rows).map(move |_| {
            reader.read_exact(&mut bytes)?;
            Ok(bytes.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect())
        }))
    }

    /// Removes the files, once the output is complete.
    pub fn remove(&self) {
        // The journal goes first, because rows without a journal are ignored: a failure leaves only a useless file.
        let _ = std::fs::remove_file(&self.journal_path);
        let _ = std::fs::remove_file(&self.rows_path);
    }

    fn save_journal(&self) -> anyhow::Result<()> {
        write_atomic(&self.journal_path, |out| Ok(serde_json::to_writer_pretty(out, &self.journal)?))
    }
}

/// Number of rows that the journal at `path` counts, if the run described by `now` may use them.
fn earlier_rows(path: &Path, now: &Journal, earlier: EarlierRun) -> anyhow::Result<usize> {
    let json = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let then: Journal = serde_json::from_slice(&json)
        .with_context(|| format!("{} is not the journal of an interrupted run: start over with --force", path.display()))?;
    let difference = then.source.difference(&now.source);
    match (earlier, difference) {
        (EarlierRun::Resume, None) if then.width == now.width => Ok(then.rows),
        (EarlierRun::Resume, difference) => bail!(
            "cannot resume from {}, because {} has changed since: start over with --force",
            path.display(),
            difference.unwrap_or_else(|| "the width".into())
        ),
        // Nothing would be lost, so no decision is needed.
        _ if then.rows == 0 => Ok(0),
        _ => bail!(
            "{} is left from an interrupted run ({} items done): continue with --resume, or start over with --force",
            path.display(),
            then.rows
        ),
    }
}
