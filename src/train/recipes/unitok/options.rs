//! What can be chosen of a training run, by subject, and the defaults.

use serde::{Deserialize, Serialize};

use crate::model::{Cooccurrence, Mix};

/// The paper's ablations, each adding one idea to the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Variant {
    /// One codebook set, no experts, no mutual-information loss.
    #[serde(rename = "unitok-1")]
    UniTok1,
    /// Experts, no shared expert, no mutual-information loss.
    #[serde(rename = "unitok-2")]
    UniTok2,
    /// Everything but the mutual-information loss.
    #[serde(rename = "unitok-3")]
    UniTok3,
    /// The whole method.
    #[default]
    #[serde(rename = "unitok")]
    UniTok,
}

/// Shapes of the model to train; input width and experts follow from the data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ModelOptions {
    /// `small` or `paper`: the hidden widths, unless `hidden` is given.
    pub preset: Preset,
    /// Hidden widths of the encoder; empty takes the preset's.
    pub hidden: Vec<usize>,
    /// Latent width D. A narrower one loses more of the text.
    pub latent: usize,
    /// Levels L. The paper's four leave four times as many items of an unseen domain with the tokens of another.
    pub levels: usize,
    /// Codes a level T.
    pub codes: usize,
    /// Routed experts an item N.
    pub top_n: usize,
    /// Mix of the experts' outputs.
    pub mix: Mix,
    /// The encoder's and decoder's first weights.
    pub start: Start,
}

impl Default for ModelOptions {
    fn default() -> Self {
        Self {
            preset: Preset::Small,
            hidden: Vec::new(),
            latent: 64,
            levels: 5,
            codes: 256,
            top_n: 1,
            mix: Mix::Sum,
            start: Start::Linear,
        }
    }
}

/// Where encoder and decoder start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Start {
    /// At random.
    Random,
    /// At the principal components of the training vectors; needs hidden layers twice as wide as the latent.
    #[default]
    Linear,
}

/// Where the router starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum RouterStart {
    /// At random: whichever expert is ahead learns the most, until few experts take all items.
    Random,
    /// At the domains, by linear discriminants of their latents.
    #[default]
    Domains,
}

/// Named hidden widths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// 512-256-128 (TIGER's).
    #[default]
    Small,
    /// 2048-1024-512-256-128-64.
    Paper,
}

/// Recipes by name; each has settings of its own ([`crate::train::recipes`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum RecipeName {
    /// UniTok and its ablations.
    #[default]
    #[serde(rename = "unitok")]
    UniTok,
    /// UniTok with the paper's own shapes and losses.
    #[serde(rename = "unitok-paper")]
    UniTokPaper,
    /// TIGER.
    Tiger,
    /// LC-Rec.
    LcRec,
    /// LETTER.
    Letter,
}

impl RecipeName {
    /// What it trains, with an article, as its paper writes the name.
    pub fn tokenizer(self) -> &'static str {
        match self {
            Self::UniTok | Self::UniTokPaper => "A UniTok tokenizer",
            Self::Tiger => "A TIGER tokenizer",
            Self::LcRec => "An LC-Rec tokenizer",
            Self::Letter => "A LETTER tokenizer",
        }
    }
}

/// What interactions are for, in the domains that have some.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Latents of texts are to tell what texts and histories say together. The model then works from texts alone.
    #[default]
    Target,
    /// The model reads histories too, wherever it runs.
    Input,
}

/// How interactions are used, where there are any.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HistoryOptions {
    /// What they are for.
    pub role: Role,
    /// How they enter vectors.
    pub mixing: Cooccurrence,
}

/// Phases and schedules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Recipe {
    /// Whose settings those are that were not chosen.
    pub name: RecipeName,
    /// Items of each domain in a batch; with `pooled`, on average.
    pub items_per_domain: usize,
    /// Whether batches are drawn from all items alike, whatever their domain.
    pub pooled: bool,
    /// Autoencoder alone.
    pub warmup_steps: usize,
    /// Everything together.
    pub joint_steps: usize,
    /// Decoder alone, after the refit.
    pub decoder_steps: usize,
    /// AdamW's learning rate.
    pub learning_rate: f32,
    /// What the cosine ends at, as a share of the learning rate.
    pub final_rate: f32,
    /// AdamW's weight decay; never on codebooks.
    pub weight_decay: f32,
    /// Lloyd iterations of the initial k-means.
    pub kmeans_iterations: usize,
    /// Where the router starts joint training.
    pub router_start: RouterStart,
    /// Items of each domain in the pool that initialises the shared expert.
    pub pool_per_domain: usize,
    /// Steps between re-seedings of dead codes.
    pub reseed_every: usize,
    /// A code used less than this share of its fair share is dead.
    pub reseed_below: f32,
    /// Share of the joint steps after which no code is re-seeded.
    pub reseed_until: f32,
    /// Rounds of the refit; 0 leaves the refit out.
    pub refit_iterations: usize,
    /// Steps between checkpoints.
    pub checkpoint_every: usize,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            name: RecipeName::UniTok,
            items_per_domain: 170,
            pooled: false,
            warmup_steps: 200,
            joint_steps: 3500,
            decoder_steps: 2000,
            learning_rate: 1e-3,
            final_rate: 0.02,
            weight_decay: 1e-4,
            kmeans_iterations: 15,
            router_start: RouterStart::Domains,
            pool_per_domain: 4000,
            reseed_every: 50,
            reseed_below: 0.05,
            reseed_until: 0.8,
            refit_iterations: 25,
            checkpoint_every: 250,
        }
    }
}
