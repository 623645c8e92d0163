//! Indexes of other forms than UniTok's: what is right for their form is no fault.

use unitok::audit::{Codes, Report, Verdict, audit};
use unitok::tokens::Index;

use crate::index::index;

fn report(rows: &[Vec<usize>]) -> Report {
    audit(&index(rows), &Codes::Inferred).unwrap()
}

/// Codes that are the same in every run; of items and positions.
fn code(item: usize, position: usize, codes: usize) -> usize {
    ((item * 2_654_435_761 + position * 40_503_977 + 12_345) ^ (item * 97 + position)) / 7919 % codes
}

#[track_caller]
fn healthy(rows: &[Vec<usize>]) {
    let report = report(rows);
    assert_eq!(report.verdict, Verdict::Healthy, "{:?}", report.findings);
}

#[test]
fn trees_with_equal_branches_have_no_numbers() {
    let tree: Vec<Vec<usize>> = (0..1000).map(|i| vec![i / 100, i / 10 % 10, i % 10]).collect();
    healthy(&tree);
    healthy(&tree[..993]);
    assert!(report(&tree[..993]).loss.numbers.is_empty());
    let binary: Vec<Vec<usize>> = (0..4096).map(|i| (0..12).map(|bit| i >> bit & 1).collect()).collect();
    healthy(&binary);
}

#[test]
fn a_small_catalogue_is_healthy() {
    for items in [2, 3, 10, 30, 60] {
        let rows: Vec<Vec<usize>> = (0..items).map(|i| (0..4).map(|p| code(i, p, 256)).chain([2]).collect()).collect();
        healthy(&rows);
    }
}

#[test]
fn item_ids_as_tokens_are_named() {
    let ids = Index::from_rows((0..500).map(|i| (i.to_string(), vec![format!("<item_{}>", i * 7919)]))).unwrap();
    let alone = audit(&ids, &Codes::Inferred).unwrap();
    assert_eq!(alone.verdict, Verdict::Warned, "{:?}", alone.findings);
    assert!(alone.findings[0].message.contains("a token of its own"), "{:?}", alone.findings);
    // Behind the token of a domain, and behind codes that have died.
    assert_eq!(report(&(0..500).map(|i| vec![3, i]).collect::<Vec<_>>()).verdict, Verdict::Collapsed);
    // Behind codes that say much it takes nothing away.
    healthy(&(0..2000).map(|i| vec![code(i, 0, 256), code(i, 1, 256), code(i, 2, 256), i]).collect::<Vec<_>>());
}

#[test]
fn experts_in_any_layout_are_healthy() {
    let expert = |i: usize| code(i, 9, 6);
    let codes = |i: usize, first: usize| (0..4).map(move |p| code(i, first + p, 256));
    healthy(&(0..5000).map(|i| codes(i, 0).chain([expert(i)]).collect()).collect::<Vec<_>>());
    healthy(&(0..5000).map(|i| [expert(i)].into_iter().chain(codes(i, 0)).collect()).collect::<Vec<_>>());
    healthy(&(0..5000).map(|i| codes(i, 0).chain([expert(i)]).chain(codes(i, 5)).collect()).collect::<Vec<_>>());
    // A vocabulary for each expert: every code tells the expert.
    healthy(&(0..5000).map(|i| codes(i, 0).map(|c| expert(i) * 256 + c).chain([expert(i)]).collect()).collect::<Vec<_>>());
}

#[test]
fn last_codes_that_were_balanced_are_codes() {
    // Within each pair of first codes the last ones differ, without being a running number.
    let rows: Vec<Vec<usize>> =
        (0..6000).map(|i| vec![code(i, 0, 12), code(i, 1, 16), (i * 37 + code(i, 0, 12)) % 256]).collect();
    let report = report(&rows);
    assert!(report.loss.numbers.is_empty(), "{:?}", report.findings);
}
