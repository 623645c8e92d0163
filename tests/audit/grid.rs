//! The verdict over indexes made from healthy to dead: a worse index never gets the milder one.

use std::collections::HashMap;

use unitok::audit::{Codes, Report, Verdict, audit};

use crate::index::index;

/// How an index is made; each field from harmless to bad.
#[derive(Debug, Clone, Copy)]
struct Made {
    items: usize,
    /// Positions with the same token for every item, the first ones.
    dead: usize,
    /// Share of items that have the first token of a position, in `on_one_in` of them.
    on_one: f64,
    on_one_in: usize,
    /// Tokens of a position that are in use.
    codes: usize,
    /// Share of items whose second token copies their first.
    copied: f64,
    /// Share of items that have the codeword of another.
    doubled: f64,
    /// Whether a running number tells items of one codeword apart.
    suffix: bool,
    /// Whether an expert's token, the same for nearly all items, is among them.
    expert: bool,
    /// Whether the audit is told the vocabularies.
    stated: bool,
}

const LEVELS: usize = 4;
const HEALTHY: Made = Made {
    items: 600,
    dead: 0,
    on_one: 0.0,
    on_one_in: LEVELS,
    codes: 256,
    copied: 0.0,
    doubled: 0.0,
    suffix: false,
    expert: false,
    stated: false,
};

/// Numbers in `[0, 1)`, the same in every run (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((x ^ (x >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() * bound as f64) as usize
    }
}

impl Made {
    /// The rows of code numbers. More damage changes the same items' tokens, and others besides.
    fn rows(&self) -> Vec<Vec<usize>> {
        let mut random = Random(1);
        let mut rows = Vec::new();
        let distinct = ((1.0 - self.doubled) * self.items as f64) as usize;
        for item in 0..self.items {
            let mut row: Vec<usize> = (0..LEVELS).map(|_| random.below(256) * self.codes / 256).collect();
            if random.next() < self.copied {
                row[1] = row[0];
            }
            for code in row.iter_mut().take(self.on_one_in) {
                *code = if random.next() < self.on_one { 0 } else { *code };
            }
            row[..self.dead].fill(7);
            if self.expert {
                row.push(usize::from(random.next() < 0.02));
            }
            let original = random.below(distinct.max(1));
            rows.push(if item < distinct { row } else { Vec::clone(&rows[original]) });
        }
        if self.suffix {
            number(&mut rows);
        }
        rows
    }

    fn report(&self) -> Report {
        let rows = self.rows();
        let size = |p: usize| rows.iter().map(|row| row[p] + 1).max().unwrap().max(if p < LEVELS { 256 } else { 6 });
        let codes = if self.stated { Codes::Each((0..rows[0].len()).map(size).collect()) } else { Codes::Inferred };
        audit(&index(&rows), &codes).unwrap()
    }

    fn verdict(&self) -> Verdict {
        self.report().verdict
    }
}

/// Appends each item's number among those with the same tokens.
fn number(rows: &mut [Vec<usize>]) {
    let mut seen: HashMap<Vec<usize>, usize> = HashMap::new();
    for row in rows {
        let number = seen.entry(row.clone()).or_default();
        row.push(*number);
        *number += 1;
    }
}

/// Makes an index worse.
type Damage = fn(&mut Made);

/// Where a worse index got a milder verdict, over steps of two kinds of damage and all their combinations.
fn milder(base: Made, first: &[Damage], second: &[Damage]) -> Vec<String> {
    let verdict = |i: usize, j: usize| {
        let mut made = base;
        first[i](&mut made);
        second[j](&mut made);
        (made.verdict(), made)
    };
    let all: Vec<Vec<(Verdict, Made)>> = (0..first.len()).map(|i| (0..second.len()).map(|j| verdict(i, j)).collect()).collect();
    let mut milder = Vec::new();
    for (i, j) in (0..first.len()).flat_map(|i| (0..second.len()).map(move |j| (i, j))) {
        for (k, l) in [(i + 1, j), (i, j + 1)] {
            if let Some(worse) = all.get(k).and_then(|row| row.get(l))
                && worse.0 < all[i][j].0
            {
                milder.push(format!("{:?}\n  but {:?}", all[i][j], worse));
            }
        }
    }
    milder
}

const DEAD: [Damage; 5] = [|_| {}, |m| m.dead = 1, |m| m.dead = 2, |m| m.dead = 3, |m| m.dead = 4];
const ON_ONE: [Damage; 6] =
    [|_| {}, |m| m.on_one = 0.5, |m| m.on_one = 0.9, |m| m.on_one = 0.99, |m| m.on_one = 0.999, |m| m.on_one = 1.0];
const CODES: [Damage; 7] =
    [|_| {}, |m| m.codes = 200, |m| m.codes = 100, |m| m.codes = 32, |m| m.codes = 8, |m| m.codes = 2, |m| m.codes = 1];
const COPIED: [Damage; 4] = [|_| {}, |m| m.copied = 0.5, |m| m.copied = 0.9, |m| m.copied = 1.0];
const DOUBLED: [Damage; 5] = [|_| {}, |m| m.doubled = 0.1, |m| m.doubled = 0.3, |m| m.doubled = 0.6, |m| m.doubled = 0.9];

#[test]
fn a_worse_index_never_gets_the_milder_verdict() {
    let forms: Vec<Made> =
        (0..8).map(|form| Made { suffix: form & 1 > 0, expert: form & 2 > 0, stated: form & 4 > 0, ..HEALTHY }).collect();
    let all: Vec<String> = std::thread::scope(|scope| {
        let found: Vec<_> = forms.iter().map(|&base| scope.spawn(move || milder_of_a_form(base))).collect();
        found.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(all.is_empty(), "{} pairs:\n{}", all.len(), all[..all.len().min(10)].join("\n"));
}

fn milder_of_a_form(base: Made) -> Vec<String> {
    assert_eq!(base.verdict(), Verdict::Healthy, "{base:?}: {:?}", base.report().findings);
    let pairs: [(&[Damage], &[Damage]); 7] = [
        (&DEAD, &ON_ONE),
        (&DEAD, &CODES),
        (&DEAD, &DOUBLED),
        (&ON_ONE, &DOUBLED),
        (&CODES, &COPIED),
        (&CODES, &DOUBLED),
        (&COPIED, &DOUBLED),
    ];
    let mut all: Vec<String> = pairs.iter().flat_map(|(first, second)| milder(base, first, second)).collect();
    all.extend([60, 3000].iter().flat_map(|&items| milder(Made { items, ..base }, &DEAD, &CODES)));
    all.extend((1..LEVELS).flat_map(|on_one_in| milder(Made { on_one_in, ..base }, &ON_ONE, &DOUBLED[..2])));
    all
}

#[test]
fn every_kind_of_damage_ends_in_a_collapse_whatever_hides_it() {
    let ends: [(&str, Damage); 5] = [
        ("dead positions", |m| m.dead = 3),
        ("one token", |m| m.on_one = 0.99),
        ("nearly dead positions", |m| (m.on_one, m.on_one_in) = (0.999, 3)),
        ("two codes", |m| m.codes = 2),
        ("doubles", |m| m.doubled = 0.95),
    ];
    for (name, damage) in ends {
        for form in 0..8 {
            let mut made = Made { suffix: form & 1 > 0, expert: form & 2 > 0, stated: form & 4 > 0, ..HEALTHY };
            damage(&mut made);
            assert_eq!(made.verdict(), Verdict::Collapsed, "{name}: {made:?}: {:?}", made.report().findings);
        }
    }
}

#[test]
fn three_dead_positions_and_a_number_have_collapsed_whatever_is_stated() {
    let dead: Vec<Vec<usize>> = (0..1000).map(|i| vec![5, 7, 9, i]).collect();
    let two: Vec<Vec<usize>> = (0..1000).map(|i| vec![5 + i % 2, 7, 9, i]).collect();
    let nearly: Vec<Vec<usize>> =
        (0..1000).map(|i| vec![5 + usize::from(i == 3), 7, 9 + usize::from(i > 998), 999 - i]).collect();
    for codes in [Codes::Inferred, Codes::All(1000), Codes::All(100_000), Codes::Each(vec![256, 256, 256, 1000])] {
        for rows in [&dead, &two, &nearly] {
            let report = audit(&index(rows), &codes).unwrap();
            assert_eq!((report.verdict, report.collapsed), (Verdict::Collapsed, true), "{:?}", report.findings);
            assert_eq!(report.loss.numbers, [4]);
        }
        let messages: Vec<String> = audit(&index(&dead), &codes).unwrap().findings.into_iter().map(|f| f.message).collect();
        for expected in ["positions 1, 2 and 3 are the same for every item", "position 4 only numbers items", "4 of 4 positions"]
        {
            assert!(messages.iter().any(|message| message.contains(expected)), "{expected}: {messages:?}");
        }
    }
}

#[test]
fn a_constant_token_of_an_expert_is_no_fault() {
    for place in 0..=LEVELS {
        for nearly in [false, true] {
            let mut rows = HEALTHY.rows();
            (0..).zip(&mut rows).for_each(|(item, row): (usize, _)| row.insert(place, usize::from(nearly && item % 999 == 5)));
            for codes in [Codes::Inferred, Codes::All(256)] {
                let report = audit(&index(&rows), &codes).unwrap();
                assert_eq!(report.verdict, Verdict::Healthy, "{:?}", report.findings);
            }
        }
    }
}

/// Codes of one position, and of all positions, seen through others.
#[test]
fn positions_that_repeat_others_say_nothing() {
    let random = |seed| {
        let mut random = Random(seed);
        move || random.below(256)
    };
    let (mut a, mut b, mut c) = (random(1), random(2), random(3));
    let copies: Vec<Vec<usize>> = (0..4000).map(|_| (a(), b())).map(|(a, b)| vec![a, 255 - a, b, a / 2, a % 16]).collect();
    let report = audit(&index(&copies), &Codes::Inferred).unwrap();
    assert_eq!(report.verdict, Verdict::Collapsed, "{:?}", report.findings);
    assert!(
        report.findings.iter().any(|f| f.message == "positions 2, 4 and 5 repeat what position 1 says"),
        "{:?}",
        report.findings
    );
    // The sum of two positions tells nothing about either alone.
    let sums: Vec<Vec<usize>> =
        (0..9000).map(|_| (a() % 16, b() % 16, c())).map(|(a, b, c)| vec![a, b, (a + b) % 16, c]).collect();
    let report = audit(&index(&sums), &Codes::Inferred).unwrap();
    assert!(
        report.findings.iter().any(|f| f.message == "position 3 follows from the positions before it"),
        "{:?}",
        report.findings
    );
}
