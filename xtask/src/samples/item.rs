//! What the readers of packages share.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::json;

use crate::npm;

/// An item as a line of a catalogue.
pub(super) struct Item {
    pub(super) id: String,
    pub(super) title: String,
    /// A path of categories, the widest first.
    pub(super) path: Vec<String>,
    /// Empty if there is none.
    pub(super) description: String,
}

impl Item {
    /// The line, with its end.
    pub(super) fn line(&self) -> String {
        let Self { id, title, path, description } = self;
        let mut item = json!({"id": id, "title": title, "categories": [path]});
        if !description.is_empty() {
            item["description"] = json!(description);
        }
        format!("{item}\n")
    }
}

/// A file of an npm package.
pub(super) fn npm_file(package: &str, version: &str, name: &str) -> Result<PathBuf> {
    let folder = npm::folder(package, version, name)?.with_context(|| format!("fetching {package} needs node and npm"))?;
    Ok(folder.join(name))
}
