//! The streaming reader: records in, items out, with rules for ids and bad records, and counts.

use super::error::{SKIP, WHOLE, dialect_advice};
use super::records::{Read, Records};
use super::report::EXAMPLES;
use super::{At, CatalogError, Duplicates, Fault, FieldUse, Item, Malformed, ReadOptions, Report};

use crate::base::ids::{Distinct, Seen};

/// After a first malformed record, this many more are looked at to show others like it.
const LOOK_ON: usize = 1000;

/// Iterates over the items of a catalogue; ends after its first error.
pub struct Reader<'a> {
    records: Box<dyn Records + 'a>,
    options: ReadOptions,
    seen: Seen,
    report: Report,
    item_at: At,
    /// The id of the last item, if it has a title.
    titled: Option<String>,
    done: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(records: Box<dyn Records + 'a>, options: &ReadOptions) -> Self {
        let (seen, report, item_at) = (Seen::default(), Report::default(), records.position().at);
        Self { records, options: options.clone(), seen, report, item_at, titled: None, done: false }
    }

    /// Counts so far.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Counts an item that a template finds no text in.
    pub fn count_without_text(&mut self, id: &str) {
        self.report.no_text(id);
    }

    /// Counts an item whose text has HTML in it.
    pub fn count_with_markup(&mut self) {
        self.report.with_markup += 1;
    }

    /// Where the last item begins.
    pub fn item_at(&self) -> At {
        self.item_at
    }

    /// Bytes read so far, for progress against the file's size.
    pub fn bytes_read(&self) -> u64 {
        self.records.position().bytes
    }

    /// The name given at opening.
    pub fn name(&self) -> &str {
        self.records.position().name
    }

    /// The fields of the file, and what they are read as: a table's header, or the fields of the records read so far.
    pub fn fields(&self) -> &[FieldUse] {
        self.records.fields().uses()
    }

    /// Whether each field that the options name has been seen and gave a part.
    pub fn named_are_found(&self) -> bool {
        let mut named = self.options.fields.iter().filter(|named| !named.field.is_empty());
        named.all(|named| self.fields().iter().any(|field| field.name == named.field && field.used > 0))
    }

    fn next_item(&mut self) -> Result<Option<Item>, CatalogError> {
        loop {
            match self.records.next(&self.options)? {
                Read::Item(mut item, at) => {
                    if item.id.is_empty() {
                        item.id = self.report.items.to_string();
                        self.report.numbered += 1;
                    }
                    if self.records.holds_rows() {
                        self.report.holds_rows(at);
                    }
                    if self.is_new(&item, at)? {
                        self.item_at = at;
                        self.report.items += 1;
                        return Ok(Some(item));
                    }
                }
                Read::Fault(fault) if self.options.malformed == Malformed::Skip => self.report.skip(fault),
                Read::Fault(fault) => return Err(self.malformed(fault)),
                Read::Fatal(fault) => {
                    return Err(CatalogError::Malformed { name: self.name().into(), faults: vec![fault], advice: WHOLE });
                }
                Read::Blank => {}
                Read::End => return self.end(),
            }
        }
    }

    fn is_new(&mut self, item: &Item, at: At) -> Result<bool, CatalogError> {
        if self.seen.insert(&item.id) {
            self.titled = (!item.title.is_empty()).then(|| item.id.clone());
            return Ok(true);
        }
        // Shops list a product's variants and pictures in rows below it, which have no title.
        if item.title.is_empty() && self.titled.as_ref() == Some(&item.id) {
            self.report.variants += 1;
            return Ok(false);
        }
        self.report.duplicate(&item.id);
        match self.options.duplicates {
            Duplicates::First => Ok(false),
            Duplicates::Stop => Err(CatalogError::Duplicate {
                name: self.name().into(),
                at,
                id: item.id.clone(),
                remedy: "Make ids unique, or let the first win",
            }),
        }
    }

    /// The end of the file is an error where nothing came before it.
    fn end(&self) -> Result<Option<Item>, CatalogError> {
        self.records.fields().check_named(self.name())?;
        if self.report.items > 0 {
            return Ok(None);
        }
        let why = match self.report.first_skipped.first() {
            Some(first) if self.report.skipped == 1 => format!("the only record is malformed: {first}"),
            Some(first) => format!("all {} records were malformed; the first: {first}", self.report.skipped),
            None => self.records.nothing().into(),
        };
        let (at, skipped) = (self.records.position().at, self.report.skipped);
        Err(CatalogError::NoItems { name: self.name().into(), at, why, skipped })
    }

    /// The error for a first fault, with those that follow soon.
    fn malformed(&mut self, first: Fault) -> CatalogError {
        let mut faults = vec![first];
        let mut all = self.report.items == 0;
        for _ in 0..LOOK_ON {
            match self.records.next(&self.options) {
                Ok(Read::Fault(fault)) if faults.len() < EXAMPLES => faults.push(fault),
                Ok(Read::Item(..)) => all = false,
                Ok(Read::Fault(_) | Read::Blank) => {}
                Ok(Read::Fatal(_) | Read::End) | Err(_) => break,
            }
            if faults.len() == EXAMPLES && !all {
                break;
            }
        }
        // One bad record alone shows no dialect.
        let advice = if all && faults.len() > 1 { dialect_advice(&faults) } else { SKIP };
        CatalogError::Malformed { name: self.name().into(), faults, advice }
    }
}

impl Iterator for Reader<'_> {
    type Item = Result<Item, CatalogError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let next = self.next_item().transpose();
        self.done = !matches!(next, Some(Ok(_)));
        next
    }
}
