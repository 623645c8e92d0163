//! Tables as data, and as text: for a terminal, Markdown, CSV.

use std::fmt::Write;

use serde::Serialize;

use crate::compute::stats::interval::Interval;

/// A table with a title. Rows are as long as the columns.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Table {
    /// Its name in files.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What a reader must know of it, in sentences.
    pub note: String,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Rows of cells.
    pub rows: Vec<Vec<Cell>>,
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "lowercase", tag = "kind")]
pub enum Cell {
    /// Words.
    Text {
        /// The words.
        text: String,
    },
    /// A number that is exact, or that others report.
    Number {
        /// Its value.
        value: f64,
        /// Digits after the point that are shown.
        digits: usize,
    },
    /// A figure measured here, with its 95 % interval.
    Estimate(Interval),
    /// Nothing.
    Empty,
}

impl Cell {
    /// Words.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }

    /// A whole number.
    pub fn count(value: usize) -> Self {
        Self::Number { value: value as f64, digits: 0 }
    }

    /// A number with four digits, as scores have them, if there is one.
    pub fn score(value: Option<f64>) -> Self {
        value.map_or(Self::Empty, |value| Self::Number { value, digits: 4 })
    }

    /// A number with its interval, if there is one.
    pub fn estimate(interval: Option<Interval>) -> Self {
        interval.map_or(Self::Empty, Self::Estimate)
    }

    fn shown(&self) -> String {
        match self {
            Self::Text { text } => text.clone(),
            Self::Number { value, digits } => format!("{value:.digits$}"),
            Self::Estimate(Interval { value, low, high }) => format!("{} [{}, {}]", short(*value), short(*low), short(*high)),
            Self::Empty => "–".into(),
        }
    }

    /// Its values for CSV, as many as [`Table::wide`] gives its column.
    fn values(&self, wide: bool) -> Vec<String> {
        let mut values = match self {
            Self::Estimate(interval) => [interval.value, interval.low, interval.high].map(|value| value.to_string()).into(),
            Self::Number { value, .. } => vec![value.to_string()],
            Self::Text { text } => vec![text.clone()],
            Self::Empty => vec![String::new()],
        };
        values.resize(if wide { 3 } else { 1 }, String::new());
        values
    }
}

/// A figure with the digits that a score has, or fewer where it is large.
fn short(value: f64) -> String {
    if !value.is_finite() {
        return "∞".into();
    }
    let digits = if value.abs() < 0.5 { 4 } else { 3 };
    format!("{value:.digits$}")
}

impl Table {
    /// A table without a note and without rows.
    pub fn new(id: &str, title: impl Into<String>, columns: &[&str]) -> Self {
        let columns = columns.iter().map(ToString::to_string).collect();
        Self { id: id.into(), title: title.into(), note: String::new(), columns, rows: Vec::new() }
    }

    /// The same with a note.
    pub fn with_note(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }

    /// Appends a row.
    ///
    /// # Panics
    /// It is not as long as the columns.
    pub fn push(&mut self, row: Vec<Cell>) {
        assert_eq!(row.len(), self.columns.len(), "cells of a row of {}", self.id);
        self.rows.push(row);
    }

    /// Plain text with aligned columns.
    pub fn terminal(&self) -> String {
        let rows: Vec<Vec<String>> = self.shown_rows();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        let mut out = format!("{}\n", self.title);
        for row in &rows {
            let cells =
                row.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| {
                    if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
                });
            let _ = writeln!(out, "  {}", cells.collect::<Vec<_>>().join("  ").trim_end());
        }
        if !self.note.is_empty() {
            let _ = writeln!(out, "  {}", self.note);
        }
        out
    }

    /// GitHub-flavoured Markdown.
    pub fn markdown(&self) -> String {
        let mut out = format!("## {}\n\n", self.title);
        if !self.note.is_empty() {
            let _ = writeln!(out, "{}\n", self.note);
        }
        for (number, row) in self.shown_rows().iter().enumerate() {
            let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
            let _ = writeln!(out, "| {} |", cells.join(" | "));
            if number == 0 {
                let alignments = (0..row.len()).map(|column| if column == 0 { "---" } else { "---:" });
                let _ = writeln!(out, "|{}|", alignments.collect::<Vec<_>>().join("|"));
            }
        }
        out
    }

    /// CSV by RFC 4180; a column of estimates becomes three, value, low and high.
    pub fn csv(&self) -> String {
        let wide: Vec<bool> = (0..self.columns.len()).map(|column| self.wide(column)).collect();
        let header = self.columns.iter().zip(&wide).flat_map(|(name, &wide)| {
            let more = if wide { vec![format!("{name} low"), format!("{name} high")] } else { vec![] };
            std::iter::once(name.clone()).chain(more)
        });
        let mut out = line(header);
        for row in &self.rows {
            out += &line(row.iter().zip(&wide).flat_map(|(cell, &wide)| cell.values(wide)));
        }
        out
    }

    fn wide(&self, column: usize) -> bool {
        self.rows.iter().any(|row| matches!(row[column], Cell::Estimate(_)))
    }

    /// The names of the columns, then the rows, as text.
    fn shown_rows(&self) -> Vec<Vec<String>> {
        let rows = self.rows.iter().map(|row| row.iter().map(Cell::shown).collect());
        std::iter::once(self.columns.clone()).chain(rows).collect()
    }
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let quoted = |cell: String| {
        if cell.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
    };
    cells.map(quoted).collect::<Vec<_>>().join(",") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new("t", "Scores", &["system", "N@10", "paper"]).with_note("Two systems.");
        let interval = Interval { value: 0.04071, low: 0.036, high: 0.045 };
        table.push(vec![Cell::text("A, \"a\" | b"), Cell::Estimate(interval), Cell::score(Some(0.05))]);
        table.push(vec![Cell::text("B"), Cell::Empty, Cell::count(7)]);
        table
    }

    #[test]
    fn a_table_reads_the_same_everywhere() {
        let terminal = table().terminal();
        assert!(terminal.contains("0.0407 [0.0360, 0.0450]") && terminal.starts_with("Scores\n"), "{terminal}");
        let markdown = table().markdown();
        assert!(markdown.contains("\n| A, \"a\" \\| b | 0.0407 [0.0360, 0.0450] | 0.0500 |\n"), "{markdown}");
        assert!(markdown.contains("|---|---:|---:|\n"), "{markdown}");
        let csv = table().csv();
        assert_eq!(csv, "system,N@10,N@10 low,N@10 high,paper\n\"A, \"\"a\"\" | b\",0.04071,0.036,0.045,0.05\nB,,,,7\n");
    }

    #[test]
    fn cells_are_plain_json() {
        let json = serde_json::to_value(&table().rows[0][1..]).unwrap();
        assert_eq!(json[0]["kind"], "estimate");
        assert_eq!(json[0]["low"], 0.036);
        assert_eq!(json[1]["digits"], 4);
    }
}
