//! The recommenders by name, and how each is made at each size.
//!
//! To add one: a variant of [`Kind`], its row in [`KINDS`], and its arm in [`build`].

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::dataset::Dataset;
use super::fit::learner::Learner;
use super::fit::options::FitOptions;
use super::models::generative::dec::{Dec, DecOptions};
use super::models::generative::t5::{T5, T5Options};
use super::models::graph::{self, TransitionGraph};
use super::models::lightgcn::{self, LightGcn};
use super::models::mf::{self, MatrixFactorization};
use super::models::popularity::MostPopular;
use super::models::sequential::bert4rec::{Bert4Rec, Bert4RecOptions};
use super::models::sequential::output::Objective;
use super::models::sequential::sasrec::{SasRec, SasRecOptions};
use super::recommender::Recommender;
use crate::tokens::Index;

/// A kind of recommender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The most popular items, for everybody.
    Popularity,
    /// The most popular codewords, for everybody.
    PopularityByCode,
    /// What followed the items of the history, counted.
    Graph,
    /// Matrix factorisation by BPR.
    Mf,
    /// LightGCN.
    #[serde(rename = "lightgcn")]
    LightGcn,
    /// SASRec, with the loss over all items.
    #[serde(rename = "sasrec")]
    SasRec,
    /// SASRec, with one negative a position.
    #[serde(rename = "sasrec-bce")]
    SasRecBce,
    /// SASRec, with the loss over some items.
    #[serde(rename = "sasrec-sampled")]
    SasRecSampled,
    /// BERT4Rec.
    #[serde(rename = "bert4rec")]
    Bert4Rec,
    /// The decoder-only transformer over codewords.
    Dec,
    /// The encoder-decoder transformer over codewords.
    T5,
}

/// What is known of every kind: its name, whether it reads the tokens of an index, and its epochs at most at the reduced and
/// at the full size, 0 for what is not trained by epochs.
const KINDS: &[(&str, Kind, bool, [usize; 2])] = &[
    ("popularity", Kind::Popularity, false, [0, 0]),
    ("popularity-by-code", Kind::PopularityByCode, true, [0, 0]),
    ("graph", Kind::Graph, false, [0, 0]),
    ("mf", Kind::Mf, false, [100, 400]),
    ("lightgcn", Kind::LightGcn, false, [60, 400]),
    ("sasrec", Kind::SasRec, false, [24, 80]),
    ("sasrec-bce", Kind::SasRecBce, false, [60, 200]),
    ("sasrec-sampled", Kind::SasRecSampled, false, [24, 80]),
    ("bert4rec", Kind::Bert4Rec, false, [60, 400]),
    ("dec", Kind::Dec, true, [12, 60]),
    ("t5", Kind::T5, true, [12, 200]),
];

/// Training interactions from which on the reduced sizes have their own number of epochs.
const ENOUGH: usize = 40_000;
/// How many times more epochs smaller catalogues get at most.
const MOST_TIMES: usize = 6;

/// How large a recommender is, and how long it is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Size {
    /// For a desk without a GPU: width 64, two layers, about a dozen epochs. It ranks tokenizers, and scores below the full
    /// size.
    #[default]
    Reduced,
    /// As the papers have it.
    Full,
}

/// A recommender before its training.
pub enum Built {
    /// It learns nothing by gradients.
    Ready(Box<dyn Recommender>),
    /// What it is trained with.
    Learner(Box<dyn Learner>, FitOptions),
}

/// A name of no recommender or size.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no {what} «{name}»: choose one of {}", .known.join(", "))]
pub struct UnknownName {
    what: &'static str,
    name: String,
    known: Vec<&'static str>,
}

impl Kind {
    /// Every kind, the floors first.
    pub fn all() -> impl Iterator<Item = Self> {
        KINDS.iter().map(|row| row.1)
    }

    /// Its name, as on the command line and in results.
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// Whether it reads tokens, so that it scores a tokenizer. The others know items by number alone.
    pub fn reads_tokens(self) -> bool {
        self.row().2
    }

    /// Epochs of its training at most, on so many training interactions; 0 for what is not trained by epochs.
    ///
    /// The reduced sizes are for catalogues of [`ENOUGH`] interactions and more. With fewer, an epoch has few steps, so there
    /// are as many more of them, up to [`MOST_TIMES`].
    pub fn epochs(self, size: Size, interactions: usize) -> usize {
        let epochs = self.row().3[size as usize];
        match size {
            Size::Reduced => (epochs * ENOUGH).div_ceil(interactions.clamp(1, ENOUGH)).min(MOST_TIMES * epochs),
            Size::Full => epochs,
        }
    }

    /// Whether it is trained by epochs.
    pub fn has_epochs(self) -> bool {
        self.row().3[0] > 0
    }

    fn row(self) -> &'static (&'static str, Self, bool, [usize; 2]) {
        KINDS.iter().find(|row| row.1 == self).expect("every kind has its row")
    }
}

impl Size {
    /// Its name, as on the command line and in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reduced => "reduced",
            Self::Full => "full",
        }
    }
}

/// A recommender for a dataset, whose items are those of the index. None where it reads tokens and there is no index.
pub fn build(kind: Kind, dataset: &Dataset, index: Option<&Index>, size: Size, seed: u64) -> Option<Built> {
    let interactions = dataset.training_counts().iter().map(|&count| count as usize).sum();
    let epochs = kind.epochs(size, interactions);
    Some(match kind {
        Kind::Popularity => Built::Ready(Box::new(MostPopular::items(dataset))),
        Kind::PopularityByCode => Built::Ready(Box::new(MostPopular::codewords(dataset, index?))),
        Kind::Graph => Built::Ready(Box::new(TransitionGraph::new(dataset, graph::Options::default()))),
        Kind::Mf => {
            let model = MatrixFactorization::new(dataset, mf::Options::default(), seed);
            Built::Learner(Box::new(model), MatrixFactorization::fit_options(seed, epochs))
        }
        Kind::LightGcn => {
            let model = LightGcn::new(dataset, lightgcn::Options::default(), seed);
            Built::Learner(Box::new(model), LightGcn::fit_options(seed, epochs))
        }
        Kind::Dec => {
            let options = if size == Size::Reduced { DecOptions::reduced() } else { DecOptions::default() };
            let fit = options.fit_options(seed, epochs);
            Built::Learner(Box::new(Dec::new(dataset, index?, options, seed)), fit)
        }
        Kind::T5 => {
            let options = if size == Size::Reduced { T5Options::reduced() } else { T5Options::default() };
            let fit = options.fit_options(seed, epochs);
            Built::Learner(Box::new(T5::new(dataset, index?, options, seed)), fit)
        }
        Kind::SasRec => sasrec(dataset, Objective::CrossEntropy, seed, epochs),
        Kind::SasRecBce => sasrec(dataset, Objective::BinaryCrossEntropy, seed, epochs),
        Kind::SasRecSampled => sasrec(dataset, Objective::SampledSoftmax(256), seed, epochs),
        Kind::Bert4Rec => {
            let model = Bert4Rec::new(dataset, Bert4RecOptions::default(), seed);
            Built::Learner(Box::new(model), Bert4Rec::fit_options(seed, epochs))
        }
    })
}

fn sasrec(dataset: &Dataset, objective: Objective, seed: u64, epochs: usize) -> Built {
    let options = SasRecOptions { objective, ..SasRecOptions::default() };
    Built::Learner(Box::new(SasRec::new(dataset, options, seed)), SasRec::fit_options(seed, epochs))
}

impl FromStr for Kind {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        let known = || KINDS.iter().map(|row| row.0).collect();
        let found = KINDS.iter().find(|row| row.0 == name).map(|row| row.1);
        found.ok_or_else(|| UnknownName { what: "recommender", name: name.into(), known: known() })
    }
}

impl FromStr for Size {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        let sizes = [Self::Reduced, Self::Full];
        let found = sizes.into_iter().find(|size| size.name() == name);
        found.ok_or_else(|| UnknownName { what: "size", name: name.into(), known: sizes.map(Self::name).into() })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_others_are_told_what_there_is() {
        for kind in Kind::all() {
            assert_eq!(kind.name().parse(), Ok(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
        let error = "most-popular".parse::<Kind>().unwrap_err().to_string();
        assert!(error.starts_with("there is no recommender «most-popular»: choose one of popularity, "), "{error}");
        assert_eq!("full".parse(), Ok(Size::Full));
    }

    #[test]
    fn small_catalogues_get_more_epochs_at_the_reduced_size_alone() {
        let reduced = [200_000, 40_000, 20_000, 100, 0].map(|interactions| Kind::Dec.epochs(Size::Reduced, interactions));
        assert_eq!(reduced, [12, 12, 24, 72, 72]);
        assert_eq!(Kind::Dec.epochs(Size::Full, 100), Kind::Dec.epochs(Size::Full, 200_000));
        assert_eq!((Kind::Graph.epochs(Size::Reduced, 5), Kind::Graph.has_epochs()), (0, false));
    }
}
