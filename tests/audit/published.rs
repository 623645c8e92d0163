//! Published indexes: that of UniTok's authors, which has collapsed, and that of LETTER.

use std::fs::File;

use unitok::audit::{Codes, Report, Verdict, audit};
use unitok::interactions::{self, Options};
use unitok::recommend::popularity;
use unitok::tokens::Index;

use crate::common::shared;

fn read(name: &str) -> Option<Index> {
    let file = File::open(shared(&format!("reference/{name}.index.json"))?).unwrap();
    Some(Index::read(file).unwrap())
}

fn report(index: &Index) -> Report {
    audit(index, &Codes::Inferred).unwrap()
}

#[test]
fn the_index_of_unitoks_authors_has_collapsed() {
    let Some(index) = read("unitok-release.beauty") else { return };
    let report = report(&index);
    assert_eq!((report.items, report.unique_codewords, report.max_bucket), (12_101, 4_212, 133));
    for (i, j) in [(1, 2), (1, 4), (2, 4)] {
        assert!(report.dependence[i][j] > 0.99 && report.determination[i][j] > 0.99, "{:?}", report.dependence);
    }
    assert!(report.collapsed);
    assert!(
        report.findings.iter().any(|f| f.message == "positions 2, 3 and 5 repeat what position 1 says"),
        "{:?}",
        report.findings
    );
}

#[test]
fn the_index_of_letter_has_not_collapsed() {
    let Some(index) = read("letter.beauty") else { return };
    let report = report(&index);
    assert_eq!((report.items, report.unique_codewords, report.max_bucket), (12_101, 12_088, 3));
    assert_eq!(report.verdict, Verdict::Healthy, "{:?}", report.findings);
    let strongest = (0..4).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| report.dependence[i][j]).fold(0.0, f64::max);
    assert!(strongest < 0.05, "{:?}", report.dependence);
}

/// The figures in METHOD.md, Measurement (*expected rank in buckets*).
#[test]
fn scoring_codes_rewards_the_collapse() {
    let (Some(index), Some(sequences)) = (read("unitok-release.office"), shared("data/office/sequences.txt")) else { return };
    let (sequences, _) = interactions::open(&sequences, &index.ids, &Options::default()).unwrap();
    let result = popularity(&index, &sequences).unwrap();
    assert_eq!((result.users, result.unknown), (4_905, 0));
    assert_eq!(format!("{:.4}", result.by_code.code_recall_at_10), "0.0803");
    assert_eq!(format!("{:.4}", result.by_item.recall_at_10), "0.0006");
    assert_eq!(format!("{:.4}", result.by_code.recall_at_10), "0.0037");
}
