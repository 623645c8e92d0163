//! The runs of a comparison, grouped, with means and intervals over users, seeds and domains.

use std::collections::BTreeMap;

use super::catalogue::Catalogue;
use super::plan::Scope;
use super::reference::Reference;
use super::run::{By, Metric, RunFile, Training};
use super::systems::{Method, System};
use crate::compute::stats::bootstrap::{Comparison, UserScores, bootstrap_mean, paired_bootstrap};
use crate::compute::stats::interval::Interval;

/// Rounds of every bootstrap, and their seed: the same runs give the same intervals.
const BOOTSTRAP: (usize, u64) = (1000, 1);

/// What tables and plots are made from.
pub struct Study<'a> {
    /// What was compared.
    pub scope: &'a Scope,
    /// The catalogues; the first are scored.
    pub catalogues: &'a [Catalogue],
    /// What others report.
    pub reference: Reference,
    groups: BTreeMap<Key, Vec<&'a RunFile>>,
}

/// Runs of one system on one domain, which differ by their seed alone.
pub type Cell<'a> = &'a [&'a RunFile];

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    system: String,
    domain: String,
    zero_shot: bool,
    settings: String,
}

/// NDCG@10.
pub const NDCG_AT_10: Metric = |metrics| metrics.ndcg_at_10;

impl<'a> Study<'a> {
    /// Groups the runs.
    pub fn new(scope: &'a Scope, catalogues: &'a [Catalogue], runs: &'a [RunFile]) -> Self {
        let mut groups: BTreeMap<Key, Vec<&RunFile>> = BTreeMap::new();
        for file in runs {
            let id = &file.run.id;
            let (system, domain, settings) = (id.system.clone(), id.domain.clone(), id.settings.clone());
            let key = Key { system, domain, zero_shot: id.training == Training::ZeroShot, settings };
            groups.entry(key).or_default().push(file);
        }
        Self { scope, catalogues, reference: Reference::load(), groups }
    }

    /// The systems, in the order of tables.
    pub fn systems(&self) -> impl Iterator<Item = &'static System> {
        self.scope.systems.iter().copied()
    }

    /// The names of the scored domains.
    pub fn domains(&self) -> Vec<&'a str> {
        self.catalogues[..self.scope.scored].iter().map(|catalogue| catalogue.name.as_str()).collect()
    }

    /// The names of the domains that are scored with tokenizers which have not seen them.
    pub fn unseen_domains(&self) -> Vec<&'a str> {
        self.scope.zero_shot.iter().map(|&number| self.catalogues[number].name.as_str()).collect()
    }

    /// What must be known of the intervals.
    pub fn seeds_note(&self) -> &'static str {
        match self.scope.preset.seeds.len() {
            1 => "With one seed, intervals do not hold how much scores vary with the seed: by several per cent.",
            _ => "",
        }
    }

    /// The runs of a system as it is.
    pub fn of(&self, system: &str, domain: &str) -> Option<Cell<'_>> {
        self.cell(system, domain, false, "")
    }

    /// The runs with a tokenizer that has not seen the domain.
    pub fn unseen(&self, system: &str, domain: &str) -> Option<Cell<'_>> {
        self.cell(system, domain, true, "")
    }

    /// The runs with a setting changed.
    pub fn changed(&self, system: &str, domain: &str, change: &str) -> Option<Cell<'_>> {
        self.cell(system, domain, false, change)
    }

    fn cell(&self, system: &str, domain: &str, zero_shot: bool, settings: &str) -> Option<Cell<'_>> {
        let key = Key { system: system.into(), domain: domain.into(), zero_shot, settings: settings.into() };
        self.groups.get(&key).map(Vec::as_slice)
    }

    /// The runs of a system on each of some domains; none where one of them lacks any.
    pub fn over<'d>(&self, system: &str, domains: impl IntoIterator<Item = &'d str>) -> Option<Vec<Cell<'_>>> {
        domains.into_iter().map(|domain| self.of(system, domain)).collect()
    }

    /// All runs that read tokens, with the same order every time.
    pub fn token_runs(&self) -> impl Iterator<Item = &'a RunFile> {
        let reads = |file: &&RunFile| {
            let system = System::named(&file.run.id.system);
            system.is_ok_and(|system| matches!(system.method, Method::Tokens { recommender: None, .. }))
        };
        self.groups.values().flatten().copied().filter(reads)
    }
}

/// The mean of a metric over users, seeds and domains, with its interval.
pub fn mean(cells: &[Cell<'_>], by: By, metric: Metric) -> Option<Interval> {
    bootstrap_mean(&scores(cells, by, metric)?, BOOTSTRAP.0, BOOTSTRAP.1).ok()
}

/// NDCG@10 by items of the runs of one domain.
pub fn ndcg(cell: Option<Cell<'_>>) -> Option<Interval> {
    mean(&[cell?], By::Items, NDCG_AT_10)
}

/// NDCG@10 by items of one system beside that of another, user by user, over the same domains.
pub fn compare(a: &[Cell<'_>], b: &[Cell<'_>]) -> Option<Comparison> {
    let of = |cells| scores(cells, By::Items, NDCG_AT_10);
    paired_bootstrap(&of(a)?, &of(b)?, BOOTSTRAP.0, BOOTSTRAP.1).ok()
}

fn scores(cells: &[Cell<'_>], by: By, metric: Metric) -> Option<Vec<UserScores>> {
    let of = |cell: &Cell<'_>| UserScores::new(cell.iter().map(|run| run.scores(by, metric)).collect()).ok();
    cells.iter().map(of).collect()
}
