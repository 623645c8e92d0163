//! A diff as tables.

use super::experts::ExpertChange;
use super::reasons::Reason;
use super::report::Diff;
use crate::audit::Table;
use crate::base::words::counted;

/// The tables of a diff, for a terminal or a page.
pub fn diff_tables(diff: &Diff) -> Vec<Table> {
    let mut tables = vec![positions(diff)];
    tables.extend(experts(diff));
    tables.extend(reasons(diff));
    tables.push(relearn(diff));
    tables
}

fn positions(diff: &Diff) -> Table {
    let width = diff.kept_tokens.len() - 1;
    let row = |(kept, &items): (usize, &usize)| {
        let name = if kept == width { "none (stayed)".into() } else { (kept + 1).to_string() };
        vec![name, items.to_string(), percent(items, diff.common)]
    };
    let rows = diff.kept_tokens.iter().enumerate().map(row).collect();
    let title = format!("{}, by the first token that differs", counted(diff.common, "common item"));
    Table::new(title, &["position", "items", "share"], rows)
}

fn experts(diff: &Diff) -> Option<Table> {
    let row = |e: &ExpertChange| {
        vec![e.expert.clone(), e.items.to_string(), e.moved.to_string(), percent(e.moved, e.items), e.left.to_string()]
    };
    let rows = diff.experts.as_ref()?.iter().map(row).collect();
    let title = "Common items, by the expert that they had";
    Some(Table::new(title, &["expert", "items", "moved", "share", "to another expert"], rows))
}

fn reasons(diff: &Diff) -> Option<Table> {
    let reasons = diff.reasons.as_ref().filter(|reasons| !reasons.is_empty())?;
    let row = |r: &Reason| vec![r.reason.clone(), r.moved.to_string(), percent(r.moved, diff.moved)];
    let title = "Why items moved (text: the item itself changed; place: it made room for others)";
    Some(Table::new(title, &["reason", "items", "share"], reasons.iter().map(row).collect()))
}

fn relearn(diff: &Diff) -> Table {
    let r = &diff.relearn;
    let of = |part: usize, all: usize| format!("{part} of {all} ({})", percent(part, all));
    let mut rows = vec![
        ("tokens that are new", of(r.new_tokens, r.tokens)),
        ("tokens that are no longer used", r.gone_tokens.to_string()),
        ("tokens whose items changed", of(r.changed_tokens, r.tokens)),
        ("codewords that now mean other items", r.reused_codewords.to_string()),
        ("items that moved or are new", of(r.items, diff.items_after)),
    ];
    if let Some(found) = &r.interactions {
        rows.push(("interactions with items that moved", of(found.with_moved, found.all)));
        rows.push(("interactions with items that are new", of(found.with_added, found.all)));
    }
    let rows = rows.into_iter().map(|(name, value)| vec![name.into(), value]).collect();
    Table::new("What a recommender must learn anew", &["what", "how much"], rows)
}

fn percent(part: usize, all: usize) -> String {
    format!("{:.2} %", 100.0 * part as f64 / all.max(1) as f64)
}
