//! The domains of a catalogue that comes without: its largest categories and a rest, or clusters of its vectors.

use std::collections::HashMap;

use crate::learn::seed::generator;
use crate::train::codebooks::kmeans::{fit, nearest, random_start};
use crate::train::data::Domain;

/// Fewest items of a domain: with fewer, a batch has too few to tell how its latents depend on its inputs.
const FEWEST: usize = 16;
/// Name of the items of all other categories.
const REST: &str = "other";
/// Lloyd iterations of the clusters.
const ITERATIONS: usize = 20;

/// Which items make up which domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grouping {
    /// The domains' names.
    pub names: Vec<String>,
    /// The domain of each item.
    pub of_item: Vec<usize>,
}

impl Grouping {
    /// All items in one domain.
    pub fn whole(name: &str, items: usize) -> Self {
        Self { names: vec![name.into()], of_item: vec![0; items] }
    }

    /// Up to `count` domains of scaled rows `[items][width]`: by the items' `categories`, or, where these do not part them, by
    /// clusters of the rows.
    pub fn new(categories: &[&str], rows: &[f32], width: usize, count: usize, seed: u64) -> Self {
        let by_category = Self::by_category(categories, count);
        if by_category.names.len() > 1 || count < 2 { by_category } else { Self::by_cluster(rows, width, count, seed) }
    }

    /// Up to `count` domains: the largest of the items' `categories` and one of all other items. Categories of too few
    /// items belong to the others.
    fn by_category(categories: &[&str], count: usize) -> Self {
        let mut sizes: HashMap<&str, usize> = HashMap::new();
        categories.iter().filter(|name| !name.is_empty()).for_each(|name| *sizes.entry(name).or_default() += 1);
        let mut largest: Vec<(&str, usize)> = sizes.into_iter().filter(|(_, size)| *size >= FEWEST).collect();
        largest.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        let rest = |kept: usize| categories.len() - largest[..kept].iter().map(|(_, size)| size).sum::<usize>();
        // All of them where nothing is left over; otherwise one fewer, and fewer still until the others are enough.
        let mut kept = largest.len().min(count);
        if rest(kept) > 0 {
            kept = kept.min(count.saturating_sub(1));
            while kept > 0 && rest(kept) < FEWEST {
                kept -= 1;
            }
        }
        let mut names: Vec<String> = largest[..kept].iter().map(|(name, _)| (*name).to_string()).collect();
        let of_item = categories.iter().map(|name| names.iter().position(|kept| kept == name).unwrap_or(kept)).collect();
        if rest(kept) > 0 {
            let taken = names.iter().any(|name| name == REST);
            names.push(if taken { format!("{REST} items") } else { REST.into() });
        }
        Self { names, of_item }
    }

    /// Up to `count` clusters of scaled rows `[items][width]`, by k-means. Clusters of too few items go to their neighbours.
    fn by_cluster(rows: &[f32], width: usize, count: usize, seed: u64) -> Self {
        let mut centres = random_start(rows, width, count, &mut generator(seed, "clusters of items", 0));
        fit(rows, width, &mut centres, ITERATIONS);
        loop {
            let of_item: Vec<usize> = nearest(rows, width, &centres).into_iter().map(|centre| centre as usize).collect();
            let clusters = centres.len() / width;
            let size = |cluster: usize| of_item.iter().filter(|&&of| of == cluster).count();
            let smallest = (0..clusters).min_by_key(|&cluster| size(cluster)).unwrap_or(0);
            if clusters <= 1 || size(smallest) >= FEWEST {
                return Self { names: (1..=clusters).map(|cluster| format!("cluster {cluster}")).collect(), of_item };
            }
            centres.drain(smallest * width..(smallest + 1) * width);
        }
    }

    /// The rows `[items][width]` by domain.
    pub fn domains(&self, rows: &[f32], width: usize) -> Vec<Domain> {
        let of = |domain: usize| {
            let members = rows.chunks_exact(width).zip(&self.of_item).filter(|(_, of)| **of == domain);
            members.flat_map(|(row, _)| row).copied().collect()
        };
        self.names.iter().enumerate().map(|(domain, name)| Domain::new(name.clone(), of(domain))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_categories_and_the_others_are_domains_none_of_them_small() {
        let many = |parts: &[(&'static str, usize)]| -> Vec<&str> {
            parts.iter().flat_map(|&(name, count)| std::iter::repeat_n(name, count)).collect()
        };
        let names = |parts: &[(&'static str, usize)], count| Grouping::by_category(&many(parts), count).names;
        let shop = [("pens", 30), ("desks", 50), ("ink", 20), ("", 10), ("glue", 12)];
        assert_eq!(names(&shop, 3), ["desks", "pens", "other"]);
        assert_eq!(names(&shop, 9), ["desks", "pens", "ink", "other"]);
        assert_eq!(names(&shop[..2], 2), ["desks", "pens"]);
        // Ten items without a category are too few for a domain, so the smallest category joins them.
        assert_eq!(names(&[("pens", 30), ("desks", 50), ("", 10)], 4), ["desks", "other"]);
        assert_eq!(names(&[("other", 40), ("pens", 20)], 1), ["other"]);
        assert_eq!(names(&[("other", 40), ("pens", 20), ("", 20)], 2), ["other", "other items"]);
        let grouping = Grouping::by_category(&many(&shop), 3);
        let rows: Vec<f32> = (0..122).map(|i| i as f32).collect();
        let domains = grouping.domains(&rows, 1);
        assert_eq!(domains.iter().map(|d| d.rows.len()).collect::<Vec<_>>(), [50, 30, 42]);
        assert_eq!(domains[0].rows[0], 30.0);
    }

    #[test]
    fn clusters_are_found_and_one_of_few_items_joins_another() {
        let row = |i: usize| [(i % 3) as f32 * 10.0 + (i as f32).sin() * 0.1, (i as f32).cos() * 0.1];
        let mut rows: Vec<f32> = (0..120).flat_map(row).collect();
        let three = Grouping::by_cluster(&rows, 2, 3, 1);
        assert!((0..120).all(|i| (0..120).all(|j| (i % 3 == j % 3) == (three.of_item[i] == three.of_item[j]))));
        assert_eq!(three, Grouping::new(&["all alike"; 120], &rows, 2, 3, 1));
        rows.extend([500.0, 0.0, 500.0, 0.1]);
        let with_strays = Grouping::by_cluster(&rows, 2, 4, 1);
        let sizes = (0..with_strays.names.len()).map(|k| with_strays.of_item.iter().filter(|&&of| of == k).count());
        assert!(sizes.min() >= Some(FEWEST), "{with_strays:?}");
    }
}
