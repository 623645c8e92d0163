//! How large tokenizers are (the paper's Table 2).

use crate::base::words::counted;
use crate::compare::run::Training;
use crate::compare::study::Study;
use crate::compare::table::{Cell, Table};

/// Parameters of the models that were trained: one for all domains, or one for each.
pub fn parameters(study: &Study<'_>) -> Table {
    let domains = study.domains();
    let columns = ["tokenizer", "models", "parameters of all", "seconds of training", "of UniTok's parameters"];
    let mut table =
        Table::new("parameters", format!("Size of the tokenizers for {}", counted(domains.len(), "domain")), &columns);
    let paper = &study.reference.paper.parameters;
    let million = |name: &str| paper.get(name).map_or(f64::NAN, |&count| count as f64 / 1e6);
    table.note = format!(
        "Counted in the models that were trained here. The paper has {:.2} million for ten domains against UniTok's {:.2}; the \
         preset paper of this program has the same numbers. A unified tokenizer grows by its codebooks alone, so its advantage \
         grows with the domains.",
        million("one tokenizer a domain, ten domains"),
        million("UniTok"),
    );
    let all: Vec<(&str, usize, usize, f64)> = study
        .systems()
        .filter_map(|system| {
            let cells = study.over(system.name, domains.iter().copied())?;
            let facts: Vec<_> =
                cells.iter().filter_map(|runs| Some((runs[0].run.id.training, runs[0].run.tokens.as_ref()?))).collect();
            let (training, first) = facts.first()?;
            if first.parameters == 0 || system.name == "popularity-by-code" {
                return None;
            }
            let each = *training == Training::Domain;
            let sum = |of: &dyn Fn(usize) -> f64| if each { (0..facts.len()).map(of).sum() } else { of(0) };
            let parameters = sum(&|number| facts[number].1.parameters as f64) as usize;
            Some((system.label, if each { facts.len() } else { 1 }, parameters, sum(&|number| facts[number].1.seconds)))
        })
        .collect();
    let unitok = all.iter().find(|row| row.0 == "UniTok").map(|row| row.2 as f64);
    for (label, models, parameters, seconds) in all {
        let share = unitok.map_or(Cell::Empty, |unitok| Cell::Number { value: parameters as f64 / unitok, digits: 2 });
        let seconds = Cell::Number { value: seconds, digits: 0 };
        table.push(vec![Cell::text(label), Cell::count(models), Cell::count(parameters), seconds, share]);
    }
    table
}
