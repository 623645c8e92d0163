//! Layouts, collision policies, index files and tries.

mod collisions;
mod fixtures;
mod index;
mod layouts;
mod trie;
