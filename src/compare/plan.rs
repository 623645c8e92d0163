//! Which runs a comparison consists of.

use super::catalogue::Catalogue;
use super::preset::Preset;
use super::run::{RunId, Training};
use super::systems::{Method, System};
use super::tokenizers::store::Key;
use crate::recommend::kind::Kind;

/// A run to be done.
#[derive(Clone)]
pub struct Planned {
    /// Which.
    pub id: RunId,
    /// The system.
    pub system: &'static System,
    /// Number of the catalogue.
    pub domain: usize,
    /// The recommender.
    pub recommender: Kind,
    /// Its tokens.
    pub tokens: Option<Key>,
}

/// What is to be compared.
#[derive(Debug, Clone)]
pub struct Scope {
    /// How large.
    pub preset: Preset,
    /// Systems, in the order of tables.
    pub systems: Vec<&'static System>,
    /// The recommender of systems with tokens.
    pub recommender: Kind,
    /// How many of the catalogues are scored; those after them only train unified tokenizers.
    pub scored: usize,
    /// Numbers of the catalogues that are also scored with tokenizers that have not seen them.
    pub zero_shot: Vec<usize>,
}

/// Systems whose tokenizers are tried on domains that they have not seen (the paper's Table 4).
const ZERO_SHOT: [&str; 7] = ["tiger", "lc-rec", "letter", "unitok-1", "unitok", "unitok-taught", "unitok-histories"];

/// Every run, in the order in which they are done: a seed is complete before the next begins, and within a seed the
/// accuracy of all systems comes before zero-shot scores and sweeps.
pub fn plan(scope: &Scope, catalogues: &[Catalogue]) -> Vec<Planned> {
    let mut runs = Vec::new();
    for &seed in &scope.preset.seeds {
        let of =
            |system, domain, training, changes: &[String]| planned(scope, catalogues, system, domain, seed, training, changes);
        for &system in &scope.systems {
            runs.extend((0..scope.scored).map(|domain| of(system, domain, None, &[])));
        }
        for &system in scope.systems.iter().filter(|system| ZERO_SHOT.contains(&system.name)) {
            let others = |domain: &&usize| catalogues.len() > 1 && **domain < scope.scored;
            runs.extend(scope.zero_shot.iter().filter(others).map(|&domain| of(system, domain, Some(Training::ZeroShot), &[])));
        }
    }
    // One seed must do for the sweeps: they are many, and their trends are read over several values.
    for sweep in &scope.preset.sweeps {
        let system = scope.systems.iter().find(|system| system.name == sweep.system);
        let Some((&system, &seed)) = system.zip(scope.preset.seeds.first()) else { continue };
        for change in sweep.changes() {
            let of = |domain| planned(scope, catalogues, system, domain, seed, None, std::slice::from_ref(&change));
            runs.extend((0..scope.scored).map(of));
        }
    }
    runs
}

fn planned(
    scope: &Scope,
    catalogues: &[Catalogue],
    system: &'static System,
    domain: usize,
    seed: u64,
    training: Option<Training>,
    changes: &[String],
) -> Planned {
    let recommender = system.recommender(scope.recommender);
    let (training, tokens) = match system.method {
        Method::Items(_) => (Training::None, None),
        Method::Tokens { tokenizer, training: usual, .. } => {
            let training = training.unwrap_or(usual);
            let (numbers, targets) = match training {
                Training::None => (vec![], vec![domain]),
                Training::Domain => (vec![domain], vec![domain]),
                Training::Unified => ((0..catalogues.len()).collect(), (0..scope.scored).collect()),
                Training::ZeroShot => ((0..catalogues.len()).filter(|&number| number != domain).collect(), vec![domain]),
            };
            (training, Some(Key { tokenizer, training: numbers, targets, changes: changes.to_vec(), seed }))
        }
    };
    let id = RunId {
        domain: catalogues[domain].name.clone(),
        system: system.name.into(),
        training,
        settings: changes.join(" "),
        recommender: recommender.name().into(),
        preset: scope.preset.name.clone(),
        seed,
    };
    Planned { id, system, domain, recommender, tokens }
}
