//! The site: page, modules, styles, wasm and models in one folder that any static server can serve.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::process::root;
use crate::{first_load, minify, offline, site_models, site_text, wasm};

const MODELS: &str = "www/models";
/// Where the page looks for a text model that comes with the site.
const TEXT_MODEL: &str = "www/models/text";
/// Most gzip bytes that a first visit loads before models and catalogues.
const FIRST_LOAD_LIMIT: usize = 350 * 1000;

fn folder() -> PathBuf {
    root().join("target/site")
}

/// The site as the last build left it.
pub fn built() -> Result<PathBuf> {
    let site = folder();
    ensure!(site.join("index.html").is_file(), "there is no site yet: run `cargo xtask web` first");
    Ok(site)
}

/// Builds the wasm and lays the site out; returns its folder.
pub fn build() -> Result<PathBuf> {
    let site = folder();
    // Built in a folder of its own: a build that fails leaves the old site as it was.
    let fresh = site.with_file_name("site.new");
    remove(&fresh)?;
    let optimised = wasm::build(&fresh.join("pkg"))?;
    copy(&root().join("index.html"), &fresh.join("index.html"))?;
    copy(&root().join("www"), &fresh.join("www"))?;
    site_models::split(&fresh.join(MODELS))?;
    // Imports are read from the sources as they were written.
    let first_visit = first_load::list(&fresh)?;
    let minified = minify::minify(&fresh)?;
    site_text::add(&fresh.join(TEXT_MODEL))?;
    offline::add(&fresh)?;
    remove(&site)?;
    fs::rename(&fresh, &site).with_context(|| format!("cannot create {}", site.display()))?;
    let size = first_load::report(&site, &first_visit)?;
    eprintln!("{size:>9}  total (at most {FIRST_LOAD_LIMIT})\n\nsite: {}", site.display());
    // The limit is for the site that visitors get; at a desk without node the page works, only larger.
    ensure!(
        size <= FIRST_LOAD_LIMIT || !optimised || !minified,
        "a first visit loads {size} bytes (gzip), more than {FIRST_LOAD_LIMIT}: make the page smaller"
    );
    Ok(site)
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Copies a file, or a folder with all that is in it.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        return fs::copy(from, to).map(drop).with_context(|| format!("cannot copy {} to the site", from.display()));
    }
    fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}
