//! Popularity baselines computed by hand.

use unitok::interactions::{Options, Sequences, from_reader};
use unitok::recommend::{bucket_gain, popularity};
use unitok::tokens::Index;

/// `x` and `y` share a codeword.
fn index() -> Index {
    Index::read(br#"{"x": ["A"], "y": ["A"], "z": ["B"], "w": ["C"]}"#.as_slice()).unwrap()
}

fn sequences(text: &str) -> Sequences {
    from_reader(text.as_bytes(), "sequences.txt", &index().ids, &Options::default()).unwrap().0
}

fn near(a: f64, b: f64) {
    assert!((a - b).abs() < 1e-12, "{a} is not {b}");
}

#[test]
fn both_baselines_are_as_computed_by_hand() {
    // Training counts x 3, y 2, z 4, w 0; targets z, y, w; the user of two interactions is left out.
    let text = "1 x x x y z\n2 y y z w y\n\n3 w x\r\n4 z z z z w\n";
    let result = popularity(&index(), &sequences(text)).unwrap();
    assert_eq!((result.users, result.short_users, result.interactions, result.unknown), (3, 1, 9, 0));
    let log = f64::log2;
    // The ranking of items is z, x, y, w.
    near(result.by_item.recall_at_5, 1.0);
    near(result.by_item.ndcg_at_5, (1.0 + 1.0 / log(4.0) + 1.0 / log(5.0)) / 3.0);
    near(result.by_item.code_ndcg_at_10, (1.0 + 1.0 / log(3.0) + 1.0 / log(5.0)) / 3.0);
    // The ranking of codewords is A (x and y), B, C.
    near(result.by_code.recall_at_10, 1.0);
    near(result.by_code.ndcg_at_10, (1.0 / log(4.0) + (1.0 + 1.0 / log(3.0)) / 2.0 + 1.0 / log(5.0)) / 3.0);
    near(result.by_code.code_ndcg_at_10, (1.0 / log(3.0) + 1.0 + 1.0 / log(4.0)) / 3.0);
}

#[test]
fn a_bucket_gains_the_mean_over_its_orders() {
    assert_eq!(bucket_gain(0, 1, 10), (1.0, 1.0));
    let (recall, ndcg) = bucket_gain(8, 4, 10);
    near(recall, 0.5);
    near(ndcg, (1.0 / 10f64.log2() + 1.0 / 11f64.log2()) / 4.0);
    assert_eq!(bucket_gain(10, 1, 10), (0.0, 0.0));
    assert_eq!(bucket_gain(50, 3, 10), (0.0, 0.0));
    near(bucket_gain(0, 133, 10).0, 10.0 / 133.0);
}

#[test]
fn items_outside_the_index_are_counted_and_miss() {
    let text = "1 x q x y q\n";
    let result = popularity(&index(), &sequences(text)).unwrap();
    assert_eq!((result.users, result.interactions, result.unknown), (1, 2, 2));
    assert_eq!(result.by_item.recall_at_10, 0.0);
}

#[test]
fn there_is_no_table_over_no_users() {
    let error = popularity(&index(), &sequences("1 x y\n2 x y z w\n")).unwrap_err().to_string();
    assert!(error.contains("«2», has 4"), "{error}");
}
