//! Places of codewords in a catalogue.

use unitok::inspect::{Chain, InspectError, Place, Terms, cosine, place};
use unitok::tokens::{Layout, Policy};

use crate::world::{ITEMS, WIDTH, World};

fn row(world: &World, item: usize) -> &[f32] {
    &world.embeddings[item * WIDTH..][..WIDTH]
}

fn placed<'a>(world: &World, terms: &'a Terms, item: usize) -> Place<'a> {
    let indexed = world.indexed();
    place(terms, &indexed, &world.embeddings, &indexed.chain(item), row(world, item), Some(item)).unwrap()
}

#[test]
fn near_items_are_the_nearest_of_all() {
    let world = World::new(Layout::ExpertLast, Policy::Keep);
    let terms = Terms::new(world.items.iter());
    let indexed = world.indexed();
    for item in 0..ITEMS {
        let chain = indexed.chain(item);
        let found = placed(&world, &terms, item);
        let mut others: Vec<usize> = (0..ITEMS).filter(|&other| other != item).collect();
        others.sort_by(|&a, &b| cosine(row(&world, item), row(&world, b)).total_cmp(&cosine(row(&world, item), row(&world, a))));
        assert_eq!(found.by_embedding.iter().map(|near| near.item).collect::<Vec<_>>(), others[..6]);
        others.sort_by_key(|&other| std::cmp::Reverse(indexed.codes_in_common(other, &chain)));
        assert_eq!(found.by_codes.iter().map(|near| near.item).collect::<Vec<_>>(), others[..6]);
        for near in found.by_codes {
            let same_expert = world.batch.experts_of(item)[0] == world.batch.experts_of(near.item)[0];
            let codes = world.batch.codes_of(item, 0).iter().zip(world.batch.codes_of(near.item, 0));
            let alike = if same_expert { codes.take_while(|(a, b)| a == b).count() } else { 0 };
            assert_eq!(near.shared, alike);
        }
    }
}

#[test]
fn items_that_begin_alike_are_counted_level_by_level() {
    let world = World::new(Layout::ExpertLast, Policy::Keep);
    let terms = Terms::new(world.items.iter());
    let indexed = world.indexed();
    for item in 0..ITEMS {
        let found = placed(&world, &terms, item);
        let same_expert = |&other: &usize| other != item && indexed.expert(other) == indexed.expert(item);
        assert_eq!(found.items, (0..ITEMS).filter(same_expert).count());
        for (l, level) in found.levels.iter().enumerate() {
            let alike = |&other: &usize| same_expert(&other) && indexed.codes(other)[..=l] == indexed.codes(item)[..=l];
            assert_eq!(level.items, (0..ITEMS).filter(alike).count(), "item {item}, level {l}");
        }
    }
}

#[test]
fn a_stranger_is_placed_by_its_codes_and_leaves_no_item_out() {
    let world = World::new(Layout::ExpertLast, Policy::Keep);
    let terms = Terms::new(world.items.iter());
    let indexed = world.indexed();
    let chain = indexed.chain(7);
    let found = place(&terms, &indexed, &world.embeddings, &chain, row(&world, 7), None).unwrap();
    assert_eq!((found.by_embedding[0].cosine * 1e4).round(), 1e4);
    assert_eq!(found.by_codes[0].shared, chain.codes.len());
    assert_eq!(found.levels[0].items, placed(&world, &terms, 7).levels[0].items + 1);
    // An expert that no item went to.
    let nowhere = Chain { expert: Some(99), ..chain };
    let found = place(&terms, &indexed, &world.embeddings, &nowhere, row(&world, 7), None).unwrap();
    assert!(found.items == 0 && found.levels.iter().all(|level| level.items == 0 && level.terms.is_empty()));
    assert!(found.by_codes.iter().all(|near| near.shared == 0));
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let world = World::new(Layout::ExpertLast, Policy::Keep);
    let indexed = world.indexed();
    let chain = indexed.chain(0);
    let terms = Terms::new(world.items.iter());
    let wide = vec![0.0; WIDTH + 1];
    let refused = place(&terms, &indexed, &world.embeddings, &chain, &wide, None).unwrap_err();
    assert_eq!(refused, InspectError::Vectors { vectors: ITEMS * WIDTH / (WIDTH + 1), tokenized: ITEMS });
    let fewer = Terms::new(world.items.iter().take(3));
    let refused = place(&fewer, &indexed, &world.embeddings, &chain, row(&world, 0), None).unwrap_err();
    assert_eq!(refused, InspectError::Codewords { items: 3, codewords: ITEMS });
}
