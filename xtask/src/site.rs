//! The site: page, modules, styles, wasm and models in one folder that any static server can serve.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use flate2::{Compression, write::GzEncoder};

use crate::setup::root;
use crate::{offline, site_text, wasm};

/// Where the page looks for a text model that comes with the site.
const TEXT_MODEL: &str = "www/models/text";
/// First load of the page without models and catalogues, gzip: its promise to a visitor.
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
    // Built whole beside the old one: a failing build leaves the old site alone.
    let fresh = site.with_file_name("site.new");
    remove(&fresh)?;
    let optimised = wasm::build(&fresh.join("pkg"))?;
    copy(&root().join("index.html"), &fresh.join("index.html"))?;
    copy(&root().join("www"), &fresh.join("www"))?;
    shed_comments(&fresh)?;
    site_text::add(&fresh.join(TEXT_MODEL))?;
    offline::add(&fresh)?;
    remove(&site)?;
    fs::rename(&fresh, &site).with_context(|| format!("cannot create {}", site.display()))?;
    let first_load = report(&site)?;
    // A visitor's own build without wasm-opt is for their own eyes: it need not be the smallest.
    ensure!(
        first_load <= FIRST_LOAD_LIMIT || !optimised,
        "the page's first load is {first_load} bytes (gzip), over {FIRST_LOAD_LIMIT}: make it smaller"
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

/// Empties the comment lines of scripts and styles, a fifth of what they weigh. Line numbers stay as in the source.
fn shed_comments(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            shed_comments(&path)?;
        } else if path.extension().is_some_and(|kind| kind == "js" || kind == "css") {
            let source = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            fs::write(&path, without_comments(&source)).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    Ok(())
}

/// Source with the lines emptied that hold nothing but a comment; code after a comment is kept.
fn without_comments(source: &str) -> String {
    let mut inside = false;
    let mut keep = |line: &str| {
        let line = line.trim();
        let opens = !inside && line.starts_with("/*");
        let comment = inside || (opens && (!line.contains("*/") || line.ends_with("*/"))) || line.starts_with("//");
        if inside || opens {
            inside = !line.contains("*/");
        }
        !comment
    };
    source.lines().flat_map(|line| [if keep(line) { line } else { "" }, "\n"]).collect()
}

/// Prints what a first visit loads; returns its gzip bytes.
fn report(site: &Path) -> Result<usize> {
    let mut files = Vec::new();
    first_load(site, &mut files)?;
    files.sort();
    let mut sizes = files.into_iter().map(|file| Ok((gzip_size(&file)?, file))).collect::<Result<Vec<_>>>()?;
    // A browser loads one of the modules, with relaxed SIMD or without: the larger counts.
    let modules = sizes.iter().enumerate().filter(|(_, (_, file))| file.extension().is_some_and(|kind| kind == "wasm"));
    if let Some((spare, _)) = modules.min_by_key(|(_, (size, _))| *size) {
        sizes.remove(spare);
    }
    eprintln!("\nfirst load, gzip bytes:");
    for (size, file) in &sizes {
        eprintln!("{size:>9}  {}", file.strip_prefix(site).unwrap_or(file).display());
    }
    let total = sizes.iter().map(|(size, _)| size).sum();
    eprintln!("{total:>9}  total (at most {FIRST_LOAD_LIMIT})\n\nsite: {}", site.display());
    Ok(total)
}

/// Everything that a visit loads before models and catalogues: html, scripts, styles, wasm.
fn first_load(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // What reads texts, and what keeps the page for offline use once it is ready.
        let on_demand = name.starts_with(wasm::TEXT_MODULE) || name == "sw.js";
        if path.is_dir() && (path.ends_with("www/page/panels") || path.ends_with("www/embed")) {
            // Imported when a visitor asks for what it does; for other pages.
        } else if path.is_dir() {
            first_load(&path, files)?;
        } else if !on_demand && matches!(kind, "html" | "js" | "mjs" | "css" | "wasm") {
            files.push(path);
        }
    }
    Ok(())
}

fn gzip_size(file: &Path) -> Result<usize> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&bytes)?;
    Ok(encoder.finish()?.len())
}

#[cfg(test)]
mod tests {
    #[test]
    fn comments_go_and_code_stays_on_its_line() {
        let source = "/** Doc\n * of f. */\nf(); // why\n// alone\n/* cast */ (x).y();\n/* one */\n'//';\n";
        assert_eq!(super::without_comments(source), "\n\nf(); // why\n\n/* cast */ (x).y();\n\n'//';\n");
    }
}
