//! A run's fingerprint: whoever resumes it must bring the same settings and data.

use super::config::TrainConfig;
use crate::base::hash::fnv1a_of_floats;
use crate::train::data::Training;

/// What must not change between the sessions of a run: settings, and a hash of the data.
pub(super) fn fingerprint(config: &TrainConfig, training: &Training<'_>) -> String {
    let mut text = config.to_toml();
    for d in training.domains.iter() {
        let hash = fnv1a_of_floats(&d.rows);
        text.push_str(&format!("data {} = {hash:016x} ({} values)\n", d.name, d.rows.len()));
        if let Some(targets) = &d.targets {
            text.push_str(&format!("targets of {} = {:016x}\n", d.name, fnv1a_of_floats(targets)));
        }
    }
    for rows in training.collaborative.iter().flat_map(|collaborative| &collaborative.rows) {
        text.push_str(&format!("collaborative = {:016x} ({} values)\n", fnv1a_of_floats(rows), rows.len()));
    }
    text
}
