//! A report as text for a terminal, and as Markdown.

use std::fmt::{self, Write};

use super::report::{Report, Severity, Verdict};
use crate::base::words::counted;

/// A table with a title. Its first column is aligned to the left, all others to the right.
#[derive(Debug, Clone)]
pub struct Table {
    title: String,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// Plain text with aligned columns.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.title)?;
        let width = |c: usize| self.rows.iter().chain([&self.columns]).map(|row| row[c].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        for row in std::iter::once(&self.columns).chain(&self.rows) {
            let cells: Vec<String> =
                row.iter().zip(&widths).enumerate().map(|(c, (cell, &w))| aligned(cell, w, c == 0)).collect();
            writeln!(f, "  {}", cells.join("  ").trim_end())?;
        }
        Ok(())
    }
}

/// The report on the index called `name` as plain text with aligned columns; the tables `more` come last.
pub fn terminal(report: &Report, more: &[Table], name: &str) -> String {
    let mut out = format!("{name}: {}\n", verdict(report));
    findings(report, &mut out, "  ");
    tables(report).iter().chain(more).for_each(|table| {
        let _ = write!(out, "\n{table}");
    });
    out
}

/// The report on the index called `name` as GitHub-flavoured Markdown; the tables `more` come last.
pub fn markdown(report: &Report, more: &[Table], name: &str) -> String {
    let mut out = format!("## Audit of `{}`\n\n**{}**\n", name.replace('`', "'"), verdict(report));
    if !report.findings.is_empty() {
        out.push('\n');
        findings(report, &mut out, "- ");
    }
    for table in tables(report).iter().chain(more) {
        let alignments = (0..table.columns.len()).map(|c| if c == 0 { "---" } else { "---:" });
        let _ = writeln!(
            out,
            "\n### {}\n\n| {} |\n|{}|",
            table.title,
            table.columns.join(" | "),
            alignments.collect::<Vec<_>>().join("|")
        );
        for row in &table.rows {
            let _ = writeln!(out, "| {} |", row.join(" | "));
        }
    }
    out
}

fn aligned(cell: &str, width: usize, left: bool) -> String {
    if left { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
}

fn verdict(report: &Report) -> &'static str {
    match report.verdict {
        Verdict::Collapsed => "COLLAPSED",
        Verdict::Warned => "usable, with warnings",
        Verdict::Healthy => "healthy",
    }
}

fn findings(report: &Report, out: &mut String, indent: &str) {
    for finding in &report.findings {
        let word = match finding.severity {
            Severity::Collapse => "collapse",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let _ = writeln!(out, "{indent}{word}: {}", finding.message);
    }
}

fn tables(report: &Report) -> Vec<Table> {
    let mut tables = vec![codewords(report), buckets(report), levels(report), dependence(report)];
    tables.extend(purity(report));
    tables
}

impl Table {
    /// A table of `rows`, each as long as `columns`.
    pub fn new(title: impl Into<String>, columns: &[&str], rows: Vec<Vec<String>>) -> Self {
        Self { title: title.into(), columns: columns.iter().map(ToString::to_string).collect(), rows }
    }
}

fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

fn codewords(report: &Report) -> Table {
    let rows = [
        ("items", report.items.to_string()),
        ("different codewords", report.unique_codewords.to_string()),
        ("collision rate", percent(report.collision_rate)),
        ("items sharing a codeword", percent(report.share_in_buckets)),
        ("largest bucket", report.max_bucket.to_string()),
        (
            "codeword entropy, bits",
            format!("{:.2} of {:.2} for as many items", report.codeword_entropy_bits, (report.items as f64).log2()),
        ),
        ("capacity, bits", format!("{:.2}", report.capacity_bits)),
    ];
    Table::new("Codewords", &["measure", "value"], rows.into_iter().map(|(name, value)| vec![name.into(), value]).collect())
}

/// The histogram in ranges that double: 1, 2, 3–4, 5–8, ….
fn buckets(report: &Report) -> Table {
    let mut rows = Vec::new();
    let (mut low, mut high) = (1, 1);
    while low <= report.max_bucket {
        let within = report.bucket_histogram.iter().filter(|b| (low..=high).contains(&b.size));
        let (codewords, items) = within.fold((0, 0), |(c, i), b| (c + b.codewords, i + b.codewords * b.size));
        if codewords > 0 {
            let name = if low == high { low.to_string() } else { format!("{low}–{high}") };
            rows.push(vec![name, codewords.to_string(), items.to_string(), percent(items as f64 / report.items as f64)]);
        }
        (low, high) = (high + 1, high * 2);
    }
    Table::new("Buckets: items on one codeword", &["size", "codewords", "items", "share of items"], rows)
}

fn levels(report: &Report) -> Table {
    let row = |(l, loss): (&super::levels::Level, &super::loss::PositionLoss)| {
        vec![
            l.position.to_string(),
            l.used.to_string(),
            l.vocabulary.to_string(),
            percent(l.utilisation),
            format!("{:.1}", l.perplexity),
            format!("{:.2}", l.entropy_bits),
            percent(loss.share),
        ]
    };
    let columns = ["position", "used", "vocabulary", "utilisation", "perplexity", "entropy, bits", "says nothing"];
    Table::new("Positions", &columns, report.levels.iter().zip(&report.loss.positions).map(row).collect())
}

fn dependence(report: &Report) -> Table {
    let row = |(i, row): (usize, &Vec<f64>)| {
        let cells = row.iter().enumerate().map(|(j, v)| if i == j { "·".into() } else { format!("{v:.2}") });
        std::iter::once((i + 1).to_string()).chain(cells).collect()
    };
    let names: Vec<String> = (1..=report.levels.len()).map(|p| p.to_string()).collect();
    let columns: Vec<&str> = std::iter::once("position").chain(names.iter().map(String::as_str)).collect();
    let rows = report.dependence.iter().enumerate().map(row).collect();
    Table::new("Dependence of positions beyond chance (0 independent, 1 the same)", &columns, rows)
}

fn purity(report: &Report) -> Option<Table> {
    let purity = report.prefix_purity.as_ref()?;
    let row = |p: &super::purity::PrefixPurity| {
        let name = if p.prefix == 0 { "0 (guessing)".into() } else { p.prefix.to_string() };
        vec![name, p.groups.to_string(), percent(p.purity)]
    };
    let items = purity.first().map_or(0, |p| p.items);
    let title = format!("Prefix purity over {} with a category", counted(items, "item"));
    Some(Table::new(title, &["tokens", "prefixes", "purity"], purity.iter().map(row).collect()))
}
