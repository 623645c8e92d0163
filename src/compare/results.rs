//! Everything that came of a comparison, as files: `results.json`, `results.md`, a CSV a table, an SVG a figure.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::error::CompareError;
use super::execute::Comparison;
use super::plan::Planned;
use super::plots::{self, Figure, render};
use super::quality::{Correlation, correlations};
use super::reference::Reference;
use super::run::{Run, RunFile};
use super::study::Study;
use super::table::Table;
use super::tables::{self, Claim, agreement, claims};
use super::theorems::{Check, checks};
use crate::base::files::{make_folder, write_atomic};

/// The form of `results.json`; FORMATS.md describes it.
const FORMAT: u32 = 1;

/// `results.json`.
#[derive(Debug, Serialize)]
struct Results<'r> {
    format: u32,
    preset: &'r str,
    size: String,
    recommender: &'r str,
    command: &'r str,
    /// Whether all planned runs are here.
    complete: bool,
    planned: usize,
    domains: Vec<Domain<'r>>,
    systems: Vec<Named>,
    runs: Vec<&'r Run>,
    claims: Vec<Claim>,
    agreement: Vec<String>,
    theorems: Vec<Check>,
    correlations: Vec<Correlation>,
    tables: Vec<Table>,
    figures: Vec<Figure>,
    reference: Reference,
}

#[derive(Debug, Serialize)]
struct Domain<'r> {
    name: &'r str,
    items: usize,
    users: usize,
    training_interactions: usize,
    /// Scored, and not only trained on.
    scored: bool,
}

#[derive(Debug, Serialize)]
struct Named {
    name: &'static str,
    label: &'static str,
    group: super::systems::Group,
}

/// Writes all files into the comparison's folder; their paths.
///
/// # Errors
/// What cannot be written.
pub fn write(comparison: &Comparison<'_>, plan: &[Planned], runs: &[RunFile]) -> Result<Vec<PathBuf>, CompareError> {
    let study = Study::new(comparison.scope, comparison.catalogues, runs);
    let (tables, figures) = (tables::all(&study), plots::all(&study));
    let out = comparison.out;
    let mut files = Files { out, written: Vec::new() };
    // Those of an earlier command would stand beside results that they are not of.
    for (folder, extension) in [("tables", "csv"), ("plots", "svg")] {
        remove_all(&out.join(folder), extension)?;
    }
    for table in &tables {
        files.write(&Path::new("tables").join(format!("{}.csv", table.id)), &table.csv())?;
    }
    for figure in &figures {
        files.write(&Path::new("plots").join(format!("{}.svg", figure.id)), &render(figure))?;
    }
    files.write(Path::new("results.md"), &markdown(&study, comparison, plan.len(), runs.len(), &tables, &figures))?;
    let results = results(&study, comparison, plan.len(), runs, tables, figures);
    files.write(Path::new("results.json"), &serde_json::to_string_pretty(&results).expect("results are plain"))?;
    Ok(files.written)
}

/// The main tables, for the terminal.
pub fn summary(comparison: &Comparison<'_>, runs: &[RunFile]) -> String {
    let study = Study::new(comparison.scope, comparison.catalogues, runs);
    let shown = ["accuracy", "claims"];
    let tables = tables::all(&study).into_iter().filter(|table| shown.contains(&table.id.as_str()));
    let text: Vec<String> = tables.map(|table| table.terminal()).collect();
    text.join("\n").trim_end().to_owned()
}

fn results<'r>(
    study: &Study<'r>,
    comparison: &'r Comparison<'_>,
    planned: usize,
    runs: &'r [RunFile],
    tables: Vec<Table>,
    figures: Vec<Figure>,
) -> Results<'r> {
    let scope = comparison.scope;
    let domain = |(number, catalogue): (usize, &'r super::catalogue::Catalogue)| Domain {
        name: &catalogue.name,
        items: catalogue.ids.len(),
        users: catalogue.dataset.users().len(),
        training_interactions: catalogue.interactions(),
        scored: number < scope.scored,
    };
    Results {
        format: FORMAT,
        preset: &scope.preset.name,
        size: scope.preset.size.to_string(),
        recommender: scope.recommender.name(),
        command: comparison.command,
        complete: runs.len() == planned,
        planned,
        domains: comparison.catalogues.iter().enumerate().map(domain).collect(),
        systems: study.systems().map(|system| Named { name: system.name, label: system.label, group: system.group }).collect(),
        runs: runs.iter().map(|file| &file.run).collect(),
        claims: claims(study),
        agreement: agreement(study),
        theorems: checks(study),
        correlations: correlations(study),
        tables,
        figures,
        reference: Reference::load(),
    }
}

fn markdown(
    study: &Study<'_>,
    comparison: &Comparison<'_>,
    planned: usize,
    done: usize,
    tables: &[Table],
    figures: &[Figure],
) -> String {
    let scope = comparison.scope;
    let mut out = format!("# Comparison of item tokenizers, preset {}\n\n", scope.preset.name);
    let _ = writeln!(
        out,
        "Made by `{}`: {done} of {planned} runs, recommenders of {} size, {} for systems with tokens. Every figure is measured but \
         those marked as the paper's or as others'.\n",
        comparison.command, scope.preset.size, scope.recommender
    );
    let sentences = agreement(study);
    if !sentences.is_empty() {
        out += "## Beside what others report\n\n";
        sentences.iter().for_each(|sentence| {
            let _ = writeln!(out, "- {sentence}");
        });
        out.push('\n');
    }
    for table in tables {
        out += &table.markdown();
        out.push('\n');
    }
    if !figures.is_empty() {
        out += "## Figures\n\n";
        figures.iter().for_each(|figure| {
            let _ = writeln!(out, "![{}](plots/{}.svg)\n", figure.title, figure.id);
        });
    }
    out += "## Sources of others' numbers\n\n";
    let _ = writeln!(out, "- The paper's: {}.", study.reference.paper.source);
    for anchor in &study.reference.anchors {
        let recall = anchor.recall_at_10.map_or(String::new(), |recall| format!("R@10 {recall:.4}, "));
        let _ =
            writeln!(out, "- {} on {}: {recall}N@10 {:.4} ({}).", anchor.method, anchor.domain, anchor.ndcg_at_10, anchor.source);
    }
    out
}

fn remove_all(folder: &Path, extension: &str) -> Result<(), CompareError> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if path.extension().is_some_and(|own| own == extension) {
            std::fs::remove_file(&path).map_err(CompareError::at(&path))?;
        }
    }
    Ok(())
}

struct Files<'f> {
    out: &'f Path,
    written: Vec<PathBuf>,
}

impl Files<'_> {
    fn write(&mut self, name: &Path, text: &str) -> Result<(), CompareError> {
        let path = self.out.join(name);
        if let Some(folder) = path.parent() {
            make_folder(folder)?;
        }
        write_atomic(&path, |out| out.write_all(text.as_bytes())).map_err(CompareError::at(&path))?;
        self.written.push(path);
        Ok(())
    }
}
