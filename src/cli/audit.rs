//! `unitok audit`: measures an index of item tokens.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::output::{Outcome, print};
use crate::audit::{Codes, Report, Table, audit, markdown, prefix_purity, terminal};
use crate::catalog::{self, Categories, ReadOptions};
use crate::interactions::Sequences;
use crate::recommend::{Popularity, popularity, popularity_table};
use crate::tables::is_parquet;
use crate::tokens::{Index, IndexError, read_index};

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Index file of any tokenizer: JSON as {"item id": ["<a_12>", ...], ...}, or .parquet with an item's id and its list
    /// of tokens in each row.
    index: PathBuf,
    /// Catalogue of the items; adds the prefix purity of their categories.
    #[arg(long, value_name = "FILE")]
    items: Option<PathBuf>,
    /// Interactions, one user per line: the user's id, then item ids in order of time. Adds popularity baselines.
    #[arg(long, value_name = "FILE")]
    sequences: Option<PathBuf>,
    /// Vocabulary size that utilisation is measured against: one number for all positions, or one for
    /// each (256,256,256,256,10). By default, the largest number in a position's tokens plus one; from
    /// 64 on it is rounded up to a power of two, from 256 on to a multiple of 256.
    #[arg(long, value_name = "T", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..=1 << 24))]
    codes: Vec<u32>,
    /// Print the report as one JSON object.
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Print the report as Markdown tables.
    #[arg(long)]
    markdown: bool,
    /// Exit with code 1 if the collision rate (1 - codewords/items) is above R, a number from 0 to 1.
    #[arg(long, value_name = "R", value_parser = rate)]
    max_collision: Option<f64>,
    /// Print no report, only set the exit code.
    #[arg(long, short, conflicts_with_all = ["json", "markdown"])]
    quiet: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<Outcome> {
    let index = read(&args.index)?;
    let mut report = audit(&index, &vocabulary_sizes(&args.codes))?;
    if let Some(path) = &args.items {
        report.prefix_purity = Some(purity_by_category(&index, path)?);
    }
    let baselines = args.sequences.as_ref().map(|path| baselines(&index, path)).transpose()?;
    let extra_tables: Vec<Table> = baselines.iter().map(popularity_table).collect();
    let name = args.index.file_name().unwrap_or_default().to_string_lossy();
    if args.json {
        print(&json(&report, baselines.as_ref())?)?;
    } else if args.markdown {
        print(markdown(&report, &extra_tables, &name).trim_end())?;
    } else if !args.quiet {
        print(terminal(&report, &extra_tables, &name).trim_end())?;
    }
    match args.max_collision {
        Some(limit) if report.collision_rate > limit => {
            eprintln!(
                "check failed: the collision rate is {:.4} ({} items, {} different codewords), above --max-collision {limit}",
                report.collision_rate, report.items, report.unique_codewords
            );
            Ok(Outcome::CheckFailed)
        }
        _ => Ok(Outcome::Done),
    }
}

fn baselines(index: &Index, path: &Path) -> anyhow::Result<Popularity> {
    let sequences = Sequences::read(open(path)?, &index.ids).with_context(|| path.display().to_string())?;
    Ok(popularity(index, &sequences))
}

/// The report as one object, with the baselines before the verdict on collapse.
fn json(report: &Report, baselines: Option<&Popularity>) -> anyhow::Result<String> {
    let Some(baselines) = baselines else { return Ok(serde_json::to_string_pretty(report)?) };
    let serde_json::Value::Object(mut object) = serde_json::to_value(report)? else { unreachable!("a report is an object") };
    let verdict = object.keys().position(|key| key == "collapsed").unwrap_or(object.len());
    object.shift_insert(verdict, "popularity".into(), serde_json::to_value(baselines)?);
    Ok(serde_json::to_string_pretty(&object)?)
}

fn read(path: &Path) -> anyhow::Result<Index> {
    let index = if is_parquet(path) { read_index(path) } else { Index::read(open(path)?) };
    match index {
        // This error names the file already.
        Err(error @ IndexError::Table(_)) => Err(error.into()),
        index => index.with_context(|| path.display().to_string()),
    }
}

fn open(path: &Path) -> anyhow::Result<File> {
    File::open(path).with_context(|| format!("cannot open {}", path.display()))
}

fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| "not a number".to_string())?;
    if (0.0..=1.0).contains(&rate) { Ok(rate) } else { Err("a rate is between 0 and 1".into()) }
}

fn vocabulary_sizes(sizes: &[u32]) -> Codes {
    match sizes {
        [] => Codes::Inferred,
        [size] => Codes::All(*size as usize),
        sizes => Codes::Each(sizes.iter().map(|&size| size as usize).collect()),
    }
}

fn purity_by_category(index: &Index, path: &Path) -> anyhow::Result<Vec<crate::audit::PrefixPurity>> {
    let categories = main_categories(path)?;
    let purity = prefix_purity(index, |id| categories.get(id).cloned());
    if purity.is_empty() {
        bail!("no item of the index has a category in {}: do both files use the same item ids?", path.display());
    }
    Ok(purity)
}

/// The category of each item: its last category path as a whole, or that of its tags which is most common in the catalogue.
fn main_categories(path: &Path) -> anyhow::Result<HashMap<String, String>> {
    let mut categories = HashMap::new();
    let mut tagged = Vec::new();
    let mut counts: HashMap<String, usize> = HashMap::new();
    for item in catalog::open(path, &ReadOptions::default())? {
        let item = item?;
        match item.categories {
            Categories::None => {}
            Categories::Paths(paths) => {
                if let Some(path) = paths.last().filter(|path| !path.is_empty()) {
                    categories.insert(item.id, path.join(" > "));
                }
            }
            Categories::Tags(tags) => {
                tags.iter().for_each(|tag| *counts.entry(tag.clone()).or_default() += 1);
                tagged.push((item.id, tags));
            }
        }
    }
    for (id, tags) in tagged {
        // Ties go to the first tag in the alphabet, so that two runs give the same report.
        if let Some(tag) = tags.into_iter().max_by_key(|tag| (counts[tag], std::cmp::Reverse(tag.clone()))) {
            categories.insert(id, tag);
        }
    }
    Ok(categories)
}
