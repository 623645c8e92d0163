//! The configuration of a tokenizer, stored as `config.json` beside `model.safetensors`.

use serde::{Deserialize, Serialize};

use super::template::Template;

/// Version of the model-folder format that this crate writes and reads.
pub const FORMAT_VERSION: u32 = 1;

/// Limits, so that a hostile `config.json` cannot ask for absurd allocations.
mod limit {
    pub const WIDTH: usize = 1 << 16;
    pub const LEVELS: usize = 16;
    pub const CODES: usize = 1 << 16;
    pub const EXPERTS: usize = 1024;
    pub const LAYERS: usize = 32;
    pub const VALUES: usize = 1 << 30;
}

/// Everything needed to run a trained tokenizer, except its weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Config {
    /// [`FORMAT_VERSION`] at the time of writing.
    pub format_version: u32,
    /// Training domains. Where there is one expert a domain, expert `k` was initialised on `domains[k]`.
    pub domains: Vec<String>,
    /// Shapes and routing.
    pub model: Architecture,
    /// How an item becomes the vector that the model reads.
    pub text: TextConfig,
    /// What the vectors of items with a history know besides their text; none for a model that reads texts alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cooccurrence: Option<Cooccurrence>,
}

/// How the vectors of items take up what users did (see [`crate::vectors::cooccurrence`]).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cooccurrence {
    /// Weight of the vector of an item's neighbours beside that of its text, both of norm 1.
    pub weight: f32,
    /// Eigenvectors that the neighbours are described by.
    pub dimensions: usize,
    /// Farthest item of a sequence that counts as a neighbour.
    pub window: usize,
}

impl Default for Cooccurrence {
    fn default() -> Self {
        Self { weight: 0.7, dimensions: 64, window: 3 }
    }
}

impl Cooccurrence {
    /// The values that are allowed, in words.
    pub const RANGE: &str = "a weight of 0 to 1000, 1 to 1024 dimensions and a window of 1 to 1000";

    /// Whether every value is allowed.
    pub fn is_in_range(&self) -> bool {
        let Self { weight, dimensions, window } = self;
        (0.0..=1000.0).contains(weight) && (1..=1024).contains(dimensions) && (1..=1000).contains(window)
    }
}

/// Shapes of the model of arXiv 2511.12922, section 3 (in brackets: the symbols of METHOD.md).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Architecture {
    /// Input width (`d`).
    pub input: usize,
    /// Hidden widths of the encoder; the decoder mirrors them.
    pub hidden: Vec<usize>,
    /// Latent width (`D`).
    pub latent: usize,
    /// Residual levels (`L`).
    pub levels: usize,
    /// Codes a level (`T`).
    pub codes: usize,
    /// Routed experts (`K`). With zero there is no router, only the shared expert (the paper's ablation UniTok-1).
    pub experts: usize,
    /// Routed experts that an item is given to (`N`); zero if and only if `experts` is.
    pub top_n: usize,
    /// Whether there is a shared expert, which every item is given to.
    pub shared: bool,
    /// How the outputs of experts are combined.
    pub mix: Mix,
}

/// Combination of the outputs of experts into `ẑ` (METHOD.md, 1.4; paper Eq. 5).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind")]
pub enum Mix {
    /// `ẑ = Σ G_k E_k + E_share`, gates not renormalised (paper).
    Sum,
    /// `ẑ = w·Σ ĝ_k E_k + (1−w)·E_share`, gates renormalised over the top N.
    Convex {
        /// `w` in [0, 1].
        weight: f32,
    },
}

/// The weights of the routed experts and of the shared one in `ẑ`, for one architecture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MixWeights {
    /// Whether the gates of the chosen experts are divided by their sum.
    pub renormalise: bool,
    /// Factor of every gate.
    pub routed: f32,
    /// Weight of the shared expert.
    pub shared: f32,
}

/// The text encoder and template that produced the training vectors.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TextConfig {
    /// Name of the sentence encoder on the Hugging Face hub, for people.
    pub encoder: String,
    /// SHA-256 of its `model.safetensors`, for programs; empty where the vectors came from elsewhere.
    pub encoder_sha256: String,
    /// How an item's fields become one text.
    pub template: Template,
}

/// A configuration that cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Not JSON of the expected form.
    #[error("config.json is not a tokenizer configuration: {0}. Use a folder written by `unitok train`")]
    Json(#[from] serde_json::Error),
    /// Written by another version of the format.
    #[error(
        "config.json has format version {found}; this program reads version {FORMAT_VERSION}. Install the UniTok that wrote it, or train again"
    )]
    Version {
        /// The version in the file.
        found: u32,
    },
    /// A field outside its range, or inconsistent with another.
    #[error("config.json: {field} is {value}, expected {expected}")]
    Field {
        /// Dotted name.
        field: &'static str,
        /// Its value.
        value: String,
        /// The values that are allowed.
        expected: String,
    },
}

impl Architecture {
    /// Preset `small`: d→512→256→128→32, L 4, T 256, N 1.
    pub fn small(input: usize, experts: usize) -> Self {
        Self::with_hidden(input, experts, vec![512, 256, 128])
    }

    /// Preset `paper`: d→2048→1024→512→256→128→64→32, L 4, T 256, N 1.
    pub fn paper(input: usize, experts: usize) -> Self {
        Self::with_hidden(input, experts, vec![2048, 1024, 512, 256, 128, 64])
    }

    fn with_hidden(input: usize, experts: usize, hidden: Vec<usize>) -> Self {
        Self { input, hidden, latent: 32, levels: 4, codes: 256, experts, top_n: experts.min(1), shared: true, mix: Mix::Sum }
    }

    /// Widths of the encoder from input to latent; the decoder has the same in reverse order.
    pub fn widths(&self) -> Vec<usize> {
        let mut widths = vec![self.input];
        widths.extend(&self.hidden);
        widths.push(self.latent);
        widths
    }

    /// Number of residual quantizers: the routed experts and the shared one.
    pub fn quantizers(&self) -> usize {
        self.experts + usize::from(self.shared)
    }

    /// Number of quantizers that each item is given to: its top N routed experts, then the shared one.
    pub fn slots(&self) -> usize {
        self.top_n + usize::from(self.shared)
    }

    /// Weights of the outputs of the routed experts and of the shared one in `ẑ`. In a convex mix without routed experts,
    /// or without the shared one, the others have all the weight.
    pub fn mix_weights(&self) -> MixWeights {
        let (renormalise, routed, shared) = match self.mix {
            Mix::Sum => (false, 1.0, 1.0),
            Mix::Convex { .. } if !self.shared => (true, 1.0, 0.0),
            Mix::Convex { .. } if self.experts == 0 => (true, 0.0, 1.0),
            Mix::Convex { weight } => (true, weight, 1.0 - weight),
        };
        MixWeights { renormalise, routed, shared }
    }

    /// Checks every field against its range and against the others.
    ///
    /// # Errors
    /// [`ConfigError::Field`] with the first field that is wrong.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let range = |field, value: usize, low: usize, high: usize| {
            if (low..=high).contains(&value) { Ok(()) } else { field_error(field, value, format!("{low} to {high}")) }
        };
        range("model.input", self.input, 1, limit::WIDTH)?;
        range("model.latent", self.latent, 1, limit::WIDTH)?;
        range("model.levels", self.levels, 1, limit::LEVELS)?;
        range("model.codes", self.codes, 2, limit::CODES)?;
        range("model.experts", self.experts, 0, limit::EXPERTS)?;
        range("model.hidden (its length)", self.hidden.len(), 0, limit::LAYERS)?;
        for &width in &self.hidden {
            range("model.hidden", width, 1, limit::WIDTH)?;
        }
        if self.experts == 0 {
            range("model.top_n (without experts)", self.top_n, 0, 0)?;
        } else {
            range("model.top_n", self.top_n, 1, self.experts.min(8))?;
        }
        if self.quantizers() == 0 {
            return field_error("model.experts", 0, "at least one expert, routed or shared".into());
        }
        if let Mix::Convex { weight } = self.mix
            && !(0.0..=1.0).contains(&weight)
        {
            return field_error("model.mix.weight", weight, "0 to 1".into());
        }
        self.check_size()
    }

    /// Refuses shapes that are each in range but whose product no machine would hold.
    fn check_size(&self) -> Result<(), ConfigError> {
        let codebooks = [self.levels, self.codes, self.latent].iter().try_fold(self.quantizers(), |a, &b| a.checked_mul(b));
        let layers: Option<usize> = self.widths().windows(2).try_fold(0usize, |sum, p| sum.checked_add(p[0].checked_mul(p[1])?));
        match (codebooks, layers) {
            (Some(c), Some(l)) if c <= limit::VALUES && l <= limit::VALUES => Ok(()),
            _ => field_error("model", "over 2^30 values", "a smaller model".into()),
        }
    }
}

impl Config {
    /// Parses and validates `config.json`.
    ///
    /// # Errors
    /// Any [`ConfigError`].
    pub fn from_json(json: &str) -> Result<Self, ConfigError> {
        // The version is read first, since another format may have other fields.
        #[derive(Deserialize)]
        struct Version {
            format_version: u32,
        }
        let Version { format_version } = serde_json::from_str(json)?;
        if format_version != FORMAT_VERSION {
            return Err(ConfigError::Version { found: format_version });
        }
        let config: Self = serde_json::from_str(json)?;
        config.model.validate()?;
        match config.cooccurrence.filter(|how| !how.is_in_range()) {
            Some(how) => field_error("cooccurrence", format!("{how:?}"), Cooccurrence::RANGE.into()),
            None => Ok(config),
        }
    }

    /// The content of `config.json`.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a config has only plain fields")
    }
}

fn field_error<T>(field: &'static str, value: impl ToString, expected: String) -> Result<T, ConfigError> {
    Err(ConfigError::Field { field, value: value.to_string(), expected })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn out_of_range_fields_are_named() {
        let zero = Architecture { codes: 0, ..Architecture::small(384, 6) };
        assert!(zero.validate().unwrap_err().to_string().contains("model.codes is 0"));
        let none = Architecture { experts: 0, top_n: 0, shared: false, ..Architecture::small(384, 6) };
        assert!(none.validate().is_err());
        let huge = Architecture { codes: 65_536, latent: 65_536, ..Architecture::small(384, 6) };
        assert!(huge.validate().unwrap_err().to_string().contains("2^30"));
        let config = |cooccurrence| Config {
            format_version: FORMAT_VERSION,
            domains: vec![],
            model: Architecture::small(384, 6),
            text: TextConfig::default(),
            cooccurrence: Some(cooccurrence),
        };
        let read = |cooccurrence| Config::from_json(&config(cooccurrence).to_json());
        assert_eq!(read(Cooccurrence::default()).unwrap(), config(Cooccurrence::default()));
        let flat = read(Cooccurrence { dimensions: 0, ..Cooccurrence::default() });
        assert!(flat.unwrap_err().to_string().contains("dimensions: 0"));
    }
}
