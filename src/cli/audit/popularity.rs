//! The popularity baselines of an audit.

use std::fmt::Write;

use crate::audit::Table;
use crate::base::words::counted;
use crate::recommend::{Popularity, Scores};

/// The baselines as a table of the report.
pub(super) fn table(popularity: &Popularity) -> Table {
    let row = |name: &str, s: &Scores| {
        let values = [s.recall_at_5, s.recall_at_10, s.ndcg_at_5, s.ndcg_at_10, s.code_recall_at_10, s.code_ndcg_at_10];
        std::iter::once(name.to_string()).chain(values.iter().map(|v| format!("{v:.4}"))).collect()
    };
    let rows = vec![row("ten most popular items", &popularity.by_item), row("ten most popular codewords", &popularity.by_code)];
    let mut title =
        format!("Popularity baselines over {} (R@10 and N@10 by code reward collapse)", counted(popularity.users, "user"));
    if popularity.unknown > 0 {
        let _ = write!(title, "; {} with items that the index lacks", counted(popularity.unknown, "interaction"));
    }
    Table::new(title, &["recommending the", "R@5", "R@10", "N@5", "N@10", "R@10 by code", "N@10 by code"], rows)
}
