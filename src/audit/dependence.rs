//! What positions of the codewords tell of each other, beyond chance.

use super::entropy::{Grouping, joint_entropy_bits};

/// Random re-pairings over which the dependence expected by chance is averaged.
const REPAIRINGS: usize = 5;

/// Share of a position's information that must be unknown by chance before what is known of it counts: in a small
/// catalogue nearly every token is unique, and any position then seems to determine any other.
const HEADROOM: f64 = 0.1;
/// Bits that must be unknown by chance of all items together: below, a few likenesses among few items decide.
const UNKNOWN_BITS: f64 = 64.0;
/// The same as [`HEADROOM`] where all positions before it are taken together: what few items remain are near-duplicates, whose tokens are
/// rightly alike.
const JOINT_HEADROOM: f64 = 0.5;
/// Share of the items with one token from which the others are also looked at alone.
const VERY_COMMON: f64 = 0.2;

/// Dependence of positions; each matrix is `[width][width]`.
pub(super) struct Dependence {
    /// `I(i;j)/√(H_i·H_j)` beyond chance.
    pub symmetric: Vec<Vec<f64>>,
    /// `I(i;j)/H_j` beyond chance.
    pub determination: Vec<Vec<f64>>,
    /// `I(i;j)/√(H_i·H_j)` that chance alone gives.
    pub chance: Vec<Vec<f64>>,
}

/// How far positions follow from others.
pub(super) struct Told {
    /// Row `i`, column `j`, `i < j`: share that position `i` tells of what chance leaves unknown of position `j`; 0 where
    /// chance leaves too little to judge by.
    pub by_one: Vec<Vec<f64>>,
    /// `[width]` the same told by all positions before it together.
    pub jointly: Vec<f64>,
}

/// Information of two groupings about each other, in bits.
struct Shared {
    items: usize,
    paired: f64,
    by_chance: f64,
}

impl Shared {
    fn of(a: &Grouping, b: &Grouping, shuffles: &[Vec<u32>]) -> Self {
        let entropies = a.entropy_bits() + b.entropy_bits();
        let paired = entropies - joint_entropy_bits(a, b.groups, |item| b.group_of[item]);
        let re_paired = |s: &Vec<u32>| entropies - joint_entropy_bits(a, b.groups, |item| b.group_of[s[item] as usize]);
        Self { items: a.group_of.len(), paired, by_chance: shuffles.iter().map(re_paired).sum::<f64>() / shuffles.len() as f64 }
    }

    fn beyond_chance(&self) -> f64 {
        (self.paired - self.by_chance).max(0.0)
    }

    /// Share told of an entropy of `bits`, of what chance leaves unknown of it.
    fn told(&self, bits: f64, least: f64) -> f64 {
        let unknown = bits - self.by_chance;
        if unknown >= least * bits && unknown * self.items as f64 >= UNKNOWN_BITS {
            (self.beyond_chance() / unknown).min(1.0)
        } else {
            0.0
        }
    }
}

/// Dependence of all pairs of positions, less its mean over random re-pairings: the plug-in estimate of `I` grows with cells
/// over items, so that independent positions would seem to depend on each other.
pub(super) fn dependence(columns: &[Grouping]) -> Dependence {
    let width = columns.len();
    let zeros = || vec![vec![0.0; width]; width];
    let (mut symmetric, mut determination, mut chance) = (zeros(), zeros(), zeros());
    let entropies: Vec<f64> = columns.iter().map(Grouping::entropy_bits).collect();
    let shuffles = columns.first().map(shuffles).unwrap_or_default();
    for i in 0..width {
        // A position determines itself, unless it is constant.
        let itself = f64::from(u8::from(entropies[i] > 0.0));
        (symmetric[i][i], determination[i][i]) = (itself, itself);
        for j in i + 1..width {
            let (hi, hj) = (entropies[i], entropies[j]);
            if hi == 0.0 || hj == 0.0 {
                continue;
            }
            let shared = Shared::of(&columns[i], &columns[j], &shuffles);
            let (beyond, expected, scale) = (shared.beyond_chance(), shared.by_chance, (hi * hj).sqrt());
            (symmetric[i][j], symmetric[j][i]) = (beyond / scale, beyond / scale);
            (chance[i][j], chance[j][i]) = (expected / scale, expected / scale);
            (determination[i][j], determination[j][i]) = (beyond / hj, beyond / hi);
        }
    }
    Dependence { symmetric, determination, chance }
}

/// How far positions follow from others, over items of different codewords: all positions of duplicates are rightly alike.
pub(super) fn told(columns: &[Grouping]) -> Told {
    let width = columns.len();
    let mut by_one = vec![vec![0.0; width]; width];
    let all = columns.first().map(shuffles).unwrap_or_default();
    for i in 0..width {
        for j in i + 1..width {
            let whole = told_by_one(&columns[i], &columns[j], &all);
            let apart = off_the_commonest(&columns[i], &columns[j]).map_or(0.0, |(a, b)| told_by_one(&a, &b, &shuffles(&a)));
            by_one[i][j] = whole.max(apart);
        }
    }
    Told { by_one, jointly: told_jointly(columns, &all) }
}

fn told_by_one(a: &Grouping, b: &Grouping, shuffles: &[Vec<u32>]) -> f64 {
    Shared::of(a, b, shuffles).told(b.entropy_bits(), HEADROOM)
}

fn told_jointly(columns: &[Grouping], shuffles: &[Vec<u32>]) -> Vec<f64> {
    let Some(mut before) = columns.first().cloned() else { return Vec::new() };
    let mut told = vec![0.0];
    for column in &columns[1..] {
        told.push(Shared::of(&before, column, shuffles).told(column.entropy_bits(), JOINT_HEADROOM));
        before = before.refined(column);
    }
    told
}

/// Two positions over the items that have the commonest token of neither, where one of these tokens is very common: copies
/// stay copies when many items lose their code in one of them. None where no token is so common, or few items remain.
fn off_the_commonest(a: &Grouping, b: &Grouping) -> Option<(Grouping, Grouping)> {
    let items = a.group_of.len();
    let commonest = |groups: &Grouping| (0..).zip(groups.counts()).max_by_key(|(_, count)| *count);
    let ((token_a, count_a), (token_b, count_b)) = (commonest(a)?, commonest(b)?);
    if (count_a.max(count_b) as f64) < VERY_COMMON * items as f64 {
        return None;
    }
    let kept: Vec<usize> = (0..items).filter(|&item| a.group_of[item] != token_a && b.group_of[item] != token_b).collect();
    let of = |groups: &Grouping| Grouping::new(kept.iter().map(|&item| groups.group_of[item]));
    (kept.len() > 1).then(|| (of(a), of(b)))
}

fn shuffles(groups: &Grouping) -> Vec<Vec<u32>> {
    (0..REPAIRINGS).map(|seed| shuffled(groups.group_of.len(), seed as u64)).collect()
}

/// A permutation of `0..n` by Fisher and Yates, with a fixed generator so that every audit of an index is the same.
fn shuffled(n: usize, seed: u64) -> Vec<u32> {
    let mut state = seed;
    let mut order: Vec<u32> = (0..n as u32).collect();
    for last in (1..n).rev() {
        // SplitMix64.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = state;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        order.swap(last, ((x ^ (x >> 31)) % (last as u64 + 1)) as usize);
    }
    order
}
