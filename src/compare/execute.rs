//! Doing what is planned: tokens, then the recommender, then the file of the run. What is done already is skipped.

use std::collections::HashSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::catalogue::Catalogue;
use super::cost::Costs;
use super::error::CompareError;
use super::plan::{Planned, Scope};
use super::quality::of_index;
use super::run::{Run, RunFile, TokenFacts};
use super::store::{Found, RunStore};
use super::tokenizers::store::{Key, TokenStore, Tokens};
use super::watch::{OfRun, Watcher};
use crate::learn::folder::{Claim, RunFolder};
use crate::recommend::recommender::Listing;
use crate::recommend::session::{Ended, Job, Outcome, SessionError, run};
use crate::tokens::Index;

/// A comparison in a folder.
pub struct Comparison<'a> {
    /// What is compared.
    pub scope: &'a Scope,
    /// The catalogues, with their vectors.
    pub catalogues: &'a [Catalogue],
    /// Where everything is written.
    pub out: &'a Path,
    /// The command line, for the runs.
    pub command: &'a str,
}

/// How far a comparison came.
#[derive(Debug)]
pub struct Progress {
    /// The planned runs that are done, in the order of the plan.
    pub runs: Vec<RunFile>,
    /// Whether all are.
    pub complete: bool,
    /// What stopped it, if not a wish.
    pub fault: Option<CompareError>,
}

impl Comparison<'_> {
    /// The runs of a plan that are not done, and those that are; a note for each file that is of no use.
    ///
    /// # Errors
    /// What cannot be read.
    pub fn look(&self, plan: &[Planned], note: &mut dyn FnMut(&str)) -> Result<Vec<Option<RunFile>>, CompareError> {
        let (store, tokens) = (self.runs()?, self.tokens());
        let mut found = Vec::with_capacity(plan.len());
        for planned in plan {
            found.push(match store.find(&planned.id, &self.fingerprint(planned, &tokens)?)? {
                Found::Done(file) => Some(*file),
                Found::Missing => None,
                Found::Unusable(why) => {
                    note(&format!("{why}\nit is run again"));
                    None
                }
            });
        }
        Ok(found)
    }

    /// Seconds that are left where `done` says what is done already.
    ///
    /// # Errors
    /// Settings that a tokenizer does not have.
    pub fn seconds(&self, plan: &[Planned], done: &[Option<RunFile>], costs: &Costs) -> Result<f64, CompareError> {
        let tokens = self.tokens();
        let mut made: Vec<String> = Vec::new();
        let mut seconds = 0.0;
        for (planned, _) in plan.iter().zip(done).filter(|(_, done)| done.is_none()) {
            let preset = &self.scope.preset;
            seconds += costs.run(planned, &self.catalogues[planned.domain], preset);
            if let Some(key) = &planned.tokens {
                let fingerprint = tokens.fingerprint(key)?;
                if !made.contains(&fingerprint) && !tokens.has(key)? {
                    seconds += costs.tokens(key, self.catalogues, preset);
                    made.push(fingerprint);
                }
            }
        }
        Ok(seconds)
    }

    /// Does every run of the plan that is not done, up to the first that fails.
    ///
    /// # Errors
    /// A run that cannot be written.
    pub fn run(
        &self,
        plan: &[Planned],
        mut done: Vec<Option<RunFile>>,
        costs: &mut Costs,
        watcher: &mut dyn Watcher,
    ) -> Result<Progress, CompareError> {
        let (store, mut tokens) = (self.runs()?, self.tokens());
        let mut fault = None;
        for (number, planned) in plan.iter().enumerate() {
            if done[number].is_some() {
                continue;
            }
            let file = match self.one(planned, &mut tokens, costs, watcher) {
                Ok(Some(file)) => file,
                Ok(None) => break,
                Err(error) => {
                    fault = Some(error);
                    break;
                }
            };
            done[number] = Some(store.write(&file)?);
            let left = self.seconds(plan, &done, costs)?;
            watcher.finished(left);
            if watcher.stop() {
                break;
            }
        }
        let complete = done.iter().all(Option::is_some);
        Ok(Progress { runs: done.into_iter().flatten().collect(), complete, fault })
    }

    /// The tokens that a plan reads and that are not there yet, each once.
    ///
    /// # Errors
    /// Settings that a tokenizer does not have.
    pub fn missing_tokens<'p>(&self, plan: &'p [Planned]) -> Result<Vec<&'p Key>, CompareError> {
        let tokens = self.tokens();
        let (mut missing, mut seen) = (Vec::new(), HashSet::new());
        for key in plan.iter().filter_map(|planned| planned.tokens.as_ref()) {
            if seen.insert(tokens.fingerprint(key)?) && !tokens.has(key)? {
                missing.push(key);
            }
        }
        Ok(missing)
    }

    /// Makes tokens, without runs that read them. Whether all are there; not where the watcher asked to stop.
    ///
    /// # Errors
    /// The first tokenizer that fails; the tokens of those before it are kept.
    pub fn make_tokens(&self, keys: &[&Key], costs: &mut Costs, watcher: &mut dyn Watcher) -> Result<bool, CompareError> {
        let (mut tokens, preset) = (self.tokens(), &self.scope.preset);
        for (number, key) in keys.iter().enumerate() {
            let Some(made) = tokens.get(key, watcher)? else { return Ok(false) };
            costs.took_tokens(key, self.catalogues, preset, made.facts.seconds);
            watcher.finished(keys[number + 1..].iter().map(|key| costs.tokens(key, self.catalogues, preset)).sum());
            if number + 1 < keys.len() && watcher.stop() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn one(
        &self,
        planned: &Planned,
        tokens: &mut TokenStore<'_>,
        costs: &mut Costs,
        watcher: &mut dyn Watcher,
    ) -> Result<Option<RunFile>, CompareError> {
        let (catalogue, preset) = (&self.catalogues[planned.domain], &self.scope.preset);
        let mut made = None;
        if let Some(key) = &planned.tokens {
            let had = tokens.has(key)?;
            let Some(these) = tokens.get(key, watcher)? else { return Ok(None) };
            if !had {
                costs.took_tokens(key, self.catalogues, preset, these.facts.seconds);
            }
            made = Some(these);
        }
        let index = made.as_ref().map(|tokens| &tokens.indexes[&planned.domain]);
        let name = planned.id.file_name();
        watcher.started(&name);
        let Some(outcome) = self.recommend(planned, catalogue, index, watcher)? else { return Ok(None) };
        costs.took(planned, catalogue, preset, outcome.record.seconds);
        let run = Run {
            id: planned.id.clone(),
            size: preset.size,
            record: outcome.record,
            tokens: made.as_ref().zip(index).map(|(tokens, index)| token_facts(tokens, index, catalogue)),
            command: self.command.into(),
        };
        let epochs = outcome.history.iter().map(|epoch| (epoch.loss, epoch.validation_ndcg_at_10)).collect();
        let fingerprint = self.fingerprint(planned, tokens)?;
        Ok(Some(RunFile { fingerprint, run, epochs, hits: RunFile::hits(&outcome.places) }))
    }

    /// Trains and tests the recommender, in a folder that lasts until it is done.
    fn recommend(
        &self,
        planned: &Planned,
        catalogue: &Catalogue,
        index: Option<&Index>,
        watcher: &mut dyn Watcher,
    ) -> Result<Option<Outcome>, CompareError> {
        let job = Job {
            kind: planned.recommender,
            size: self.scope.preset.size,
            seed: planned.id.seed,
            epochs: self.scope.preset.epochs.filter(|_| planned.recommender.has_epochs()),
            listing: Listing::default(),
            dataset: &catalogue.dataset,
            index,
        };
        let name = planned.id.file_name();
        let path = self.out.join("unfinished").join(&name);
        let claim = |force: bool| RunFolder::claim(&path, &[], Claim { resume: !force, force });
        let mut folder = claim(false)?;
        let mut attempt = |folder: &RunFolder| run(&job, Some(folder), &mut OfRun(watcher, String::new()));
        let ended = match attempt(&folder) {
            // What an earlier session left was of other settings or data, or is damaged.
            Err(SessionError::OtherRun(_) | SessionError::Folder(_)) => {
                drop(folder);
                folder = claim(true)?;
                attempt(&folder)
            }
            ended => ended,
        };
        match ended.map_err(|source| CompareError::Run { run: name, source: Box::new(source) })? {
            Ended::Interrupted(_) => Ok(None),
            Ended::Finished(outcome) => {
                drop(folder);
                std::fs::remove_dir_all(&path).map_err(CompareError::at(&path))?;
                Ok(Some(*outcome))
            }
        }
    }

    /// What a run depends on, a line for each.
    fn fingerprint(&self, planned: &Planned, tokens: &TokenStore<'_>) -> Result<String, CompareError> {
        let (preset, catalogue) = (&self.scope.preset, &self.catalogues[planned.domain]);
        let mut text = match &planned.tokens {
            Some(key) => tokens.fingerprint(key)?,
            None => format!("program = {}\n", env!("CARGO_PKG_VERSION")),
        };
        let epochs = preset.epochs.unwrap_or(planned.recommender.epochs(preset.size, catalogue.interactions()));
        let (kind, seed) = (planned.recommender, planned.id.seed);
        let _ = writeln!(text, "recommender = {kind}, {}, {epochs} epochs, seed {seed}", preset.size);
        let _ = writeln!(text, "sequences = {:016x}", catalogue.hashes.sequences);
        if kind.reads_tokens() {
            text.push_str("codewords = to the last position that tells them apart\n");
        }
        Ok(text)
    }

    fn runs(&self) -> Result<RunStore, CompareError> {
        RunStore::open(&self.out.join("runs"))
    }

    fn tokens(&self) -> TokenStore<'_> {
        TokenStore::new(self.tokens_folder(), self.catalogues, &self.scope.preset)
    }

    fn tokens_folder(&self) -> PathBuf {
        self.out.join("tokens")
    }
}

fn token_facts(tokens: &Tokens, index: &Index, catalogue: &Catalogue) -> TokenFacts {
    let facts = &tokens.facts;
    let order = index.sorted();
    TokenFacts {
        trained_on: facts.trained_on.clone(),
        parameters: facts.parameters,
        seconds: facts.seconds,
        width: index.width,
        items: index.items(),
        unique: index.buckets(&order).count(),
        measured: facts.measured.clone(),
        quality: of_index(index, catalogue),
    }
}
