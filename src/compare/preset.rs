//! How large a comparison is.

use super::names::UnknownName;
use crate::recommend::kind::Size;

/// Sizes of a comparison's parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Preset {
    /// Its name, as in results.
    pub name: String,
    /// Size of the recommenders.
    pub size: Size,
    /// Their epochs at most, instead of those of the size.
    pub epochs: Option<usize>,
    /// Seeds of tokenizers and recommenders.
    pub seeds: Vec<u64>,
    /// Settings of all tokenizers that are trained, as `key=value`, other than those of their recipes.
    pub tokenizers: Vec<String>,
    /// Settings of UniTok and its ablations alone.
    pub unitok: Vec<String>,
    /// Settings that are varied, one after the other.
    pub sweeps: Vec<Sweep>,
}

/// A setting of a tokenizer and its values (for UniTok, the paper's Figures 4 to 6).
#[derive(Debug, Clone, PartialEq)]
pub struct Sweep {
    /// Name of the system.
    pub system: String,
    /// Dotted name.
    pub key: String,
    /// How plots call it.
    pub label: String,
    /// Values, the usual one among them.
    pub values: Vec<String>,
    /// The value that is not changed; empty where it is not known.
    pub usual: String,
}

impl Sweep {
    /// The changes that it makes; the usual value is that of the system itself.
    pub fn changes(&self) -> impl Iterator<Item = String> {
        self.values.iter().filter(|value| **value != self.usual).map(|value| format!("{}={value}", self.key))
    }

    /// Names its table and figure.
    pub fn id(&self) -> String {
        let key = self.key.rsplit('.').next().unwrap_or(&self.key);
        if self.system == "unitok" { format!("sweep-{key}") } else { format!("sweep-{}-{key}", self.system) }
    }
}

const NAMES: [&str; 3] = ["quick", "standard", "paper"];

impl Preset {
    /// The preset of a name.
    ///
    /// # Errors
    /// There is no such preset.
    pub fn named(name: &str) -> Result<Self, UnknownName> {
        let preset = |size, seeds, tokenizers: &[&str], sweeps| Self {
            name: name.into(),
            size,
            epochs: None,
            seeds,
            tokenizers: tokenizers.iter().map(ToString::to_string).collect(),
            unitok: Vec::new(),
            sweeps,
        };
        match name {
            "quick" => Ok(preset(Size::Reduced, vec![1], &[], quick_sweeps())),
            "standard" => Ok(preset(Size::Reduced, vec![1, 2, 3], &[], all_sweeps())),
            "paper" => Ok(preset(Size::Full, vec![1, 2, 3], &["model.preset=paper", "model.latent=32"], all_sweeps())),
            _ => Err(UnknownName { what: "preset", name: name.into(), known: NAMES.to_vec() }),
        }
    }
}

fn sweep(key: &str, label: &str, usual: &str, values: &[&str]) -> Sweep {
    let values = values.iter().map(ToString::to_string).collect();
    Sweep { system: "unitok".into(), key: key.into(), label: label.into(), values, usual: usual.into() }
}

fn quick_sweeps() -> Vec<Sweep> {
    vec![
        sweep("model.levels", "levels L", "4", &["4", "5"]),
        sweep("model.codes", "codes a level T", "256", &["64", "256"]),
        sweep("loss.lambda_rq", "weight λ_rq of quantization", "1.0", &["0.1", "1.0"]),
        sweep("loss.lambda_mi", "weight λ_mi of information", "10.0", &["0.0", "10.0", "100.0"]),
    ]
}

fn all_sweeps() -> Vec<Sweep> {
    vec![
        sweep("model.levels", "levels L", "4", &["2", "3", "4", "5", "6"]),
        sweep("model.codes", "codes a level T", "256", &["64", "128", "256", "512"]),
        sweep("loss.lambda_rq", "weight λ_rq of quantization", "1.0", &["0.01", "0.1", "1.0", "10.0"]),
        sweep("loss.lambda_mi", "weight λ_mi of information", "10.0", &["0.0", "0.1", "1.0", "10.0", "100.0"]),
    ]
}
