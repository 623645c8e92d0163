//! The architecture holds: modules import in one direction only, files of Rust and of the page not in cycles, the
//! page's threads stay apart, and its styles use only variables that there are.
//!
//! Whoever breaks a rule is told every place at once, and of a cycle the lines that close it. What is checked is what the
//! sources say, under every `cfg`; methods that are called without their type being named cannot be seen.

mod fault;
mod graph;
mod order;
mod page;
mod page_rules;
mod rust;
mod rust_rules;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use fault::Fault;
use order::Order;
use rust::Checked;

/// The page that says the order of modules.
const DESCRIPTION: &str = "ARCHITECTURE.md";

/// Texts of the files below a folder that end so, by path from the repository's root.
fn texts(folder: &str, endings: &[&str]) -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut found, mut folders) = (BTreeMap::new(), vec![root.join(folder)]);
    while let Some(folder) = folders.pop() {
        // A folder that is missing has no files, of which the caller complains.
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if endings.iter().any(|ending| path.to_string_lossy().ends_with(ending)) {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                found.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    assert!(!found.is_empty(), "{folder} has no files that end in {}", endings.join(" or "));
    found
}

/// # Panics
/// If there are faults; says all of them.
fn assert_none(mut faults: Vec<Fault>) {
    faults.sort();
    let lines: Vec<String> = faults.iter().map(Fault::to_string).collect();
    assert!(faults.is_empty(), "{} faults\n{}", lines.len(), lines.join("\n"));
}

#[test]
fn modules_import_only_from_their_left() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(DESCRIPTION)).unwrap();
    let order = Order::from_markdown(&page).unwrap_or_else(|reason| panic!("{DESCRIPTION}: {reason}"));
    assert_none(Checked::new("src/lib.rs", &texts("src", &[".rs"])).order(&order, DESCRIPTION));
}

#[test]
fn files_of_the_crate_do_not_import_each_other() {
    let texts = texts("src", &[".rs"]);
    let renamed = texts.iter().filter(|(_, text)| text.contains("extern crate self"));
    let renamed: Vec<Fault> = renamed.map(|(file, _)| Fault::new(file, 1, "gives the crate a name that hides imports")).collect();
    let checked = Checked::new("src/lib.rs", &texts);
    assert_none([checked.unread(&texts, &["src/main.rs"]), checked.cycles(), renamed].concat());
}

#[test]
fn files_of_xtask_do_not_import_each_other() {
    let texts = texts("xtask/src", &[".rs"]);
    let checked = Checked::new("xtask/src/main.rs", &texts);
    assert_none([checked.unread(&texts, &[]), checked.cycles()].concat());
}

#[test]
fn files_of_the_python_package_do_not_import_each_other() {
    let texts = texts("python/src", &[".rs"]);
    let checked = Checked::new("python/src/lib.rs", &texts);
    assert_none([checked.unread(&texts, &[]), checked.cycles()].concat());
}

#[test]
fn scripts_of_the_page_keep_to_their_threads() {
    assert_none(page::faults(&texts("www", &[".js", ".mjs", ".ts"])));
}

/// A browser ignores a variable that nothing defines without a word.
#[test]
fn styles_of_the_page_use_only_variables_that_are_defined() {
    let (styles, scripts) = (texts("www", &[".css"]), texts("www", &[".js"]));
    let is_defined = |name: &str| {
        let definition = format!("{name}:");
        styles.values().any(|text| text.contains(&definition)) || scripts.values().any(|text| text.contains(name))
    };
    let mut faults = Vec::new();
    for (file, text) in &styles {
        for (line, number) in text.lines().zip(1..) {
            let used = line.split("var(").skip(1).filter_map(|rest| rest.split([',', ')']).next());
            let missing = used.filter(|name| !is_defined(name));
            faults.extend(missing.map(|name| Fault::new(file, number, format!("uses {name}, which nothing defines"))));
        }
    }
    assert_none(faults);
}
