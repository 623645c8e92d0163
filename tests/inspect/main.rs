//! What panels show of items, codes and catalogues, against the engine's results and against float64 by hand.

mod browse;
#[path = "../common/model.rs"]
mod common;
mod explain;
mod flow;
mod place;
mod plane;
mod prefix;
mod trust;
mod weaken;
mod world;
