//! What must hold before a run and during it, so that it does not end in a model that says nothing.

use std::collections::HashSet;

use super::config::TrainConfig;
use super::options::Recipe;
use super::state::State;
#[cfg(feature = "files")]
use crate::base::hash::fnv1a_of_floats;
use crate::base::words::{counted, verb};
use crate::learn::parameters::Parameters;
use crate::train::TrainError;
use crate::train::data::{Collaborative, Domain};
use crate::train::statistics::sum_of_squared_deviations;

/// Variance of a feature, of scaled rows whose mean square is 1, below which a domain counts as constant. Embeddings of
/// texts have .05 and more; below 1e-4 the router's weights leave the range of 16-bit floats.
const CONSTANT: f64 = 1e-3;

/// Refuses domains that no tokenizer can be trained on; the names of the `unseen` must differ from theirs too.
///
/// # Errors
/// [`TrainError::Data`] names the domain.
pub fn check_domains(domains: &[Domain], width: usize, recipe: &Recipe) -> Result<(), TrainError> {
    if domains.is_empty() {
        return Err(TrainError::Data { domain: "(none)".into(), what: "there is nothing to train on".into() });
    }
    check_names(domains.iter())?;
    for domain in domains {
        let wrong = |what: String| Err(TrainError::Data { domain: domain.name.clone(), what });
        let items = domain.items(width);
        let per_domain = if recipe.pooled { 2 } else { recipe.items_per_domain };
        if items < per_domain {
            return wrong(format!(
                "{} {} fewer than a batch takes of it ({per_domain}). {}",
                counted(items, "item"),
                verb(items, "is", "are"),
                if items < 2 { "Leave it out".into() } else { format!("Pass --set recipe.items_per_domain={items}") }
            ));
        }
        check_varied(domain, width)?;
    }
    let items: usize = domains.iter().map(|domain| domain.items(width)).sum();
    let batch = recipe.items_per_domain * domains.len();
    if recipe.pooled && items < batch {
        let fits = items / domains.len();
        let what = format!(
            "{} {} fewer than a batch takes ({batch}). Pass --set recipe.items_per_domain={fits}",
            counted(items, "item"),
            verb(items, "is", "are")
        );
        return Err(TrainError::Data { domain: "(all)".into(), what });
    }
    Ok(())
}

/// Refuses collaborative vectors that the recipe has no use for or cannot align with, and their absence where it needs them.
///
/// # Errors
/// [`TrainError::Collaborative`].
pub(super) fn check_collaborative(collaborative: Option<&Collaborative>, config: &TrainConfig) -> Result<(), TrainError> {
    let (latent, aligns) = (config.model.latent, config.loss.alignment > 0.0);
    let what = match collaborative {
        None if aligns => "this recipe aligns latents with collaborative vectors (loss.alignment > 0): pass --collaborative FILE".into(),
        Some(_) if !aligns => "this recipe does not align with collaborative vectors (loss.alignment is 0): leave out --collaborative, or pass --recipe letter".into(),
        Some(vectors) if vectors.width != latent => {
            let width = vectors.width;
            format!("the collaborative vectors are {width} wide, the latents {latent}: bring vectors of {latent}, or pass --set model.latent={width}")
        }
        Some(vectors) if (0..vectors.rows.len()).all(|k| vectors.known(k) == 0) => {
            "no item of the domains has a collaborative vector: both files must name items by the same ids".into()
        }
        _ => return Ok(()),
    };
    Err(TrainError::Collaborative(what))
}

/// Refuses names that two domains share.
///
/// # Errors
/// [`TrainError::Data`] names the domain.
pub fn check_names<'d>(domains: impl Iterator<Item = &'d Domain>) -> Result<(), TrainError> {
    let mut seen = HashSet::new();
    for domain in domains {
        if !seen.insert(&domain.name) {
            let what = "the name is used twice. Give every domain its own, as NAME=FILE".into();
            return Err(TrainError::Data { domain: domain.name.clone(), what });
        }
    }
    Ok(())
}

/// Refuses a domain whose items are all alike.
///
/// # Errors
/// [`TrainError::Data`] names the domain.
pub fn check_varied(domain: &Domain, width: usize) -> Result<(), TrainError> {
    let items = domain.items(width);
    let variance = sum_of_squared_deviations(&domain.rows, width) / (items.max(1) * width) as f64;
    if variance >= CONSTANT {
        return Ok(());
    }
    let how = if variance == 0.0 { "equal" } else { "almost equal" };
    let what = format!(
        "all {items} rows are {how} (variance {variance:.1e} of 1): there is nothing to tell items apart by. Embed other texts, or leave the domain out"
    );
    Err(TrainError::Data { domain: domain.name.clone(), what })
}

/// A domain of fewer different rows than codes, in a sentence: it trains, but codes stay unused.
#[cfg(feature = "files")]
pub(super) fn too_few(domain: &Domain, width: usize, codes: usize) -> Option<String> {
    let mut distinct = HashSet::new();
    let enough = domain.rows.chunks_exact(width).any(|row| distinct.insert(fnv1a_of_floats(row)) && distinct.len() >= codes);
    let (name, count) = (&domain.name, distinct.len());
    (!enough).then(|| {
        format!("domain {name}: its {count} different rows are fewer than the {codes} codes of a level, so codes will stay unused. Consider --set model.codes={}", (count / 2).max(2))
    })
}

/// Refuses weights that are not finite.
///
/// # Errors
/// [`TrainError::Diverged`] names the first such tensor.
pub fn check_weights(state: &State, learning_rate: f32) -> Result<(), TrainError> {
    let parameters = state.model.parameters();
    let bad = parameters.iter().find(|parameter| !parameter.values.iter().all(|v| v.is_finite()));
    bad.map_or(Ok(()), |parameter| Err(TrainError::Diverged { step: state.step, what: parameter.name.clone(), learning_rate }))
}
