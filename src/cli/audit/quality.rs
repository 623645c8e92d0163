//! What an audit says of recommendation without training a recommender.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, ensure};
use serde::Serialize;

use super::unchanged::Unchanged;
use crate::audit::Table;
use crate::audit::quality::Quality;
use crate::base::words::{counted, verb};
use crate::cli::index_file::{self, Locked};
use crate::tokens::lock::{Reads, of_vector};
use crate::vectors::{self, BadRows, Contents, ReadOptions};

/// The vectors of an index's items.
#[derive(Debug, Serialize)]
pub(super) struct Vectors {
    /// What of the file was read as what.
    contents: Contents,
    /// Items of the index that have a vector.
    found: usize,
    #[serde(skip)]
    width: usize,
    #[serde(skip)]
    values: Vec<f32>,
    /// `[items]` row of each item.
    #[serde(skip)]
    rows: Vec<Option<usize>>,
}

impl Vectors {
    /// Reads the vectors in a file; those of other items are left out.
    pub(super) fn read(locked: &Locked, path: &Path, array: Option<&str>, skip_bad: bool) -> anyhow::Result<Self> {
        let bad_rows = if skip_bad { BadRows::Drop } else { BadRows::Stop };
        let index = &locked.index;
        let mut reader = vectors::open(path, ReadOptions { bad_rows, array: array.map(Into::into), ..ReadOptions::default() })?;
        let (name, advice) =
            (index_file::shown(path), "give the embeddings that the index was made from, or go on with --ignore-lock");
        locked.check_text(&name, reader.text(), advice)?;
        let chunk = reader.read_all()?;
        let row_of: HashMap<String, usize> = chunk.rows.iter().enumerate().map(|(at, &row)| (reader.id(row), at)).collect();
        let rows: Vec<Option<usize>> = index.ids.iter().map(|id| row_of.get(id).copied()).collect();
        let found = rows.iter().flatten().count();
        let first = reader.id(chunk.rows.first().copied().context("no vectors")?);
        ensure!(
            found > 0,
            "{}: no item of the index has a vector here. The index begins with the id «{}», the file with «{first}»: give the \
             embeddings of the index's own catalogue",
            path.display(),
            index.ids[0]
        );
        let (width, contents) = (reader.layout().width, reader.contents().clone());
        let mut unchanged = Unchanged::new(locked, Reads::Vectors);
        for (id, row) in index.ids.iter().zip(&rows).filter_map(|(id, row)| Some((id, (*row)?))) {
            unchanged.see(id, || of_vector(&chunk.values[row * width..][..width]));
        }
        unchanged.check(&name)?;
        Ok(Self { contents, found, width, values: chunk.values, rows })
    }

    /// `[items]` the vector of each item.
    pub(super) fn by_item(&self) -> Vec<Option<&[f32]>> {
        self.rows.iter().map(|row| row.map(|row| &self.values[row * self.width..][..self.width])).collect()
    }

    /// What the reader must know of them.
    pub(super) fn note(&self) -> Option<String> {
        let (found, items) = (self.found, self.rows.len());
        (found < items).then(|| {
            format!(
                "warning: only {found} of the index's {} {} a vector: neighbour recall is of these alone",
                counted(items, "item"),
                verb(found, "has", "have")
            )
        })
    }

    /// What the file was read as.
    pub(super) fn said(&self) -> String {
        self.contents.to_string()
    }
}

/// The measures as tables of the report.
pub(super) fn tables(quality: &Quality) -> Vec<Table> {
    let mut tables: Vec<Table> = log_loss(quality).into_iter().collect();
    let mut names = vec!["tokens", "Gini of the last one"];
    let mut columns: Vec<Vec<String>> = vec![quality.gini.iter().map(|gini| format!("{gini:.2}")).collect()];
    if let Some(log_loss) = &quality.log_loss {
        names.push("nats of the last one");
        columns.push(log_loss.nats_by_position.iter().map(|nats| format!("{nats:.3}")).collect());
    }
    if let Some(lift) = &quality.lift {
        names.push("lift between consecutive items");
        columns.push(lift.lift.iter().map(|lift| lift.map_or("–".into(), |lift| format!("{lift:.2}"))).collect());
    }
    if let Some(neighbours) = &quality.neighbours {
        names.extend(["nearest ten that share it", "by chance"]);
        columns.extend([&neighbours.neighbour_recall, &neighbours.neighbour_recall_by_chance].map(|shares| percents(shares)));
    }
    let row = |at: usize| std::iter::once((at + 1).to_string()).chain(columns.iter().map(|column| column[at].clone())).collect();
    tables.push(Table::new(title(quality), &names, (0..quality.gini.len()).map(row).collect()));
    tables
}

/// What the table is about, and which way is better.
fn title(quality: &Quality) -> &'static str {
    match (&quality.lift, &quality.neighbours) {
        (None, None) => "How evenly tokens are used (Gini: 0 all alike, near 1 a few of many)",
        (_, None) => "Prefixes by their number of tokens (more lift is better)",
        (None, _) => "Prefixes by their number of tokens (more neighbours that share one are better)",
        _ => "Prefixes by their number of tokens (more lift, and more neighbours that share one, are better)",
    }
}

/// The headline, between what it can be at worst and without the previous item.
fn log_loss(quality: &Quality) -> Option<Table> {
    let loss = quality.log_loss.as_ref()?;
    let rows = [
        (
            "the tokens of this index, given the item before",
            format!("{:.3} ± {:.3}", loss.nats_per_item, loss.nats_standard_error),
        ),
        ("without looking at the item before", format!("{:.3}", loss.nats_without_history)),
        ("guessing among all items", format!("{:.3}", loss.nats_uniform)),
    ];
    let mut title = format!(
        "How well the last items of {} are told beforehand, without training a recommender (fewer nats are better)",
        counted(loss.nats_pairs, "user")
    );
    if loss.nats_unknown > 0 {
        title += &format!("; {} more {} not in the index", loss.nats_unknown, verb(loss.nats_unknown, "is", "are"));
    }
    let rows = rows.into_iter().map(|(name, value)| vec![name.into(), value]).collect();
    Some(Table::new(title, &["by", "nats an item"], rows))
}

fn percents(shares: &[f64]) -> Vec<String> {
    shares.iter().map(|share| format!("{:.2} %", 100.0 * share)).collect()
}
