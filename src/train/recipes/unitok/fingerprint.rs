//! A run's fingerprint: whoever resumes it must bring the same settings and data.

use crate::train::data::{Domain, fnv1a};
use crate::train::recipes::unitok::config::TrainConfig;

/// What must not change between the sessions of a run: settings, and a hash of the data.
pub(super) fn fingerprint(config: &TrainConfig, domains: &[Domain]) -> String {
    let mut text = config.to_toml();
    for d in domains {
        let hash = fnv1a(d.rows.iter().flat_map(|v| v.to_bits().to_le_bytes()));
        text.push_str(&format!("data {} = {hash:016x} ({} values)\n", d.name, d.rows.len()));
    }
    text
}

/// The lines in which two fingerprints differ.
pub(super) fn differences(then: &str, now: &str) -> String {
    let only = |a: &str, b: &str, mark: &str| -> Vec<String> {
        let other: Vec<&str> = b.lines().collect();
        a.lines().filter(|l| !l.is_empty() && !other.contains(l)).map(|l| format!("  {mark}: {l}")).collect()
    };
    [only(then, now, "then"), only(now, then, "now")].concat().join("\n")
}
