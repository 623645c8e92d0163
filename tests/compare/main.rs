//! The comparison from catalogues to results, on tiny catalogues written here.

mod evaluate;
mod runs;
mod world;
