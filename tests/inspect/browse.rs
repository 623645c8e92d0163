//! Searches and orders of items.

use unitok::inspect::{Indexed, InspectError, Order, browse, least_relative_margins, residual_shares};
use unitok::tokens::{Layout, Policy};

use crate::world::{ITEMS, World};

fn ordered(world: &World, order: &str) -> Vec<usize> {
    let found = browse(&world.items, &world.indexed(), "", order.parse().unwrap(), None).unwrap();
    found.into_iter().map(|item| item as usize).collect()
}

/// Every item once.
fn assert_complete(found: &[usize]) {
    let mut sorted = found.to_vec();
    sorted.sort_unstable();
    assert!(sorted.into_iter().eq(0..ITEMS));
}

#[test]
fn orders_sort_by_what_they_say() {
    let world = World::new(Layout::ExpertLast, Policy::Keep);
    assert!(ordered(&world, "file").into_iter().eq(0..ITEMS));
    let margins: Vec<f32> = least_relative_margins(&world.batch).map(|(_, margin)| margin).collect();
    let residuals = residual_shares(&world.batch);
    for (order, ascends) in [("close", margins), ("left", residuals.iter().map(|share| -share).collect())] {
        let found = ordered(&world, order);
        assert_complete(&found);
        assert!(found.windows(2).all(|pair| ascends[pair[0]] <= ascends[pair[1]]), "{order}");
    }
}

#[test]
fn shared_codewords_come_in_groups_the_largest_first() {
    let world = World::new(Layout::ExpertLast, Policy::Keep);
    let (found, sizes) = (ordered(&world, "shared"), world.codewords.bucket_sizes_of_items());
    assert_complete(&found);
    assert!(found.windows(2).all(|pair| sizes[pair[0]] >= sizes[pair[1]]));
    let groups = found.chunk_by(|&a, &b| world.codewords.row(a) == world.codewords.row(b));
    assert!(groups.into_iter().all(|group| group.len() == sizes[group[0]] as usize), "each group is whole");
}

#[test]
fn margins_and_residuals_are_those_of_float64() {
    let world = World::new(Layout::ExpertLast, Policy::Keep);
    let (levels, slots) = (world.batch.levels, world.batch.slots);
    let residuals = residual_shares(&world.batch);
    for (item, (level, margin)) in least_relative_margins(&world.batch).enumerate() {
        let relative = |l: usize| {
            let at = item * slots * levels + l;
            f64::from(world.batch.margins[at]) / f64::from(world.batch.residual_norms[at]).powi(2)
        };
        let least = (0..levels).min_by(|&a, &b| relative(a).total_cmp(&relative(b))).unwrap();
        assert!((f64::from(margin) - relative(least)).abs() <= 1e-6 * relative(least).abs());
        assert!((relative(level) - relative(least)).abs() <= 1e-6 * relative(least).abs());
        let norm = world.z(item).iter().map(|v| v * v).sum::<f64>().sqrt();
        let last = f64::from(world.batch.residual_norms[item * slots * levels + levels - 1]);
        assert!((f64::from(residuals[item]) - last / norm).abs() < 1e-6);
    }
}

#[test]
fn a_search_finds_items_with_every_word_that_begin_alike() {
    let world = World::new(Layout::ExpertLast, Policy::Keep);
    let indexed = world.indexed();
    let find = |query: &str, like| browse(&world.items, &indexed, query, Order::File, like).unwrap();
    let expected: Vec<u32> = (0..ITEMS as u32).filter(|i| world.items.title(*i as usize) == "red Lamp").collect();
    assert!(!expected.is_empty());
    assert_eq!(find(" LAMP red", None), expected);
    assert_eq!(find("item-17", None), [17]);
    assert!(find("lamp chair", None).is_empty());
    for depth in 0..=world.codewords.width() + 1 {
        let alike = |i: &u32| indexed.begin_alike(*i as usize, 5, depth);
        assert_eq!(find("", Some((5, depth))), (0..ITEMS as u32).filter(alike).collect::<Vec<_>>());
        assert_eq!(find("red", Some((5, depth))), find("red", None).into_iter().filter(alike).collect::<Vec<_>>());
    }
    // A link to an item of a longer catalogue.
    assert_eq!(find("", Some((ITEMS, 1))).len(), ITEMS);
}

#[test]
fn what_cannot_be_ordered_is_refused() {
    let mut world = World::new(Layout::ExpertLast, Policy::Keep);
    assert_eq!("alphabet".parse::<Order>(), Err(InspectError::Order("alphabet".into())));
    let some = world.items.iter().take(7).collect();
    let found = browse(&some, &world.indexed(), "", Order::File, None);
    assert_eq!(found, Err(InspectError::Codewords { items: 7, codewords: ITEMS }));
    world.batch.margins.clear();
    let found = browse(&world.items, &world.indexed(), "", Order::Margin, None);
    assert_eq!(found, Err(InspectError::Missing("margins")));
    world.batch.items -= 1;
    let refused = Indexed::new(&world.batch, &world.schema, &world.codewords).unwrap_err();
    assert_eq!(refused, InspectError::Codewords { items: ITEMS - 1, codewords: ITEMS });
}
