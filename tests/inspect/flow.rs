//! Kinds of items and their experts; codewords that items share.

use std::collections::HashMap;

use unitok::catalog::Columns;
use unitok::inspect::{InspectError, PositionKind, flow, positions, positions_of_file, shared_codewords};
use unitok::tokens::{Index, Layout, Policy};

use crate::world::{ITEMS, World};

#[test]
fn counts_add_up_to_the_items() {
    let world = World::new(Layout::ExpertLast, Policy::Keep);
    let flows = flow(&world.items, &world.batch, 2).unwrap();
    let total: u32 = flows.iter().flat_map(|flow| &flow.experts).sum();
    assert_eq!(total as usize, ITEMS);
    for expert in 0..2 {
        let of_expert = (0..ITEMS).filter(|&item| world.batch.experts_of(item)[0] == expert).count();
        assert_eq!(flows.iter().map(|flow| flow.experts[expert as usize]).sum::<u32>() as usize, of_expert);
    }
    // `House` is a category of nine items in ten: it tells no kinds apart. Items without a category come last.
    let kinds: Vec<&str> = flows.iter().map(|flow| flow.kind.as_str()).collect();
    assert_eq!(kinds.len(), 6);
    assert!(!kinds.contains(&"House") && kinds[5].is_empty());
    assert_eq!(flows[5].experts.iter().sum::<u32>() as usize, ITEMS / 10);
    let totals: Vec<u32> = flows[..5].iter().map(|flow| flow.experts.iter().sum()).collect();
    assert!(totals.windows(2).all(|pair| pair[0] >= pair[1]), "{totals:?}");
}

#[test]
fn tokens_of_other_items_are_refused() {
    let world = World::new(Layout::ExpertLast, Policy::Keep);
    let some: Columns = world.items.iter().take(4).collect();
    assert_eq!(flow(&some, &world.batch, 2), Err(InspectError::Tokens { items: 4, tokenized: ITEMS }));
}

#[test]
fn shared_codewords_are_counted_as_buckets_are() {
    let world = World::new(Layout::ExpertLast, Policy::Keep);
    let rows = (0..ITEMS).map(|item| (world.items.id(item), world.codewords.tokens(item)));
    let index = Index::from_rows(rows).unwrap();
    assert_eq!(index.bucket_sizes_of_items(), world.codewords.bucket_sizes_of_items());
    let mut counts: HashMap<Vec<String>, usize> = HashMap::new();
    (0..ITEMS).for_each(|item| *counts.entry(world.codewords.tokens(item)).or_default() += 1);
    let shared = shared_codewords(&index, usize::MAX);
    assert_eq!(shared.len(), counts.values().filter(|&&count| count > 1).count());
    assert!(shared.windows(2).all(|pair| pair[0].items >= pair[1].items));
    for codeword in &shared {
        let tokens: Vec<String> = codeword.tokens.iter().map(ToString::to_string).collect();
        assert_eq!(codeword.items, counts[&tokens]);
        assert_eq!(codeword.ids.len(), codeword.items.min(5));
    }
    assert_eq!(shared_codewords(&index, 2), shared[..2]);
}

#[test]
fn positions_say_what_each_token_is() {
    use PositionKind::{Code, Expert, Shared, Suffix};
    let kinds = |layout, policy| -> Vec<PositionKind> {
        let world = World::new(layout, policy);
        positions(&world.schema, &world.codewords).iter().map(|position| position.kind).collect()
    };
    assert_eq!(kinds(Layout::ExpertLast, Policy::Keep), [Code, Code, Code, Expert, Expert]);
    assert_eq!(kinds(Layout::ExpertFirst, Policy::Keep), [Expert, Code, Code, Code, Expert, Code, Code, Code]);
    let with_shared = [Code, Code, Code, Expert, Expert, Shared, Shared, Shared, Suffix];
    assert_eq!(kinds(Layout::WithShared, Policy::Suffix), with_shared);
    let file = positions_of_file([8, 8, 2]);
    assert_eq!(file.iter().map(|position| position.letter.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!((file[2].kind, file[2].level, file[2].size), (Code, 2, 2));
}
