//! What every recommender answers, and how all of them are asked.

use super::dataset::Query;
use super::placement::Placement;
use crate::base::parallel::map_chunks;

/// Queries that one thread answers at a time.
const CHUNK: usize = 32;

/// How a list of recommendations is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Listing {
    /// Leave the items of the history out. People do buy again, so the default lists them.
    pub mask_history: bool,
}

/// Ranks items for a history.
pub trait Recommender: Sync {
    /// Where the target of each query stands in the list for its history; none where it is not in it. Runs on one thread,
    /// and answers a query alike whatever others are asked with it.
    fn place(&self, queries: &[Query], listing: Listing) -> Vec<Option<Placement>>;
}

/// Asks all queries, on all threads; a query whose target is unknown is a miss.
pub fn place_all(recommender: &dyn Recommender, queries: &[Query], listing: Listing) -> Vec<Option<Placement>> {
    let places = map_chunks(queries, CHUNK, |chunk| {
        let places = recommender.place(chunk, listing);
        assert_eq!(places.len(), chunk.len(), "one place a query");
        places
    });
    places.concat()
}

/// The items of a query that its list leaves out.
pub fn left_out(query: &Query, listing: Listing) -> &[u32] {
    if listing.mask_history { &query.history } else { &[] }
}

/// Places by the scores of all items, for recommenders that score every item.
pub fn place_by_scores(
    queries: &[Query],
    listing: Listing,
    mut scores: impl FnMut(&Query, &mut Vec<f32>),
) -> Vec<Option<Placement>> {
    let mut row = Vec::new();
    let mut place = |query: &Query| {
        row.clear();
        scores(query, &mut row);
        Placement::by_scores(&row, query.target?, left_out(query, listing))
    };
    queries.iter().map(&mut place).collect()
}
