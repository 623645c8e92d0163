//! Layouts, collision policies, index files and tries.

mod collisions;
mod index;
mod layouts;
mod trie;
mod world;
