//! The trie accepts exactly the codewords of its index.

use std::collections::BTreeSet;

use proptest::prelude::*;
use unitok::tokens::{Index, Trie};

proptest! {
    #[test]
    fn accepts_exactly_what_it_was_built_from(
        rows in prop::collection::vec(prop::collection::vec(0u32..4, 0..5), 0..40),
        probes in prop::collection::vec(prop::collection::vec(0u32..5, 0..6), 40)
    ) {
        let trie = Trie::new(rows.iter().map(Vec::as_slice));
        for row in &rows {
            prop_assert!(trie.contains(row));
        }
        for probe in &probes {
            prop_assert_eq!(trie.contains(probe), rows.contains(probe), "{:?}", probe);
        }
        // After any prefix, exactly the tokens that some codeword has there.
        for prefix in rows.iter().flat_map(|row| (0..=row.len()).map(|n| &row[..n])).chain(probes.iter().map(Vec::as_slice)) {
            let next: BTreeSet<u32> =
                rows.iter().filter(|r| r.len() > prefix.len() && r.starts_with(prefix)).map(|r| r[prefix.len()]).collect();
            prop_assert_eq!(trie.allowed(prefix).to_vec(), next.into_iter().collect::<Vec<u32>>());
            let items: Vec<u32> = (0..rows.len()).filter(|&i| rows[i] == prefix).map(|i| i as u32).collect();
            prop_assert_eq!(trie.find(prefix).map_or(vec![], |node| trie.items(node).to_vec()), items);
        }
        let prefixes: BTreeSet<&[u32]> = rows.iter().flat_map(|row| (1..=row.len()).map(|n| &row[..n])).collect();
        prop_assert_eq!(trie.nodes(), 1 + prefixes.len());
    }
}

#[test]
fn the_trie_of_an_index_can_be_walked() {
    let index =
        Index::read(br#"{"x": ["<a_1>", "<b_2>"], "y": ["<a_1>", "<b_0>"], "z": ["<a_1>", "<b_2>"]}"#.as_slice()).unwrap();
    let trie = Trie::from_index(&index);
    let name = |tokens: &[u32]| tokens.iter().map(|&t| index.vocabulary[t as usize].clone()).collect::<Vec<_>>();
    assert_eq!(name(trie.allowed(&[])), ["<a_1>"]);
    let node = trie.step(trie.root(), trie.allowed(&[])[0]).unwrap();
    assert_eq!(name(trie.next(node)), ["<b_2>", "<b_0>"]);
    assert_eq!(trie.items(trie.step(node, trie.next(node)[0]).unwrap()), [0, 2]);
}
