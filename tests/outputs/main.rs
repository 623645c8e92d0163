//! What the program does to files, pipes and streams, whichever command writes them: `src/base/files` has the rules.
#![cfg(unix)]

mod places;
mod races;
mod streams;
#[path = "../common/model.rs"]
mod tiny;
#[path = "../tokenize/workspace.rs"]
mod workspace;

use workspace::{WIDTH, Workspace};

/// A workspace with embeddings `a.npy` and `b.npy` of the same ids, and the catalogues `a.jsonl` and `b.jsonl`.
fn workspace(items: usize) -> Workspace {
    let workspace = Workspace::new();
    for (seed, name) in ["a", "b"].into_iter().enumerate() {
        let value = |i: usize, d: usize| ((i * 31 + d * 17 + seed * 7) % 101) as f32 - 50.5;
        let rows: Vec<Vec<f32>> = (0..items).map(|i| (0..WIDTH).map(|d| value(i, d)).collect()).collect();
        workspace.vectors(&format!("{name}.npy"), &rows);
        let line = |i: usize| format!("{{\"id\": \"{name}{i}\", \"title\": \"{name} green tea {}\"}}\n", i * (seed + 1));
        workspace.write(&format!("{name}.jsonl"), (0..items).map(line).collect::<String>());
    }
    workspace
}
