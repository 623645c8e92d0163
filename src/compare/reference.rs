//! What others report: the paper, and independent measurements by items (`reference.json`). Nothing of it is ours.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Everything that others report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// The paper's numbers.
    pub paper: Paper,
    /// Independent ones, by items.
    pub anchors: Vec<Anchor>,
}

/// The paper's numbers: NDCG@10 by system and domain, and others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Paper {
    /// Where they stand.
    pub source: String,
    /// Tables 1, 3, 5, 7 and 8.
    pub accuracy: BTreeMap<String, BTreeMap<String, f64>>,
    /// Table 4.
    pub zero_shot: BTreeMap<String, BTreeMap<String, f64>>,
    /// Table 2.
    pub parameters: BTreeMap<String, u64>,
    /// Table 9.
    pub entropy: BTreeMap<String, f64>,
}

/// A score by items that somebody else measured (2014 catalogues, leave-one-out, all items ranked).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Anchor {
    /// The domain.
    pub domain: String,
    /// The system it belongs to here.
    pub system: String,
    /// What it was exactly.
    pub method: String,
    /// Recall@10.
    pub recall_at_10: Option<f64>,
    /// NDCG@10.
    pub ndcg_at_10: f64,
    /// Who measured it.
    pub source: String,
}

impl Reference {
    /// All of it.
    ///
    /// # Panics
    /// Never: the file is part of the program, and a test reads it.
    pub fn load() -> Self {
        serde_json::from_str(include_str!("reference.json")).expect("the file is of this form")
    }

    /// The paper's NDCG@10 of a system on a domain.
    pub fn paper(&self, system: &str, domain: &str, zero_shot: bool) -> Option<f64> {
        let table = if zero_shot { &self.paper.zero_shot } else { &self.paper.accuracy };
        table.get(system)?.get(domain).copied()
    }

    /// Independent NDCG@10 of a system on a domain: the lowest and the highest.
    pub fn anchors(&self, system: &str, domain: &str) -> Option<(f64, f64)> {
        let scores = self.anchors.iter().filter(|anchor| anchor.system == system && anchor.domain == domain);
        let scores: Vec<f64> = scores.map(|anchor| anchor.ndcg_at_10).collect();
        let low = scores.iter().copied().reduce(f64::min)?;
        Some((low, scores.iter().copied().fold(low, f64::max)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_numbers_are_found_by_system_and_domain() {
        let reference = Reference::load();
        assert_eq!(reference.paper("unitok", "office", false), Some(0.0432));
        assert_eq!(reference.paper("unitok", "sports", true), Some(0.0298));
        assert_eq!(reference.paper("unitok", "clothing-bundles", true), None);
        assert_eq!(reference.anchors("sasrec", "beauty"), Some((0.0405, 0.0531)));
        assert_eq!(reference.anchors("mf", "beauty"), None);
        assert!(reference.anchors.iter().all(|anchor| !anchor.source.is_empty()));
    }
}
