//! Recipes: which steps train which model, in what order.

pub mod unitok;
