//! Pinned items of an index that is tokenized anew: they keep their tokens and their pins, and the others get places beside
//! them.

use std::collections::HashMap;

use anyhow::{Context, ensure};
use serde::Serialize;

use super::args::Args;
use super::batch::Batch;
use super::joined::Joined;
use crate::base::ids::IdList;
use crate::base::words::{counted, verb};
use crate::model::Model;
use crate::tokens::lock::{Locked, Making, UNKNOWN};
use crate::tokens::{Codewords, Policy, Schema, published};

/// Ids that a message names.
const NAMED: usize = 5;

/// The pinned items of the index that is written over.
pub struct Pins {
    /// Ids of all, sorted.
    all: Vec<String>,
    /// Codeword and fingerprint of each pinned item by its id.
    codewords: Codewords,
    fingerprints: Vec<u32>,
    by_id: HashMap<String, usize>,
    /// Those that were read: number here, and place among all items of the input.
    read: Vec<(usize, usize)>,
    changed: Vec<String>,
    /// Items read so far.
    items: usize,
}

/// What became of pinned items.
#[derive(Debug, Serialize)]
pub struct Kept {
    /// Items that keep their tokens, and are pinned from now on too.
    kept: usize,
    /// Those of them whose text or vector is not what their tokens were made from.
    changed: Vec<String>,
    /// Pinned items that the input lacks.
    gone: Vec<String>,
}

impl Pins {
    /// Those of the index where the output goes, `before`, if it has some.
    ///
    /// # Errors
    /// What they were made with is not what this run makes tokens with.
    pub fn open(
        args: &Args,
        before: Option<&Locked>,
        now: &Making,
        model: &Model,
        schema: &Schema,
    ) -> anyhow::Result<Option<Self>> {
        let locked = before.and_then(|locked| Some((locked, locked.lock.as_ref()?)));
        let Some((locked, lock)) = locked.filter(|(_, lock)| args.append.is_none() && !lock.pinned.is_empty()) else {
            return Ok(None);
        };
        check_making(locked, &lock.making, now, model)?;
        ensure!(
            args.details.is_none(),
            "{} has pinned items, whose tokens are not made anew: leave out --details, or give another --out",
            locked.name
        );
        let pinned = |id: &str| lock.pinned.binary_search_by(|pinned| pinned.as_str().cmp(id)).is_ok();
        let index = locked.index.only(pinned);
        let comparable = lock.making.reads == now.reads;
        let all = locked.index.ids.iter().zip(&lock.fingerprints.0).filter(|(id, _)| pinned(id));
        let fingerprints = all.map(|(_, &fingerprint)| if comparable { fingerprint } else { UNKNOWN }).collect();
        let codewords = published(&index, schema, now.policy == Policy::Suffix).with_context(|| locked.name.clone())?;
        let by_id = index.ids.into_iter().zip(0..).collect();
        let all = lock.pinned.clone();
        Ok(Some(Self { all, codewords, fingerprints, by_id, read: Vec::new(), changed: Vec::new(), items: 0 }))
    }

    /// Takes the pinned items out of a batch.
    pub fn take(&mut self, batch: &mut Batch) {
        let Self { by_id, fingerprints, read, changed, items, .. } = self;
        batch.retain(|id, fingerprint| {
            let place = *items;
            *items += 1;
            let Some(&number) = by_id.get(id) else { return true };
            read.push((number, place));
            if fingerprints[number] != UNKNOWN && fingerprints[number] != fingerprint {
                changed.push(id.into());
            }
            false
        });
    }

    /// Whether no pinned item was read.
    pub fn is_empty(&self) -> bool {
        self.read.is_empty()
    }

    /// Codewords of the pinned items that were read.
    pub fn codewords(&self) -> Codewords {
        let values = self.read.iter().flat_map(|&(number, _)| self.codewords.row(number).to_vec()).collect();
        Codewords { values, sizes: self.codewords.sizes.clone() }
    }

    /// All items in the order of the input, from `ids`, `codewords` and `fingerprints` of those that are not pinned.
    pub fn join(&self, codewords: &Codewords, (ids, fingerprints): (&IdList, &[u32])) -> Joined {
        let names: HashMap<usize, &str> = self.by_id.iter().map(|(id, &number)| (number, id.as_str())).collect();
        let (mut all, mut values, mut prints) = (IdList::default(), Vec::new(), Vec::new());
        let (mut pinned, mut others) = (self.read.iter().peekable(), 0..);
        for place in 0..self.items {
            if let Some(&(number, _)) = pinned.next_if(|(_, at)| *at == place) {
                all.push(names[&number]);
                values.extend_from_slice(self.codewords.row(number));
                prints.push(self.fingerprints[number]);
            } else if let Some(other) = others.next() {
                all.push(ids.get(other).unwrap_or_default());
                values.extend_from_slice(codewords.row(other));
                prints.push(fingerprints[other]);
            }
        }
        let codewords = Codewords { values, sizes: codewords.sizes.clone() };
        Joined { ids: all, codewords, fingerprints: prints, pinned: self.pinned(), retired: Vec::new() }
    }

    /// Ids of the items that stay pinned, sorted.
    pub fn pinned(&self) -> Vec<String> {
        let read: std::collections::HashSet<usize> = self.read.iter().map(|&(number, _)| number).collect();
        let mut ids: Vec<String> =
            self.by_id.iter().filter(|(_, number)| read.contains(number)).map(|(id, _)| id.clone()).collect();
        ids.sort_unstable();
        ids
    }

    /// What became of them.
    pub fn kept(&self) -> Kept {
        let kept = self.pinned();
        let gone = self.all.iter().filter(|id| kept.binary_search(id).is_err()).cloned().collect();
        Kept { kept: kept.len(), changed: self.changed.clone(), gone }
    }
}

impl Kept {
    /// What there is to say, a line each.
    pub fn describe(&self) -> Vec<String> {
        let mut lines = vec![format!("kept the tokens of {}", counted(self.kept, "pinned item"))];
        if !self.changed.is_empty() {
            lines.push(format!(
                "warning: of these, {} {} not what their tokens were made from ({}); `unitok edit --unpin` lets them go",
                self.changed.len(),
                verb(self.changed.len(), "is", "are"),
                named(&self.changed)
            ));
        }
        if !self.gone.is_empty() {
            lines.push(format!(
                "warning: {} not in the input and gone ({})",
                counted(self.gone.len(), "pinned item"),
                named(&self.gone)
            ));
        }
        lines
    }
}

fn named(ids: &[String]) -> String {
    let more = if ids.len() > NAMED { ", …" } else { "" };
    ids.iter().take(NAMED).map(|id| format!("«{id}»")).collect::<Vec<_>>().join(", ") + more
}

/// Refuses pinned tokens that mean something else in this run.
fn check_making(locked: &Locked, before: &Making, now: &Making, model: &Model) -> anyhow::Result<()> {
    let suffix = [before, now].iter().filter(|making| making.policy == Policy::Suffix).count() == 1;
    let found = before.differences(now).into_iter().find(|difference| match difference.artefact {
        "tokenizer" => !model.extends(&before.tokenizer.sha256),
        "layout" | "code vocabulary" => true,
        "collision policy" => suffix,
        _ => false,
    });
    let advice = "tokens of its pinned items cannot stay. Give what it was made with, unpin them (unitok edit --unpin), or give another \
                  --out";
    found.map_or(Ok(()), |difference| Err(locked.differs("this run", difference, advice).into()))
}
