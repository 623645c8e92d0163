//! Layers of recommenders with their gradients in closed form, for one thread on the CPU.
//!
//! A network works on the rows of one shard of a batch: some users' positions, one after the other without padding. The
//! shards of a batch are learned on different threads and their gradients added in a fixed order ([`super::fit`]), so that
//! layers know nothing of threads, and a run gives the same bits on any number of them.
//!
//! | file | what it does |
//! |---|---|
//! | `weights` | the parameters of a network, in one row of floats |
//! | `linear`, `norm` | affine layers; normalisation of rows |
//! | `attention`, `rotary` | attention of several heads within spans of rows; positions by rotation |
//! | `relative` | positions by distance, in buckets |
//! | `softmax` | the loss of a softmax |
//! | `dropout` | masks that follow from a key, so that the way back needs no memory of them |

pub mod attention;
pub mod dropout;
pub mod linear;
pub mod norm;
pub mod relative;
pub mod rotary;
pub mod softmax;
pub mod weights;

/// Adds values to sums, one by one.
pub fn add(sums: &mut [f32], values: &[f32]) {
    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
}
