//! `--append`: new and changed items get tokens beside those of an index, none of which moves.

use anyhow::{Context, ensure};
use clap::ArgMatches;
use clap::parser::ValueSource;

use super::args::Args;
use super::input::Input;
use super::source::Source;
use crate::cli::index_file::{self, Locked};
use crate::model::Model;
use crate::tokens::lock::{Difference, INPUT, LockError, Making, Retired, UNKNOWN};
use crate::tokens::{Codewords, Policy, Schema, published};

/// The index of `--append`.
pub struct Published(pub(super) Locked);

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
            None => {
                ensure!(
                    given.value_source("collisions") == Some(ValueSource::CommandLine),
                    "{} has no lockfile, so nobody knows how its collisions were resolved: restore {0}.lock, or say --collisions (and \
                     --layout and --code-vocabulary, if they were not the usual ones)",
                    locked.name
                );
                args.say(&format!(
                    "{}: no lockfile: it is taken to be made by this tokenizer with --layout {} --code-vocabulary {} --collisions {}",
                    locked.name, args.layout, args.code_vocabulary, args.collisions
                ));
            }
        }
        Ok(Some(Self(locked)))
    }

    /// What the tokens are made of: what those of the index are, if that is known. The tokenizer may have got experts since.
    ///
    /// # Errors
    /// They would be made of something else. Interactions are no such thing: a new item has none.
    pub fn making(&mut self, args: &Args, input: &Input<'_>, now: Making, model: &Model) -> anyhow::Result<Making> {
        let unknown = now.text_model.is_none() && !matches!(input.source, Source::Nothing);
        if let Some(path) = args.input.embeddings.as_ref().filter(|_| unknown) {
            self.0.unknown_text(&index_file::shown(path)).iter().for_each(|note| args.say(note));
        }
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
        if making.reads != now.reads || now.template.as_ref().is_some_and(|now| making.template.as_ref() != Some(now)) {
            // Nobody knows which items changed: a text is no vector, and another template makes another text.
            if let Some(lock) = &mut self.0.lock {
                lock.fingerprints.0.fill(UNKNOWN);
                lock.retired.iter_mut().for_each(|codeword| codeword.fingerprint = UNKNOWN);
            }
        }
        Ok(making.overridden_by(now))
    }

    /// Refuses items without ids: numbered by their places, they would be taken for items of the index.
    pub fn check_ids(&self, args: &Args, input: &Input<'_>) -> anyhow::Result<()> {
        let index = &self.0.name;
        ensure!(
            !args.input.catalogue.reading.number_items,
            "--number-items numbers items by their places in this input, and these numbers would be taken for items of {index}: \
             leave it out, and give every item its id"
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

    /// Whether an item keeps its tokens even with `--retokenize`.
    pub fn is_pinned(&self, id: &str) -> bool {
        let pinned = self.0.lock.as_ref().map_or(&[][..], |lock| &lock.pinned);
        pinned.binary_search_by(|pinned| pinned.as_str().cmp(id)).is_ok()
    }

    /// The codewords of the index as numbers.
    ///
    /// # Errors
    /// Another tokenizer or layout made it.
    pub fn codewords(&self, schema: &Schema, policy: Policy) -> anyhow::Result<Codewords> {
        published(&self.0.index, schema, policy == Policy::Suffix).with_context(|| self.0.name.clone())
    }

    /// Codewords that no item has any more.
    pub fn retired(&self) -> &[Retired] {
        self.0.lock.as_ref().map_or(&[], |lock| &lock.retired)
    }

    /// Of the fingerprints of all items, that of one: [`UNKNOWN`] without a lockfile.
    pub fn fingerprint(&self, item: usize) -> u32 {
        self.0.lock.as_ref().map_or(UNKNOWN, |lock| lock.fingerprints.0[item])
    }
}

impl Locked {
    /// The error for what cannot be appended, with what to do.
    fn refused(&self, difference: Difference) -> LockError {
        let advice = match difference.artefact {
            "tokenizer" => "give that tokenizer with --model, or tokenize the whole catalogue anew without --append",
            "text model" => "give that text model with --text-model, or vectors that it made",
            "template" => "leave out --template, or give vectors of that template",
            INPUT => "append what the index was made from: --items for texts, --embeddings for vectors",
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
        let name = path.display();
        ensure!(!path.is_dir(), "--append {name} is a folder and cannot be written in place: pass --out");
        ensure!(path.exists(), "--append {name}: there is no such file");
        let is_packed = path.extension().is_some_and(|extension| extension == "gz");
        ensure!(
            index_file::lock_path(path).is_some() && path.is_file() && !is_packed,
            "{name} cannot be written in place, because it is no plain JSON or Parquet file: pass --out"
        );
        let (is, named) =
            if crate::tables::is_parquet(path) { ("Parquet", "another ending") } else { ("no Parquet", "the ending .parquet") };
        ensure!(
            (is == "Parquet") == crate::tables::is_named_parquet(path),
            "{name} cannot be written in place, because its content is {is} and its name has {named}: rename it and its lockfile, or \
             pass --out"
        );
        Ok(())
    }
}

/// What was typed counts, otherwise what is locked.
fn take_typed<T: Copy>(typed: bool, option: &mut T, locked: &mut T) {
    if typed { *locked = *option } else { *option = *locked }
}
