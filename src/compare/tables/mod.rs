//! The tables of the comparison, in the order of the paper's.

mod accuracy;
mod claims;
mod parameters;
mod sweeps;
mod tokens;
mod unified;

pub use claims::{Claim, Verdict, agreement, claims};
pub use sweeps::{cells as sweep_cells, title as sweep_title};

use super::quality;
use super::study::Study;
use super::table::Table;
use super::theorems;

/// Every table that the runs give rows for.
pub fn all(study: &Study<'_>) -> Vec<Table> {
    let mut tables = vec![accuracy::mean_over_domains(study)];
    tables.extend(study.domains().iter().map(|domain| accuracy::of_domain(study, domain)));
    tables.push(accuracy::by_popularity(study));
    tables.push(parameters::parameters(study));
    tables.push(unified::unified(study));
    tables.push(unified::zero_shot(study));
    tables.push(unified::ablation(study));
    tables.extend(sweeps::sweeps(study));
    tables.push(tokens::entropy(study));
    tables.push(tokens::health(study));
    tables.push(claims::table(study));
    tables.push(theorems::table(study));
    tables.push(quality::table(study));
    tables.retain(|table| !table.rows.is_empty());
    tables
}
