//! Prefixes and how they go on.

use unitok::inspect::{InspectError, Prefix, Terms, prefix};
use unitok::tokens::{Layout, Policy};

use crate::world::{ITEMS, World};

fn items_of(prefix: &Prefix<'_>) -> usize {
    prefix.children.iter().map(|child| child.items).sum::<usize>() + prefix.more_items
}

/// Walks every continuation that is named, and counts prefixes.
fn walk(world: &World, terms: &Terms, like: Option<(usize, usize)>) -> usize {
    let found = prefix(terms, &world.indexed(), like).unwrap();
    let expected = found.node.as_ref().map_or(ITEMS, |node| node.items);
    if let Some((item, depth)) = like {
        let indexed = world.indexed();
        assert_eq!(expected, (0..ITEMS).filter(|&other| indexed.begin_alike(other, item, depth)).count());
    }
    if found.children.is_empty() {
        return 1;
    }
    assert_eq!(items_of(&found), expected, "continuations of {like:?} add up");
    assert!(found.children.windows(2).all(|pair| pair[0].items >= pair[1].items), "the largest first");
    let deeper = |child: &unitok::inspect::PrefixNode<'_>| {
        assert!(child.examples.len() == child.items.min(4) && child.examples[0] == child.item);
        assert!(like.is_none_or(|(_, depth)| child.depth > depth));
        walk(world, terms, Some((child.item as usize, child.depth)))
    };
    1 + found.children.iter().map(deeper).sum::<usize>()
}

#[test]
fn counts_add_up_in_every_layout() {
    for layout in [Layout::ExpertLast, Layout::ExpertFirst, Layout::WithShared] {
        for policy in [Policy::Keep, Policy::Suffix, Policy::Assign] {
            let world = World::new(layout, policy);
            let terms = Terms::new(world.items.iter());
            assert!(walk(&world, &terms, None) > 10, "{layout}, {policy}");
        }
    }
}

#[test]
fn the_root_goes_on_with_the_experts_and_their_token_is_skipped() {
    let world = World::new(Layout::ExpertFirst, Policy::Keep);
    let terms = Terms::new(world.items.iter());
    let root = prefix(&terms, &world.indexed(), None).unwrap();
    assert!(root.node.is_none() && root.children.iter().all(|child| child.depth == 0));
    let expert = &root.children[0];
    let below = prefix(&terms, &world.indexed(), Some((expert.item as usize, expert.depth))).unwrap();
    // The first token of this layout is the expert, which is known by then.
    assert!(below.children.iter().all(|child| child.depth == 2));
    assert_eq!(below.node.unwrap().items, expert.items);
}

#[test]
fn an_item_that_is_not_there_is_refused() {
    let world = World::new(Layout::ExpertLast, Policy::Keep);
    let terms = Terms::new(world.items.iter());
    let found = prefix(&terms, &world.indexed(), Some((ITEMS, 1)));
    assert_eq!(found, Err(InspectError::Item { item: ITEMS, items: ITEMS }));
    let others = Terms::new(world.items.iter().take(3));
    let found = prefix(&others, &world.indexed(), None);
    assert_eq!(found, Err(InspectError::Codewords { items: 3, codewords: ITEMS }));
}
