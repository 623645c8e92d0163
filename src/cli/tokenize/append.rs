//! `--append`: new and changed items get tokens beside those of an index, none of which moves.

use std::collections::HashMap;

use anyhow::{Context, ensure};
use clap::ArgMatches;
use clap::parser::ValueSource;

use super::args::Args;
use super::input::{Input, Source, Unembedded};
use crate::base::ids::IdList;
use crate::cli::index_file::{self, Locked};
use crate::model::Model;
use crate::tokens::lock::{Difference, Fingerprints, LockError, Making, UNKNOWN};
use crate::tokens::{Codewords, Policy, Schema, published};

/// The index of `--append`.
pub struct Published(Locked);

/// Which of the items that are read get tokens.
pub struct Selection<'a> {
    published: &'a Published,
    /// Number of each item of the index.
    known: HashMap<&'a str, usize>,
    retokenize: bool,
    pub counts: Counts,
}

/// What the items that were read are to the index.
#[derive(Debug, Clone, Copy, Default, serde::Serialize)]
pub struct Counts {
    /// Items that were in the index.
    pub published: usize,
    /// Items that it lacked.
    pub added: usize,
    /// Known items as they were.
    pub unchanged: usize,
    /// Known items whose text or vector changed, and which keep their tokens.
    pub changed: usize,
    /// Changed items that got new tokens, because `--retokenize` asked for it.
    pub retokenized: usize,
}

/// The index with what was appended.
pub struct Appended {
    pub ids: IdList,
    pub codewords: Codewords,
    pub fingerprints: Vec<u32>,
}

impl Published {
    /// Reads the index of `--append`. Options that were not typed are those that the index was made with.
    ///
    /// # Errors
    /// It cannot be read; an option was typed that differs.
    pub fn open(args: &mut Args, given: &ArgMatches) -> anyhow::Result<Option<Self>> {
        let Some(path) = args.append.clone() else { return Ok(None) };
        let mut locked = index_file::read(&path, args.lock)?;
        match locked.lock.as_ref().map(|lock| lock.making.clone()) {
            Some(making) => {
                let making = args.adopt(making, &locked, given)?;
                locked.lock.iter_mut().for_each(|lock| lock.making = making.clone());
            }
            None => args.say(&format!(
                "{}: no lockfile: it is taken to be made by this tokenizer with --layout {} --code-vocabulary {} --collisions {}",
                locked.name, args.layout, args.code_vocabulary, args.collisions
            )),
        }
        Ok(Some(Self(locked)))
    }

    /// What the tokens are made of: what those of the index are, if that is known. The tokenizer may have got experts since.
    ///
    /// # Errors
    /// They would be made of something else. Interactions are no such thing: a new item has none.
    pub fn making(&mut self, now: Making, model: &Model) -> anyhow::Result<Making> {
        let Some(lock) = &self.0.lock else { return Ok(now) };
        let mut making = lock.making.clone();
        if making.tokenizer.sha256 != now.tokenizer.sha256 && model.extends(&making.tokenizer.sha256) {
            making.tokenizer = now.tokenizer.clone();
        }
        let mut found = making.differences(&now);
        found.retain(|difference| difference.artefact != "interactions");
        if found.is_empty() {
            return Ok(making);
        }
        found.into_iter().try_for_each(|difference| self.0.arg.judge(self.0.refused(difference)))?;
        if making.reads != now.reads {
            // Nobody knows which items changed: a text is no vector.
            let nothing = Fingerprints(vec![UNKNOWN; self.0.index.items()]);
            self.0.lock.iter_mut().for_each(|lock| lock.fingerprints = nothing.clone());
        }
        Ok(making.overridden_by(now))
    }

    /// Refuses items without ids: numbered by their places, they would be taken for items of the index.
    pub fn check_ids(&self, args: &Args, input: &Input<'_>) -> anyhow::Result<()> {
        let index = &self.0.name;
        ensure!(
            !args.input.catalogue.reading.number_items,
            "--number-items numbers items by their places in this input, and these numbers would be taken for items of {index}: \
             give every item its id"
        );
        let Some(path) = &args.input.embeddings else { return Ok(()) };
        let has_ids = !matches!(&input.source, Source::Vectors(reader) if !reader.has_ids());
        ensure!(
            has_ids,
            "{} has no ids, so nobody knows which of its rows are items of {index}: give it ids in a file beside it (one a line; for \
             FILE.npy it is FILE.npy.ids.txt), or name the column that has them (--field id=NAME)",
            path.display()
        );
        Ok(())
    }

    /// Items whose tokens stay even with `--retokenize`.
    pub fn pinned(&self) -> Vec<String> {
        self.0.lock.as_ref().map(|lock| lock.pinned.clone()).unwrap_or_default()
    }

    /// The codewords of the index as numbers.
    ///
    /// # Errors
    /// Another tokenizer or layout made it.
    pub fn codewords(&self, schema: &Schema, policy: Policy) -> anyhow::Result<Codewords> {
        published(&self.0.index, schema, policy == Policy::Suffix).with_context(|| self.0.name.clone())
    }

    /// Of the fingerprints of all items, that of one: [`UNKNOWN`] without a lockfile.
    fn fingerprint(&self, item: usize) -> u32 {
        self.0.lock.as_ref().map_or(UNKNOWN, |lock| lock.fingerprints.0[item])
    }
}

impl<'a> Selection<'a> {
    /// Nothing is read yet; changed items get new tokens if `retokenize` says so.
    pub fn new(published: &'a Published, retokenize: bool) -> Self {
        let ids = &published.0.index.ids;
        let known = ids.iter().map(String::as_str).zip(0..).collect();
        Self { published, known, retokenize, counts: Counts { published: ids.len(), ..Counts::default() } }
    }

    /// Leaves the items that are to get tokens, and counts the others.
    pub fn select(&mut self, batch: &mut Unembedded) {
        let Self { published, known, retokenize, counts } = self;
        let pinned = published.0.lock.as_ref().map_or(&[][..], |lock| &lock.pinned);
        let is_pinned = |id: &str| pinned.binary_search_by(|pinned| pinned.as_str().cmp(id)).is_ok();
        batch.retain(|id, fingerprint| {
            let locked = known.get(id).map(|&item| published.fingerprint(item));
            let (count, wanted) = match locked {
                None => (&mut counts.added, true),
                Some(locked) if locked == UNKNOWN || locked == fingerprint => (&mut counts.unchanged, false),
                Some(_) if *retokenize && !is_pinned(id) => (&mut counts.retokenized, true),
                Some(_) => (&mut counts.changed, false),
            };
            *count += 1;
            wanted
        });
    }

    /// The index with the items `ids` of fingerprints `found`, whose codewords `new` were found beside `old`, those of the
    /// index. An item that got new tokens keeps its old ones if they differ only by what the collision policy decides.
    pub fn join(
        &self,
        mut old: Codewords,
        new: &Codewords,
        (schema, policy): (&Schema, Policy),
        (ids, found): (&IdList, &[u32]),
    ) -> Appended {
        let mut fingerprints: Vec<u32> = (0..old.items()).map(|item| self.published.fingerprint(item)).collect();
        let mut all: IdList = self.published.0.index.ids.iter().collect();
        let decided = policy.needs_latents().then(|| schema.code_positions(0).last().copied()).flatten();
        for (item, id) in ids.iter().enumerate() {
            let row = new.row(item);
            let Some(&at) = self.known.get(id) else {
                all.push(id);
                old.values.extend_from_slice(row);
                fingerprints.push(found[item]);
                continue;
            };
            let width = old.width();
            let earlier = &mut old.values[at * width..][..width];
            if (0..schema.width()).any(|place| Some(place) != decided && earlier[place] != row[place]) {
                earlier.copy_from_slice(row);
            }
            fingerprints[at] = found[item];
        }
        old.sizes.clone_from(&new.sizes);
        Appended { ids: all, codewords: old, fingerprints }
    }
}

impl Counts {
    /// What was done, in a line; `retokenize` is the option.
    pub fn describe(&self, retokenize: bool) -> String {
        let why = if retokenize { "they are pinned" } else { "--retokenize gives them new ones" };
        let changed = match self.changed {
            0 => String::new(),
            changed => format!(", {changed} changed and keep their tokens ({why})"),
        };
        let retokenized = if self.retokenized > 0 { format!(", {} got new tokens", self.retokenized) } else { String::new() };
        format!("appended {} items to {}; {} unchanged{changed}{retokenized}", self.added, self.published, self.unchanged)
    }
}

impl Locked {
    /// The error for what cannot be appended, with what to do.
    fn refused(&self, difference: Difference) -> LockError {
        let advice = match difference.artefact {
            "tokenizer" => "give that tokenizer with --model, or tokenize the whole catalogue anew without --append",
            "text model" => "give that text model with --text-model, or vectors that it made",
            "template" => "leave out --template, or give vectors of that template",
            "kind of input" => "append what the index was made from: --items for texts, --embeddings for vectors",
            _ => "leave the option out, or tokenize the whole catalogue anew without --append",
        };
        self.differs("this run", difference, advice)
    }
}

impl Args {
    /// Takes over the options that an index was made with. Returns how its tokens are made from now on: with `--ignore-lock` an
    /// option that was typed counts.
    fn adopt(&mut self, mut making: Making, locked: &Locked, given: &ArgMatches) -> anyhow::Result<Making> {
        let typed = |id: &str| given.value_source(id) == Some(ValueSource::CommandLine);
        let options = [
            ("layout", "layout", making.layout.to_string(), self.layout.to_string()),
            ("code_vocabulary", "code vocabulary", making.code_vocabulary.to_string(), self.code_vocabulary.to_string()),
            ("collisions", "collision policy", making.policy.to_string(), self.collisions.to_string()),
            ("beam", "beam", making.beam.to_string(), self.beam.to_string()),
        ];
        for (id, artefact, before, after) in options {
            if typed(id) && before != after {
                locked.arg.judge(locked.refused(Difference { artefact, before, after }))?;
            }
        }
        take_typed(typed("layout"), &mut self.layout, &mut making.layout);
        take_typed(typed("code_vocabulary"), &mut self.code_vocabulary, &mut making.code_vocabulary);
        take_typed(typed("collisions"), &mut self.collisions, &mut making.policy);
        take_typed(typed("beam"), &mut self.beam, &mut making.beam);
        Ok(making)
    }

    /// Refuses to write an appended index over one of another form.
    pub(super) fn check_in_place(&self) -> anyhow::Result<()> {
        let Some(path) = self.append.as_ref().filter(|_| self.out.is_none()) else { return Ok(()) };
        let is_packed = path.extension().is_some_and(|extension| extension == "gz");
        let same = crate::tables::is_parquet(path) == crate::tables::is_named_parquet(path);
        ensure!(
            index_file::lock_path(path).is_some() && path.is_file() && same && !is_packed,
            "{} cannot be written in place, because it is no JSON or Parquet file by its name: pass --out",
            path.display()
        );
        Ok(())
    }
}

/// What was typed counts, otherwise what is locked.
fn take_typed<T: Copy>(typed: bool, option: &mut T, locked: &mut T) {
    if typed { *locked = *option } else { *option = *locked }
}
