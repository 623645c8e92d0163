//! The rules for the page: which of its folders may import from which, and no cycles of scripts.

mod lexer;
mod script;

use std::collections::BTreeMap;

use script::{Import, imports};

use crate::fault::Fault;
use crate::graph::Graph;

/// Each folder, and those that its scripts may import from. All may use the generated modules in `pkg`.
const FOLDERS: [(&str, &[&str]); 5] = [
    ("www/page", &["www/page", "www/shared", "pkg"]),
    ("www/shared", &["www/shared", "pkg"]),
    ("www/results", &["www/results", "www/page", "www/shared"]),
    ("www/worker", &["www/worker", "www/shared", "pkg"]),
    ("www/trainer", &["www/trainer", "www/shared", "pkg"]),
];

/// Scripts outside of these folders: the service worker, the element of other people's pages, types of the browser.
const APART: [&str; 3] = ["www/sw.js", "www/embed", "www/globals.d.ts"];

/// Faults of the page's scripts, given their texts by path.
pub fn faults(texts: &BTreeMap<String, String>) -> Vec<Fault> {
    let (mut faults, mut graph) = (Vec::new(), Graph::default());
    for (file, text) in texts {
        let Some((folder, allowed)) = FOLDERS.iter().find(|(folder, _)| is_in(file, folder)) else {
            if !APART.iter().any(|apart| file == apart || is_in(file, apart)) {
                faults.push(Fault::new(file, 1, "is in a folder that no rule is about: say in FOLDERS what it may import"));
            }
            continue;
        };
        for Import { path, line, type_only } in imports(text) {
            let Some(path) = path else {
                faults.push(Fault::new(file, line, "imports what is known only when it runs, which no rule can be checked for"));
                continue;
            };
            let Some(target) = resolve(file, &path) else {
                faults.push(Fault::new(file, line, format!("imports `{path}`, which is no relative path")));
                continue;
            };
            if !type_only && !file.ends_with(".d.ts") {
                graph.add(file, line, &path, &target);
            }
            if !allowed.iter().any(|folder| is_in(&target, folder)) {
                let rule = format!("{folder} imports only from {}", allowed.join(", "));
                faults.push(Fault::new(file, line, format!("imports `{path}` ({target}): {rule}")));
            }
        }
    }
    faults.extend(graph.faults());
    faults
}

fn is_in(file: &str, folder: &str) -> bool {
    file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// The file that a path leads to from the file it stands in, from the repository's root; none for other addresses.
fn resolve(from: &str, path: &str) -> Option<String> {
    if !path.starts_with("./") && !path.starts_with("../") {
        return None;
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
