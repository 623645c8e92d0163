//! Running a tokenizer: embeddings in, codes out. One interface, two implementations, the same codes.
//!
//! Implementations may disagree only at ties: where, in float64, the best and the second-best squared distance are within
//! [`TIE`]` · ‖r‖²` of each other, or two router logits within [`TIE`]; and in the levels after a tie.

pub mod cpu;
#[cfg(feature = "gpu")]
pub mod gpu;
pub mod reference;
pub mod select;
mod subset;

pub use select::{AnyEngine, Prepared};

use crate::base::sums::sum_in_lanes;
use crate::compute::{DeviceError, DeviceInfo};
use crate::model::Architecture;

/// Largest relative difference that counts as a tie (METHOD.md, 1.3).
pub const TIE: f64 = 1e-5;

/// What a run returns besides codes. Each part costs time and memory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Want {
    /// `z` and `ẑ` of each item.
    pub latents: bool,
    /// Squared reconstruction error of each item (runs the decoder).
    pub reconstruction: bool,
    /// Margin of each code: how much farther the runner-up is.
    pub margins: bool,
    /// Norm of the residual after each level.
    pub residual_norms: bool,
}

#[cfg(feature = "gpu")]
impl Want {
    /// Whether anything is wanted that belongs to single codes.
    fn details(self) -> bool {
        self.margins || self.residual_norms
    }
}

/// Stages from embeddings to codes, in order. See [`Engine::run_until`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify), serde(rename_all = "lowercase"))]
pub enum Stage {
    /// Scaling, upload to a GPU, and the encoder.
    Encode,
    /// Router and choice of experts; nothing in a model without experts.
    Route,
    /// The search for codes, level by level.
    Quantize,
}

impl Stage {
    /// All stages, in order.
    pub const ALL: [Self; 3] = [Self::Encode, Self::Route, Self::Quantize];
}

impl std::str::FromStr for Stage {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, &'static str> {
        match name {
            "encode" => Ok(Self::Encode),
            "route" => Ok(Self::Route),
            "quantize" => Ok(Self::Quantize),
            _ => Err("unknown stage: use encode, route or quantize"),
        }
    }
}

/// Codes of a batch, of which tokens are made, as flat arrays. `slots` = top N + shared; slots are in gate order, the
/// shared expert last. Index `[item][slot][level]` is `(item · slots + slot) · levels + level`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tokenized {
    /// Items in the batch.
    pub items: usize,
    /// Routed experts an item (N).
    pub top_n: usize,
    /// Quantizers an item went through (N, plus one if shared).
    pub slots: usize,
    /// Residual levels (L).
    pub levels: usize,
    /// `[items][top_n]` expert of each slot, largest gate first.
    pub experts: Vec<u32>,
    /// `[items][top_n]` softmax probability of each (not renormalised).
    pub gates: Vec<f32>,
    /// `[items][slots][levels]`.
    pub codes: Vec<u32>,
    /// `[items][slots][levels]` residual norm after each level; empty unless asked for.
    pub residual_norms: Vec<f32>,
    /// `[items][slots][levels]` squared distance of the runner-up minus that of the chosen code; empty unless asked for.
    pub margins: Vec<f32>,
    /// `[items][latent]` encoder output, if asked for.
    pub z: Option<Vec<f32>>,
    /// `[items][latent]` mixed quantized latent, if asked for.
    pub z_hat: Option<Vec<f32>>,
    /// `[items]` squared reconstruction error `‖x − x̂‖²` of scaled inputs, if asked for.
    pub reconstruction: Option<Vec<f32>>,
}

impl Tokenized {
    /// An empty result with the shape of a model.
    pub fn empty(a: &Architecture, want: Want) -> Self {
        Self {
            top_n: a.top_n,
            slots: a.slots(),
            levels: a.levels,
            z: want.latents.then(Vec::new),
            z_hat: want.latents.then(Vec::new),
            reconstruction: want.reconstruction.then(Vec::new),
            ..Self::default()
        }
    }

    /// Codes of one item in one slot: `[levels]`.
    pub fn codes_of(&self, item: usize, slot: usize) -> &[u32] {
        let start = (item * self.slots + slot) * self.levels;
        &self.codes[start..start + self.levels]
    }

    /// Experts of one item: `[top_n]`.
    pub fn experts_of(&self, item: usize) -> &[u32] {
        &self.experts[item * self.top_n..(item + 1) * self.top_n]
    }

    /// Appends another batch of the same model.
    pub fn append(&mut self, mut other: Self) {
        self.items += other.items;
        self.experts.append(&mut other.experts);
        self.gates.append(&mut other.gates);
        self.codes.append(&mut other.codes);
        self.residual_norms.append(&mut other.residual_norms);
        self.margins.append(&mut other.margins);
        let join = |a: &mut Option<Vec<f32>>, b: Option<Vec<f32>>| {
            if let (Some(a), Some(mut b)) = (a.as_mut(), b) {
                a.append(&mut b);
            }
        };
        join(&mut self.z, other.z);
        join(&mut self.z_hat, other.z_hat);
        join(&mut self.reconstruction, other.reconstruction);
    }
}

/// Why an engine cannot tokenize a batch.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The batch is not a whole number of rows of the model's width.
    #[error(
        "the batch has {values} values, which is not a whole number of rows of {width}: embeddings must have the width that the model was trained on"
    )]
    Width {
        /// Values in the batch.
        values: usize,
        /// The model's input width.
        width: usize,
    },
    /// A value is NaN or infinite, or a row is zero.
    #[error("row {row}, column {column}: {what}. Remove or correct the row: a code for it would mean nothing")]
    Value {
        /// Row in the batch.
        row: usize,
        /// Column in the row.
        column: usize,
        /// What is wrong with the value.
        what: &'static str,
    },
    /// A reconstruction is asked of a model that was loaded without its decoder.
    #[error("the model was loaded without its decoder, which reconstruction needs: load all of its weights")]
    Decoder,
    /// The device cannot run the model, or stopped.
    #[error(transparent)]
    Device(#[from] DeviceError),
}

/// Runs one model on one device.
pub trait Engine {
    /// Which device this is.
    fn info(&self) -> DeviceInfo;

    /// Values of a row: the width of the embeddings that the model was trained on.
    fn input_width(&self) -> usize;

    /// Tokenizes `rows`, `[items][input]` raw embeddings (scaled inside, see [`scale_rows`]).
    fn tokenize(&self, rows: &[f32], want: Want) -> impl Future<Output = Result<Tokenized, EngineError>> {
        async move { self.tokenize_scaled(&scale_rows(rows, self.input_width())?, want).await }
    }

    /// Tokenizes rows that the caller has scaled and checked to be finite, as training and tests do.
    fn tokenize_scaled(&self, scaled: &[f32], want: Want) -> impl Future<Output = Result<Tokenized, EngineError>>;

    /// Does what [`Engine::tokenize`] does with `rows`, `[items][input]` raw embeddings, up to and including `stage`, and
    /// discards the results. A benchmark times a stage by the difference from the run until the stage before.
    fn run_until(&self, rows: &[f32], stage: Stage) -> impl Future<Output = Result<(), EngineError>>;
}

/// Scales each row to norm √d, so that a feature has about unit variance (METHOD.md, Model).
///
/// Done once, on the host, for every engine and for training: all of them begin with the same bits.
///
/// # Errors
/// [`EngineError::Width`] on ragged input, [`EngineError::Value`] on NaN, infinity or a zero row.
pub fn scale_rows(rows: &[f32], width: usize) -> Result<Vec<f32>, EngineError> {
    check_width(rows, width)?;
    let mut scaled = Vec::with_capacity(rows.len());
    for (row, values) in rows.chunks_exact(width).enumerate() {
        let norm = norm(values);
        if !norm.is_finite() {
            let column = values.iter().position(|v| !v.is_finite()).unwrap_or(0);
            return Err(EngineError::Value { row, column, what: "the value is not a finite number" });
        }
        if norm == 0.0 {
            return Err(EngineError::Value { row, column: 0, what: "the whole row is zero" });
        }
        let factor = (width as f64).sqrt() / norm;
        scaled.extend(values.iter().map(|v| (f64::from(*v) * factor) as f32));
    }
    Ok(scaled)
}

/// Norm in float64.
fn norm(row: &[f32]) -> f64 {
    let (lanes, rest): ([f64; 8], f64) = sum_in_lanes(row, row, |a, b| f64::from(a) * f64::from(b));
    (lanes.iter().sum::<f64>() + rest).sqrt()
}

impl EngineError {
    /// What happened, without the advice to use the CPU, for a program that already does.
    pub fn cause(&self) -> String {
        match self {
            Self::Device(error) => error.cause(),
            other => other.to_string(),
        }
    }

    /// The same error in the batch of which these rows are a part that begins at row `first`.
    fn in_batch(self, first: usize) -> Self {
        match self {
            Self::Value { row, column, what } => Self::Value { row: first + row, column, what },
            other => other,
        }
    }
}

/// Checks that a batch is a whole number of rows.
fn check_width(rows: &[f32], width: usize) -> Result<(), EngineError> {
    if width == 0 || !rows.len().is_multiple_of(width) {
        return Err(EngineError::Width { values: rows.len(), width });
    }
    Ok(())
}
