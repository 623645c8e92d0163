//! The tokenizer as a package for npm: some files of the site, under the same paths.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::json;

use crate::process::root;

/// Files of the built site.
const BUILT: [&str; 5] = [
    "pkg/unitok.js",
    "pkg/unitok_bg.wasm",
    "pkg/unitok_relaxed_bg.wasm",
    "www/models/default/config.json",
    "www/models/default/model.safetensors",
];
/// Files of the repository, which keep their comments, and their paths in the package.
const WRITTEN: [(&str, &str); 7] = [
    ("www/shared/simd.js", "www/shared/simd.js"),
    ("www/embed/tokenizer.js", "www/embed/tokenizer.js"),
    ("www/embed/tokenizer.d.ts", "www/embed/tokenizer.d.ts"),
    ("www/embed/README.md", "README.md"),
    ("www/models/default/README.md", "www/models/default/README.md"),
    ("LICENSE-MIT", "LICENSE-MIT"),
    ("LICENSE-APACHE", "LICENSE-APACHE"),
];

/// Lays the package out in `target/package/`, from a built site; returns the folder.
pub fn build(site: &Path) -> Result<PathBuf> {
    let package = root().join("target/package");
    // Built in a folder of its own, like the site: a build that fails leaves the old package as it was.
    let work = tempfile::tempdir_in(root().join("target")).context("cannot write in target/")?;
    let fresh = work.path().join("package");
    let sources = BUILT.iter().map(|name| (site.join(name), *name));
    for (from, to) in sources.chain(WRITTEN.iter().map(|(from, to)| (root().join(from), *to))) {
        let to = fresh.join(to);
        fs::create_dir_all(to.parent().context("a file lies in a folder")?)?;
        fs::copy(&from, &to).with_context(|| format!("cannot copy {} to the package", from.display()))?;
    }
    fs::write(fresh.join("package.json"), manifest()).context("cannot write package.json")?;
    match fs::remove_dir_all(&package) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot remove {}", package.display()));
        }
        _ => fs::rename(&fresh, &package).with_context(|| format!("cannot create {}", package.display()))?,
    }
    eprintln!("package: {}  (npm install takes the folder, npm pack makes an archive of it)", package.display());
    Ok(package)
}

fn manifest() -> String {
    let manifest = json!({
        "name": "unitok",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "Item embeddings to item tokens, in a page or in node",
        "license": "MIT OR Apache-2.0",
        "type": "module",
        "exports": {
            ".": { "types": "./www/embed/tokenizer.d.ts", "default": "./www/embed/tokenizer.js" },
            "./package.json": "./package.json",
        },
        "files": ["pkg", "www", "LICENSE-*"],
        "sideEffects": false,
        "engines": { "node": ">=20" },
    });
    format!("{manifest:#}\n")
}
