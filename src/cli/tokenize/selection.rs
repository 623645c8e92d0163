//! Which items of an input get tokens beside those of an index, and how the two are joined.

use std::collections::{HashMap, HashSet};

use anyhow::ensure;

use super::append::Published;
use super::args::Args;
use super::bare_ids::BareIds;
use super::batch::Unembedded;
use super::counts::Counts;
use super::joined::Joined;
use super::own::Own;
use crate::base::ids::IdList;
use crate::base::words::{counted, verb};
use crate::tokens::lock::{Retired, UNKNOWN, left_by_others, retire};
use crate::tokens::{Codewords, ForeignToken, Policy, Schema, retired_codewords};

/// Which of the items that are read get tokens.
pub struct Selection<'a> {
    published: &'a Published,
    schema: &'a Schema,
    policy: Policy,
    /// Codewords of the index.
    old: Codewords,
    /// Number of each item of the index.
    known: HashMap<&'a str, usize>,
    own: Own<'a>,
    bare: BareIds<'a>,
    retokenize: bool,
    /// Numbers of the retired codewords that their items have again, with what these are made from.
    back: Vec<(usize, u32)>,
    /// Numbers of known items that keep their tokens, with what they are made from now.
    fitting: Vec<(usize, u32)>,
    /// Numbers of the items that were read, without those whose codewords are their own.
    placed: Vec<usize>,
    /// Id of the first item that changed.
    first_changed: Option<String>,
    pub counts: Counts,
}

/// What is taken when new items are placed.
pub struct Beside {
    /// Of items that are there or came back.
    pub published: Codewords,
    /// Of items that are gone.
    pub retired: Codewords,
}

impl<'a> Selection<'a> {
    /// Nothing is read yet; changed items get new tokens if the arguments say so.
    ///
    /// # Errors
    /// The index has tokens that are none of this tokenizer and layout.
    pub fn new(published: &'a Published, schema: &'a Schema, args: &Args) -> anyhow::Result<Self> {
        let (policy, retokenize) = (args.collisions, args.retokenize);
        let old = published.codewords(schema, policy)?;
        let ids = &published.0.index.ids;
        let known: HashMap<&str, usize> = ids.iter().map(String::as_str).zip(0..).collect();
        let own = Own::new(published.retired());
        let bare = BareIds::new(ids.iter().map(String::as_str), args.input.catalogue.reading.prefix_ids);
        let counts = Counts { published: ids.len(), ..Counts::default() };
        let (back, fitting, placed) = Default::default();
        Ok(Self {
            published,
            schema,
            policy,
            old,
            known,
            own,
            bare,
            retokenize,
            back,
            fitting,
            placed,
            first_changed: None,
            counts,
        })
    }

    /// Leaves the items that are to get tokens, and counts the others.
    pub fn select(&mut self, batch: &mut Unembedded) {
        batch.retain(|id, fingerprint| self.wants(id, fingerprint));
    }

    fn wants(&mut self, id: &str, fingerprint: u32) -> bool {
        let Self { published, known, own, bare, retokenize, counts, .. } = self;
        let differs = |before: u32| before != UNKNOWN && before != fingerprint;
        let same = own.made_from(id, fingerprint);
        let Some(&item) = known.get(id) else {
            bare.see(id);
            let before = |number: usize| published.retired()[number].fingerprint;
            let back = same.or_else(|| own.last(id).filter(|&number| !(*retokenize && differs(before(number)))));
            *(if back.is_some() { &mut counts.returned } else { &mut counts.added }) += 1;
            self.back.extend(back.map(|number| (number, before(number))));
            return back.is_none();
        };
        let before = published.fingerprint(item);
        counts.compared += usize::from(before != UNKNOWN);
        if !differs(before) {
            counts.unchanged += 1;
            return false;
        }
        self.first_changed.get_or_insert_with(|| id.into());
        if !*retokenize || published.is_pinned(id) {
            counts.changed += 1;
            return false;
        }
        counts.retokenized += 1;
        counts.regained += usize::from(same.is_some());
        self.back.extend(same.map(|number| (number, fingerprint)));
        same.is_none()
    }

    /// Refuses items of another catalogue whose ids are those of this one, unless `same_items` says that they are the same.
    ///
    /// # Errors
    /// Most of the items that the index knows have another text or vector than it was made from.
    pub fn check_same(&self, same_items: bool) -> anyhow::Result<()> {
        self.bare.check(&self.published.0.name)?;
        let Counts { compared, changed, retokenized, .. } = self.counts;
        let changed = changed + retokenized;
        ensure!(
            same_items || 2 * changed <= compared,
            "{changed} of the {} that {} knows {} another text or vector than it was made from, «{}» for one: are they \
             items of another catalogue with the same ids? Give each its own (--prefix-ids), or say that they are the same items, as in a \
             file of changes (--same-items)",
            counted(compared, "item"),
            self.published.0.name,
            verb(changed, "has", "have"),
            self.first_changed.as_deref().unwrap_or_default()
        );
        Ok(())
    }

    /// Of the items that were read, with the codewords `nearest` to them, finds those that need a place. The others have one of
    /// their own: they keep the codeword that they have, or go back to one that they had, if it differs from the nearest only by
    /// what the collision policy decides.
    ///
    /// # Errors
    /// A retired codeword is none of this tokenizer and layout.
    pub fn settle(&mut self, nearest: &Codewords, (ids, found): (&IdList, &[u32])) -> Result<&[usize], ForeignToken> {
        let (schema, retired) = (self.schema, self.published.retired());
        let decided = self.policy.needs_latents().then(|| schema.code_positions(0).last().copied()).flatten();
        for (item, (id, &fingerprint)) in ids.iter().zip(found).enumerate() {
            let nearest = nearest.row(item);
            let leads_to = |own: &[u32]| (0..schema.width()).all(|place| Some(place) == decided || own[place] == nearest[place]);
            let known = self.known.get(id).copied();
            if let Some(at) = known.filter(|&at| leads_to(self.old.row(at))) {
                self.fitting.push((at, fingerprint));
                self.counts.retokenized -= 1;
                self.counts.fitting += 1;
                continue;
            }
            let mut own = self.own.all(id).iter().rev();
            let leads = |&number: &usize| self.codewords(&retired[number..=number]).map(|own| leads_to(own.row(0)));
            match own.try_fold(None, |found: Option<usize>, number| Ok(found.or(leads(number)?.then_some(*number))))? {
                None => self.placed.push(item),
                Some(number) => {
                    self.back.push((number, fingerprint));
                    self.counts.came_back(known.is_some());
                }
            }
        }
        Ok(&self.placed)
    }

    /// What the items are placed beside: the codewords that others have, those that some leave by it, and, unless `reuse` gives
    /// them away, those that were left earlier.
    ///
    /// # Errors
    /// As [`Selection::settle`].
    pub fn beside(&self, ids: &IdList, reuse: bool) -> Result<Beside, ForeignToken> {
        let retired = self.published.retired();
        let placed = self.placed.iter().filter_map(|&item| ids.get(item));
        let back = self.back.iter().map(|&(number, _)| retired[number].item.as_str());
        let leaving: HashSet<usize> = placed.chain(back).filter_map(|id| self.known.get(id).copied()).collect();
        let mut published = self.codewords(&self.codewords_back())?;
        let mut retired = self.codewords(&if reuse { Vec::new() } else { self.still_retired() })?;
        for item in 0..self.old.items() {
            let values = if leaving.contains(&item) { &mut retired.values } else { &mut published.values };
            values.extend_from_slice(self.old.row(item));
        }
        let sizes: Vec<&[usize]> = vec![&self.old.sizes, &published.sizes, &retired.sizes];
        let largest = |place: usize| sizes.iter().map(|sizes| sizes[place]).max().unwrap_or(0);
        let sizes: Vec<usize> = (0..self.old.sizes.len()).map(largest).collect();
        published.sizes.clone_from(&sizes);
        Ok(Beside { published, retired: Codewords { sizes, ..retired } })
    }

    fn codewords(&self, retired: &[Retired]) -> Result<Codewords, ForeignToken> {
        retired_codewords(retired, self.schema, self.policy == Policy::Suffix)
    }

    /// The index with the items that were read; `new` are the codewords of those that were placed.
    ///
    /// # Errors
    /// As [`Selection::settle`].
    pub fn join(&mut self, new: &Codewords, (ids, found): (&IdList, &[u32])) -> Result<Joined, ForeignToken> {
        let index = &self.published.0.index;
        let mut fingerprints: Vec<u32> = (0..index.items()).map(|item| self.published.fingerprint(item)).collect();
        self.fitting.iter().for_each(|&(item, found)| fingerprints[item] = found);
        let mut all: IdList = index.ids.iter().collect();
        let (mut old, back) = (std::mem::take(&mut self.old), self.codewords_back());
        let rows = self.codewords(&back)?;
        let back = back.iter().zip(&self.back).map(|(codeword, &(_, found))| (codeword.item.as_str(), found));
        let placed = self.placed.iter().map(|&item| (ids.get(item).unwrap_or_default(), found[item]));
        let codewords = [&rows, new].into_iter().flat_map(|codewords| (0..codewords.items()).map(|item| codewords.row(item)));
        let mut left = Vec::new();
        for ((id, found), row) in back.chain(placed).zip(codewords) {
            if let Some(&at) = self.known.get(id) {
                left.push(Retired { item: id.into(), tokens: old.tokens(at), fingerprint: fingerprints[at] });
                let width = old.width();
                old.values[at * width..][..width].copy_from_slice(row);
                fingerprints[at] = found;
            } else {
                all.push(id);
                old.values.extend_from_slice(row);
                fingerprints.push(found);
            }
        }
        old.sizes.clone_from(&new.sizes);
        let mut retired = self.still_retired();
        if !(retired.is_empty() && left.is_empty()) {
            let rows = self.codewords(&[&retired[..], &left].concat())?;
            let candidates: HashSet<&[u32]> = (0..rows.items()).map(|row| rows.row(row)).collect();
            let found = (0..old.items()).filter(|&item| candidates.contains(old.row(item)));
            let in_use: HashSet<Vec<String>> = found.map(|item| old.tokens(item)).collect();
            self.counts.passed_on = retire(&mut retired, left, |tokens| in_use.contains(tokens));
        }
        Ok(Joined { ids: all, codewords: old, fingerprints, pinned: self.published.pinned(), retired })
    }

    /// Retired codewords that their items have again.
    fn codewords_back(&self) -> Vec<Retired> {
        self.back.iter().map(|&(number, _)| self.published.retired()[number].clone()).collect()
    }

    /// The other ones.
    fn still_retired(&self) -> Vec<Retired> {
        let back = self.codewords_back();
        let back: HashSet<(&str, &[String])> = back.iter().map(|codeword| (&*codeword.item, &*codeword.tokens)).collect();
        left_by_others(self.published.retired(), |codeword| back.contains(&(&*codeword.item, &*codeword.tokens)))
    }
}
