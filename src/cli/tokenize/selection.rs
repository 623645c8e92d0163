//! Which items of an input get tokens beside those of an index, and how the two are joined.

use std::collections::{HashMap, HashSet};

use anyhow::ensure;

use super::append::Published;
use super::args::Args;
use super::batch::Unembedded;
use super::joined::Joined;
use crate::base::ids::IdList;
use crate::tokens::lock::{Retired, UNKNOWN, retire};
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
    /// Of items that left the index, the number of the codeword that they left last.
    gone: HashMap<&'a str, usize>,
    retokenize: bool,
    /// Numbers of the retired codewords whose items came back.
    returned: Vec<usize>,
    /// Id of the first item that changed.
    first_changed: Option<String>,
    pub counts: Counts,
}

/// What the items that were read are to the index.
#[derive(Debug, Clone, Copy, Default, serde::Serialize)]
pub struct Counts {
    /// Items that were in the index.
    pub published: usize,
    /// Items that it lacked.
    pub added: usize,
    /// Items that had left it and have the tokens again that they had.
    pub returned: usize,
    /// Known items as they were, or of which nobody knows it.
    pub unchanged: usize,
    /// Known items whose text or vector changed, and which keep their tokens.
    pub changed: usize,
    /// Changed items that got new tokens, because `--retokenize` asked for it.
    pub retokenized: usize,
    /// Codewords that went to new items though others had them before.
    pub passed_on: usize,
    /// Known items whose text or vector can be compared.
    #[serde(skip)]
    compared: usize,
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
        let left = published.retired().iter().map(|codeword| codeword.item.as_str()).zip(0..);
        let gone = left.filter(|(id, _)| !known.contains_key(id)).collect();
        let counts = Counts { published: ids.len(), ..Counts::default() };
        let (returned, first_changed) = (Vec::new(), None);
        Ok(Self { published, schema, policy, old, known, gone, retokenize, returned, first_changed, counts })
    }

    /// Leaves the items that are to get tokens, and counts the others.
    pub fn select(&mut self, batch: &mut Unembedded) {
        batch.retain(|id, fingerprint| self.wants(id, fingerprint));
    }

    fn wants(&mut self, id: &str, fingerprint: u32) -> bool {
        let Self { published, known, gone, retokenize, counts, .. } = self;
        let differs = |before: u32| before != UNKNOWN && before != fingerprint;
        let Some(&item) = known.get(id) else {
            let back = gone.get(id).filter(|&&left| !(*retokenize && differs(published.retired()[left].fingerprint)));
            let count = if back.is_some() { &mut counts.returned } else { &mut counts.added };
            *count += 1;
            self.returned.extend(back);
            return back.is_none();
        };
        let before = published.fingerprint(item);
        counts.compared += usize::from(before != UNKNOWN);
        if !differs(before) {
            counts.unchanged += 1;
            return false;
        }
        self.first_changed.get_or_insert_with(|| id.into());
        let wanted = *retokenize && !published.is_pinned(id);
        *(if wanted { &mut counts.retokenized } else { &mut counts.changed }) += 1;
        wanted
    }

    /// Refuses items of another catalogue whose ids are those of this one, unless `same_items` says that they are the same.
    ///
    /// # Errors
    /// Most of the items that the index knows have another text or vector than it was made from.
    pub fn check_same(&self, same_items: bool) -> anyhow::Result<()> {
        let Counts { compared, changed, retokenized, .. } = self.counts;
        let changed = changed + retokenized;
        ensure!(
            same_items || 2 * changed <= compared,
            "{changed} of the {compared} items that {} knows have another text or vector than it was made from, «{}» for one: are they \
             items of another catalogue with the same ids? Give each its own (--prefix-ids), or say that they are the same items, as in a \
             file of changes (--same-items)",
            self.published.0.name,
            self.first_changed.as_deref().unwrap_or_default()
        );
        Ok(())
    }

    /// What new items are placed beside: the codewords of the index and of items that came back, and, unless `reuse` gives them
    /// away, those that items left.
    ///
    /// # Errors
    /// A retired codeword is none of this tokenizer and layout.
    pub fn beside(&mut self, reuse: bool) -> anyhow::Result<Beside> {
        let back: Vec<Retired> = self.returned.iter().map(|&left| self.published.retired()[left].clone()).collect();
        let back = self.codewords(&back)?;
        let mut published = std::mem::take(&mut self.old);
        published.values.extend(back.values);
        published.sizes.iter_mut().zip(back.sizes).for_each(|(size, other)| *size = other.max(*size));
        let retired = if reuse { Codewords::default() } else { self.codewords(&self.still_retired())? };
        Ok(Beside { published, retired })
    }

    fn codewords(&self, retired: &[Retired]) -> Result<Codewords, ForeignToken> {
        retired_codewords(retired, self.schema, self.policy == Policy::Suffix)
    }

    /// The index with the items that were read, whose codewords `new` were found beside `old`, those of the index and of what came
    /// back. An item that got new tokens keeps its old ones if they differ only by what the collision policy decides.
    ///
    /// # Errors
    /// As [`Selection::beside`].
    pub fn join(&mut self, mut old: Codewords, new: &Codewords, (ids, found): (&IdList, &[u32])) -> anyhow::Result<Joined> {
        let (schema, policy) = (self.schema, self.policy);
        let index = &self.published.0.index;
        let mut fingerprints: Vec<u32> = (0..index.items()).map(|item| self.published.fingerprint(item)).collect();
        let mut all: IdList = index.ids.iter().collect();
        for codeword in self.returned.iter().map(|&left| &self.published.retired()[left]) {
            all.push(&codeword.item);
            fingerprints.push(codeword.fingerprint);
        }
        let decided = policy.needs_latents().then(|| schema.code_positions(0).last().copied()).flatten();
        let mut left = Vec::new();
        for (item, id) in ids.iter().enumerate() {
            let row = new.row(item);
            let Some(&at) = self.known.get(id) else {
                all.push(id);
                old.values.extend_from_slice(row);
                fingerprints.push(found[item]);
                continue;
            };
            let width = old.width();
            if (0..schema.width()).any(|place| Some(place) != decided && old.row(at)[place] != row[place]) {
                left.push(Retired { item: id.into(), tokens: old.tokens(at), fingerprint: fingerprints[at] });
                old.values[at * width..][..width].copy_from_slice(row);
            }
            fingerprints[at] = found[item];
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

    /// Retired codewords whose items did not come back.
    fn still_retired(&self) -> Vec<Retired> {
        let back: HashSet<usize> = self.returned.iter().copied().collect();
        let all = self.published.retired().iter().enumerate();
        all.filter(|(left, _)| !back.contains(left)).map(|(_, codeword)| codeword.clone()).collect()
    }
}

impl Counts {
    /// What was done, a line each; `retokenize` and `reuse` are the options.
    pub fn describe(&self, retokenize: bool, reuse: bool) -> Vec<String> {
        let why = if retokenize { "they are pinned" } else { "--retokenize gives them new ones" };
        let some = |count: usize, what: String| if count == 0 { String::new() } else { what };
        let returned = some(self.returned, format!(", {} came back and have the tokens that they had", self.returned));
        let changed = some(self.changed, format!(", {} changed and keep their tokens ({why})", self.changed));
        let retokenized = some(self.retokenized, format!(", {} got new tokens", self.retokenized));
        let mut lines = vec![format!(
            "appended {} items to {}; {} unchanged{returned}{changed}{retokenized}",
            self.added, self.published, self.unchanged
        )];
        if self.passed_on > 0 {
            let why =
                if reuse { "--reuse" } else { "their texts lead there, and --collisions keep moves none; or no place was free" };
            lines.push(format!(
                "warning: {} codewords that other items had before are those of new items now ({why})",
                self.passed_on
            ));
        }
        lines
    }
}
