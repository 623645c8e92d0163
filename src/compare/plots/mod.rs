//! The figures of the comparison, as data and as SVG.

mod figures;
mod svg;

pub use figures::{Figure, Mark, Point, Series, all};
pub use svg::render;
