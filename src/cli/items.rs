//! The catalogue arguments, and the items of several files as one stream.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::ValueEnum;

use super::catalogue_fields::CatalogueFields;
use super::reading::{DuplicateRule, ReadingArgs};
use crate::base::words::counted;
use crate::catalog::{CatalogError, Item, Report, open};
use crate::model::{NoText, Template, Texts};
use crate::tables;

/// Start of the error for an input in which the template finds no text at all.
pub const NO_TEXT: &str = "no item has any text";

/// Records of each file that are looked at before the work begins.
const LOOK: usize = 1000;

/// Catalogue arguments.
#[derive(Debug, Clone, clap::Args)]
pub struct ItemArgs {
    /// Catalogue files: JSONL, JSON array, CSV, TSV or Parquet
    #[arg(long, num_args = 1.., value_name = "FILE")]
    pub items: Vec<PathBuf>,
    /// JSON file that says how an item becomes a text: `fields`, `separator`, `description_chars`, and `clean_html` to take out
    /// tags and entities
    #[arg(long, value_name = "FILE")]
    pub template: Option<PathBuf>,
    /// What to do with items in which the template finds no text
    #[arg(long, value_enum, default_value = "leave-out", value_name = "RULE")]
    pub no_text: NoTextRule,
    #[command(flatten)]
    pub reading: ReadingArgs,
    /// Whether files without records are none, instead of an error.
    #[arg(skip)]
    pub may_be_empty: bool,
}

/// [`NoText`] on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum NoTextRule {
    /// Leave them out and count them
    LeaveOut,
    /// Give them all the same placeholder text
    Placeholder,
    /// Stop with an error
    Stop,
}

impl ItemArgs {
    /// The template of `--template`, or the default.
    ///
    /// # Errors
    /// The file cannot be read or is not a template.
    pub fn template(&self) -> anyhow::Result<Template> {
        self.template_or(&Template::default())
    }

    fn template_or(&self, default: &Template) -> anyhow::Result<Template> {
        let Some(path) = &self.template else { return Ok(default.clone()) };
        let json = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_str(&json).with_context(|| format!("{} is not a template", path.display()))
    }

    /// Items of all files with their texts, in order.
    ///
    /// # Errors
    /// As [`template`](Self::template); a file cannot be opened.
    pub fn stream(&self) -> anyhow::Result<ItemStream<'_>> {
        self.stream_with(&Template::default())
    }

    /// As [`stream`](Self::stream), with the template `default` if `--template` was not given.
    ///
    /// # Errors
    /// As [`stream`](Self::stream).
    pub fn stream_with(&self, default: &Template) -> anyhow::Result<ItemStream<'_>> {
        let seen = (self.items.len() > 1).then(Default::default);
        let mut stream = ItemStream {
            args: self,
            template: self.template_or(default)?,
            next: 0,
            current: None,
            finished_bytes: 0,
            report: Report::default(),
            fields: CatalogueFields::default(),
            told: String::new(),
            seen,
        };
        stream.look()?;
        Ok(stream)
    }

    /// Bytes of all files together; a pipe counts for nothing.
    ///
    /// # Errors
    /// A file does not exist or cannot be accessed.
    pub fn total_bytes(&self) -> anyhow::Result<u64> {
        self.items.iter().map(|path| Ok(tables::size(path)?.unwrap_or(0))).sum()
    }
}

/// The items of several files, one file after the other.
pub struct ItemStream<'a> {
    args: &'a ItemArgs,
    template: Template,
    /// Index of the file after the current one.
    next: usize,
    current: Option<Texts<'static>>,
    /// Bytes of the files that were read to their end.
    finished_bytes: u64,
    report: Report,
    /// The fields of the files that were looked at or read.
    fields: CatalogueFields,
    /// What was said about them last.
    told: String,
    /// Hashes of all ids, if there are several files: each reader finds repeated ids in its own file only.
    seen: Option<(RandomState, HashSet<u64>)>,
}

impl ItemStream<'_> {
    /// Bytes read so far, for progress against [`ItemArgs::total_bytes`].
    pub fn bytes_read(&self) -> u64 {
        self.finished_bytes + self.current.as_ref().map_or(0, |texts| texts.reader().bytes_read())
    }

    /// Counts over all files; complete once the stream has ended.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// The template in use.
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// What is read as what: of files as far as they were looked at or read, of a pipe nothing before it is read.
    pub fn fields(&self) -> &CatalogueFields {
        &self.fields
    }

    /// The fields as lines of text, if there is more to say than the last time.
    pub fn news_of_fields(&mut self) -> Option<String> {
        let now = self.fields.to_string();
        let last = std::mem::replace(&mut self.told, now);
        (self.told != last).then(|| self.told.clone())
    }

    /// What was read and what was left out, as text.
    pub fn summary(&self) -> String {
        let mut text = format!("read {}", self.report);
        let found = self.report.with_markup;
        if found > 0 && self.template.clean_html {
            text += &format!("; HTML was taken out of the text of {}", counted(found, "item"));
        } else if found > 0 {
            text += &format!(
                "; the text of {} has HTML in it, which is kept (\"clean_html\": true in a template takes it out)",
                counted(found, "item")
            );
        }
        text + &self.fields.unread()
    }

    /// Opens each file once before the work begins, so that a bad one is reported before an hour of work on those before it,
    /// and reads on until every named field was found. A pipe can be opened only once.
    fn look(&mut self) -> anyhow::Result<()> {
        let args = self.args;
        let is_file = |path: &&PathBuf| !tables::is_read_once(path);
        let mut all = 0;
        for path in args.items.iter().filter(is_file) {
            let Some(mut reader) = self.unless_empty(open(path, &args.reading.options()))? else { continue };
            let mut looked = 0;
            while (looked < LOOK || !reader.named_are_found())
                && self.unless_empty(reader.next().transpose())?.flatten().is_some()
            {
                looked += 1;
            }
            all += looked;
            self.fields.add(path, reader.fields());
        }
        if args.items.iter().all(|path| is_file(&path)) { self.check_fields(all > 0) } else { Ok(()) }
    }

    /// What was read, or nothing of a file without records that may have none.
    fn unless_empty<T>(&self, read: Result<T, CatalogError>) -> Result<Option<T>, CatalogError> {
        match read {
            Err(CatalogError::Empty { .. } | CatalogError::NoItems { skipped: 0, .. }) if self.args.may_be_empty => Ok(None),
            read => read.map(Some),
        }
    }

    /// Refuses a named field that no file has. Files that have no records, as `found` tells, have none.
    fn check_fields(&self, found: bool) -> anyhow::Result<()> {
        if !found && self.args.may_be_empty { Ok(()) } else { self.fields.check(&self.args.reading.fields) }
    }

    /// The items of a file; none of one without records that may have none.
    fn open(&self, path: &Path) -> anyhow::Result<Option<Texts<'static>>> {
        let no_text = match self.args.no_text {
            NoTextRule::LeaveOut => NoText::LeaveOut,
            NoTextRule::Placeholder => NoText::Placeholder,
            NoTextRule::Stop => NoText::Stop,
        };
        let reader = self.unless_empty(open(path, &self.args.reading.options()))?;
        Ok(reader.map(|reader| Texts::new(reader, self.template.clone(), no_text)))
    }

    fn advance(&mut self) -> anyhow::Result<Option<(Item, String)>> {
        loop {
            if self.current.is_none() {
                let Some(path) = self.args.items.get(self.next) else {
                    self.check_fields(self.report.items > 0)?;
                    return Ok(None);
                };
                self.next += 1;
                self.current = self.open(path)?;
            }
            let next = self.current.as_mut().and_then(Iterator::next).transpose();
            match self.unless_empty(next)?.flatten() {
                Some((mut item, text)) => {
                    if self.args.reading.prefix_ids {
                        item.id = format!("{}/{}", prefix(self.path()), item.id);
                    }
                    if self.is_new(&item.id)? {
                        return Ok(Some((item, text)));
                    }
                }
                None => self.close(),
            }
        }
    }

    /// The file being read.
    fn path(&self) -> &Path {
        &self.args.items[self.next - 1]
    }

    /// Adds the counts of the current file, which has ended.
    fn close(&mut self) {
        if let Some(texts) = self.current.take() {
            self.finished_bytes += texts.reader().bytes_read();
            self.report.merge(texts.reader().report().clone());
            self.fields.add(&self.args.items[self.next - 1], texts.reader().fields());
        }
    }

    /// Whether the id has not occurred before. Different catalogues often number their items alike, so an id of an earlier
    /// file is an error unless the user asked to keep the first.
    fn is_new(&mut self, id: &str) -> anyhow::Result<bool> {
        let new = self.seen.as_mut().is_none_or(|(key, hashes)| hashes.insert(key.hash_one(id)));
        let keep_both = if self.args.reading.prefix_ids {
            "Give each file a name of its own, as --prefix-ids takes it"
        } else {
            "Keep both with --prefix-ids"
        };
        ensure!(
            new || self.args.reading.duplicates == Some(DuplicateRule::First),
            "{}: an earlier file has the id {id:?} too. {keep_both}, or keep only the first with --duplicates first",
            self.path().display()
        );
        if !new {
            self.report.duplicate(id);
        }
        Ok(new)
    }
}

/// Prefix of a file's ids: `beauty` for `data/beauty/items.jsonl` and for `beauty.csv`.
pub fn prefix(path: &Path) -> String {
    let folder = path.parent().and_then(Path::file_name);
    let unpacked = path.extension().filter(|extension| *extension == "gz").map(|_| path.with_extension(""));
    let path = unpacked.as_deref().unwrap_or(path);
    let stem = path.file_stem().filter(|stem| *stem != "items").or(folder);
    stem.map_or_else(|| "items".into(), |name| name.to_string_lossy().into_owned())
}

impl Iterator for ItemStream<'_> {
    type Item = anyhow::Result<(Item, String)>;

    fn next(&mut self) -> Option<Self::Item> {
        self.advance().transpose()
    }
}
