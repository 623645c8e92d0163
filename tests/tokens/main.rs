//! Layouts, collision policies, index files and tries.

mod append;
mod collisions;
mod fixtures;
mod index;
mod layouts;
mod trie;
