//! Small indexes whose metrics are computed by hand.

use unitok::audit::{AuditError, Bucket, Codes, Report, Severity, audit, markdown, prefix_purity, terminal};
use unitok::tokens::Index;

/// An index of code numbers; item ids are row numbers.
pub fn index(rows: &[Vec<usize>]) -> Index {
    let tokens = |row: &Vec<usize>| row.iter().zip('a'..).map(|(n, letter)| format!("<{letter}_{n}>")).collect();
    Index::from_rows(rows.iter().enumerate().map(|(i, row)| (i.to_string(), tokens(row)))).unwrap()
}

/// Eight items; the second position repeats the first.
fn eight() -> Index {
    index(&[[0, 0, 0], [0, 0, 0], [0, 0, 1], [0, 0, 1], [1, 1, 0], [1, 1, 0], [1, 1, 2], [1, 1, 3]].map(Vec::from))
}

fn near(a: f64, b: f64) {
    assert!((a - b).abs() < 1e-9, "{a} is not {b}");
}

#[test]
fn buckets_entropies_and_use_by_hand() {
    let report = audit(&eight(), &Codes::Inferred).unwrap();
    assert_eq!((report.items, report.unique_codewords, report.max_bucket), (8, 5, 2));
    near(report.collision_rate, 3.0 / 8.0);
    near(report.share_in_buckets, 6.0 / 8.0);
    assert_eq!(report.bucket_histogram, [Bucket { size: 1, codewords: 2 }, Bucket { size: 2, codewords: 3 }]);
    near(report.codeword_entropy_bits, 2.25);
    near(report.capacity_bits, 1.0 + 1.0 + 2.0);
    let third = &report.levels[2];
    assert_eq!((third.position, third.used, third.vocabulary), (3, 4, 4));
    near(third.entropy_bits, 1.75);
    near(third.perplexity, 1.75f64.exp2());
    near(third.utilisation, 1.0);
    // Of eight items much of the dependence is chance, but with the chance added it is complete.
    near(report.dependence[0][1] + report.dependence_by_chance[0][1], 1.0);
    near(report.dependence[0][0], 1.0);
}

#[test]
fn dependence_distinguishes_functions_from_independent_positions() {
    // 4096 items: position 2 is a function of 1 (and not the other way), 3 is independent, 4 constant.
    let rows: Vec<Vec<usize>> = (0..4096).map(|i| vec![i % 16, i % 16 / 4, i / 16 % 16, 0]).collect();
    let report = audit(&index(&rows), &Codes::Inferred).unwrap();
    assert!(report.determination[0][1] > 0.98, "{:?}", report.determination);
    assert!((report.determination[1][0] - 0.5).abs() < 0.02, "position 1 has twice the entropy of 2");
    assert!((report.dependence[0][1] - 0.5f64.sqrt()).abs() < 0.02);
    assert!(report.dependence[0][2] < 0.02 && report.dependence[1][2] < 0.02);
    assert_eq!((report.dependence[3][3], report.dependence[0][3]), (0.0, 0.0));
    assert_eq!(report.dependence, transposed(&report.dependence));
}

fn transposed(matrix: &[Vec<f64>]) -> Vec<Vec<f64>> {
    (0..matrix.len()).map(|j| matrix.iter().map(|row| row[j]).collect()).collect()
}

#[test]
fn two_audits_of_an_index_are_equal_to_the_bit() {
    let rows: Vec<Vec<usize>> = (0..500).map(|i| vec![i * i % 37, i % 11, i * 7 % 64]).collect();
    let json = |report: &Report| serde_json::to_string(report).unwrap();
    let once = audit(&index(&rows), &Codes::Inferred).unwrap();
    assert_eq!(json(&once), json(&audit(&index(&rows), &Codes::Inferred).unwrap()));
}

#[test]
fn a_healthy_index_has_no_findings() {
    // Every pair of 64 × 64 once.
    let rows: Vec<Vec<usize>> = (0..4096).map(|i| vec![i % 64, i / 64]).collect();
    let report = audit(&index(&rows), &Codes::Inferred).unwrap();
    assert_eq!((report.collapsed, report.findings), (false, vec![]));
    near(report.collision_rate, 0.0);
    near(report.codeword_entropy_bits, report.capacity_bits);
}

#[test]
fn a_small_catalogue_may_leave_codes_unused() {
    let rows: Vec<Vec<usize>> = (0..60).map(|i| vec![i * 4 + 3, (i * 37 + 11) % 256]).collect();
    let report = audit(&index(&rows), &Codes::All(256)).unwrap();
    assert!(report.levels[0].utilisation < 0.25);
    assert!(!report.findings.iter().any(|f| f.message.contains("of its 256 tokens")), "{:?}", report.findings);
}

#[test]
fn findings_describe_a_collapse() {
    let rows: Vec<Vec<usize>> = (0..4000).map(|i| vec![i % 9, i % 9 * 7, i % 250]).collect();
    let report = audit(&index(&rows), &Codes::Each(vec![256, 256, 256])).unwrap();
    assert!(report.collapsed);
    let said = |severity: Severity, words: &str| {
        let found = report.findings.iter().any(|f| f.severity == severity && f.message.contains(words));
        assert!(found, "{words}: {:?}", report.findings);
    };
    said(Severity::Collapse, "share their codeword");
    said(Severity::Warning, "position 1 uses 9 of its 256 tokens");
    assert!(report.findings.iter().any(|f| f.message == "position 2 repeats what position 1 says"), "{:?}", report.findings);
    for text in [terminal(&report, &[], "x"), markdown(&report, &[], "x")] {
        assert!(text.contains("COLLAPSED") && text.contains("position 2 repeats"), "{text}");
    }
}

#[test]
fn vocabulary_sizes_must_fit() {
    assert_eq!(audit(&eight(), &Codes::Each(vec![2, 2])).unwrap_err(), AuditError::Positions { given: 2, width: 3 });
    let error = audit(&eight(), &Codes::All(3)).unwrap_err();
    assert_eq!(error, AuditError::Vocabulary { position: 3, used: 4, vocabulary: 3 });
    let report = audit(&eight(), &Codes::Each(vec![4, 2, 256])).unwrap();
    near(report.levels[0].utilisation, 0.5);
    near(report.capacity_bits, 2.0 + 1.0 + 8.0);
}

#[test]
fn prefix_purity_by_hand() {
    let category =
        |id: &str| ["red", "red", "red", "blue", "blue", "blue", "blue"].get(id.parse::<usize>().unwrap()).map(|c| c.to_string());
    let purity = prefix_purity(&eight(), category);
    // Item 7 has no category. By guessing 4 of 7 are right (blue); with the first token 3 of 4 (red) and 3 of 3 (blue).
    let rows: Vec<(usize, usize, f64)> = purity.iter().map(|p| (p.prefix, p.groups, p.purity * 7.0)).collect();
    assert_eq!(rows.iter().map(|t| (t.0, t.1)).collect::<Vec<_>>(), [(0, 1), (1, 2), (2, 2), (3, 4)]);
    for ((_, _, pure), expected) in rows.iter().zip([4.0, 6.0, 6.0, 6.0]) {
        near(*pure, expected);
    }
    assert!(prefix_purity(&eight(), |_| None).is_empty());
}

#[test]
fn one_item_is_audited_without_dividing_by_zero() {
    let report = audit(&index(&[vec![5, 6]]), &Codes::Inferred).unwrap();
    assert_eq!((report.unique_codewords, report.collision_rate, report.codeword_entropy_bits), (1, 0.0, 0.0));
    let json = serde_json::to_string(&report).unwrap();
    assert!(!json.contains("null"), "{json}");
}
