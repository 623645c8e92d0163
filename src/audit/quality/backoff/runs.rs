//! Training pairs as sorted runs: those of one context are side by side, in the order of the next item's codeword, so that
//! the pairs which go on with any prefix are a range.

use std::ops::Range;

use crate::audit::quality::prefixes::Prefixes;

/// What of the previous item a step looks at.
pub(super) enum Context {
    /// Nothing.
    Nothing,
    /// `[items]` the group that it is in.
    PreviousIn(Vec<u32>),
}

/// A training pair: the previous item, and the next item's place in the order of codewords.
pub(super) type Placed = (u32, u32);

/// Training pairs (previous, next) in the order of the next item's codeword.
pub(super) fn by_place(prefixes: &Prefixes, pairs: &[(u32, u32)]) -> Vec<Placed> {
    let placed = |&(previous, next): &(u32, u32)| (previous, prefixes.place(next));
    sorted_by(prefixes.items(), pairs.iter().map(placed), |pair| pair.1).1
}

/// The pairs of every context.
pub(super) struct Runs {
    context: Context,
    /// `[contexts + 1]` first pair of each context, and the end of the last.
    starts: Vec<usize>,
    /// Place of each pair's next item.
    places: Vec<u32>,
}

impl Runs {
    /// The runs of `pairs`, which [`by_place`] has sorted.
    pub(super) fn new(context: Context, pairs: &[Placed]) -> Self {
        let (starts, sorted) = match &context {
            Context::Nothing => (vec![0, pairs.len()], pairs.to_vec()),
            Context::PreviousIn(groups) => {
                let contexts = groups.iter().max().map_or(0, |&last| last as usize + 1);
                sorted_by(contexts, pairs.iter().copied(), |pair| groups[pair.0 as usize])
            }
        };
        Self { context, starts, places: sorted.into_iter().map(|(_, place)| place).collect() }
    }

    /// The pairs of a previous item's context; none for an unknown item where it matters.
    pub(super) fn of(&self, previous: Option<u32>) -> Range<usize> {
        let context = match (&self.context, previous) {
            (Context::Nothing, _) => 0,
            (Context::PreviousIn(groups), Some(item)) => groups[item as usize] as usize,
            (Context::PreviousIn(_), None) => return 0..0,
        };
        self.starts[context]..self.starts[context + 1]
    }

    /// Those of a run's pairs whose next item is at one of `places`.
    pub(super) fn within(&self, run: Range<usize>, places: Range<u32>) -> Range<usize> {
        let all = &self.places[run.clone()];
        let start = all.partition_point(|&place| place < places.start);
        let count = all[start..].partition_point(|&place| place < places.end);
        run.start + start..run.start + start + count
    }

    /// `[pairs + 1]` how many pairs before each are the first of their context with their prefix of `length`. The difference
    /// over a range that no prefix crosses is the number of different prefixes in it.
    pub(super) fn different(&self, prefixes: &Prefixes, length: usize) -> Vec<u32> {
        let mut different = Vec::with_capacity(self.places.len() + 1);
        different.push(0);
        let mut count = 0;
        for run in self.starts.windows(2) {
            let mut before = None;
            for &place in &self.places[run[0]..run[1]] {
                let prefix = Some(prefixes.at(length, place));
                count += u32::from(prefix != before);
                before = prefix;
                different.push(count);
            }
        }
        different
    }
}

/// The start of each of `kinds` and the end of the last, and `pairs` sorted by their kind. Pairs of one kind keep their order.
fn sorted_by(
    kinds: usize,
    pairs: impl Iterator<Item = Placed> + Clone,
    kind: impl Fn(&Placed) -> u32,
) -> (Vec<usize>, Vec<Placed>) {
    let mut starts = vec![0; kinds + 1];
    pairs.clone().for_each(|pair| starts[kind(&pair) as usize + 1] += 1);
    (0..kinds).for_each(|k| starts[k + 1] += starts[k]);
    let mut sorted = vec![(0, 0); starts[kinds]];
    let mut next = starts.clone();
    for pair in pairs {
        let at = &mut next[kind(&pair) as usize];
        sorted[*at] = pair;
        *at += 1;
    }
    (starts, sorted)
}
