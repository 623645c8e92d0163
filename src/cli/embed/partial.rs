//! Work in progress beside the output: `<out>.partial` (rows as raw f32) and `<out>.partial.json` (what they
//! are of, and how many are certain). Rows are synced before the journal counts them, so a kill at any
//! moment loses at most the work since the last save.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::cli::items::ItemArgs;
use crate::cli::output::write_atomic;
use crate::model::Template;
use crate::text::AnyTextEncoder;

/// Time between saves: syncing a busy disk can take a second, and this much work is soon done again.
const SAVE_EVERY: Duration = Duration::from_secs(5);

/// Everything that decides the rows. Two runs with equal sources give equal outputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Source {
    inputs: Vec<Input>,
    template: Template,
    /// Rules that decide which records become items.
    rules: Value,
    tokenizer_sha256: String,
    encoder_sha256: String,
    /// `cpu` or `gpu`: their last bits differ. Journals of old are of the CPU.
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
    /// Rows that are certain.
    rows: usize,
}

/// How to treat an interrupted run that lies beside the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Earlier {
    /// Go on where it stopped; an error if it was of something else.
    Resume,
    /// Throw it away.
    Discard,
    /// An error: nobody said what to do with it.
    Refuse,
}

/// Rows written so far.
pub struct Partial {
    rows_path: PathBuf,
    journal_path: PathBuf,
    file: File,
    journal: Journal,
    /// Rows written, certain or not.
    rows: usize,
    saved: Option<Instant>,
}

impl Source {
    /// Describes the inputs of a run; reads every file once.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn new(args: &ItemArgs, encoder: &AnyTextEncoder) -> anyhow::Result<Self> {
        let digests = encoder.digests();
        Ok(Self {
            inputs: args.items.iter().map(|path| Input::new(path)).collect::<Result<_, _>>()?,
            template: args.template()?,
            rules: serde_json::json!({
                "no_text": format!("{:?}", args.no_text), "skip_bad": args.skip_bad,
                "lossy": args.lossy, "fields": args.fields, "number": args.number_items,
                "prefix_ids": args.prefix_ids, "duplicates": format!("{:?}", args.duplicates),
            }),
            tokenizer_sha256: digests.tokenizer.clone(),
            encoder_sha256: digests.weights.clone(),
            device: encoder.info().kind.into(),
        })
    }

    /// Names what is not as it was.
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
                "a rule for reading (--no-text, --skip-bad, --lossy, --field, --number-items, --prefix-ids or --duplicates)",
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
    /// Starts beside `out`, or goes on with an earlier run.
    ///
    /// # Errors
    /// An earlier run lies there and cannot or may not be used; the files cannot be written.
    pub fn open(out: &Path, source: Source, width: usize, earlier: Earlier) -> anyhow::Result<Self> {
        let beside = |suffix: &str| PathBuf::from(format!("{}{suffix}", out.display()));
        let (rows_path, journal_path) = (beside(".partial"), beside(".partial.json"));
        let mut journal = Journal { source, width, rows: 0 };
        if earlier != Earlier::Discard && journal_path.exists() {
            journal.rows = earlier_rows(&journal_path, &journal, earlier)?;
        }
        let file = File::options().read(true).write(true).create(true).truncate(false).open(&rows_path);
        let mut file = file.with_context(|| format!("cannot write {}", rows_path.display()))?;
        let certain = (journal.rows * width * 4) as u64;
        let found = file.metadata()?.len();
        ensure!(
            found >= certain,
            "{} has {found} bytes, its journal speaks of {certain}: start over with --force",
            rows_path.display()
        );
        file.set_len(certain)?;
        file.seek(SeekFrom::End(0))?;
        let rows = journal.rows;
        let partial = Self { rows_path, journal_path, file, journal, rows, saved: None };
        partial.save_journal()?;
        Ok(partial)
    }

    /// Rows written.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Adds whole rows; now and then makes all of them certain.
    ///
    /// # Errors
    /// The disk refuses; what was certain before still is.
    pub fn append(&mut self, values: &[f32]) -> anyhow::Result<()> {
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.file.write_all(&bytes).with_context(|| format!("cannot write {}", self.rows_path.display()))?;
        self.rows += values.len() / self.journal.width;
        if self.saved.is_none_or(|saved| saved.elapsed() >= SAVE_EVERY) { self.save() } else { Ok(()) }
    }

    /// Makes all rows certain.
    ///
    /// # Errors
    /// As [`append`](Self::append).
    pub fn save(&mut self) -> anyhow::Result<()> {
        self.file.sync_data().with_context(|| format!("cannot write {}", self.rows_path.display()))?;
        self.journal.rows = self.rows;
        self.saved = Some(Instant::now());
        self.save_journal()
    }

    /// All values, from the first, a row at a time.
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

    /// Removes the files: the output is there.
    pub fn remove(&self) {
        // The journal first: rows without a journal are never taken for work. Failing leaves litter, no harm.
        let _ = std::fs::remove_file(&self.journal_path);
        let _ = std::fs::remove_file(&self.rows_path);
    }

    fn save_journal(&self) -> anyhow::Result<()> {
        write_atomic(&self.journal_path, |out| Ok(serde_json::to_writer_pretty(out, &self.journal)?))
    }
}

/// Rows of the run described at `path`, if it is one of `now`.
fn earlier_rows(path: &Path, now: &Journal, earlier: Earlier) -> anyhow::Result<usize> {
    let json = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let then: Journal = serde_json::from_slice(&json)
        .with_context(|| format!("{} is not the journal of an interrupted run: start over with --force", path.display()))?;
    let difference = then.source.difference(&now.source);
    match (earlier, difference) {
        (Earlier::Resume, None) if then.width == now.width => Ok(then.rows),
        (Earlier::Resume, difference) => bail!(
            "cannot resume from {}: since then {} changed. Start over with --force",
            path.display(),
            difference.unwrap_or_else(|| "the width".into())
        ),
        // Nothing would be lost.
        _ if then.rows == 0 => Ok(0),
        _ => bail!(
            "{} is left from an interrupted run ({} items done): go on with --resume, or start over with --force",
            path.display(),
            then.rows
        ),
    }
}
