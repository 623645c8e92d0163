//! Arguments that say which catalogues to read, and how; items of several files as one stream.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::ValueEnum;

use crate::catalog::{Item, Malformed, NoText, ReadOptions, Report, Template, Texts, open};

/// Catalogue arguments.
#[derive(Debug, Clone, clap::Args)]
pub struct ItemArgs {
    /// Catalogue files: JSONL, JSON array, CSV or TSV
    #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
    pub items: Vec<PathBuf>,
    /// How an item becomes a text: a JSON file with `fields`, `separator`, `description_chars`
    #[arg(long, value_name = "FILE")]
    pub template: Option<PathBuf>,
    /// What becomes of items that the template finds no text in
    #[arg(long, value_enum, default_value = "leave-out", value_name = "RULE")]
    pub no_text: NoTextRule,
    /// Skip malformed records (they are counted) rather than stop at the first
    #[arg(long)]
    pub skip_bad: bool,
    /// Replace bytes that are not UTF-8
    #[arg(long)]
    pub lossy: bool,
    /// Name of the id field, if none of the usual ones
    #[arg(long, value_name = "NAME")]
    pub id_field: Option<String>,
}

/// [`NoText`] on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum NoTextRule {
    /// Leave them out; they are counted
    LeaveOut,
    /// Give them all the same placeholder text
    Placeholder,
    /// Stop with an error
    Stop,
}

impl ItemArgs {
    /// The template that was given, or the default.
    ///
    /// # Errors
    /// The file cannot be read or is no template.
    pub fn template(&self) -> anyhow::Result<Template> {
        let Some(path) = &self.template else { return Ok(Template::default()) };
        let json = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_str(&json).with_context(|| format!("{} is not a template", path.display()))
    }

    /// Items of all files with their texts, in order; of items with the same id the first wins.
    ///
    /// # Errors
    /// As [`template`](Self::template); a file cannot be opened.
    pub fn stream(&self) -> anyhow::Result<ItemStream<'_>> {
        let seen = (self.items.len() > 1).then(Default::default);
        let stream = ItemStream {
            args: self,
            template: self.template()?,
            next: 0,
            current: None,
            before: 0,
            report: Report::default(),
            seen,
        };
        // A file that is not there is better known now than after an hour of work.
        self.items.iter().try_for_each(|path| stream.open(path).map(drop))?;
        Ok(stream)
    }

    /// Bytes of all files.
    ///
    /// # Errors
    /// A file is not there.
    pub fn total_bytes(&self) -> anyhow::Result<u64> {
        let size = |path: &PathBuf| Ok(path.metadata().with_context(|| format!("cannot read {}", path.display()))?.len());
        self.items.iter().map(size).sum()
    }

    fn options(&self) -> ReadOptions {
        let malformed = if self.skip_bad { Malformed::Skip } else { Malformed::Stop };
        ReadOptions { malformed, lossy: self.lossy, id_field: self.id_field.clone(), ..ReadOptions::default() }
    }
}

/// Iterates over the items of several files.
pub struct ItemStream<'a> {
    args: &'a ItemArgs,
    template: Template,
    /// Index of the file after the current one.
    next: usize,
    current: Option<Texts<'static>>,
    /// Bytes of the files before the current one.
    before: u64,
    report: Report,
    /// Hashes of all ids, where there are several files: a reader knows its own only.
    seen: Option<(RandomState, HashSet<u64>)>,
}

impl ItemStream<'_> {
    /// Bytes read so far, for progress against [`ItemArgs::total_bytes`].
    pub fn bytes_read(&self) -> u64 {
        self.before + self.current.as_ref().map_or(0, |texts| texts.reader().bytes_read())
    }

    /// Counts over all files; complete once the stream has ended.
    pub fn report(&self) -> &Report {
        &self.report
    }

    fn open(&self, path: &Path) -> anyhow::Result<Texts<'static>> {
        let no_text = match self.args.no_text {
            NoTextRule::LeaveOut => NoText::LeaveOut,
            NoTextRule::Placeholder => NoText::Placeholder,
            NoTextRule::Stop => NoText::Stop,
        };
        Ok(open(path, &self.args.options())?.texts(self.template.clone(), no_text))
    }

    fn advance(&mut self) -> anyhow::Result<Option<(Item, String)>> {
        loop {
            if self.current.is_none() {
                let Some(path) = self.args.items.get(self.next) else { return Ok(None) };
                self.current = Some(self.open(path)?);
                self.next += 1;
            }
            match self.current.as_mut().and_then(Iterator::next).transpose()? {
                Some((item, text)) if self.is_new(&item.id) => return Ok(Some((item, text))),
                Some(_) => self.report.duplicates += 1,
                None => self.close(),
            }
        }
    }

    /// Adds up what the current file came to.
    fn close(&mut self) {
        if let Some(texts) = self.current.take() {
            self.before += texts.reader().bytes_read();
            self.report.merge(texts.reader().report().clone());
        }
    }

    fn is_new(&mut self, id: &str) -> bool {
        self.seen.as_mut().is_none_or(|(key, hashes)| hashes.insert(key.hash_one(id)))
    }
}

impl Iterator for ItemStream<'_> {
    type Item = anyhow::Result<(Item, String)>;

    fn next(&mut self) -> Option<Self::Item> {
        self.advance().transpose()
    }
}
