//! How much depends on settings (of UniTok, the paper's Figures 4 to 6).

use crate::compare::preset::Sweep;
use crate::compare::run::By;
use crate::compare::run::RunFile;
use crate::compare::study::{Cell as Runs, NDCG_AT_10, Study, mean};
use crate::compare::systems::System;
use crate::compare::table::{Cell, Table};

/// A table for each setting.
pub fn sweeps(study: &Study<'_>) -> Vec<Table> {
    study.scope.preset.sweeps.iter().map(|sweep| table(study, sweep)).collect()
}

fn table(study: &Study<'_>, sweep: &Sweep) -> Table {
    let validation = "N@10 on validation";
    let rest = ["N@10, mean over domains", "unexplained of the input", "unexplained of the latent"];
    let columns = [&[sweep.label.as_str(), validation][..], &rest].concat();
    let mut table = Table::new(&sweep.id(), title(sweep), &columns);
    table.note = "One seed, all other settings as they are. A value is chosen on validation, not on the test.".into();
    for value in &sweep.values {
        let Some(cells) = cells(study, sweep, value) else { continue };
        let figure = |name| measured(cells[0][0], name).map_or(Cell::Empty, |value| Cell::Number { value, digits: 3 });
        let label = match value.as_str() {
            "" => "as it is".into(),
            usual if usual == sweep.usual => format!("{usual} (usual)"),
            other => other.into(),
        };
        let score = Cell::estimate(mean(&cells, By::Items, NDCG_AT_10));
        let validation = validation_score(&cells).map_or(Cell::Empty, |value| Cell::Number { value, digits: 4 });
        table.push(vec![Cell::text(label), validation, score, figure("rec"), figure("q")]);
    }
    // The usual value alone is no sweep.
    if table.rows.len() < 2 {
        table.rows.clear();
    }
    table
}

/// What tables and figures of a sweep are called.
pub fn title(sweep: &Sweep) -> String {
    let system = System::named(&sweep.system).map_or(sweep.system.as_str(), |system| system.label);
    format!("{system} by its {}", sweep.label)
}

fn validation_score(cells: &[Runs<'_>]) -> Option<f64> {
    let scores: Option<Vec<f64>> = cells.iter().map(|cell| cell[0].run.record.validation_ndcg_at_10).collect();
    scores.map(|scores| scores.iter().sum::<f64>() / scores.len() as f64)
}

/// The runs on each domain with a setting at a value, of the first seed.
pub fn cells<'s>(study: &'s Study<'_>, sweep: &Sweep, value: &str) -> Option<Vec<Runs<'s>>> {
    let change = if value == sweep.usual { String::new() } else { format!("{}={value}", sweep.key) };
    let cells: Vec<Runs<'_>> =
        study.domains().iter().map(|domain| study.changed(&sweep.system, domain, &change)).collect::<Option<_>>()?;
    let seed = study.scope.preset.seeds.first()?;
    let of_seed = |runs: Runs<'s>| {
        let at = runs.iter().position(|file| file.run.id.seed == *seed)?;
        Some(&runs[at..=at])
    };
    cells.into_iter().map(of_seed).collect()
}

fn measured(file: &RunFile, name: &str) -> Option<f64> {
    file.run.tokens.as_ref()?.measured.get(name)?.as_f64()
}
