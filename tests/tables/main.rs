//! Parquet files: items, vectors and indexes read as from any other format; damaged ones are refused in words.

#[path = "../common/model.rs"]
mod tiny;

mod hostile;
mod items;
mod parts;
mod pipes;
mod program;
mod tables;
mod vectors;
