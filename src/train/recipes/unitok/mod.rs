//! UniTok's own recipe.

pub mod card;
pub mod checkpoint;
pub mod config;
pub mod evaluate;
mod fingerprint;
pub mod initialization;
pub mod options;
pub mod run;
mod schedule;
pub mod session;
pub mod virtual_items;
