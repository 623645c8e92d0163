//! What a run of a recommender depends on.

use std::fmt::Write;

use super::dataset::Dataset;
use super::fit::options::FitOptions;
use super::kind::{Kind, Size};
use super::models::generative::codewords::telling_positions;
use super::recommender::Listing;
use crate::base::hash::fnv1a;
use crate::tokens::Index;

/// What is to be run.
#[derive(Debug, Clone, Copy)]
pub struct Job<'a> {
    /// Which recommender.
    pub kind: Kind,
    /// How large.
    pub size: Size,
    /// Seed of everything random. The same seed gives the same bits.
    pub seed: u64,
    /// Epochs at most, instead of those of the size.
    pub epochs: Option<usize>,
    /// How recommendations are listed in the test; validations list everything.
    pub listing: Listing,
    /// What it learns from and is asked.
    pub dataset: &'a Dataset,
    /// The items' tokens, for those that read them.
    pub index: Option<&'a Index>,
}

/// What a run depends on, a line for each: settings, and a hash of the data.
pub(super) fn fingerprint(job: &Job<'_>, options: Option<&FitOptions>) -> String {
    let mut text = format!("program = {}\n", env!("CARGO_PKG_VERSION"));
    let listing = if job.listing.mask_history { "masked" } else { "unmasked" };
    let _ = writeln!(text, "recommender = {} {}\nhistory = {listing}", job.kind, job.size);
    if let Some(options) = options {
        let _ = writeln!(text, "fit = {}", serde_json::to_string(options).expect("options are plain"));
    }
    let _ = writeln!(text, "data = {:016x}", hash_of_dataset(job.dataset));
    if let Some(index) = job.index.filter(|_| job.kind.reads_tokens()) {
        let _ = writeln!(text, "tokens = {:016x}, {} positions", hash_of_index(index), telling_positions(index));
    }
    text
}

/// A hash of every user's items.
fn hash_of_dataset(dataset: &Dataset) -> u64 {
    let none = u32::MAX;
    let users = dataset.users().iter().flat_map(|user| {
        let ends = [user.training.len() as u32, user.validation.unwrap_or(none), user.test.unwrap_or(none)];
        user.training.iter().copied().chain(ends)
    });
    fnv1a(std::iter::once(dataset.items() as u32).chain(users).flat_map(u32::to_le_bytes))
}

/// A hash of every item's tokens; the ids are in the dataset's hash by their order.
fn hash_of_index(index: &Index) -> u64 {
    let width = (index.width as u32).to_le_bytes();
    let vocabulary = index.vocabulary.iter().flat_map(|token| token.bytes().chain([0]));
    fnv1a(width.into_iter().chain(index.tokens.iter().flat_map(|token| token.to_le_bytes())).chain(vocabulary))
}
