//! Edits on an index whose model is at hand: what each moves, and what that costs.

use std::collections::{HashMap, HashSet};

use super::error::EditError;
use super::operation::{Edit, Move, Operation};
use super::state::State;
use crate::base::sums::sum_in_lanes;
use crate::engine::Tokenized;
use crate::model::Model;
use crate::tokens::lock::{Owners, Retired, left_by_others};
use crate::tokens::{Codewords, Policy, Position, Schema, Taken, resolve_beside, retired_codewords};

/// An index that is edited.
pub struct Editor<'a> {
    model: &'a Model,
    schema: &'a Schema,
    state: State,
    /// By the numbers of `state`.
    codewords: Codewords,
    /// Whether items may get retired codewords.
    reuse: bool,
    /// Items with latents, and the place of each in `batch`.
    batch: Tokenized,
    places: HashMap<usize, usize>,
}

impl<'a> Editor<'a> {
    /// An index with the codewords that `schema` gives its items. With `reuse`, items also get codewords that others left.
    pub fn new(model: &'a Model, schema: &'a Schema, state: State, codewords: Codewords, reuse: bool) -> Self {
        Self { model, schema, state, codewords, reuse, batch: Tokenized::default(), places: HashMap::new() }
    }

    /// The index as it is now.
    pub fn finish(self) -> State {
        self.state
    }

    /// Ids of the items that the operations may move, whose latents are needed.
    ///
    /// # Errors
    /// [`EditError::Unknown`].
    pub fn needed(&self, operations: &[Operation]) -> Result<HashSet<String>, EditError> {
        let mut needed = HashSet::new();
        for operation in operations {
            for id in operation.items() {
                let item = self.state.item(id)?;
                if operation.moves() {
                    needed.extend(self.state.bucket(item).into_iter().map(|item| self.state.id(item).into()));
                }
            }
        }
        Ok(needed)
    }

    /// Takes the codes and latents of items by id; ids that the index lacks are passed over.
    pub fn with_latents<'b>(mut self, ids: impl Iterator<Item = &'b str>, batch: Tokenized) -> Self {
        self.places = ids.zip(0..).filter_map(|(id, place)| Some((self.state.item(id).ok()?, place))).collect();
        self.batch = batch;
        self
    }

    /// Does an operation, and tells what it moved and cost.
    ///
    /// # Errors
    /// [`EditError`]; some of its items may have moved then.
    pub fn apply(&mut self, operation: Operation) -> Result<Edit, EditError> {
        let rows = match &operation {
            Operation::Reassign { item } => self.reassigned(self.state.item(item)?)?,
            Operation::Split { item } => self.split(self.state.item(item)?)?,
            Operation::Merge { items: [first, second] } => self.merged(self.state.item(first)?, self.state.item(second)?)?,
            _ => {
                let edit = self.state.priced(operation)?;
                self.state.apply(&edit)?;
                return Ok(edit);
            }
        };
        let mut moved = Vec::new();
        for (item, row) in rows {
            if row != self.codewords.row(item) {
                moved.push(self.place(item, &row)?);
            }
        }
        let added_distortion = moved.iter().fold(0.0, |sum, item| sum + item.distortion_after - item.distortion_before);
        let mut edit = Edit { operation, added_distortion, sharing: 0, moved, removed: Vec::new() };
        self.state.apply(&edit)?;
        edit.sharing = self.state.sharing_of(&edit)?;
        Ok(edit)
    }

    /// Gives an item a codeword.
    fn place(&mut self, item: usize, row: &[u32]) -> Result<Move, EditError> {
        let distortion_before = self.distortion(item, self.codewords.row(item))?;
        let distortion_after = self.distortion(item, row)?;
        let before = self.codewords.tokens(item);
        let width = self.codewords.width();
        self.codewords.values[item * width..][..width].copy_from_slice(row);
        let (id, after) = (self.state.id(item).to_owned(), self.codewords.tokens(item));
        Ok(Move { id, before, after, distortion_before, distortion_after })
    }

    /// The best free codeword of an item, or its own if that is its alone and no worse.
    fn reassigned(&self, item: usize) -> Result<Vec<(usize, Vec<u32>)>, EditError> {
        self.state.ensure_free(item)?;
        let found = self.placed(&[item])?;
        let own = self.codewords.row(item);
        let is_alone = self.state.sharing(item) == 0;
        let better = self.distortion(item, &found[0].1)? < self.distortion(item, own)?;
        Ok(if is_alone && !better { Vec::new() } else { found })
    }

    /// A codeword for each item of a bucket but the pinned ones, which stay.
    fn split(&self, item: usize) -> Result<Vec<(usize, Vec<u32>)>, EditError> {
        let bucket = self.state.bucket(item);
        let free: Vec<usize> = bucket.iter().copied().filter(|&item| !self.state.is_pinned(item)).collect();
        if bucket.len() == 1 || free.is_empty() { Ok(Vec::new()) } else { self.placed(&free) }
    }

    /// One codeword for the items of two: that of the two which adds least.
    fn merged(&self, first: usize, second: usize) -> Result<Vec<(usize, Vec<u32>)>, EditError> {
        let refused = |why| EditError::Merge { first: self.state.id(first).into(), second: self.state.id(second).into(), why };
        let buckets = [self.state.bucket(first), self.state.bucket(second)];
        if buckets[0] == buckets[1] {
            return Err(refused("they have the same tokens already"));
        }
        let mut best = None;
        for (moving, target) in [(&buckets[1], first), (&buckets[0], second)] {
            if moving.iter().any(|&item| self.state.is_pinned(item)) {
                continue;
            }
            let row = self.codewords.row(target);
            let mut added = 0.0;
            for &item in moving {
                added += self.distortion(item, row)? - self.distortion(item, self.codewords.row(item))?;
            }
            if best.as_ref().is_none_or(|&(least, _, _)| added < least) {
                best = Some((added, moving, row.to_vec()));
            }
        }
        let (_, moving, row) = best.ok_or_else(|| refused("items of both are pinned: --unpin one side first"))?;
        Ok(moving.iter().map(|&item| (item, row.clone())).collect())
    }

    /// Codewords for `items` beside all others, at the least added distortion. An item may have back what it left.
    fn placed(&self, items: &[usize]) -> Result<Vec<(usize, Vec<u32>)>, EditError> {
        let retired = if self.reuse { &[] } else { self.state.retired() };
        let moving: HashSet<&str> = items.iter().map(|&item| self.state.id(item)).collect();
        let found = self.placed_beside(items, &left_by_others(retired, |codeword| moving.contains(&*codeword.item)))?;
        let owners = Owners::new(retired);
        let sizes = &self.codewords.sizes;
        let passes_on = found.iter().any(|(item, row)| {
            let tokens = Codewords { values: row.clone(), sizes: sizes.clone() }.tokens(0);
            owners.lose(&tokens, self.state.id(*item))
        });
        if passes_on { self.placed_beside(items, retired) } else { Ok(found) }
    }

    fn placed_beside(&self, items: &[usize], retired: &[Retired]) -> Result<Vec<(usize, Vec<u32>)>, EditError> {
        let places = items.iter().map(|&item| self.latent_place(item)).collect::<Result<Vec<_>, _>>()?;
        let moving: HashSet<usize> = items.iter().copied().collect();
        let others = (0..self.codewords.items()).filter(|item| !moving.contains(item) && self.state.is_there(*item));
        let values = others.flat_map(|item| self.codewords.row(item)).copied().collect();
        let others = Codewords { values, sizes: self.codewords.sizes.clone() };
        let taken = Taken { published: &others, retired: &retired_codewords(retired, self.schema, false)? };
        let mut batch = self.batch.subset(&places);
        let (found, _) = resolve_beside(self.model, &mut batch, self.schema, Policy::Assign, taken, &|_, _| true)?;
        Ok(items.iter().enumerate().map(|(place, &item)| (item, found.row(place).to_vec())).collect())
    }

    /// `‖z − E(z)‖²` of an item with the codes of a codeword, by the codebooks of its first expert.
    fn distortion(&self, item: usize, row: &[u32]) -> Result<f64, EditError> {
        let a = &self.model.config.model;
        let z = self.batch.z.as_deref().unwrap_or_default();
        let mut residual = z[self.latent_place(item)? * a.latent..][..a.latent].to_vec();
        let expert = self.schema.positions.iter().position(|position| *position == Position::Expert { rank: 0 });
        let quantizer = expert.map_or(0, |place| row[place] as usize);
        for (level, place) in self.schema.code_positions(0).into_iter().enumerate() {
            let code = self.schema.code(row[place]) as usize;
            let code = &self.model.codebook(quantizer, level)[code * a.latent..][..a.latent];
            residual.iter_mut().zip(code).for_each(|(r, c)| *r -= c);
        }
        let (lanes, rest): ([f64; 8], f64) = sum_in_lanes(&residual, &residual, |a, b| f64::from(a) * f64::from(b));
        Ok(lanes.iter().sum::<f64>() + rest)
    }

    fn latent_place(&self, item: usize) -> Result<usize, EditError> {
        self.places.get(&item).copied().ok_or_else(|| EditError::NoLatent { id: self.state.id(item).into() })
    }
}
