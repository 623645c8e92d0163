//! The categories of an index's items, for the purity of prefixes.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use anyhow::ensure;
use serde::Serialize;

use super::super::catalogue_fields::CatalogueFields;
use super::super::index_file::Locked;
use super::super::items::prefix;
use super::super::reading::ReadingArgs;
use super::unchanged::Unchanged;
use crate::audit::{PrefixPurity, prefix_purity};
use crate::base::words::{counted, verb};
use crate::catalog::{self, Categories, Item, Report};
use crate::model::{PLACEHOLDER, Template};
use crate::tokens::Index;
use crate::tokens::lock::{Reads, of_text};

/// What catalogues say of an index's items.
#[derive(Debug, Default, Serialize)]
pub(super) struct Catalogue {
    /// What the fields of each file were read as.
    pub fields: CatalogueFields,
    /// What was read, and left out.
    pub report: Report,
    /// Items of the index that are in a catalogue.
    found: usize,
    /// Those of them that have a category.
    with_category: usize,
    #[serde(skip)]
    files: String,
    #[serde(skip)]
    purity: Vec<PrefixPurity>,
}

impl Catalogue {
    /// Reads the catalogues `paths`, which have an item of the index at least.
    pub(super) fn read(locked: &Locked, paths: &[PathBuf], reading: &ReadingArgs) -> anyhow::Result<Self> {
        let index = &locked.index;
        let mut catalogue = Self::default();
        let mut unchanged = Unchanged::new(locked, Reads::Texts);
        let template = locked.lock.as_ref().and_then(|lock| lock.making.template.clone()).unwrap_or_default();
        let ids: HashSet<&str> = index.ids.iter().map(String::as_str).collect();
        let mut main = MainCategories::default();
        let mut first = None;
        for path in paths {
            let mut items = catalog::open(path, &reading.options())?;
            while let Some(item) = items.next().transpose()? {
                let id = if reading.prefix_ids { format!("{}/{}", prefix(path), item.id) } else { item.id.clone() };
                catalogue.found += usize::from(ids.contains(id.as_str()));
                first.get_or_insert_with(|| id.clone());
                unchanged.see(&id, || fingerprint(&template, &item));
                main.add(Item { id, ..item });
            }
            catalogue.fields.add(path, items.fields());
            catalogue.report.merge(items.report().clone());
        }
        catalogue.fields.check(&reading.fields)?;
        catalogue.files = paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
        ensure!(
            catalogue.found > 0,
            "{}: no item of the index is here. The index begins with the id «{}», {}: give the index's own catalogue, or name its \
             field of ids (--field id=NAME)",
            catalogue.files,
            index.ids[0],
            first.map_or("the file has no items".into(), |first| format!("the file with «{first}»"))
        );
        unchanged.check(&catalogue.files)?;
        let categories = main.finish();
        catalogue.purity = prefix_purity(index, |id| categories.get(id).cloned());
        catalogue.with_category = catalogue.purity.first().map_or(0, |purity| purity.items);
        Ok(catalogue)
    }

    /// Purity for every length of prefix, if any item has a category.
    pub(super) fn take_purity(&mut self) -> Option<Vec<PrefixPurity>> {
        Some(std::mem::take(&mut self.purity)).filter(|purity| !purity.is_empty())
    }

    /// Why there is no purity, or that it holds for a part of the items only.
    pub(super) fn note(&self, index: &Index) -> Option<String> {
        let files = &self.files;
        if self.with_category == 0 {
            return Some(format!(
                "no prefix purity: the items in {files} have no categories. If they do, name the field: --field categories=NAME"
            ));
        }
        let (found, items) = (self.found, index.items());
        (found < items).then(|| {
            format!(
                "warning: only {found} of the index's {} {} in {files}: prefix purity is of these alone",
                counted(items, "item"),
                verb(found, "is", "are")
            )
        })
    }
}

/// Fingerprint of the text that a tokenizer reads of an item.
fn fingerprint(template: &Template, item: &Item) -> u32 {
    of_text(template.text(item).as_deref().unwrap_or(PLACEHOLDER))
}

/// The main category of each item: its last category path as a whole, or that of its tags which is most common in the
/// catalogue.
#[derive(Default)]
struct MainCategories {
    categories: HashMap<String, String>,
    tagged: Vec<(String, Vec<String>)>,
    counts: HashMap<String, usize>,
}

impl MainCategories {
    fn add(&mut self, item: Item) {
        match item.categories {
            Categories::None => {}
            Categories::Paths(paths) => {
                if let Some(path) = paths.last().filter(|path| !path.is_empty()) {
                    self.categories.insert(item.id, path.join(" > "));
                }
            }
            Categories::Tags(tags) => {
                tags.iter().for_each(|tag| *self.counts.entry(tag.clone()).or_default() += 1);
                self.tagged.push((item.id, tags));
            }
        }
    }

    fn finish(self) -> HashMap<String, String> {
        let Self { mut categories, tagged, counts } = self;
        for (id, tags) in tagged {
            // Ties go to the first tag in the alphabet, so that two runs give the same report.
            if let Some(tag) = tags.into_iter().max_by_key(|tag| (counts[tag], std::cmp::Reverse(tag.clone()))) {
                categories.insert(id, tag);
            }
        }
        categories
    }
}
