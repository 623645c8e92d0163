//! Items' vectors by what users did: the item embeddings of a trained SASRec, as LETTER has them.

use super::Task;
use crate::compare::catalogue::Catalogue;
use crate::compare::error::CompareError;
use crate::compare::preset::Preset;
use crate::recommend::fit::run::Fit;
use crate::recommend::kind::Kind;
use crate::recommend::models::sequential::encoder::EncoderOptions;
use crate::recommend::models::sequential::sasrec::{SasRec, SasRecOptions};
use crate::recommend::session::SessionError;

/// What the vectors depend on besides data and seed.
pub fn describe(preset: &Preset) -> String {
    preset.epochs.map_or(format!("sasrec of {} size", preset.size), |epochs| format!("sasrec of {epochs} epochs"))
}

/// Vectors `[items][width]`, zeros for items that nobody has in training; none where the watcher asked to stop.
///
/// # Errors
/// Training that diverges, or has nothing to learn from.
pub fn sasrec_vectors(catalogue: &Catalogue, width: usize, task: &mut Task<'_>) -> Result<Option<Vec<f32>>, CompareError> {
    let encoder = EncoderOptions { width, ..EncoderOptions::default() };
    let mut model = SasRec::new(&catalogue.dataset, SasRecOptions { encoder, ..SasRecOptions::default() }, task.seed);
    let epochs = task.preset.epochs.unwrap_or(Kind::SasRec.epochs(task.preset.size, catalogue.interactions()));
    let options = SasRec::fit_options(task.seed, epochs);
    let fit = Fit::new(&options, &catalogue.dataset);
    let mut state = fit.start(&mut model);
    loop {
        let before = state.history().len();
        let watcher = &mut *task.watcher;
        let mut stepped = |done: usize, steps: usize| {
            let share = (before * steps + done) as f64 / (epochs * steps) as f64;
            watcher.progress(share, "SASRec, for collaborative vectors");
        };
        let fault = |source| CompareError::Run {
            run: format!("SASRec for {}", catalogue.name),
            source: Box::new(SessionError::Fit(source)),
        };
        if fit.epoch(&mut model, &mut state, &mut stepped).map_err(fault)?.is_none() {
            break;
        }
        if task.watcher.stop() {
            return Ok(None);
        }
    }
    let mut vectors = model.item_vectors().to_vec();
    for (row, &count) in vectors.chunks_exact_mut(width).zip(catalogue.dataset.training_counts()) {
        if count == 0 {
            row.fill(0.0);
        }
    }
    Ok(Some(vectors))
}
