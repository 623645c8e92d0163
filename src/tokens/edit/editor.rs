//! Edits on an index whose model is at hand: what each moves, and what that costs.

use std::collections::{HashMap, HashSet};

use super::error::EditError;
use super::log::{Edit, Move, Operation};
use crate::base::sums::sum_in_lanes;
use crate::engine::Tokenized;
use crate::model::Model;
use crate::tokens::{Codewords, Policy, Position, Schema, resolve_beside};

/// An index that is edited.
pub struct Editor<'a> {
    model: &'a Model,
    schema: &'a Schema,
    ids: &'a [String],
    items: HashMap<&'a str, usize>,
    codewords: Codewords,
    pinned: HashSet<String>,
    /// Items with latents, and the place of each in `batch`.
    batch: Tokenized,
    places: HashMap<usize, usize>,
}

impl<'a> Editor<'a> {
    /// An index of `ids` with the codewords that `schema` gives them, and the items that are pinned.
    pub fn new(model: &'a Model, schema: &'a Schema, ids: &'a [String], codewords: Codewords, pinned: HashSet<String>) -> Self {
        let items = ids.iter().map(String::as_str).zip(0..).collect();
        Self { model, schema, ids, items, codewords, pinned, batch: Tokenized::default(), places: HashMap::new() }
    }

    /// The codewords as they are now.
    pub fn codewords(&self) -> &Codewords {
        &self.codewords
    }

    /// The items that are pinned now.
    pub fn pinned(&self) -> &HashSet<String> {
        &self.pinned
    }

    /// Ids of the items that the operations may move, whose latents are needed.
    ///
    /// # Errors
    /// [`EditError::Unknown`].
    pub fn needed(&self, operations: &[Operation]) -> Result<HashSet<String>, EditError> {
        let mut needed = HashSet::new();
        for operation in operations {
            let named: &[String] = match operation {
                Operation::Pin { item } | Operation::Unpin { item } => {
                    self.item(item)?;
                    &[]
                }
                Operation::Reassign { item } | Operation::Split { item } => std::slice::from_ref(item),
                Operation::Merge { items } => items,
            };
            for id in named {
                let bucket = self.bucket(self.item(id)?);
                needed.extend(bucket.into_iter().map(|item| self.ids[item].clone()));
            }
        }
        Ok(needed)
    }

    /// Takes the codes and latents of items by id; ids that the index lacks are passed over.
    pub fn with_latents<'b>(mut self, ids: impl Iterator<Item = &'b str>, batch: Tokenized) -> Self {
        self.places = ids.zip(0..).filter_map(|(id, place)| Some((*self.items.get(id)?, place))).collect();
        self.batch = batch;
        self
    }

    /// Does an operation, and tells what it moved and cost.
    ///
    /// # Errors
    /// [`EditError`]; some of its items may have moved then.
    pub fn apply(&mut self, operation: Operation) -> Result<Edit, EditError> {
        let rows = match &operation {
            Operation::Pin { item } => {
                self.item(item)?;
                self.pinned.insert(item.clone());
                Vec::new()
            }
            Operation::Unpin { item } => {
                self.item(item)?;
                self.pinned.remove(item);
                Vec::new()
            }
            Operation::Reassign { item } => self.reassigned(self.item(item)?)?,
            Operation::Split { item } => self.split(self.item(item)?)?,
            Operation::Merge { items: [first, second] } => self.merged(self.item(first)?, self.item(second)?)?,
        };
        let mut moved = Vec::new();
        for (item, row) in rows {
            if row != self.codewords.row(item) {
                moved.push(self.place(item, &row)?);
            }
        }
        let added_distortion = moved.iter().fold(0.0, |sum, item| sum + item.distortion_after - item.distortion_before);
        let sharing = self.bucket(self.item(operation.item())?).len() - 1;
        Ok(Edit { operation, added_distortion, sharing, moved })
    }

    /// Gives an item a codeword.
    fn place(&mut self, item: usize, row: &[u32]) -> Result<Move, EditError> {
        let distortion_before = self.distortion(item, self.codewords.row(item))?;
        let distortion_after = self.distortion(item, row)?;
        let before = self.codewords.tokens(item);
        let width = self.codewords.width();
        self.codewords.values[item * width..][..width].copy_from_slice(row);
        let (id, after) = (self.ids[item].clone(), self.codewords.tokens(item));
        Ok(Move { id, before, after, distortion_before, distortion_after })
    }

    /// The best free codeword of an item, or its own if that is its alone and no worse.
    fn reassigned(&self, item: usize) -> Result<Vec<(usize, Vec<u32>)>, EditError> {
        self.ensure_free(item)?;
        let found = self.placed(&[item])?;
        let own = self.codewords.row(item);
        let is_alone = self.bucket(item).len() == 1;
        let better = self.distortion(item, &found[0].1)? < self.distortion(item, own)?;
        Ok(if is_alone && !better { Vec::new() } else { found })
    }

    /// A codeword for each item of a bucket but the pinned ones, which stay.
    fn split(&self, item: usize) -> Result<Vec<(usize, Vec<u32>)>, EditError> {
        let bucket = self.bucket(item);
        let free: Vec<usize> = bucket.iter().copied().filter(|&item| !self.pinned.contains(&self.ids[item])).collect();
        if bucket.len() == 1 || free.is_empty() { Ok(Vec::new()) } else { self.placed(&free) }
    }

    /// One codeword for the items of two: that of the two which adds least.
    fn merged(&self, first: usize, second: usize) -> Result<Vec<(usize, Vec<u32>)>, EditError> {
        let refused = |why| EditError::Merge { first: self.ids[first].clone(), second: self.ids[second].clone(), why };
        let buckets = [self.bucket(first), self.bucket(second)];
        if buckets[0] == buckets[1] {
            return Err(refused("they have the same tokens already"));
        }
        let mut best = None;
        for (moving, target) in [(&buckets[1], first), (&buckets[0], second)] {
            if moving.iter().any(|&item| self.pinned.contains(&self.ids[item])) {
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

    /// Codewords for `items` beside all others, at the least added distortion.
    fn placed(&self, items: &[usize]) -> Result<Vec<(usize, Vec<u32>)>, EditError> {
        let places = items.iter().map(|&item| self.latent_place(item)).collect::<Result<Vec<_>, _>>()?;
        let moving: HashSet<usize> = items.iter().copied().collect();
        let others = (0..self.codewords.items()).filter(|item| !moving.contains(item));
        let values = others.flat_map(|item| self.codewords.row(item)).copied().collect();
        let others = Codewords { values, sizes: self.codewords.sizes.clone() };
        let mut batch = self.batch.subset(&places);
        let (found, _) = resolve_beside(self.model, &mut batch, self.schema, Policy::Assign, &others, &|_, _| true)?;
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

    fn item(&self, id: &str) -> Result<usize, EditError> {
        self.items.get(id).copied().ok_or_else(|| EditError::Unknown { id: id.into() })
    }

    /// Items with the codeword of `item`.
    fn bucket(&self, item: usize) -> Vec<usize> {
        let row = self.codewords.row(item);
        (0..self.codewords.items()).filter(|&other| self.codewords.row(other) == row).collect()
    }

    fn latent_place(&self, item: usize) -> Result<usize, EditError> {
        self.places.get(&item).copied().ok_or_else(|| EditError::NoLatent { id: self.ids[item].clone() })
    }

    fn ensure_free(&self, item: usize) -> Result<(), EditError> {
        let id = &self.ids[item];
        if self.pinned.contains(id) { Err(EditError::Pinned { id: id.clone() }) } else { Ok(()) }
    }
}
